"""Webhooks: signed messages, tried again, given up, and their log."""

import json
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from chassis.destinations import networks, refusal
from chassis.errors import Conflict, InvalidInput, LimitExceeded, NotFound, PermissionDenied, VersionMismatch
from chassis.guard import Guard, guard
from chassis.ids import new_id
from cryptography.fernet import Fernet
from directory.notifications.v1 import webhooks_service_pb2 as pb
from notifications import wiring
from notifications.domain.happenings import STATUS_CHANGED, TEST, WEBHOOK_TYPES
from notifications.domain.webhooks import RETRIES
from notifications.processes.posting import post
from notifications.store import deliveries as store
from notifications.store.secrets import SealingKeys
from sqlalchemy import text
from standardwebhooks import Webhook, WebhookVerificationError


def deliveries(directory: Any, webhook_id: str) -> list[Any]:
    with directory.signed_in():
        return list(directory.webhooks.ListDeliveries(pb.ListDeliveriesRequest(webhook_id=webhook_id)).deliveries)


def look(directory: Any, webhook_id: str) -> Any:
    with directory.signed_in():
        return directory.webhooks.GetWebhook(pb.GetWebhookRequest(webhook_id=webhook_id)).webhook


def test_a_message_is_signed_and_says_what_happened(directory: Any, receiver: Any) -> None:
    webhook_id, secret = directory.webhook(receiver.url)
    submission_id = new_id()
    event = directory.moved(submission_id, "APPROVE", to="SUBMISSION_STATE_APPROVED", comment="Good work.")
    directory.happens(event)
    assert directory.send_webhooks() == 1
    [(headers, body)] = receiver.got
    assert secret.startswith("whsec_")
    message = Webhook(secret).verify(body, headers)
    assert message["type"] == "submission.status_changed"
    assert message["data"] | {"from": ""} == {
        "organization_id": directory.organization,
        "submission_id": submission_id,
        "server_name": "Ledgerline",
        "actor": "reviewer",
        "summary": "Ledgerline is approved",
        "move": "approve",
        "from": "",
        "to": "approved",
        "reason_code": "",
        "comment": "Good work.",
        "successor": "",
    }
    assert headers["webhook-id"] == event.event_id
    assert headers["content-type"] == "application/json"
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body + b" ", headers)
    [delivery] = deliveries(directory, webhook_id)
    assert (delivery.state, delivery.attempts, delivery.last_status_code) == (pb.DELIVERY_STATE_DELIVERED, 1, 204)


def test_a_message_says_why_and_what_comes_next(directory: Any, receiver: Any) -> None:
    directory.webhook(receiver.url)
    directory.happens(directory.moved(new_id(), "REJECT", reason_code="POLICY", comment="Not this."))
    directory.happens(directory.moved(new_id(), "DEPRECATE", successor="ledgerline-two", comment="Use the other one."))
    directory.send_webhooks()
    told = {data["move"]: data for data in (json.loads(body)["data"] for _, body in receiver.got)}
    assert (told["reject"]["reason_code"], told["reject"]["successor"]) == ("POLICY", "")
    assert (told["deprecate"]["reason_code"], told["deprecate"]["successor"]) == ("", "ledgerline-two")


def test_the_guide_names_every_type_and_what_a_move_says(directory: Any, receiver: Any) -> None:
    guide = (Path(__file__).parents[3] / "docs/webhooks.md").read_text()
    rows = dict(re.findall(r"^\| `([a-z._]+)` \| .* \| (.*) \|$", guide, re.MULTILINE))
    assert set(rows) == {*WEBHOOK_TYPES, TEST}
    directory.webhook(receiver.url)
    directory.happens(directory.moved(new_id(), "APPROVE"))
    directory.send_webhooks()
    for_all = {"organization_id", "submission_id", "server_name", "actor", "summary"}
    assert json.loads(receiver.got[0][1])["data"].keys() == for_all | set(
        re.findall("`([a-z_]+)`", rows[STATUS_CHANGED])
    )


def test_an_endpoint_gets_the_types_that_it_asked_for(directory: Any, receiver: Any) -> None:
    directory.webhook(receiver.url, event_types=["server.health_changed"])
    directory.happens(directory.moved(new_id(), "APPROVE"))
    assert directory.send_webhooks() == 0


def test_another_organizations_endpoint_gets_nothing(directory: Any, receiver: Any) -> None:
    directory.webhook(receiver.url)
    directory.happens(directory.moved(new_id(), "APPROVE", organization_id="another"))
    assert directory.send_webhooks() == 0


def test_after_a_rotation_both_secrets_verify_for_a_day(directory: Any, receiver: Any) -> None:
    webhook_id, old = directory.webhook(receiver.url)
    with directory.signed_in():
        rotated = directory.webhooks.RotateSecret(pb.RotateSecretRequest(webhook_id=webhook_id, version=1))
    assert rotated.webhook.HasField("former_secret_until")
    directory.happens(directory.moved(new_id(), "APPROVE"))
    directory.send_webhooks()
    headers, body = receiver.got[0]
    for secret in (old, rotated.secret):
        assert Webhook(secret).verify(body, headers)
    with directory.signed_in(), pytest.raises(VersionMismatch):
        directory.webhooks.RotateSecret(pb.RotateSecretRequest(webhook_id=webhook_id, version=1))


def test_when_the_day_is_over_the_new_secret_alone_signs(directory: Any, receiver: Any) -> None:
    webhook_id, _ = directory.webhook(receiver.url)
    with directory.signed_in():
        directory.webhooks.RotateSecret(pb.RotateSecretRequest(webhook_id=webhook_id, version=1))
    directory.happens(directory.moved(new_id(), "APPROVE"))
    directory.clock.forward(hours=24, minutes=1)
    directory.send_webhooks()
    headers, _ = receiver.got[0]
    assert len(headers["webhook-signature"].split(" ")) == 1


def test_what_fails_is_tried_again_under_the_same_id_until_the_schedule_is_over(directory: Any, receiver: Any) -> None:
    webhook_id, _ = directory.webhook(receiver.url)
    receiver.answers = [(500, {}, b"x" * 3000)] * 20
    directory.happens(directory.moved(new_id(), "APPROVE"))
    tried = directory.send_webhooks()
    for pause in RETRIES[:4]:
        directory.clock.forward(seconds=pause.total_seconds() * 0.9)
        assert directory.send_webhooks() == 0, "earlier than it should"
        directory.clock.forward(seconds=pause.total_seconds() * 0.4)
        tried += directory.send_webhooks()
    assert tried == 5
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    [delivery] = deliveries(directory, webhook_id)
    assert (delivery.state, delivery.attempts) == (pb.DELIVERY_STATE_WAITING, 5)
    with directory.signed_in():
        whole = directory.webhooks.GetDelivery(
            pb.GetDeliveryRequest(webhook_id=webhook_id, delivery_id=delivery.delivery_id)
        )
    assert [(attempt.status_code, len(attempt.response)) for attempt in whole.attempts] == [(500, 1024)] * 5
    assert json.loads(whole.payload)["type"] == "submission.status_changed"
    assert look(directory, webhook_id).HasField("failing_since")


def test_an_endpoint_that_is_gone_is_disabled_and_its_people_are_told(directory: Any, receiver: Any) -> None:
    webhook_id, _ = directory.webhook(receiver.url)
    receiver.answers = [(410, {}, b"")]
    for _ in range(2):
        directory.happens(directory.moved(new_id(), "APPROVE"))
    assert directory.send_webhooks() == 1
    webhook = look(directory, webhook_id)
    assert (webhook.settings.enabled, webhook.disabled_reason) == (False, pb.DISABLED_REASON_GONE)
    assert {each.state for each in deliveries(directory, webhook_id)} == {pb.DELIVERY_STATE_FAILED}
    directory.address()
    told = directory.query(
        "SELECT person_id, details FROM mails JOIN activities USING (activity_id)"
        " WHERE type = 'webhook.disabled' ORDER BY 1"
    )
    assert [row.person_id for row in told] == ["ada", "bob"]
    assert told[0].details["url"] == receiver.url.removesuffix("/hook"), "the path of an endpoint may hold a secret"
    directory.happens(directory.moved(new_id(), "APPROVE"))
    assert directory.send_webhooks() == 0


def test_that_an_endpoint_is_disabled_is_told_to_no_other_one(directory: Any, receiver: Any) -> None:
    directory.webhook(receiver.url)
    directory.webhook(receiver.url)
    receiver.answers = [(410, {}, b"")]
    directory.happens(directory.moved(new_id(), "APPROVE"))
    assert directory.send_webhooks() == 2
    assert [json.loads(body)["type"] for _, body in receiver.got] == ["submission.status_changed"] * 2


def test_an_endpoint_that_fails_for_days_is_disabled_until_somebody_enables_it(directory: Any, receiver: Any) -> None:
    webhook_id, _ = directory.webhook(receiver.url)
    receiver.answers = [(503, {}, b"")] * 2
    directory.happens(directory.moved(new_id(), "APPROVE"))
    assert directory.send_webhooks() == 1
    directory.clock.forward(days=3, minutes=1)
    assert directory.send_webhooks() == 1
    webhook = look(directory, webhook_id)
    assert webhook.disabled_reason == pb.DISABLED_REASON_FAILING
    webhook.settings.enabled = True
    with directory.signed_in():
        directory.webhooks.UpdateWebhook(
            pb.UpdateWebhookRequest(webhook_id=webhook_id, version=webhook.version, settings=webhook.settings)
        )
        [delivery] = directory.webhooks.ListDeliveries(pb.ListDeliveriesRequest(webhook_id=webhook_id)).deliveries
        again = pb.RedeliverRequest(webhook_id=webhook_id, delivery_id=delivery.delivery_id)
        directory.webhooks.Redeliver(again)
        with pytest.raises(Conflict, match="DELIVERY_WAITING"):
            directory.webhooks.Redeliver(again)
    assert directory.send_webhooks() == 1
    assert not look(directory, webhook_id).HasField("failing_since")
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert deliveries(directory, webhook_id)[0].state == pb.DELIVERY_STATE_DELIVERED


def test_a_test_event_goes_to_its_endpoint_alone(directory: Any, receiver: Any) -> None:
    webhook_id, secret = directory.webhook(receiver.url, event_types=["server.health_changed"])
    directory.webhook(receiver.url)
    with directory.signed_in():
        directory.webhooks.SendTestEvent(pb.SendTestEventRequest(webhook_id=webhook_id))
    assert directory.send_webhooks() == 1
    headers, body = receiver.got[0]
    assert Webhook(secret).verify(body, headers)["data"]["summary"] == "Ada sent a test event"


def test_test_events_have_a_limit(directory: Any, receiver: Any) -> None:
    webhook_id, _ = directory.webhook(receiver.url)
    test = pb.SendTestEventRequest(webhook_id=webhook_id)
    with directory.signed_in():
        for _ in range(5):
            directory.webhooks.SendTestEvent(test)
        with pytest.raises(LimitExceeded, match="TESTS_TOO_OFTEN"):
            directory.webhooks.SendTestEvent(test)


def test_sending_again_has_a_limit(directory: Any, receiver: Any) -> None:
    webhook_id, _ = directory.webhook(receiver.url)
    for _ in range(20):
        directory.happens(directory.moved(new_id(), "APPROVE"))
    assert directory.send_webhooks() == 20
    [first, *_] = deliveries(directory, webhook_id)
    again = pb.RedeliverRequest(webhook_id=webhook_id, delivery_id=first.delivery_id)
    with directory.signed_in(), pytest.raises(LimitExceeded, match="REDELIVERIES_TOO_OFTEN"):
        directory.webhooks.Redeliver(again)
    # The service's clock is the real one: what was tried lies further back.
    with directory.database.engine.begin() as connection:
        connection.execute(text("UPDATE delivery_attempts SET at = at - interval '61 seconds'"))
    with directory.signed_in():
        assert directory.webhooks.Redeliver(again).delivery.state == pb.DELIVERY_STATE_WAITING
    assert directory.send_webhooks() == 1


def test_a_disabled_endpoint_is_sent_nothing(directory: Any, receiver: Any) -> None:
    webhook_id, _ = directory.webhook(receiver.url, enabled=False)
    directory.happens(directory.moved(new_id(), "APPROVE"))
    assert directory.send_webhooks() == 0
    with directory.signed_in(), pytest.raises(Conflict, match="WEBHOOK_DISABLED"):
        directory.webhooks.SendTestEvent(pb.SendTestEventRequest(webhook_id=webhook_id))


def test_redirects_are_not_followed(directory: Any, receiver: Any) -> None:
    webhook_id, _ = directory.webhook(receiver.url)
    receiver.answers = [(302, {"location": receiver.url}, b"")]
    directory.happens(directory.moved(new_id(), "APPROVE"))
    directory.send_webhooks()
    assert len(receiver.got) == 1
    assert deliveries(directory, webhook_id)[0].last_error == "A redirect is not followed."


def test_messages_to_one_endpoint_go_one_at_a_time(directory: Any, receiver: Any) -> None:
    directory.webhook(receiver.url)
    for _ in range(2):
        directory.happens(directory.moved(new_id(), "APPROVE"))

    def take() -> Any:
        return directory.database.run(lambda uow: store.take(uow, now=directory.clock()))

    assert take() is not None
    assert take() is None, "the endpoint is busy"
    directory.clock.forward(seconds=61)
    assert take() is not None, "whoever took it died"


def test_slow_endpoints_of_one_organization_leave_senders_for_others(directory: Any, receiver: Any) -> None:
    for _ in range(5):
        directory.webhook(receiver.url)
    directory.happens(directory.moved(new_id(), "APPROVE"))

    def take() -> Any:
        return directory.database.run(lambda uow: store.take(uow, now=directory.clock()))

    assert all(take() for _ in range(3))
    assert take() is None, "three of its endpoints are busy"
    with directory.signed_in("another"):
        settings = pb.WebhookSettings(url=receiver.url, enabled=True)
        directory.webhooks.CreateWebhook(pb.CreateWebhookRequest(settings=settings))
    directory.happens(directory.moved(new_id(), "APPROVE", organization_id="another"))
    assert take().organization_id == "another"


def test_what_an_old_url_answered_says_nothing_of_the_new_one(directory: Any, receiver: Any) -> None:
    webhook_id, _ = directory.webhook(receiver.url)
    directory.happens(directory.moved(new_id(), "APPROVE"))
    sender, real = directory.webhook_sender(), receiver.url

    def changed_meanwhile() -> Guard:
        chosen = pb.WebhookSettings(url=f"{real}/new", enabled=True)
        with directory.signed_in():
            request = pb.UpdateWebhookRequest(webhook_id=webhook_id, version=1, settings=chosen)
            directory.webhooks.UpdateWebhook(request)
        return guard(networks("127.0.0.0/8"))

    sender._guard = changed_meanwhile
    receiver.answers = [(410, {}, b"")]
    assert sender.send_one()
    webhook = look(directory, webhook_id)
    assert webhook.settings.enabled
    assert not webhook.HasField("failing_since")


def test_another_url_begins_without_the_failures_of_the_one_before(directory: Any, receiver: Any) -> None:
    webhook_id, _ = directory.webhook(receiver.url)
    receiver.answers = [(500, {}, b"")]
    directory.happens(directory.moved(new_id(), "APPROVE"))
    directory.send_webhooks()
    webhook = look(directory, webhook_id)
    assert webhook.HasField("failing_since")
    webhook.settings.url = f"{receiver.url}/new"
    with directory.signed_in():
        changed = directory.webhooks.UpdateWebhook(
            pb.UpdateWebhookRequest(webhook_id=webhook_id, version=webhook.version, settings=webhook.settings)
        )
    assert not changed.webhook.HasField("failing_since")


def test_an_endpoint_that_is_deleted_while_something_happens_stops_nothing(
    directory: Any, receiver: Any, eventually: Any
) -> None:
    """The consumer waits for the deletion, instead of failing over an endpoint that is gone."""
    webhook_id, _ = directory.webhook(receiver.url)
    event = directory.moved(new_id(), "APPROVE")
    with ThreadPoolExecutor(1) as pool, directory.database.transaction() as uow:
        uow.execute(text("DELETE FROM webhooks WHERE webhook_id = :webhook_id"), {"webhook_id": webhook_id})
        happening = pool.submit(directory.happens, event)
        eventually(lambda: directory.query("SELECT 1 FROM pg_locks WHERE NOT granted"))
        uow.commit()
        happening.result(timeout=10)
    assert len(directory.query("SELECT 1 FROM activities")) == 1


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that sends a byte now and then, for ever."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def drip() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            while not over.wait(0.05):
                try:
                    connection.sendall(b"x")
                except OSError:
                    return

    thread = threading.Thread(target=drip)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    over.set()
    thread.join()
    listener.close()


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_that_never_ends_its_answer_is_left_at_the_limit(directory: Any, silent: str, scheme: str) -> None:
    sender = directory.webhook_sender(limit=0.5)
    answer = post(silent.replace("http", scheme, 1), b"{}", {}, guard=sender._guard, tls=sender._tls, limit=0.5)
    assert answer.status_code == 0
    if scheme == "http":
        assert answer.error == "No answer within 0.5 seconds."
    assert answer.duration < timedelta(seconds=3)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://metadata.example/", ["169.254.169.254"]),
        ("https://mixed.example/", ["93.184.216.34", "10.0.0.1"]),
        ("https://127.0.0.1/", []),
        ("https://[::ffff:10.0.0.1]/", []),
        ("https://nowhere.example/", []),
        ("http://plain.example/", ["93.184.216.34"]),
    ],
)
def test_nothing_is_posted_to_addresses_inside_a_network(directory: Any, url: str, found: list[str]) -> None:
    sender = directory.webhook_sender()
    answer = post(url, b"{}", {}, guard=lambda: Guard(refusal, lambda host: found), tls=sender._tls)
    assert answer.status_code == 0
    assert not answer.arrived


def test_settings_are_checked(directory: Any) -> None:
    wrong = [
        ({"url": ""}, "/url"),
        ({"url": "http://example.com/"}, "/url"),
        ({"url": "https://user:secret@example.com/"}, "/url"),
        ({"url": "https://example.com/", "event_types": ["webhook.test"]}, "/event_types/0"),
        ({"url": "https://example.com/", "description": "x" * 201}, "/description"),
    ]
    for settings, field in wrong:
        request = pb.CreateWebhookRequest(settings=pb.WebhookSettings(**settings))
        with directory.signed_in(), pytest.raises(InvalidInput, match="SETTINGS_INVALID") as refused:
            directory.webhooks.CreateWebhook(request)
        assert field in [violation.field for violation in refused.value.violations]
        assert "before you submit" not in "".join(violation.message for violation in refused.value.violations)


def test_an_organization_has_so_many_endpoints_at_most(directory: Any, receiver: Any) -> None:
    for _ in range(10):
        directory.webhook(receiver.url)
    with pytest.raises(Conflict, match="TOO_MANY_WEBHOOKS"):
        directory.webhook(receiver.url)


def test_endpoints_are_their_organizations_own(directory: Any, receiver: Any) -> None:
    webhook_id, _ = directory.webhook(receiver.url)
    directory.happens(directory.moved(new_id(), "APPROVE"))
    delivery_id = deliveries(directory, webhook_id)[0].delivery_id
    calls = [
        lambda: directory.webhooks.GetWebhook(pb.GetWebhookRequest(webhook_id=webhook_id)),
        lambda: directory.webhooks.UpdateWebhook(pb.UpdateWebhookRequest(webhook_id=webhook_id, version=1)),
        lambda: directory.webhooks.DeleteWebhook(pb.DeleteWebhookRequest(webhook_id=webhook_id, version=1)),
        lambda: directory.webhooks.RotateSecret(pb.RotateSecretRequest(webhook_id=webhook_id, version=1)),
        lambda: directory.webhooks.SendTestEvent(pb.SendTestEventRequest(webhook_id=webhook_id)),
        lambda: directory.webhooks.ListDeliveries(pb.ListDeliveriesRequest(webhook_id=webhook_id)),
        lambda: directory.webhooks.GetDelivery(pb.GetDeliveryRequest(webhook_id=webhook_id, delivery_id=delivery_id)),
        lambda: directory.webhooks.Redeliver(pb.RedeliverRequest(webhook_id=webhook_id, delivery_id=delivery_id)),
    ]
    for call in calls:
        with directory.signed_in("another"), pytest.raises(NotFound, match="WEBHOOK_NOT_FOUND"):
            call()
        with directory.signed_in(allowed=False), pytest.raises(PermissionDenied):
            call()
    with directory.signed_in("another"):
        assert list(directory.webhooks.ListWebhooks(pb.ListWebhooksRequest()).webhooks) == []


def test_secrets_stand_sealed_in_the_database_and_can_be_sealed_anew(directory: Any, receiver: Any) -> None:
    webhook_id, secret = directory.webhook(receiver.url)
    [row] = directory.query("SELECT sealed_secret, webhooks::text AS everything FROM webhooks")
    assert secret not in row.everything
    assert secret.encode() not in bytes(row.sealed_secret)
    new = Fernet.generate_key().decode()
    ring = ",".join([new, *directory.settings.sealing_key_ring])
    assert wiring.reseal(type(directory.settings)(**{**directory.settings.model_dump(), "sealing_keys": ring})) == 1
    [row] = directory.query("SELECT sealed_secret FROM webhooks")
    assert SealingKeys([new]).unseal(webhook_id, bytes(row.sealed_secret)) == secret
    with pytest.raises(ValueError, match="does not belong"):
        SealingKeys([new]).unseal(new_id(), bytes(row.sealed_secret))


@pytest.fixture
def secure_url(certificates: Path) -> Iterator[str]:
    """An https endpoint with a certificate of the tests' own authority."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificates / "gateway" / "cert.pem", certificates / "gateway" / "key.pem")
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"https://127.0.0.1:{server.server_address[1]}/in?x=1"
    server.shutdown()
    server.server_close()


def test_https_is_spoken_to_whom_the_certificate_names_alone(secure_url: str, certificates: Path) -> None:
    trusting = ssl.create_default_context(cafile=certificates / "gateway" / "ca.pem")

    def local() -> Guard:
        return guard(networks("127.0.0.0/8"))

    assert post(secure_url, b"{}", {}, guard=local, tls=trusting).arrived
    stranger = post(secure_url, b"{}", {}, guard=local, tls=ssl.create_default_context())
    assert (stranger.status_code, stranger.error) == (0, "TLS failed: CERTIFICATE_VERIFY_FAILED.")

    def misled() -> Guard:
        return Guard(lambda address: "", lambda host: ["127.0.0.1"])

    other_name = secure_url.replace("127.0.0.1", "hooks.example")
    assert post(other_name, b"{}", {}, guard=misled, tls=trusting).error == "TLS failed: CERTIFICATE_VERIFY_FAILED."
