"""Settings of the metrics service, read from the environment once."""

from functools import cached_property
from typing import Annotated

from chassis.settings import ServiceSettings
from pydantic import AfterValidator, Field

from metrics.domain.health import POLICIES


def _policy(name: str) -> str:
    if name not in POLICIES:
        raise ValueError(f"one of {', '.join(sorted(POLICIES))} is needed")
    return name


def _keys(text: str) -> str:
    for key in filter(None, text.split(",")):
        if not 16 <= len(bytes.fromhex(key.strip())) <= 64:
            raise ValueError("each key has 16 to 64 bytes, in hexadecimal digits")
    return text


def _products(text: str) -> str:
    for pair in text.split(","):
        if not all(part.strip() for part in pair.partition("=")):
            raise ValueError("key=Name pairs are needed, with commas between them")
    return text


class Settings(ServiceSettings):
    """All processes of the service read the same ones."""

    database_url_metrics: str
    account_keys: Annotated[str, AfterValidator(_keys)] = ""
    health_policy: Annotated[str, AfterValidator(_policy)] = "disconnect_rate"
    products: Annotated[str, AfterValidator(_products)] = (
        "claude_ai=Claude.ai,claude_desktop=Claude Desktop,claude_code=Claude Code,cowork=Cowork"
    )
    flush_seconds: float = Field(default=5.0, gt=0, le=60)
    flush_events: int = Field(default=1_000_000, ge=1_000, le=5_000_000)

    @cached_property
    def account_key(self) -> bytes:
        """The key that hashes accounts now: the first one."""
        return bytes.fromhex(self.account_keys.split(",")[0].strip())

    @cached_property
    def product_names(self) -> list[tuple[str, str]]:
        """Keys and names of the products, in the order of the page."""
        pairs = (pair.split("=", 1) for pair in self.products.split(","))
        return [(key.strip(), name.strip()) for key, name in pairs]
