"""What people are told of tools that changed. Names are a stranger's words: they stand as code, and are cut."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from submissions.domain.tool_drift import ChangeKind, ToolChange
from submissions.domain.tool_findings import shown_name

_NAMED = 5


def summary(changes: Sequence[ToolChange]) -> str:
    """What differs, in a sentence of Markdown; empty for no changes."""
    parts = []
    for word, kind in (("new", ChangeKind.ADDED), ("gone", ChangeKind.REMOVED)):
        parts += _part(word, [change.name for change in changes if change.kind is kind])
    changed = [change for change in changes if change.kind is ChangeKind.CHANGED]
    parts += _part("changed", [change.name for change in changed if not change.words_only])
    parts += _part("other words", [change.name for change in changed if change.words_only])
    loosened = [change.name for change in changes if change.loosens_hints]
    parts += _part("hints promise less danger", loosened)
    told = "; ".join(parts)
    return f"{told[:1].upper()}{told[1:]}." if told else ""


def _part(word: str, names: Sequence[str]) -> list[str]:
    return [f"{word}: {_listed(names)}"] if names else []


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(_as_code(names[:_NAMED])) + more


def _as_code(names: Iterable[str]) -> Iterable[str]:
    return (f"`{shown_name(name)[1:-1].replace('`', chr(39))}`" for name in names)
