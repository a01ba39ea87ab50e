"""RecipientsService: who is told of what concerns an organization."""

from typing import Any

import pytest
from chassis.errors import NotFound, PermissionDenied
from chassis.ids import new_id
from directory.authz.v1 import organization_pb2
from directory.authz.v1.administration_service_pb2 import SetMemberRequest
from directory.authz.v1.recipients_service_pb2 import ListDirectoryManagersRequest
from directory.authz.v1.recipients_service_pb2_grpc import RecipientsServiceStub


@pytest.fixture(scope="module")
def acme(service: Any) -> str:
    organization_id: str = service.command(
        "org", "create", "Acme", "--plan", "enterprise", "--primary-owner", "olivia@acme.example"
    )
    service.command("role", "set", "Acme", "Publishers", "--permission", "directory_management")
    service.command("role", "set", "Acme", "Readers")
    service.command("member", "add", "Acme", "mo@acme.example", "--custom-role", "publishers")
    service.command("member", "add", "Acme", "rae@acme.example", "--custom-role", "readers")
    service.command("member", "add", "Acme", "ada@acme.example", "--role", "admin")
    for name in ("olivia", "mo", "rae", "ada"):
        service.sign_in(f"{name}@acme.example")
    return organization_id


def managers(service: Any, organization_id: str, peer: str = "notifications") -> Any:
    stub = RecipientsServiceStub(service.channel(peer))
    return stub.ListDirectoryManagers(ListDirectoryManagersRequest(organization_id=organization_id))


def test_they_are_the_members_with_directory_management(service: Any, acme: str) -> None:
    answer = managers(service, acme)
    assert answer.organization.name == "Acme"
    assert [person.email for person in answer.persons] == ["mo@acme.example", "olivia@acme.example"]


def test_custom_roles_count_as_the_plan_says(service: Any, acme: str) -> None:
    service.command("org", "plan", "Acme", "team")
    try:
        assert [person.email for person in managers(service, acme).persons] == ["olivia@acme.example"]
        service.command("org", "plan", "Acme", "pro")
        assert list(managers(service, acme).persons) == []
    finally:
        service.command("org", "plan", "Acme", "enterprise")


def test_an_address_that_somebody_else_proved_is_not_written_to(service: Any) -> None:
    organization_id = service.command(
        "org", "create", "Moved", "--plan", "team", "--primary-owner", "shared@moved.example"
    )
    service.sign_in("shared@moved.example", subject="first")
    assert [person.email for person in managers(service, organization_id).persons] == ["shared@moved.example"]
    # The address belongs to another person now, who is no member.
    service.sign_in("shared@moved.example", subject="second")
    assert list(managers(service, organization_id).persons) == []


def test_nobody_is_written_to_at_an_address_that_somebody_else_named(service: Any) -> None:
    """An owner adds whom they like: neither a stranger nor a person of another organization hears of it."""
    owner = "owner@quiet.example"
    organization_id = service.command("org", "create", "Quiet", "--plan", "team", "--primary-owner", owner)
    assert list(managers(service, organization_id).persons) == []
    service.sign_in("elsewhere@quiet.example")
    with service.acting(owner, organization_id):
        for name in ("stranger", "elsewhere"):
            service.administration.SetMember(
                SetMemberRequest(email=f"{name}@quiet.example", role=organization_pb2.ROLE_OWNER)
            )
    assert [person.email for person in managers(service, organization_id).persons] == [owner]
    # Who takes the membership up is told from then on.
    service.grant(service.sign_in("stranger@quiet.example").person_id, organization_id)
    assert [person.email for person in managers(service, organization_id).persons] == [owner, "stranger@quiet.example"]


def test_an_organization_that_is_none_is_not_found(service: Any) -> None:
    for organization_id in (new_id(), "", "acme"):
        with pytest.raises(NotFound, match="ORGANIZATION_NOT_FOUND"):
            managers(service, organization_id)


def test_other_peers_are_refused(service: Any, acme: str) -> None:
    for peer in ("gateway", "submissions", "listings", "metrics", "proxy"):
        with pytest.raises(PermissionDenied, match="PEER_NOT_ALLOWED"):
            managers(service, acme, peer)
