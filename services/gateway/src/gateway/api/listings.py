"""The listing of a submission: what is live, the open revision, and the history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from directory.listings.v1.listing_content_pb2 import ListingContent
from directory.listings.v1.listing_pb2 import Listing, Revision, RevisionState
from directory.listings.v1.listings_service_pb2 import (
    DiscardRevisionRequest,
    GetListingRequest,
    GetRevisionRequest,
    ListRevisionsRequest,
    RestoreRevisionRequest,
    SubmitRevisionRequest,
)
from pydantic import BaseModel, Field, StringConstraints

from gateway import edits
from gateway.api import blueprints
from gateway.api.answers import Answer
from gateway.api.document import ETAG, WRITES_VERSION
from gateway.api.paging import PageQuery, next_cursor
from gateway.api.paths import RevisionPath, SubmissionPath
from gateway.api.schemas import Body, answer, choices, patch
from gateway.core import core
from gateway.etags import not_modified, required_version, tag
from gateway.shapes import apply_merge_patch, differing, enum_from_json, to_json

blueprint = blueprints.of_managers("listings", __name__, below="/submissions/<uuid:submission_id>/listing")

if TYPE_CHECKING:
    ContentPatch = Body
else:
    ContentPatch = patch(ListingContent.DESCRIPTOR)

LISTING = answer(Listing.DESCRIPTOR)
State = choices(RevisionState.DESCRIPTOR)


class SubmitBody(Body):
    """A message to the reviewer."""

    message: Annotated[str, StringConstraints(max_length=5000)] = ""


class RevisionsQuery(PageQuery):
    """Which revisions."""

    state: list[State] = Field(default_factory=list, description="Only these states; may be repeated.")  # type: ignore[valid-type]


class FieldChange(BaseModel):
    """A field that a revision changes, with its value before and in the revision."""

    pointer: str
    before: Any
    after: Any


class ToldRevision(answer(Revision.DESCRIPTOR)):  # type: ignore[misc]
    """A revision with what it changes against what was live before it, or is live while it is open."""

    changes: list[FieldChange]


class Revisions(BaseModel):
    """A page of revisions, latest first."""

    revisions: list[ToldRevision]
    next_cursor: str | None


@blueprint.get("", responses={200: LISTING}, openapi_extensions=ETAG)
def get_listing(path: SubmissionPath) -> Answer:
    """The listing with its open revision."""
    request = GetListingRequest(listing_id=str(path.submission_id))
    found = core().backends.listings.GetListing(request).listing
    return not_modified(found.version) or _answer(found)


@blueprint.patch("", responses={200: LISTING}, openapi_extensions=WRITES_VERSION)
def save_listing(path: SubmissionPath, body: ContentPatch) -> Answer:
    """Save edits into the open revision: a JSON merge patch. Nothing live changes."""
    version = required_version()
    content = ListingContent()
    paths = apply_merge_patch(content, body.model_dump(exclude_unset=True))
    return _answer(
        edits.save_listing(core().backends, str(path.submission_id), version=version, content=content, paths=paths)
    )


@blueprint.post("/submit", responses={200: LISTING}, openapi_extensions=WRITES_VERSION)
def submit_listing(path: SubmissionPath, body: SubmitBody) -> Answer:
    """Submit the saved edits for review."""
    request = SubmitRevisionRequest(
        listing_id=str(path.submission_id), version=required_version(), message=body.message
    )
    return _answer(core().backends.listings.SubmitRevision(request).listing)


@blueprint.delete("/revision", responses={200: LISTING}, openapi_extensions=WRITES_VERSION)
def discard_revision(path: SubmissionPath) -> Answer:
    """Give up the open revision and its unsent edits."""
    request = DiscardRevisionRequest(listing_id=str(path.submission_id), version=required_version())
    return _answer(core().backends.listings.DiscardRevision(request).listing)


@blueprint.get("/revisions", responses={200: Revisions})
def list_revisions(path: SubmissionPath, query: RevisionsQuery) -> Answer:
    """All revisions, latest first."""
    request = ListRevisionsRequest(
        listing_id=str(path.submission_id),
        states=[enum_from_json(RevisionState.DESCRIPTOR, name) for name in query.state],
        page_size=query.limit,
        page_token=query.cursor,
    )
    found = core().backends.listings.ListRevisions(request)
    return {
        "revisions": [_told(revision) for revision in found.revisions],
        "next_cursor": next_cursor(found.next_page_token),
    }


@blueprint.get("/revisions/<uuid:revision_id>", responses={200: ToldRevision})
def get_revision(path: RevisionPath) -> Answer:
    """One revision, whole."""
    request = GetRevisionRequest(listing_id=str(path.submission_id), revision_id=str(path.revision_id))
    return _told(core().backends.listings.GetRevision(request).revision)


@blueprint.post("/revisions/<uuid:revision_id>/restore", responses={200: LISTING}, openapi_extensions=WRITES_VERSION)
def restore_revision(path: RevisionPath) -> Answer:
    """Begin a new revision in editing with the content of an applied one. Nothing live changes."""
    request = RestoreRevisionRequest(
        listing_id=str(path.submission_id), version=required_version(), revision_id=str(path.revision_id)
    )
    return _answer(core().backends.listings.RestoreRevision(request).listing)


def _told(revision: Revision) -> dict[str, Any]:
    changed = differing(revision.before, revision.content)
    changes = [{"pointer": pointer, "before": before, "after": after} for pointer, before, after in changed]
    return {**to_json(revision), "changes": changes}


def _answer(listing: Listing) -> Answer:
    return to_json(listing), 200, {"ETag": tag(listing.version)}
