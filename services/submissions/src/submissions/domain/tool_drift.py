"""Tools as a server offers them now, compared with those that were approved: what differs, and who looks at it.

Words for people and models (titles and descriptions, also inside schemas) are told apart from what a tool takes, gives
and may do. Source of the keywords' meanings: JSON Schema 2020-12 and its older drafts; of the hints' defaults: the MCP
schema (`readOnlyHint` false, `destructiveHint` true).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum, StrEnum, auto
from typing import Any

from submissions.domain.probe_report import Tool, as_json, canonical


class ChangeKind(StrEnum):
    """What became of a tool."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that differs, by its JSON Pointer into the tool (`as_json`).

    Both sides are texts: strings as they are, everything else as canonical JSON, empty where there is nothing.
    """

    field: str
    before: str
    after: str
    words_only: bool


@dataclass(frozen=True, slots=True)
class ToolChange:
    """A tool that is not as it was. `loosens_hints`: a hint promises less danger than before. `fields_left_out`: how
    many more fields differ, where `bounded` cut them."""

    name: str
    kind: ChangeKind
    fields: tuple[FieldChange, ...]
    loosens_hints: bool = False
    fields_left_out: int = 0

    @property
    def words_only(self) -> bool:
        """Whether the tool takes, gives and may do what it did."""
        return self.kind is ChangeKind.CHANGED and all(field.words_only for field in self.fields)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many tools, fields of all of them, and characters of all fields are shown."""

    changes: int
    fields: int
    characters: int


class _Place(Enum):
    """What a value inside a tool is, which says how two of them are compared."""

    VALUE = auto()
    WORDS = auto()
    SCHEMA = auto()
    SCHEMAS_BY_NAME = auto()
    NAMES = auto()
    NAMES_BY_NAME = auto()
    ANNOTATIONS = auto()


_LONGEST_NAME = 200
_LONGEST_TEXT = 4_000

_TOOL = {
    "title": _Place.WORDS,
    "description": _Place.WORDS,
    "input_schema": _Place.SCHEMA,
    "output_schema": _Place.SCHEMA,
    "annotations": _Place.ANNOTATIONS,
}
_ANNOTATIONS = {"title": _Place.WORDS}
_KEYWORDS = {
    **dict.fromkeys(("title", "description", "$comment"), _Place.WORDS),
    **dict.fromkeys(
        ("properties", "patternProperties", "dependentSchemas", "dependencies", "$defs", "definitions"),
        _Place.SCHEMAS_BY_NAME,
    ),
    **dict.fromkeys(
        (
            *("items", "prefixItems", "additionalItems", "unevaluatedItems", "contains"),
            *("additionalProperties", "unevaluatedProperties", "propertyNames", "contentSchema"),
            *("allOf", "anyOf", "oneOf", "not", "if", "then", "else"),
        ),
        _Place.SCHEMA,
    ),
    "required": _Place.NAMES,
    "dependentRequired": _Place.NAMES_BY_NAME,
}
# The places of an object's members, where these have names of their own.
_MEMBERS = {_Place.SCHEMA: _KEYWORDS, _Place.ANNOTATIONS: _ANNOTATIONS}
_EACH_MEMBER = {_Place.SCHEMAS_BY_NAME: _Place.SCHEMA, _Place.NAMES_BY_NAME: _Place.NAMES}


class _Absent:
    """Where there is no value; null is one."""


_ABSENT = _Absent()


def compare(approved: Sequence[Tool], offered: Sequence[Tool]) -> tuple[ToolChange, ...]:
    """The tools that differ, by name. Orders that mean nothing (of tools, keys and `required`) are no difference."""
    before, after = _by_name(approved), _by_name(offered)
    changes = []
    for key in sorted(before.keys() | after.keys()):
        change = _change(before.get(key), after.get(key))
        if change is not None:
            changes.append(change)
    return tuple(changes)


def needs_review(changes: Sequence[ToolChange]) -> bool:
    """Whether a reviewer looks at the changes: everything but words."""
    return any(not change.words_only for change in changes)


def needs_lead_reviewer(changes: Sequence[ToolChange]) -> bool:
    """Whether a lead reviewer decides: a promise of less danger is what a disguise begins with."""
    return any(change.loosens_hints for change in changes)


def bounded(changes: Sequence[ToolChange], bounds: Bounds) -> tuple[ToolChange, ...]:
    """As much of the changes as can be shown: a stranger's server decides how much there is."""
    fields_left, characters_left = bounds.fields, bounds.characters
    kept = []
    for change in changes[: bounds.changes]:
        fields: list[FieldChange] = []
        for field in map(_shortened, change.fields):
            characters_left -= len(field.field) + len(field.before) + len(field.after)
            fields_left -= 1
            if fields_left < 0 or characters_left < 0:
                break
            fields.append(field)
        left_out = len(change.fields) - len(fields)
        name = _cut(change.name, _LONGEST_NAME)
        kept.append(replace(change, name=name, fields=tuple(fields), fields_left_out=left_out))
    return tuple(kept)


def _shortened(field: FieldChange) -> FieldChange:
    pointer, before, after = (_cut(text, _LONGEST_TEXT) for text in (field.field, field.before, field.after))
    return FieldChange(pointer, before, after, field.words_only)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[:longest] + "…"


def _by_name(tools: Sequence[Tool]) -> dict[tuple[str, int], Tool]:
    """Tools by name and, where names are not unique, by their place among those of one name."""
    same: defaultdict[str, list[Tool]] = defaultdict(list)
    for tool in tools:
        same[tool.name].append(tool)
    return {
        (name, place): tool
        for name, named in same.items()
        for place, tool in enumerate(sorted(named, key=lambda each: canonical(as_json(each))))
    }


def _change(before: Tool | None, after: Tool | None) -> ToolChange | None:
    fields = tuple(_fields(before, after))
    if before is not None and after is not None:
        return ToolChange(after.name, ChangeKind.CHANGED, fields, _loosens(before, after)) if fields else None
    if after is not None:
        return ToolChange(after.name, ChangeKind.ADDED, fields)
    return ToolChange(before.name, ChangeKind.REMOVED, fields) if before is not None else None


def _loosens(before: Tool, after: Tool) -> bool:
    reads_only = not before.hint("readOnlyHint") and bool(after.hint("readOnlyHint"))
    spares = before.hint("destructiveHint") is not False and after.hint("destructiveHint") is False
    return reads_only or spares


def _fields(before: Tool | None, after: Tool | None) -> Iterator[FieldChange]:
    left, right = (_content(tool) if tool else {} for tool in (before, after))
    for name, place in _TOOL.items():
        one, other = left.get(name, _ABSENT), right.get(name, _ABSENT)
        if before is not None and after is not None:
            yield from _differences(place, one, other, f"/{name}")
        elif {} not in (one, other):  # a whole tool is told without what is empty
            yield from _differences(_Place.VALUE, one, other, f"/{name}")


def _content(tool: Tool) -> dict[str, Any]:
    """What a tool has: an empty title or a schema that is not there is nothing; an empty schema is one."""
    told = as_json(tool)
    return {name: told[name] for name in _TOOL if told[name] not in ("", None)}


def _differences(place: _Place, before: Any, after: Any, at: str) -> Iterator[FieldChange]:
    if isinstance(before, dict) and isinstance(after, dict) and (place in _MEMBERS or place in _EACH_MEMBER):
        for name in sorted(before.keys() | after.keys()):
            one, other = before.get(name, _ABSENT), after.get(name, _ABSENT)
            yield from _differences(_member(place, name), one, other, f"{at}/{_escaped(name)}")
    elif place is _Place.SCHEMA and _same_length(before, after):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _differences(place, one, other, f"{at}/{number}")
    elif _same(place, before, after):
        return
    else:
        yield FieldChange(at, _text(before), _text(after), words_only=_are_words(place, before, after))


def _member(place: _Place, name: str) -> _Place:
    if place in _EACH_MEMBER:
        return _EACH_MEMBER[place]
    return _MEMBERS[place].get(name, _Place.VALUE)


def _same_length(before: Any, after: Any) -> bool:
    return isinstance(before, list) and isinstance(after, list) and len(before) == len(after)


def _same(place: _Place, before: Any, after: Any) -> bool:
    if before is _ABSENT or after is _ABSENT:
        return before is after
    if place is _Place.NAMES and isinstance(before, list) and isinstance(after, list):
        return sorted(map(canonical, before)) == sorted(map(canonical, after))
    return canonical(before) == canonical(after)


def _are_words(place: _Place, before: Any, after: Any) -> bool:
    return place is _Place.WORDS and all(value is _ABSENT or isinstance(value, str) for value in (before, after))


def _text(value: Any) -> str:
    if value is _ABSENT:
        return ""
    return value if isinstance(value, str) else canonical(value)


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
