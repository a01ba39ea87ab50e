"""What the database says, in the form of `expected`: everything in one moment of it."""

import struct
from collections import Counter
from collections.abc import Mapping

from chassis.sql.database import Database
from sqlalchemy import Connection, text

from .expected import Figures

_MEASURES = ("calls", "tool_errors", "request_errors")
_TABLES = {
    "server": ("", (*_MEASURES, "auth_rejected", "http_4xx", "http_5xx", "messages", "removals")),
    "product": ("product", _MEASURES),
    "tool": ("tool", _MEASURES),
    "error_type": ("error_type", ("calls",)),
}


def found(database: Database) -> tuple[Mapping[str, Mapping[int, int]], Figures]:
    """The next offsets by topic id, and all figures."""
    with database.read() as connection:
        offsets: dict[str, dict[int, int]] = {}
        for row in connection.execute(text("SELECT topic_id, partition, next_offset FROM usage_offsets")):
            offsets.setdefault(str(row.topic_id), {})[row.partition] = row.next_offset
        return offsets, _figures(connection)


def _figures(connection: Connection) -> Figures:
    figures: Figures = Counter()
    for topic, partition, entry, amount in connection.execute(
        text("SELECT topic_id, partition, entry, amount FROM usage_ledger")
    ):
        figures["ledger", str(topic), partition, entry] += amount
    for topic, partition, position, reason in connection.execute(
        text("SELECT topic_id, partition, position, reason FROM usage_dead_letters")
    ):
        figures["letter", str(topic), partition, position, reason] += 1
    for kind, (name, measures) in _TABLES.items():
        columns = ", ".join(("server_id", "day", *([name] if name else []), *measures))
        for row in connection.execute(text(f"SELECT {columns} FROM usage_{kind}_days")):
            key = (kind, str(row.server_id), row.day.toordinal(), *([getattr(row, name)] if name else []))
            for measure in measures:
                figures[*key, measure] += int(getattr(row, measure))
    for row in connection.execute(text("SELECT server_id, day, product, durations FROM usage_product_days")):
        for bucket, calls in struct.iter_unpack("<HQ", row.durations):
            figures["durations", str(row.server_id), row.day.toordinal(), row.product, bucket] += calls
    for row in connection.execute(
        text("SELECT server_id, account, last_day, called, active, removed FROM server_accounts")
    ):
        for name in ("called", "active", "removed"):
            for age in range(64):
                if getattr(row, name) >> age & 1:
                    day = row.last_day.toordinal() - age
                    figures["account", str(row.server_id), row.account % 2**64, day, name] += 1
    return Counter({key: count for key, count in figures.items() if count})
