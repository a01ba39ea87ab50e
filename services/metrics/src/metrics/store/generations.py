"""Computations in progress: opened or joined, done portion by portion, shown at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql import bindparam

from metrics.domain.health import Health
from metrics.domain.ranking import Standings
from metrics.domain.server_figures import ServerFigures
from metrics.store import servers
from metrics.store.bulk_rows import columns, copy_into
from metrics.store.stored_figures import TOPLINE, to_bytes, to_columns

PORTION = 4_000
# Since a portion was last done.
STALE = timedelta(hours=1)


@dataclass(frozen=True)
class Portion:
    """Some servers of a generation, locked by whoever computes them."""

    number: int
    server_ids: Sequence[str]


def open_or_join(connection: Connection, as_of: date, policy: str, now: datetime, *, complete: bool = True) -> int:
    """The unfinished generation of a day: an existing one, or a new one where that has not gone on for long, or is of
    another policy. `complete`: all of the day is counted."""
    abandon = text(
        "DELETE FROM generations WHERE as_of = :as_of AND computed_at IS NULL"
        " AND (policy <> :policy OR greatest(started_at, (SELECT max(done_at) FROM generation_portions AS p"
        " WHERE p.generation = generations.generation)) < :stale)"
    )
    connection.execute(abandon, {"as_of": as_of, "policy": policy, "stale": now - STALE})
    server_ids = servers.published(connection)
    values = {"as_of": as_of, "policy": policy, "now": now, "servers": len(server_ids), "complete": complete}
    while (opened := connection.execute(_OPEN, values).scalar_one_or_none()) is None:
        found = connection.execute(_UNFINISHED, {"as_of": as_of}).scalar_one_or_none()
        if found is not None:
            return int(found)
        # the one that was in the way was shown or given up just now
    portions = [server_ids[start : start + PORTION] for start in range(0, len(server_ids), PORTION)]
    rows = [{"generation": opened, "portion": n, "server_ids": ids} for n, ids in enumerate(portions)]
    if rows:
        connection.execute(_ADD_PORTION, rows)
    return int(opened)


_OPEN = text(
    "INSERT INTO generations (as_of, policy, started_at, servers, complete)"
    " VALUES (:as_of, :policy, :now, :servers, :complete)"
    " ON CONFLICT (as_of) WHERE computed_at IS NULL DO NOTHING RETURNING generation"
)
_UNFINISHED = text("SELECT generation FROM generations WHERE as_of = :as_of AND computed_at IS NULL")
_ADD_PORTION = text(
    "INSERT INTO generation_portions (generation, portion, server_ids) VALUES (:generation, :portion, :server_ids)"
).bindparams(bindparam("server_ids", type_=JSONB))


def claim(connection: Connection, generation: int) -> Portion | None:
    """A portion that nobody else computes now; it is free again when the transaction ends without `finish`."""
    row = connection.execute(_CLAIM, {"generation": generation}).one_or_none()
    return Portion(row.portion, row.server_ids) if row else None


_CLAIM = text(
    "SELECT portion, server_ids FROM generation_portions WHERE generation = :generation AND done_at IS NULL"
    " ORDER BY portion LIMIT 1 FOR UPDATE SKIP LOCKED"
)


def finish(
    connection: Connection, generation: int, portion: Portion, figures: Iterable[ServerFigures], now: datetime
) -> None:
    """Keeps the figures of a portion."""
    kept = [(UUID(each.server_id), to_columns(each), to_bytes(each)) for each in figures]
    toplines = ((generation, server_id, *topline) for server_id, topline, _ in kept)
    copy_into(connection, "server_snapshots", {"generation": "int8", "server_id": "uuid", **TOPLINE}, toplines)
    whole = ((generation, server_id, stored) for server_id, _, stored in kept)
    copy_into(connection, "server_figures", {"generation": "int8", "server_id": "uuid", "figures": "bytea"}, whole)
    done = text("UPDATE generation_portions SET done_at = :now WHERE generation = :generation AND portion = :portion")
    connection.execute(done, {"generation": generation, "portion": portion.number, "now": now})


def unfinished_portions(connection: Connection, generation: int) -> int:
    """How many portions are not done, claimed ones included."""
    statement = text("SELECT count(*) FROM generation_portions WHERE generation = :generation AND done_at IS NULL")
    return int(connection.execute(statement, {"generation": generation}).scalar_one())


def lock(connection: Connection, generation: int) -> str:
    """Locks a generation for publishing: `open`; or says that another process did with it: `shown`, `given up`."""
    statement = text("SELECT computed_at FROM generations WHERE generation = :generation FOR UPDATE")
    row = connection.execute(statement, {"generation": generation}).one_or_none()
    if row is None:
        return "given up"
    return "open" if row.computed_at is None else "shown"


def standings(connection: Connection, generation: int) -> tuple[list[UUID], Standings]:
    """What is compared between the servers of a generation, in order of their ids."""
    query = """
        SELECT server_id, active_30, active_7, active_previous_7 FROM server_snapshots
        WHERE generation = %(generation)s ORDER BY server_id
    """
    names = ("server_id", "active_30", "active_7", "active_previous_7")
    server_ids, *users = columns(connection, query, {"generation": generation}, names)
    return server_ids, Standings(*users)


def place(connection: Connection, generation: int, server_ids: Sequence[UUID], ranks: Sequence[int]) -> None:
    """Writes each server's rank; a suppressed one takes its place as every other, but does not show it."""
    statement = text(
        "UPDATE server_snapshots AS s SET rank = new.rank FROM unnest(CAST(:ids AS uuid[]), CAST(:ranks AS int[]))"
        " AS new (server_id, rank) WHERE generation = :generation AND s.server_id = new.server_id AND ranked"
    )
    connection.execute(statement, {"generation": generation, "ids": list(server_ids), "ranks": list(ranks)})


def tag_trending(connection: Connection, generation: int, server_ids: Sequence[UUID]) -> None:
    """Tags the servers that grow most."""
    statement = text(
        "UPDATE server_snapshots SET trending = true WHERE generation = :generation AND server_id = ANY(:ids)"
    )
    connection.execute(statement, {"generation": generation, "ids": list(server_ids)})


@dataclass(frozen=True)
class ChangedHealth:
    """A server whose badge is not what was told last."""

    server_id: str
    organization_id: str
    before: Health
    after: Health


def changed_health(connection: Connection, generation: int) -> list[ChangedHealth]:
    """The published servers whose badges change when a generation is shown, in order of their ids.

    Told is what all of its day is counted in, day after day: nothing of a generation that is not complete, or is of an
    earlier day than what was told last.
    """
    rows = connection.execute(_CHANGED_HEALTH, {"generation": generation, "unknown": Health.COLLECTING.value})
    return [ChangedHealth(str(r.server_id), str(r.organization_id), Health(r.before), Health(r.after)) for r in rows]


_CHANGED_HEALTH = text(
    """
    WITH told AS (SELECT generation, as_of FROM generations WHERE complete AND computed_at IS NOT NULL
        ORDER BY as_of DESC, computed_at DESC, generation DESC LIMIT 1)
    SELECT new.server_id, organization_id, coalesce(old.health, :unknown) AS before, new.health AS after
    FROM generations AS shown JOIN server_snapshots AS new USING (generation) JOIN servers USING (server_id)
        LEFT JOIN told ON true
        LEFT JOIN server_snapshots AS old ON old.server_id = new.server_id AND old.generation = told.generation
    WHERE shown.generation = :generation AND complete AND published AND shown.as_of >= coalesce(told.as_of, shown.as_of)
        AND new.health <> coalesce(old.health, :unknown) ORDER BY new.server_id
    """
)


def show(connection: Connection, generation: int, *, as_of: date, ranked: int, now: datetime) -> None:
    """Makes a generation the visible one of its day."""
    finished = text(
        "UPDATE generations SET computed_at = :now, ranked_servers = :ranked WHERE generation = :generation"
    )
    portions = text("DELETE FROM generation_portions WHERE generation = :generation")
    flip = text(
        "INSERT INTO snapshots (as_of, generation) VALUES (:as_of, :generation)"
        " ON CONFLICT (as_of) DO UPDATE SET generation = excluded.generation"
    )
    values = {"generation": generation, "now": now, "ranked": ranked, "as_of": as_of}
    for statement in (finished, portions, flip):
        connection.execute(statement, values)
