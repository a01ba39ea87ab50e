"""The history of a listing: every revision with what it changed, each one whole, and restoring one that was applied."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from chassis.errors import Conflict, DirectoryError, InvalidInput, VersionMismatch
from directory.listings.v1 import listing_pb2 as messages
from directory.listings.v1.listing_pb2 import Listing, Revision
from directory.listings.v1.listings_service_pb2 import (
    GetListingRequest,
    GetRevisionRequest,
    ListRevisionsRequest,
    RestoreRevisionRequest,
)
from flask import request, url_for
from flask.typing import ResponseReturnValue

from gateway import problems
from gateway.core import core
from gateway.web import differences, field_errors, forms
from gateway.web.differences import Difference
from gateway.web.field_errors import NO_ERRORS, FieldErrors
from gateway.web.listing_editor import blueprint
from gateway.web.posting import once, then
from gateway.web.rendering import page, settings_crumbs

PAGE_SIZE: Final = 20


@dataclass(frozen=True, slots=True)
class Told:
    """A revision with what it changed and who decided, in words; `restorable` while nothing stands in the way.

    `live` says that these words are live: true of the latest one, and of an older one that it restored.
    """

    revision: Revision
    differences: list[Difference]
    decided_by: str
    live: bool
    restorable: bool


@blueprint.get("/history")
def history(organization_id: UUID, submission_id: UUID) -> str:
    """Every revision, latest first."""
    return _history(organization_id, submission_id, page_token=request.args.get("page", ""))


@blueprint.get("/history/<uuid:revision_id>")
def revision(organization_id: UUID, submission_id: UUID, revision_id: UUID) -> str:
    """One revision, whole."""
    found = core().backends.listings.GetRevision(
        GetRevisionRequest(listing_id=str(submission_id), revision_id=str(revision_id))
    )
    listing = _listing(submission_id)
    here = _here(organization_id, submission_id)
    title = f"Revision {found.revision.number}"
    return page(
        "listing/revision.html",
        section="directory",
        crumbs=settings_crumbs(
            organization_id,
            *_crumbs(listing, here),
            ("Revision history", url_for("listing.history", **here)),
            (title, ""),
        ),
        listing=listing,
        told=_told(listing, found.revision),
        here=here,
    )


@blueprint.post("/history/<uuid:revision_id>/restore")
def restore(organization_id: UUID, submission_id: UUID, revision_id: UUID) -> ResponseReturnValue:
    """Begin a new revision with the content of this one."""
    asked = RestoreRevisionRequest(
        listing_id=str(submission_id), version=forms.version_of(request.form), revision_id=str(revision_id)
    )
    try:
        with once("restore"):
            restored = core().backends.listings.RestoreRevision(asked).listing.open_revision
    except (Conflict, InvalidInput, VersionMismatch) as error:
        return _history(organization_id, submission_id, errors=_refusal(error)), problems.of(error).status
    told = (
        f"Revision {restored.restores_number} is restored as revision {restored.number}: saved, not submitted. "
        "Nothing live has changed."
    )
    return then(told, "listing.editor", **_here(organization_id, submission_id))


def _history(
    organization_id: UUID, submission_id: UUID, *, page_token: str = "", errors: FieldErrors = NO_ERRORS
) -> str:
    here = _here(organization_id, submission_id)
    listing = _listing(submission_id)
    listed = core().backends.listings.ListRevisions(
        ListRevisionsRequest(listing_id=str(submission_id), page_size=PAGE_SIZE, page_token=page_token)
    )
    following = listed.next_page_token
    return page(
        "listing/history.html",
        section="directory",
        crumbs=settings_crumbs(organization_id, *_crumbs(listing, here), ("Revision history", "")),
        listing=listing,
        history=[_told(listing, one) for one in listed.revisions],
        errors=errors,
        here=here,
        next_page=url_for("listing.history", **here, page=following) if following else "",
    )


def _crumbs(listing: Listing, here: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    server = (listing.live.display_name, url_for("submissions.detail", **here))
    return server, ("Listing", url_for("listing.editor", **here))


def _told(listing: Listing, revision: Revision) -> Told:
    applied = revision.state == messages.REVISION_STATE_APPLIED
    live = applied and revision.content == listing.live
    free = listing.state == messages.LISTING_STATE_LIVE and not listing.HasField("open_revision")
    changed = differences.between(revision.before, revision.content) if revision.HasField("before") else []
    return Told(revision, changed, _decided_by(revision), live=live, restorable=applied and free and not live)


def _decided_by(revision: Revision) -> str:
    if revision.applied_by_setting:
        return "The directory’s setting, without a review"
    if revision.state == messages.REVISION_STATE_APPLIED and not revision.decided_by_name:
        return "The approval of the submission"
    return revision.decided_by_name


def _refusal(error: DirectoryError) -> FieldErrors:
    if isinstance(error, VersionMismatch):
        message = "Somebody changed the listing meanwhile. The page shows how it stands now."
        return FieldErrors("This could not be restored.", [("", message)])
    return field_errors.of(error, title="This could not be restored.")


def _listing(submission_id: UUID) -> Listing:
    return core().backends.listings.GetListing(GetListingRequest(listing_id=str(submission_id))).listing


def _here(organization_id: UUID, submission_id: UUID) -> dict[str, Any]:
    return {"organization_id": organization_id, "submission_id": submission_id}
