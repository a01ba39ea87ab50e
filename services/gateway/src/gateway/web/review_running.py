"""Running the review desk: acts on many items, ready-made words, figures."""

from urllib.parse import parse_qsl
from uuid import UUID

from chassis.errors import Conflict, DirectoryError, InvalidInput, PermissionDenied, VersionMismatch
from directory.authz.v1.organization_pb2 import STAFF_ROLE_LEAD_REVIEWER
from directory.submissions.v1.review_desk_service_pb2 import (
    CannedResponse,
    DeleteCannedResponseRequest,
    GetReviewStatisticsRequest,
    ListCannedResponsesRequest,
    SaveCannedResponseRequest,
)
from flask import request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from gateway import bulk, problems
from gateway.core import core
from gateway.web import field_errors, forms
from gateway.web.field_errors import NO_ERRORS, FieldErrors
from gateway.web.posting import once, then
from gateway.web.rendering import page, viewer
from gateway.web.review_desk import blueprint
from gateway.web.review_filters import QueueFilter

_WEEKS = (4, 8, 26, 52)
_ACTS = ("approve", "assign")
_DESK = "Review desk"


@blueprint.post("/bulk")
def act_together() -> ResponseReturnValue:
    """Selected items are approved, or assigned; the page tells the result of each."""
    chosen = [_seen(value) for value in request.form.getlist("item")][: bulk.MOST]
    query = QueueFilter.of(MultiDict(parse_qsl(request.form.get("back", "")))).query()
    back = url_for("review.queue", **query)
    action = request.form.get("action")
    if action not in _ACTS:
        return then("Nothing was done: press Assign or Approve.", "review.queue", tone="attention", **query)
    if not chosen:
        return then("Select items first.", "review.queue", tone="attention", **query)
    approving = action == "approve"
    key = request.form.get("once", "")
    if approving:
        comment = forms.clean(request.form.get("comment"))
        found = bulk.approve(core().backends, chosen, comment=comment, key=key)
    else:
        ids = [review_item_id for review_item_id, _ in chosen]
        found = bulk.assign(core().backends, ids, person_id=request.form.get("person", "")[:64], key=key)
    return page(
        "review/together.html",
        section="review",
        crumbs=((_DESK, back), ("Together", "")),
        approving=approving,
        results=found,
        done=sum(one.refusal is None for one in found),
        names={one: request.form.get(f"name:{one}", "")[:200] for one, _ in chosen},
        back=back,
    )


@blueprint.get("/statistics")
def statistics() -> str:
    """How the desk goes."""
    weeks = forms.known_number(request.args.get("weeks"), _WEEKS) or 8
    found = core().backends.review_desk.GetReviewStatistics(GetReviewStatisticsRequest(weeks=weeks))
    crumbs = ((_DESK, url_for("review.queue")), ("Statistics", ""))
    return page("review/statistics.html", section="review", crumbs=crumbs, figures=found, weeks=weeks, choices=_WEEKS)


@blueprint.get("/responses")
def responses() -> str:
    """Ready-made words."""
    return _responses_page()


@blueprint.post("/responses")
def save_response() -> ResponseReturnValue:
    """A new canned response, or a changed one."""
    typed = CannedResponse(
        canned_response_id=request.form.get("response", "")[:64],
        version=forms.version_of(request.form),
        title=forms.clean(request.form.get("title")),
        body=forms.clean(request.form.get("body")),
    )
    asked = SaveCannedResponseRequest(
        canned_response_id=typed.canned_response_id, version=typed.version, title=typed.title, body=typed.body
    )
    try:
        with once("save"):
            core().backends.review_desk.SaveCannedResponse(asked)
    except (InvalidInput, Conflict, VersionMismatch, PermissionDenied) as error:
        return _responses_refused(error, typed)
    return then(f"Saved: {typed.title}.", "review.responses")


@blueprint.post("/responses/<uuid:canned_response_id>/delete")
def delete_response(canned_response_id: UUID) -> ResponseReturnValue:
    """A canned response goes."""
    version = forms.version_of(request.form)
    asked = DeleteCannedResponseRequest(canned_response_id=str(canned_response_id), version=version)
    try:
        with once("delete"):
            core().backends.review_desk.DeleteCannedResponse(asked)
    except (VersionMismatch, PermissionDenied) as error:
        return _responses_refused(error, CannedResponse())
    return then("The canned response is deleted.", "review.responses")


def _responses_refused(error: DirectoryError, typed: CannedResponse) -> ResponseReturnValue:
    return _responses_page(field_errors.of(error), typed), problems.of(error).status


def _responses_page(errors: FieldErrors = NO_ERRORS, typed: CannedResponse | None = None) -> str:
    found = core().backends.review_desk.ListCannedResponses(ListCannedResponsesRequest())
    person = viewer()
    return page(
        "review/responses.html",
        section="review",
        crumbs=((_DESK, url_for("review.queue")), ("Canned responses", "")),
        responses=found.canned_responses,
        may_change=person is not None and person.staff_role == STAFF_ROLE_LEAD_REVIEWER,
        errors=errors,
        typed=typed or CannedResponse(),
    )


def _seen(value: str) -> tuple[str, int]:
    """Id and version of a row's box."""
    review_item_id, _, version = value.partition(":")
    return review_item_id[:64], forms.version_of(MultiDict({"version": version}))
