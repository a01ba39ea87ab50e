"""Computations of yesterday that are killed, cut off and doubled; somebody watches what readers see meanwhile."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from chassis.process import Stop
from chassis.sql.database import Database
from metrics.domain.health import POLICIES
from metrics.processes.compute import Compute
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.metrics.tests.oracle import Oracle
from services.metrics.tests.test_oracle_on_the_database import agree

from .moments import ANSWER, COMMIT, cut
from .schedule import Fault
from .world import World

_DOORS = ("compute", "recompute")
_SECONDS = 60.0
_SECONDS_TO_BEGIN = 8.0


def yesterday() -> date:
    """The day that is computed."""
    return datetime.now(UTC).date() - timedelta(days=1)


def disturbed(world: World, fault: Fault, at_its_time: Callable[..., bool]) -> bool:
    """Two processes compute the same day; one of them dies, or hears nothing, at the moment of the fault."""
    processes = world.processes
    day = yesterday().isoformat()
    for door in _DOORS:
        processes.start(door, "compute", "--day", day)

    def strike() -> None:
        if fault.moment not in (ANSWER, COMMIT) or fault.hold < 0.3:
            processes.kill(_DOORS[0])
        cut()

    here = Fault(fault.kind, _DOORS[0], fault.moment, fault.nth, fault.wait, fault.hold)
    with Watched(world.database, yesterday()) as watched:
        happened = at_its_time(here, strike, _SECONDS_TO_BEGIN)
        for door in _DOORS:
            code = processes.wait(door, _SECONDS)
            if code and (door != _DOORS[0] or not happened):
                world.faults.append(f"compute: {door} ended with {code}: {processes.last_words(door)}")
            if processes.is_alive(door):
                world.faults.append(f"compute: {door} does not end: {processes.last_words(door)}")
            processes.kill(door)
    world.faults += watched.torn
    return happened


class Watched:
    """Reads the visible generation again and again: its servers are all there and all ranked, at any moment."""

    def __init__(self, database: Database, day: date) -> None:
        self._database, self._day = database, day
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.torn: list[str] = []

    def __enter__(self) -> "Watched":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.02):
            try:
                with self._database.read() as connection:
                    row = connection.execute(_VISIBLE, {"day": self._day}).one_or_none()
            except DBAPIError:
                continue
            if row and (row.servers != row.present or row.unranked or not row.computed_at):
                self.torn.append(f"compute: a reader saw half of generation {row.generation}: {tuple(row)}")
                return


_VISIBLE = text(
    "SELECT generation, servers, computed_at,"
    " (SELECT count(*) FROM server_snapshots AS s WHERE s.generation = g.generation) AS present,"
    " (SELECT count(*) FROM server_snapshots AS s WHERE s.generation = g.generation AND ranked AND rank IS NULL)"
    " AS unranked FROM snapshots JOIN generations AS g USING (generation) WHERE snapshots.as_of = :day"
)


def check_snapshot(world: World, published: list[str]) -> None:
    """Computed now, the figures of the round's servers are the oracle's. Raises AssertionError.

    A computation that died keeps the portions it has done, and the next one of that day finishes it: only the one after
    that looks at everything anew.
    """
    events = [event for topic in world.topics for event in topic.events]
    mine = set(world.servers_of_round)
    oracle = Oracle([event for event in events if event["server_id"].lower() in mine], published)
    now = datetime.now(UTC)
    job = Compute(world.database, POLICIES["disconnect_rate"], lambda: now)
    job.day(yesterday(), Stop())
    try:
        agree(world.database, oracle, job, yesterday())
    except AssertionError as error:
        raise AssertionError(f"snapshot: {error}") from error
