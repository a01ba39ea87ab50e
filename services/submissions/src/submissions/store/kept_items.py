"""Review items that follow from moves of the lifecycle and from what publishers write."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from chassis.sql.database import UnitOfWork

from submissions.domain import review
from submissions.domain.checks import Finding
from submissions.domain.lifecycle import Move, State, Step
from submissions.domain.review import ItemKind, ReviewItem
from submissions.store import review_items
from submissions.store.submissions import Submission


def follow(uow: UnitOfWork, submission: Submission, row: Step, *, now: datetime, findings: Sequence[Finding]) -> None:
    """Opens and voids the items of `submission`, as it is after the move `row`."""
    if row.target is State.IN_REVIEW:
        _open_review(uow, submission, now, findings, overturned=row.move is Move.OVERTURN)
    elif row.move is Move.APPEAL:
        _open_appeal(uow, submission, now)
    elif row.move is Move.WITHDRAW:
        _void(uow, submission, ItemKind.SUBMISSION, now)
    elif row.source is State.NOT_APPROVED and row.target is State.DRAFT:
        _void(uow, submission, ItemKind.APPEAL, now)
    elif row.target is None:
        _void(uow, submission, ItemKind.REPLY, now)


def note_reply(uow: UnitOfWork, submission: Submission, *, now: datetime) -> None:
    """A publisher wrote: what is open says so and keeps its due date; where nothing is, the message itself waits.

    In a draft nobody waits: what was written is read with the submission. The caller holds the submission's lock.
    """
    items = review_items.open_items(uow.connection, submission.submission_id)
    for item in items:
        review_items.save(uow.connection, review.replied(item, now=now))
    if not items and submission.state is not State.DRAFT:
        item = review_items.opened(submission, ItemKind.REPLY, now=now, replied_at=now)
        review_items.add(uow.connection, item)


def _open_review(
    uow: UnitOfWork, submission: Submission, now: datetime, findings: Sequence[Finding], *, overturned: bool
) -> None:
    """What the publisher wrote meanwhile is read with the submission, and looked at by others after an appeal."""
    reply = _void(uow, submission, ItemKind.REPLY, now)
    item = review_items.opened(
        submission,
        ItemKind.SUBMISSION,
        now=now,
        findings=findings,
        barred=_rejected_by(uow, submission) if overturned else (),
        replied_at=reply.replied_at if reply else None,
    )
    review_items.add(uow.connection, item, handed_in=submission.form)


def _open_appeal(uow: UnitOfWork, submission: Submission, now: datetime) -> None:
    """The appeal says everything that a message before it could: one item is enough."""
    _void(uow, submission, ItemKind.REPLY, now)
    barred = _rejected_by(uow, submission)
    item = review_items.opened(submission, ItemKind.APPEAL, now=now, lead_reviewer=True, barred=barred)
    review_items.add(uow.connection, item)


def _rejected_by(uow: UnitOfWork, submission: Submission) -> tuple[str, ...]:
    item = review_items.last_decided(uow.connection, submission.submission_id, ItemKind.SUBMISSION)
    people = (item.decided_by, item.proposed_by) if item else ()
    return tuple(sorted({person for person in people if person}))


def _void(uow: UnitOfWork, submission: Submission, kind: ItemKind, now: datetime) -> ReviewItem | None:
    """The open item of this kind as it was, which is void now; None where there was none."""
    for item in review_items.open_items(uow.connection, submission.submission_id):
        if item.kind is kind:
            review_items.save(uow.connection, review.void(item, now=now))
            return item
    return None
