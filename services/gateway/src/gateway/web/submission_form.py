"""The submission form: new and edit, saved as a draft at any time, with two people's edits kept apart."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.errors import Conflict, DirectoryError, InvalidInput, LimitExceeded, VersionMismatch
from directory.submissions.v1 import submission_pb2 as messages
from directory.submissions.v1.submission_pb2 import FieldProblem, ReviewerAccess, Submission, SubmissionForm
from directory.submissions.v1.submissions_service_pb2 import GetSubmissionRequest, MoveSubmissionRequest
from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from gateway import edits, problems
from gateway.core import core
from gateway.web import field_errors, field_words, forms, icon_upload, two_versions, words
from gateway.web.field_errors import NO_ERRORS, FieldErrors
from gateway.web.posting import once, then
from gateway.web.rendering import page, settings_crumbs
from gateway.web.submissions import blueprint
from gateway.web.two_versions import TwoVersions


@dataclass(frozen=True, slots=True)
class Entered:
    """What the form holds: as stored, or as posted and not saved."""

    form: SubmissionForm
    access: ReviewerAccess
    version: int
    seen: SubmissionForm
    errors: FieldErrors = NO_ERRORS
    versions: TwoVersions | None = None


@blueprint.get("/new")
def new(organization_id: UUID) -> str:
    """An empty form."""
    empty = SubmissionForm()
    return _page(organization_id, None, Entered(empty, ReviewerAccess(), 0, empty))


@blueprint.post("/new")
def create(organization_id: UUID) -> ResponseReturnValue:
    """The first save."""
    entered = _posted()
    try:
        icon_upload.take(entered.form.listing)
        with once("create"):
            created = edits.create_submission(
                core().backends, form=entered.form, reviewer_access=forms.reviewer_access(request.form)
            )
    except (InvalidInput, Conflict, LimitExceeded) as error:
        return _page(organization_id, None, _with_errors(entered, error)), problems.of(error).status
    return _after_saving(organization_id, created)


@blueprint.get("/<uuid:submission_id>/edit")
def edit(organization_id: UUID, submission_id: UUID) -> ResponseReturnValue:
    """The form as stored."""
    stored = _stored(submission_id)
    if messages.MOVE_SAVE not in stored.moves:
        told = f"The form can’t be edited while the submission is “{words.state(stored.state).label}”."
        return then(told, "submissions.detail", tone="attention", **_here(organization_id, submission_id))
    return _page(organization_id, stored, Entered(stored.form, ReviewerAccess(), stored.version, stored.form))


@blueprint.post("/<uuid:submission_id>/edit")
def save(organization_id: UUID, submission_id: UUID) -> ResponseReturnValue:
    """A save of an existing one. A save that lost a race answers 412 with both versions."""
    entered = _posted()
    try:
        icon_upload.take(entered.form.listing)
        with once("save"):
            saved = edits.save_submission(
                core().backends,
                str(submission_id),
                version=entered.version,
                form=entered.form,
                paths=forms.whole_mask(SubmissionForm.DESCRIPTOR).paths,
                reviewer_access=forms.reviewer_access(request.form),
            )
    except VersionMismatch:
        stored = _stored(submission_id)
        return _page(organization_id, stored, _merged(entered, stored)), 412
    except (InvalidInput, Conflict) as error:
        return _page(organization_id, _stored(submission_id), _with_errors(entered, error)), problems.of(error).status
    return _after_saving(organization_id, saved)


def _after_saving(organization_id: UUID, saved: Submission) -> ResponseReturnValue:
    here = _here(organization_id, saved.submission_id)
    if request.form.get("action") != "submit":
        left = f" {len(saved.problems)} still missing before you can submit." if saved.problems else ""
        return then(f"Saved.{left}", "submissions.edit", **here)
    move = MoveSubmissionRequest(submission_id=saved.submission_id, version=saved.version, move=messages.MOVE_SUBMIT)
    try:
        with once("submit"):
            core().backends.submissions.MoveSubmission(move)
    except (InvalidInput, Conflict, VersionMismatch) as error:
        flash(f"Saved, but not submitted: {error.message}", "attention")
        return then("What is missing is listed beside the form.", "submissions.edit", tone="quiet", **here)
    return then(words.MOVES[messages.MOVE_SUBMIT].done, "submissions.detail", **here)


def _posted() -> Entered:
    form = forms.submission_form(request.form)
    two_versions.choose(form, request.form)
    seen = forms.unpacked(SubmissionForm, request.form.get("seen", ""))
    return Entered(
        form=form,
        access=forms.reviewer_access(request.form) or ReviewerAccess(),
        version=forms.version_of(request.form),
        seen=seen or SubmissionForm(),
    )


def _with_errors(entered: Entered, error: DirectoryError) -> Entered:
    errors = field_errors.of(error, icon_field=edits.ICON_POINTER_OF_FORM)
    return Entered(entered.form, entered.access, entered.version, entered.seen, errors)


def _merged(entered: Entered, stored: Submission) -> Entered:
    merged, versions = two_versions.merged(entered.seen, entered.form, stored.form)
    return Entered(merged, entered.access, stored.version, stored.form, versions=versions)


def _stored(submission_id: UUID) -> Submission:
    asked = GetSubmissionRequest(submission_id=str(submission_id))
    return core().backends.submissions.GetSubmission(asked).submission


def _page(organization_id: UUID, submission: Submission | None, entered: Entered) -> str:
    problems_left = list(submission.problems) if submission else []
    title = (submission.display_name or "Unnamed submission") if submission else "New submission"
    crumbs: tuple[tuple[str, str], ...] = ((title, ""),)
    if submission:
        address = url_for("submissions.detail", **_here(organization_id, submission.submission_id))
        crumbs = ((title, address), ("Edit", ""))
    again = submission and submission.state == messages.SUBMISSION_STATE_CHANGES_REQUESTED
    return page(
        "submissions/form.html",
        section="directory",
        crumbs=settings_crumbs(organization_id, *crumbs),
        submission=submission,
        form=entered.form,
        access=entered.access,
        version=entered.version,
        seen=forms.packed(entered.seen),
        errors=entered.errors,
        versions=entered.versions,
        left={group.key: _missing_in(group, problems_left) for group in field_words.SUBMISSION},
        missing_count=len(problems_left),
        slug_locked=bool(submission and submission.HasField("first_published_at")),
        submit_label="Save and resubmit" if again else "Save and submit for review",
    )


def _missing_in(group: field_words.Group, left: list[FieldProblem]) -> list[FieldProblem]:
    own = tuple(field.pointer for field in group.fields)
    stems = {"test": ("/reviewer_access",), "compliance": ("/acknowledgements",)}.get(group.key, ())
    return [problem for problem in left if problem.field.startswith((*own, *stems))]


def _here(organization_id: UUID, submission_id: object) -> dict[str, Any]:
    return {"organization_id": organization_id, "submission_id": submission_id}
