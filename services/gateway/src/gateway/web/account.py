"""People and roles of an organisation, and a person's own API tokens."""

from typing import Any
from uuid import UUID

from chassis.errors import Conflict, DirectoryError, InvalidInput, NotFound, PermissionDenied
from directory.authz.v1 import organization_pb2 as authz
from directory.authz.v1.administration_service_pb2 import (
    DeleteCustomRoleRequest,
    GetOrganizationRequest,
    RemoveMemberRequest,
    SetCustomRoleRequest,
    SetMemberRequest,
)
from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue

from gateway import guards, problems
from gateway.core import core
from gateway.web import access_tokens, field_errors, forms, scope, words
from gateway.web.posting import once, then
from gateway.web.rendering import page

blueprint = Blueprint("account", __name__, url_prefix="/organizations/<uuid:organization_id>")
blueprint.before_request(guards.signed_in)
blueprint.before_request(scope.member)

_REFUSALS = (InvalidInput, Conflict, PermissionDenied, NotFound)
_OWNERS = (authz.ROLE_PRIMARY_OWNER, authz.ROLE_OWNER)


@blueprint.get("/people")
def people(organization_id: UUID) -> str:
    """Members, and for owners the forms to change them."""
    return _people_page()


@blueprint.post("/people")
def add_member(organization_id: UUID) -> ResponseReturnValue:
    """Add somebody by e-mail address; a member who is there already is changed in the list, not here."""
    email = forms.clean(request.form.get("email"))
    role = _chosen_role()
    try:
        _set_member(role, email=email, only_add=True)
    except _REFUSALS as error:
        return _refused(error, email=email, role=role or authz.ROLE_MEMBER, chosen=request.form.getlist("custom_role"))
    return then(f"Added: {email}.", "account.people", organization_id=organization_id)


@blueprint.post("/people/<uuid:person_id>")
def change_member(organization_id: UUID, person_id: UUID) -> ResponseReturnValue:
    """Change the role of the member who is shown: the address could belong to somebody else by now."""
    try:
        person = _set_member(_chosen_role(), person_id=str(person_id)).person
    except _REFUSALS as error:
        return _refused(error)
    return then(f"Saved: {person.email or person.name}.", "account.people", organization_id=organization_id)


@blueprint.post("/people/<uuid:person_id>/primary-owner")
def hand_over(organization_id: UUID, person_id: UUID) -> ResponseReturnValue:
    """Make the member who is shown the primary owner. The form says what is lost by it, so no other form does it."""
    try:
        person = _set_member(authz.ROLE_PRIMARY_OWNER, person_id=str(person_id)).person
    except _REFUSALS as error:
        return _refused(error)
    told = f"{person.name or person.email} is the primary owner now, and you are an owner."
    return then(told, "account.people", organization_id=organization_id)


@blueprint.post("/people/<uuid:person_id>/remove")
def remove_member(organization_id: UUID, person_id: UUID) -> ResponseReturnValue:
    """Take somebody out of the organisation."""
    try:
        with once("remove"):
            core().backends.administration.RemoveMember(RemoveMemberRequest(person_id=str(person_id)))
    except _REFUSALS as error:
        return _refused(error)
    return then("Removed.", "account.people", organization_id=organization_id)


@blueprint.post("/people/roles")
def set_role(organization_id: UUID) -> ResponseReturnValue:
    """Make a custom role."""
    name = forms.clean(request.form.get("name"))
    known = (forms.known_number(text, words.PERMISSIONS) for text in request.form.getlist("permission"))
    permissions = [one for one in known if one]
    if not permissions:
        # The API takes it, where it must be written down; here it is a box that was overlooked.
        missing = [("/permissions", "Choose at least one: a role without a permission gives nothing.")]
        wrong = field_errors.FieldErrors("No role was created.", missing)
        return _people_page(errors=wrong, role_name=name), 422
    asked = SetCustomRoleRequest(name=name, permissions=permissions)
    try:
        with once("role"):
            core().backends.administration.SetCustomRole(asked)
    except _REFUSALS as error:
        return _refused(error, role_name=name, permissions=permissions)
    return then(f"Role “{name}” created.", "account.people", organization_id=organization_id)


@blueprint.post("/people/roles/<uuid:custom_role_id>/delete")
def delete_role(organization_id: UUID, custom_role_id: UUID) -> ResponseReturnValue:
    """Delete a custom role."""
    asked = DeleteCustomRoleRequest(custom_role_id=str(custom_role_id))
    try:
        with once("delete-role"):
            core().backends.administration.DeleteCustomRole(asked)
    except _REFUSALS as error:
        return _refused(error)
    return then("The role is deleted.", "account.people", organization_id=organization_id)


@blueprint.get("/tokens")
def tokens(organization_id: UUID) -> str:
    """A person's tokens for the organisation."""
    return access_tokens.tokens_page(str(organization_id))


@blueprint.post("/tokens")
def create_token(organization_id: UUID) -> ResponseReturnValue:
    """A new token, shown once."""
    return access_tokens.create(str(organization_id))


@blueprint.post("/tokens/<uuid:access_token_id>/revoke")
def revoke_token(organization_id: UUID, access_token_id: UUID) -> ResponseReturnValue:
    """End a token."""
    access_tokens.revoke(access_token_id)
    return then("The token is revoked.", "account.tokens", organization_id=organization_id)


def _chosen_role() -> authz.Role:
    """The role that a form names; unspecified, which is refused beside the field, for one that it does not offer."""
    role: authz.Role = forms.known_number(request.form.get("role"), words.ASSIGNABLE_ROLES)
    return role


def _set_member(role: authz.Role, **who: Any) -> authz.Member:
    asked = SetMemberRequest(role=role, custom_role_ids=request.form.getlist("custom_role"), **who)
    with once("member"):
        return core().backends.administration.SetMember(asked).member


def _refused(error: DirectoryError, **kept: Any) -> ResponseReturnValue:
    return _people_page(errors=field_errors.of(error), **kept), problems.of(error).status


def _people_page(**kept: Any) -> str:
    found = core().backends.administration.GetOrganization(GetOrganizationRequest())
    values: dict[str, Any] = {"email": "", "role": authz.ROLE_MEMBER, "chosen": [], "role_name": "", "permissions": []}
    return page(
        "account/people.html",
        section="people",
        crumbs=(("Admin settings", ""), ("People and roles", "")),
        members=found.members,
        custom_roles=found.custom_roles,
        has_custom_roles=found.organization.plan == authz.PLAN_ENTERPRISE,
        may_change=g.membership.role in _OWNERS,
        is_primary_owner=g.membership.role == authz.ROLE_PRIMARY_OWNER,
        **(values | kept),
    )
