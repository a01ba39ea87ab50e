"""E-mails: in line once a person and activity, taken under a lease, and what became of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from chassis.ids import new_id
from chassis.sql.database import UnitOfWork
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from notifications.domain.happenings import Happening
from notifications.domain.mails import Recipient
from notifications.store.activities import from_row
from notifications.store.tables import activities, mails

LEASE: Final = timedelta(minutes=5)
"""Longer than a sender works on what it took: it begins with none in the second half."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One e-mail to send."""

    mail_id: str
    recipient: Recipient
    happening: Happening
    attempts: int
    in_line_since: datetime


def put_in_line(uow: UnitOfWork, happening: Happening, recipients: Iterable[Recipient], *, now: datetime) -> None:
    """One e-mail a recipient; who has one about this already gets no second one."""
    for recipient in recipients:
        row = {
            "mail_id": new_id(),
            "activity_id": happening.event_id,
            "person_id": recipient.person_id,
            "address": recipient.address,
            "organization_name": recipient.organization_name,
            "state": "waiting",
            "attempts": 0,
            "next_attempt_at": now,
            "last_error": "",
            "created_at": now,
        }
        uow.execute(insert(mails).values(row).on_conflict_do_nothing(constraint="mails_once_a_person"))


def take(uow: UnitOfWork, *, now: datetime, most: int) -> list[Mail]:
    """E-mails that are due, the oldest first, put off by the lease so that nobody else sends them meanwhile."""
    due = (mails.c.state == "waiting") & (mails.c.next_attempt_at <= now)
    query = (
        select(mails, activities)
        .join(activities, activities.c.activity_id == mails.c.activity_id)
        .where(due)
        .order_by(mails.c.next_attempt_at, mails.c.mail_id)
        .limit(most)
        .with_for_update(of=mails, skip_locked=True)
    )
    taken = [
        Mail(
            row.mail_id,
            Recipient(row.person_id, row.address, row.organization_name),
            from_row(row),
            row.attempts,
            row.created_at,
        )
        for row in uow.execute(query)
    ]
    ids = [mail.mail_id for mail in taken]
    uow.execute(update(mails).where(mails.c.mail_id.in_(ids)).values(next_attempt_at=now + LEASE))
    return taken


def sent(uow: UnitOfWork, mail: Mail, *, now: datetime) -> None:
    """The SMTP server took it."""
    _write(uow, mail, state="sent", next_attempt_at=None, last_error="", finished_at=now)


def failed(uow: UnitOfWork, mail: Mail, *, error: str, next_attempt_at: datetime | None, now: datetime) -> None:
    """It did not go; without a next attempt it never will."""
    if next_attempt_at is None:
        _write(uow, mail, state="failed", next_attempt_at=None, last_error=error, finished_at=now)
    else:
        _write(uow, mail, state="waiting", next_attempt_at=next_attempt_at, last_error=error, finished_at=None)


def _write(uow: UnitOfWork, mail: Mail, **values: object) -> None:
    # Another sender may have taken it after the lease: what that one writes stands.
    mine = (mails.c.mail_id == mail.mail_id) & (mails.c.attempts == mail.attempts) & (mails.c.state == "waiting")
    uow.execute(update(mails).where(mine).values(attempts=mail.attempts + 1, **values))
