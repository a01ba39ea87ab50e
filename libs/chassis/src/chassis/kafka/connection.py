"""Where Kafka is, and how clients show who they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kafka.net.compat import KafkaNetClient


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


def connected(make: Callable[..., Any], bootstrap: Bootstrap, **settings: Any) -> Any:
    """A consumer or an admin client of kafka-python; `make` is its class. Raises KafkaError.

    Where a broker accepts and does not answer, the constructor fails and leaves behind a thread and sockets that
    nobody can close any more: here they are closed.
    """
    begun: list[Any] = []

    def begin(**config: Any) -> Any:
        begun.append(KafkaNetClient(**config))
        return begun[-1]

    try:
        return make(**client_settings(bootstrap), kafka_client=begin, **settings)
    except BaseException:
        for client in begun:
            client.close()
        raise
