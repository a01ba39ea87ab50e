"""The saves that need more than one service, used by the pages and the API alike.

Call these inside `access.managing(organization_id)`.
"""

from __future__ import annotations

from collections.abc import Sequence

from chassis.errors import InvalidInput, NotFound, VersionMismatch, Violation
from directory.listings.v1.listing_content_pb2 import ListingContent
from directory.listings.v1.listing_pb2 import Listing
from directory.listings.v1.listings_service_pb2 import GetIconRequest, GetListingRequest, SaveRevisionRequest
from directory.submissions.v1.submission_pb2 import ReviewerAccess, Submission, SubmissionForm, SubmissionKind
from directory.submissions.v1.submissions_service_pb2 import (
    CreateSubmissionRequest,
    FetchServerDocumentRequest,
    GetSubmissionRequest,
    ImportServerDocumentRequest,
    ImportServerDocumentResponse,
    SaveSubmissionRequest,
)
from google.protobuf.field_mask_pb2 import FieldMask

from gateway.backends import Backends
from gateway.save_conflict import save_conflict

# A host has 8 seconds, and a process is started for it.
_FETCHING_SECONDS = 15.0
ICON_POINTER_OF_FORM = "/listing/icon_id"
ICON_POINTER_OF_LISTING = "/icon_id"


def create_submission(
    backends: Backends,
    *,
    form: SubmissionForm,
    kind: SubmissionKind = SubmissionKind.SUBMISSION_KIND_UNSPECIFIED,
    reviewer_access: ReviewerAccess | None = None,
) -> Submission:
    """Start a draft. Raises InvalidInput FORM_INVALID with UNKNOWN_ICON for an icon that is not the organisation's."""
    _confirm_icon(backends, form.listing, pointer=ICON_POINTER_OF_FORM, reason="FORM_INVALID")
    request = CreateSubmissionRequest(kind=kind, form=form, reviewer_access=reviewer_access)
    return backends.submissions.CreateSubmission(request).submission


def save_submission(
    backends: Backends,
    submission_id: str,
    *,
    version: int,
    form: SubmissionForm,
    paths: Sequence[str],
    reviewer_access: ReviewerAccess | None = None,
    access_paths: Sequence[str] = (),
) -> Submission:
    """Save the fields named in `paths`, and those of the access for reviewers in `access_paths`; a named field that is
    unset is cleared.

    At least one path of either is needed: an empty mask would mean "every set field".
    Raises SaveConflict where somebody else saved since `version`.
    """
    _confirm_icon(backends, form.listing, pointer=ICON_POINTER_OF_FORM, reason="FORM_INVALID")
    request = SaveSubmissionRequest(
        submission_id=submission_id,
        version=version,
        form=form,
        update_mask=FieldMask(paths=paths),
        reviewer_access=reviewer_access if access_paths else None,
        reviewer_access_mask=FieldMask(paths=access_paths),
    )
    try:
        return backends.submissions.SaveSubmission(request).submission
    except VersionMismatch as error:
        saved = backends.submissions.GetSubmission(GetSubmissionRequest(submission_id=submission_id)).submission
        raise save_conflict(form, saved.form, paths, version=saved.version) from error


def fetch_document(backends: Backends, url: str) -> str:
    """The text that stands at an https address. Raises InvalidInput DOCUMENT_UNREACHABLE or FORM_INVALID."""
    request = FetchServerDocumentRequest(url=url)
    return backends.submissions.FetchServerDocument(request, timeout=_FETCHING_SECONDS).document


def import_document(
    backends: Backends, document: str, *, remote: int | None = None, submission_id: str = "", version: int = 0
) -> ImportServerDocumentResponse:
    """A new draft from a server.json, or the empty fields of a submission at `version` filled in from it."""
    request = ImportServerDocumentRequest(
        document=document, remote=remote, submission_id=submission_id, version=version
    )
    return backends.submissions.ImportServerDocument(request)


def save_listing(
    backends: Backends, listing_id: str, *, version: int, content: ListingContent, paths: Sequence[str]
) -> Listing:
    """Save edits of a live listing into its open revision. Raises SaveConflict where somebody else saved since."""
    _confirm_icon(backends, content, pointer=ICON_POINTER_OF_LISTING, reason="CONTENT_INVALID")
    request = SaveRevisionRequest(
        listing_id=listing_id, version=version, content=content, update_mask=FieldMask(paths=paths)
    )
    try:
        return backends.listings.SaveRevision(request).listing
    except VersionMismatch as error:
        saved = backends.listings.GetListing(GetListingRequest(listing_id=listing_id)).listing
        raise save_conflict(content, latest_content(saved), paths, version=saved.version) from error


def latest_content(listing: Listing) -> ListingContent:
    """What an edit of the listing starts from: the latest edits, or else what is live."""
    if not listing.HasField("open_revision"):
        return listing.live
    revision = listing.open_revision
    return revision.unsent_edits if revision.HasField("unsent_edits") else revision.content


def _confirm_icon(backends: Backends, content: ListingContent, *, pointer: str, reason: str) -> None:
    if not content.icon_id:
        return
    try:
        backends.icons.GetIcon(GetIconRequest(icon_id=content.icon_id))
    except (NotFound, InvalidInput) as error:
        message = "Upload the icon first, then use the id that the upload answered with."
        violation = Violation(pointer, "UNKNOWN_ICON", message)
        raise InvalidInput(reason, "The icon does not exist.", violations=[violation]) from error
