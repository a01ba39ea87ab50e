"""Deprecation: a published server whose publisher tells people not to begin with it any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chassis.errors import Violation
from chassis.formats import is_https_url, is_slug

LONGEST_MESSAGE = 500
LONGEST_URL = 2048


@dataclass(frozen=True, slots=True)
class Deprecation:
    """What people are told, in plain text, and what takes the server's place: a slug, an https URL, or nothing."""

    message: str
    successor: str
    since: datetime


def violations(message: str, successor: str, *, own_slug: str) -> list[Violation]:
    """What breaks a rule. Whether a published server has the successor's slug is for the store to say."""
    found = []
    if len(message) > LONGEST_MESSAGE:
        advice = f"Use at most {LONGEST_MESSAGE} characters; this has {len(message):,}."
        found.append(Violation("/comment", "TOO_LONG", advice))
    if successor and not is_slug(successor) and not _is_short_https_url(successor):
        advice = "Give the slug of a server in this directory, or a full address that starts with https://."
        found.append(Violation("/successor", "NOT_SLUG_OR_HTTPS_URL", advice))
    if successor and successor == own_slug:
        found.append(Violation("/successor", "OWN_SLUG", "This is the deprecated server itself. Name another one."))
    return found


def _is_short_https_url(value: str) -> bool:
    return len(value) <= LONGEST_URL and is_https_url(value)
