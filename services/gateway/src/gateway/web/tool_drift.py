"""Endpoints and the drift of their tools in the words that people read: tool by tool, field by field."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from directory.submissions.v1 import server_probe_pb2 as probes
from directory.submissions.v1 import tool_change_pb2 as tools
from directory.submissions.v1.server_probe_pb2 import ServerProbe, ToolDrift
from directory.submissions.v1.submission_pb2 import ThreadEntry
from directory.submissions.v1.tool_change_pb2 import ToolChange

from gateway.web import differences
from gateway.web.differences import Difference
from gateway.web.words import Word

ENDPOINT_HEALTHS: Final[Mapping[int, Word]] = {
    probes.ENDPOINT_HEALTH_UNSPECIFIED: Word("Not looked at yet", "quiet", "Nobody has looked at the server yet."),
    probes.ENDPOINT_HEALTH_ALIVE: Word("Answers", "good", "The server speaks MCP and shows its tools."),
    probes.ENDPOINT_HEALTH_GATED: Word(
        "Asks for authentication",
        "good",
        "The server answers and asks people to authenticate before it shows its tools. Nobody compares tools that are "
        "not shown with the approved ones.",
    ),
    probes.ENDPOINT_HEALTH_NOT_MCP: Word(
        "Not MCP", "bad", "Something answers, but clients cannot use it as the listing says."
    ),
    probes.ENDPOINT_HEALTH_UNREACHABLE: Word("Not reached", "bad", "No session with the server came about."),
}
_KINDS: Final[Mapping[int, Word]] = {
    tools.TOOL_CHANGE_KIND_ADDED: Word("New", "attention"),
    tools.TOOL_CHANGE_KIND_REMOVED: Word("Gone", "attention"),
    tools.TOOL_CHANGE_KIND_CHANGED: Word("Changed", "attention"),
}
_PARTS: Final = {
    "title": "Title",
    "description": "Description",
    "input_schema": "What it takes",
    "output_schema": "What it gives",
    "annotations": "Annotations",
}


# A stranger chooses how many fields differ, and comparing word by word can be made slow: the first ones are enough.
_COMPARED_CHARACTERS: Final = 20_000


@dataclass(frozen=True, slots=True)
class ShownChange:
    """A tool that is not as it was approved."""

    name: str
    word: Word
    loosens_hints: bool
    fields: tuple[Difference, ...]
    fields_left_out: int


@dataclass(frozen=True, slots=True)
class ShownDrift:
    """A drift with its changes as the pages show them."""

    drift: ToolDrift
    changes: tuple[ShownChange, ...]


def endpoint(probe: ServerProbe) -> Word:
    """The badge of an endpoint and what it means."""
    return ENDPOINT_HEALTHS.get(probe.health, ENDPOINT_HEALTHS[probes.ENDPOINT_HEALTH_UNSPECIFIED])


def shown(drift: ToolDrift) -> ShownDrift:
    """A drift for reading."""
    changes, _ = _changes(drift.changes, _COMPARED_CHARACTERS)
    return ShownDrift(drift, changes)


def in_thread(entries: Sequence[ThreadEntry]) -> dict[str, tuple[ShownChange, ...]]:
    """What changed of tools by the ids of the entries that tell of it; the latest are compared word by word."""
    left, found = _COMPARED_CHARACTERS, {}
    for entry in sorted(entries, key=lambda one: one.position, reverse=True):
        if entry.tool_changes:
            found[entry.entry_id], left = _changes(entry.tool_changes, left)
    return found


def _changes(changes: Iterable[ToolChange], left: int) -> tuple[tuple[ShownChange, ...], int]:
    """Changes for reading, and how many characters are left to compare word by word."""
    found = []
    for change in changes:
        fields = []
        for field in change.fields:
            left -= max(len(field.before), len(field.after))
            label = _label(field.field)
            fields.append(differences.of_texts("", field.before, field.after, label=label, whole=left < 0))
        found.append(
            ShownChange(change.name, _word(change), change.loosens_hints, tuple(fields), change.fields_left_out)
        )
    return tuple(found), left


def _word(change: ToolChange) -> Word:
    words_only = not change.fields_left_out and all(field.words_only for field in change.fields)
    if change.kind == tools.TOOL_CHANGE_KIND_CHANGED and words_only:
        return Word("Other words", "quiet")
    return _KINDS.get(change.kind, Word("Changed", "attention"))


def _label(pointer: str) -> str:
    """`What it takes: properties/number/type`."""
    part, _, rest = pointer.removeprefix("/").partition("/")
    name = _PARTS.get(part, part)
    return f"{name}: {rest.replace('~1', '/').replace('~0', '~')}" if rest else name
