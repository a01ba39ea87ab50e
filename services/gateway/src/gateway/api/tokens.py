"""Personal access tokens of the caller. A token cannot make, see or end tokens: that takes a person signed in."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from directory.authz.v1.access_service_pb2 import (
    CreateAccessTokenRequest,
    ListAccessTokensRequest,
    RevokeAccessTokenRequest,
)
from directory.authz.v1.organization_pb2 import AccessToken
from pydantic import BaseModel, Field, StringConstraints

from gateway.api import blueprints
from gateway.api.answers import Answer
from gateway.api.document import NOT_REPEATABLE
from gateway.api.paths import TokenPath
from gateway.api.schemas import Body, answer
from gateway.core import core
from gateway.shapes import to_json

blueprint = blueprints.in_person("tokens", __name__)

TOKEN = answer(AccessToken.DESCRIPTOR)


class NewToken(Body):
    """A token for one organisation, or for the review desk where `organization_id` is null."""

    name: Annotated[str, StringConstraints(max_length=100)]
    organization_id: Annotated[UUID, Field(strict=False)] | None
    days: int = Field(default=90, ge=1, le=366)


class CreatedToken(BaseModel):
    """A new token. Its secret is in this answer alone."""

    access_token: TOKEN  # type: ignore[valid-type]
    secret: str


class Tokens(BaseModel):
    """The caller's tokens, latest first."""

    access_tokens: list[TOKEN]  # type: ignore[valid-type]


@blueprint.get("/tokens", responses={200: Tokens})
def list_tokens() -> Answer:
    """The caller's tokens that have not ended."""
    with core().access.acting():
        found = core().backends.access_tokens.ListAccessTokens(ListAccessTokensRequest())
    return {"access_tokens": [to_json(token) for token in found.access_tokens]}


@blueprint.post("/tokens", responses={201: CreatedToken}, openapi_extensions=NOT_REPEATABLE)
def create_token(body: NewToken) -> Answer:
    """Make a token. Keep the secret: it is shown once and stored nowhere, so that `Idempotency-Key` is ignored here
    and a repeated request makes another token."""
    request = CreateAccessTokenRequest(name=body.name, days=body.days)
    with core().access.acting(str(body.organization_id or "")):
        made = core().backends.access_tokens.CreateAccessToken(request)
    return {"access_token": to_json(made.access_token), "secret": made.secret}, 201, {"Cache-Control": "no-store"}


@blueprint.delete("/tokens/<uuid:access_token_id>", responses={204: None})
def revoke_token(path: TokenPath) -> Answer:
    """End a token at once."""
    with core().access.acting():
        request = RevokeAccessTokenRequest(access_token_id=str(path.access_token_id))
        core().backends.access_tokens.RevokeAccessToken(request)
    return "", 204
