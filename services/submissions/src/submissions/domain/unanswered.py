"""How much one side of a thread may write while the other says nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from chassis import clock
from chassis.errors import LimitExceeded

MOST = 20
WITHIN = timedelta(hours=24)


def require_may_write(written: Sequence[datetime], *, now: datetime) -> None:
    """`written`: when the side wrote within WITHIN and since the other's last word, latest first.

    Each message of a publisher gives what is open a new version, so that it is read before anybody decides; a limit
    that only slowed them down would let decisions fail for ever. Raises LimitExceeded TOO_MANY_MESSAGES.
    """
    if wait := clock.seconds_to_room(written, MOST, WITHIN, now):
        raise LimitExceeded(
            "TOO_MANY_MESSAGES",
            f"Nobody has answered your last {MOST} messages yet. Wait for an answer, or write again "
            f"{clock.after(wait)}: at most {MOST} go unanswered in {WITHIN // timedelta(hours=1)} hours.",
            limit=MOST,
            retry_after_seconds=wait,
        )
