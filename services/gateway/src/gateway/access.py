"""Who is asking, and for which organisation: every call to a service bears a grant that says both.

A person is known by the session cookie of a sign-in or by a bearer token: a personal access token of this
directory or an access token of the identity provider. Answers of authz are kept for seconds and dropped at once
when authz says that something changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from chassis.clock import Clock
from chassis.errors import NotFound, PermissionDenied, Unauthenticated
from chassis.rpc import client
from directory.authz.v1.access_service_pb2 import (
    AcceptMembershipRequest,
    IssueGrantRequest,
    ListMembershipsRequest,
    ListMembershipsResponse,
)
from directory.authz.v1.organization_events_pb2 import OrganizationEvent
from directory.authz.v1.organization_pb2 import Membership
from flask import g, request, session

from gateway.backends import Backends
from gateway.bearer_tokens import BearerTokens
from gateway.expiring_cache import ExpiringCache
from gateway.sessions import check_readable

# Seconds before its end from which a grant is not used for new calls: longer than any deadline.
GRANT_MARGIN = 5.0
MEMBERSHIPS_KEPT = 30.0


@dataclass(frozen=True)
class Caller:
    """The person behind a request. `bound_to` is the organisation of a personal access token, empty for one of
    the review desk; None where the person may act for every organisation of theirs."""

    person_id: str
    name: str
    email: str
    by: Literal["session", "access_token", "identity_provider"]
    bound_to: str | None = None
    access_token_id: str = ""

    @property
    def key(self) -> str:
        """Under which the caller's requests are counted."""
        return self.access_token_id or self.person_id


@dataclass(frozen=True)
class _Held:
    grant: str
    membership: Membership | None


class Access:
    """Answers of authz about people, kept for a short while."""

    def __init__(self, *, backends: Backends, bearer_tokens: BearerTokens, clock: Clock) -> None:
        self._backends = backends
        self._bearer_tokens = bearer_tokens
        self._clock = clock
        self._grants: ExpiringCache[tuple[str, str], _Held] = ExpiringCache()
        self._memberships: ExpiringCache[str, ListMembershipsResponse] = ExpiringCache()

    def caller_or_none(self) -> Caller | None:
        """Who asks, or None for a visitor. A bearer token wins over a cookie. Raises Unauthenticated
        (TOKEN_INVALID) for a token that is not good, Unavailable where the session can't be read."""
        if "caller" not in g:
            g.caller = self._recognise()
        found: Caller | None = g.caller
        return found

    def caller(self) -> Caller:
        """Who asks. Raises Unauthenticated (SIGN_IN_REQUIRED) for a visitor."""
        found = self.caller_or_none()
        if found is None:
            raise Unauthenticated("SIGN_IN_REQUIRED", "Sign in, or send an access token as `Authorization: Bearer`.")
        return found

    def memberships(self) -> ListMembershipsResponse:
        """The caller with their staff role and organisations, as far as the caller's token reaches."""
        caller = self.caller()
        request = ListMembershipsRequest(person_id=caller.person_id)
        found = self._memberships.get(
            caller.person_id, lambda: (self._backends.access.ListMemberships(request), MEMBERSHIPS_KEPT)
        )
        if caller.bound_to is None:
            return found
        within = [one for one in found.memberships if one.organization.organization_id == caller.bound_to]
        return ListMembershipsResponse(person=found.person, memberships=within)

    def accept(self, organization_id: str) -> None:
        """The caller takes up a membership that waits for it. Raises NotFound (ORGANIZATION_NOT_FOUND)."""
        person_id = self.caller().person_id
        self._backends.access.AcceptMembership(
            AcceptMembershipRequest(person_id=person_id, organization_id=organization_id)
        )
        self._drop(person_id)

    @contextmanager
    def acting(self, organization_id: str = "") -> Iterator[Membership | None]:
        """Calls inside the block are the caller's for this organisation; without one, those of the review desk and
        of own tokens. Gives the membership.

        Raises NotFound (ORGANIZATION_NOT_FOUND) for an organisation that is not the caller's or not the access
        token's, PermissionDenied (TOKEN_SCOPE) for the desk with a token of an organisation.
        """
        caller = self.caller()
        _check_bounds(caller, organization_id)
        held = self._grants.get(
            (caller.person_id, organization_id), lambda: self._issue(caller.person_id, organization_id)
        )
        with client.grant(held.grant):
            yield held.membership

    @contextmanager
    def managing(self, organization_id: str) -> Iterator[Membership]:
        """As `acting`, for members with directory management: others get PermissionDenied with the reason.

        The services check it themselves; checking here too keeps refusals out of partial answers and before any
        look at the body.
        """
        with self.acting(organization_id) as membership:
            if membership is None or not membership.directory_management:
                raise denied(membership)
            yield membership

    def forget(self, event: OrganizationEvent) -> None:
        """Drop what an event of authz makes stale."""
        kind = event.WhichOneof("event")
        if kind in ("member_changed", "staff_changed", "access_token_revoked"):
            person_id = getattr(event, kind).person_id
            self._drop(person_id)
            self._bearer_tokens.forget(person_id)
        else:
            organization_id = event.organization_id
            self._grants.drop(lambda key, _: key[1] == organization_id)
            self._memberships.drop(lambda _, found: _names(found, organization_id))

    def _drop(self, person_id: str) -> None:
        self._grants.drop(lambda key, _: key[0] == person_id)
        self._memberships.drop(lambda key, _: key == person_id)

    def _issue(self, person_id: str, organization_id: str) -> tuple[_Held, float]:
        answer = self._backends.access.IssueGrant(
            IssueGrantRequest(person_id=person_id, organization_id=organization_id)
        )
        left = answer.expires_at.ToDatetime(self._clock().tzinfo) - self._clock()
        membership = answer.membership if answer.HasField("membership") else None
        return _Held(answer.grant, membership), left.total_seconds() - GRANT_MARGIN

    def _recognise(self) -> Caller | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme:
            if scheme.lower() != "bearer" or not token.strip():
                raise Unauthenticated("TOKEN_INVALID", "The Authorization header is not `Bearer` and a token.")
            return _of_bearer(self._bearer_tokens.resolve(token.strip()))
        check_readable(session)
        if "person_id" not in session:
            return None
        return Caller(
            person_id=session["person_id"],
            name=session.get("name", ""),
            email=session.get("email", ""),
            by="session",
        )


def denied(membership: Membership | None) -> PermissionDenied:
    """Why a member may not manage the directory's part of the organisation."""
    reason = (membership.denied_reason if membership else "") or "DIRECTORY_MANAGEMENT_REQUIRED"
    if reason == "PLAN_WITHOUT_DASHBOARD":
        return PermissionDenied(reason, "The organisation needs the Team or Enterprise plan.")
    return PermissionDenied(reason, "You need directory management; an owner of the organisation can give it.")


def _check_bounds(caller: Caller, organization_id: str) -> None:
    if caller.bound_to is None or caller.bound_to == organization_id:
        return
    if organization_id == "":
        raise PermissionDenied("TOKEN_SCOPE", "The access token is for one organisation's work alone.")
    raise NotFound("ORGANIZATION_NOT_FOUND", "There is no such organisation.", organization_id=organization_id)


def _of_bearer(resolved: Any) -> Caller:
    token = resolved.access_token
    return Caller(
        person_id=resolved.person.person_id,
        name=resolved.person.name,
        email=resolved.person.email,
        by="identity_provider" if token is None else "access_token",
        bound_to=None if token is None else token.organization_id,
        access_token_id="" if token is None else token.access_token_id,
    )


def _names(found: ListMembershipsResponse, organization_id: str) -> bool:
    held = (*found.memberships, *found.invitations)
    return any(one.organization.organization_id == organization_id for one in held)
