"""Submissions: reading them for their owner or for the directory, and changing one version at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.errors import NotFound
from chassis.formats import is_uuid
from directory.submissions.v1.submission_pb2 import SubmissionForm
from sqlalchemy import ColumnElement, Connection, Row, RowMapping, Select, func, insert, or_, select, tuple_, update

from submissions.domain.checks import Finding, Grade
from submissions.domain.deprecation import Deprecation
from submissions.domain.lifecycle import State
from submissions.domain.refusals import version_mismatch
from submissions.store import uniqueness
from submissions.store.forms import read_form
from submissions.store.tables import submissions as table

REMOTE_MCP = "remote_mcp"

_ICON = table.c.form["listing"]["icon_id"].astext.label("icon_id")
_NEVER_READ = ("sealed_access", "look_alike_keys")
_SUMMARY = [*(column for column in table.c if column.name not in ("form", "findings", *_NEVER_READ)), _ICON]
_WHOLE = [*(column for column in table.c if column.name not in _NEVER_READ), _ICON]


@dataclass(frozen=True, slots=True)
class Submission:
    """A row. `form` and `findings` are None and empty in lists; sealed access is never part of it."""

    submission_id: str
    organization_id: str
    kind: str
    state: State
    version: int
    form: SubmissionForm | None
    slug: str | None
    display_name: str
    tagline: str
    icon_id: str
    has_instructions: bool
    has_credentials: bool
    findings: tuple[Finding, ...]
    created_at: datetime
    updated_at: datetime
    state_changed_at: datetime
    submitted_at: datetime | None
    first_published_at: datetime | None
    deprecation: Deprecation | None
    appealed: bool
    edit_returned: bool

    @property
    def ever_published(self) -> bool:
        """From the first publication on the slug is permanent and the submission cannot be deleted."""
        return self.first_published_at is not None


def not_found(submission_id: str) -> NotFound:
    """It does not exist for the caller."""
    return NotFound("SUBMISSION_NOT_FOUND", "There is no such submission.", submission_id=submission_id)


def add(connection: Connection, values: dict[str, Any]) -> Submission:
    """Inserts a row. Raises Conflict where slug or server URL are taken."""
    with uniqueness.told(values):
        return _read(connection.execute(insert(table).values(values).returning(*_WHOLE)).one())


def of_organization(
    connection: Connection, submission_id: str, *, organization_id: str, lock: bool = False
) -> Submission:
    """A remote MCP submission of `organization_id`. Raises NotFound for anything else."""
    return _one(connection, submission_id, visible(_WHOLE).where(table.c.organization_id == organization_id), lock)


def of_anybody(connection: Connection, submission_id: str, *, lock: bool = False) -> Submission:
    """A remote MCP submission for the directory's own work. Raises NotFound for anything else."""
    return _one(connection, submission_id, visible(_WHOLE), lock)


def sealed_access(connection: Connection, submission_id: str) -> bytes | None:
    """The sealed access for reviewers."""
    query = select(table.c.sealed_access).where(table.c.submission_id == submission_id)
    sealed: bytes | None = connection.execute(query).scalar_one()
    return sealed


def reseal(connection: Connection, seal_anew: Callable[[bytes], bytes]) -> int:
    """Replaces every sealed access by what `seal_anew` makes of it; returns how many. No version changes."""
    query = select(table.c.submission_id, table.c.sealed_access).where(table.c.sealed_access.is_not(None))
    rows = connection.execute(query.order_by(table.c.submission_id).with_for_update()).all()
    for submission_id, sealed in rows:
        anew = update(table).where(table.c.submission_id == submission_id).values(sealed_access=seal_anew(sealed))
        connection.execute(anew)
    return len(rows)


def change(connection: Connection, submission: Submission, values: dict[str, Any]) -> Submission:
    """The next version with `values`.

    Raises VersionMismatch when the row has another version by now, Conflict where slug or server URL are taken.
    """
    next_version = {**values, "version": submission.version + 1}
    query = (
        update(table)
        .where(table.c.submission_id == submission.submission_id, table.c.version == submission.version)
        .values(next_version)
        .returning(*_WHOLE)
    )
    with uniqueness.told(values):
        row = connection.execute(query).one_or_none()
    if row is None:
        raise version_mismatch(_current_version(connection, submission.submission_id))
    return _read(row)


def page(
    connection: Connection,
    organization_id: str,
    *,
    states: Collection[State],
    search: str,
    size: int,
    after: tuple[datetime, str] | None,
    conditions: Sequence[ColumnElement[bool]] = (),
) -> list[Submission]:
    """Submissions of an organization, latest change first, without forms: at most `size` behind `after`, of those that
    keep the conditions."""
    query = visible(_SUMMARY).where(table.c.organization_id == organization_id, *conditions)
    if states:
        query = query.where(table.c.state.in_([state.value for state in states]))
    if search:
        columns = (table.c.display_name, table.c.tagline, table.c.slug, table.c.server_url)
        query = query.where(or_(*(column.icontains(search, autoescape=True) for column in columns)))
    if after is not None:
        query = query.where(tuple_(table.c.updated_at, table.c.submission_id) < after)
    query = query.order_by(table.c.updated_at.desc(), table.c.submission_id.desc()).limit(size)
    return [_read(row) for row in connection.execute(query)]


def counts(connection: Connection, organization_id: str) -> dict[State, int]:
    """How many submissions an organization has in each state; every state is a key."""
    query = visible([table.c.state, func.count()]).where(table.c.organization_id == organization_id)
    counted = {State(state): number for state, number in connection.execute(query.group_by(table.c.state))}
    return {state: counted.get(state, 0) for state in State}


def made_since(connection: Connection, organization_id: str, since: datetime) -> Sequence[datetime]:
    """When the organization's submissions of every kind, deleted ones too, were created since then, latest first.

    Holds a lock on the organization's creations until the transaction ends, so that two cannot count the same.
    """
    lock = func.pg_advisory_xact_lock(func.hashtext("submissions.made"), func.hashtext(organization_id))
    connection.execute(select(lock))
    query = select(table.c.created_at).where(table.c.organization_id == organization_id, table.c.created_at > since)
    return connection.execute(query.order_by(table.c.created_at.desc())).scalars().all()


def next_waiting(
    connection: Connection, *conditions: ColumnElement[bool], order: Sequence[ColumnElement[Any]]
) -> Submission | None:
    """Of those that keep the conditions and that nobody has locked, the first in this order; locked."""
    query = visible(_WHOLE).where(*conditions).order_by(*order).limit(1).with_for_update(skip_locked=True)
    row = connection.execute(query).one_or_none()
    return None if row is None else _read(row)


def is_published(connection: Connection, slug: str) -> bool:
    """Whether a server is in the directory under this slug."""
    found = visible([table.c.submission_id]).where(table.c.slug == slug, table.c.state == State.PUBLISHED.value)
    return connection.execute(found).one_or_none() is not None


def touch(connection: Connection, submission_id: str, *, now: datetime) -> int:
    """Lengthens the thread by one and returns the new length. The row's lock keeps positions without gaps."""
    query = update(table).where(table.c.submission_id == submission_id)
    query_with_values = query.values(thread_length=table.c.thread_length + 1, updated_at=now)
    length: int = connection.execute(query_with_values.returning(table.c.thread_length)).scalar_one()
    return length


def note_edit(connection: Connection, submission: Submission, *, returned: bool) -> None:
    """Whether the last edit of the listing came back to be changed. The version stays: the form is not concerned."""
    if submission.edit_returned is not returned:
        query = update(table).where(table.c.submission_id == submission.submission_id)
        connection.execute(query.values(edit_returned=returned))


def visible(columns: Sequence[Any]) -> Select[Any]:
    """These columns of what publishers and reviewers see: remote servers that were not deleted."""
    return select(*columns).where(table.c.kind == REMOTE_MCP, table.c.deleted_at.is_(None))


def _one(connection: Connection, submission_id: str, query: Select[Any], lock: bool) -> Submission:
    if not is_uuid(submission_id):  # the database refuses to compare others
        raise not_found(submission_id)
    query = query.where(table.c.submission_id == submission_id)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise not_found(submission_id)
    return _read(row)


def _current_version(connection: Connection, submission_id: str) -> int:
    query = select(table.c.version).where(table.c.submission_id == submission_id)
    version: int = connection.execute(query).scalar_one()
    return version


def _read(row: Row[Any]) -> Submission:
    values = row._mapping
    return Submission(
        submission_id=values["submission_id"],
        organization_id=values["organization_id"],
        kind=values["kind"],
        state=State(values["state"]),
        version=values["version"],
        form=read_form(values["form"]) if "form" in values else None,
        slug=values["slug"],
        display_name=values["display_name"],
        tagline=values["tagline"],
        icon_id=values["icon_id"] or "",
        has_instructions=values["has_instructions"],
        has_credentials=values["has_credentials"],
        findings=read_findings(values.get("findings", [])),
        created_at=values["created_at"],
        updated_at=values["updated_at"],
        state_changed_at=values["state_changed_at"],
        submitted_at=values["submitted_at"],
        first_published_at=values["first_published_at"],
        deprecation=_deprecation(values),
        appealed=values["appealed"],
        edit_returned=values["edit_returned"],
    )


def _deprecation(values: RowMapping) -> Deprecation | None:
    since = values["deprecated_since"]
    return Deprecation(values["deprecation_message"], values["successor"], since) if since else None


def read_findings(stored: list[dict[str, str]]) -> tuple[Finding, ...]:
    """Findings of a jsonb column."""
    return tuple(Finding(found["code"], Grade(found["grade"]), found["field"], found["message"]) for found in stored)


def findings_json(findings: Sequence[Finding]) -> list[dict[str, str]]:
    """What a jsonb column of findings holds."""
    return [
        {"code": found.code, "grade": found.grade.value, "field": found.field, "message": found.message}
        for found in findings
    ]
