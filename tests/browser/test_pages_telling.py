"""Being told, by clicking: webhooks with their log, choices of e-mails, the feed and the badge."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@pytest.fixture
def hook_url() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"thank you")

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/in"
    server.shutdown()
    server.server_close()


@pytest.mark.timeout(240)
@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript and axe", "without JavaScript"])
def test_an_owner_sets_up_webhooks_and_chooses_emails(javascript: bool, person: Any, hook_url: str) -> None:
    owner = person("olivia@northwind.example", javascript=javascript)

    # 1. A wrong address is told beside its field, a right one makes an endpoint whose secret is shown once.
    owner.follow("Webhooks", within="nav.side")
    owner.fill("Description", "Build bot")
    owner.page.get_by_label("URL", exact=True).fill("http://directory.example/in")
    owner.press("Create the endpoint")
    owner.sees("Give a full address that starts with https://")
    owner.look("webhooks-refused")
    owner.page.get_by_label("URL", exact=True).fill(hook_url)
    owner.press("Create the endpoint")
    owner.sees("Copy it now: it is shown this once.", "whsec_", "Nothing was sent yet.")
    owner.look("webhook-made")
    owner.follow("Webhooks", within="nav.side")
    owner.look("webhooks")
    owner.follow("Build bot")
    assert "whsec_" not in owner.words()

    # 2. A test event arrives, its log says so, and it can be sent again.
    owner.press("Send a test event")
    owner.wait_to_see("Delivered")
    owner.look("webhook-log")
    owner.follow("webhook.test")
    owner.sees("Answer 200", "thank you", "sent a test event")
    owner.look("delivery")
    owner.press("Send it again")
    owner.sees("It is on its way again.")

    # 3. A new secret, disabled, deleted.
    owner.follow("Endpoint", within="nav.crumbs")
    owner.press("Make a new secret")
    owner.sees("whsec_", "The former secret still signs until")
    owner.page.get_by_label("Enabled", exact=True).uncheck()
    owner.press("Save")
    owner.sees("Saved.", "Somebody of your organisation disabled it.")
    owner.press("Delete the endpoint and its log")
    owner.sees("The endpoint is deleted.")

    # 4. E-mails by topic.
    owner.follow("Notifications", within="nav.side")
    owner.look("notifications")
    health = owner.page.get_by_role("checkbox", name="Health")
    health.uncheck()
    owner.press("Save")
    owner.sees("Saved.")
    assert not owner.page.get_by_role("checkbox", name="Health").is_checked()
    owner.page.get_by_role("checkbox", name="Health").check()
    owner.press("Save")

    # 5. What happened, on the dashboard and whole.
    owner.follow("Directory", within="nav.side")
    owner.follow("New submission")
    owner.press("Save draft")
    owner.follow("Directory", within="nav.side")
    owner.wait_to_see("Olivia Park began a submission: a server without a name")
    owner.look("dashboard-activity")
    owner.follow("All activity")
    owner.sees("Olivia Park began a submission: a server without a name")
    owner.look("activity")
