"""Where Kafka is, and how clients show who they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Brokers:
    """`host:port,host:port`, and kafka-python's settings of TLS and SASL (never shown: one is a password)."""

    addresses: str
    security: Mapping[str, Any] = field(default_factory=dict, repr=False)


# Text alone stands for brokers that are spoken to in plain text.
Bootstrap = str | Brokers


def addresses(bootstrap: Bootstrap) -> list[str]:
    """Each `host:port`."""
    return (bootstrap if isinstance(bootstrap, str) else bootstrap.addresses).split(",")


def client_settings(bootstrap: Bootstrap) -> dict[str, Any]:
    """What each of kafka-python's clients is given to reach the brokers."""
    security = {} if isinstance(bootstrap, str) else bootstrap.security
    return {"bootstrap_servers": addresses(bootstrap), **security}
