"""An organisation, its members and custom roles. Reading is for members, changing for owners."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from directory.authz.v1.administration_service_pb2 import (
    DeleteCustomRoleRequest,
    GetOrganizationRequest,
    GetOrganizationResponse,
    RemoveMemberRequest,
    SetCustomRoleRequest,
    SetMemberRequest,
)
from directory.authz.v1.organization_pb2 import CustomRole, Member, Permission, Role
from pydantic import ConfigDict, Field, StringConstraints

from gateway.api import blueprints
from gateway.api.answers import Answer
from gateway.api.paths import CustomRolePath, MemberPath, OrganizationPath
from gateway.api.schemas import Body, answer
from gateway.core import core
from gateway.shapes import enum_from_json, to_json

blueprint = blueprints.of_members("organizations", __name__)

Text = Annotated[str, StringConstraints(min_length=1, max_length=320)]
RoleName = Literal["primary_owner", "owner", "admin", "member"]
PermissionName = Literal["directory_management", "libraries"]


class MemberBody(Body):
    """A member, with everything that they are from now on: a present one by `person_id`, or anybody by `email`."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["email"]}, {"required": ["person_id"]}]})

    email: Annotated[Text, Field(json_schema_extra={"format": "email"})] | None = None
    person_id: Annotated[UUID, Field(strict=False)] | None = None
    role: RoleName
    custom_role_ids: list[str] = Field(default_factory=list, max_length=100)
    only_add: bool = Field(default=False, description="Refuse a present member (ALREADY_A_MEMBER), change nothing.")


class CustomRoleBody(Body):
    """A custom role."""

    name: Text
    permissions: list[PermissionName] = Field(max_length=10)


@blueprint.get("", responses={200: answer(GetOrganizationResponse.DESCRIPTOR, name="OrganizationAnswer")})
def get_organization(path: OrganizationPath) -> Answer:
    """The organisation with members and custom roles."""
    return to_json(core().backends.administration.GetOrganization(GetOrganizationRequest()))


@blueprint.put("/members", responses={200: answer(Member.DESCRIPTOR)})
def set_member(path: OrganizationPath, body: MemberBody) -> Answer:
    """Add a member by e-mail address, or change one: exactly one of `email` and `person_id` is given.

    The address of a present member changes that member, unless `only_add` is true.
    """
    request = SetMemberRequest(
        email=body.email,
        person_id=str(body.person_id or ""),
        role=enum_from_json(Role.DESCRIPTOR, body.role),
        custom_role_ids=body.custom_role_ids,
        only_add=body.only_add,
    )
    return to_json(core().backends.administration.SetMember(request).member)


@blueprint.delete("/members/<uuid:person_id>", responses={204: None})
def remove_member(path: MemberPath) -> Answer:
    """Remove a member; not the primary owner."""
    core().backends.administration.RemoveMember(RemoveMemberRequest(person_id=str(path.person_id)))
    return "", 204


@blueprint.post("/custom-roles", responses={201: answer(CustomRole.DESCRIPTOR)})
def create_custom_role(path: OrganizationPath, body: CustomRoleBody) -> Answer:
    """Make a custom role; on the Enterprise plan."""
    return _set_custom_role("", body), 201


@blueprint.put("/custom-roles/<uuid:custom_role_id>", responses={200: answer(CustomRole.DESCRIPTOR)})
def set_custom_role(path: CustomRolePath, body: CustomRoleBody) -> Answer:
    """Change a custom role."""
    return _set_custom_role(str(path.custom_role_id), body)


@blueprint.delete("/custom-roles/<uuid:custom_role_id>", responses={204: None})
def delete_custom_role(path: CustomRolePath) -> Answer:
    """Delete a custom role and take it from its members."""
    request = DeleteCustomRoleRequest(custom_role_id=str(path.custom_role_id))
    core().backends.administration.DeleteCustomRole(request)
    return "", 204


def _set_custom_role(custom_role_id: str, body: CustomRoleBody) -> dict[str, object]:
    request = SetCustomRoleRequest(
        custom_role_id=custom_role_id,
        name=body.name,
        permissions=[enum_from_json(Permission.DESCRIPTOR, one) for one in body.permissions],
    )
    return to_json(core().backends.administration.SetCustomRole(request).custom_role)
