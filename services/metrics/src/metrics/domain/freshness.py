"""How far figures are behind the calendar."""

from datetime import date, datetime, timedelta

# A day is computed ten minutes after it is over, and a large directory takes its minutes.
TIME_TO_COMPUTE = timedelta(hours=1)


def days_behind(as_of: date, now: datetime) -> int:
    """Days after `as_of` that should be computed by now; from 1 on, figures are stale."""
    expected = (now - TIME_TO_COMPUTE).date() - timedelta(days=1)
    return max(0, (expected - as_of).days)
