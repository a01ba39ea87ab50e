"""Whether a broker listens, asked before a client is made: kafka-python's clients leave sockets open when none does."""

from __future__ import annotations

import socket

from kafka.errors import KafkaConnectionError

from chassis.kafka.connection import Bootstrap, addresses
from chassis.setting_types import split_listen

_SECONDS = 3.0


def require_broker(bootstrap: Bootstrap, seconds: float = _SECONDS) -> None:
    """Raises KafkaConnectionError (a KafkaError) unless one of the brokers accepts a connection within that time."""
    if not any(_listens(address, seconds) for address in addresses(bootstrap)):
        raise KafkaConnectionError(",".join(addresses(bootstrap)))


def _listens(address: str, seconds: float) -> bool:
    try:
        socket.create_connection(split_listen(address.strip()), timeout=seconds).close()
    except OSError:
        return False
    return True
