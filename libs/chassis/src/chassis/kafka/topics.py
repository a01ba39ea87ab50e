"""Topics: made by the service that owns them, told apart by their ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from types import TracebackType
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import TopicAlreadyExistsError

from chassis.kafka.connection import Bootstrap, connected
from chassis.logs import get_logger

# A consumer may be away for as long. The inbox remembers for longer (chassis.kafka.relay).
_DAYS_OF_EVENTS = 30


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as its owner wants it. `config` are Kafka's topic settings; by default, those of domain events."""

    name: str
    partitions: int
    config: Mapping[str, str] = field(default_factory=lambda: {"retention.ms": str(_DAYS_OF_EVENTS * 86_400_000)})


@dataclass(frozen=True, slots=True)
class OtherSetting:
    """A setting of a topic that is not as its owner wants it."""

    name: str
    theirs: str
    ours: str


class TopicAdmin:
    """A connection for looking at topics and making them. Raises KafkaError when there is none within its patience, or
    no answer to one request."""

    def __init__(self, bootstrap: Bootstrap, *, patience_ms: int = 30_000, request_ms: int = 30_000) -> None:
        self._client = connected(
            KafkaAdminClient,
            bootstrap,
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

    def other_settings(self, topic: Topic) -> list[OtherSetting] | None:
        """Settings of an existing topic that are not as `topic` wants them; None where the broker does not tell them:
        the account lacks DescribeConfigs. Nothing is altered: what is on the topic was written under its settings."""
        asked = ConfigResource(ConfigResourceType.TOPIC, topic.name, dict.fromkeys(topic.config))
        found = self._client.describe_configs([asked], config_filter="all")["topic"][topic.name]
        if topic.config and not found:
            return None
        theirs = {name: str(found[name]["value"]) for name in topic.config if name in found}
        return [
            OtherSetting(name, theirs.get(name, ""), ours)
            for name, ours in sorted(topic.config.items())
            if theirs.get(name) != ours
        ]

    def ids(self, names: Iterable[str]) -> dict[str, str]:
        """The ids of those topics that exist: others after one was deleted and made again."""
        present = sorted(set(names) & set(self._client.list_topics()))
        described: list[dict[str, Any]] = self._client.describe_topics(present) if present else []
        return {entry["name"]: str(entry["topic_id"]) for entry in described if not entry["error_code"]}


def ensure_topics(bootstrap: Bootstrap, topics: Iterable[Topic]) -> None:
    """Make the topics that do not exist, and say which settings of the others are not as they should be. Safe to run
    again, and at the same time as others."""
    wanted = list(topics)
    with TopicAdmin(bootstrap) as admin:
        admin.ensure(wanted)
        for topic in wanted:
            found = admin.other_settings(topic)
            if found is None:
                get_logger().warning("settings of the topic are not told: DescribeConfigs is missing", topic=topic.name)
            for each in found or ():
                what_to_do = f"kafka-configs --alter --topic {topic.name} --add-config {each.name}={each.ours}"
                get_logger().warning("another setting", topic=topic.name, **asdict(each), what_to_do=what_to_do)
