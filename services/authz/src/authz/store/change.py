"""A change: one transaction, its moment, and the events that leave with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chassis.sql.database import UnitOfWork
from directory.authz.v1 import organization_events_pb2 as events
from directory.authz.v1 import organization_pb2

from authz.domain.access import Organization, Role, StaffRole
from authz.store.enumerations import PLANS, ROLES, STAFF_ROLES

TOPIC = "directory.authz.v1"


@dataclass(frozen=True, slots=True)
class Change:
    """Everything that store functions need to write: the unit of work, the moment, and where ids come from.

    Each `..._changed` method puts the event of a change into the outbox. Call it after the row that gives the event
    its key (the organization's, or the person's) was locked.
    """

    uow: UnitOfWork
    now: datetime
    new_id: Callable[[], str]

    def organization_changed(self, organization: Organization) -> None:
        """The organization was made, renamed or changed its plan."""
        message = organization_pb2.Organization(
            organization_id=organization.organization_id, name=organization.name, plan=PLANS[organization.plan]
        )
        self._of_organization(
            organization.organization_id,
            events.OrganizationEvent(organization_changed=events.OrganizationChanged(organization=message)),
        )

    def member_changed(self, organization_id: str, person_id: str, role: Role | None) -> None:
        """A membership is new, other than before, or gone (None)."""
        changed = events.MemberChanged(person_id=person_id, role=ROLES[role])
        self._of_organization(organization_id, events.OrganizationEvent(member_changed=changed))

    def custom_role_changed(self, organization_id: str, custom_role_id: str) -> None:
        """A custom role was made, changed or deleted."""
        changed = events.CustomRoleChanged(custom_role_id=custom_role_id)
        self._of_organization(organization_id, events.OrganizationEvent(custom_role_changed=changed))

    def staff_changed(self, person_id: str, role: StaffRole | None) -> None:
        """A person became staff, changed role, or left (None)."""
        changed = events.StaffChanged(person_id=person_id, staff_role=STAFF_ROLES[role])
        self._emit(person_id, events.OrganizationEvent(staff_changed=changed))

    def access_token_revoked(self, person_id: str, access_token_id: str) -> None:
        """A token of the person is good no more."""
        revoked = events.AccessTokenRevoked(access_token_id=access_token_id, person_id=person_id)
        self._emit(person_id, events.OrganizationEvent(access_token_revoked=revoked))

    def _of_organization(self, organization_id: str, event: events.OrganizationEvent) -> None:
        event.organization_id = organization_id
        self._emit(organization_id, event)

    def _emit(self, key: str, event: events.OrganizationEvent) -> None:
        event.event_id = self.new_id()
        event.occurred_at.FromDatetime(self.now)
        self.uow.emit(TOPIC, key, event)
