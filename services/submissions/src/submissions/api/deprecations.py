"""What a publisher asks for when deprecating a server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from chassis.errors import InvalidInput, Violation
from chassis.formats import is_https_url, is_slug
from sqlalchemy import Connection

from submissions.api.inputs import MAX_URL
from submissions.domain.deprecation import LONGEST_MESSAGE
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
    violations = [*_of_message(message), *_of_successor(connection, submission, successor)]
    if violations:
        message = "Some fields break their rules; nothing was changed."
        raise InvalidInput("FORM_INVALID", message, violations=violations)
    since = submission.deprecation.since if submission.deprecation else now
    values = {"deprecated_since": since, "deprecation_message": message, "successor": successor}
    return Said(comment=message, successor=successor, detail={"successor": successor}), values


def _of_message(message: str) -> Iterator[Violation]:
    if len(message) > LONGEST_MESSAGE:
        advice = f"Use at most {LONGEST_MESSAGE:,} characters; this has {len(message):,}."
        yield Violation("/comment", "TOO_LONG", advice)


def _of_successor(connection: Connection, submission: Submission, successor: str) -> Iterator[Violation]:
    if not successor or (len(successor) <= MAX_URL and is_https_url(successor)):
        return
    if not is_slug(successor):
        advice = "Give the slug of a server in this directory, or a full address that starts with https://."
        yield Violation("/successor", "NOT_SLUG_OR_HTTPS_URL", advice)
    elif successor == submission.slug:
        yield Violation("/successor", "OWN_SLUG", "This is the deprecated server itself. Name another one.")
    elif not submissions.is_published(connection, successor):
        yield Violation("/successor", "UNKNOWN_SLUG", "There is no server in the directory under this slug.")
