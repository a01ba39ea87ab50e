"""Personal access tokens. Only the secret's digest is stored."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime

from chassis.formats import is_uuid
from chassis.sql.database import UnitOfWork
from sqlalchemy import ColumnElement, Connection, and_, func, insert, select, update

from authz.domain import tokens
from authz.domain.tokens import AccessToken, access_token_not_found, token_invalid
from authz.store import persons
from authz.store.change import Change
from authz.store.tables import access_tokens

_COLUMNS = [access_tokens.c[field.name] for field in fields(AccessToken)]


def create(
    change: Change, person_id: str, *, organization_id: str | None, name: str, days: int, secret: str
) -> AccessToken:
    """Stores a new token. Raises TOO_MANY_ACCESS_TOKENS."""
    persons.lock(change.uow, person_id)
    if _count(change, person_id) >= tokens.MOST_TOKENS:
        raise tokens.too_many_access_tokens()
    token = AccessToken(
        access_token_id=change.new_id(),
        person_id=person_id,
        organization_id=organization_id,
        name=name,
        prefix=tokens.shown_prefix(secret),
        created_at=change.now,
        expires_at=tokens.end(change.now, days),
        last_used_at=None,
        revoked_at=None,
    )
    values = {field.name: getattr(token, field.name) for field in fields(AccessToken)}
    change.uow.execute(insert(access_tokens).values(digest=tokens.digest(secret), **values))
    return token


def of_person(connection: Connection, person_id: str, now: datetime) -> list[AccessToken]:
    """The person's tokens that are still good, latest first."""
    mine = _good(now) & (access_tokens.c.person_id == person_id)
    statement = select(*_COLUMNS).where(mine).order_by(access_tokens.c.access_token_id.desc())
    return [AccessToken(**row._mapping) for row in connection.execute(statement)]


def use(uow: UnitOfWork, secret: str, now: datetime) -> AccessToken:
    """The token of that secret, noting the hour of its use. Raises TOKEN_INVALID."""
    statement = select(*_COLUMNS).where(access_tokens.c.digest == tokens.digest(secret))
    row = uow.execute(statement).one_or_none()
    token = AccessToken(**row._mapping) if row else None
    if token is None or not token.is_good(now):
        raise token_invalid()
    if hour := tokens.use_hour(now, token.last_used_at):
        this = access_tokens.c.access_token_id == token.access_token_id
        uow.execute(update(access_tokens).where(this).values(last_used_at=hour))
    return token


def revoke(change: Change, person_id: str, access_token_id: str) -> None:
    """Ends a token of the person's. Raises ACCESS_TOKEN_NOT_FOUND."""
    if not is_uuid(access_token_id):
        raise access_token_not_found()
    if not _revoke(change, person_id, access_tokens.c.access_token_id == access_token_id):
        raise access_token_not_found()


def revoke_all(change: Change, person_id: str, *, organization_id: str | None) -> None:
    """Ends the person's tokens for an organization, or (None) for the review desk."""
    # `== None` becomes IS NULL.
    _revoke(change, person_id, access_tokens.c.organization_id == organization_id)


def _revoke(change: Change, person_id: str, which: ColumnElement[bool]) -> int:
    persons.lock(change.uow, person_id)
    condition = and_(_good(change.now), access_tokens.c.person_id == person_id, which)
    statement = update(access_tokens).where(condition).values(revoked_at=change.now)
    revoked = change.uow.execute(statement.returning(access_tokens.c.access_token_id)).scalars().all()
    for access_token_id in revoked:
        change.access_token_revoked(person_id, access_token_id)
    return len(revoked)


def _count(change: Change, person_id: str) -> int:
    mine = _good(change.now) & (access_tokens.c.person_id == person_id)
    return int(change.uow.execute(select(func.count()).select_from(access_tokens).where(mine)).scalar_one())


def _good(now: datetime) -> ColumnElement[bool]:
    return and_(access_tokens.c.revoked_at.is_(None), access_tokens.c.expires_at > now)
