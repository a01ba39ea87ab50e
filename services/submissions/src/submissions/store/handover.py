"""Steps of a transfer: everything that one writes, in one transaction. The submission is locked before its transfer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chassis.sql.database import UnitOfWork

from submissions.domain import transfers as rules
from submissions.domain.transfers import Transfer, TransferState, TransferStep
from submissions.store import audit, events, review_items, submissions, thread, transfers
from submissions.store.actors import DIRECTORY, Author
from submissions.store.submissions import Submission
from submissions.store.thread import EntryKind

_ACTIONS = {
    TransferState.OFFERED: "offer_transfer",
    TransferState.DECLINED: "decline_transfer",
    TransferState.CANCELED: "cancel_transfer",
    TransferState.EXPIRED: "expire_transfer",
}
# The owner's side is not told who of the other organisation said no.
_SAID = {
    TransferState.DECLINED: (
        DIRECTORY,
        "The other organisation declined the offer. The server stays with your organisation.",
    ),
    TransferState.EXPIRED: (DIRECTORY, "Nobody accepted the offer in time. The server stays with your organisation."),
}
_TAKEN_OVER = (
    "Took the server over from the organisation that owned it before. Its listing stands as that organisation wrote "
    "it: company, links and support contact need a look."
)


def offer(uow: UnitOfWork, submission: Submission, transfer: Transfer, *, author: Author, now: datetime) -> None:
    """A new offer."""
    transfers.add(uow.connection, transfer)
    until = f"{transfer.expires_at:%d %B %Y}".lstrip("0")
    body = f"Offered the server to another organisation, which can accept it until {until}."
    _tell(uow, submission, transfer, author=author, said_by=author, body=body, now=now)


def close(uow: UnitOfWork, submission: Submission, transfer: Transfer, *, author: Author, now: datetime) -> None:
    """An offer that ended without a new owner."""
    transfers.save(uow.connection, transfer)
    said_by, body = _SAID.get(transfer.state, (author, "Took the offer to another organisation back."))
    _tell(uow, submission, transfer, author=author, said_by=said_by, body=body, now=now)


def expire(uow: UnitOfWork, submission: Submission, transfer: Transfer, *, now: datetime) -> None:
    """An offer that nobody accepted in time."""
    expired = rules.close(transfer, TransferStep.EXPIRE, organization_id="", person_id="", name=DIRECTORY.name, now=now)
    close(uow, submission, expired, author=DIRECTORY, now=now)


def accept(
    uow: UnitOfWork,
    submission: Submission,
    transfer: Transfer,
    access: Mapping[str, Any],
    *,
    author: Author,
    now: datetime,
) -> None:
    """A new owner.

    1. the transfer, 2. the submission with the new owner's `access` for reviewers, which replaces the old one's,
    3. its review items, so that the new owner's members don't decide on them, 4. the audit of both,
    5. thread and event.
    """
    transfers.save(uow.connection, transfer)
    owner = {"organization_id": transfer.to_organization_id, "updated_at": now}
    after = submissions.change(uow.connection, submission, {**access, **owner})
    review_items.pass_on(uow.connection, submission.submission_id, transfer.to_organization_id)
    sides = {"give_away": transfer.from_organization_id, "take_over": transfer.to_organization_id}
    for action, organization_id in sides.items():
        _audit(uow, after, transfer, author=author, now=now, action=action, organization_id=organization_id)
    _say(uow, after, transfer, author=author, said_by=author, body=_TAKEN_OVER, now=now)


def _tell(
    uow: UnitOfWork,
    submission: Submission,
    transfer: Transfer,
    *,
    author: Author,
    said_by: Author,
    body: str,
    now: datetime,
) -> None:
    _audit(uow, submission, transfer, author=author, now=now, action=_ACTIONS[transfer.state])
    _say(uow, submission, transfer, author=author, said_by=said_by, body=body, now=now)


def _say(
    uow: UnitOfWork,
    submission: Submission,
    transfer: Transfer,
    *,
    author: Author,
    said_by: Author,
    body: str,
    now: datetime,
) -> None:
    kind, submission_id = EntryKind.MESSAGE, submission.submission_id
    thread.append(uow.connection, submission_id, kind=kind, author=said_by, now=now, body=body)
    events.transfer_changed(uow, submission, transfer, by=author, now=now)


def _audit(
    uow: UnitOfWork,
    submission: Submission,
    transfer: Transfer,
    *,
    author: Author,
    now: datetime,
    action: str,
    **more: str,
) -> None:
    detail = {
        "transfer_id": transfer.transfer_id,
        "from_organization_id": transfer.from_organization_id,
        "to_organization_id": transfer.to_organization_id,
        **more,
    }
    audit.record(
        uow.connection,
        submission,
        action=action,
        author=author,
        now=now,
        from_state=submission.state,
        detail=detail,
    )
