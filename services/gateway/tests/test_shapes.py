from typing import Any

from directory.listings.v1.listing_content_pb2 import ListingContent
from directory.submissions.v1.submission_pb2 import (
    Submission,
    SubmissionForm,
    SubmissionState,
    Transport,
)
from gateway.shapes import apply_merge_patch, enum_to_json, to_json
from google.protobuf.json_format import MessageToDict
from hypothesis import given
from hypothesis import strategies as st


def test_a_message_is_json_with_plain_names_and_nulls() -> None:
    submission = Submission(submission_id="s", state=SubmissionState.SUBMISSION_STATE_IN_REVIEW, version=2**40)
    submission.created_at.FromJsonString("2026-11-22T10:00:00Z")
    shown = to_json(submission)
    assert shown["state"] == "in_review"
    assert shown["kind"] is None
    assert shown["version"] == 2**40
    assert shown["created_at"] == "2026-11-22T10:00:00Z"
    assert shown["submitted_at"] is None
    assert shown["moves"] == []


def test_a_state_of_a_later_version_is_null_rather_than_an_error() -> None:
    assert enum_to_json(SubmissionState.DESCRIPTOR, 999) is None


def test_a_patch_names_what_it_sets_and_what_it_clears() -> None:
    form = SubmissionForm()
    patch: dict[str, Any] = {
        "server_url": None,
        "transport": "sse",
        "listing": {"tagline": "New", "categories": ["data"], "description": None},
        "use_cases": None,
        "health_data": False,
    }
    assert apply_merge_patch(form, patch) == [
        "server_url",
        "transport",
        "listing.tagline",
        "listing.categories",
        "listing.description",
        "use_cases",
        "health_data",
    ]
    assert form.transport == Transport.TRANSPORT_SSE
    assert form.listing.tagline == "New"
    assert not form.HasField("server_url")
    assert form.HasField("health_data")


def test_null_for_a_group_clears_each_of_its_fields() -> None:
    paths = apply_merge_patch(SubmissionForm(), {"listing": None})
    assert paths == [f"listing.{field.name}" for field in ListingContent.DESCRIPTOR.fields]


TEXT_FIELDS = ("display_name", "tagline", "description", "company_name")


@given(st.dictionaries(st.sampled_from(TEXT_FIELDS), st.none() | st.text(min_size=1, max_size=20)))
def test_a_patch_and_its_mask_say_the_same_as_rfc_7396(patch: dict[str, str | None]) -> None:
    before = dict.fromkeys(TEXT_FIELDS, "before")
    expected = {name: value for name, value in (before | patch).items() if value is not None}
    content = ListingContent()
    paths = apply_merge_patch(content, patch)
    stored = ListingContent(**before)
    for path in paths:
        if content.HasField(path):
            setattr(stored, path, getattr(content, path))
        else:
            stored.ClearField(path)
    assert MessageToDict(stored, preserving_proto_field_name=True) == expected
