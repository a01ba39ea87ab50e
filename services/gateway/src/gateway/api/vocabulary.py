"""The controlled words of the directory and the rules of fields, straight from the contracts."""

from __future__ import annotations

from typing import Any

from chassis.rules import rule_of
from directory.authz.v1.organization_pb2 import Permission, Plan, Role
from directory.listings.v1.listing_content_pb2 import Category
from directory.listings.v1.listing_pb2 import ListingState, RevisionState
from directory.metrics.v1.server_metrics_pb2 import Health
from directory.rules.v1.rules_pb2 import Format
from directory.submissions.v1.review_service_pb2 import ChangeReason, Decision, RejectionReason
from directory.submissions.v1.server_probe_pb2 import EndpointHealth
from directory.submissions.v1.submission_pb2 import (
    ApiOwnership,
    AuthenticationMode,
    DataAccess,
    Move,
    ReviewerAccess,
    SubmissionForm,
    SubmissionKind,
    SubmissionState,
    Transport,
)
from directory.submissions.v1.transfer_pb2 import TransferState
from google.protobuf.descriptor import FieldDescriptor
from pydantic import BaseModel

from gateway.api import blueprints
from gateway.api.answers import Answer
from gateway.shapes import is_enum, names

blueprint = blueprints.public("vocabulary", __name__)

_ENUMS = {
    "categories": Category,
    "rejection_reasons": RejectionReason,
    "change_reasons": ChangeReason,
    "decisions": Decision,
    "submission_states": SubmissionState,
    "submission_kinds": SubmissionKind,
    "moves": Move,
    "transfer_states": TransferState,
    "listing_states": ListingState,
    "revision_states": RevisionState,
    "transports": Transport,
    "data_access": DataAccess,
    "authentication": AuthenticationMode,
    "api_ownership": ApiOwnership,
    "health": Health,
    "endpoint_health": EndpointHealth,
    "plans": Plan,
    "roles": Role,
    "permissions": Permission,
}


class FieldRule(BaseModel):
    """The rule of a field of the form; a limit that is null does not exist."""

    pointer: str
    type: str
    min_length: int | None
    max_length: int | None
    min_items: int | None
    max_items: int | None
    format: str | None
    required: bool
    must_be_true: bool
    choices: list[str] | None


class Vocabulary(BaseModel):
    """Words by topic, and the rules of the form's fields."""

    words: dict[str, list[str]]
    fields: list[FieldRule]


@blueprint.get("/vocabulary", responses={200: Vocabulary})
def get_vocabulary() -> Answer:
    """Categories, states, moves, reasons and the rules of fields."""
    fields = _rules(SubmissionForm.DESCRIPTOR, "") + _rules(ReviewerAccess.DESCRIPTOR, "/reviewer_access")
    words = {name: list(names(enum.DESCRIPTOR).values()) for name, enum in _ENUMS.items()}
    return {"words": words, "fields": fields}, 200, {"Cache-Control": "public, max-age=300"}


def _rules(descriptor: Any, at: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for field in descriptor.fields:
        pointer = f"{at}/{field.name}"
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            found.extend(_rules(field.message_type, pointer))
        else:
            found.append(_rule(field, pointer))
    return found


def _rule(field: Any, pointer: str) -> dict[str, Any]:
    rule = rule_of(field)
    return {
        "pointer": pointer,
        "type": _type(field),
        "min_length": rule.min_length or None,
        "max_length": rule.max_length or None,
        "min_items": rule.min_items or None,
        "max_items": rule.max_items or None,
        "format": Format.Name(rule.format).removeprefix("FORMAT_").lower() if rule.format else None,
        "required": rule.required,
        "must_be_true": rule.must_be_true,
        "choices": list(names(field.enum_type).values()) if is_enum(field) else None,
    }


def _type(field: Any) -> str:
    if field.is_repeated:
        return "list"
    if is_enum(field):
        return "choice"
    return "boolean" if field.type == FieldDescriptor.TYPE_BOOL else "text"
