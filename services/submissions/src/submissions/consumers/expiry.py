"""Offers of servers that nobody accepted in time: noted as expired, so that thread, audit and an event say so.

Nothing waits for it: an overdue offer can't be accepted, and is shown as expired, from its very moment on.
"""

from __future__ import annotations

from chassis import clock
from chassis.process import Stop, repeat
from chassis.sql.database import Database, UnitOfWork

from submissions.store import handover, submissions, transfers

POLL_SECONDS = 30.0


class Expiry:
    """Any number of replicas may run: who finds an offer closed by another one passes it over."""

    def __init__(self, database: Database, now: clock.Clock = clock.now) -> None:
        self._database = database
        self._now = now

    def run(self, stop: Stop) -> None:
        """Notes what is overdue until told to stop."""
        repeat(stop, self.expire_next, idle=POLL_SECONDS, waits="expiry waits")

    def expire_next(self) -> bool:
        """Notes one offer; False when none is overdue."""
        return self._database.run(self._expire_next)

    def _expire_next(self, uow: UnitOfWork) -> bool:
        now = self._now()
        submission_id = transfers.next_overdue(uow.connection, now)
        if submission_id is None:
            return False
        submission = submissions.of_anybody(uow.connection, submission_id, lock=True)
        transfer = transfers.open_of(uow.connection, submission_id)
        # Another replica, or an offer that was made anew, may have been first.
        if transfer is not None and transfer.expires_at <= now:
            handover.expire(uow, submission, transfer, now=now)
        return True
