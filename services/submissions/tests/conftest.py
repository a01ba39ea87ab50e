"""The service as it runs: gRPC over mutual TLS, on a database of its own, with people who may ask it."""

from __future__ import annotations

import itertools
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from chassis import clock
from chassis.grants import Grant, GrantSigner
from chassis.process import Stop
from chassis.rpc import client
from chassis.sql.database import Database
from chassis.sql.migrations import upgrade
from cryptography.fernet import Fernet
from directory.submissions.v1 import (
    review_desk_service_pb2,
    review_desk_service_pb2_grpc,
    review_service_pb2,
    review_service_pb2_grpc,
    submission_pb2,
    submissions_service_pb2,
    submissions_service_pb2_grpc,
    transfers_service_pb2,
    transfers_service_pb2_grpc,
)
from embedded.ports import any_free
from sqlalchemy import text
from submissions.consumers.checks import Checks, Looking
from submissions.consumers.probes import Probes, Schedule
from submissions.domain.probe_report import Authorization, Gate, Reach, Report
from submissions.settings import Settings
from submissions.wiring import looks, rpc_server

INSTRUCTIONS = "Sign in as the planted tester"
CREDENTIALS = "planted-password-3f9c1d"

GATED = Report(Reach.ALIVE_GATED, authorization=Authorization(Gate.GOOD, registers_clients=True))

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Person:
    """Somebody with a grant."""

    person_id: str
    name: str = "Ada Example"
    organization_id: str = ""
    directory_management: bool = True
    staff_role: str = ""
    organizations: frozenset[str] = field(default_factory=frozenset)

    def grant(self) -> Grant:
        return Grant(
            person_id=self.person_id,
            name=self.name,
            organization_id=self.organization_id,
            directory_management=self.directory_management and bool(self.organization_id),
            denied_reason="" if self.directory_management else "NOT_AN_OWNER",
            owner=self.directory_management,
            staff_role=self.staff_role,
            organizations=self.organizations | ({self.organization_id} - {""}),
            expires_at=clock.now() + timedelta(seconds=60),
        )


def owner() -> Person:
    """An owner of an organisation that nobody else has."""
    number = next(_numbers)
    return Person(f"owner-{number}", f"Owner {number}", f"organization-{number}")


def reviewer(name: str = "Rita Reviewer", *, lead: bool = False, organizations: tuple[str, ...] = ()) -> Person:
    role = "lead_reviewer" if lead else "reviewer"
    return Person(f"staff-{next(_numbers)}", name, staff_role=role, organizations=frozenset(organizations))


def complete_form(**changes: Any) -> submission_pb2.SubmissionForm:
    """A form that can be submitted, with a slug and a URL of its own."""
    number = next(_numbers)
    form = submission_pb2.SubmissionForm(
        server_url=f"https://mcp{number}.acme.com/mcp",
        transport="TRANSPORT_STREAMABLE_HTTP",
        slug=f"acme-{number}",
        use_cases=["Find orders", "Track parcels", "Return goods"],
        data_access="DATA_ACCESS_BOTH",
        authentication="AUTHENTICATION_MODE_OAUTH_DCR",
        api_ownership="API_OWNERSHIP_OWN",
        health_data=False,
        sponsored_content=False,
    )
    listing = form.listing
    listing.display_name, listing.tagline, listing.description = f"Acme {number}", "Orders and parcels", "All of Acme."
    listing.categories.append("productivity")
    listing.documentation_url = "https://acme.com/docs"
    listing.privacy_policy_url = "https://acme.com/privacy"
    listing.support_contact = "help@acme.com"
    listing.icon_id = "0190b5c0-0000-7000-8000-000000000001"
    listing.company_name, listing.company_website = "Acme", "https://acme.com"
    for acknowledgement in submission_pb2.Acknowledgements.DESCRIPTOR.fields:
        setattr(form.acknowledgements, acknowledgement.name, True)
    for name, value in changes.items():
        setattr(form, name, value)
    return form


class Clock:
    """The real time, plus what a test adds."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> Any:
        return clock.now() + self.ahead


class World:
    """The running service and everything a test does with it."""

    owner = staticmethod(owner)
    reviewer = staticmethod(reviewer)
    complete_form = staticmethod(complete_form)
    access = staticmethod(lambda: submission_pb2.ReviewerAccess(instructions=INSTRUCTIONS, credentials=CREDENTIALS))

    def __init__(self, settings: Settings, signing_key: Path, port: int, tls_dir: Path) -> None:
        self.settings = settings
        self.database = Database(settings.database_url, "tests")
        self.clock = Clock()
        self.server: Callable[[str, str], Report] = lambda url, transport: GATED
        """What looking at a server brings; the servers of most tests do not exist."""
        self.looking = Looking(lambda *asked: self.server(*asked), attempts=3, pause=timedelta(seconds=30))
        self.checks = Checks(self.database, self.looking, self.clock)
        self._signer = GrantSigner(signing_key)
        self.port = port
        channel = client.channel(f"127.0.0.1:{port}", "submissions", tls_dir)
        self.publishing = submissions_service_pb2_grpc.SubmissionsServiceStub(channel)
        self.reviewing = review_service_pb2_grpc.ReviewServiceStub(channel)
        self.running = review_desk_service_pb2_grpc.ReviewDeskServiceStub(channel)
        self.transferring = transfers_service_pb2_grpc.TransfersServiceStub(channel)

    @contextmanager
    def acting(self, person: Person) -> Iterator[None]:
        with client.grant(self._signer.sign(person.grant())):
            yield

    def publish_call(self, person: Person, method: str, **fields: Any) -> Any:
        request = getattr(submissions_service_pb2, f"{method}Request")(**fields)
        with self.acting(person):
            return getattr(self.publishing, method)(request)

    def review_call(self, person: Person, method: str, **fields: Any) -> Any:
        request = getattr(review_service_pb2, f"{method}Request")(**fields)
        with self.acting(person):
            return getattr(self.reviewing, method)(request)

    def desk_call(self, person: Person, method: str, **fields: Any) -> Any:
        request = getattr(review_desk_service_pb2, f"{method}Request")(**fields)
        with self.acting(person):
            return getattr(self.running, method)(request)

    def transfer_call(self, person: Person, method: str, **fields: Any) -> Any:
        request = getattr(transfers_service_pb2, f"{method}Request")(**fields)
        with self.acting(person):
            return getattr(self.transferring, method)(request)

    def create(self, person: Person, form: Any = None, **fields: Any) -> Any:
        form = complete_form() if form is None else form
        fields.setdefault("reviewer_access", self.access())
        return self.publish_call(person, "CreateSubmission", form=form, **fields).submission

    def get(self, person: Person, submission_id: str) -> Any:
        return self.publish_call(person, "GetSubmission", submission_id=submission_id).submission

    def save(self, person: Person, submission: Any, **fields: Any) -> Any:
        return self.publish_call(
            person, "SaveSubmission", submission_id=submission.submission_id, version=submission.version, **fields
        ).submission

    def move(self, person: Person, submission: Any, move: str, comment: str = "") -> Any:
        return self.publish_call(
            person,
            "MoveSubmission",
            submission_id=submission.submission_id,
            version=submission.version,
            move=f"MOVE_{move}",
            comment=comment,
        ).submission

    def thread(self, person: Person, submission_id: str) -> Any:
        return self.publish_call(person, "ListThread", submission_id=submission_id).entries

    def run_checks(self) -> None:
        while self.checks.check_next():
            pass

    def look(self, *, daily: bool = True, looking: Looking | None = None) -> None:
        """Every published server is looked at, once, at its time; or only what somebody asked for."""
        schedule = Schedule(interval=timedelta(days=1), failures_told=3)
        probes = Probes(self.database, looking or self.looking, schedule, self.clock)
        probes.tidy_now_and_then()
        if daily:
            self.execute("UPDATE server_probes SET due_at = :now WHERE asked_at IS NULL", now=self.clock())
        while probes.look_at_next():
            pass

    def probe(self, person: Person, submission: Any) -> Any:
        return self.publish_call(person, "GetServerProbe", submission_id=submission.submission_id).probe

    def in_review(self, person: Person, form: Any = None) -> Any:
        submission = self.move(person, self.create(person, form), "SUBMIT")
        self.run_checks()
        return self.get(person, submission.submission_id)

    def open_item(self, submission_id: str) -> str:
        """Id of the open item of a submission."""
        query = "SELECT review_item_id FROM review_items WHERE submission_id = :id AND state = 'open'"
        return str(self.rows(query, id=submission_id)[0].review_item_id)

    def decide(self, judge: Person, submission_id: str, decision: str, comment: str = "", reason: str = "") -> Any:
        item_id = self.open_item(submission_id)
        item = self.review_call(judge, "ClaimReviewItem", review_item_id=item_id).item
        fields = {"reason": f"REJECTION_REASON_{reason}"} if reason else {}
        return self.review_call(
            judge,
            "DecideReviewItem",
            review_item_id=item_id,
            version=item.version,
            decision=f"DECISION_{decision}",
            comment=comment,
            **fields,
        ).item

    def settle(self, judge: Person, item: Any, decision: str, **said: Any) -> Any:
        """Decides on an item that `judge` holds."""
        fields = {"review_item_id": item.review_item_id, "version": item.version, "decision": f"DECISION_{decision}"}
        return self.review_call(judge, "DecideReviewItem", **fields, **said).item

    def approved(self, person: Person, form: Any = None) -> Any:
        submission = self.in_review(person, form)
        self.decide(reviewer(), submission.submission_id, "APPROVE")
        return self.get(person, submission.submission_id)

    def published(self, person: Person, form: Any = None) -> Any:
        return self.move(person, self.approved(person, form), "PUBLISH")

    def rows(self, query: str, **parameters: Any) -> list[Any]:
        with self.database.read() as connection:
            return list(connection.execute(text(query), parameters))

    def execute(self, statement: str, **parameters: Any) -> None:
        with self.database.transaction() as uow:
            uow.execute(text(statement), parameters)
            uow.commit()

    def events(self, submission_id: str) -> list[Any]:
        from directory.submissions.v1.submission_events_pb2 import SubmissionEvent

        rows = self.rows("SELECT payload FROM outbox WHERE key = :key ORDER BY id", key=submission_id)
        return [SubmissionEvent.FromString(bytes(row.payload)) for row in rows]


@pytest.fixture(scope="module")
def world(
    new_database: Callable[[str], str], certificates: Path, grant_keys: Any, eventually: Callable[..., Any]
) -> Iterator[World]:
    url = new_database("submissions")
    upgrade("submissions", url)
    settings = Settings(
        environment="development",
        grpc_listen="127.0.0.1:0",
        tls_dir=certificates / "submissions",
        grant_keys_file=grant_keys.public_keys,
        kafka_bootstrap_servers="127.0.0.1:1",
        database_url_submissions=url,
        sealing_keys=f"{Fernet.generate_key().decode()},{Fernet.generate_key().decode()}",
    )
    database, world_clock = Database(url, "submissions"), Clock()
    with serving(settings, database, lambda: world_clock()) as port:
        made = World(settings, grant_keys.signing_key, port, certificates / "gateway")
        made.clock = world_clock
        made.checks = Checks(database, made.looking, world_clock)
        yield made
        made.database.dispose()
    database.dispose()


@contextmanager
def serving(settings: Settings, database: Database, now: clock.Clock) -> Iterator[int]:
    """The port of the service while it answers."""
    stop = Stop()
    server = rpc_server(settings, database, now)
    thread = threading.Thread(target=server.serve, args=(stop,))
    thread.start()
    try:
        yield server.port
    finally:
        stop.set()
        thread.join()


@pytest.fixture
def strict(world: World, certificates: Path) -> Iterator[None]:
    """Decisions go to a replica that asks for a second reviewer of rejections, until the end of the test."""
    settings, before = world.settings.model_copy(update={"review_second_reviewer": True}), world.reviewing
    with serving(settings, world.database, world.clock) as port:
        channel = client.channel(f"127.0.0.1:{port}", "submissions", certificates / "gateway")
        world.reviewing = review_service_pb2_grpc.ReviewServiceStub(channel)
        yield
        world.reviewing = before
        channel.close()


@pytest.fixture
def server(world: World) -> Iterator[Callable[[Any], None]]:
    """server(report): what every look brings until the end of the test; or a function of URL and transport."""
    before = world.server

    def answer(report: Any) -> None:
        world.server = report if callable(report) else lambda url, transport: report

    yield answer
    world.server = before


@pytest.fixture
def at_the_same_time(world: World, server: Callable[[Any], None]) -> Iterator[Callable[..., None]]:
    """at_the_same_time(slow_but_for=url): the loops of one process run until they have looked at this server.

    All others take their time: they answer at the end of the test.
    """
    over, stop, threads = threading.Event(), Stop(), []

    def run(*, slow_but_for: str) -> None:
        done = threading.Event()

        def look(url: str, transport: str) -> Report:
            if url == slow_but_for:
                done.set()
            else:
                over.wait()
            return GATED

        server(look)
        schedule = Schedule(interval=timedelta(days=1), failures_told=3)
        loops = looks(world.database, world.looking, schedule, world.clock)
        threads.extend(threading.Thread(target=loop, args=(stop,)) for loop in loops.values())
        for thread in threads:
            thread.start()
        assert done.wait(20), "nobody looked at the server"

    yield run
    stop.set()
    over.set()
    for thread in threads:
        thread.join()


@pytest.fixture
def ahead(world: World) -> Iterator[Callable[[timedelta], None]]:
    """ahead(timedelta): the service's clock goes on by this much until the end of the test."""

    def go(by: timedelta) -> None:
        world.clock.ahead += by

    yield go
    world.clock.ahead = timedelta()


Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture
def answering() -> Iterator[Callable[..., str]]:
    """answering(respond, certificates=None) -> the address of a server that answers what `respond` says.

    respond(method, path, body) -> status, headers, body; over TLS where a folder of certificates is given.
    """
    started: list[ThreadingHTTPServer] = []

    def start(respond: Callable[[str, str, bytes], Answer], certificates: Path | None = None) -> str:
        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                given = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, headers, body = respond(self.command, self.path, given)
                with suppress(OSError):  # who asks may be gone
                    self.send_response(status)
                    for name, value in {"Content-Length": str(len(body)), **headers}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(body)

            do_GET = do_POST = do_DELETE = _answer  # noqa: N815 - as http.server names them

            def log_message(self, *words: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

            def handle_error(self, *request: Any) -> None:
                pass  # handshakes that fail are what some tests are about

        server = Server(("127.0.0.1", 0), Handler)
        scheme = "http"
        if certificates is not None:
            scheme, context = "https", ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificates / "cert.pem", certificates / "key.pem")
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        started.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"{scheme}://127.0.0.1:{server.server_port}"

    yield start
    for server in started:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def mcp_server(eventually: Callable[..., Any]) -> Iterator[Callable[[str], str]]:
    """mcp_server(kind) -> the address of a real MCP server, a process of its own; kinds: see live_server.py."""
    started: dict[str, tuple[subprocess.Popen[bytes], int]] = {}

    def listens(port: int) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
        return False

    def start(kind: str) -> str:
        if kind not in started:
            port = any_free()
            command = [sys.executable, str(Path(__file__).with_name("live_server.py")), kind, str(port)]
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            started[kind] = process, port
            eventually(lambda: listens(port), timeout=60)
        path = "/sse" if kind == "sse" else "/mcp"
        return f"http://127.0.0.1:{started[kind][1]}{path}"

    yield start
    for process, _ in started.values():
        process.kill()
        process.wait()
