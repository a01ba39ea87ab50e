"""The contract's rules of fields (directory.rules.v1.rule), checked on any message.

`check` is for every save: fields that are set keep their rule. `missing` is for submitting: what still lacks.
Fields are named by JSON Pointers of proto names: `/listing/tagline`, `/use_cases/2`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, TypeAlias

from directory.rules.v1 import rules_pb2
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from chassis.errors import InvalidInput, Violation
from chassis.formats import SHAPES

_NO_RULE = rules_pb2.Rule()
_EXTENSION: Any = rules_pb2.rule

# The stubs know two unrelated classes for each of these; at run time there is one.
Descriptor: TypeAlias = Any
EnumDescriptor: TypeAlias = Any
Field: TypeAlias = Any


def rule_of(field: Field) -> rules_pb2.Rule:
    """The rule of a field; an empty one where the contract states none."""
    options = field.GetOptions()
    rule: rules_pb2.Rule = options.Extensions[_EXTENSION] if options.HasExtension(_EXTENSION) else _NO_RULE
    return rule


def check(message: Message) -> list[Violation]:
    """What breaks a rule among the fields that are set."""
    return list(_broken(message, ""))


def missing(message: Message) -> list[Violation]:
    """What stands in the way of submitting: REQUIRED, MUST_BE_TRUE and TOO_FEW_ITEMS."""
    return list(_missing(message, ""))


def merge(target: Message, source: Message, paths: Iterable[str] = ()) -> None:
    """Copy the named fields; a named field that `source` lacks is cleared. No paths: every field set in `source`.

    Strings that have a rule are stored trimmed. Raises InvalidInput FIELDS_INVALID for a path that does not exist.
    """
    chosen = list(paths) or list(_set_paths(source))
    unknown = [path for path in chosen if not _exists(target.DESCRIPTOR, path)]
    if unknown:
        raise InvalidInput(
            "FIELDS_INVALID",
            "The list of fields to save names fields that do not exist.",
            violations=[Violation(_pointer(path), "UNKNOWN_FIELD", "Leave this field out.") for path in unknown],
        )
    for path in chosen:
        _copy(target, source, path.split("."))
    trim(target)


def trim(message: Message) -> None:
    """Strip the strings that have a rule, in place."""
    for field, value in message.ListFields():
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            for part in _items(field, value):
                trim(part)
        elif field.type == FieldDescriptor.TYPE_STRING and rule_of(field) != _NO_RULE:
            if field.is_repeated:
                value[:] = [item.strip() for item in value]
            elif value != value.strip():
                setattr(message, field.name, value.strip())


def _broken(message: Message, at: str) -> Iterator[Violation]:
    for field, value in message.ListFields():
        pointer = f"{at}/{field.name}"
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            if _has_rules(field.message_type):
                for place, part in _places(field, value, pointer):
                    yield from _broken(part, place)
            continue
        rule = rule_of(field)
        if field.is_repeated:
            yield from _broken_list(value, pointer, rule)
        for place, part in _places(field, value, pointer):
            yield from _broken_value(field, part, place, rule)


def _broken_list(items: Sequence[object], pointer: str, rule: rules_pb2.Rule) -> Iterator[Violation]:
    if rule.max_items and len(items) > rule.max_items:
        yield Violation(pointer, "TOO_MANY_ITEMS", f"Give at most {rule.max_items:,}; there are {len(items):,}.")
    if rule == _NO_RULE:
        return
    seen = set()
    for index, item in enumerate(items):
        key = item.strip() if isinstance(item, str) else item
        if key in seen and key != "":
            yield Violation(f"{pointer}/{index}", "DUPLICATE_ITEM", "This is in the list already; remove it.")
        seen.add(key)


def _broken_value(field: Field, value: object, pointer: str, rule: rules_pb2.Rule) -> Iterator[Violation]:
    if field.enum_type is not None and value not in field.enum_type.values_by_number:
        choices = ", ".join(_choices(field.enum_type))
        yield Violation(pointer, "UNKNOWN_VALUE", f"Choose one of: {choices}.")
    elif isinstance(value, str):
        if "\x00" in value:
            yield Violation(pointer, "CONTROL_CHARACTER", "Remove the invisible control character.")
        yield from _broken_text(value.strip(), pointer, rule)


def _broken_text(text: str, pointer: str, rule: rules_pb2.Rule) -> Iterator[Violation]:
    length = len(text)
    if length < rule.min_length:
        advice = (
            f"Use at least {_characters(rule.min_length)}; this has {length:,}." if length else "Write something here."
        )
        yield Violation(pointer, "TOO_SHORT", advice)
    elif rule.max_length and length > rule.max_length:
        yield Violation(pointer, "TOO_LONG", f"Use at most {_characters(rule.max_length)}; this has {length:,}.")
    elif rule.format in SHAPES:
        fits, code, advice = SHAPES[rule.format]
        if not fits(text):
            yield Violation(pointer, code, advice)


def _missing(message: Message, at: str) -> Iterator[Violation]:
    for field in message.DESCRIPTOR.fields:
        pointer = f"{at}/{field.name}"
        value = getattr(message, field.name)
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            if _has_rules(field.message_type):
                for place, part in _places(field, value, pointer):
                    yield from _missing(part, place)
            continue
        rule = rule_of(field)
        if rule.must_be_true and not value:
            yield Violation(pointer, "MUST_BE_TRUE", "Confirm this before you submit.")
        elif field.is_repeated:
            yield from _missing_items(value, pointer, rule)
        elif rule.required and not _filled(message, field, value):
            yield Violation(pointer, "REQUIRED", "Fill this in before you submit.")


def _missing_items(items: Sequence[object], pointer: str, rule: rules_pb2.Rule) -> Iterator[Violation]:
    least = max(rule.min_items, 1 if rule.required else 0)
    if len(items) < least:
        yield Violation(pointer, "TOO_FEW_ITEMS", f"Give at least {least}; there {_are(len(items))}.")


def _filled(message: Message, field: Field, value: object) -> bool:
    if isinstance(value, str):
        return bool(value.strip())
    return message.HasField(field.name) if field.has_presence else bool(value)


def _places(field: Field, value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    if field.is_repeated:
        yield from ((f"{pointer}/{index}", item) for index, item in enumerate(value))
    else:
        yield pointer, value


def _copy(target: Message, source: Message, path: list[str]) -> None:
    name, *rest = path
    field = target.DESCRIPTOR.fields_by_name[name]
    if rest:
        # An unset parent in the source still clears the child of the target.
        if source.HasField(name) or target.HasField(name):
            _copy(getattr(target, name), getattr(source, name), rest)
        return
    target.ClearField(name)
    if field.is_repeated or not field.has_presence or source.HasField(name):
        _assign(target, field, getattr(source, name))


def _assign(target: Message, field: Field, value: object) -> None:
    if field.is_repeated:
        getattr(target, field.name).MergeFrom(value)
    elif field.type == FieldDescriptor.TYPE_MESSAGE:
        getattr(target, field.name).CopyFrom(value)
    else:
        setattr(target, field.name, value)


def _set_paths(message: Message, prefix: str = "") -> Iterator[str]:
    for field, value in message.ListFields():
        nested = field.type == FieldDescriptor.TYPE_MESSAGE and not field.is_repeated
        if nested and _has_rules(field.message_type):
            yield from _set_paths(value, f"{prefix}{field.name}.")
        else:
            yield prefix + field.name


def _exists(descriptor: Descriptor, path: str) -> bool:
    name, _, rest = path.partition(".")
    field = descriptor.fields_by_name.get(name)
    if field is None:
        return False
    if not rest:
        return True
    return field.type == FieldDescriptor.TYPE_MESSAGE and not field.is_repeated and _exists(field.message_type, rest)


@cache
def _has_rules(descriptor: Descriptor, above: frozenset[str] = frozenset()) -> bool:
    # `above` ends the walk in messages that contain themselves.
    inside = above | {descriptor.full_name}
    return any(
        rule_of(field) != _NO_RULE
        or (
            field.type == FieldDescriptor.TYPE_MESSAGE
            and field.message_type.full_name not in inside
            and _has_rules(field.message_type, inside)
        )
        for field in descriptor.fields
    )


def _choices(enum: EnumDescriptor) -> list[str]:
    prefix = enum.values[0].name.removesuffix("UNSPECIFIED")
    return [value.name.removeprefix(prefix).lower() for value in enum.values[1:]]


def _items(field: Field, value: Any) -> Iterable[Message]:
    return value if field.is_repeated else (value,)


def _pointer(path: str) -> str:
    return "/" + path.replace(".", "/")


def _characters(count: int) -> str:
    return "1 character" if count == 1 else f"{count:,} characters"


def _are(count: int) -> str:
    return {0: "are none", 1: "is 1"}.get(count, f"are {count}")
