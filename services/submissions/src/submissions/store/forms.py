"""The form as stored: proto JSON with the contract's own field names, and the columns taken out of it."""

from __future__ import annotations

from typing import Any

from directory.listings.v1.listing_content_pb2 import ListingContent
from directory.submissions.v1.submission_pb2 import SubmissionForm
from google.protobuf.json_format import MessageToDict, ParseDict

from submissions.domain.server_url import normalised
from submissions.store.uniqueness import server_url_digest


def form_json(form: SubmissionForm) -> dict[str, Any]:
    """What the jsonb column holds. Field names are those of the contract; unset fields are left out."""
    return MessageToDict(form, preserving_proto_field_name=True)


def read_form(stored: dict[str, Any]) -> SubmissionForm:
    """The form of a jsonb column. Fields of a later version of the contract are left aside."""
    return ParseDict(stored, SubmissionForm(), ignore_unknown_fields=True)


def content_json(content: ListingContent) -> dict[str, Any]:
    """As `form_json`, for a listing's words."""
    return MessageToDict(content, preserving_proto_field_name=True)


def read_content(stored: dict[str, Any] | None) -> ListingContent:
    """As `read_form`, for a listing's words; empty when nothing is stored."""
    return ParseDict(stored or {}, ListingContent(), ignore_unknown_fields=True)


def form_columns(form: SubmissionForm) -> dict[str, Any]:
    """Values of every column that follows from the form."""
    return {
        "form": form_json(form),
        "server_url": normalised(form.server_url) if form.server_url else None,
        "server_url_digest": server_url_digest(form.server_url),
        "slug": form.slug or None,
        "display_name": form.listing.display_name,
        "tagline": form.listing.tagline,
    }
