"""Whether ingest has counted what arrived before a moment: a day's snapshot waits for it."""

from datetime import UTC, datetime

from chassis.kafka.connection import Bootstrap
from chassis.sql.database import Database
from kafka.errors import KafkaError

from metrics.processes.pipeline import pipeline_state


class Uncounted:
    """Compares what Kafka has with what the database says is counted."""

    def __init__(self, database: Database, bootstrap: Bootstrap, *, topic: str, group: str) -> None:
        self._database, self._bootstrap, self._topic, self._group = database, bootstrap, topic, group

    def __call__(self, before: datetime) -> str:
        """Why not everything is counted that reached the broker before a moment of the past; empty when it is.

        Exact, but for the clocks: an arrival has the broker's.
        """
        try:
            with self._database.read() as connection:
                state = pipeline_state(connection, self._bootstrap, self._topic, self._group)
        except (KafkaError, LookupError) as error:
            return f"Kafka does not say what there is: {error!r}"
        behind = [
            str(each.partition)
            for each in state.partitions
            if each.lag_records and (each.oldest_unread_at is None or each.oldest_unread_at < before)
        ]
        if not behind:
            return ""
        return f"records from before {before.astimezone(UTC):%Y-%m-%d %H:%M} wait in partitions {', '.join(behind)}"
