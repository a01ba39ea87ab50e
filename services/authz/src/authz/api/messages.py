"""Domain objects as the contract's messages."""

from __future__ import annotations

from directory.authz.v1 import organization_pb2 as contract

from authz.domain.access import CustomRole, Member, Organization, Person
from authz.domain.policy import Membership
from authz.domain.tokens import AccessToken
from authz.store.enumerations import PERMISSIONS, PLANS, ROLES, STAFF_ROLES


def organization_message(organization: Organization) -> contract.Organization:
    """directory.authz.v1.Organization"""
    return contract.Organization(
        organization_id=organization.organization_id, name=organization.name, plan=PLANS[organization.plan]
    )


def person_message(person: Person) -> contract.Person:
    """directory.authz.v1.Person"""
    return contract.Person(
        person_id=person.person_id, email=person.email, name=person.name, staff_role=STAFF_ROLES[person.staff_role]
    )


def member_message(member: Member) -> contract.Member:
    """directory.authz.v1.Member: says no more of the person than what whoever named the address knows, until the
    person has accepted, and never who is staff."""
    person = member.person
    return contract.Member(
        person=contract.Person(
            person_id=person.person_id, email=person.email, name=person.name if member.accepted else ""
        ),
        role=ROLES[member.role],
        custom_role_ids=sorted(member.custom_role_ids),
    )


def custom_role_message(custom_role: CustomRole) -> contract.CustomRole:
    """directory.authz.v1.CustomRole"""
    permissions = [value for permission, value in PERMISSIONS.items() if permission in custom_role.permissions]
    return contract.CustomRole(
        custom_role_id=custom_role.custom_role_id, name=custom_role.name, permissions=permissions
    )


def membership_message(membership: Membership) -> contract.Membership:
    """directory.authz.v1.Membership"""
    return contract.Membership(
        organization=organization_message(membership.organization),
        role=ROLES[membership.role],
        directory_management=membership.verdict.directory_management,
        denied_reason=membership.verdict.denied_reason,
    )


def access_token_message(token: AccessToken) -> contract.AccessToken:
    """directory.authz.v1.AccessToken"""
    message = contract.AccessToken(
        access_token_id=token.access_token_id,
        name=token.name,
        organization_id=token.organization_id or "",
        prefix=token.prefix,
    )
    message.created_at.FromDatetime(token.created_at)
    message.expires_at.FromDatetime(token.expires_at)
    if token.last_used_at:
        message.last_used_at.FromDatetime(token.last_used_at)
    return message
