"""What of a submission waits for its publisher or for the reviewers, beside its state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from submissions.domain.lifecycle import State
from submissions.domain.review import ItemKind, ItemState
from submissions.store.review_items import WAITS_FOR_PUBLISHER
from submissions.store.submissions import visible
from submissions.store.tables import review_items as items
from submissions.store.tables import submissions as table


@dataclass(frozen=True, slots=True)
class Waiting:
    """`tool_changes_requested`: the reviewers asked for them, and the publisher has not answered."""

    edit_pending: bool = False
    appeal_pending: bool = False
    tool_changes_requested: bool = False


NOTHING_WAITS: Final = Waiting()

_OPEN: Final = items.c.state == ItemState.OPEN.value
_EDIT_PENDING: Final = items.c.kind == ItemKind.REVISION.value
_APPEAL_PENDING: Final = items.c.kind == ItemKind.APPEAL.value
_TOOL_CHANGES_REQUESTED: Final = and_(items.c.kind == ItemKind.DRIFT.value, WAITS_FOR_PUBLISHER.element)

_PUBLISHERS: Final = (State.DRAFT, State.CHANGES_REQUESTED, State.NOT_APPROVED, State.APPROVED)


def _any_open(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(items.c.submission_id == table.c.submission_id, _OPEN, condition)


NEEDS_PUBLISHER: Final = or_(
    and_(table.c.state.in_([state.value for state in _PUBLISHERS]), ~_any_open(_APPEAL_PENDING)),
    and_(table.c.state == State.PUBLISHED.value, or_(table.c.edit_returned, _any_open(_TOOL_CHANGES_REQUESTED))),
)
"""Of a row of submissions: the next step is its publisher's."""


def of_all(connection: Connection, submission_ids: Sequence[str]) -> Mapping[str, Waiting]:
    """What waits of these submissions; those of which nothing does are no keys."""
    found = [func.bool_or(condition) for condition in (_EDIT_PENDING, _APPEAL_PENDING, _TOOL_CHANGES_REQUESTED)]
    query = select(items.c.submission_id, *found).where(items.c.submission_id.in_(submission_ids), _OPEN)
    return {row[0]: Waiting(*row[1:]) for row in connection.execute(query.group_by(items.c.submission_id))}


def needing_publisher(connection: Connection, organization_id: str) -> int:
    """How many submissions of an organization wait for it."""
    query = visible([func.count()]).where(table.c.organization_id == organization_id, NEEDS_PUBLISHER)
    count: int = connection.execute(query).scalar_one()
    return count


def of(connection: Connection, submission_id: str) -> Waiting:
    """What waits of one submission."""
    return of_all(connection, [submission_id]).get(submission_id, NOTHING_WAITS)
