"""Accounts as 64-bit numbers that nobody can turn back without the key (docs/usage-events.md)."""

from bisect import bisect_right
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise
from typing import Final

from usage_client.events import InvalidEvent

_KEY_BYTES: Final = range(16, 65)
_REMEMBERED: Final = 65_536


class AccountHashes:
    """Hashes an account with the key of the event's day.

    Args:
        keys: the installation's ACCOUNT_KEYS, `HEX,YYYY-MM-DD:HEX,...`: each key begins with its day, the first one,
            without a day, has always been there.

    Raises ValueError, without showing a key.
    """

    def __init__(self, keys: str) -> None:
        parsed = [_parsed(each.strip()) for each in keys.split(",") if each.strip()]
        if not parsed or any(later[0] <= earlier[0] for earlier, later in pairwise(parsed)):
            raise ValueError("account_keys: HEX,YYYY-MM-DD:HEX,... is needed, in the order of the days")
        self._begins = [begins_us for begins_us, _ in parsed[1:]]
        self._hashers = [_remembering(key) for _, key in parsed]

    def of(self, account_id: str | None, time_us: int) -> int:
        """0 for nobody, never 0 for somebody. Raises InvalidEvent."""
        if account_id is None or account_id == "":
            return 0
        if not isinstance(account_id, str):
            raise InvalidEvent("account_id", "text is needed", account_id)
        return self._hashers[bisect_right(self._begins, time_us) if self._begins else 0](account_id)


def _remembering(key: bytes) -> Callable[[str], int]:
    @lru_cache(_REMEMBERED)
    def hashed(account_id: str) -> int:
        try:
            digest = blake2b(account_id.encode(), digest_size=8, key=key).digest()
        except UnicodeEncodeError as error:
            raise InvalidEvent("account_id", "text that UTF-8 can hold is needed", account_id) from error
        return int.from_bytes(digest, "little") or 1

    return hashed


def _parsed(text: str) -> tuple[float, bytes]:
    day, _, digits = text.rpartition(":")
    try:
        key = bytes.fromhex(digits)
        begins = date.fromisoformat(day) if day else None
    except ValueError:
        raise ValueError("account_keys: each key is HEX or YYYY-MM-DD:HEX") from None
    if len(key) not in _KEY_BYTES:
        raise ValueError("account_keys: each key has 16 to 64 bytes, in hexadecimal digits")
    if begins is None:
        return float("-inf"), key
    return datetime(begins.year, begins.month, begins.day, tzinfo=UTC).timestamp() * 1_000_000, key
