"""Page tokens: where the next page begins, opaque to clients. They carry no right: queries check ownership again.

A token belongs to its list: a method, and everything in the request that filters and orders (`ALIKE` is all that may
change from page to page). Another list's token would begin somewhere, and nobody would see what was left out.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any, Protocol, TypeGuard

from chassis.errors import InvalidInput
from chassis.formats import is_uuid

Value = str | int | float | None

ALIKE = ("page_size", "page_token")
_PLAIN = (str, int, float, type(None))  # bool is none of them: as an int it would pass for 0 or 1


class Paged(Protocol):
    """A request for a page of a list: a message with a `page_token`."""

    DESCRIPTOR: Any
    page_token: str


def encode(request: Paged, *values: Value | datetime, but: Collection[str] = ()) -> str:
    """A token of the sort values of a page's last row, for the list of `request`. Datetimes become ISO texts.

    `but` are further fields of the request that may change from page to page.
    """
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    packed = base64.urlsafe_b64encode(json.dumps(plain, separators=(",", ":")).encode()).rstrip(b"=").decode()
    return f"{_tag(request, but)}.{packed}"


def decode(request: Paged, length: int | None = None, *, but: Collection[str] = ()) -> list[Value]:
    """The values of the request's token; an empty list where it has none. No value is a boolean.

    Raises InvalidInput PAGE_TOKEN_INVALID for anything that `encode` did not make for this list, or that has not
    `length` values.
    """
    if not request.page_token:
        return []
    tag, dot, packed = request.page_token.rpartition(".")
    # Without a tag, as the version before made them: they may be in use while it is replaced.
    if dot and tag != _tag(request, but):
        raise invalid()
    try:
        raw = base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True)
        values = json.loads(raw)
    except (binascii.Error, ValueError, RecursionError):
        raise invalid() from None
    if not isinstance(values, list) or not all(type(value) in _PLAIN for value in values):
        raise invalid()
    if length is not None and len(values) != length:
        raise invalid()
    return values


def place(request: Paged) -> tuple[datetime, str] | None:
    """The time and the id (a UUID) of a page's last row, None for the first page. Raises as `decode`."""
    match decode(request, 2):
        case []:
            return None
        case [at, str(row_id)] if is_uuid(row_id):
            return moment(at), row_id
    raise invalid()


def number(request: Paged) -> int | None:
    """The number of a page's last row, from 1 to what a bigint holds, None for the first page. Raises as `decode`."""
    match decode(request, 1):
        case []:
            return None
        case [found] if is_number(found):
            return found
    raise invalid()


def is_number(value: Value, least: int = 1, most: int = (1 << 63) - 1) -> TypeGuard[int]:
    """Whether the value is a whole number from `least` to `most`: by itself, to what a bigint holds. No boolean is."""
    return type(value) is int and least <= value <= most


def moment(value: Value) -> datetime:
    """The time that `encode` wrote as this value, in UTC. Raises as `decode`, also for a time without a zone."""
    try:
        found = datetime.fromisoformat(str(value))
        if found.tzinfo is None:
            raise invalid()
        return found.astimezone(UTC)
    except (ValueError, OverflowError):  # year 9999 west of UTC is year 10000, which no datetime holds
        raise invalid() from None


def invalid() -> InvalidInput:
    """The error for a token whose values this service did not write."""
    return InvalidInput("PAGE_TOKEN_INVALID", "The page token is not one that this service made. Start at page one.")


def _tag(request: Paged, but: Collection[str]) -> str:
    asked: Any = type(request)()
    asked.CopyFrom(request)
    for name in (*ALIKE, *but):
        asked.ClearField(name)
    # The request's type is its method: no two methods share one.
    whole = f"{request.DESCRIPTOR.full_name}\n".encode() + asked.SerializeToString(deterministic=True)
    return base64.urlsafe_b64encode(hashlib.sha256(whole).digest()[:9]).decode()


def page_size(requested: int, default: int = 50, maximum: int = 100) -> int:
    """How many rows to give: `default` for 0, never more than `maximum`."""
    if requested <= 0:
        return default
    return min(requested, maximum)
