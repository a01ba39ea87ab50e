"""Records of the usage topic that could not be read."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from metrics.store.offsets import DeadLetter

_COLUMNS = "topic_id, partition, position, arrived_us, content_type, value, reason, detail, key, headers"


def add(connection: Connection, letters: Iterable[DeadLetter]) -> None:
    """Keeps records, in the transaction that moves the offset beyond them."""
    rows = [asdict(letter) for letter in letters]
    if rows:
        values = ", ".join(f":{column}" for column in _COLUMNS.split(", "))
        statement = text(f"INSERT INTO usage_dead_letters ({_COLUMNS}) VALUES ({values})")  # noqa: S608
        connection.execute(statement.bindparams(bindparam("headers", type_=JSONB)), rows)


@dataclass(frozen=True)
class Chosen:
    """Which ones; None leaves a property open."""

    reason: str | None = None
    partition: int | None = None
    received_before: datetime | None = None


EVERY = Chosen()
# where an argument is null, its condition is: a cast tells its type
_CHOSEN = (
    "(CAST(:reason AS text) IS NULL OR reason = :reason)"
    " AND (CAST(:partition AS integer) IS NULL OR partition = :partition)"
    " AND (CAST(:received_before AS timestamptz) IS NULL OR received_at < :received_before)"
)


def newest(connection: Connection, limit: int, chosen: Chosen = EVERY) -> Sequence[Row[Any]]:
    """The last ones, without their values."""
    statement = text(
        "SELECT id, topic_id, partition, position, content_type, octet_length(value) AS bytes, reason, detail,"  # noqa: S608
        f" key, headers, received_at FROM usage_dead_letters WHERE {_CHOSEN} ORDER BY id DESC LIMIT :limit"
    )
    return connection.execute(statement, {"limit": limit, **asdict(chosen)}).all()


def by_reason(connection: Connection, chosen: Chosen) -> Sequence[Row[Any]]:
    """How many there are of each reason, how large, and from when to when; most first."""
    statement = text(
        "SELECT reason, count(*) AS letters, sum(octet_length(value)) AS bytes, min(received_at) AS first,"  # noqa: S608
        f" max(received_at) AS last FROM usage_dead_letters WHERE {_CHOSEN}"
        " GROUP BY reason ORDER BY letters DESC, reason"
    )
    return connection.execute(statement, asdict(chosen)).all()


def ids(connection: Connection, chosen: Chosen = EVERY) -> list[int]:
    """Their ids, oldest first."""
    statement = text(f"SELECT id FROM usage_dead_letters WHERE {_CHOSEN} ORDER BY id")  # noqa: S608
    return list(connection.execute(statement, asdict(chosen)).scalars())


def purge(connection: Connection, chosen: Chosen) -> int:
    """Removes them; how many. The ledger goes on saying that they were dead."""
    return connection.execute(text(f"DELETE FROM usage_dead_letters WHERE {_CHOSEN}"), asdict(chosen)).rowcount  # noqa: S608


def one(connection: Connection, letter_id: int, *, locked: bool = False) -> DeadLetter | None:
    """One, locked against a second replay where that is asked for; None when it is gone."""
    statement = f"SELECT {_COLUMNS} FROM usage_dead_letters WHERE id = :id{' FOR UPDATE' if locked else ''}"  # noqa: S608
    row = connection.execute(text(statement), {"id": letter_id}).one_or_none()
    return DeadLetter(**{**row._mapping, "value": bytes(row.value)}) if row else None


def remove(connection: Connection, letter_id: int) -> None:
    """After its events were counted."""
    connection.execute(text("DELETE FROM usage_dead_letters WHERE id = :id"), {"id": letter_id})
