"""Page tokens: where the next page begins, opaque to clients. They carry no right: queries check ownership again."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime

from chassis.errors import InvalidInput
from chassis.formats import is_uuid

Value = str | int | float | None


def encode(*values: Value | datetime) -> str:
    """A token of the sort values of a page's last row. Datetimes become ISO texts."""
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain, separators=(",", ":")).encode()).rstrip(b"=").decode()


def decode(token: str, length: int | None = None) -> list[Value]:
    """The values of a token; an empty list for an empty token.

    Raises InvalidInput PAGE_TOKEN_INVALID for anything that `encode` did not make, or that has not `length` values.
    """
    if not token:
        return []
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        values = json.loads(raw)
    except (binascii.Error, ValueError, RecursionError):
        raise invalid() from None
    if not isinstance(values, list) or not all(isinstance(value, str | int | float | None) for value in values):
        raise invalid()
    if length is not None and len(values) != length:
        raise invalid()
    return values


def place(token: str) -> tuple[datetime, str] | None:
    """The time and the id (a UUID) of a page's last row, None for the first page. Raises as `decode`."""
    match decode(token, 2):
        case []:
            return None
        case [at, str(row_id)] if is_uuid(row_id):
            return moment(at), row_id
    raise invalid()


def number(token: str) -> int | None:
    """The number of a page's last row, from 1 to what a bigint holds, None for the first page. Raises as `decode`."""
    match decode(token, 1):
        case []:
            return None
        case [int(found)] if found is not True and 0 < found < 1 << 63:  # True is an int too
            return found
    raise invalid()


def moment(value: Value) -> datetime:
    """The time that `encode` wrote as this value. Raises as `decode`, also for a time without a zone."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        raise invalid() from None
    if found.tzinfo is None:
        raise invalid()
    return found


def invalid() -> InvalidInput:
    """The error for a token whose values this service did not write."""
    return InvalidInput("PAGE_TOKEN_INVALID", "The page token is not one that this service made. Start at page one.")


def page_size(requested: int, default: int = 50, maximum: int = 100) -> int:
    """How many rows to give: `default` for 0, never more than `maximum`."""
    if requested <= 0:
        return default
    return min(requested, maximum)
