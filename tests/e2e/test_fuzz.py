"""Whatever a client sends, the API answers as its document says: with no 5xx, and in the shapes that it names.

Made from the OpenAPI document. FUZZ_EXAMPLES says how many requests an operation gets (8, always the same ones); more
find more.
"""

import os
from collections.abc import Iterator
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest
import requests
import schemathesis
from embedded.directory_client import DirectoryClient, wait_for
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import one_of
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "8"))
# What any HTTP server says of addresses and headers that are too long, before it asks ours.
TOO_LONG = (414, 431)
HYPOTHESIS: Any = {"phases": [Phase.generate], "suppress_health_check": list(HealthCheck)}


def status_is_named(context: Any, response: Any, case: Any) -> Any:
    return None if response.status_code in TOO_LONG else status_code_conformance(context, response, case)


PROMISES = (not_a_server_error, content_type_conformance, response_schema_conformance, status_is_named)


@pytest.fixture(scope="module")
def no_limits() -> Iterator[None]:
    """Of requests a minute: to be asked for before the system starts."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CALLER_LIMIT", "ORGANIZATION_LIMIT", "ADDRESS_LIMIT", "DAILY_LIMIT", "DAILY_ICON_LIMIT"):
            patch.setenv(name, "1000000")
        yield


@pytest.fixture(scope="module")
def whole_system(no_limits: None, own_system: Any) -> Any:
    return own_system


@pytest.fixture(scope="module")
def people(whole_system: Any) -> dict[str, str]:
    """Tokens of an owner, of a lead reviewer, and none."""
    owner, lead = whole_system.tokens(("olivia@northwind.example", "Northwind Tools"), ("leo@directory.example", ""))
    return {"owner": owner, "lead": lead, "nobody": ""}


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.fixture(scope="module")
def known(whole_system: Any, people: dict[str, str], story: ModuleType, session: requests.Session) -> dict[str, str]:
    """What parts of paths may name: a published server with an edit in review, and an endpoint."""
    with (
        DirectoryClient(whole_system.url, people["owner"]) as owner,
        DirectoryClient(whole_system.url, people["lead"]) as lead,
    ):
        owner.organization = owner.read("/me")["organizations"][0]["organization"]["organization_id"]
        slug = f"fuzz-{uuid4().hex[:8]}"
        icon_id = owner.upload_icon(story.png(64))
        submission_id = owner.create(story.example_form(slug, icon_id))["submission_id"]
        owner.move(submission_id, "submit")
        lead.decide(submission_id, "approve")
        owner.wait_for_state(submission_id, "approved")
        owner.move(submission_id, "publish")
        wait_for(lambda: session.get(f"{whole_system.url}/api/v1/directory/{slug}").ok, "the listing")
        owner.edit_listing(submission_id, {"tagline": "Other words"})
        owner.submit_listing(submission_id)
        (revision, *_) = owner.read(owner.below(f"/submissions/{submission_id}/listing/revisions"))["revisions"]
        (item,) = (one for one in lead.review_items() if one["submission_id"] == submission_id)
        hook = owner.call("POST", owner.below("/webhooks"), json={"url": "https://hooks.example.com/in"}).json()
    return {
        "organization_id": owner.organization,
        "submission_id": submission_id,
        "icon_id": icon_id,
        "revision_id": revision["revision_id"],
        "review_item_id": item["review_item_id"],
        "webhook_id": hook["webhook"]["webhook_id"],
        "slug": slug,
        "namespace": "local.directory",
        "version": "1.0.1",
    }


@pytest.fixture(scope="module")
def api(whole_system: Any, known: dict[str, str], session: requests.Session) -> Any:
    """The document, with operations at the running system."""
    answer = session.get(f"{whole_system.url}/api/v1/openapi.json", timeout=20)
    loaded = schemathesis.openapi.from_dict(answer.json())
    loaded.config.update(base_url=whole_system.url)
    return loaded


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("person", ["owner", "lead", "nobody"])
def test_every_operation_keeps_its_promises(
    person: str, api: Any, people: dict[str, str], known: dict[str, str], session: requests.Session
) -> None:
    headers = {"Authorization": f"Bearer {people[person]}"} if people[person] else {}
    broken = []
    for operation in api.get_all_operations():
        try:
            fuzz(operation.ok(), known, headers, session)
        except FailureGroup as failures:
            broken += failures.exceptions
    assert not broken, "\n\n".join(f"{each.operation}: {each}" for each in broken)


def fuzz(operation: Any, known: dict[str, str], headers: dict[str, str], session: requests.Session) -> None:
    """Requests to an operation, of which a few are right. Raises FailureGroup."""

    @given(one_of(operation.as_strategy(generation_mode=mode) for mode in GenerationMode))
    @settings(max_examples=EXAMPLES, derandomize=EXAMPLES < 10, **HYPOTHESIS)
    def sends(case: Any) -> None:
        case.path_parameters = {name: known.get(name, value) for name, value in (case.path_parameters or {}).items()}
        case.call_and_validate(session=session, headers=headers, checks=PROMISES, timeout=30)

    sends()
