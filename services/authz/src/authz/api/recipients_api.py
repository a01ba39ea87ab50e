"""RecipientsService: whom to tell of what concerns an organization (the peers in wiring.py see to who may ask)."""

from __future__ import annotations

from chassis.rpc.methods import read
from chassis.sql.database import Database
from directory.authz.v1 import recipients_service_pb2 as contract
from directory.authz.v1.recipients_service_pb2_grpc import RecipientsServiceServicer
from sqlalchemy import Connection

from authz.api.messages import organization_message, person_message
from authz.domain.policy import decide
from authz.store import custom_roles, members, organizations


class RecipientsApi(RecipientsServiceServicer):
    """See the contract."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @read
    def ListDirectoryManagers(
        self, request: contract.ListDirectoryManagersRequest, connection: Connection
    ) -> contract.ListDirectoryManagersResponse:
        organization = organizations.get(connection, request.organization_id)
        roles = {
            role.custom_role_id: role.permissions
            for role in custom_roles.all_by_name(connection, organization.organization_id)
        }
        managers = [
            member.person
            for member in members.reachable(connection, organization.organization_id)
            if decide(
                organization.plan, member.role, [roles[each] for each in member.custom_role_ids]
            ).directory_management
        ]
        return contract.ListDirectoryManagersResponse(
            organization=organization_message(organization),
            persons=[person_message(person) for person in managers if person.email],
        )
