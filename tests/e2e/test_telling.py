"""People and their programs are told: by e-mail, by webhook, in the feed and by the badge."""

import json
import queue
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import ModuleType
from typing import Any
from uuid import uuid4

import httpx
import pytest
from embedded import demo_people
from embedded.directory_client import DirectoryClient, Json
from standardwebhooks import Webhook

OLIVIA = "olivia@northwind.example"
Message = tuple[dict[str, str], bytes]


@pytest.fixture
def hooks() -> Iterator[tuple[str, "queue.Queue[Message]", list[int]]]:
    """Where an endpoint of the publisher's listens, what came, and what it answers next (else 204)."""
    came: queue.Queue[Message] = queue.Queue()
    answers: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            came.put(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(answers.pop(0) if answers else 204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/directory", came, answers
    server.shutdown()
    server.server_close()


@pytest.fixture
def clients(whole_system: Any) -> Iterator[tuple[DirectoryClient, DirectoryClient]]:
    """An owner and a reviewer."""
    tokens = whole_system.tokens((OLIVIA, "Northwind Tools"), ("omar@directory.example", ""))
    with (
        DirectoryClient(whole_system.url, tokens[0]) as owner,
        DirectoryClient(whole_system.url, tokens[1]) as reviewer,
    ):
        # E-mails go to people who proved their address, which a token does not.
        demo_people.sign_in(whole_system.url, {"email": OLIVIA}).http.close()
        owner.organization = owner.read("/me")["organizations"][0]["organization"]["organization_id"]
        yield owner, reviewer


@pytest.mark.timeout(240)
def test_a_publisher_need_not_poll(
    whole_system: Any, story: ModuleType, clients: Any, hooks: Any, eventually: Any
) -> None:
    owner, reviewer = clients
    url, came, answers = hooks

    # 1. An endpoint, tried out; the first attempt fails and the same message comes again.
    made = owner.call("POST", owner.below("/webhooks"), json={"url": url, "description": "Build bot"}).json()
    secret, webhook = made["secret"], owner.below(f"/webhooks/{made['webhook']['webhook_id']}")
    answers.append(500)
    assert owner.call("POST", f"{webhook}/test").status_code == 202
    first, second = came.get(timeout=20), came.get(timeout=30)
    assert first[0]["webhook-id"] == second[0]["webhook-id"]
    assert Webhook(secret).verify(second[1], second[0])["type"] == "webhook.test"
    [tested] = eventually(lambda: delivered(owner, webhook), timeout=20)
    whole = owner.read(f"{webhook}/deliveries/{tested['delivery_id']}")
    assert [attempt["status_code"] for attempt in whole["attempts"]] == [500, 204]

    # 2. A server goes through review: each step is told to the endpoint, and the decision by e-mail.
    slug = f"told-{uuid4().hex[:8]}"
    submission_id = owner.create(story.example_form(slug, owner.upload_icon(story.png(128))))["submission_id"]
    owner.move(submission_id, "submit")
    reviewer.decide(submission_id, "approve", "Good work.")
    approval = wait_for_message(came, secret, submission_id, "approve")
    assert (approval["data"]["actor"], approval["data"]["comment"]) == ("reviewer", "Good work.")
    assert "correct horse" not in json.dumps(approval), "access for reviewers is nobody's business"
    mail = eventually(lambda: mail_to(OLIVIA, whole_system, submission_id, "is approved"), timeout=30)
    assert "> Good work." in mail["text"]
    assert f"/directory/submissions/{submission_id}" in mail["text"]

    # 3. The feed says who did what.
    owner.wait_for_state(submission_id, "approved")
    owner.move(submission_id, "publish")
    wait_for_message(came, secret, submission_id, "publish")
    feed = eventually(lambda: told_of_publication(owner, submission_id), timeout=20)
    name = f"Story {slug[-4:]}"
    assert feed[0]["summary"] == f"{feed[0]['actor_name']} published {name}"
    assert [one["summary"] for one in feed if one["actor"] == "reviewer"] == [f"{name} is approved"]

    # 4. One click in the mail program, without signing in, stops this topic's e-mails and no others.
    place = mail["headers"]["list-unsubscribe"].strip("<>")
    with httpx.Client(trust_env=False) as anybody:
        assert anybody.get(place).status_code == 200
        assert owner.read(owner.below("/notification-preferences"))["email"]["feedback"] is True
        stopped = anybody.post(place, data={"List-Unsubscribe": "One-Click"})
        assert stopped.status_code == 200
        # 5. The badge is everybody's.
        badge = eventually(lambda: picture(anybody, f"{whole_system.url}/badges/{slug}.svg"), timeout=30)
        assert "Collecting" in badge.text
        assert badge.headers["Content-Security-Policy"] == "default-src 'none'"
        assert badge.headers["X-Content-Type-Options"] == "nosniff"
        assert badge.headers["Access-Control-Allow-Origin"] == "*"
        assert "Set-Cookie" not in badge.headers
        again = anybody.get(badge.url, headers={"If-None-Match": badge.headers["ETag"]})
        assert again.status_code == 304
    choices = owner.read(owner.below("/notification-preferences"))["email"]
    assert (choices["feedback"], choices["status"]) == (False, True)
    turned_on = owner.call("PATCH", owner.below("/notification-preferences"), json={"email": {"feedback": True}})
    assert turned_on.json()["email"]["feedback"] is True

    # 6. A message can be sent again, the secret changed, and the endpoint deleted.
    again_id = next(one["delivery_id"] for one in owner.read(f"{webhook}/deliveries")["deliveries"])
    owner.call("POST", f"{webhook}/deliveries/{again_id}/redeliver")
    rotated = owner.call("POST", f"{webhook}/secret", headers={"If-Match": '"1"'}).json()
    owner.call("POST", f"{webhook}/test")
    headers, body = next_of_type(came, "webhook.test")
    for one in (secret, rotated["secret"]):
        assert Webhook(one).verify(body, headers)
    assert owner.call("DELETE", webhook, headers={"If-Match": '"2"'}).status_code == 204


def delivered(owner: DirectoryClient, webhook: str) -> list[Json]:
    found: list[Json] = owner.read(f"{webhook}/deliveries")["deliveries"]
    return [one for one in found if one["state"] == "delivered"]


def wait_for_message(came: "queue.Queue[Message]", secret: str, submission_id: str, move: str) -> Json:
    """The message about a move; what comes before it is left aside."""
    while True:
        headers, body = came.get(timeout=30)
        message: Json = Webhook(secret).verify(body, headers)
        if (message["data"]["submission_id"], message["data"].get("move")) == (submission_id, move):
            return message


def next_of_type(came: "queue.Queue[Message]", type_: str) -> Message:
    while True:
        headers, body = came.get(timeout=30)
        if json.loads(body)["type"] == type_:
            return headers, body


def mail_to(address: str, system: Any, submission_id: str, words: str) -> Json | None:
    mails: list[Json] = httpx.get(f"{system.plan.letterbox_url}/mails.json", trust_env=False).json()
    mine = [one for one in mails if one["headers"]["to"] == address and submission_id in one["text"]]
    return next((one for one in mine if words in one["headers"]["subject"]), None)


def told_of_publication(owner: DirectoryClient, submission_id: str) -> list[Json]:
    feed: list[Json] = owner.read(owner.below(f"/activity?submission_id={submission_id}"))["activities"]
    return feed if feed and "published" in feed[0]["summary"] else []


def picture(client: httpx.Client, url: str) -> httpx.Response | None:
    answer = client.get(url)
    return answer if answer.status_code == 200 else None
