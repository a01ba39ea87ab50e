"""A person's own API tokens, for an organisation or for the review desk; a secret is on the page that made it alone."""

from typing import Any
from uuid import UUID

from chassis.errors import Conflict, InvalidInput
from directory.authz.v1.access_service_pb2 import (
    CreateAccessTokenRequest,
    ListAccessTokensRequest,
    RevokeAccessTokenRequest,
)
from flask import request, url_for
from flask.typing import ResponseReturnValue

from gateway import guards, problems
from gateway.core import core
from gateway.web import field_errors, forms
from gateway.web.rendering import page

DEFAULT_DAYS = 90


def tokens_page(organization_id: str, **kept: Any) -> str:
    """The page; `organization_id` is empty for the review desk."""
    guards.in_person()
    listed = core().backends.access_tokens.ListAccessTokens(ListAccessTokensRequest())
    values: dict[str, Any] = {"secret": "", "made": None, "name": "", "days": DEFAULT_DAYS}

    def revoke_address(access_token_id: str) -> str:
        if not organization_id:
            return url_for("review.revoke_token", access_token_id=access_token_id)
        return url_for("account.revoke_token", organization_id=organization_id, access_token_id=access_token_id)

    place = ("Admin settings", "") if organization_id else ("Review desk", url_for("review.queue"))
    return page(
        "account/tokens.html",
        section="tokens" if organization_id else "review",
        crumbs=(place, ("API tokens", "")),
        tokens=[token for token in listed.access_tokens if token.organization_id == organization_id],
        revoke=revoke_address,
        **(values | kept),
    )


def create(organization_id: str) -> ResponseReturnValue:
    """Make a token and show its secret. No redirect and no idempotency: the secret must not be kept anywhere."""
    guards.in_person()
    name, days = forms.clean(request.form.get("name")), request.form.get("days", "")
    number = int(days) if days.isascii() and days.isdigit() and len(days) < 6 else 0
    if not number:
        wrong = field_errors.FieldErrors("No token was made.", [("/days", "Give a number of days from 1 to 366.")])
        return tokens_page(organization_id, errors=wrong, name=name, days=days), 422
    try:
        made = core().backends.access_tokens.CreateAccessToken(CreateAccessTokenRequest(name=name, days=number))
    except (InvalidInput, Conflict) as error:
        errors = field_errors.of(error, title="No token was made.")
        return tokens_page(organization_id, errors=errors, name=name, days=days), problems.of(error).status
    return tokens_page(organization_id, secret=made.secret, made=made.access_token), 201


def revoke(access_token_id: UUID) -> None:
    """End a token of the person's."""
    guards.in_person()
    core().backends.access_tokens.RevokeAccessToken(RevokeAccessTokenRequest(access_token_id=str(access_token_id)))
