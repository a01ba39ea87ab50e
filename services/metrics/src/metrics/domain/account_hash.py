"""Accounts as 64-bit numbers that nobody can turn back without the key."""

from hashlib import blake2b


def account_hash(account_id: str, key: bytes) -> int:
    """The keyed hash of an account id; never 0, which means nobody."""
    digest = blake2b(account_id.encode(), digest_size=8, key=key).digest()
    return int.from_bytes(digest, "little") or 1
