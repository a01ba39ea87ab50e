"""Addresses e-mails: authz says who manages an organisation's directory, and each of them who wants it gets one."""

from __future__ import annotations

from chassis import clock
from chassis.errors import NotFound
from chassis.process import Stop, repeat
from chassis.sql.database import Database, UnitOfWork
from directory.authz.v1.recipients_service_pb2 import ListDirectoryManagersRequest
from directory.authz.v1.recipients_service_pb2_grpc import RecipientsServiceStub
from sqlalchemy import Connection

from notifications.domain import words
from notifications.domain.happenings import Happening
from notifications.domain.mails import Recipient
from notifications.store import activities, mails, preferences

_IDLE_SECONDS = 1.0
_SECONDS_AFTER_TROUBLE = 5.0


class Addressing:
    """`run` is a loop for process.run; any number of them may run."""

    def __init__(self, database: Database, recipients: RecipientsServiceStub, *, now: clock.Clock = clock.now) -> None:
        self._database = database
        self._recipients = recipients
        self._now = now

    def run(self, stop: Stop) -> None:
        """Until told to stop; outages of authz and of the database are waited for."""
        repeat(
            stop,
            lambda: self._database.run(self.address_one),
            idle=_IDLE_SECONDS,
            waits="e-mails wait to be addressed",
            after_trouble=_SECONDS_AFTER_TROUBLE,
        )

    def address_one(self, uow: UnitOfWork) -> bool:
        """One activity; False when none waits. The call to authz is short, and the row stays locked meanwhile."""
        happening = activities.next_unaddressed(uow)
        if happening is None:
            return False
        mails.put_in_line(uow, happening, wanting(uow.connection, self._recipients, happening), now=self._now())
        activities.mark_addressed(uow, happening.event_id)
        return True


def wanting(connection: Connection, recipients: RecipientsServiceStub, happening: Happening) -> list[Recipient]:
    """Who is to have an e-mail about it, as of now. Raises Unavailable."""
    refusing = preferences.refusing(connection, happening.organization_id, words.row(happening).topic)
    return [
        recipient
        for recipient in _managers(recipients, happening.organization_id)
        # Nobody needs to be told what they did themselves.
        if recipient.person_id not in refusing and recipient.person_id != happening.actor_id
    ]


def _managers(recipients: RecipientsServiceStub, organization_id: str) -> list[Recipient]:
    try:
        found = recipients.ListDirectoryManagers(ListDirectoryManagersRequest(organization_id=organization_id))
    except NotFound:
        return []  # the organisation is gone, and with it whoever could be told
    name = found.organization.name
    return [Recipient(person.person_id, person.email, name) for person in found.persons]
