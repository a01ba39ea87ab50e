"""Records of the usage topic that could not be read."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, text

from metrics.store.offsets import DeadLetter

_COLUMNS = "topic_id, partition, position, arrived_us, content_type, value, reason, detail"


def add(connection: Connection, letters: Iterable[DeadLetter]) -> None:
    """Keeps records, in the transaction that moves the offset beyond them."""
    rows = [asdict(letter) for letter in letters]
    if rows:
        values = ", ".join(f":{column}" for column in _COLUMNS.split(", "))
        connection.execute(text(f"INSERT INTO usage_dead_letters ({_COLUMNS}) VALUES ({values})"), rows)  # noqa: S608


def newest(connection: Connection, limit: int) -> Sequence[Row[Any]]:
    """The last ones, without their values."""
    statement = text(
        "SELECT id, topic_id, partition, position, content_type, octet_length(value) AS bytes, reason, detail,"
        " received_at FROM usage_dead_letters ORDER BY id DESC LIMIT :limit"
    )
    return connection.execute(statement, {"limit": limit}).all()


def ids(connection: Connection) -> list[int]:
    """All of them, oldest first."""
    return list(connection.execute(text("SELECT id FROM usage_dead_letters ORDER BY id")).scalars())


def locked(connection: Connection, letter_id: int) -> DeadLetter | None:
    """One, locked against a second replay; None when it is gone."""
    statement = text(f"SELECT {_COLUMNS} FROM usage_dead_letters WHERE id = :id FOR UPDATE")  # noqa: S608
    row = connection.execute(statement, {"id": letter_id}).one_or_none()
    return DeadLetter(**{**row._mapping, "value": bytes(row.value)}) if row else None


def remove(connection: Connection, letter_id: int) -> None:
    """After its events were counted."""
    connection.execute(text("DELETE FROM usage_dead_letters WHERE id = :id"), {"id": letter_id})
