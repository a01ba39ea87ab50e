"""authz as it runs: its migrated database, its gRPC server over mutual TLS, and its command line."""

import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest
import structlog
from authz import wiring
from authz.__main__ import main
from authz.settings import Settings
from chassis.grants import Grant, GrantVerifier
from chassis.process import Stop
from chassis.rpc import client
from chassis.sql import migrations
from chassis.sql.database import Database
from click.testing import CliRunner, Result
from directory.authz.v1 import access_service_pb2 as access
from directory.authz.v1 import organization_events_pb2 as events
from directory.authz.v1 import organization_pb2
from directory.authz.v1.access_service_pb2_grpc import AccessServiceStub, AccessTokenServiceStub
from directory.authz.v1.administration_service_pb2_grpc import AdministrationServiceStub
from sqlalchemy import text

ISSUER = "https://identity.example"


@dataclass
class RunningAuthz:
    """The service and everything that a test does with it."""

    url: str
    address: str
    certificates: Path
    verifier: GrantVerifier
    database: Database
    channels: dict[str, grpc.Channel] = field(default_factory=dict)

    def channel(self, peer: str) -> grpc.Channel:
        if peer not in self.channels:
            self.channels[peer] = client.channel(self.address, "authz", self.certificates / peer)
        return self.channels[peer]

    @property
    def access(self) -> AccessServiceStub:
        return AccessServiceStub(self.channel("gateway"))

    @property
    def tokens(self) -> AccessTokenServiceStub:
        return AccessTokenServiceStub(self.channel("gateway"))

    @property
    def administration(self) -> AdministrationServiceStub:
        return AdministrationServiceStub(self.channel("gateway"))

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(main, arguments, env={"DATABASE_URL_AUTHZ": self.url})

    def command(self, *arguments: str) -> str:
        result = self.run(*arguments)
        assert result.exit_code == 0, result.output
        return result.stdout.strip()

    def sign_in(
        self, email: str, *, subject: str | None = None, verified: bool = True, name: str = ""
    ) -> organization_pb2.Person:
        request = access.ResolvePersonRequest(
            issuer=ISSUER,
            subject=subject or email,
            email=email,
            email_verified=verified,
            name=name or email.split("@")[0],
        )
        return self.access.ResolvePerson(request).person

    def grant_token(self, person_id: str, organization_id: str = "") -> str:
        request = access.IssueGrantRequest(person_id=person_id, organization_id=organization_id)
        return self.access.IssueGrant(request).grant

    def grant(self, person_id: str, organization_id: str = "") -> Grant:
        return self.verifier.verify(self.grant_token(person_id, organization_id))

    def acting(self, email: str, organization_id: str = "") -> Any:
        """Calls inside the block are those of the person."""
        return client.grant(self.grant_token(self.sign_in(email).person_id, organization_id))

    def outbox(self) -> list[tuple[str, events.OrganizationEvent]]:
        with self.database.read() as connection:
            rows = connection.execute(text("SELECT key, payload FROM outbox ORDER BY id")).all()
        return [(row.key, events.OrganizationEvent.FromString(bytes(row.payload))) for row in rows]

    def new_events(self, work: Callable[[], object]) -> list[tuple[str, events.OrganizationEvent]]:
        before = len(self.outbox())
        work()
        return self.outbox()[before:]


@pytest.fixture(scope="module", autouse=True)
def _logs_stay_out_of_commands_output() -> Iterator[None]:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="module")
def service(new_database: Callable[[str], str], certificates: Path, grant_keys: Any) -> Iterator[RunningAuthz]:
    url = new_database("authz")
    migrations.upgrade("authz", url)
    settings = Settings(
        environment="development",
        grpc_listen="127.0.0.1:0",
        tls_dir=certificates / "authz",
        grant_keys_file=grant_keys.public_keys,
        grant_signing_key_file=grant_keys.signing_key,
        kafka_bootstrap_servers="none:1",
        database_url_authz=url,
    )
    database = Database(url, "authz-test")
    server = wiring.rpc_server(settings, database)
    stop = Stop()
    thread = threading.Thread(target=server.serve, args=(stop,))
    thread.start()
    running = RunningAuthz(
        url=url,
        address=f"127.0.0.1:{server.port}",
        certificates=certificates,
        verifier=GrantVerifier(grant_keys.public_keys),
        database=database,
    )
    yield running
    for channel in running.channels.values():
        channel.close()
    stop.set()
    thread.join(15)
    database.dispose()
    assert not thread.is_alive()
