"""What only a form is sent to leads to its page when it is opened: every such address of the URL map."""

from typing import Any
from uuid import UUID

import gateway
import pytest
from flask import Flask
from gateway import signin, web

ID = UUID("018f0000-0000-7000-8000-000000000001")
# Forms of the frame and of the start page; every other form has a page of its own.
OF_THE_START_PAGE = {"/sign-out", f"/invitations/{ID}/accept"}


def form_addresses() -> list[str]:
    app = Flask("gateway", root_path=gateway.__path__[0])
    app.register_blueprint(signin.blueprint)
    web.register(app)
    routes = app.url_map.bind("localhost")
    rules = [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    texts = {"key": "server", "token": "token"}
    built = {routes.build(one.endpoint, {name: texts.get(name, ID) for name in one.arguments}) for one in rules}
    return sorted(path for path in built if not routes.test(path, method="GET"))


ADDRESSES = form_addresses()


def test_there_are_such_addresses() -> None:
    assert len(ADDRESSES) > 30


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("signed_in", [True, False])
def test_what_only_a_form_is_sent_to_leads_to_its_page(stage: Any, address: str, signed_in: bool) -> None:
    stage.people.signed_in = signed_in
    routes = stage.app.url_map.bind("localhost")
    for method in ("GET", "HEAD"):
        answer = stage.browser.open(f"{address}?from=somewhere", method=method)
        assert answer.status_code == 302
        assert routes.test(answer.location, method="GET")
        assert address.startswith(answer.location)
        assert (answer.location == "/") == (address in OF_THE_START_PAGE)
    assert not stage.services.asked


def test_the_page_is_the_one_that_the_form_is_on(stage: Any, samples: Any) -> None:
    organization = f"/organizations/{samples.ORGANIZATION}"
    for address, page in (
        (f"{samples.PAGE}/moves", samples.PAGE),
        (f"{samples.PAGE}/listing/discard", f"{samples.PAGE}/listing"),
        (f"{organization}/people/roles/{samples.ICON}/delete", f"{organization}/people"),
        (f"/review/{samples.ITEM}/decide", f"/review/{samples.ITEM}"),
        ("/review/bulk", "/review"),
    ):
        assert stage.browser.get(address).location == page


def test_another_method_that_is_not_possible_is_refused_as_before(stage: Any) -> None:
    answer = stage.browser.put("/review")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
