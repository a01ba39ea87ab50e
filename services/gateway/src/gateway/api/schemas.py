"""Schemas of the API made from the contracts, so that names, choices and limits are stated once.

Limits of texts and lists stand in the schema for readers; the service that takes a field enforces them and names
every field that breaks one. Types, choices and unknown names are refused here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, TypeAlias

from chassis.rules import rule_of
from directory.rules.v1.rules_pb2 import Format, Rule
from google.protobuf.descriptor import FieldDescriptor
from pydantic import BaseModel, ConfigDict, Field, create_model

from gateway.shapes import TIMESTAMP, is_enum, names

Descriptor: TypeAlias = Any

_TEXT = (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES)
_FORMATS = {
    Format.FORMAT_HTTPS_URL: "uri",
    Format.FORMAT_SERVER_URL: "uri",
    Format.FORMAT_UUID: "uuid",
}
_models: dict[tuple[str, str], type[BaseModel]] = {}


class Body(BaseModel):
    """A JSON body: no unknown members, no conversions."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Query(BaseModel):
    """A query: no unknown parameters; text becomes numbers."""

    model_config = ConfigDict(extra="forbid")


def answer(descriptor: Descriptor, *, name: str = "", omit: tuple[str, ...] = ()) -> type[BaseModel]:
    """The schema of a message in answers: every member is there, null where unset."""
    title = name or descriptor.name
    known = _models.get(("answer", title))
    if known is None:
        fields: dict[str, Any] = {
            field.name: (_answer_type(field), ...) for field in descriptor.fields if field.name not in omit
        }
        known = _models["answer", title] = create_model(title, **fields)
    return known


def patch(descriptor: Descriptor, *, name: str = "") -> type[BaseModel]:
    """The schema of a message in bodies: every member may be left out, null clears."""
    title = name or f"{descriptor.name}Patch"
    known = _models.get(("patch", title))
    if known is None:
        fields: dict[str, Any] = {
            field.name: (_patch_type(field) | None, _limits(field)) for field in descriptor.fields
        }
        known = _models["patch", title] = create_model(title, __base__=Body, **fields)
    return known


def choices(descriptor: Descriptor) -> Any:
    """A Literal of an enum's lower-case names."""
    return Literal[tuple(names(descriptor).values())]


def _answer_type(field: Any) -> Any:
    kind = _plain_type(field, answer)
    if field.is_repeated:
        return list[kind]  # type: ignore[valid-type]
    return kind | None if field.has_presence or is_enum(field) else kind


def _patch_type(field: Any) -> Any:
    kind = _plain_type(field, patch)
    return list[kind] if field.is_repeated else kind  # type: ignore[valid-type]


def _plain_type(field: Any, of_message: Any) -> Any:
    if is_enum(field):
        return choices(field.enum_type)
    if field.type == FieldDescriptor.TYPE_MESSAGE:
        return datetime if field.message_type.full_name == TIMESTAMP else of_message(field.message_type)
    if field.type in _TEXT:
        return str
    if field.type == FieldDescriptor.TYPE_BOOL:
        return bool
    if field.type in (FieldDescriptor.TYPE_DOUBLE, FieldDescriptor.TYPE_FLOAT):
        return float
    return int


def _limits(field: Any) -> Any:
    rule = rule_of(field)
    sentence = _sentence(field, rule)
    return Field(default=None, description=sentence or None, json_schema_extra=_shown(field, rule))


def _shown(field: Any, rule: Rule) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    if field.is_repeated:
        _put(shown, "minItems", rule.min_items)
        _put(shown, "maxItems", rule.max_items)
    elif field.type in _TEXT:
        _put(shown, "minLength", rule.min_length)
        _put(shown, "maxLength", rule.max_length)
        _put(shown, "format", _FORMATS.get(rule.format))
    return shown


def _put(shown: dict[str, Any], name: str, value: Any) -> None:
    if value:
        shown[name] = value


def _sentence(field: Any, rule: Rule) -> str:
    parts = []
    if rule.required:
        parts.append("Needed for submitting.")
    if rule.must_be_true:
        parts.append("Must be true for submitting.")
    if field.is_repeated and rule.max_length:
        parts.append(f"Each {rule.min_length}-{rule.max_length} characters.")
    if rule.format:
        parts.append(f"Form: {Format.Name(rule.format).removeprefix('FORMAT_').lower()}.")
    return " ".join(parts)
