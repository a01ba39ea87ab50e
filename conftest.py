"""What tests everywhere may ask for: real servers, certificates and keys. Nothing starts unless a test asks for it.

Each run starts its own servers, or takes those named by DATABASE_URL_ADMIN and KAFKA_BOOTSTRAP_SERVERS.
"""

import logging
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import hypothesis
import psycopg
import pytest
import structlog
from embedded import ports
from embedded.certificates import make_certificates
from embedded.kafka import KafkaServer
from embedded.keys import GrantKeys, make_grant_keys
from embedded.places import reachable, unprivileged_account
from embedded.postgres import PostgresServer
from embedded.running import running
from psycopg import conninfo, sql

hypothesis.settings.register_profile("directory", deadline=None)  # tests never time
hypothesis.settings.load_profile("directory")


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """A test may configure logs as a process does; they would go to its own output, which ends with it."""
    root, structured = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**structured)


@pytest.fixture(scope="session")
def eventually() -> Callable[..., Any]:
    """eventually(check, timeout=60): calls `check` until its answer counts as true."""
    return cast(Callable[..., Any], _beside("waiting").eventually)


@pytest.fixture(scope="session")
def postgres(servers_folder: Path) -> Iterator[str]:
    """The address of a PostgreSQL server, with an administrator's name and password."""
    own = os.environ.get("DATABASE_URL_ADMIN")
    if own:
        yield own
        return
    server = PostgresServer(servers_folder / "postgres", ports.any_free(), durable=False)
    with running(server, servers_folder / "postgres.out"):
        yield server.admin_url()


@pytest.fixture(scope="session")
def kafka(servers_folder: Path) -> Iterator[str]:
    """The bootstrap servers of an Apache Kafka broker."""
    own = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    if own:
        yield own
        return
    server = KafkaServer(servers_folder / "kafka", ports.any_free(), ports.any_free(), heap_megabytes=192)
    with running(server, servers_folder / "kafka.out"):
        yield server.bootstrap


@pytest.fixture(scope="session")
def servers_folder() -> Iterator[Path]:
    """Not pytest's own temporary folder: that one is closed to the account PostgreSQL runs as under root."""
    folder = Path(tempfile.mkdtemp(prefix="directory-tests-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(reachable(folder / "postgres", account=unprivileged_account()), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one sub-folder a service name (and "proxy"): ca.pem, cert.pem, key.pem."""
    folder = tmp_path_factory.mktemp("certificates")
    make_certificates(folder)
    return folder


@pytest.fixture(scope="session")
def grant_keys(tmp_path_factory: pytest.TempPathFactory) -> GrantKeys:
    """Two files: .signing_key (the private JWK) and .public_keys (the JWK set)."""
    return make_grant_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def new_database(postgres: str) -> Iterator[Callable[[str], str]]:
    """new_database("authz") -> the address of a fresh, empty database that a role of its own owns."""
    with _databases(postgres) as make:
        yield make


@pytest.fixture(scope="session")
def lasting_database(postgres: str) -> Iterator[Callable[[str], str]]:
    """As new_database, for as long as the session."""
    with _databases(postgres) as make:
        yield make


@contextmanager
def _databases(postgres: str) -> Iterator[Callable[[str], str]]:
    made: list[str] = []

    def make(name: str) -> str:
        unique, password = f"{name}_{secrets.token_hex(4)}", secrets.token_hex(12)
        role = sql.Identifier(unique)
        with psycopg.connect(postgres, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(password)))
            connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(role))
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(role, role))
        made.append(unique)
        place = conninfo.conninfo_to_dict(postgres)
        return f"postgresql://{unique}:{password}@{place['host']}:{place.get('port', 5432)}/{unique}"

    yield make
    with psycopg.connect(postgres, autocommit=True) as connection:
        for unique in made:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(unique)))
            connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(unique)))


@pytest.fixture(scope="module")
def fresh_topics(kafka: str) -> Iterator[Callable[..., None]]:
    """fresh_topics(topics): these topics exist and are empty when it returns. Names, or objects with a name,
    partitions and config. They are deleted at the end of the module."""
    topics = _beside("fresh_topics").FreshTopics(kafka)
    yield topics.make
    topics.close()


def _beside(name: str) -> ModuleType:
    """A module of tests/, by its path: "tests" may be the name of another package that is installed."""
    loader = SourceFileLoader(name, str(Path(__file__).parent / "tests" / f"{name}.py"))
    module = ModuleType(name)
    loader.exec_module(module)
    return module
