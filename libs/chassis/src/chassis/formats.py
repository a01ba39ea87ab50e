"""Shapes of strings that the contract's rules name (directory.rules.v1.Format). Each takes a trimmed value."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from functools import cache
from urllib.parse import SplitResult, urlsplit

from directory.listings.v1 import listing_content_pb2
from directory.rules.v1 import rules_pb2

_SLUG = re.compile(r"(?=.{3,60}\Z)[a-z0-9]+(?:-[a-z0-9]+)*")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_EMAIL_LOCAL = re.compile(r"(?=.{1,64}\Z)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_HOST_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff\\]")


def is_https_url(value: str) -> bool:
    """An absolute https URL with a host, without credentials."""
    return _https(value) is not None


def is_server_url(value: str) -> bool:
    """An https URL that also has no fragment: a server's address."""
    return is_https_url(value) and "#" not in value


def is_email_or_https_url(value: str) -> bool:
    """An e-mail address, or an https URL."""
    return is_email(value) or is_https_url(value)


def is_email(value: str) -> bool:
    """`local@domain` with a domain that has a dot, at most 254 characters."""
    local, at, domain = value.rpartition("@")
    return bool(at) and len(value) <= 254 and bool(_EMAIL_LOCAL.fullmatch(local)) and _is_name(domain)


def is_slug(value: str) -> bool:
    """3-60 of [a-z0-9-] without a leading, trailing or double hyphen."""
    return bool(_SLUG.fullmatch(value))


def is_uuid(value: str) -> bool:
    """A UUID in its canonical form."""
    return bool(_UUID.fullmatch(value))


@cache
def categories() -> frozenset[str]:
    """Keys of the directory's categories, read from the contract."""
    names = listing_content_pb2.Category.keys()
    return frozenset(name.removeprefix("CATEGORY_").lower() for name in names if not name.endswith("_UNSPECIFIED"))


def is_category(value: str) -> bool:
    """A key of the directory's categories."""
    return value in categories()


def _https(value: str) -> SplitResult | None:
    # urlsplit drops tabs and newlines and takes spaces; a browser or client would read such a URL differently.
    if _UNPRINTABLE.search(value):
        return None
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return None
    host = parts.hostname or ""
    if parts.scheme != "https" or "@" in parts.netloc or port == 0 or parts.netloc.endswith(":"):
        return None
    return parts if _is_address(host) or _is_name(host) else None


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_name(host: str) -> bool:
    try:
        ascii_host = host.encode("idna").decode() if not host.isascii() else host
    except UnicodeError:
        return False
    labels = ascii_host.lower().removesuffix(".").split(".")
    if len(labels) < 2 or len(ascii_host) > 253 or labels[-1].isdigit():
        return False
    return all(_HOST_LABEL.fullmatch(label) for label in labels)


Shape = tuple[Callable[[str], bool], str, str]

SHAPES: dict[int, Shape] = {
    rules_pb2.FORMAT_HTTPS_URL: (
        is_https_url,
        "NOT_HTTPS_URL",
        "Give a full address that starts with https://, without user name and password.",
    ),
    rules_pb2.FORMAT_EMAIL_OR_HTTPS_URL: (
        is_email_or_https_url,
        "NOT_EMAIL_OR_HTTPS_URL",
        "Give an e-mail address, or a full address that starts with https://.",
    ),
    rules_pb2.FORMAT_SLUG: (
        is_slug,
        "NOT_SLUG",
        "Use 3 to 60 lower-case letters, digits and single hyphens; no hyphen first or last.",
    ),
    rules_pb2.FORMAT_SERVER_URL: (
        is_server_url,
        "NOT_SERVER_URL",
        "Give a full address that starts with https://, without user name, password or #fragment.",
    ),
    rules_pb2.FORMAT_UUID: (
        is_uuid,
        "NOT_UUID",
        "Give an id as the directory shows it: 36 lower-case characters with hyphens.",
    ),
    rules_pb2.FORMAT_CATEGORY: (is_category, "UNKNOWN_CATEGORY", "Choose a category from the list."),
}
"""For each Format: the test, the code of its violation, and what to do."""
