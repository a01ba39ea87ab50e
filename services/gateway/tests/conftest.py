"""The whole system, for tests of the gateway by HTTP: real services, real PostgreSQL, real Kafka."""

from collections.abc import Callable, Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from chassis.sql.database import Database
from flask_openapi.openapi import OpenAPI
from gateway.identity_provider import IdentityProvider
from gateway.settings import Settings
from gateway.wiring import create_app
from pydantic import SecretStr

ROOT = Path(__file__).parents[3]
PROCESSES = (
    "authz",
    "authz-work",
    "submissions",
    "submissions-work",
    "listings",
    "listings-work",
    "metrics-serve",
    "identity",
    "gateway",
)
ORGANIZATIONS = {
    "organizations": [
        {
            "name": "Ours",
            "plan": "enterprise",
            "members": [
                {"email": "owner@ours.example", "role": "primary_owner"},
                {"email": "second@ours.example", "role": "owner"},
                {"email": "member@ours.example", "role": "member"},
            ],
        },
        {
            "name": "Theirs",
            "plan": "team",
            "members": [{"email": "owner@theirs.example", "role": "primary_owner"}],
        },
    ],
    "staff": [
        {"email": "reviewer@directory.example", "role": "reviewer"},
        {"email": "lead@directory.example", "role": "lead_reviewer"},
    ],
}


def module_of_tests(name: str) -> ModuleType:
    """A module of the root tests folder, by its path."""
    module = ModuleType(name)
    SourceFileLoader(name, str(ROOT / "tests" / f"{name}.py")).exec_module(module)
    return module


@pytest.fixture(scope="module")
def system(
    tmp_path_factory: pytest.TempPathFactory,
    new_database: Callable[[str], str],
    fresh_topics: Callable[..., None],
    kafka: str,
) -> Iterator[Any]:
    """Every service that answers the gateway, with the people of ORGANIZATIONS. See tests/system.py."""
    parts = module_of_tests("system")
    fresh_topics(parts.TOPICS)
    running = parts.RunningSystem(tmp_path_factory.mktemp("system"), database_of=new_database, kafka=kafka)
    try:
        absent = [name for name in parts.SERVICES if name not in running.present]
        running.start([name for name in PROCESSES if name.split("-")[0] not in absent])
        running.import_organizations(ORGANIZATIONS)
        yield running
    finally:
        running.close()


# Port 9 answers nobody.
NOWHERE = "127.0.0.1:9"


def edge_settings(**changes: Any) -> Settings:
    """Settings of a gateway without services behind it."""
    values: dict[str, Any] = {
        "tls_dir": "/nonexistent",
        "grant_keys_file": "/nonexistent",
        "kafka_bootstrap_servers": NOWHERE,
        "database_url_gateway": f"postgresql://nobody:nothing@{NOWHERE}/none",
        "authz_address": NOWHERE,
        "submissions_address": NOWHERE,
        "listings_address": NOWHERE,
        "metrics_address": NOWHERE,
        "oidc_issuer": f"http://{NOWHERE}",
        "oidc_client_id": "directory",
        "oidc_client_secret": SecretStr("secret"),
        "session_key": SecretStr("k" * 32),
        "support_address": "support@directory.example",
    }
    return Settings(**(values | changes))


@pytest.fixture(scope="session")
def make_application() -> Callable[..., OpenAPI]:
    """make_application(backends=, database=, **settings): the application, for what the edge does alone."""

    def make(*, backends: Any = None, database: Database | None = None, **changes: Any) -> OpenAPI:
        chosen = edge_settings(**changes)
        return create_app(
            chosen,
            backends=backends or SimpleNamespace(),
            database=database or Database(chosen.database_url_gateway, "gateway-tests"),
            provider=IdentityProvider(chosen),
        )

    return make
