"""Keys and secrets made on the first start and kept: files that only their owner reads."""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet
from joserfc.jwk import OKPKey

from embedded.places import write_private


@dataclass(frozen=True)
class GrantKeys:
    """The private key that signs grants (one JWK) and the public keys that verify them (a JWK set)."""

    signing_key: Path
    public_keys: Path


def make_grant_keys(folder: Path) -> GrantKeys:
    """An Ed25519 key pair in `folder`, made once."""
    keys = GrantKeys(signing_key=folder / "grant-signing-key.json", public_keys=folder / "grant-keys.json")
    if not keys.signing_key.exists() or not keys.public_keys.exists():
        key = OKPKey.generate_key("Ed25519", {"use": "sig"}, private=True)
        named = {"kid": key.thumbprint()}
        write_private(keys.signing_key, json.dumps(key.as_dict(private=True) | named))
        write_private(keys.public_keys, json.dumps({"keys": [key.as_dict(private=False) | named]}))
    return keys


def sealing_key(folder: Path) -> str:
    """The Fernet key that seals reviewers' credentials."""
    return _kept(folder / "sealing-key", lambda: Fernet.generate_key().decode())


def webhook_key(folder: Path) -> str:
    """The Fernet key that seals secrets of webhook endpoints."""
    return _kept(folder / "webhook-key", lambda: Fernet.generate_key().decode())


def account_key(folder: Path) -> str:
    """The key (hex) with which collectors hide account ids."""
    return _kept(folder / "account-key", lambda: secrets.token_hex(32))


def secret(folder: Path, name: str) -> str:
    """Any other secret: a password, the key of sessions, a client secret."""
    return _kept(folder / name, lambda: secrets.token_urlsafe(32))


def _kept(path: Path, make: Callable[[], str]) -> str:
    if not path.exists():
        write_private(path, make())
    return path.read_text().strip()
