"""Who may write into a thread now."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from submissions.domain import unanswered
from submissions.store import thread
from submissions.store.actors import Author
from submissions.store.submissions import Submission


def require_may_write(connection: Connection, submission: Submission, author: Author, now: datetime) -> None:
    """Raises LimitExceeded TOO_MANY_MESSAGES. The caller holds the submission's lock."""
    since = now - unanswered.WITHIN
    written = thread.unanswered(connection, submission.submission_id, author.role, since=since)
    unanswered.require_may_write(written, now=now)
