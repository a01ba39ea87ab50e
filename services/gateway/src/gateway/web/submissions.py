"""A submission's own page: where it stands, feedback, moves, and for published ones health and usage."""

from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from chassis.errors import Conflict, DirectoryError, InvalidInput, LimitExceeded, VersionMismatch
from directory.listings.v1 import listing_pb2 as listings
from directory.metrics.v1.metrics_service_pb2 import GetServerMetricsResponse
from directory.metrics.v1.server_metrics_pb2 import Health
from directory.submissions.v1 import submission_pb2 as messages
from directory.submissions.v1.submission_pb2 import Move, Submission
from directory.submissions.v1.submissions_service_pb2 import (
    DeleteSubmissionRequest,
    GetSubmissionRequest,
    MoveSubmissionRequest,
    PostMessageRequest,
    RunChecksRequest,
    RunServerProbeRequest,
)
from directory.submissions.v1.transfers_service_pb2 import OfferTransferRequest
from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from gateway import guards, problems, views
from gateway.core import core
from gateway.moves import PUBLISHER_MOVES
from gateway.web import field_errors, forms, scope, successors, tool_drift, usage, words
from gateway.web.field_errors import NO_ERRORS, FieldErrors
from gateway.web.posting import once, then
from gateway.web.rendering import page, settings_crumbs

blueprint = Blueprint("submissions", __name__, url_prefix="/organizations/<uuid:organization_id>/directory/submissions")
blueprint.before_request(guards.signed_in)
blueprint.before_request(scope.managing)

_CHECKED_BY_HAND: Final = (messages.SUBMISSION_STATE_DRAFT, messages.SUBMISSION_STATE_CHANGES_REQUESTED)
_TRANSFERABLE: Final = (messages.SUBMISSION_STATE_PUBLISHED, messages.SUBMISSION_STATE_DELISTED)
_LOOKED_AT: Final = (messages.SUBMISSION_STATE_PUBLISHED, messages.SUBMISSION_STATE_SUSPENDED)
_TRACK: Final = (
    messages.SUBMISSION_STATE_DRAFT,
    messages.SUBMISSION_STATE_CHECKING,
    messages.SUBMISSION_STATE_IN_REVIEW,
    messages.SUBMISSION_STATE_APPROVED,
    messages.SUBMISSION_STATE_PUBLISHED,
)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a refused form leaves on the page: its errors and what was typed."""

    errors: FieldErrors = NO_ERRORS
    body: str = ""
    move: str = ""
    comment: str = ""
    successor: str = ""
    offer_to: str | None = None
    """To whom the server should have been offered; None where that was not tried."""
    offer_message: str = ""


@blueprint.get("/<uuid:submission_id>")
def detail(organization_id: UUID, submission_id: UUID) -> str:
    """The page."""
    return _page(organization_id, submission_id, Kept())


@blueprint.post("/<uuid:submission_id>/moves")
def move(organization_id: UUID, submission_id: UUID) -> ResponseReturnValue:
    """A button of the lifecycle."""
    name, comment = request.form.get("move", ""), forms.clean(request.form.get("comment"))
    successor = forms.clean(request.form.get("successor"))
    asked = forms.move_of(name, PUBLISHER_MOVES)
    try:
        _take(submission_id, asked, comment=comment, successor=successor)
    except (InvalidInput, Conflict, VersionMismatch) as error:
        kept = Kept(move=name, comment=comment, successor=successor)
        return _refused(organization_id, submission_id, error, kept)
    word = words.move(asked, messages.SUBMISSION_STATE_UNSPECIFIED)
    done = word.done if word else "Done."
    return then(done, "submissions.detail", organization_id=organization_id, submission_id=submission_id)


@blueprint.post("/<uuid:submission_id>/messages")
def reply(organization_id: UUID, submission_id: UUID) -> ResponseReturnValue:
    """A message to the reviewers, with or without resubmitting."""
    body = forms.clean(request.form.get("body"))
    resubmits = request.form.get("action") == "resubmit"
    try:
        if resubmits:
            _take(submission_id, messages.MOVE_SUBMIT, comment=body)
        else:
            with once("message"):
                core().backends.submissions.PostMessage(PostMessageRequest(submission_id=str(submission_id), body=body))
    except (InvalidInput, Conflict, VersionMismatch, LimitExceeded) as error:
        return _refused(organization_id, submission_id, error, Kept(body=body))
    return then(
        words.RESUBMIT.done if resubmits else "Message sent.",
        "submissions.detail",
        organization_id=organization_id,
        submission_id=submission_id,
        anchor=None if resubmits else "feedback",
    )


@blueprint.post("/<uuid:submission_id>/checks")
def run_checks(organization_id: UUID, submission_id: UUID) -> ResponseReturnValue:
    """The checks are run, and nothing is submitted."""
    try:
        with once("checks"):
            core().backends.submissions.RunChecks(RunChecksRequest(submission_id=str(submission_id)))
    except (Conflict, LimitExceeded) as error:
        return _refused(organization_id, submission_id, error, Kept())
    message = "The checks are running. What they find appears here by itself."
    here: dict[str, Any] = {"organization_id": organization_id, "submission_id": submission_id}
    return then(message, "submissions.detail", anchor="checks", **here)


@blueprint.post("/<uuid:submission_id>/probe")
def run_probe(organization_id: UUID, submission_id: UUID) -> ResponseReturnValue:
    """The server is looked at, and nothing of it changes."""
    try:
        with once("probe"):
            core().backends.submissions.RunServerProbe(RunServerProbeRequest(submission_id=str(submission_id)))
    except (Conflict, LimitExceeded) as error:
        return _refused(organization_id, submission_id, error, Kept())
    message = "The server is being looked at. What is found appears here by itself."
    here: dict[str, Any] = {"organization_id": organization_id, "submission_id": submission_id}
    return then(message, "submissions.detail", anchor="endpoint", **here)


@blueprint.post("/<uuid:submission_id>/delete")
def delete(organization_id: UUID, submission_id: UUID) -> ResponseReturnValue:
    """A draft disappears."""
    asked = DeleteSubmissionRequest(submission_id=str(submission_id), version=forms.version_of(request.form))
    try:
        with once("delete"):
            core().backends.submissions.DeleteSubmission(asked)
    except (Conflict, VersionMismatch) as error:
        return _refused(organization_id, submission_id, error, Kept())
    return then("The draft is deleted.", "dashboard.submissions", organization_id=organization_id)


def stored(submission_id: UUID) -> Submission:
    """The submission from its service."""
    asked = GetSubmissionRequest(submission_id=str(submission_id))
    return core().backends.submissions.GetSubmission(asked).submission


@blueprint.post("/<uuid:submission_id>/transfer")
def offer(organization_id: UUID, submission_id: UUID) -> ResponseReturnValue:
    """The server is offered to another organisation."""
    to, message = (forms.clean(request.form.get(name)) for name in ("to_organization_id", "message"))
    asked = OfferTransferRequest(
        submission_id=str(submission_id),
        version=forms.version_of(request.form),
        to_organization_id=to.lower(),
        message=message,
    )
    try:
        with once("offer"):
            core().backends.transfers.OfferTransfer(asked)
    except (InvalidInput, Conflict, VersionMismatch, LimitExceeded) as error:
        kept = Kept(offer_to=to, offer_message=message)
        return _refused(organization_id, submission_id, error, kept)
    told = "Offered. The other organisation finds the offer on its dashboard; until it accepts, nothing changes."
    here: dict[str, Any] = {"organization_id": organization_id, "submission_id": submission_id}
    return then(told, "submissions.detail", anchor="transfer", **here)


def _take(submission_id: UUID, asked: Move, *, comment: str, successor: str = "") -> None:
    with once("move"):
        core().backends.submissions.MoveSubmission(
            MoveSubmissionRequest(
                submission_id=str(submission_id),
                version=forms.version_of(request.form),
                move=asked,
                comment=comment,
                successor=successor,
            )
        )


def _refused(organization_id: UUID, submission_id: UUID, error: DirectoryError, kept: Kept) -> ResponseReturnValue:
    title = "Not done: it changed meanwhile." if isinstance(error, VersionMismatch) else "This could not be done."
    found = field_errors.of(error, title=title)
    if isinstance(error, VersionMismatch):
        found = FieldErrors(title, [("", "The page shows how it stands now. What you wrote is kept below.")])
    if isinstance(error, Conflict) and not error.violations:
        found = FieldErrors(title, [("", f"{error.message}{words.possible_moves(error.metadata.get('possible', ''))}")])
    status = problems.of(error).status
    return _page(organization_id, submission_id, replace(kept, errors=replace(found, labels=_labels(kept)))), status


def _labels(kept: Kept) -> dict[str, str]:
    word = words.MOVES.get(forms.move_of(kept.move, PUBLISHER_MOVES))
    of_move = {"/comment": word.comment} if word else {}
    return {"/body": "Message to the reviewers", "/message": "Message to it", **of_move}


def _page(organization_id: UUID, submission_id: UUID, kept: Kept) -> str:
    token = request.args.get("thread", "")
    found = views.submission_detail(core(), str(submission_id), thread_page_token=token, newest_first=True)
    submission = found.submission
    here: dict[str, Any] = {"organization_id": organization_id, "submission_id": submission_id}
    published = submission.state == messages.SUBMISSION_STATE_PUBLISHED
    return page(
        "submissions/detail.html",
        section="directory",
        crumbs=settings_crumbs(organization_id, (submission.display_name or "Unnamed submission", "")),
        submission=submission,
        can_edit=messages.MOVE_SAVE in submission.moves,
        can_delete=messages.MOVE_DELETE in submission.moves,
        checks=found.checks.value,
        watch_address=_watch_address(found, organization_id),
        keeps_still="still" in request.args or bool(kept.errors),
        can_run_checks=submission.state in _CHECKED_BY_HAND,
        resubmit_possible=submission.state == messages.SUBMISSION_STATE_CHANGES_REQUESTED,
        edit_address=url_for("submissions.edit", **here),
        editable_listing=published,
        to_do=_to_do(found, here),
        listing_notice=_listing_notice(found.listing.value),
        public_address=url_for("public.listing", slug=submission.form.slug) if published else "",
        tracker=_tracker(submission),
        show_form=not published,
        errors=kept.errors,
        body=kept.body,
        failed_move=kept.move,
        failed_comment=kept.comment,
        failed_successor=kept.successor,
        can_transfer=submission.state in _TRANSFERABLE,
        transfer=found.transfer,
        offer_to=kept.offer_to,
        offer_message=kept.offer_message,
        successor_address=successors.address(submission.deprecation),
        **_thread(found, here, paged=bool(token)),
        **_figures(found, organization_id),
        **_probe(found),
    )


def _watch_address(found: views.SubmissionDetail, organization_id: UUID) -> str:
    """Where a script asks whether checks or a look are done; empty while none run."""
    submission, checks, probe = found.submission, found.checks.value, found.probe.value
    address = f"/api/v1/organizations/{organization_id}/submissions/{submission.submission_id}"
    if submission.state == messages.SUBMISSION_STATE_CHECKING:
        return address
    if checks is not None and checks.running:
        return f"{address}/checks"
    return f"{address}/probe" if probe is not None and probe.running else ""


def _thread(found: views.SubmissionDetail, here: dict[str, Any], *, paged: bool) -> dict[str, Any]:
    """The latest entries, or a page of those before, as they followed each other."""
    thread = found.thread.value
    entries = tuple(reversed(thread.entries)) if thread else None
    earlier = thread.next_page_token if thread else ""
    return {
        "entries": entries,
        "entry_tool_changes": tool_drift.in_thread(entries or ()),
        "earlier_entries": url_for("submissions.detail", **here, thread=earlier, _anchor="feedback") if earlier else "",
        "latest_entries": url_for("submissions.detail", **here, _anchor="feedback") if paged else "",
    }


def _figures(found: views.SubmissionDetail, organization_id: UUID) -> dict[str, Any]:
    submission, answer = found.submission, found.metrics.value
    published = submission.state == messages.SUBMISSION_STATE_PUBLISHED

    def download(table: str, form: str) -> str:
        return f"/api/v1/organizations/{organization_id}/submissions/{submission.submission_id}/metrics/{table}.{form}"

    return {
        "show_metrics": published,
        "health": _health(submission, answer),
        "metrics": answer,
        "toplines": usage.toplines(answer.metrics) if answer else (),
        "tables": tuple(usage.tables(answer).values()) if answer else (),
        "download": download,
    }


def _probe(found: views.SubmissionDetail) -> dict[str, Any]:
    probe = found.probe.value
    drifts = probe is not None and probe.HasField("drift")
    return {
        "probe": probe,
        "endpoint": tool_drift.endpoint(probe) if probe is not None else None,
        "show_endpoint": found.submission.state in _LOOKED_AT,
        "drift": tool_drift.shown(probe.drift) if probe is not None and drifts else None,
    }


def _health(submission: Submission, answer: GetServerMetricsResponse | None) -> words.Word | None:
    if answer is None:
        published = submission.state == messages.SUBMISSION_STATE_PUBLISHED
        return None if published else words.health(Health.HEALTH_NOT_LIVE)
    return words.health(answer.metrics.health, answer.metrics.health_policy)


def _tracker(submission: Submission) -> list[tuple[str, str]]:
    sent_back = submission.state == messages.SUBMISSION_STATE_CHANGES_REQUESTED
    here = messages.SUBMISSION_STATE_IN_REVIEW if sent_back else submission.state
    if here not in _TRACK[:-1]:
        return []
    now = _TRACK.index(here)
    places = ["done" if step < now else "now" if step == now else "later" for step in range(len(_TRACK))]
    labels = [words.state(state).label for state in _TRACK]
    if sent_back:
        labels[now] = words.state(submission.state).label
    return list(zip(labels, places, strict=True))


def _to_do(found: views.SubmissionDetail, here: dict[str, Any]) -> list[tuple[words.Word, str, str]]:
    """What of a published server waits for its publisher: its words, where to do it, and the link's words."""
    submission, probe = found.submission, found.probe.value
    waits = []
    if submission.edit_returned:
        editor = url_for("listing.editor", **here, _anchor="open-revision")
        waits.append((words.EDIT_RETURNED, editor, "Read it in the listing editor"))
    if submission.tool_changes_requested and submission.state == messages.SUBMISSION_STATE_PUBLISHED:
        place = "#drift" if probe is not None and probe.HasField("drift") else "#feedback"
        waits.append((words.TOOL_CHANGES_REQUESTED, place, "See what they asked for"))
    return waits


def _listing_notice(listing: listings.Listing | None) -> dict[str, str] | None:
    if listing is None or not listing.HasField("open_revision"):
        return None
    word = words.REVISION_STATES.get(listing.open_revision.state)
    return {"tone": word.tone, "title": f"Listing edit: {word.label}", "text": word.meaning} if word else None
