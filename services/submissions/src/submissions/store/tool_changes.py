"""Changes of tools as a jsonb column holds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from submissions.domain.tool_drift import Bounds, ChangeKind, FieldChange, ToolChange, bounded

# A page of a thread is one message, and has 200 entries.
_BOUNDS = Bounds(changes=20, fields=50, characters=10_000)


def tool_changes_json(changes: Sequence[ToolChange]) -> dict[str, Any]:
    """What the column holds: as much as an entry of a thread has room for, and how many more there were."""
    kept = bounded(changes, _BOUNDS)
    return {"changes": [asdict(change) for change in kept], "left_out": len(changes) - len(kept)}


def read_tool_changes(stored: dict[str, Any] | None) -> tuple[tuple[ToolChange, ...], int]:
    """The changes of the column, and how many more there were."""
    if stored is None:
        return (), 0
    return tuple(_read(change) for change in stored["changes"]), stored["left_out"]


def _read(change: dict[str, Any]) -> ToolChange:
    fields = tuple(FieldChange(**field) for field in change["fields"])
    return ToolChange(**{**change, "kind": ChangeKind(change["kind"]), "fields": fields})
