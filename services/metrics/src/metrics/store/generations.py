"""Computations in progress: opened or joined, done portion by portion, shown at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql import bindparam

from metrics.domain.ranking import Standing
from metrics.domain.server_figures import ServerFigures
from metrics.store import servers, stored_figures

PORTION = 250
# Since a portion was last done.
STALE = timedelta(hours=1)


@dataclass(frozen=True)
class Portion:
    """Some servers of a generation, locked by whoever computes them."""

    number: int
    server_ids: Sequence[str]


def open_or_join(connection: Connection, as_of: date, policy: str, now: datetime) -> int:
    """The unfinished generation of a day: an existing one, or a new one where that has not gone on for long, or is of
    another policy."""
    abandon = text(
        "DELETE FROM generations WHERE as_of = :as_of AND computed_at IS NULL"
        " AND (policy <> :policy OR greatest(started_at, (SELECT max(done_at) FROM generation_portions AS p"
        " WHERE p.generation = generations.generation)) < :stale)"
    )
    connection.execute(abandon, {"as_of": as_of, "policy": policy, "stale": now - STALE})
    server_ids = servers.published(connection)
    values = {"as_of": as_of, "policy": policy, "now": now, "servers": len(server_ids)}
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
    "INSERT INTO generations (as_of, policy, started_at, servers) VALUES (:as_of, :policy, :now, :servers)"
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
    connection: Connection, generation: int, portion: Portion, figures: Sequence[ServerFigures], now: datetime
) -> None:
    """Keeps the figures of a portion."""
    rows = [
        {
            "generation": generation,
            "server_id": each.server_id,
            "health": each.health.value,
            "ranked": each.topline is not None,
            "active_30": each.users.active_30,
            "active_7": each.users.active_7,
            "active_previous_7": each.users.active_previous_7,
            "figures": stored_figures.to_bytes(each),
            **stored_figures.to_columns(each),
        }
        for each in figures
    ]
    connection.execute(_KEEP, rows)
    connection.execute(_KEEP_FIGURES, rows)
    done = text("UPDATE generation_portions SET done_at = :now WHERE generation = :generation AND portion = :portion")
    connection.execute(done, {"generation": generation, "portion": portion.number, "now": now})


_KEEP = text(
    "INSERT INTO server_snapshots (generation, server_id, health, ranked, active_30, active_7, active_previous_7,"
    " calls_30, error_rate_30, disconnect_rate_30, oldest_calls, oldest_active_users, oldest_error_rate)"
    " VALUES (:generation, :server_id, :health, :ranked, :active_30, :active_7, :active_previous_7,"
    " :calls_30, :error_rate_30, :disconnect_rate_30, :oldest_calls, :oldest_active_users, :oldest_error_rate)"
)
_KEEP_FIGURES = text(
    "INSERT INTO server_figures (generation, server_id, figures) VALUES (:generation, :server_id, :figures)"
)


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


def standings(connection: Connection, generation: int) -> list[Standing]:
    """What is compared between the servers of a generation."""
    statement = text(
        "SELECT server_id, ranked, active_30, active_7, active_previous_7 FROM server_snapshots"
        " WHERE generation = :generation"
    )
    return [
        Standing(str(r.server_id), r.ranked, r.active_30, r.active_7, r.active_previous_7)
        for r in connection.execute(statement, {"generation": generation})
    ]


def place(connection: Connection, generation: int, ranks: Mapping[str, int], trending: Sequence[str]) -> None:
    """Writes what comparing the servers gave."""
    by_rank = text(
        "UPDATE server_snapshots AS s SET rank = new.rank FROM unnest(CAST(:ids AS uuid[]), CAST(:ranks AS int[]))"
        " AS new (server_id, rank) WHERE s.generation = :generation AND s.server_id = new.server_id"
    )
    connection.execute(by_rank, {"generation": generation, "ids": list(ranks), "ranks": list(ranks.values())})
    by_growth = text(
        "UPDATE server_snapshots SET trending = true"
        " WHERE generation = :generation AND server_id = ANY(CAST(:ids AS uuid[]))"
    )
    connection.execute(by_growth, {"generation": generation, "ids": list(trending)})


def show(connection: Connection, generation: int, *, as_of: date, ranked: int, now: datetime) -> int:
    """Makes a generation the visible one of its day; the number of its servers."""
    finish_statement = text(
        "UPDATE generations SET computed_at = :now, ranked_servers = :ranked WHERE generation = :generation"
        " RETURNING (SELECT count(*) FROM server_snapshots WHERE generation = :generation)"
    )
    values = {"generation": generation, "now": now, "ranked": ranked}
    count = connection.execute(finish_statement, values).scalar_one()
    connection.execute(
        text("DELETE FROM generation_portions WHERE generation = :generation"), {"generation": generation}
    )
    flip = text(
        "INSERT INTO snapshots (as_of, generation) VALUES (:as_of, :generation)"
        " ON CONFLICT (as_of) DO UPDATE SET generation = excluded.generation"
    )
    connection.execute(flip, {"as_of": as_of, "generation": generation})
    return int(count)
