"""How sign-ins meet people who were named by e-mail beforehand, on the real database."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from chassis.errors import NotFound
from directory.authz.v1 import access_service_pb2 as access
from directory.authz.v1 import organization_pb2 as contract

ISSUER = "https://identity.example"


def create(service: Any, name: str, email: str) -> str:
    return str(service.command("org", "create", name, "--plan", "team", "--primary-owner", email))


def test_a_person_is_made_once_and_brought_up_to_date(service: Any) -> None:
    first = service.sign_in("New.Person@example.com", subject="np", name="New Person")
    assert first.email == "new.person@example.com"
    assert service.sign_in("new.person@example.com", subject="np", name="New Person") == first
    renamed = service.sign_in("new.person@example.com", subject="np", name="Newer Person")
    assert (renamed.person_id, renamed.name) == (first.person_id, "Newer Person")


def test_what_the_provider_does_not_say_stays(service: Any) -> None:
    sam = service.sign_in("sam@silent.example", subject="sam", name="Sam Silent")
    for said in ({}, {"name": "Sam Silent"}, {"email": "sam@silent.example"}, {"email": "no address"}):
        request = access.ResolvePersonRequest(issuer=ISSUER, subject="sam", **said)
        assert service.access.ResolvePerson(request).person == sam
    renamed = access.ResolvePersonRequest(issuer=ISSUER, subject="sam", name="Sam", email="sam@silent.example")
    assert service.access.ResolvePerson(renamed).person.name == "Sam"
    # Still the holder: what is given to the address is given to Sam.
    assert service.grant(sam.person_id, create(service, "Silent", "sam@silent.example")).owner


def test_an_address_said_without_its_verification_is_not_held(service: Any) -> None:
    create(service, "Unsaid", "una@unsaid.example")
    una = service.sign_in("una@elsewhere.example", subject="una")
    request = access.ResolvePersonRequest(issuer=ISSUER, subject="una", email="una@unsaid.example")
    moved = service.access.ResolvePerson(request).person
    assert (moved.person_id, moved.email) == (una.person_id, "una@unsaid.example")
    assert service.sign_in("una@unsaid.example", subject="owner").person_id != una.person_id


def test_memberships_and_staff_roles_wait_for_a_verified_address(service: Any) -> None:
    organization_id = create(service, "Waiting", "wanda@waiting.example")
    service.command("staff", "add", "wanda@waiting.example")
    unverified = service.sign_in("wanda@waiting.example", subject="impostor", verified=False)
    with pytest.raises(NotFound, match="ORGANIZATION_NOT_FOUND"):
        service.grant_token(unverified.person_id, organization_id)
    assert unverified.staff_role == contract.STAFF_ROLE_UNSPECIFIED

    wanda = service.sign_in("Wanda@waiting.example", subject="wanda")
    assert wanda.person_id != unverified.person_id
    assert wanda.staff_role == contract.STAFF_ROLE_REVIEWER
    assert service.grant(wanda.person_id, organization_id).owner


def test_an_address_that_is_verified_later_joins_then(service: Any) -> None:
    organization_id = create(service, "Later", "lara@later.example")
    before = service.sign_in("lara@later.example", subject="lara", verified=False)
    after = service.sign_in("lara@later.example", subject="lara", verified=True)
    assert after.person_id == before.person_id
    assert service.grant(after.person_id, organization_id).owner


def test_a_new_address_keeps_rights_and_takes_over_what_waited_for_it(service: Any) -> None:
    first = create(service, "Before", "bea@before.example")
    bea = service.sign_in("bea@before.example", subject="bea")
    second = create(service, "After", "bea@after.example")
    service.command("member", "add", "Before", "bea@after.example", "--role", "admin")
    service.command("staff", "add", "bea@after.example", "--role", "lead_reviewer")
    token = service.command("token", "create", "bea@after.example", "--organization", "After")

    moved_events = service.new_events(lambda: service.sign_in("bea@after.example", subject="bea"))
    moved = service.sign_in("bea@after.example", subject="bea")
    assert (moved.person_id, moved.email) == (bea.person_id, "bea@after.example")
    assert moved.staff_role == contract.STAFF_ROLE_LEAD_REVIEWER
    # The stronger role stays: two of the same organization become one.
    assert service.grant(bea.person_id, first).owner
    assert service.grant(bea.person_id, second).owner
    assert _token_owner(service, token) == bea.person_id
    changed = {(key, event.member_changed.role) for key, event in moved_events if event.HasField("member_changed")}
    assert changed >= {(first, contract.ROLE_UNSPECIFIED), (second, contract.ROLE_UNSPECIFIED)}
    assert (second, contract.ROLE_PRIMARY_OWNER) in changed

    # What is given to the old address from now on is for whoever proves it, not for Bea.
    third = create(service, "Third", "bea@before.example")
    with pytest.raises(NotFound):
        service.grant_token(bea.person_id, third)


def test_an_address_given_to_somebody_new_carries_no_rights(service: Any) -> None:
    organization_id = create(service, "Reused", "info@reused.example")
    former = service.sign_in("info@reused.example", subject="former")
    latter = service.sign_in("info@reused.example", subject="latter")
    assert latter.person_id != former.person_id
    with pytest.raises(NotFound):
        service.grant_token(latter.person_id, organization_id)
    assert service.grant(former.person_id, organization_id).owner
    # From now on the address means the latter.
    service.command("member", "add", "Reused", "info@reused.example", "--role", "member")
    assert not service.grant(latter.person_id, organization_id).owner


def test_what_is_no_address_is_left_out(service: Any) -> None:
    for number, email in enumerate(("", "nobody", "x" * 300 + "@example.com", "nul\x00@example.com")):
        person = service.sign_in(email, subject=f"odd {number}", name="Odd")
        assert person.email == ""
    assert service.sign_in("", subject="odd 0", name="Odd").name == "Odd"


def test_first_sign_ins_at_the_same_time_make_one_person(service: Any) -> None:
    create(service, "Crowd", "carl@crowd.example")
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: service.sign_in("carl@crowd.example", subject="carl"), range(16)))
    assert len({person.person_id for person in found}) == 1


def _token_owner(service: Any, secret: str) -> str:
    from directory.authz.v1.access_service_pb2 import ResolveAccessTokenRequest

    return str(service.access.ResolveAccessToken(ResolveAccessTokenRequest(secret=secret)).person.person_id)
