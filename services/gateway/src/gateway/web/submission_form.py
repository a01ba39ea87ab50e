"""The submission form, a step a page: saved as a draft at any time, with two people's edits kept apart."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from chassis import rules
from chassis.errors import Conflict, DirectoryError, InvalidInput, LimitExceeded, VersionMismatch
from directory.submissions.v1 import submission_pb2 as messages
from directory.submissions.v1.submission_pb2 import ReviewerAccess, Submission, SubmissionForm
from directory.submissions.v1.submissions_service_pb2 import MoveSubmissionRequest
from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from gateway import bodies, edits, problems
from gateway.core import core
from gateway.etags import required_version
from gateway.web import differences, field_errors, field_words, form_steps, forms, icon_upload, two_versions, words
from gateway.web.field_errors import NO_ERRORS, FieldErrors
from gateway.web.form_steps import REVIEW, Step
from gateway.web.posting import once, then
from gateway.web.rendering import page, settings_crumbs
from gateway.web.submissions import blueprint, stored
from gateway.web.two_versions import TwoVersions

# Saving in another state changes it: that is for the person to decide, not for a pause in typing.
_SAVED_BY_ITSELF = (messages.SUBMISSION_STATE_DRAFT, messages.SUBMISSION_STATE_CHANGES_REQUESTED)


@dataclass(frozen=True, slots=True)
class Entered:
    """What a step holds: as stored, or as posted and not saved. `seen` is the whole form that the page was made of."""

    form: SubmissionForm
    access: ReviewerAccess
    version: int
    seen: SubmissionForm
    errors: FieldErrors = NO_ERRORS
    versions: TwoVersions | None = None


@blueprint.get("/new")
def new(organization_id: UUID) -> str:
    """The first step of an empty form."""
    empty = SubmissionForm()
    return _page(organization_id, None, form_steps.FIRST, Entered(empty, ReviewerAccess(), 0, empty))


@blueprint.post("/new")
@bodies.takes_files()
def create(organization_id: UUID) -> ResponseReturnValue:
    """The first save."""
    entered = _posted(form_steps.FIRST)
    try:
        with once("create"):
            created = edits.create_submission(core().backends, form=entered.form)
    except (InvalidInput, Conflict, LimitExceeded) as error:
        return _page(organization_id, None, form_steps.FIRST, _with_errors(entered, error)), problems.of(error).status
    return _after_saving(organization_id, created, form_steps.FIRST)


@blueprint.get("/<uuid:submission_id>/edit")
def edit(organization_id: UUID, submission_id: UUID) -> ResponseReturnValue:
    """Where the person goes on: the first step that lacks something."""
    key = form_steps.first_open(stored(submission_id))
    return redirect(url_for("submissions.step", **_here(organization_id, submission_id), key=key))


@blueprint.get("/<uuid:submission_id>/edit/<key>")
def step(organization_id: UUID, submission_id: UUID, key: str) -> ResponseReturnValue:
    """A step as stored, or the review of all."""
    shown = _step(key)
    submission = stored(submission_id)
    if messages.MOVE_SAVE not in submission.moves:
        told = f"The form can’t be edited while the submission is “{words.state(submission.state).label}”."
        return then(told, "submissions.detail", tone="attention", **_here(organization_id, submission_id))
    if shown is None:
        return _review(organization_id, submission, NO_ERRORS)
    errors = form_steps.standing(submission, shown, say_missing="missing" in request.args)
    form = submission.form
    return _page(organization_id, submission, shown, Entered(form, ReviewerAccess(), submission.version, form, errors))


@blueprint.post("/<uuid:submission_id>/edit/<key>")
@bodies.takes_files()
def save(organization_id: UUID, submission_id: UUID, key: str) -> ResponseReturnValue:
    """A save of a step, or the submitting of all. A save that lost a race answers 412 with both versions."""
    shown = _step(key)
    if shown is None:
        return _submit(organization_id, submission_id)
    entered = _posted(shown)
    try:
        others = [one for one in rules.check(entered.form) if shown.holds(one.field)]
        icon_upload.take(entered.form.listing, pointer=edits.ICON_POINTER_OF_FORM, others=others)
        with once("save"):
            saved = _save(submission_id, shown, entered, forms.access_paths(request.form))
    except VersionMismatch:
        theirs = stored(submission_id)
        return _page(organization_id, theirs, shown, _merged(entered, theirs, shown)), 412
    except (InvalidInput, Conflict, LimitExceeded) as error:
        return (
            _page(organization_id, stored(submission_id), shown, _with_errors(entered, error)),
            problems.of(error).status,
        )
    return _after_saving(organization_id, saved, shown)


@blueprint.post("/<uuid:submission_id>/edit/<key>/autosave")
def autosave(organization_id: UUID, submission_id: UUID, key: str) -> ResponseReturnValue:
    """A save by the page's script, at the version of If-Match: of the step's fields alone, neither icon nor access.

    Answers JSON: the new version and what is left to do by step, in words; 412 where somebody else saved; else each
    field's error.
    """
    shown = _step(key) or abort(404)
    try:
        with once("autosave"):
            saved = _save(submission_id, shown, replace(_posted(shown), version=required_version()))
    except VersionMismatch:
        return {"conflict": True}, 412
    except (InvalidInput, Conflict) as error:
        told = field_errors.of(error).all
        errors = [{"pointer": at, "label": field_words.lead(at), "message": message} for at, message in told]
        return {"errors": errors}, problems.of(error).status
    by_step = form_steps.missing(saved.problems)
    return {
        "version": saved.version,
        "seen": forms.packed(saved.form),
        "left": {key: form_steps.left_in_short(found) for key, found in by_step.items()},
    }


def _save(submission_id: UUID, shown: Step, entered: Entered, access_paths: Sequence[str] = ()) -> Submission:
    return edits.save_submission(
        core().backends,
        str(submission_id),
        version=entered.version,
        form=entered.form,
        paths=shown.paths,
        reviewer_access=entered.access,
        access_paths=access_paths,
    )


def _after_saving(organization_id: UUID, saved: Submission, shown: Step) -> ResponseReturnValue:
    by = {"next": 1, "back": -1}.get(request.form.get("action", ""), 0)
    left = form_steps.left(form_steps.missing(saved.problems)[shown.key])
    told = f"Saved. {left} on the step “{shown.title}”." if left else "Saved."
    here = _here(organization_id, saved.submission_id)
    return then(told, "submissions.step", **here, key=form_steps.neighbour(shown.key, by))


def _submit(organization_id: UUID, submission_id: UUID) -> ResponseReturnValue:
    version = forms.version_of(request.form)
    move = MoveSubmissionRequest(submission_id=str(submission_id), version=version, move=messages.MOVE_SUBMIT)
    try:
        with once("submit"):
            core().backends.submissions.MoveSubmission(move)
    except VersionMismatch as error:
        changed = "Somebody else changed the form meanwhile. Look at it again: it stands below as it is now."
        errors = FieldErrors("Not submitted.", [("", changed)])
        return _review(organization_id, stored(submission_id), errors), problems.of(error).status
    except (InvalidInput, Conflict) as error:
        errors = field_errors.of(error, title="Not submitted: this is in the way.")
        return _review(organization_id, stored(submission_id), errors), problems.of(error).status
    done = words.MOVES[messages.MOVE_SUBMIT].done
    return then(done, "submissions.detail", **_here(organization_id, submission_id))


def _posted(shown: Step) -> Entered:
    form = forms.submission_form(request.form)
    two_versions.choose(form, request.form)
    seen = forms.unpacked(SubmissionForm, request.form.get("seen", "")) or SubmissionForm()
    return Entered(
        form=_overlaid(seen, form, shown),
        access=forms.reviewer_access(request.form),
        version=forms.version_of(request.form),
        seen=seen,
    )


def _overlaid(whole: SubmissionForm, posted: SubmissionForm, shown: Step) -> SubmissionForm:
    """The whole form as it was seen, with the fields of one step as they were posted."""
    result = SubmissionForm()
    result.CopyFrom(whole)
    for pointer, _ in forms.leaves(SubmissionForm.DESCRIPTOR):
        if shown.holds(pointer):
            differences.copy_field(result, posted, pointer)
    return result


def _with_errors(entered: Entered, error: DirectoryError) -> Entered:
    return replace(entered, errors=field_errors.of(error, icon_field=edits.ICON_POINTER_OF_FORM))


def _merged(entered: Entered, theirs: Submission, shown: Step) -> Entered:
    merged, versions = two_versions.merged(entered.seen, entered.form, theirs.form, only=shown.holds)
    return Entered(merged, entered.access, theirs.version, theirs.form, versions=versions)


def _step(key: str) -> Step | None:
    found = form_steps.step(key)
    if found is None and key != REVIEW:
        abort(404)
    return found


def _page(organization_id: UUID, submission: Submission | None, shown: Step, entered: Entered) -> str:
    autosave_address = ""
    if submission and submission.state in _SAVED_BY_ITSELF and not entered.versions:
        here = _here(organization_id, submission.submission_id)
        autosave_address = url_for("submissions.autosave", **here, key=shown.key)
    return page(
        "submissions/form.html",
        form=entered.form,
        access=entered.access,
        version=entered.version,
        seen=forms.packed(entered.seen),
        errors=entered.errors,
        versions=entered.versions,
        shown=shown,
        autosave_address=autosave_address,
        slug_locked=bool(submission and submission.HasField("first_published_at")),
        **_frame(organization_id, submission, shown.key, shown.title),
    )


def _review(organization_id: UUID, submission: Submission, errors: FieldErrors) -> str:
    again = submission.state == messages.SUBMISSION_STATE_CHANGES_REQUESTED
    return page(
        "submissions/form_review.html",
        form=submission.form,
        errors=errors,
        submittable=messages.MOVE_SUBMIT in submission.moves and not submission.problems,
        submit_label="Resubmit for review" if again else "Submit for review",
        **_frame(organization_id, submission, REVIEW, "Review and submit"),
    )


def _frame(organization_id: UUID, submission: Submission | None, key: str, title: str) -> dict[str, Any]:
    name = (submission.display_name or "Unnamed submission") if submission else "New submission"
    crumbs: tuple[tuple[str, str], ...] = ((name, ""),)
    if submission:
        address = url_for("submissions.detail", **_here(organization_id, submission.submission_id))
        crumbs = ((name, address), (title, ""))
    return {
        "section": "directory",
        "crumbs": settings_crumbs(organization_id, *crumbs),
        "submission": submission,
        "steps": form_steps.STEPS,
        "step_key": key,
        "left": form_steps.missing(submission.problems if submission else ()),
    }


def _here(organization_id: UUID, submission_id: object) -> dict[str, Any]:
    return {"organization_id": organization_id, "submission_id": submission_id}
