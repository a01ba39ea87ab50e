"""Personal access tokens over gRPC and the command line."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from authz.domain.tokens import MOST_TOKENS
from chassis.errors import Conflict, InvalidInput, NotFound, Unauthenticated
from chassis.ids import new_id
from chassis.rpc import client
from directory.authz.v1 import access_service_pb2 as access
from sqlalchemy import text


@pytest.fixture(scope="module")
def acme(service: Any) -> str:
    return str(service.command("org", "create", "Acme", "--plan", "team", "--primary-owner", "olivia@acme.example"))


def create(service: Any, email: str, organization_id: str, **values: Any) -> access.CreateAccessTokenResponse:
    with service.acting(email, organization_id):
        response: access.CreateAccessTokenResponse = service.tokens.CreateAccessToken(
            access.CreateAccessTokenRequest(**({"name": "CI"} | values))
        )
    return response


def resolve(service: Any, secret: str) -> access.ResolveAccessTokenResponse:
    response: access.ResolveAccessTokenResponse = service.access.ResolveAccessToken(
        access.ResolveAccessTokenRequest(secret=secret)
    )
    return response


def listed(service: Any, email: str) -> list[str]:
    with service.acting(email):
        response = service.tokens.ListAccessTokens(access.ListAccessTokensRequest())
    return [token.name for token in response.access_tokens]


def test_a_token_stands_for_its_owner_and_organization(service: Any, acme: str) -> None:
    made = create(service, "olivia@acme.example", acme, days=7)
    assert made.secret.startswith(made.access_token.prefix)
    days = made.access_token.expires_at.ToDatetime(UTC) - made.access_token.created_at.ToDatetime(UTC)
    assert days == timedelta(days=7)
    assert not made.access_token.HasField("last_used_at")
    used = resolve(service, made.secret)
    assert used.person.email == "olivia@acme.example"
    assert used.access_token.organization_id == acme
    with service.acting("olivia@acme.example", acme):
        (seen,) = service.tokens.ListAccessTokens(access.ListAccessTokensRequest()).access_tokens
    assert seen.last_used_at.ToDatetime(UTC) == datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def test_secrets_are_stored_nowhere(service: Any, acme: str) -> None:
    with service.acting("olivia@acme.example", acme), client.idempotency_key("the same key"):
        secret = service.tokens.CreateAccessToken(access.CreateAccessTokenRequest(name="Secret")).secret
    with service.database.read() as connection:
        for table in ("access_tokens", "outbox", "idempotency_keys"):
            # Bytes are shown as hexadecimal digits there.
            everything = "\n".join(str(row[0]) for row in connection.execute(text(f"SELECT t::text FROM {table} t")))
            assert secret not in everything
            assert secret.encode().hex() not in everything


def test_a_person_has_only_so_many_tokens_at_a_time(service: Any) -> None:
    first = str(service.command("org", "create", "First", "--plan", "team", "--primary-owner", "tom@first.example"))
    second = str(service.command("org", "create", "Second", "--plan", "team", "--primary-owner", "tom@first.example"))
    made = [create(service, "tom@first.example", first) for _ in range(MOST_TOKENS - 1)]
    create(service, "tom@first.example", second)
    with pytest.raises(Conflict, match="TOO_MANY_ACCESS_TOKENS") as refused:
        create(service, "tom@first.example", second)
    assert refused.value.metadata["limit"] == str(MOST_TOKENS)
    result = service.run("token", "create", "tom@first.example", "--organization", "First")
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"{MOST_TOKENS} access tokens" in result.stderr
    with service.acting("tom@first.example"):
        service.tokens.RevokeAccessToken(
            access.RevokeAccessTokenRequest(access_token_id=made[0].access_token.access_token_id)
        )
    create(service, "tom@first.example", second)


def test_a_token_ends_by_revocation_at_once(service: Any, acme: str) -> None:
    made = create(service, "olivia@acme.example", acme, name="Short")
    request = access.RevokeAccessTokenRequest(access_token_id=made.access_token.access_token_id)

    def revoke() -> None:
        with service.acting("olivia@acme.example"):
            service.tokens.RevokeAccessToken(request)

    ((key, event),) = service.new_events(revoke)
    assert (key, event.organization_id) == (event.access_token_revoked.person_id, "")
    assert event.access_token_revoked.access_token_id == made.access_token.access_token_id
    with pytest.raises(Unauthenticated, match="TOKEN_INVALID"):
        resolve(service, made.secret)
    assert "Short" not in listed(service, "olivia@acme.example")
    with pytest.raises(NotFound, match="ACCESS_TOKEN_NOT_FOUND"):
        revoke()


def test_nobody_revokes_or_sees_the_tokens_of_others(service: Any, acme: str) -> None:
    made = create(service, "olivia@acme.example", acme, name="Mine")
    for access_token_id in (made.access_token.access_token_id, new_id(), "no id"):
        with service.acting("stranger@elsewhere.example"), pytest.raises(NotFound, match="ACCESS_TOKEN_NOT_FOUND"):
            service.tokens.RevokeAccessToken(access.RevokeAccessTokenRequest(access_token_id=access_token_id))
    assert listed(service, "stranger@elsewhere.example") == []
    resolve(service, made.secret)


def test_an_ended_token_is_invalid(service: Any, acme: str) -> None:
    made = create(service, "olivia@acme.example", acme, name="Ended", days=1)
    with service.database.transaction() as uow:
        uow.execute(
            text("UPDATE access_tokens SET expires_at = now() WHERE access_token_id = :id"),
            {"id": made.access_token.access_token_id},
        )
        uow.commit()
    for secret in (made.secret, "mcpd_unknown", ""):
        with pytest.raises(Unauthenticated, match="TOKEN_INVALID"):
            resolve(service, secret)
    assert "Ended" not in listed(service, "olivia@acme.example")


def test_a_token_needs_a_membership_or_a_staff_role(service: Any, acme: str) -> None:
    with pytest.raises(NotFound, match="ORGANIZATION_NOT_FOUND"):
        create(service, "stranger@elsewhere.example", "")
    service.command("staff", "add", "rosa@directory.example")
    made = create(service, "rosa@directory.example", "", name="Desk")
    assert made.access_token.organization_id == ""
    resolve(service, made.secret)
    service.command("staff", "remove", "rosa@directory.example")
    with pytest.raises(Unauthenticated, match="TOKEN_INVALID"):
        resolve(service, made.secret)


def test_the_right_is_looked_up_and_not_taken_from_an_older_grant(service: Any, acme: str) -> None:
    service.command("member", "add", "Acme", "leaver@acme.example")
    leaver = service.sign_in("leaver@acme.example")
    kept = create(service, "leaver@acme.example", acme)
    grant = service.grant_token(leaver.person_id, acme)
    service.command("member", "remove", "Acme", "leaver@acme.example")
    with client.grant(grant), pytest.raises(NotFound, match="ORGANIZATION_NOT_FOUND"):
        service.tokens.CreateAccessToken(access.CreateAccessTokenRequest(name="Too late"))
    with pytest.raises(Unauthenticated, match="TOKEN_INVALID"):
        resolve(service, kept.secret)


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"name": " "}, "/name", "REQUIRED"),
        ({"name": "x" * 101}, "/name", "TOO_LONG"),
        ({"name": "two\nlines"}, "/name", "UNKNOWN_VALUE"),
        ({"days": 367}, "/days", "UNKNOWN_VALUE"),
    ],
)
def test_fields_have_rules(service: Any, acme: str, values: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(InvalidInput, match="FIELDS_INVALID") as refused:
        create(service, "olivia@acme.example", acme, **values)
    assert [(violation.field, violation.code) for violation in refused.value.violations] == [(field, code)]


def test_a_grant_is_needed(service: Any) -> None:
    with pytest.raises(Unauthenticated, match="GRANT_REQUIRED"):
        service.tokens.ListAccessTokens(access.ListAccessTokensRequest())


def test_operators_make_tokens_for_people(service: Any, acme: str) -> None:
    secret = service.command("token", "create", "olivia@acme.example", "--organization", "acme", "--days", "2")
    assert resolve(service, secret).access_token.organization_id == acme
    for arguments, words in (
        (["nobody@acme.example", "--organization", "Acme"], "PERSON_NOT_FOUND"),
        (["olivia@acme.example", "--organization", "Nowhere"], "ORGANIZATION_NOT_FOUND"),
        (["stranger@elsewhere.example", "--organization", "Acme"], "MEMBER_NOT_FOUND"),
        (["olivia@acme.example", "--staff"], "is not staff"),
        (["olivia@acme.example", "--organization", "acme", "--days", "0"], "1<=x<=366"),
        (["olivia@acme.example", "--organization", "acme", "--days", "367"], "1<=x<=366"),
        (["olivia@acme.example"], "either --organization or --staff"),
    ):
        result = service.run("token", "create", *arguments)
        assert result.exit_code != 0
        assert words in result.output
