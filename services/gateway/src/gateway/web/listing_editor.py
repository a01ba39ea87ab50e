"""The listing editor: save as you go, submit for review, discard."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from chassis import rules
from chassis.errors import Conflict, DirectoryError, InvalidInput, LimitExceeded, NotFound, VersionMismatch
from directory.listings.v1 import listing_pb2 as messages
from directory.listings.v1.listing_content_pb2 import ListingContent
from directory.listings.v1.listing_pb2 import Listing, Revision
from directory.listings.v1.listings_service_pb2 import (
    DiscardRevisionRequest,
    GetListingRequest,
    SubmitRevisionRequest,
)
from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from gateway import bodies, edits, guards, problems
from gateway.core import core
from gateway.web import differences, field_errors, forms, icon_upload, scope, two_versions
from gateway.web.field_errors import NO_ERRORS, FieldErrors
from gateway.web.posting import once, then
from gateway.web.rendering import page, settings_crumbs
from gateway.web.two_versions import TwoVersions

SUBMITTED: Final = "Submitted for review. What people see stays until it is approved."
APPLIED: Final = "Live now: by the directory’s setting, this change needs no review."
SAVED: Final = "Saved. Nothing live has changed."
_NOTHING_TO_SUBMIT: Final = ("NO_OPEN_REVISION", "NOTHING_TO_SUBMIT")
# What has to happen before a listing can be edited again.
_FIRST: Final = {
    messages.LISTING_STATE_DELISTED: "Relist it first",
    messages.LISTING_STATE_SUSPENDED: "A lead reviewer has to reinstate it first",
}

blueprint = Blueprint(
    "listing",
    __name__,
    url_prefix="/organizations/<uuid:organization_id>/directory/submissions/<uuid:submission_id>/listing",
)
blueprint.before_request(guards.signed_in)
blueprint.before_request(scope.managing)


@dataclass(frozen=True, slots=True)
class Entered:
    """What the editor holds: as saved, or as posted and not saved."""

    content: ListingContent
    version: int
    seen: ListingContent
    note: str = ""
    errors: FieldErrors = NO_ERRORS
    versions: TwoVersions | None = None

    @property
    def is_unsaved(self) -> bool:
        """Whether leaving the page would lose something."""
        typed = self.content != self.seen or bool(self.note)
        return bool(self.versions) or (bool(self.errors) and typed)


@blueprint.get("")
def editor(organization_id: UUID, submission_id: UUID) -> ResponseReturnValue:
    """The editor."""
    try:
        listing = _listing(submission_id)
    except NotFound:
        told = "There is no listing yet: it begins with the approval. Until then you edit the submission’s form."
        return then(
            told, "submissions.detail", tone="quiet", organization_id=organization_id, submission_id=submission_id
        )
    saved = edits.latest_content(listing)
    return _page(organization_id, listing, Entered(saved, listing.version, saved))


@blueprint.post("")
@bodies.takes_files()
def save(organization_id: UUID, submission_id: UUID) -> ResponseReturnValue:
    """Save the edits, and submit them where that button was pressed."""
    entered, submits = _posted(), request.form.get("action") == "submit"
    version = entered.version
    try:
        others = [*rules.check(entered.content), *rules.missing(entered.content)]
        icon_upload.take(entered.content, pointer=edits.ICON_POINTER_OF_LISTING, others=others)
        if entered.content != entered.seen:
            version = _save(submission_id, entered)
        elif not submits:
            return _then("Nothing changed, so nothing was saved.", organization_id, submission_id, tone="quiet")
        told = _submit(submission_id, version, entered.note) if submits else SAVED
    except VersionMismatch:
        listing = _listing(submission_id)
        return _page(organization_id, listing, _merged(entered, listing)), 412
    except (InvalidInput, Conflict, LimitExceeded) as error:
        return _refused(organization_id, submission_id, entered, error, saved_version=version)
    return _then(told, organization_id, submission_id)


@blueprint.post("/submit")
def submit(organization_id: UUID, submission_id: UUID) -> ResponseReturnValue:
    """Submit what was saved."""
    try:
        told = _submit(submission_id, forms.version_of(request.form), "")
    except (Conflict, VersionMismatch, InvalidInput) as error:
        return _not_done(organization_id, submission_id, error)
    return _then(told, organization_id, submission_id)


@blueprint.post("/discard")
def discard(organization_id: UUID, submission_id: UUID) -> ResponseReturnValue:
    """Give up the open revision."""
    asked = DiscardRevisionRequest(listing_id=str(submission_id), version=forms.version_of(request.form))
    try:
        with once("discard"):
            core().backends.listings.DiscardRevision(asked)
    except (Conflict, VersionMismatch) as error:
        return _not_done(organization_id, submission_id, error)
    return _then("The changes are discarded. What is live stays.", organization_id, submission_id)


def _save(submission_id: UUID, entered: Entered) -> int:
    with once("save"):
        saved = edits.save_listing(
            core().backends,
            str(submission_id),
            version=entered.version,
            content=entered.content,
            paths=forms.whole_mask(ListingContent.DESCRIPTOR).paths,
        )
    return saved.version


def _submit(submission_id: UUID, version: int, note: str) -> str:
    asked = SubmitRevisionRequest(listing_id=str(submission_id), version=version, message=note)
    try:
        with once("submit"):
            submitted = core().backends.listings.SubmitRevision(asked)
    except Conflict as error:
        if error.reason not in _NOTHING_TO_SUBMIT:
            raise
        message = "Nothing changed, so there is nothing to submit."
        raise Conflict(error.reason, message) from error
    return SUBMITTED if submitted.listing.HasField("open_revision") else APPLIED


def _posted() -> Entered:
    content = forms.listing_content(request.form)
    two_versions.choose(content, request.form)
    seen = forms.unpacked(ListingContent, request.form.get("seen", ""))
    note = forms.clean(request.form.get("message"))
    return Entered(content, forms.version_of(request.form), seen or ListingContent(), note)


def _merged(entered: Entered, listing: Listing) -> Entered:
    saved = edits.latest_content(listing)
    # Other things raise the version too, a decision for example.
    saved_by = listing.open_revision.edited_by_name if saved != entered.seen else ""
    merged, versions = two_versions.merged(entered.seen, entered.content, saved, saved_by=saved_by)
    return Entered(merged, listing.version, saved, entered.note, versions=versions)


def _refused(
    organization_id: UUID, submission_id: UUID, entered: Entered, error: DirectoryError, *, saved_version: int
) -> ResponseReturnValue:
    title = "Not submitted." if error.reason in _NOTHING_TO_SUBMIT else ""
    errors = field_errors.of(error, title=title, icon_field=edits.ICON_POINTER_OF_LISTING)
    seen = entered.seen if saved_version == entered.version else entered.content
    kept = Entered(entered.content, saved_version, seen, entered.note, errors)
    return _page(organization_id, _listing(submission_id), kept), problems.of(error).status


def _not_done(organization_id: UUID, submission_id: UUID, error: DirectoryError) -> ResponseReturnValue:
    listing = _listing(submission_id)
    saved = edits.latest_content(listing)
    message = error.message
    if isinstance(error, VersionMismatch):
        message = "Somebody changed the listing meanwhile. The page shows how it stands now."
    kept = Entered(saved, listing.version, saved, errors=FieldErrors("This could not be done.", [("", message)]))
    return _page(organization_id, listing, kept), problems.of(error).status


def _listing(submission_id: UUID) -> Listing:
    return core().backends.listings.GetListing(GetListingRequest(listing_id=str(submission_id))).listing


def _page(organization_id: UUID, listing: Listing, entered: Entered) -> str:
    revision = listing.open_revision if listing.HasField("open_revision") else None
    editable = listing.state == messages.LISTING_STATE_LIVE
    here: dict[str, Any] = {"organization_id": organization_id, "submission_id": listing.listing_id}
    detail = (listing.live.display_name, url_for("submissions.detail", **here))
    return page(
        "listing/editor.html",
        section="directory",
        crumbs=settings_crumbs(organization_id, detail, ("Listing", "")),
        listing=listing,
        editable=editable,
        first=_FIRST.get(listing.state, ""),
        content=entered.content,
        version=entered.version,
        seen=forms.packed(entered.seen),
        note=entered.note,
        errors=entered.errors,
        versions=entered.versions,
        unsaved=entered.is_unsaved,
        **_open_revision(listing, revision, editable=editable),
    )


def _open_revision(listing: Listing, revision: Revision | None, *, editable: bool) -> dict[str, Any]:
    if revision is None:
        return {
            "revision": None,
            "phase": "",
            "revision_differences": [],
            "unsent_differences": [],
            "submittable": False,
        }
    unsent = revision.unsent_edits if revision.HasField("unsent_edits") else None
    editing = revision.state == messages.REVISION_STATE_EDITING
    asked = differences.between(listing.live, revision.content)
    return {
        "revision": revision,
        "phase": messages.RevisionState.Name(revision.state).removeprefix("REVISION_STATE_").lower(),
        "revision_differences": asked,
        "unsent_differences": differences.between(revision.content, unsent) if unsent else [],
        "submittable": editable and (bool(asked) if editing else unsent is not None),
    }


def _then(message: str, organization_id: UUID, submission_id: UUID, *, tone: str = "good") -> ResponseReturnValue:
    return then(message, "listing.editor", tone=tone, organization_id=organization_id, submission_id=submission_id)
