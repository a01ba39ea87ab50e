"""Topics: made by the service that owns them, told apart by their ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from kafka import KafkaAdminClient
from kafka.errors import TopicAlreadyExistsError

from chassis.kafka.connection import Bootstrap, client_settings

# A consumer may be away for as long. The inbox remembers for longer (chassis.kafka.relay).
_DAYS_OF_EVENTS = 30


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as its owner wants it. `config` are Kafka's topic settings; by default, those of domain events."""

    name: str
    partitions: int
    config: Mapping[str, str] = field(default_factory=lambda: {"retention.ms": str(_DAYS_OF_EVENTS * 86_400_000)})


class TopicAdmin:
    """A connection for looking at topics and making them. Raises KafkaError when there is none within its patience, or
    no answer to one request."""

    def __init__(self, bootstrap: Bootstrap, *, patience_ms: int = 30_000, request_ms: int = 30_000) -> None:
        self._client = KafkaAdminClient(
            **client_settings(bootstrap),
            bootstrap_timeout_ms=patience_ms,
            request_timeout_ms=request_ms,
            reconnect_backoff_max_ms=2_000,
        )

    def __enter__(self) -> TopicAdmin:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def ensure(self, topics: Iterable[Topic]) -> None:
        """Make the topics that do not exist, with the broker's default replication."""
        wanted = {topic.name: topic for topic in topics}
        for name in set(wanted) - set(self._client.list_topics()):
            topic = wanted[name]
            settings = {"num_partitions": topic.partitions, "replication_factor": -1, "configs": dict(topic.config)}
            try:
                self._client.create_topics({name: settings}, wait_for_metadata=True)
            except TopicAlreadyExistsError:
                continue  # another replica was quicker

    def ids(self, names: Iterable[str]) -> dict[str, str]:
        """The ids of those topics that exist."""
        present = sorted(set(names) & set(self._client.list_topics()))
        described: list[dict[str, Any]] = self._client.describe_topics(present) if present else []
        return {entry["name"]: str(entry["topic_id"]) for entry in described if not entry["error_code"]}


def ensure_topics(bootstrap: Bootstrap, topics: Iterable[Topic]) -> None:
    """Make the topics that do not exist. Safe to run again, and at the same time as others."""
    with TopicAdmin(bootstrap) as admin:
        admin.ensure(topics)


def topic_id(bootstrap: Bootstrap, name: str) -> str:
    """The id of a topic: another one after it was deleted and made again. Raises LookupError if there is none."""
    with TopicAdmin(bootstrap) as admin:
        ids = admin.ids([name])
    if name not in ids:
        raise LookupError(f"there is no topic {name}")
    return ids[name]
