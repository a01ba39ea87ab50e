"""Signing in without services: what the gateway keeps meanwhile, and a provider that does not do its part."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from flask_openapi.openapi import OpenAPI
from gateway.core import EXTENSION
from gateway.signin import BEGUN_KEPT, BEGUN_LIMIT, LONGEST_PATH, is_another_name_of, local_path

Begin = Callable[[str], FlaskClient]


@pytest.fixture
def begin(make_application: Callable[..., OpenAPI]) -> Begin:
    """begin(token_endpoint): a browser before a gateway whose sessions need no database."""

    def make(token_endpoint: str) -> FlaskClient:
        app = make_application()
        metadata = {"authorization_endpoint": "https://id.example/authorize", "token_endpoint": token_endpoint}
        core = app.extensions[EXTENSION]
        app.extensions[EXTENSION] = replace(core, provider=SimpleNamespace(metadata=lambda: metadata))
        app.session_interface = SecureCookieSessionInterface()
        return app.test_client()

    return make


@pytest.fixture
def broken_provider() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(502)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/token"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("target", ["//[", "https://[", "//[::1", "\\", "//evil.example", "evil", ""])
def test_what_is_no_path_of_ours_leads_to_the_start_page(target: str) -> None:
    assert local_path(target) == "/"


def test_a_path_that_is_too_long_to_keep_leads_to_the_start_page() -> None:
    assert local_path("/" + "a" * (LONGEST_PATH - 1)) != "/"
    assert local_path("/" + "a" * LONGEST_PATH) == "/"


def test_only_the_newest_sign_ins_that_were_begun_are_kept(begin: Begin) -> None:
    browser = begin("http://127.0.0.1:9/token")
    states = []
    for _ in range(BEGUN_KEPT + 3):
        asked = browser.get("/sign-in").headers["Location"]
        states += parse_qs(urlsplit(asked).query)["state"]
    with browser.session_transaction() as session:
        kept = {key.removeprefix("_state_directory_") for key in session if key.startswith("_state_")}
    assert kept == set(states[-BEGUN_KEPT:])


def test_an_address_cannot_begin_to_sign_in_without_end(begin: Begin) -> None:
    browser = begin("http://127.0.0.1:9/token")
    answers = [browser.get("/sign-in").status_code for _ in range(BEGUN_LIMIT.amount + 1)]
    assert answers == [302] * BEGUN_LIMIT.amount + [429]
    assert browser.get("/healthz").status_code == 200
    elsewhere = browser.get("/sign-in", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert elsewhere.status_code == 302


def test_a_provider_that_breaks_down_while_signing_in_is_no_error_of_ours(begin: Begin, broken_provider: str) -> None:
    for token_endpoint in (broken_provider, "http://127.0.0.1:9/token"):
        browser = begin(token_endpoint)
        assert browser.get("/sign-in?next=//[").status_code == 302
        asked = browser.get("/sign-in?next=/directory").headers["Location"]
        [state] = parse_qs(urlsplit(asked).query)["state"]
        answer = browser.get(f"/sign-in/callback?code=any&state={state}")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/callback?code=used&state=over", "/sign-out"])
def test_signing_in_never_leads_back_into_signing_in(path):
    assert local_path(path) == "/"


@pytest.mark.parametrize(
    ("public", "asked", "another"),
    [
        ("127.0.0.1:8080", "localhost:8080", True),
        ("localhost:8080", "127.0.0.1:8080", True),
        ("localhost:8080", "localhost:8080", False),
        ("directory.example", "gateway:8080", False),
        ("directory.example", "localhost:8080", False),
    ],
)
def test_another_name_of_this_machine_is_led_to_the_public_one(public, asked, another):
    assert is_another_name_of(public, asked) is another
