"""Slug and server URL belong to one live submission: the database sees to it, and here it is told in words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from chassis.errors import Conflict, Violation
from chassis.sql.database import constraint_name
from directory.submissions.v1.submission_pb2 import SubmissionForm
from sqlalchemy import Connection, and_, or_, select
from sqlalchemy.exc import IntegrityError

from submissions.domain.lifecycle import LIVE
from submissions.domain.server_url import normalised
from submissions.store.tables import SERVER_URL_TAKEN, SLUG_TAKEN
from submissions.store.tables import submissions as table

_BY_CONSTRAINT = {
    SLUG_TAKEN: Violation("/slug", "SLUG_TAKEN", "Another submission has this slug. Choose another one."),
    SERVER_URL_TAKEN: Violation("/server_url", "SERVER_URL_TAKEN", "Another submission has this server URL."),
}
# As the two indexes of the table say it.
_IS_LIVE = table.c.state.in_(sorted(LIVE))
_KEEPS_SLUG = or_(_IS_LIVE, table.c.first_published_at.is_not(None))


def server_url_digest(server_url: str) -> str | None:
    """What is compared of a server URL; None of an empty one."""
    return hashlib.sha256(normalised(server_url).encode()).hexdigest() if server_url else None


def slug_is_free(connection: Connection, slug: str) -> bool:
    """Whether a submission without a slug could be submitted with this one."""
    return connection.execute(select(table.c.slug).where(table.c.slug == slug, _KEEPS_SLUG)).first() is None


def taken(connection: Connection, submission_id: str, form: SubmissionForm) -> list[Violation]:
    """The fields of a form that another submission has: with them it could not be submitted."""
    digest = server_url_digest(form.server_url)
    of_slug, of_url = table.c.slug == form.slug, table.c.server_url_digest == digest
    held = []
    if form.slug:
        held.append(and_(of_slug, _KEEPS_SLUG))
    if digest is not None:
        held.append(and_(of_url, _IS_LIVE))
    if not held:
        return []
    query = select(table.c.slug, table.c.server_url_digest).where(or_(*held), table.c.submission_id != submission_id)
    rows = connection.execute(query).all()
    slugs, digests = {row.slug for row in rows}, {row.server_url_digest for row in rows}
    found = {SLUG_TAKEN: form.slug in slugs, SERVER_URL_TAKEN: digest is not None and digest in digests}
    return [_BY_CONSTRAINT[name] for name, is_taken in found.items() if is_taken]


def conflict(violations: Sequence[Violation], *, slug: str) -> Conflict:
    """The refusal, by its first field: SLUG_TAKEN or SERVER_URL_TAKEN."""
    first = violations[0]
    about = {"slug": slug} if first.field == "/slug" else {}
    return Conflict(first.code, first.message, violations=violations, **about)


@contextmanager
def told(values: dict[str, Any]) -> Iterator[None]:
    """Raises Conflict where what is written inside breaks one of the two."""
    try:
        yield
    except IntegrityError as error:
        violation = _BY_CONSTRAINT.get(constraint_name(error))
        if violation is None:
            raise
        raise conflict([violation], slug=values.get("slug") or "") from error
