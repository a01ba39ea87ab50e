"""A migrated database, the real gRPC server over mutual TLS, an SMTP server, and an HTTP server that takes webhooks."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
import pytest
from aiosmtpd.controller import Controller
from chassis.destinations import networks
from chassis.errors import Unavailable
from chassis.grants import Grant, GrantSigner
from chassis.guard import guard
from chassis.ids import new_id
from chassis.process import Stop
from chassis.rpc import client
from chassis.sql import migrations
from chassis.sql.database import Database
from cryptography.fernet import Fernet
from directory.listings.v1.listing_events_pb2 import ListingEvent
from directory.notifications.v1.activity_service_pb2_grpc import ActivityServiceStub
from directory.notifications.v1.preferences_service_pb2_grpc import PreferencesServiceStub, UnsubscribeServiceStub
from directory.notifications.v1.webhooks_service_pb2 import CreateWebhookRequest, WebhookSettings
from directory.notifications.v1.webhooks_service_pb2_grpc import WebhooksServiceStub
from directory.submissions.v1.submission_events_pb2 import SubmissionEvent, SubmissionMoved
from embedded import ports
from notifications import wiring
from notifications.consumers.listing_events import ListingEvents
from notifications.consumers.submission_events import SubmissionEvents
from notifications.domain.mails import Post
from notifications.processes.addressing import Addressing
from notifications.processes.mail_sender import MailSender
from notifications.processes.smtp import SmtpServer
from notifications.processes.webhook_sender import WebhookSender
from notifications.settings import Settings
from notifications.store.secrets import SealingKeys
from sqlalchemy import text

ORGANIZATION = "0197f000-0000-7000-8000-0000000000a1"
LOCAL = "127.0.0.0/8"


def moved(submission_id: str, move: str, **fields: Any) -> SubmissionEvent:
    """An event of submissions; fields of the envelope by their names, everything else is the move's."""
    envelope = {name: fields.pop(name) for name in ("publisher_id", "publisher_name", "display_name") if name in fields}
    organization_id = fields.pop("organization_id", ORGANIZATION)
    occurred_at = fields.pop("occurred_at", datetime.now(UTC))
    by_reviewers = move in ("APPROVE", "REJECT", "REQUEST_CHANGES", "SUSPEND")
    actor = fields.pop("actor", "REVIEWER" if by_reviewers else "PUBLISHER")
    return SubmissionEvent(
        event_id=new_id(),
        submission_id=submission_id,
        organization_id=organization_id,
        occurred_at=occurred_at,
        moved=SubmissionMoved(move=f"MOVE_{move}", actor=f"ACTOR_ROLE_{actor}", **fields),
        **{"display_name": "Ledgerline", **envelope},
    )


class MailServer:
    """Takes e-mails; `answer` is what it says to the next ones, by recipient."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.sent = b""
        self.answers: dict[str, list[str]] = {}
        self.port = ports.any_free()

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        waiting = self.answers.get(address, [])
        if waiting:
            return waiting.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.sent += envelope.content
        self.taken.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"

    def start(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()


class Receiver:
    """Takes webhooks; `answers` are given one after the other, then 204."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                status, headers, answer = receiver.answers.pop(0) if receiver.answers else (204, {}, b"")
                self.send_response(status)
                for name, value in {"content-length": str(len(answer)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Managers:
    """authz, as far as it is asked here: who manages the directory of an organisation."""

    def __init__(self) -> None:
        self.persons = [("ada", "ada@example.com"), ("bob", "bob@example.com")]
        self.is_away = False

    def ListDirectoryManagers(self, request: Any) -> Any:
        if self.is_away:
            raise Unavailable("SERVICE_UNAVAILABLE", "A part of the directory does not answer.")
        persons = [SimpleNamespace(person_id=person_id, email=email) for person_id, email in self.persons]
        return SimpleNamespace(organization=SimpleNamespace(name="Northwind <Tools>"), persons=persons)


class Clock:
    """Time that tests move."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def forward(self, **time: float) -> None:
        self.ahead += timedelta(**time)


@dataclass
class Directory:
    """The running service, and what surrounds it."""

    settings: Settings
    database: Database
    signer: GrantSigner
    channel_of: Callable[[str], grpc.Channel]
    clock: Clock = field(default_factory=Clock)
    managers: Managers = field(default_factory=Managers)
    moved: Callable[..., SubmissionEvent] = moved
    organization: str = ORGANIZATION

    def __post_init__(self) -> None:
        channel = self.channel_of("gateway")
        self.activity = ActivityServiceStub(channel)
        self.preferences = PreferencesServiceStub(channel)
        self.unsubscribing = UnsubscribeServiceStub(channel)
        self.webhooks = WebhooksServiceStub(channel)
        self.keys = SealingKeys(self.settings.sealing_key_ring)

    def signed_in(
        self, organization_id: str = ORGANIZATION, *, person_id: str = "ada", allowed: bool = True
    ) -> AbstractContextManager[None]:
        grant = Grant(
            person_id=person_id,
            name=person_id.title(),
            organization_id=organization_id,
            directory_management=allowed,
            denied_reason="" if allowed else "PLAN_WITHOUT_DASHBOARD",
            owner=allowed,
            staff_role="",
            organizations=frozenset({organization_id}),
            expires_at=datetime.now(UTC) + timedelta(seconds=60),
        )
        return client.grant(self.signer.sign(grant))

    def happens(self, event: SubmissionEvent | ListingEvent) -> None:
        """As the consumer applies it, without its inbox."""
        consumer: Any = ListingEvents if isinstance(event, ListingEvent) else SubmissionEvents
        handler = consumer(now=self.clock)
        self.database.run(lambda uow: handler.handle(event, uow))

    def address(self) -> None:
        addressing = Addressing(self.database, self.managers, now=self.clock)  # type: ignore[arg-type]
        while self.database.run(addressing.address_one):
            pass

    def mail_sender(self, port: int) -> MailSender:
        post = Post("Directory <no-reply@directory.example>", "https://directory.example")
        server = SmtpServer("127.0.0.1", port, "plain")
        return MailSender(self.database, self.managers, server, post, self.keys, now=self.clock)  # type: ignore[arg-type]

    def webhook_sender(self, **changes: Any) -> WebhookSender:
        return WebhookSender(self.database, self.keys, lambda: guard(networks(LOCAL)), now=self.clock, **changes)

    def send_webhooks(self, **changes: Any) -> int:
        sender, sent = self.webhook_sender(**changes), 0
        while sender.send_one():
            sent += 1
        return sent

    def webhook(self, url: str, **settings: Any) -> tuple[str, str]:
        """A new endpoint: its id and its secret."""
        with self.signed_in():
            made = self.webhooks.CreateWebhook(
                CreateWebhookRequest(settings=WebhookSettings(**{"url": url, "enabled": True, **settings}))
            )
        return made.webhook.webhook_id, made.secret

    def query(self, sql: str, **values: Any) -> list[Any]:
        with self.database.read() as connection:
            return list(connection.execute(text(sql), values))


@pytest.fixture(scope="module")
def service(
    new_database: Callable[[str], str], certificates: Path, grant_keys: Any, request: pytest.FixtureRequest
) -> Iterator[Directory]:
    kafka = request.getfixturevalue("kafka") if getattr(request.module, "NEEDS_KAFKA", False) else "127.0.0.1:9"
    url = new_database("notifications")
    migrations.upgrade("notifications", url)
    settings = Settings(
        environment="development",
        tls_dir=certificates / "notifications",
        grant_keys_file=grant_keys.public_keys,
        grpc_listen="127.0.0.1:0",
        kafka_bootstrap_servers=kafka,
        database_url_notifications=url,
        sealing_keys=Fernet.generate_key().decode(),
        authz_address="127.0.0.1:9",
        public_url="https://directory.example",
        smtp_host="127.0.0.1",
        smtp_port=9,
        smtp_security="plain",
        mail_from="no-reply@directory.example",
        webhook_allowed_networks=LOCAL,
    )
    database = Database(url, "notifications-tests")
    server = wiring.rpc_server(settings, database)
    stop = Stop()
    thread = threading.Thread(target=server.serve, args=(stop,))
    thread.start()
    channels: dict[str, grpc.Channel] = {}

    def channel_of(peer: str) -> grpc.Channel:
        if peer not in channels:
            channels[peer] = client.channel(f"127.0.0.1:{server.port}", "notifications", certificates / peer)
        return channels[peer]

    yield Directory(settings, database, GrantSigner(grant_keys.signing_key), channel_of)
    for channel in channels.values():
        channel.close()
    stop.set()
    thread.join()
    database.dispose()


@pytest.fixture
def directory(service: Directory) -> Iterator[Directory]:
    """The service without anything in its tables."""
    yield Directory(service.settings, service.database, service.signer, service.channel_of)
    with service.database.engine.begin() as connection:
        connection.execute(text("TRUNCATE activities, mails, preferences, webhooks, server_names, inbox CASCADE"))


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    taking = Receiver()
    yield taking
    taking.close()
