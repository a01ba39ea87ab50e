"""AdministrationService: owners manage members and custom roles of their organization.

The owner's role is read in the transaction of the change, not taken from the grant: a grant may be a minute old.
"""

from __future__ import annotations

from collections.abc import Callable

from chassis.clock import Clock
from chassis.rpc.caller import caller
from chassis.rpc.methods import read, write
from chassis.sql.database import Database, UnitOfWork
from directory.authz.v1 import administration_service_pb2 as contract
from directory.authz.v1.administration_service_pb2_grpc import AdministrationServiceServicer
from sqlalchemy import Connection

from authz.api.fields import MAX_CUSTOM_ROLE_NAME, Fields
from authz.api.messages import custom_role_message, member_message, organization_message
from authz.domain import organizations as rules
from authz.domain.access import CustomRole, Organization, Role
from authz.store import custom_roles, members, organizations, persons
from authz.store.change import Change


class AdministrationApi(AdministrationServiceServicer):
    """See the contract for each method."""

    def __init__(self, database: Database, *, clock: Clock, new_id: Callable[[], str]) -> None:
        self.database = database
        self._clock = clock
        self._new_id = new_id

    @read
    def GetOrganization(
        self, _request: contract.GetOrganizationRequest, connection: Connection
    ) -> contract.GetOrganizationResponse:
        grant = caller()
        organization = organizations.get(connection, grant.organization_id)
        if members.role_of(connection, organization.organization_id, grant.person_id) is None:
            raise rules.organization_not_found()
        return contract.GetOrganizationResponse(
            organization=organization_message(organization),
            members=map(member_message, members.all_by_email(connection, organization.organization_id)),
            custom_roles=map(custom_role_message, custom_roles.all_by_name(connection, organization.organization_id)),
        )

    @write
    def SetMember(self, request: contract.SetMemberRequest, uow: UnitOfWork) -> contract.SetMemberResponse:
        fields = Fields()
        email = fields.address_unless_id(request.email, person_id=request.person_id)
        role = fields.role("/role", request.role)
        fields.require()
        change = self._change(uow)
        # 1. An address is settled before the organization is locked, as everywhere (store/persons.py).
        named = persons.holding_or_new(change, email) if email else None
        # 2. The rules are asked of what nobody else can change any more.
        organization, actor = _locked_by_owner(uow)
        person_id = named.person_id if named else request.person_id
        current = members.find(uow.connection, organization.organization_id, person_id)
        person = named or (current.person if current else None)
        if person is None:
            raise rules.member_not_found()
        wanted = frozenset(request.custom_role_ids)
        if current is None:
            rules.require_room(members.count(uow.connection, organization.organization_id))
        elif request.only_add:
            raise rules.already_a_member(current.role)
        rules.require_may_set_role(actor, current=current.role if current else None, new=role)
        known = custom_roles.all_by_name(uow.connection, organization.organization_id)
        rules.require_assignable(
            organization.plan,
            known=frozenset(custom_role.custom_role_id for custom_role in known),
            held=current.custom_role_ids if current else frozenset(),
            wanted=wanted,
        )
        # 3. Only then anything is written.
        member = members.put(change, organization, person, role=role, custom_role_ids=wanted, accepted=False)
        return contract.SetMemberResponse(member=member_message(member))

    @write
    def RemoveMember(self, request: contract.RemoveMemberRequest, uow: UnitOfWork) -> contract.RemoveMemberResponse:
        organization, _ = _locked_by_owner(uow)
        role = members.role_of(uow.connection, organization.organization_id, request.person_id)
        if role is None:
            raise rules.member_not_found()
        rules.require_primary_owner_stays(current=role, new=None)
        members.remove(self._change(uow), organization, request.person_id)
        return contract.RemoveMemberResponse()

    @write
    def SetCustomRole(self, request: contract.SetCustomRoleRequest, uow: UnitOfWork) -> contract.SetCustomRoleResponse:
        fields = Fields()
        name = fields.name("/name", request.name, maximum=MAX_CUSTOM_ROLE_NAME)
        permissions = fields.permissions("/permissions", request.permissions)
        fields.require()
        organization, _ = _locked_by_owner(uow)
        rules.require_custom_roles(organization.plan)
        if request.custom_role_id:
            custom_roles.require(uow.connection, organization.organization_id, request.custom_role_id)
        custom_role = CustomRole(request.custom_role_id or self._new_id(), name, permissions)
        custom_roles.put(self._change(uow), organization, custom_role)
        return contract.SetCustomRoleResponse(custom_role=custom_role_message(custom_role))

    @write
    def DeleteCustomRole(
        self, request: contract.DeleteCustomRoleRequest, uow: UnitOfWork
    ) -> contract.DeleteCustomRoleResponse:
        organization, _ = _locked_by_owner(uow)
        custom_roles.remove(self._change(uow), organization, request.custom_role_id)
        return contract.DeleteCustomRoleResponse()

    def _change(self, uow: UnitOfWork) -> Change:
        return Change(uow, self._clock(), self._new_id)


def _locked_by_owner(uow: UnitOfWork) -> tuple[Organization, Role]:
    grant = caller()
    organization = organizations.lock(uow, grant.organization_id)
    actor = members.role_of(uow.connection, organization.organization_id, grant.person_id)
    return organization, rules.require_owner(actor)
