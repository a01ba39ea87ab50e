"""Ids: UUIDv7, which sort by the time they were made."""

from __future__ import annotations

from uuid_utils.compat import uuid7


def new_id() -> str:
    """A new UUIDv7 in canonical text."""
    return str(uuid7())
