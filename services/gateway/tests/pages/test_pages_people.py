"""People and roles of an organisation: who is added, changed, handed over to, and what a custom role needs."""

import html
import re
from typing import Any

import pytest
from chassis.errors import Conflict
from directory.authz.v1 import administration_service_pb2 as administration
from directory.authz.v1 import organization_pb2 as authz

HOSTILE = "<script>alert(1)</script>"


def member(person_id: str, name: str, role: int, **changed: Any) -> authz.Member:
    person = authz.Person(person_id=person_id, name=name, email=f"{name}@x.example")
    return authz.Member(person=person, role=role, **changed)


@pytest.fixture
def people(stage: Any, samples: Any) -> str:
    """The page of an organisation with its primary owner, who looks at it, an owner and a member."""
    stage.people.membership.role = authz.ROLE_PRIMARY_OWNER
    stage.services.answers["GetOrganization"] = administration.GetOrganizationResponse(
        organization=stage.people.membership.organization,
        members=[
            member(samples.PERSON, "olu", authz.ROLE_PRIMARY_OWNER),
            member(samples.ITEM, "ben", authz.ROLE_OWNER, custom_role_ids=[samples.REVISION]),
            member(samples.ICON, "mia", authz.ROLE_MEMBER),
        ],
        custom_roles=[authz.CustomRole(custom_role_id=samples.REVISION, name="Publishers")],
    )
    return f"/organizations/{samples.ORGANIZATION}/people"


def form_at(page: str, action: str) -> str:
    """The form that is sent to an address."""
    return re.search(f'<form[^>]* action="{re.escape(action)}".*?</form>', page, re.DOTALL).group()


def test_owners_change_people_and_others_look(stage, samples, text_of):
    member = authz.Member(
        person=authz.Person(person_id=samples.ICON, name=HOSTILE, email="mia@x.example"), role=authz.ROLE_MEMBER
    )
    found = administration.GetOrganizationResponse(organization=stage.people.membership.organization, members=[member])
    stage.services.answers["GetOrganization"] = found
    address = f"/organizations/{samples.ORGANIZATION}/people"
    page = stage.get(address)
    assert HOSTILE not in page
    assert "Add a person" in page
    stage.people.membership.role = authz.ROLE_MEMBER
    assert "Add a person" not in stage.get(address)


def test_a_member_who_is_shown_is_changed_by_id(stage, samples):
    member = authz.Member(person=authz.Person(person_id=samples.ICON, email="mia@x.example"), role=authz.ROLE_MEMBER)
    found = administration.GetOrganizationResponse(organization=stage.people.membership.organization, members=[member])
    stage.services.answers["GetOrganization"] = found
    stage.services.answers["SetMember"] = administration.SetMemberResponse(member=member)
    address = f"/organizations/{samples.ORGANIZATION}/people"
    assert f'action="{address}/{samples.ICON}"' in stage.get(address)
    stage.post(f"{address}/{samples.ICON}", {"role": "2"})
    asked = administration.SetMemberRequest(person_id=samples.ICON, role=authz.ROLE_OWNER)
    assert stage.services.last("SetMember") == asked
    assert "Saved: mia@x.example." in stage.get(address)


def test_somebody_is_added_by_e_mail(stage, samples):
    stage.services.answers["SetMember"] = administration.SetMemberResponse()
    stage.post(f"/organizations/{samples.ORGANIZATION}/people", {"email": " new@x.example ", "role": "2"})
    asked = stage.services.last("SetMember")
    assert (asked.email, asked.role) == ("new@x.example", authz.ROLE_OWNER)


def test_who_is_a_member_already_is_refused_beside_the_address_and_stays(stage, people, text_of):
    told = "This person is a member already. Change their role in the list of members."
    stage.services.answers["SetMember"] = Conflict("ALREADY_A_MEMBER", told, role="owner")
    page = stage.post(people, {"email": "ben@x.example", "role": "3"}, status=409)
    assert stage.services.last("SetMember").only_add
    form = form_at(page, people)
    assert told in text_of(form)
    assert 'value="ben@x.example"' in form
    assert 'aria-describedby="field-email-error1" aria-invalid="true"' in form
    assert '<option value="3" selected>Admin' in form


def test_nobody_is_made_primary_owner_by_adding_or_by_choosing_a_role(stage, samples, people):
    page = stage.get(people)
    assert '<option value="1"' not in page
    stage.services.answers["SetMember"] = administration.SetMemberResponse()
    for address, who in ((people, {"email": "new@x.example"}), (f"{people}/{samples.ICON}", {})):
        stage.post(address, {"role": "1", **who})
        assert stage.services.last("SetMember").role == authz.ROLE_UNSPECIFIED  # which authz refuses


def test_primary_ownership_is_handed_over_by_a_form_that_says_what_is_lost(stage, samples, people, text_of):
    page = stage.get(people)
    address = f"{people}/{samples.ITEM}/primary-owner"
    form = form_at(page, address)
    assert "You become an owner; only the new primary owner can hand it back." in text_of(form)
    assert (
        page.split(form)[0].rpartition("<summary")[0].endswith('<details class="disclose">')
    )  # closed, without scripts
    stage.services.answers["SetMember"] = administration.SetMemberResponse(
        member=member(samples.ITEM, "ben", authz.ROLE_PRIMARY_OWNER)
    )
    kept = re.findall('name="custom_role" value="([^"]*)"', form)
    stage.post(address, {"custom_role": kept})
    assert stage.services.last("SetMember") == administration.SetMemberRequest(
        person_id=samples.ITEM, role=authz.ROLE_PRIMARY_OWNER, custom_role_ids=[samples.REVISION]
    )
    assert "ben is the primary owner now, and you are an owner." in html.unescape(stage.get(people))


def test_only_the_primary_owner_is_offered_to_hand_over_and_not_to_themselves(stage, samples, people):
    assert f"{samples.PERSON}/primary-owner" not in stage.get(people)
    stage.people.membership.role = authz.ROLE_OWNER
    page = stage.get(people)
    assert "primary-owner" not in page
    assert f'action="{people}/{samples.ICON}"' in page
    assert f'action="{people}/{samples.PERSON}"' not in page


def test_a_custom_role_needs_a_permission(stage, people, text_of):
    page = stage.post(f"{people}/roles", {"name": "Watchers"}, status=422)
    form = form_at(page, f"{people}/roles")
    assert "Choose at least one: a role without a permission gives nothing." in text_of(form)
    assert 'value="Watchers"' in form
    assert "SetCustomRole" not in dict(stage.services.asked)
    stage.services.answers["SetCustomRole"] = administration.SetCustomRoleResponse()
    stage.post(f"{people}/roles", {"name": "Watchers", "permission": "2"})
    assert list(stage.services.last("SetCustomRole").permissions) == [authz.PERMISSION_LIBRARIES]


def test_a_refused_name_of_a_custom_role_leaves_its_permissions_chosen(stage, people):
    stage.services.answers["SetCustomRole"] = Conflict("NAME_TAKEN", "The name is taken.", name="Publishers")
    page = stage.post(f"{people}/roles", {"name": "Publishers", "permission": "2"}, status=409)
    assert 'name="permission" value="2" checked' in page
    assert 'name="permission" value="1" checked' not in page
