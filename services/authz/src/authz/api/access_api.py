"""AccessService: who is asking, and what they may do. For the gateway alone (the peers in wiring.py see to it)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import grpc
from chassis.clock import Clock
from chassis.errors import InvalidInput, Violation
from chassis.formats import is_email
from chassis.grants import Grant, GrantSigner
from chassis.rpc.methods import read, write
from chassis.sql.database import Database, UnitOfWork
from directory.authz.v1 import access_service_pb2 as contract
from directory.authz.v1.access_service_pb2_grpc import AccessServiceServicer
from sqlalchemy import Connection

from authz.api.messages import access_token_message, membership_message, person_message
from authz.domain.access import OWNERS, Person
from authz.domain.organizations import organization_not_found
from authz.domain.persons import SignIn, normal_address, shown_name
from authz.domain.policy import Membership
from authz.store import access_tokens, members, memberships, organizations, persons, sign_ins
from authz.store.change import Change

GRANT_LIFETIME = timedelta(seconds=60)
# A page of the review desk has as many items.
MOST_NAMES = 100


class AccessApi(AccessServiceServicer):
    """See the contract for each method."""

    def __init__(self, database: Database, signer: GrantSigner, *, clock: Clock, new_id: Callable[[], str]) -> None:
        self.database = database
        self._signer = signer
        self._clock = clock
        self._new_id = new_id

    @write
    def ResolvePerson(self, request: contract.ResolvePersonRequest, uow: UnitOfWork) -> contract.ResolvePersonResponse:
        change = Change(uow, self._clock(), self._new_id)
        person = sign_ins.resolve(change, _sign_in(request))
        return contract.ResolvePersonResponse(person=person_message(person))

    @write
    def ResolveAccessToken(
        self, request: contract.ResolveAccessTokenRequest, uow: UnitOfWork
    ) -> contract.ResolveAccessTokenResponse:
        token = access_tokens.use(uow, request.secret, self._clock())
        person = persons.get(uow.connection, token.person_id)
        return contract.ResolveAccessTokenResponse(
            person=person_message(person), access_token=access_token_message(token)
        )

    @read
    def ListMemberships(
        self, request: contract.ListMembershipsRequest, connection: Connection
    ) -> contract.ListMembershipsResponse:
        person = persons.get(connection, request.person_id)
        held = memberships.of_person(connection, person.person_id)
        response = contract.ListMembershipsResponse(person=person_message(person))
        for each in held:
            listed = response.invitations if each.is_invitation(person) else response.memberships
            listed.append(membership_message(each))
        return response

    @write
    def AcceptMembership(
        self, request: contract.AcceptMembershipRequest, uow: UnitOfWork
    ) -> contract.AcceptMembershipResponse:
        organization = organizations.lock(uow, request.organization_id)
        if members.role_of(uow.connection, organization.organization_id, request.person_id) is None:
            raise organization_not_found()
        members.accept(Change(uow, self._clock(), self._new_id), organization, request.person_id)
        return contract.AcceptMembershipResponse()

    @read
    def ListOrganizationNames(
        self, request: contract.ListOrganizationNamesRequest, connection: Connection
    ) -> contract.ListOrganizationNamesResponse:
        asked = set(request.organization_ids)
        if len(asked) > MOST_NAMES:
            message = f"Ask for at most {MOST_NAMES} organisations."
            violation = Violation("/organization_ids", "TOO_MANY_ITEMS", message)
            raise InvalidInput("FIELDS_INVALID", message, violations=[violation])
        return contract.ListOrganizationNamesResponse(names=organizations.names(connection, asked))

    def IssueGrant(
        self, request: contract.IssueGrantRequest, _context: grpc.ServicerContext
    ) -> contract.IssueGrantResponse:
        # Not by @read or @write: only the first use of a membership writes, and no grant is kept under a key.
        response, is_first_use = self.database.run_read(lambda connection: self._issue(request, connection))
        if is_first_use:
            self.database.run(lambda uow: self._take_up(request, uow))
        return response

    def _issue(
        self, request: contract.IssueGrantRequest, connection: Connection
    ) -> tuple[contract.IssueGrantResponse, bool]:
        person = persons.get(connection, request.person_id)
        held = [each for each in memberships.of_person(connection, person.person_id) if not each.is_invitation(person)]
        asked = next((each for each in held if each.organization.organization_id == request.organization_id), None)
        if request.organization_id and asked is None:
            raise organization_not_found()
        grant = self._grant(person, held, asked)
        response = contract.IssueGrantResponse(grant=self._signer.sign(grant))
        response.expires_at.FromDatetime(grant.expires_at)
        if asked:
            response.membership.CopyFrom(membership_message(asked))
        return response, asked is not None and not asked.accepted

    def _take_up(self, request: contract.IssueGrantRequest, uow: UnitOfWork) -> None:
        organization = organizations.lock(uow, request.organization_id)
        members.accept(Change(uow, self._clock(), self._new_id), organization, request.person_id)

    def _grant(self, person: Person, held: list[Membership], asked: Membership | None) -> Grant:
        return Grant(
            person_id=person.person_id,
            name=person.name or person.email,
            organization_id=asked.organization.organization_id if asked else "",
            directory_management=asked.verdict.directory_management if asked else False,
            denied_reason=asked.verdict.denied_reason if asked else "",
            owner=asked is not None and asked.role in OWNERS,
            # Staff act for no organization: whoever acts for one, with a token of it for instance, acts as its member.
            staff_role=person.staff_role.value if person.staff_role and not asked else "",
            # All of them, so that a reviewer's own organizations are known wherever a review is decided.
            organizations=frozenset(membership.organization.organization_id for membership in held),
            expires_at=self._clock() + GRANT_LIFETIME,
        )


def _sign_in(request: contract.ResolvePersonRequest) -> SignIn:
    missing = [field for field in ("issuer", "subject") if not getattr(request, field)]
    if missing:
        violations = [Violation(f"/{field}", "REQUIRED", "Fill this in.") for field in missing]
        raise InvalidInput("FIELDS_INVALID", "A sign-in names its issuer and subject.", violations=violations)
    email = normal_address(request.email)
    return SignIn(
        issuer=request.issuer,
        subject=request.subject,
        # What is no address is neither shown nor joined to anything.
        email=email if is_email(email) else "",
        email_verified=request.email_verified if request.HasField("email_verified") else None,
        name=shown_name(request.name),
    )
