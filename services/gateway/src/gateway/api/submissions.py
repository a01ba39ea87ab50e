"""Submissions: the form, the moves and the thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from directory.listings.v1.listing_pb2 import Listing
from directory.metrics.v1.metrics_service_pb2 import Product
from directory.metrics.v1.server_metrics_pb2 import ServerMetrics
from directory.submissions.v1.server_probe_pb2 import EndpointSummary
from directory.submissions.v1.submission_pb2 import (
    Checks,
    Move,
    ReviewerAccess,
    Submission,
    SubmissionForm,
    SubmissionKind,
    ThreadEntry,
)
from directory.submissions.v1.submissions_service_pb2 import (
    DeleteSubmissionRequest,
    GetChecksRequest,
    GetSubmissionRequest,
    ListSubmissionsRequest,
    ListThreadRequest,
    MoveSubmissionRequest,
    PostMessageRequest,
    RunChecksRequest,
    StateCount,
)
from directory.submissions.v1.transfer_pb2 import Transfer
from pydantic import BaseModel, Field, StringConstraints

from gateway import edits, views
from gateway.api import blueprints
from gateway.api.answers import Answer
from gateway.api.dashboard import LISTED, NOT_IN_LISTS, SectionStatus, SubmissionsQuery, states, status
from gateway.api.document import ETAG, IF_MATCH, WRITES_VERSION
from gateway.api.paging import Cursor, next_cursor
from gateway.api.paths import OrganizationPath, SubmissionPath
from gateway.api.probes import PROBE
from gateway.api.schemas import Body, Query, answer, patch
from gateway.core import core
from gateway.etags import not_modified, required_version, tag
from gateway.moves import PublisherMove
from gateway.shapes import apply_merge_patch, enum_from_json, fill, to_json

blueprint = blueprints.of_managers("submissions", __name__, below="/submissions")

if TYPE_CHECKING:
    FormPatch = Body
else:
    FormPatch = patch(SubmissionForm.DESCRIPTOR)

SUBMISSION = answer(Submission.DESCRIPTOR)
ENTRY = answer(ThreadEntry.DESCRIPTOR)
CHECKS = answer(Checks.DESCRIPTOR)
Text = Annotated[str, StringConstraints(max_length=5000)]


class SavedSubmission(FormPatch):
    """The form's fields and `reviewer_access`; what is left out of either stays as it is, null clears."""

    reviewer_access: patch(ReviewerAccess.DESCRIPTOR, name="ReviewerAccessBody") | None = None  # type: ignore[valid-type]


class NewSubmission(SavedSubmission):
    """A draft; it may be partly filled in."""

    kind: Literal["remote_mcp", "desktop_extension", "custom_connector"] = "remote_mcp"


class MoveBody(Body):
    """A move of the lifecycle."""

    move: PublisherMove
    comment: Text = Field(default="", description="Needed to delist, and to deprecate: then at most 500 characters.")
    successor: str = Field(
        default="",
        max_length=2048,
        description="Of a deprecation: the slug of the server that takes its place, or an https URL.",
    )


class MessageBody(Body):
    """A message, Markdown."""

    body: Annotated[str, StringConstraints(min_length=1, max_length=5000)]


class ThreadQuery(Query):
    """Which page of the thread."""

    limit: int = Field(default=100, ge=1, le=200)
    cursor: Cursor = ""
    order: Literal["oldest", "newest"] = Field(default="oldest", description="Which entries come first.")


class Submissions(BaseModel):
    """A page of submissions."""

    submissions: list[LISTED]  # type: ignore[valid-type]
    counts: list[answer(StateCount.DESCRIPTOR)]  # type: ignore[valid-type]
    needs_publisher_count: int
    endpoints: list[answer(EndpointSummary.DESCRIPTOR)]  # type: ignore[valid-type]
    next_cursor: str | None


class Thread(BaseModel):
    """A page of a thread."""

    entries: list[ENTRY]  # type: ignore[valid-type]
    next_cursor: str | None


class ThreadSection(SectionStatus):
    """The thread."""

    entries: list[ENTRY]  # type: ignore[valid-type]
    next_cursor: str | None


class ChecksSection(SectionStatus):
    """The automatic checks."""

    checks: CHECKS | None  # type: ignore[valid-type]


class ListingSection(SectionStatus):
    """The listing; null before the first approval."""

    listing: answer(Listing.DESCRIPTOR) | None  # type: ignore[valid-type]


class MetricsSection(SectionStatus):
    """The figures."""

    metrics: answer(ServerMetrics.DESCRIPTOR) | None  # type: ignore[valid-type]
    products: list[answer(Product.DESCRIPTOR)]  # type: ignore[valid-type]


class TransferSection(SectionStatus):
    """The offer of the server to another organisation that is open; null where there is none."""

    transfer: answer(Transfer.DESCRIPTOR) | None  # type: ignore[valid-type]


class ProbeSection(SectionStatus):
    """The looks at the server."""

    probe: PROBE | None  # type: ignore[valid-type]


class Overview(BaseModel):
    """Everything about a submission; each part but the submission may be unavailable for a while."""

    submission: SUBMISSION  # type: ignore[valid-type]
    thread: ThreadSection
    checks: ChecksSection
    listing: ListingSection
    metrics: MetricsSection
    transfer: TransferSection
    probe: ProbeSection


@blueprint.get("", responses={200: Submissions})
def list_submissions(path: OrganizationPath, query: SubmissionsQuery) -> Answer:
    """Submissions, most recently changed first."""
    request = ListSubmissionsRequest(
        states=states(query.state),
        needs_publisher=query.needs_publisher,
        search=query.q,
        page_size=query.limit,
        page_token=query.cursor,
    )
    found = core().backends.submissions.ListSubmissions(request)
    return {
        "submissions": [to_json(one, omit=NOT_IN_LISTS) for one in found.submissions],
        "counts": [to_json(count) for count in found.counts],
        "needs_publisher_count": found.needs_publisher_count,
        "endpoints": [to_json(one) for one in found.endpoints],
        "next_cursor": next_cursor(found.next_page_token),
    }


@blueprint.post("", responses={201: SUBMISSION}, openapi_extensions=ETAG)
def create_submission(path: OrganizationPath, body: NewSubmission) -> Answer:
    """Start a draft."""
    given = body.model_dump(exclude_unset=True)
    kind = enum_from_json(SubmissionKind.DESCRIPTOR, given.pop("kind", "remote_mcp"))
    access, _ = _access(given)
    created = edits.create_submission(
        core().backends, form=fill(SubmissionForm(), given), kind=kind, reviewer_access=access
    )
    location = f"/api/v1/organizations/{path.organization_id}/submissions/{created.submission_id}"
    return to_json(created), 201, {"ETag": tag(created.version), "Location": location}


@blueprint.get("/<uuid:submission_id>", responses={200: SUBMISSION}, openapi_extensions=ETAG)
def get_submission(path: SubmissionPath) -> Answer:
    """The submission with form, problems and findings."""
    request = GetSubmissionRequest(submission_id=str(path.submission_id))
    found = core().backends.submissions.GetSubmission(request).submission
    return not_modified(found.version) or _answer(found)


@blueprint.get("/<uuid:submission_id>/overview", responses={200: Overview})
def get_overview(path: SubmissionPath) -> Answer:
    """The submission with thread, checks, listing, figures, open offer and looks at the server in one answer."""
    found = views.submission_detail(core(), str(path.submission_id))
    thread = found.thread.value
    return {
        "submission": to_json(found.submission),
        "thread": {
            **status(found.thread),
            "entries": [to_json(entry) for entry in thread.entries] if thread else [],
            "next_cursor": next_cursor(thread.next_page_token) if thread else None,
        },
        "checks": {**status(found.checks), "checks": to_json(found.checks.value) if found.checks.value else None},
        "listing": {**status(found.listing), "listing": to_json(found.listing.value) if found.listing.value else None},
        "metrics": {
            **status(found.metrics),
            "metrics": to_json(found.metrics.value.metrics) if found.metrics.value else None,
            "products": [to_json(one) for one in found.metrics.value.products] if found.metrics.value else [],
        },
        "transfer": {
            **status(found.transfer),
            "transfer": to_json(found.transfer.value) if found.transfer.value else None,
        },
        "probe": {**status(found.probe), "probe": to_json(found.probe.value) if found.probe.value else None},
    }


@blueprint.patch("/<uuid:submission_id>", responses={200: SUBMISSION}, openapi_extensions=WRITES_VERSION)
def save_submission(path: SubmissionPath, body: SavedSubmission) -> Answer:
    """Save fields of the form: a JSON merge patch of `form`."""
    version = required_version()
    given = body.model_dump(exclude_unset=True)
    access, access_paths = _access(given)
    form = SubmissionForm()
    paths = apply_merge_patch(form, given)
    saved = edits.save_submission(
        core().backends,
        str(path.submission_id),
        version=version,
        form=form,
        paths=paths,
        reviewer_access=access,
        access_paths=access_paths,
    )
    return _answer(saved)


@blueprint.delete("/<uuid:submission_id>", responses={204: None}, openapi_extensions=IF_MATCH)
def delete_submission(path: SubmissionPath) -> Answer:
    """Delete a draft that was never published."""
    request = DeleteSubmissionRequest(submission_id=str(path.submission_id), version=required_version())
    core().backends.submissions.DeleteSubmission(request)
    return "", 204


@blueprint.post("/<uuid:submission_id>/moves", responses={200: SUBMISSION}, openapi_extensions=WRITES_VERSION)
def move_submission(path: SubmissionPath, body: MoveBody) -> Answer:
    """Take a move: submit, withdraw, reopen, publish, deprecate, undeprecate, delist, relist, appeal."""
    request = MoveSubmissionRequest(
        submission_id=str(path.submission_id),
        version=required_version(),
        move=enum_from_json(Move.DESCRIPTOR, body.move),
        comment=body.comment,
        successor=body.successor,
    )
    return _answer(core().backends.submissions.MoveSubmission(request).submission)


@blueprint.get("/<uuid:submission_id>/thread", responses={200: Thread})
def list_thread(path: SubmissionPath, query: ThreadQuery) -> Answer:
    """Messages, decisions, findings and moves, oldest first unless asked otherwise."""
    request = ListThreadRequest(
        submission_id=str(path.submission_id),
        page_size=query.limit,
        page_token=query.cursor,
        newest_first=query.order == "newest",
    )
    found = core().backends.submissions.ListThread(request)
    return {
        "entries": [to_json(entry) for entry in found.entries],
        "next_cursor": next_cursor(found.next_page_token),
    }


@blueprint.post("/<uuid:submission_id>/messages", responses={201: ENTRY})
def post_message(path: SubmissionPath, body: MessageBody) -> Answer:
    """Write to the reviewers."""
    request = PostMessageRequest(submission_id=str(path.submission_id), body=body.body)
    return to_json(core().backends.submissions.PostMessage(request).entry), 201


@blueprint.get("/<uuid:submission_id>/checks", responses={200: CHECKS})
def get_checks(path: SubmissionPath) -> Answer:
    """The automatic checks: whether they run, and the findings and tools that the last run brought."""
    request = GetChecksRequest(submission_id=str(path.submission_id))
    return to_json(core().backends.submissions.GetChecks(request).checks)


@blueprint.post("/<uuid:submission_id>/checks", responses={202: CHECKS})
def run_checks(path: SubmissionPath) -> Answer:
    """Run the automatic checks now on a draft or a submission that came back. Submits nothing."""
    request = RunChecksRequest(submission_id=str(path.submission_id))
    return to_json(core().backends.submissions.RunChecks(request).checks), 202


def _answer(submission: Submission) -> Answer:
    return to_json(submission), 200, {"ETag": tag(submission.version)}


def _access(given: dict[str, Any]) -> tuple[ReviewerAccess, list[str]]:
    """The access for reviewers, taken out of `given`, and its fields that are meant."""
    access = ReviewerAccess()
    if "reviewer_access" not in given:
        return access, []
    named = dict.fromkeys(field.name for field in ReviewerAccess.DESCRIPTOR.fields)
    patched = given.pop("reviewer_access")
    return access, apply_merge_patch(access, named if patched is None else patched)
