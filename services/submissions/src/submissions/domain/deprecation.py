"""Deprecation: a published server whose publisher tells people not to begin with it any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

LONGEST_MESSAGE = 500


@dataclass(frozen=True, slots=True)
class Deprecation:
    """What people are told, in plain text, and what takes the server's place: a slug, an https URL, or nothing."""

    message: str
    successor: str
    since: datetime
