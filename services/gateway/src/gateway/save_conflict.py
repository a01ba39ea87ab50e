"""A save that came after somebody else's: what it would have written, beside what is saved now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chassis.errors import VersionMismatch

from gateway.shapes import M, differing


class SaveConflict(VersionMismatch):
    """`differences` are the fields that the caller sent and that are saved otherwise: pointer, theirs, saved."""

    def __init__(self, version: int, differences: Sequence[tuple[str, Any, Any]]) -> None:
        message = (
            "Somebody else changed it in between. Look at the differences, and save again with the current version."
        )
        super().__init__("VERSION_MISMATCH", message, current_version=version)
        self.differences = differences


def save_conflict(sent: M, saved: M, paths: Sequence[str], *, version: int) -> SaveConflict:
    """The conflict of a save of `paths` with what is saved at `version`."""
    return SaveConflict(version, differing(sent, saved, paths) if paths else [])
