"""The connection to Kafka."""

import socket
from collections.abc import Callable, Mapping
from typing import Any, Final

from kafka import KafkaProducer
from kafka.errors import KafkaConnectionError

from usage_client.records import LARGEST_RECORD, headers
from usage_client.spill import StoredBatch

_SECONDS_TO_REACH: Final = 3.0
_LAST_PORT: Final = 65_535
_DEFAULTS: Final[Mapping[str, object]] = {
    # Over the batches, whose buffers are compressed already: batches of few events are mostly Arrow's metadata.
    "compression_type": "zstd",
    "batch_size": 256 * 1024,
    "bootstrap_timeout_ms": 5_000,
    "request_timeout_ms": 10_000,
    "delivery_timeout_ms": 20_000,
    "max_block_ms": 5_000,
    "reconnect_backoff_max_ms": 2_000,
    "metadata_max_age_ms": 30_000,
}
_FIXED: Final[Mapping[str, object]] = {
    "acks": "all",
    # Batches are recognised by their own numbers, which outlive this connection.
    "enable_idempotence": False,
    "max_request_size": LARGEST_RECORD + 64 * 1024,
    "allow_auto_create_topics": False,
    "key_serializer": None,
    "value_serializer": None,
    # What the ingest remembers, it remembers by partition.
    "partitioner": KafkaProducer.DEFAULT_CONFIG["partitioner"],
}
# Producers of a process that was forked: they share its sockets, so nothing may ever end them here.
_of_the_parent: list[Any] = []


class Broker:
    """Makes a producer when asked to, and another one after trouble. For one thread."""

    def __init__(self, bootstrap_servers: str, topic: str, kafka_settings: Mapping[str, object]) -> None:
        taken = sorted(set(kafka_settings) & (_FIXED.keys() | {"bootstrap_servers"}))
        unknown = sorted(set(kafka_settings) - KafkaProducer.DEFAULT_CONFIG.keys())
        if taken or unknown:
            words = "is set by the client itself" if taken else "is no setting of kafka-python's KafkaProducer"
            raise ValueError(f"kafka_settings: {(taken or unknown)[0]} {words}")
        self._addresses = [address.strip() for address in bootstrap_servers.split(",")]
        for address in self._addresses:
            host, _, port = address.rpartition(":")
            if not host or not port.isdecimal() or int(port) > _LAST_PORT:
                raise ValueError(f"bootstrap_servers: {address!r} is not host:port")
        self._topic = topic
        self._settings = {**_DEFAULTS, **kafka_settings, **_FIXED}
        self._producer: Any = None

    def connect(self) -> None:
        """Raises KafkaError, or OSError."""
        if self._producer is not None:
            return
        # Asked first: a producer that finds nobody leaves sockets open.
        behind_proxy = self._settings.get("proxy_url") or self._settings.get("socks5_proxy")
        if not behind_proxy and not any(map(_listens, self._addresses)):
            raise KafkaConnectionError(f"nobody listens at {', '.join(self._addresses)}")
        self._producer = KafkaProducer(bootstrap_servers=self._addresses, **self._settings)
        # At the end of the process what was registered last runs first: its own would end it before the client has sent
        # what it has.
        self._producer._unregister_cleanup()

    def send(self, producer_id: str, batch: StoredBatch, value: bytes, done: Callable[[object], None]) -> Any:
        """Hands a batch over; the future says later what became of it, and calls `done`. Raises KafkaError."""
        sent = self._producer.send(
            self._topic, value=value, key=producer_id.encode(), headers=headers(producer_id, batch.sequence)
        )
        sent.add_both(done)
        return sent

    def disconnect(self) -> None:
        """Ends the producer at once, whatever it has not sent yet."""
        producer, self._producer = self._producer, None
        if producer is not None:
            # close() alone waits for records first, and gives up with its thread still running.
            producer._sender.force_close()
            producer.close(timeout=1)

    def forget(self) -> None:
        """In a forked process: leaves the parent's producer alone."""
        producer, self._producer = self._producer, None
        if producer is not None:
            producer._closed = True  # its own clean-up at exit and on deletion does nothing then
            _of_the_parent.append(producer)


def _listens(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_SECONDS_TO_REACH).close()
    except OSError:
        return False
    return True
