"""Protobuf messages as JSON values and back, in the API's form.

Names stay snake_case; enums are lower-case names without prefix; unset and UNSPECIFIED are null; times are RFC 3339
in UTC; 64-bit numbers are numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias, TypeVar

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

# The stubs know two unrelated classes for each of these; at run time there is one.
EnumDescriptor: TypeAlias = Any
Field: TypeAlias = Any

M = TypeVar("M", bound=Message)

TIMESTAMP = "google.protobuf.Timestamp"


def to_json(message: Message, *, omit: Collection[str] = ()) -> dict[str, Any]:
    """Every field of the message but those of `omit`."""
    return {field.name: _field_to_json(message, field) for field in message.DESCRIPTOR.fields if field.name not in omit}


def enum_to_json(descriptor: EnumDescriptor, number: int) -> str | None:
    """`SUBMISSION_STATE_IN_REVIEW` as `in_review`; None for UNSPECIFIED and for numbers of a later version."""
    return names(descriptor).get(number) if number else None


def enum_from_json(descriptor: EnumDescriptor, name: str) -> Any:
    """The number of a lower-case name, as messages take it. Raises KeyError."""
    return {known: number for number, known in names(descriptor).items()}[name]


@cache
def names(descriptor: EnumDescriptor) -> Mapping[int, str]:
    """Lower-case names without prefix by number, without UNSPECIFIED."""
    prefix = descriptor.values_by_number[0].name.removesuffix("UNSPECIFIED")
    return {value.number: value.name.removeprefix(prefix).lower() for value in descriptor.values if value.number}


def apply_merge_patch(message: Message, patch: Mapping[str, Any]) -> list[str]:
    """Write a JSON merge patch (RFC 7396) into an empty message; gives the field mask that goes with it.

    null names a field without setting it, which clears it; null for a group clears every field of the group. The
    patch has passed the API's schema: its names and types are right.
    """
    paths: list[str] = []
    for name, value in patch.items():
        field: Field = message.DESCRIPTOR.fields_by_name[name]
        if _is_group(field):
            if value is None:
                paths.extend(f"{name}.{leaf}" for leaf in _leaves(field.message_type))
            else:
                group: Message = getattr(message, name)
                group.SetInParent()
                paths.extend(f"{name}.{path}" for path in apply_merge_patch(group, value))
            continue
        paths.append(name)
        if value is not None:
            _set(message, field, value)
    return paths


def fill(message: M, values: Mapping[str, Any]) -> M:
    """The message with the fields of a JSON object set; null leaves a field unset."""
    apply_merge_patch(message, values)
    return message


def differing(one: M, other: M, paths: Sequence[str] = ()) -> list[tuple[str, Any, Any]]:
    """The fields of `paths` (all, unless said) whose values differ: JSON Pointer and both values, in the API's form."""
    values, others = to_json(one), to_json(other)
    found = []
    for path in paths or _leaves(one.DESCRIPTOR):
        mine, theirs = _at(values, path), _at(others, path)
        if mine != theirs:
            found.append(("/" + path.replace(".", "/"), mine, theirs))
    return found


def is_enum(field: Field) -> bool:
    """Whether the field holds an enum."""
    return bool(field.type == FieldDescriptor.TYPE_ENUM)


def _is_group(field: Field) -> bool:
    return bool(field.type == FieldDescriptor.TYPE_MESSAGE and not field.is_repeated)


def _at(values: dict[str, Any], path: str) -> Any:
    value: Any = values
    for name in path.split("."):
        value = None if value is None else value[name]
    return value


def _leaves(descriptor: Any) -> list[str]:
    found: list[str] = []
    for field in descriptor.fields:
        if _is_group(field):
            found.extend(f"{field.name}.{leaf}" for leaf in _leaves(field.message_type))
        else:
            found.append(field.name)
    return found


def _set(message: Message, field: Field, value: Any) -> None:
    if field.is_repeated:
        getattr(message, field.name).extend(
            [enum_from_json(field.enum_type, one) for one in value] if is_enum(field) else value
        )
    elif is_enum(field):
        setattr(message, field.name, enum_from_json(field.enum_type, value))
    else:
        setattr(message, field.name, value)


def _field_to_json(message: Message, field: Field) -> Any:
    value = getattr(message, field.name)
    if field.is_repeated:
        return [_value_to_json(field, one) for one in value]
    if field.has_presence and not message.HasField(field.name):
        return None
    return _value_to_json(field, value)


def _value_to_json(field: Field, value: Any) -> Any:
    if is_enum(field):
        return enum_to_json(field.enum_type, value)
    if field.type != FieldDescriptor.TYPE_MESSAGE:
        return value
    if field.message_type.full_name == TIMESTAMP:
        return value.ToJsonString()
    return to_json(value)
