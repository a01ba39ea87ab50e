"""Settings of the metrics service, read from the environment once."""

from functools import cached_property
from typing import Annotated, Literal

from chassis.setting_types import DatabaseUrl, Listen
from chassis.settings import ServiceSettings
from pydantic import AfterValidator, Field, SecretStr

from metrics.domain.account_hash import AccountKey, parse_keys
from metrics.domain.health import POLICIES

_SHORTEST_TOKEN = 32


def _policy(name: str) -> str:
    if name not in POLICIES:
        raise ValueError(f"one of {', '.join(sorted(POLICIES))} is needed")
    return name


def _keys(keys: SecretStr) -> SecretStr:
    parse_keys(keys.get_secret_value())
    return keys


def _long_enough(tokens: SecretStr) -> SecretStr:
    if any(len(token) < _SHORTEST_TOKEN for token in _split(tokens)):
        raise ValueError(f"each token has at least {_SHORTEST_TOKEN} characters")
    return tokens


def _split(tokens: SecretStr) -> list[str]:
    return [token.strip() for token in tokens.get_secret_value().split(",") if token.strip()]


def _products(text: str) -> str:
    for pair in text.split(","):
        if not all(part.strip() for part in pair.partition("=")):
            raise ValueError("key=Name pairs are needed, with commas between them")
    return text


class Settings(ServiceSettings):
    """All processes of the service read the same ones."""

    database_url_metrics: DatabaseUrl
    account_keys: Annotated[SecretStr, AfterValidator(_keys)] = SecretStr("")
    otlp_http_listen: Listen = "0.0.0.0:4318"  # in a container of its own, behind TLS
    otlp_span_kind: Literal["client", "server"] = "client"
    collector_tokens: Annotated[SecretStr, AfterValidator(_long_enough)] = SecretStr("")
    health_policy: Annotated[str, AfterValidator(_policy)] = "disconnect_rate"
    products: Annotated[str, AfterValidator(_products)] = (
        "claude_ai=Claude.ai,claude_desktop=Claude Desktop,claude_code=Claude Code,cowork=Cowork"
    )
    compute_workers: int = Field(default=1, ge=1, le=64)
    flush_seconds: float = Field(default=5.0, gt=0, le=60)
    flush_events: int = Field(default=2_000_000, ge=1_000, le=5_000_000)
    memory_megabytes: int = Field(default=512, ge=384, le=65_536)

    @property
    def database_url(self) -> str:
        """Address of the service's own database."""
        return self.database_url_metrics.get_secret_value()

    @property
    def waiting_bytes(self) -> int:
        """How much may wait in an ingest worker, beside what is always there: code, fetches, a record while it is read,
        what is known of accounts, names and producers."""
        return (self.memory_megabytes - 352) * 1024 * 1024

    @cached_property
    def account_key_ring(self) -> tuple[AccountKey, ...]:
        """The keys that hash accounts, each from its day on."""
        return parse_keys(self.account_keys.get_secret_value())

    @cached_property
    def usage_tokens(self) -> list[str]:
        """What a sender without a client certificate may show."""
        return _split(self.collector_tokens)

    @cached_property
    def product_names(self) -> list[tuple[str, str]]:
        """Keys and names of the products, in the order of the page."""
        pairs = (pair.split("=", 1) for pair in self.products.split(","))
        return [(key.strip(), name.strip()) for key, name in pairs]
