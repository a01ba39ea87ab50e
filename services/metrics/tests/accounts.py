"""The hash of one account, as docs/usage-events.md has it."""

from hashlib import blake2b


def account_hash(account_id, key):
    digest = blake2b(account_id.encode(), digest_size=8, key=key).digest()
    return int.from_bytes(digest, "little") or 1
