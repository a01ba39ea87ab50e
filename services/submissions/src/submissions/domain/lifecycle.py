"""The life of a submission as data: which move leads from where to where, who takes it and what it needs.

Source: the table of states and moves of the product page, section 2; the README of this service shows the same
rows and a test compares the two.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum

from chassis.errors import Conflict, InvalidInput, Violation


class State(StrEnum):
    """Where a submission stands; the values are stored."""

    DRAFT = "draft"
    CHECKING = "checking"
    IN_REVIEW = "in_review"
    CHANGES_REQUESTED = "changes_requested"
    NOT_APPROVED = "not_approved"
    APPROVED = "approved"
    PUBLISHED = "published"
    SUSPENDED = "suspended"
    DELISTED = "delisted"
    WITHDRAWN = "withdrawn"


class Move(StrEnum):
    """A step of the lifecycle; the values are stored."""

    CREATE = "create"
    SAVE = "save"
    DELETE = "delete"
    SUBMIT = "submit"
    PASS_CHECKS = "pass_checks"  # noqa: S105 - no password
    FAIL_CHECKS = "fail_checks"
    CLAIM = "claim"
    RELEASE = "release"
    REQUEST_CHANGES = "request_changes"
    REJECT = "reject"
    APPROVE = "approve"
    WITHDRAW = "withdraw"
    PUBLISH = "publish"
    REVOKE = "revoke"
    DELIST = "delist"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    RELIST = "relist"
    REOPEN = "reopen"
    DEPRECATE = "deprecate"
    UNDEPRECATE = "undeprecate"
    APPEAL = "appeal"
    UPHOLD = "uphold"
    OVERTURN = "overturn"


class Actor(StrEnum):
    """In which capacity somebody takes a move. A lead reviewer acts as a reviewer too; only they hold appeals."""

    PUBLISHER = "publisher"
    REVIEWER = "reviewer"
    HOLDER = "holder"
    LEAD_REVIEWER = "lead_reviewer"
    SYSTEM = "system"


class Need(StrEnum):
    """What a move asks for besides its state and actor."""

    COMPLETE_FORM = "complete form"
    COMMENT = "comment"
    REASON = "reason code"
    NEVER_PUBLISHED = "never published"
    DEPRECATED = "deprecated"
    NOT_APPEALED = "not appealed"


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table. `source` None is "does not exist yet", `target` None is "exists no longer"."""

    source: State | None
    move: Move
    target: State | None
    actor: Actor
    needs: frozenset[Need] = frozenset()

    @property
    def changes_state(self) -> bool:
        """Whether the submission stands elsewhere afterwards."""
        return self.source is not self.target

    @property
    def is_told(self) -> bool:
        """Whether thread and event say so: of every change of state, of a deprecation, and of what becomes of a
        rejection."""
        return self.changes_state or self.move in _TOLD_MOVES


def _rows(sources: str, move: Move, target: State | None, actor: Actor, *needs: Need) -> list[Step]:
    states: list[State | None] = [State(name) for name in sources.split()]
    return [Step(source, move, target, actor, frozenset(needs)) for source in states or [None]]


TABLE: tuple[Step, ...] = (
    *_rows("", Move.CREATE, State.DRAFT, Actor.PUBLISHER),
    *_rows("draft not_approved approved", Move.SAVE, State.DRAFT, Actor.PUBLISHER),
    *_rows("changes_requested", Move.SAVE, State.CHANGES_REQUESTED, Actor.PUBLISHER),
    *_rows("draft", Move.DELETE, None, Actor.PUBLISHER, Need.NEVER_PUBLISHED),
    *_rows("draft changes_requested", Move.SUBMIT, State.CHECKING, Actor.PUBLISHER, Need.COMPLETE_FORM),
    *_rows("checking", Move.PASS_CHECKS, State.IN_REVIEW, Actor.SYSTEM),
    *_rows("checking", Move.FAIL_CHECKS, State.CHANGES_REQUESTED, Actor.SYSTEM),
    *_rows("in_review", Move.CLAIM, State.IN_REVIEW, Actor.REVIEWER),
    *_rows("in_review", Move.RELEASE, State.IN_REVIEW, Actor.HOLDER),
    *_rows("in_review", Move.REQUEST_CHANGES, State.CHANGES_REQUESTED, Actor.HOLDER, Need.COMMENT),
    *_rows("in_review", Move.REJECT, State.NOT_APPROVED, Actor.HOLDER, Need.COMMENT, Need.REASON),
    *_rows("in_review", Move.APPROVE, State.APPROVED, Actor.HOLDER),
    *_rows("not_approved", Move.APPEAL, State.NOT_APPROVED, Actor.PUBLISHER, Need.COMMENT, Need.NOT_APPEALED),
    *_rows("not_approved", Move.UPHOLD, State.NOT_APPROVED, Actor.HOLDER, Need.COMMENT),
    *_rows("not_approved", Move.OVERTURN, State.IN_REVIEW, Actor.HOLDER, Need.COMMENT),
    *_rows("in_review checking", Move.WITHDRAW, State.WITHDRAWN, Actor.PUBLISHER),
    *_rows("approved", Move.PUBLISH, State.PUBLISHED, Actor.PUBLISHER),
    *_rows("approved", Move.REVOKE, State.CHANGES_REQUESTED, Actor.LEAD_REVIEWER, Need.COMMENT),
    *_rows("published", Move.DEPRECATE, State.PUBLISHED, Actor.PUBLISHER, Need.COMMENT),
    *_rows("published", Move.UNDEPRECATE, State.PUBLISHED, Actor.PUBLISHER, Need.DEPRECATED),
    *_rows("published", Move.DELIST, State.DELISTED, Actor.PUBLISHER, Need.COMMENT),
    *_rows("published", Move.SUSPEND, State.SUSPENDED, Actor.LEAD_REVIEWER, Need.COMMENT),
    *_rows("suspended", Move.REINSTATE, State.PUBLISHED, Actor.LEAD_REVIEWER),
    *_rows("delisted", Move.RELIST, State.CHECKING, Actor.PUBLISHER),
    *_rows("withdrawn", Move.REOPEN, State.DRAFT, Actor.PUBLISHER),
)

CREATION = TABLE[0]

# Slug and server URL belong to one submission alone while it stands here.
LIVE = frozenset(
    {
        State.CHECKING,
        State.IN_REVIEW,
        State.CHANGES_REQUESTED,
        State.APPROVED,
        State.PUBLISHED,
        State.SUSPENDED,
        State.DELISTED,
    }
)

# The publisher works on the form alone: nobody else sees it, nor the access for reviewers.
NOT_SUBMITTED = frozenset({State.DRAFT, State.WITHDRAWN})

# The form may say what nobody has handed in yet.
EDITED_BY_PUBLISHER = NOT_SUBMITTED | {State.CHANGES_REQUESTED}

# Told, though the state stays: a deprecated server is published as any other, an appealed rejection is still one.
_TOLD_MOVES = frozenset({Move.DEPRECATE, Move.UNDEPRECATE, Move.APPEAL, Move.UPHOLD})

# These concern the review item alone; the submission and its thread do not show them.
ITEM_MOVES = frozenset({Move.CLAIM, Move.RELEASE})

LEAD_REVIEWER_MOVES = frozenset(row.move for row in TABLE if row.actor is Actor.LEAD_REVIEWER)


def possible(
    state: State, actors: Set[Actor], *, ever_published: bool, deprecated: bool = False, appealed: bool = False
) -> tuple[Move, ...]:
    """Moves that `actors` can take from `state`, in the table's order."""
    rows = _rows_from(state, actors, ever_published=ever_published, deprecated=deprecated, appealed=appealed)
    return tuple(row.move for row in rows)


def step(
    state: State,
    move: Move,
    *,
    actors: Set[Actor],
    ever_published: bool,
    deprecated: bool = False,
    appealed: bool = False,
) -> Step:
    """The row of `move` from `state`.

    Raises Conflict MOVE_NOT_POSSIBLE with what is possible instead, APPEALED_BEFORE for a second appeal.
    """
    rows = _rows_from(state, actors, ever_published=ever_published, deprecated=deprecated, appealed=appealed)
    for row in rows:
        if row.move is move:
            return row
    if appealed and (state, move) == (State.NOT_APPROVED, Move.APPEAL) and Actor.PUBLISHER in actors:
        raise Conflict(
            "APPEALED_BEFORE",
            "A rejection can be appealed once, and this one was. You can edit the form and submit it anew.",
            state=state.value,
            move=move.value,
            possible=",".join(row.move for row in rows),
        )
    raise move_not_possible(state, move.value, tuple(row.move for row in rows))


def move_not_possible(state: State, move: str, moves: tuple[Move, ...]) -> Conflict:
    """The refusal of a move that is not in the table from here, or not the caller's."""
    listed = ",".join(moves)
    sentence = f"Possible now: {listed.replace('_', ' ').replace(',', ', ')}." if moves else "No move is possible now."
    return Conflict(
        "MOVE_NOT_POSSIBLE",
        f"The move {move.replace('_', ' ')} is not possible in the state {state.value.replace('_', ' ')}. {sentence}",
        state=state.value,
        move=move,
        possible=listed,
    )


def require_words(row: Step, *, comment: str, reason_code: str = "") -> None:
    """Raises InvalidInput COMMENT_REQUIRED or REASON_REQUIRED where `row` needs words that are not there."""
    if Need.COMMENT in row.needs and not comment.strip():
        message = "Say why: this is shown to the other side."
        violation = Violation(field="/comment", code="REQUIRED", message=message)
        raise InvalidInput("COMMENT_REQUIRED", message, violations=(violation,))
    if Need.REASON in row.needs and not reason_code:
        message = "Choose the reason of the rejection."
        violation = Violation(field="/reason", code="REQUIRED", message=message)
        raise InvalidInput("REASON_REQUIRED", message, violations=(violation,))


def _rows_from(
    state: State, actors: Set[Actor], *, ever_published: bool, deprecated: bool, appealed: bool
) -> list[Step]:
    barred = {Need.NEVER_PUBLISHED} if ever_published else set()
    barred |= {Need.NOT_APPEALED} if appealed else set()
    barred |= set() if deprecated else {Need.DEPRECATED}
    return [row for row in TABLE if row.source is state and row.actor in actors and not barred & row.needs]
