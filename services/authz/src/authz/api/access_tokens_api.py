"""AccessTokenService: a person's own access tokens."""

from __future__ import annotations

from collections.abc import Callable

import grpc
from chassis.clock import Clock
from chassis.rpc.caller import caller
from chassis.rpc.methods import read, write
from chassis.sql.database import Database, UnitOfWork
from directory.authz.v1 import access_service_pb2 as contract
from directory.authz.v1.access_service_pb2_grpc import AccessTokenServiceServicer
from sqlalchemy import Connection

from authz.api.fields import Fields
from authz.api.messages import access_token_message
from authz.domain.organizations import organization_not_found
from authz.domain.tokens import MAX_NAME_LENGTH, AccessToken, new_secret
from authz.store import access_tokens, members, persons
from authz.store.change import Change


class AccessTokensApi(AccessTokenServiceServicer):
    """See the contract for each method."""

    def __init__(self, database: Database, *, clock: Clock, new_id: Callable[[], str]) -> None:
        self.database = database
        self._clock = clock
        self._new_id = new_id

    def CreateAccessToken(
        self, request: contract.CreateAccessTokenRequest, _context: grpc.ServicerContext
    ) -> contract.CreateAccessTokenResponse:
        # Not by @write: it would keep the answer under the idempotency key, and the secret must not be stored.
        secret = new_secret()
        token = self.database.run(lambda uow: self._create(request, uow, secret))
        return contract.CreateAccessTokenResponse(access_token=access_token_message(token), secret=secret)

    @read
    def ListAccessTokens(
        self, _request: contract.ListAccessTokensRequest, connection: Connection
    ) -> contract.ListAccessTokensResponse:
        mine = access_tokens.of_person(connection, caller().person_id, self._clock())
        return contract.ListAccessTokensResponse(access_tokens=[access_token_message(token) for token in mine])

    @write
    def RevokeAccessToken(
        self, request: contract.RevokeAccessTokenRequest, uow: UnitOfWork
    ) -> contract.RevokeAccessTokenResponse:
        change = Change(uow, self._clock(), self._new_id)
        access_tokens.revoke(change, caller().person_id, request.access_token_id)
        return contract.RevokeAccessTokenResponse()

    def _create(self, request: contract.CreateAccessTokenRequest, uow: UnitOfWork, secret: str) -> AccessToken:
        grant = caller()
        fields = Fields()
        name = fields.name("/name", request.name, maximum=MAX_NAME_LENGTH)
        days = fields.days("/days", request.days)
        fields.require()
        _require_present_right(uow.connection, grant.person_id, grant.organization_id)
        return access_tokens.create(
            Change(uow, self._clock(), self._new_id),
            grant.person_id,
            organization_id=grant.organization_id or None,
            name=name,
            days=days,
            secret=secret,
        )


def _require_present_right(connection: Connection, person_id: str, organization_id: str) -> None:
    """A token is for an organization of the person's, or for staff; the grant may be older than the last change."""
    if organization_id:
        allowed = members.role_of(connection, organization_id, person_id) is not None
    else:
        allowed = persons.get(connection, person_id).staff_role is not None
    if not allowed:
        raise organization_not_found()
