"""Whether ingest has counted what arrived before a moment: a day's snapshot waits for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from chassis.kafka.connection import Bootstrap
from chassis.sql.database import Database
from kafka.errors import KafkaError

from metrics.processes.unread import current_topic_id, unread
from metrics.store import offsets

_NOT_SAID = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Backlog:
    """What was not counted at a moment: of partitions that are behind, when their oldest unread record arrived.

    `unknown` says why that cannot be told, where it cannot.
    """

    seen_at: datetime
    oldest: Mapping[int, datetime] = field(default_factory=dict)
    unknown: str = ""

    def before(self, moment: datetime) -> str:
        """Why not everything is counted that reached the broker before a moment; empty when it is.

        Exact, but for the clocks: an arrival has the broker's.
        """
        said = f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"
        if moment > self.seen_at:
            return f"records may arrive until {said}"
        behind = [str(partition) for partition, at in sorted(self.oldest.items()) if at < moment]
        if behind and not self.unknown:
            return f"records from before {said} wait in partitions {', '.join(behind)}"
        return self.unknown


class Uncounted:
    """Compares what Kafka has with what the database says is counted."""

    def __init__(self, database: Database, bootstrap: Bootstrap, *, topic: str) -> None:
        self._database, self._bootstrap, self._topic = database, bootstrap, topic

    def __call__(self, now: datetime) -> Backlog:
        """One look. The database is asked first and waits for nothing: what is counted meanwhile is still told."""
        places = self._database.run_read(offsets.next_offsets)
        try:
            current = current_topic_id(self._bootstrap, self._topic)
            found = unread(self._bootstrap, self._topic, places.get(current, {}))
        except (KafkaError, LookupError) as error:
            return Backlog(now, unknown=f"Kafka does not say what there is: {error!r}")
        return Backlog(
            now,
            {
                partition: _NOT_SAID if each.removed else each.oldest_at or _NOT_SAID
                for partition, each in found.items()
                if each.lag or each.removed
            },
        )
