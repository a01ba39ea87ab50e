"""What frameworks are given for Arrow batches: the service's own decoding, sums and merge into PostgreSQL."""

import time

from metrics.domain.arrow_limits import RecordLimits
from metrics.domain.rollup_deltas import UsageDeltas
from metrics.domain.usage_columns import UsageColumns, decode_arrow
from metrics.store.rollups import merge
from sqlalchemy import create_engine


def columns_of(value: bytes) -> UsageColumns:
    """The events of a record."""
    return decode_arrow(value, RecordLimits())


class ArrowRollup:
    """Gathers columns, and adds their sums to the rollups in one transaction."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        self._engine.connect().close()
        self._deltas = UsageDeltas()

    @property
    def events(self) -> int:
        """How many wait to be written."""
        return self._deltas.events

    def gather(self, columns: UsageColumns) -> None:
        """Takes the events of a record that count."""
        self._deltas.add(columns, time.time_ns() // 1000)

    def write(self) -> None:
        """Writes what was gathered."""
        if self._deltas.events:
            with self._engine.begin() as connection:
                merge(connection, self._deltas.reduce())
            self._deltas.written()
