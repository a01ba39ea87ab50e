"""What is thrown away, and when: everything here is a copy or a log."""

from __future__ import annotations

from typing import Final

from chassis.sql.database import Database
from sqlalchemy import text

# Portions keep each statement's time limit. An event can come again for as long as its topic keeps it: the inbox
# remembers for longer.
_PORTION: Final = 5_000
_RULES: Final = (
    ("mails", "state <> 'waiting' AND created_at < now() - interval '90 days'"),
    ("deliveries", "created_at < now() - interval '30 days'"),
    (
        "activities",
        "occurred_at < now() - interval '400 days'"
        " AND NOT EXISTS (SELECT FROM mails WHERE mails.activity_id = activities.activity_id)",
    ),
    ("inbox", "received_at < now() - interval '60 days'"),
    ("idempotency_keys", "created_at < now() - interval '2 days'"),
)


def purge(database: Database) -> None:
    """Deletes what is too old, a portion at a time."""
    for table, old in _RULES:
        statement = text(
            f"DELETE FROM {table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table} WHERE {old} LIMIT {_PORTION}))"  # noqa: S608  # only constants
        )
        while database.run(lambda uow, statement=statement: uow.execute(statement).rowcount) == _PORTION:  # type: ignore[misc]
            pass
