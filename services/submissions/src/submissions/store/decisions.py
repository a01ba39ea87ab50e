"""Recording a reviewer's decision: the item, and what follows for its submission or revision."""

from __future__ import annotations

from datetime import datetime

from chassis.sql.database import UnitOfWork

from submissions.domain import lifecycle
from submissions.domain.lifecycle import Actor, Move
from submissions.domain.review import Decision, ItemKind, ReviewItem
from submissions.store import audit, events, moves, review_items, submissions, thread
from submissions.store.actors import Author
from submissions.store.moves import Said
from submissions.store.submissions import Submission
from submissions.store.thread import Entry, EntryKind


def record(uow: UnitOfWork, submission: Submission, item: ReviewItem, *, author: Author, now: datetime) -> None:
    """Writes the decided `item` and what it means, in the caller's transaction; of drift, `drift_moves` does.

    A rejection that waits for a second reviewer means nothing yet: the audit alone has it.
    """
    review_items.save(uow.connection, item)
    if item.is_proposed:
        _note(uow, submission, item, "propose_rejection", author=author, now=now)
    elif item.kind in (ItemKind.SUBMISSION, ItemKind.APPEAL):
        _move(uow, submission, item, author=author, now=now)
    elif item.kind is ItemKind.REPLY:
        _answer(uow, submission, item, author=author, now=now)
    elif item.kind is ItemKind.REVISION:
        _answer_revision(uow, submission, item, author=author, now=now)
    else:
        raise ValueError(f"what follows from a decision on {item.kind} is not recorded here")


def record_return(uow: UnitOfWork, submission: Submission, item: ReviewItem, *, author: Author, now: datetime) -> None:
    """Writes an item whose proposed rejection was returned."""
    review_items.save(uow.connection, item)
    _note(uow, submission, item, "return_rejection", author=author, now=now)


def say(
    uow: UnitOfWork, submission: Submission, item: ReviewItem, body: str, *, author: Author, now: datetime
) -> Entry:
    """Writes a reviewer's message into the thread: the publisher waits no more."""
    entry = thread.append(
        uow.connection,
        submission.submission_id,
        kind=EntryKind.MESSAGE,
        author=author,
        now=now,
        body=body,
        revision_id=item.revision_id,
    )
    events.message_posted(uow, submission, entry.entry_id, by=author, now=now)
    review_items.answered(uow.connection, submission.submission_id)
    return entry


def _answer(uow: UnitOfWork, submission: Submission, item: ReviewItem, *, author: Author, now: datetime) -> None:
    if item.comment:
        say(uow, submission, item, item.comment, author=author, now=now)
    _note(uow, submission, item, "answer", author=author, now=now)


def _note(
    uow: UnitOfWork, submission: Submission, item: ReviewItem, action: str, *, author: Author, now: datetime
) -> None:
    detail = {"review_item_id": item.review_item_id}
    audit.record(uow.connection, submission, action=action, author=author, now=now, detail=detail)


def _move(uow: UnitOfWork, submission: Submission, item: ReviewItem, *, author: Author, now: datetime) -> None:
    row = lifecycle.step(
        submission.state, _decided(item), actors={Actor.HOLDER}, ever_published=submission.ever_published
    )
    said = Said(comment=item.comment, reason_code=item.reason_code, detail={"review_item_id": item.review_item_id})
    moves.take(uow, submission, row, author=author, now=now, said=said)


def _answer_revision(
    uow: UnitOfWork, submission: Submission, item: ReviewItem, *, author: Author, now: datetime
) -> None:
    """Nothing live changes here: listings applies the decision, or says that it came too late."""
    thread.append(
        uow.connection,
        submission.submission_id,
        kind=EntryKind.DECISION,
        author=author,
        now=now,
        body=item.comment,
        move=_decided(item),
        reason_code=item.reason_code,
        revision_id=item.revision_id,
    )
    audit.record(
        uow.connection,
        submission,
        action=f"{_decided(item)}_revision",
        author=author,
        now=now,
        from_state=submission.state,
        detail={"review_item_id": item.review_item_id, "revision_id": item.revision_id},
    )
    submissions.note_edit(uow.connection, submission, returned=item.decision is Decision.REQUEST_CHANGES)
    events.revision_decided(uow, submission, item, now=now)


def _decided(item: ReviewItem) -> Move:
    if item.decision is None:
        raise ValueError("the item is not decided")
    return Move(item.decision.value)
