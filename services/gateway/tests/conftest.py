"""The whole system, for tests of the gateway by HTTP: real services, real PostgreSQL, real Kafka."""

import json
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import httpx
import jsonschema
import pytest
from chassis.errors import Unavailable
from chassis.sql.database import Database
from directory.authz.v1.organization_pb2 import Membership
from directory.listings.v1.listing_content_pb2 import ListingContent
from directory.listings.v1.listing_pb2 import LISTING_STATE_LIVE
from directory.listings.v1.listing_version_pb2 import ListingVersion
from embedded.keys import GrantKeys
from flask_openapi.openapi import OpenAPI
from gateway.access import Caller
from gateway.core import EXTENSION
from gateway.identity_provider import IdentityProvider
from gateway.registry import OFFICIAL
from gateway.settings import Settings
from gateway.wiring import create_app
from pydantic import SecretStr

ROOT = Path(__file__).parents[3]
SERVER_SCHEMA = ROOT.parent / "shared" / "vectors" / "server.schema.2025-12-11.json"
PROCESSES = (
    "authz",
    "authz-work",
    "submissions",
    "submissions-work",
    "listings",
    "listings-work",
    "metrics-serve",
    "notifications",
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


@pytest.fixture(scope="module")
def clients(system: Any) -> dict[str, httpx.Client]:
    """A client of the JSON API for each kind of caller."""
    scopes = {
        "owner": ("owner@ours.example", "Ours"),
        "member": ("member@ours.example", "Ours"),
        "foreign": ("owner@theirs.example", "Theirs"),
        "reviewer": ("reviewer@directory.example", ""),
        "lead": ("lead@directory.example", ""),
    }
    tokens = system.tokens(*scopes.values())
    made = {name: system.client(token) for name, token in zip(scopes, tokens, strict=True)}
    return {**made, "anonymous": system.client()}


@pytest.fixture(scope="module")
def ours(clients: dict[str, httpx.Client]) -> str:
    """Path of the organisation of owner and member."""
    return f"/organizations/{_organization_of(clients['owner'])}"


@pytest.fixture(scope="module")
def theirs(clients: dict[str, httpx.Client]) -> str:
    """Path of the other organisation."""
    return f"/organizations/{_organization_of(clients['foreign'])}"


@pytest.fixture(scope="session")
def icon_file() -> bytes:
    """A square PNG of one colour."""
    rows = b"".join(b"\0" + b"\x30\x60\x90" * 64 for _ in range(64))
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


@pytest.fixture(scope="session")
def complete_form() -> Callable[..., dict[str, Any]]:
    """complete_form(name, icon_id): a form that can be submitted."""

    def make(name: str, icon_id: str) -> dict[str, Any]:
        return {
            "server_url": f"https://{name}.example.com/mcp",
            "transport": "streamable_http",
            "slug": name,
            "listing": {
                "display_name": name.title(),
                "tagline": "Finds what you lost.",
                "description": "Looks **everywhere**.",
                "categories": ["productivity"],
                "documentation_url": "https://docs.example.com/",
                "privacy_policy_url": "https://example.com/privacy",
                "support_contact": "help@example.com",
                "icon_id": icon_id,
                "company_name": "Ours",
                "company_website": "https://example.com/",
            },
            "use_cases": ["Find keys", "Find a paper", "Find a friend"],
            "data_access": "read",
            "authentication": "none",
            "api_ownership": "own",
            "health_data": False,
            "sponsored_content": False,
            "acknowledgements": dict.fromkeys(
                (
                    "guidelines",
                    "first_party_api",
                    "financial_transactions",
                    "ai_media_generation",
                    "prompt_injection",
                    "conversation_data",
                    "public_documentation",
                ),
                True,
            ),
        }

    return make


def _organization_of(client: httpx.Client) -> str:
    organizations = client.get("/me").raise_for_status().json()["organizations"]
    return str(organizations[0]["organization"]["organization_id"])


# Port 9 answers nobody.
NOWHERE = "127.0.0.1:9"


@pytest.fixture(scope="session")
def edge_settings(certificates: Path, grant_keys: GrantKeys) -> Callable[..., Settings]:
    """edge_settings(**changes): settings of a gateway without services behind it."""
    values: dict[str, Any] = {
        "tls_dir": certificates / "gateway",
        "grant_keys_file": grant_keys.public_keys,
        "kafka_bootstrap_servers": NOWHERE,
        "database_url_gateway": SecretStr(f"postgresql://nobody:nothing@{NOWHERE}/none"),
        "authz_address": NOWHERE,
        "submissions_address": NOWHERE,
        "listings_address": NOWHERE,
        "metrics_address": NOWHERE,
        "notifications_address": NOWHERE,
        "oidc_issuer": f"http://{NOWHERE}",
        "oidc_client_id": "directory",
        "oidc_client_secret": SecretStr("secret"),
        "session_key": SecretStr("k" * 32),
        "public_url": "http://localhost",  # as the test client calls itself
        "support_address": "support@directory.example",
    }
    return lambda **changes: Settings(**(values | changes))


@pytest.fixture(scope="session")
def make_application(edge_settings: Callable[..., Settings]) -> Callable[..., OpenAPI]:
    """make_application(backends=, database=, **settings): the application, for what the edge does alone."""

    def make(*, backends: Any = None, database: Database | None = None, **changes: Any) -> OpenAPI:
        chosen = edge_settings(**changes)
        return create_app(
            chosen,
            backends=backends or SimpleNamespace(),
            database=database or Database(chosen.database_url, "gateway-tests"),
            provider=IdentityProvider(chosen),
        )

    return make


class _Managers:
    """Somebody with directory management of every organization."""

    def caller(self) -> Caller:
        return Caller("018f0000-0000-7000-8000-000000000002", "Ada", "ada@example.org", "access_token")

    @contextmanager
    def managing(self, organization_id: str) -> Iterator[Membership]:
        yield Membership()


@pytest.fixture
def managing_client(make_application: Callable[..., OpenAPI]) -> Callable[..., Any]:
    """managing_client(**backends): a client with directory management, and services at hand-made answers."""

    def make(**backends: Any) -> Any:
        application = make_application(backends=SimpleNamespace(**backends))
        application.extensions[EXTENSION] = replace(application.extensions[EXTENSION], access=_Managers())
        return application.test_client()

    return make


class _NoMetrics:
    """The ranking of a metrics service that is away."""

    def __getattr__(self, _: str) -> Any:
        def away(request: Any, timeout: float) -> None:
            raise Unavailable("SERVICE_UNAVAILABLE", "A part of the directory does not answer.")

        return away


@pytest.fixture(scope="session")
def backends_of() -> Callable[..., Any]:
    """backends_of(**stubs): services of which only these answer."""
    return lambda **stubs: SimpleNamespace(**{"ranking": _NoMetrics(), **stubs})


@pytest.fixture(scope="session")
def version_of() -> Callable[..., ListingVersion]:
    """version_of(**changes): a version of a listing as the listings service gives it."""

    def make(**changes: Any) -> ListingVersion:
        values: dict[str, Any] = {
            "listing_id": "0199a000-0000-7000-8000-000000000001",
            "slug": "ledgerline",
            "number": 1,
            "content": ListingContent(
                display_name="Ledgerline",
                tagline="Invoices, payments and ledgers, answered in plain words",
                description="Ask about **open invoices**.",
                categories=["finance"],
                documentation_url="https://docs.ledgerline.example/mcp",
                privacy_policy_url="https://ledgerline.example/privacy",
                support_contact="support@ledgerline.example",
                icon_id="0199a000-0000-7000-8000-000000000002",
                company_name="Ledgerline GmbH",
                company_website="https://ledgerline.example",
            ),
            "server_url": "https://mcp.ledgerline.example/mcp",
            "transport": "streamable_http",
            "is_latest": True,
            "state": LISTING_STATE_LIVE,
        }
        version = ListingVersion(**(values | changes))
        for moment in (version.published_at, version.updated_at, version.state_changed_at):
            moment.FromJsonString("2026-11-22T10:00:00.123456Z")
        return version

    return make


@pytest.fixture(scope="session")
def server_schema() -> Any:
    """The official JSON Schema of server.json."""
    if not SERVER_SCHEMA.exists():
        pytest.skip("../shared/vectors/server.schema.2025-12-11.json is not there")
    return json.loads(SERVER_SCHEMA.read_text())


@pytest.fixture(scope="session")
def check_entry() -> Callable[[Any], None]:
    """check_entry(entry): it has the form that registries give, `server` by the official schema where that is there."""
    schema = json.loads(SERVER_SCHEMA.read_text()) if SERVER_SCHEMA.exists() else {}
    validator = jsonschema.Draft7Validator(schema, format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER)
    known = {"status", "statusMessage", "statusChangedAt", "publishedAt", "updatedAt", "isLatest"}

    def check(entry: Any) -> None:
        assert entry.keys() == {"server", "_meta"}
        validator.validate(entry["server"])
        standing = entry["_meta"][OFFICIAL]
        assert known - {"statusMessage"} <= standing.keys() <= known
        assert standing["status"] in ("active", "deprecated", "deleted")
        assert len(standing.get("statusMessage", "")) <= 500

    return check
