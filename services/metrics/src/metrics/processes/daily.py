"""The daemon: computes a day soon after it is over, catches up on days that are missing, removes what is old."""

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


def missing_days(newest: date | None, yesterday: date) -> list[date]:
    """Days to compute: those since the newest snapshot, or yesterday alone where there is none."""
    first = (
        yesterday if newest is None else max(newest + timedelta(days=1), yesterday - FURTHEST_BACK + timedelta(days=1))
    )
    return [first + timedelta(days=n) for n in range((yesterday - first).days + 1)]


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
        yesterday = (self._clock() - GRACE).date() - timedelta(days=1)
        newest = self._database.run_read(snapshots.newest_day)
        days = missing_days(newest, yesterday)
        for day in days:
            self._compute.day(day, stop)
        today = self._clock().date()
        if today != self._purged_on and not stop.is_set():
            get_logger().info("purged", **purge(self._database, today))
            self._purged_on = today
