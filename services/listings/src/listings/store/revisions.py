"""Reading and writing revisions."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from chassis.errors import NotFound
from chassis.formats import is_uuid
from chassis.sql.database import UnitOfWork
from sqlalchemy import Connection, Row, Select, func, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert

from listings.domain.listing import OPEN, Content, Person, Revision, RevisionState, UnsentEdits
from listings.store.tables import revisions


@dataclass(frozen=True, slots=True)
class Told:
    """A revision in the history: `before` was live when it was decided or closed, or is live while it is open."""

    revision: Revision
    before: Content | None


def find_open(connection: Connection, listing_id: str) -> Revision | None:
    """The revision in somebody's hands, if there is one."""
    in_hand = [state.value for state in OPEN]
    query = select(revisions).where(revisions.c.listing_id == listing_id, revisions.c.state.in_(in_hand))
    row = connection.execute(query).one_or_none()
    return _revision(row) if row else None


def find(connection: Connection, listing_id: str, revision_id: str) -> Revision | None:
    """One revision of a listing."""
    query = select(revisions).where(revisions.c.listing_id == listing_id, revisions.c.revision_id == revision_id)
    row = connection.execute(query).one_or_none()
    return _revision(row) if row else None


def get_told(connection: Connection, listing_id: str, revision_id: str) -> Told:
    """One revision of a listing for its publisher. Raises NotFound REVISION_NOT_FOUND."""
    row = None
    if is_uuid(revision_id):
        query = _told().where(revisions.c.listing_id == listing_id, revisions.c.revision_id == revision_id)
        row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("REVISION_NOT_FOUND", "There is no such revision.", revision_id=revision_id)
    return Told(_revision(row), row.before)


def latest(
    connection: Connection, listing_id: str, *, states: Collection[RevisionState], below: int | None, limit: int
) -> list[Told]:
    """Revisions of a listing, highest number first; `below` is the last number of the page before."""
    query = _told().where(revisions.c.listing_id == listing_id)
    if states:
        query = query.where(revisions.c.state.in_([state.value for state in states]))
    if below is not None:
        query = query.where(revisions.c.number < below)
    query = query.order_by(revisions.c.number.desc()).limit(limit)
    return [Told(_revision(row), row.before) for row in connection.execute(query)]


def store(uow: UnitOfWork, listing_id: str, revision: Revision) -> None:
    """Inserts the revision, or writes over the row that it has."""
    values = {"listing_id": listing_id, **_values(revision)}
    changed = {name: value for name, value in values.items() if name not in {"revision_id", "listing_id", "number"}}
    statement = insert(revisions).values(**values)
    uow.execute(statement.on_conflict_do_update(index_elements=["revision_id"], set_=changed))


def _told() -> Select[Any]:
    earlier = revisions.alias("earlier")
    # Numbers are given when a revision is begun; what was live follows from when the others were applied.
    closed = func.coalesce(revisions.c.closed_at, text("'infinity'::timestamptz"))
    before = (
        select(earlier.c.content)
        .where(
            earlier.c.listing_id == revisions.c.listing_id,
            earlier.c.state == RevisionState.APPLIED.value,
            tuple_(earlier.c.closed_at, earlier.c.number) < tuple_(closed, revisions.c.number),
        )
        .order_by(earlier.c.closed_at.desc(), earlier.c.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    return select(revisions, before.label("before"))


def _revision(row: Row[Any]) -> Revision:
    unsent_editor = Person(row.unsent_editor_id, row.unsent_editor_name)
    return Revision(
        revision_id=row.revision_id,
        number=row.number,
        state=RevisionState(row.state),
        content=row.content,
        editor=Person(row.editor_id, row.editor_name),
        created_at=row.created_at,
        unsent=None if row.unsent is None else UnsentEdits(row.unsent, unsent_editor),
        changed_fields=tuple(row.changed_fields),
        message=row.message,
        submitter=Person(row.submitter_id, row.submitter_name),
        submitted_at=row.submitted_at,
        decided_by_name=row.decided_by_name,
        comment=row.comment,
        reason_code=row.reason_code,
        closed_at=row.closed_at,
        restores_number=row.restores_number,
        applied_by_setting=row.applied_by_setting,
    )


def _values(revision: Revision) -> dict[str, Any]:
    unsent = revision.unsent
    return {
        "revision_id": revision.revision_id,
        "number": revision.number,
        "state": revision.state.value,
        "content": dict(revision.content),
        "editor_id": revision.editor.person_id,
        "editor_name": revision.editor.name,
        "unsent": dict(unsent.content) if unsent else None,
        "unsent_editor_id": unsent.editor.person_id if unsent else "",
        "unsent_editor_name": unsent.editor.name if unsent else "",
        "changed_fields": list(revision.changed_fields),
        "message": revision.message,
        "submitter_id": revision.submitter.person_id,
        "submitter_name": revision.submitter.name,
        "decided_by_name": revision.decided_by_name,
        "comment": revision.comment,
        "reason_code": revision.reason_code,
        "created_at": revision.created_at,
        "submitted_at": revision.submitted_at,
        "closed_at": revision.closed_at,
        "restores_number": revision.restores_number,
        "applied_by_setting": revision.applied_by_setting,
    }
