import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from authz.domain import tokens
from authz.domain.tokens import AccessToken

NOW = datetime(2026, 11, 22, 17, 42, 5, tzinfo=UTC)
TOKEN = AccessToken("t", "p", "o", "CI", "mcpd_abcd", NOW, NOW + timedelta(days=1), None, None)


def test_secrets_are_long_random_and_recognisable() -> None:
    secrets = {tokens.new_secret() for _ in range(100)}
    assert len(secrets) == 100
    for secret in secrets:
        assert secret.startswith("mcpd_")
        assert len(secret) == len("mcpd_") + 43  # 256 bits in base64
        assert tokens.shown_prefix(secret) == secret[:9]


def test_only_a_digest_is_stored() -> None:
    assert tokens.digest("mcpd_x") == hashlib.sha256(b"mcpd_x").digest()


def test_a_token_is_good_until_it_ends_or_is_revoked() -> None:
    assert TOKEN.is_good(NOW)
    assert not TOKEN.is_good(NOW + timedelta(days=1))
    assert not replace(TOKEN, revoked_at=NOW).is_good(NOW)


def test_ninety_days_unless_said_otherwise() -> None:
    assert tokens.end(NOW, 0) == NOW + timedelta(days=90)
    assert tokens.end(NOW, 1) == NOW + timedelta(days=1)


def test_use_is_noted_once_an_hour() -> None:
    hour = NOW.replace(minute=0, second=0)
    assert tokens.use_hour(NOW, None) == hour
    assert tokens.use_hour(NOW, hour) is None
    assert tokens.use_hour(NOW + timedelta(hours=1), hour) == hour + timedelta(hours=1)
