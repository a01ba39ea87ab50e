import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from chassis.clock import now
from chassis.grants import Grant, GrantVerifier
from chassis.process import Stop
from chassis.rpc import client
from chassis.rpc.server import build_server
from chassis.sql.database import Database
from chassis.sql.tables import shared_tables
from directory.authz.v1 import access_service_pb2 as messages
from directory.authz.v1 import access_service_pb2_grpc as stubs
from sqlalchemy import MetaData, text

SERVICE = "directory.authz.v1.AccessTokenService"


@pytest.fixture
def grant() -> Callable[..., Grant]:
    def make(**changes: Any) -> Grant:
        standard = {
            "person_id": "person-1",
            "name": "Ada",
            "organization_id": "organization-1",
            "directory_management": True,
            "denied_reason": "",
            "owner": False,
            "staff_role": "",
            "organizations": frozenset({"organization-1"}),
            "expires_at": now() + timedelta(seconds=60),
        }
        return Grant(**(standard | changes))

    return make


@pytest.fixture(scope="module")
def database(new_database: Callable[[str], str]) -> Iterator[Database]:
    database = Database(new_database("chassis"), "chassis-tests", pool_size=6)
    metadata = MetaData()
    shared_tables(metadata)
    metadata.create_all(database.engine)
    with database.transaction() as uow:
        uow.execute(text("CREATE TABLE things (id text PRIMARY KEY, note text)"))
        uow.commit()
    yield database
    database.dispose()


@pytest.fixture
def building(certificates: Path, grant_keys: Any) -> Iterator[Callable[..., Any]]:
    """building(api, peers=..., caller="gateway") -> a bound server with .stub, .port and .start(); its answer ends it.

    All end after the test.
    """
    with ExitStack() as stack:

        def build(api: Any, peers: Any = None, caller: str = "gateway", workers: int = 8) -> Any:
            settings = SimpleNamespace(grpc_listen="127.0.0.1:0", tls_dir=certificates / "authz")
            server = build_server(
                settings,
                [
                    (
                        stubs.add_AccessTokenServiceServicer_to_server,
                        api,
                        messages.DESCRIPTOR.services_by_name["AccessTokenService"],
                    )
                ],
                verifier=GrantVerifier(grant_keys.public_keys),
                peers={SERVICE: frozenset({"gateway"})} if peers is None else peers,
                workers=workers,
            )
            channel = client.channel(f"127.0.0.1:{server.port}", "authz", certificates / caller)
            stack.callback(channel.close)
            return SimpleNamespace(
                stub=stubs.AccessTokenServiceStub(channel),
                port=server.port,
                start=lambda: stack.enter_context(serving(server)),
                server=server,
                channel=channel,
            )

        yield build


@pytest.fixture
def running(building: Callable[..., Any]) -> Callable[..., Any]:
    """As `building`, but it runs; .stop ends it."""

    def start(*arguments: Any, **options: Any) -> Any:
        part = building(*arguments, **options)
        part.stop = part.start()
        return part

    return start


@contextmanager
def serving(server: Any) -> Iterator[Stop]:
    stop = Stop()
    thread = threading.Thread(target=server.serve, args=(stop,))
    thread.start()
    yield stop
    stop.set()
    thread.join(15)
    assert not thread.is_alive()


@pytest.fixture
def looping() -> Iterator[Callable[..., Any]]:
    """looping(loop) runs a loop in a thread until the test ends; gives its Stop and thread, and what it raised."""
    started: list[Any] = []

    def start(loop: Callable[[Stop], None]) -> Any:
        handle = SimpleNamespace(stop=Stop(), raised=None)

        def run() -> None:
            try:
                loop(handle.stop)
            except Exception as error:
                handle.raised = error

        handle.thread = threading.Thread(target=run)
        handle.thread.start()
        started.append(handle)
        return handle

    yield start
    for handle in started:
        handle.stop.set()
    for handle in started:
        handle.thread.join(20)
        assert not handle.thread.is_alive()
