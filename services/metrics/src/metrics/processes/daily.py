"""The daemon: computes a day soon after it is over, catches up on days that are missing, removes what is old."""

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta

from chassis.clock import Clock
from chassis.logs import get_logger
from chassis.process import Stop
from chassis.sql.database import Database, is_outage
from prometheus_client import Gauge

from metrics.processes.compute import FURTHEST_BACK, Compute, OutOfReach
from metrics.processes.uncounted import Backlog
from metrics.store import snapshots
from metrics.store.purge import purge

# After midnight: for events that are on their way, and clocks that differ.
GRACE = timedelta(minutes=10)
# For ingest to count what arrived until then; a snapshot of less is better than none.
PATIENCE = timedelta(minutes=45)
_SECONDS_BETWEEN_LOOKS = 30.0
_WAITING = Gauge("compute_days_waiting", "Days that are over and have no complete snapshot")


def missing_days(shown: Collection[date], today: date, last: date) -> list[date]:
    """Days to compute, oldest first: those up to `last` without a snapshot that can still be computed.

    Days before the first snapshot ever are not missing; where there is none, it is `last` alone.
    """
    first = max(min(shown, default=last), today - FURTHEST_BACK)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [day for day in days if day not in shown]


def due(day: date) -> datetime:
    """When a day is computed, and until when its events have time to arrive."""
    return datetime.combine(day + timedelta(days=1), time(), UTC) + GRACE


class Daily:
    """A loop for `process.run`. `uncounted` looks at what is not counted at a moment, the present one."""

    def __init__(
        self, database: Database, compute: Compute, clock: Clock, uncounted: Callable[[datetime], Backlog]
    ) -> None:
        self._database, self._compute, self._clock, self._uncounted = database, compute, clock, uncounted
        self._purged_on: date | None = None

    def run(self, stop: Stop) -> None:
        """Looks every half minute; goes on through outages of the database."""
        while not stop.is_set():
            try:
                self.look(stop)
            except Exception as error:
                # what `Database.run` raises has the database's error as its cause
                if not any(is_outage(each) for each in (error, error.__cause__) if each):
                    raise
                get_logger().warning("the computation waits for the database", detail=str(error))
            stop.wait(_SECONDS_BETWEEN_LOOKS)

    def look(self, stop: Stop) -> None:
        """Computes what is missing, and what was computed before all of it was counted; purges once a day."""
        now = self._clock()
        shown = self._database.run_read(snapshots.days)
        first, last = now.date() - FURTHEST_BACK, (now - GRACE).date() - timedelta(days=1)
        missing = missing_days(shown, now.date(), last)
        incomplete = [day for day, complete in shown.items() if not complete and first <= day <= last]
        days = sorted({*missing, *incomplete})  # oldest first: a day's lines have the ranks of the ones before
        _WAITING.set(len(days))
        backlog = self._uncounted(now) if days else Backlog(now)
        for day in days:
            if not stop.is_set():
                self._compute_when_counted(day, backlog, again=day in shown, stop=stop)
        today = self._clock().date()
        if today != self._purged_on and not stop.is_set():
            get_logger().info("purged", **purge(self._database, today))
            self._purged_on = today

    def compute_now(self, days: Sequence[date], stop: Stop) -> date | None:
        """Computes days whether all of them is counted or not, oldest first, so that each finds the ranks of the ones
        before. The day that another process gave up; None when all are shown."""
        backlog = self._uncounted(self._clock())
        for day in sorted(days):
            lag = backlog.before(due(day))
            if lag:
                get_logger().warning("a day is computed before all of it is counted", day=day.isoformat(), detail=lag)
            if self._compute.day(day, stop, complete=not lag) is None:
                return day
        return None

    def _compute_when_counted(self, day: date, backlog: Backlog, *, again: bool, stop: Stop) -> None:
        waits_for = backlog.before(due(day))
        if waits_for and (again or self._clock() < due(day) + PATIENCE):
            get_logger().info("a day waits for ingest", day=day.isoformat(), detail=waits_for)
            return
        if waits_for:
            get_logger().error("a day is computed before all of it is counted", day=day.isoformat(), detail=waits_for)
        try:
            self._compute.day(day, stop, complete=not waits_for)
        except OutOfReach as error:  # the days before it took until after midnight
            get_logger().warning("a day is not computed any more", detail=str(error))
