"""Removing what no figure needs any more."""

from datetime import date, timedelta

from chassis.sql.database import Database
from sqlalchemy import text

ACCOUNT_DAYS, ROLLUP_DAYS, PRODUCER_DAYS, SNAPSHOT_DAYS = 35, 64, 35, 400
_BATCH = 20_000

_BY_DAY = {
    "server_accounts": ("last_day", ACCOUNT_DAYS),
    "usage_server_days": ("day", ROLLUP_DAYS),
    "usage_product_days": ("day", ROLLUP_DAYS),
    "usage_tool_days": ("day", ROLLUP_DAYS),
    "usage_error_type_days": ("day", ROLLUP_DAYS),
    "usage_producers": ("moved_at", PRODUCER_DAYS),
    "snapshots": ("as_of", SNAPSHOT_DAYS),
}


def purge(database: Database, today: date) -> dict[str, int]:
    """Removes rows by age, many small transactions; returns how many of each table."""
    removed = {
        table: _in_batches(
            database,
            f"DELETE FROM {table} WHERE ctid = ANY(ARRAY("  # noqa: S608  # names of our own tables
            f"SELECT ctid FROM {table} WHERE {column} < :before LIMIT {_BATCH}))",
            today - timedelta(days=days),
        )
        for table, (column, days) in _BY_DAY.items()
    }
    removed["generations"] = _in_batches(database, _HIDDEN_GENERATIONS, today)
    return removed


# Replaced by a later one of the same day, past the time of any reader, or given up.
_HIDDEN_GENERATIONS = """
    DELETE FROM generations WHERE generation IN (
        SELECT generation FROM generations LEFT JOIN snapshots USING (generation)
        WHERE snapshots.generation IS NULL AND coalesce(computed_at, started_at + interval '1 day') < :before LIMIT 5)
"""


def _in_batches(database: Database, statement: str, before: date) -> int:
    removed = 0
    while True:
        with database.transaction() as uow:
            uow.execute(text("SET LOCAL statement_timeout = '120s'"))
            count = uow.execute(text(statement), {"before": before}).rowcount
            uow.commit()
        removed += count
        if not count:
            return removed
