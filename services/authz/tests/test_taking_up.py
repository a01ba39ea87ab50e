"""When a membership begins: an operator's at once, an owner's by its first use, for staff by their own word."""

from typing import Any

import pytest
from chassis.errors import NotFound
from chassis.ids import new_id
from directory.authz.v1 import access_service_pb2 as access
from directory.authz.v1 import administration_service_pb2 as administration
from directory.authz.v1 import organization_pb2 as contract

OWNER = "olivia@acme.example"


@pytest.fixture
def acme(service: Any) -> str:
    """A fresh organization with its primary owner alone."""
    name = f"Acme {new_id()}"
    return str(service.command("org", "create", name, "--plan", "team", "--primary-owner", OWNER))


@pytest.fixture
def reviewer(service: Any) -> contract.Person:
    """Somebody fresh who is staff and has signed in."""
    email = f"rita.{new_id()}@directory.example"
    service.command("staff", "add", email)
    person: contract.Person = service.sign_in(email, name="Rita Reviewer")
    return person


def add(service: Any, organization_id: str, email: str, role: contract.Role = contract.ROLE_OWNER) -> contract.Member:
    with service.acting(OWNER, organization_id):
        member: contract.Member = service.administration.SetMember(
            administration.SetMemberRequest(email=email, role=role)
        ).member
    return member


def seen(service: Any, organization_id: str, email: str) -> contract.Person:
    """What the organization's page shows of a member."""
    with service.acting(OWNER, organization_id):
        found = service.administration.GetOrganization(administration.GetOrganizationRequest())
    (person,) = [member.person for member in found.members if member.person.email == email]
    return person


def listed(service: Any, person_id: str) -> access.ListMembershipsResponse:
    response: access.ListMembershipsResponse = service.access.ListMemberships(
        access.ListMembershipsRequest(person_id=person_id)
    )
    return response


def ids(memberships: Any) -> list[str]:
    return [membership.organization.organization_id for membership in memberships]


def accept(service: Any, person_id: str, organization_id: str) -> None:
    service.access.AcceptMembership(
        access.AcceptMembershipRequest(person_id=person_id, organization_id=organization_id)
    )


def test_an_owner_does_not_choose_who_reviews(service: Any, acme: str, reviewer: contract.Person) -> None:
    add(service, acme, reviewer.email)
    grant = service.grant(reviewer.person_id)
    assert (grant.staff_role, grant.organizations) == ("reviewer", frozenset())


def test_a_link_does_not_make_a_reviewer_a_member_either(service: Any, acme: str, reviewer: contract.Person) -> None:
    add(service, acme, reviewer.email)
    with pytest.raises(NotFound, match="ORGANIZATION_NOT_FOUND"):
        service.grant_token(reviewer.person_id, acme)
    assert service.grant(reviewer.person_id).organizations == frozenset()


def test_a_reviewer_who_accepts_is_a_member_and_reviews_nothing_there(
    service: Any, acme: str, reviewer: contract.Person
) -> None:
    add(service, acme, reviewer.email)
    before = listed(service, reviewer.person_id)
    assert (ids(before.memberships), ids(before.invitations)) == ([], [acme])
    ((key, event),) = service.new_events(lambda: accept(service, reviewer.person_id, acme))
    assert (key, event.member_changed.person_id) == (acme, reviewer.person_id)
    assert service.new_events(lambda: accept(service, reviewer.person_id, acme)) == []
    after = listed(service, reviewer.person_id)
    assert (ids(after.memberships), ids(after.invitations)) == ([acme], [])
    assert service.grant(reviewer.person_id).organizations == {acme}
    assert service.grant(reviewer.person_id, acme).directory_management
    # A change by an owner is no new membership.
    add(service, acme, reviewer.email, contract.ROLE_MEMBER)
    assert service.grant(reviewer.person_id).organizations == {acme}


def test_a_reviewer_who_was_removed_is_asked_again(service: Any, acme: str, reviewer: contract.Person) -> None:
    add(service, acme, reviewer.email)
    accept(service, reviewer.person_id, acme)
    with service.acting(OWNER, acme):
        service.administration.RemoveMember(administration.RemoveMemberRequest(person_id=reviewer.person_id))
    add(service, acme, reviewer.email)
    assert service.grant(reviewer.person_id).organizations == frozenset()


def test_what_an_operator_says_counts_at_once(service: Any, acme: str, reviewer: contract.Person) -> None:
    add(service, acme, reviewer.email)
    service.command("member", "add", acme, reviewer.email)
    assert service.grant(reviewer.person_id).organizations == {acme}


def test_nobody_accepts_what_was_not_offered(service: Any, acme: str, reviewer: contract.Person) -> None:
    for organization_id in (acme, new_id(), "no id"):
        with pytest.raises(NotFound, match="ORGANIZATION_NOT_FOUND"):
            accept(service, reviewer.person_id, organization_id)


def test_everybody_else_takes_a_membership_up_by_using_it(service: Any, acme: str) -> None:
    email = f"mo.{new_id()}@acme.example"
    add(service, acme, email)
    person = service.sign_in(email)
    assert ids(listed(service, person.person_id).memberships) == [acme]
    assert service.grant(person.person_id, acme).directory_management
    # Who becomes staff later does not review where they worked.
    service.command("staff", "add", email)
    assert service.grant(person.person_id).organizations == {acme}
    assert service.grant(person.person_id, acme).directory_management


def test_a_membership_that_was_never_used_does_not_bar_who_becomes_staff(service: Any, acme: str) -> None:
    email = f"ned.{new_id()}@acme.example"
    person = service.sign_in(email)
    add(service, acme, email)
    service.command("staff", "add", email)
    assert service.grant(person.person_id).organizations == frozenset()


def test_it_stays_an_invitation_when_sign_ins_are_joined(service: Any, acme: str) -> None:
    old, new = f"old.{new_id()}@directory.example", f"new.{new_id()}@directory.example"
    service.command("staff", "add", old)
    reviewer = service.sign_in(old, subject=old)
    add(service, acme, new)
    assert service.sign_in(new, subject=old).person_id == reviewer.person_id
    found = listed(service, reviewer.person_id)
    assert (ids(found.memberships), ids(found.invitations)) == ([], [acme])


def test_an_owner_is_told_the_same_of_staff_as_of_anybody(service: Any, acme: str, reviewer: contract.Person) -> None:
    email = f"mo.{new_id()}@acme.example"
    somebody = service.sign_in(email, name="Mo Member")
    unknown = f"nobody.{new_id()}@acme.example"
    answers = [add(service, acme, each) for each in (email, reviewer.email, unknown)]
    for member in answers:
        assert (member.person.name, member.person.staff_role) == ("", contract.STAFF_ROLE_UNSPECIFIED)
        assert seen(service, acme, member.person.email) == member.person
    # Each by their own doing; the staff role is nobody's business there even then.
    service.grant(somebody.person_id, acme)
    accept(service, reviewer.person_id, acme)
    assert seen(service, acme, email).name == "Mo Member"
    shown = seen(service, acme, reviewer.email)
    assert (shown.name, shown.staff_role) == ("Rita Reviewer", contract.STAFF_ROLE_UNSPECIFIED)
