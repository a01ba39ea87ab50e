"""The daemon: computes a day soon after it is over, catches up on days that are missing, removes what is old."""

from collections.abc import Collection
from datetime import date, timedelta

from chassis.clock import Clock
from chassis.logs import get_logger
from chassis.process import Stop
from chassis.sql.database import Database, is_outage

from metrics.processes.compute import FURTHEST_BACK, Compute
from metrics.store import snapshots
from metrics.store.purge import purge

# After midnight: for events that are on their way, and clocks that differ.
GRACE = timedelta(minutes=10)
_SECONDS_BETWEEN_LOOKS = 30.0


def missing_days(shown: Collection[date], today: date, last: date) -> list[date]:
    """Days to compute, oldest first: those up to `last` without a snapshot that can still be computed.

    Days before the first snapshot ever are not missing; where there is none, it is `last` alone.
    """
    first = max(min(shown, default=last), today - FURTHEST_BACK)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [day for day in days if day not in shown]


class Daily:
    """A loop for `process.run`."""

    def __init__(self, database: Database, compute: Compute, clock: Clock) -> None:
        self._database, self._compute, self._clock = database, compute, clock
        self._purged_on: date | None = None

    def run(self, stop: Stop) -> None:
        """Looks every half minute; goes on through outages of the database."""
        while not stop.is_set():
            try:
                self._catch_up(stop)
            except Exception as error:
                # what `Database.run` raises has the database's error as its cause
                if not any(is_outage(each) for each in (error, error.__cause__) if each):
                    raise
                get_logger().warning("the computation waits for the database", detail=str(error))
            stop.wait(_SECONDS_BETWEEN_LOOKS)

    def _catch_up(self, stop: Stop) -> None:
        now = self._clock()
        shown = self._database.run_read(snapshots.days)
        for day in missing_days(shown, now.date(), (now - GRACE).date() - timedelta(days=1)):
            if not stop.is_set():
                self._compute.day(day, stop)
        today = self._clock().date()
        if today != self._purged_on and not stop.is_set():
            get_logger().info("purged", **purge(self._database, today))
            self._purged_on = today
