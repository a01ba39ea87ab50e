"""What a publisher asks for when deprecating a server."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chassis.errors import InvalidInput, Violation
from chassis.formats import is_slug
from sqlalchemy import Connection

from submissions.domain import deprecation
from submissions.store import submissions
from submissions.store.moves import Said
from submissions.store.submissions import Submission


def deprecating(
    connection: Connection, submission: Submission, message: str, successor: str, *, now: datetime
) -> tuple[Said, dict[str, Any]]:
    """What goes with the move, and the columns that it changes. Raises InvalidInput FORM_INVALID, naming the fields.

    A server that is deprecated already has been so since then: only the words change.
    """
    successor = successor.strip()
    violations = deprecation.violations(message, successor, own_slug=submission.slug or "")
    if not violations and is_slug(successor) and not submissions.is_published(connection, successor):
        advice = "There is no server in the directory under this slug."
        violations.append(Violation("/successor", "UNKNOWN_SLUG", advice))
    if violations:
        message = "Some fields break their rules; nothing was changed."
        raise InvalidInput("FORM_INVALID", message, violations=violations)
    since = submission.deprecation.since if submission.deprecation else now
    values = {"deprecated_since": since, "deprecation_message": message, "successor": successor}
    return Said(comment=message, successor=successor, detail={"successor": successor}), values
