"""Computing the snapshot of a day. Any number of processes may do it at once, and any may die at any point."""

import gc
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from multiprocessing import get_context

from chassis import clock
from chassis.clock import Clock
from chassis.ids import new_id
from chassis.logs import get_logger
from chassis.process import Stop
from chassis.sql.database import Database, UnitOfWork
from directory.metrics.v1.metrics_events_pb2 import HealthChanged, MetricsEvent, SnapshotPublished
from sqlalchemy import Connection, text

from metrics.domain.health import POLICIES, HealthPolicy
from metrics.domain.ranking import ranks, trending
from metrics.domain.server_figures import server_figures
from metrics.domain.windows import day_number
from metrics.store import generations
from metrics.store.generations import ChangedHealth
from metrics.store.message_enums import health_message
from metrics.store.usage_windows import usage_of

TOPIC = "directory.metrics.v1"
_SECONDS_FOR_OTHERS = 0.2
# An account's map reaches 63 days back from its last one; a 30-day window must fit into it.
FURTHEST_BACK = timedelta(days=33)


class OutOfReach(ValueError):  # noqa: N818  # a fact about the day, not a fault
    """A day that is not over, or longer ago than the account maps can tell."""


class Compute:
    """Turns rollups into snapshots under one health policy; with more than one worker, in as many processes."""

    def __init__(self, database: Database, policy: HealthPolicy, now: Clock, *, workers: int = 1) -> None:
        self._database, self._policy, self._clock, self._workers = database, policy, now, workers

    def day(self, as_of: date, stop: Stop, *, complete: bool = True) -> int | None:
        """Computes and shows a new generation of a day; None when told to stop before, or given up by another process.

        1. Open a generation, or join one that another process began.
        2. Take portions of servers, one transaction each, until none is left.
        3. Compare the servers, write the events, show the generation: one transaction.

        `complete` is false before everything of the day is counted: it is computed again then (processes/daily.py).
        Raises OutOfReach.
        """
        generation = self.open(as_of, complete=complete)
        if not self.portions(generation, as_of, stop):
            return None
        if self.publish(generation, as_of):
            return generation
        get_logger().warning("another process gave this computation up", as_of=as_of.isoformat())
        return None

    def open(self, as_of: date, *, complete: bool = True) -> int:
        """Opens the generation of a day, or joins it."""
        today = self._clock().date()
        if not today - FURTHEST_BACK <= as_of < today:
            raise OutOfReach(f"{as_of} is not one of the last {FURTHEST_BACK.days} complete days")

        def work(uow: UnitOfWork) -> int:
            _take_time(uow.connection)
            now = self._clock()
            return generations.open_or_join(uow.connection, as_of, self._policy.label, now, complete=complete)

        return self._database.run(work)

    def portions(self, generation: int, as_of: date, stop: Stop) -> bool:
        """Takes portions until all are done, by whomever; false when told to stop before."""
        with self._other_workers(generation, as_of):
            while not stop.is_set():
                if self.portion(generation, as_of):
                    continue
                if not self._unfinished(generation):
                    return True
                stop.wait(_SECONDS_FOR_OTHERS)  # somebody is at them, or died and lets go of them
        return False

    def portion(self, generation: int, as_of: date) -> bool:
        """Computes some servers that nobody else is at; false when there are none."""

        def work(uow: UnitOfWork) -> bool:
            _take_time(uow.connection)
            portion = generations.claim(uow.connection, generation)
            if portion is None:
                return False
            number = day_number(as_of)
            with _no_collection():
                # a second connection that sees one moment: calls and users of a server must agree
                with self._database.read() as moment:
                    _take_time(moment)
                    usage = usage_of(moment, portion.server_ids, number)
                figures = server_figures(usage, number, self._policy)
                generations.finish(uow.connection, generation, portion, figures, self._clock())
            return True

        return self._database.run(work)

    @contextmanager
    def _other_workers(self, generation: int, as_of: date) -> Iterator[None]:
        """Processes that take portions too. Nobody watches them: what one had that dies is free for the others."""
        count = min(self._workers, self._unfinished(generation)) - 1
        # spawned, not forked: a fork would share this process's connections and the locks of its threads
        process, given = get_context("spawn").Process, (self._database.url, self._policy.name, generation, as_of)
        workers = [process(target=_take_portions, args=given, daemon=True) for _ in range(count)]
        for worker in workers:
            worker.start()
        try:
            yield
        finally:
            for worker in workers:
                worker.terminate()
                worker.join()

    def _unfinished(self, generation: int) -> int:
        return self._database.run_read(lambda c: generations.unfinished_portions(c, generation))

    def publish(self, generation: int, as_of: date) -> bool:
        """Shows a generation whose portions are done; whether it is shown, be it by another process that had a share
        in it."""
        return self._database.run(lambda uow: self._publish(uow, generation, as_of))

    def _publish(self, uow: UnitOfWork, generation: int, as_of: date) -> bool:
        _take_time(uow.connection)
        state = generations.lock(uow.connection, generation)
        if state != "open":
            return state == "shown"
        server_ids, standings = generations.standings(uow.connection, generation)
        generations.place(uow.connection, generation, server_ids, ranks(standings).tolist())
        growing = [server_ids[place] for place in trending(standings).tolist()]
        generations.tag_trending(uow.connection, generation, growing)
        now = self._clock()
        changed = generations.changed_health(uow.connection, generation)
        uow.emit_all(TOPIC, ((each.server_id, _health_changed(each, now)) for each in changed))
        generations.show(uow.connection, generation, as_of=as_of, ranked=len(server_ids), now=now)
        event = _event(now)
        event.snapshot_published.CopyFrom(
            SnapshotPublished(as_of=as_of.isoformat(), generation=generation, servers=len(server_ids))
        )
        uow.emit(TOPIC, "snapshot", event)
        get_logger().info("snapshot", as_of=as_of.isoformat(), generation=generation, servers=len(server_ids))
        return True


def _take_portions(url: str, policy: str, generation: int, as_of: date) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process of a terminal; the first one decides
    with Database(url, "metrics-compute", pool_size=2) as database:
        compute = Compute(database, POLICIES[policy], clock.now)
        while compute.portion(generation, as_of):
            pass


@contextmanager
def _no_collection() -> Iterator[None]:
    """A portion makes a million objects and no cycles: looking for some among them again and again would be a third of
    its time in Python."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _take_time(connection: Connection) -> None:
    """The limits of requests are too short here. Compiling plans, or workers of the database's own, gain nothing in
    portions; spilling what is grouped costs."""
    connection.execute(
        text(
            "SET LOCAL statement_timeout = '300s'; SET LOCAL lock_timeout = '60s';"
            " SET LOCAL idle_in_transaction_session_timeout = '300s';"
            " SET LOCAL jit = off; SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL work_mem = '64MB'"
        )
    )


def _health_changed(changed: ChangedHealth, now: datetime) -> MetricsEvent:
    event = _event(now, changed.server_id)
    badges = {"from": health_message(changed.before), "to": health_message(changed.after)}
    event.health_changed.CopyFrom(HealthChanged(**badges, organization_id=changed.organization_id))
    return event


def _event(now: datetime, server_id: str = "") -> MetricsEvent:
    event = MetricsEvent(event_id=new_id(), server_id=server_id)
    event.occurred_at.FromDatetime(now)
    return event
