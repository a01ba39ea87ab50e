"""Removing what no figure needs any more."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

from chassis.sql.database import Database
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

# Accounts as far back as their maps reach: the oldest day that may be computed again has windows of 62 days ago.
ACCOUNT_DAYS, ROLLUP_DAYS, PRODUCER_DAYS, FIGURE_DAYS, SNAPSHOT_DAYS = 64, 64, 35, 35, 400
# Replayed later, a dead letter would count on days that no figure looks at any more.
LETTER_DAYS = ROLLUP_DAYS
PAGES = 2_000
_BATCH = 20_000

_BY_DAY = {
    "usage_server_days": ("day", ROLLUP_DAYS),
    "usage_product_days": ("day", ROLLUP_DAYS),
    "usage_tool_days": ("day", ROLLUP_DAYS),
    "usage_error_type_days": ("day", ROLLUP_DAYS),
    "usage_producers": ("moved_at", PRODUCER_DAYS),
    "usage_dead_letters": ("received_at", LETTER_DAYS),
    "snapshots": ("as_of", SNAPSHOT_DAYS),
}


def purge(database: Database, today: date) -> dict[str, int]:
    """Removes rows by age, many small transactions; returns how many of each table.

    A table that fails keeps no other from its turn; the first failure is raised when all had theirs.
    """
    removed, failures = {}, []
    for table, step in _steps(database, today).items():
        try:
            removed[table] = step()
        except SQLAlchemyError as error:
            failures.append(error)
    if failures:
        raise failures[0]
    return removed


def _steps(database: Database, today: date) -> dict[str, Callable[[], int]]:
    steps: dict[str, Callable[[], int]] = {
        table: partial(_in_batches, database, _old_rows(table, column), today - timedelta(days=days))
        for table, (column, days) in _BY_DAY.items()
    }
    steps["server_figures"] = partial(_in_batches, database, _OLD_FIGURES, today - timedelta(days=FIGURE_DAYS))
    steps["generations"] = partial(_in_batches, database, _HIDDEN_GENERATIONS, today)
    steps["server_accounts"] = partial(_old_accounts, database, today - timedelta(days=ACCOUNT_DAYS))
    return steps


def _old_rows(table: str, column: str) -> str:
    # the age is asked for twice: a row may have been renewed while the deletion waited for its lock
    return (
        f"DELETE FROM {table} WHERE {column} < :before AND ctid = ANY(ARRAY("  # noqa: S608  # names of our own tables
        f"SELECT ctid FROM {table} WHERE {column} < :before LIMIT {_BATCH}))"
    )


# Replaced by a later one of the same day, past the time of any reader, or given up.
_HIDDEN_GENERATIONS = """
    DELETE FROM generations WHERE generation IN (
        SELECT generation FROM generations LEFT JOIN snapshots USING (generation)
        WHERE snapshots.generation IS NULL AND coalesce(computed_at, started_at + interval '1 day') < :before LIMIT 1)
"""


# A generation of as many servers as there are is some seconds' work.
_OLD_FIGURES = """
    DELETE FROM server_figures WHERE generation = (
        SELECT generation FROM snapshots WHERE as_of < :before
            AND EXISTS (SELECT FROM server_figures WHERE server_figures.generation = snapshots.generation)
        ORDER BY as_of LIMIT 1)
"""


def _in_batches(database: Database, statement: str, before: date) -> int:
    removed = 0
    while count := _delete(database, statement, before=before):
        removed += count
    return removed


def _old_accounts(database: Database, before: date) -> int:
    """Walks the table page by page: an index on `last_day` would cost each account's first event of a day more."""
    with database.read() as connection:
        size = "SELECT pg_relation_size('server_accounts') / current_setting('block_size')::int"
        pages = int(connection.execute(text(size)).scalar_one())
    return sum(
        _delete(database, _OLD_ACCOUNTS, before=before, first=f"({first},0)", end=f"({first + PAGES},0)")
        for first in range(0, pages, PAGES)
    )


_OLD_ACCOUNTS = (
    "DELETE FROM server_accounts WHERE last_day < :before AND ctid >= CAST(:first AS tid) AND ctid < CAST(:end AS tid)"
)


def _delete(database: Database, statement: str, **values: Any) -> int:
    with database.transaction() as uow:
        uow.execute(text("SET LOCAL statement_timeout = '120s'"))
        count = uow.execute(text(statement), values).rowcount
        uow.commit()
    return count
