"""What a reviewer does with an item: claim, release, write, read the sealed access, decide; lead reviewers' moves."""

from dataclasses import replace
from uuid import UUID

from chassis.errors import Conflict, DirectoryError, InvalidInput, LimitExceeded, PermissionDenied, VersionMismatch
from directory.submissions.v1 import submission_pb2 as messages
from directory.submissions.v1.review_desk_service_pb2 import AssignReviewItemRequest, ListCannedResponsesRequest
from directory.submissions.v1.review_service_pb2 import (
    ClaimReviewItemRequest,
    DecideReviewItemRequest,
    GetReviewerAccessRequest,
    PostReviewMessageRequest,
    ReleaseReviewItemRequest,
    SettleRejectionRequest,
)
from directory.submissions.v1.submissions_service_pb2 import MoveSubmissionRequest
from flask import request
from flask.typing import ResponseReturnValue

from gateway import problems
from gateway.core import core
from gateway.moves import LEAD_MOVES
from gateway.web import field_errors, forms, review_words, words
from gateway.web.field_errors import FieldErrors
from gateway.web.posting import once, then
from gateway.web.review_desk import Kept, blueprint, found_item, item_page

_REFUSALS = (InvalidInput, Conflict, VersionMismatch, PermissionDenied, LimitExceeded)


@blueprint.post("/<uuid:review_item_id>/claim")
def claim(review_item_id: UUID) -> ResponseReturnValue:
    """Take the item, or prolong one's claim."""
    try:
        with once("claim"):
            core().backends.review.ClaimReviewItem(ClaimReviewItemRequest(review_item_id=str(review_item_id)))
    except _REFUSALS as error:
        return _refused(review_item_id, error, Kept())
    return then("The item is yours.", "review.item", review_item_id=review_item_id)


@blueprint.post("/<uuid:review_item_id>/release")
def release(review_item_id: UUID) -> ResponseReturnValue:
    """Give the item back."""
    try:
        with once("release"):
            core().backends.review.ReleaseReviewItem(ReleaseReviewItemRequest(review_item_id=str(review_item_id)))
    except _REFUSALS as error:
        return _refused(review_item_id, error, Kept())
    return then("The item is free again.", "review.item", review_item_id=review_item_id)


@blueprint.post("/<uuid:review_item_id>/write")
def write(review_item_id: UUID) -> ResponseReturnValue:
    """A message into the submission's thread."""
    body = forms.clean(request.form.get("body"))
    try:
        with once("message"):
            core().backends.review.PostReviewMessage(
                PostReviewMessageRequest(review_item_id=str(review_item_id), body=body)
            )
    except _REFUSALS as error:
        return _refused(review_item_id, error, Kept(body=body))
    return then("Message sent.", "review.item", review_item_id=review_item_id, anchor="thread")


@blueprint.post("/<uuid:review_item_id>/access")
def reveal_access(review_item_id: UUID) -> ResponseReturnValue:
    """The item's page with the sealed access opened. No redirect: the access must not be kept anywhere."""
    asked = GetReviewerAccessRequest(review_item_id=str(review_item_id))
    try:
        access = core().backends.review.GetReviewerAccess(asked).access
    except _REFUSALS as error:
        return _refused(review_item_id, error, Kept())
    return item_page(review_item_id, Kept(), access=access)


@blueprint.post("/<uuid:review_item_id>/decide")
def decide(review_item_id: UUID) -> ResponseReturnValue:
    """The decision."""
    kept = _typed()
    if not kept.decision:
        missing = FieldErrors("Not decided yet.", [("/decision", "Choose a decision.")])
        return item_page(review_item_id, replace(kept, errors=missing)), 422
    try:
        with once("decide"):
            answer = core().backends.review.DecideReviewItem(
                DecideReviewItemRequest(
                    review_item_id=str(review_item_id),
                    version=forms.version_of(request.form),
                    decision=kept.decision,  # type: ignore[arg-type]  # numbers of the enums
                    comment=kept.comment,
                    reason=kept.reason,  # type: ignore[arg-type]
                    change_reason=kept.change_reason,  # type: ignore[arg-type]
                )
            )
    except _REFUSALS as error:
        return _refused(review_item_id, error, kept)
    outcome = review_words.DECIDED[kept.decision].label.lower()
    if answer.item.proposed_by and not answer.item.decision:
        outcome = "another reviewer confirms the rejection before the publisher hears of it"
    return then(f"{answer.item.display_name}: {outcome}.", "review.queue")


@blueprint.post("/<uuid:review_item_id>/settle")
def settle(review_item_id: UUID) -> ResponseReturnValue:
    """A rejection that another reviewer proposes is confirmed, or returned."""
    confirm = request.form.get("action") == "confirm"
    kept = Kept(comment=forms.clean(request.form.get("comment")))
    try:
        with once("settle"):
            answer = core().backends.review.SettleRejection(
                SettleRejectionRequest(
                    review_item_id=str(review_item_id),
                    version=forms.version_of(request.form),
                    confirm=confirm,
                    comment=kept.comment,
                )
            )
    except _REFUSALS as error:
        return _refused(review_item_id, error, kept)
    outcome = "not approved" if confirm else "returned to the queue"
    return then(f"{answer.item.display_name}: {outcome}.", "review.queue")


@blueprint.post("/<uuid:review_item_id>/fill")
def fill(review_item_id: UUID) -> ResponseReturnValue:
    """The page again, with ready-made words behind what was typed into the comment."""
    kept, chosen = _typed(), request.form.get("response", "")
    asked = ListCannedResponsesRequest(review_item_id=str(review_item_id))
    found = core().backends.review_desk.ListCannedResponses(asked).canned_responses
    texts = [kept.comment, *(one.body for one in found if one.canned_response_id == chosen)]
    return item_page(review_item_id, replace(kept, comment="\n\n".join(filter(None, texts))))


@blueprint.post("/<uuid:review_item_id>/assign")
def assign(review_item_id: UUID) -> ResponseReturnValue:
    """The item is to be the caller's, or nobody's."""
    mine = request.form.get("action") == "mine"
    person_id = core().access.caller().person_id if mine else ""
    try:
        with once("assign"):
            asked = AssignReviewItemRequest(review_item_id=str(review_item_id), person_id=person_id)
            core().backends.review_desk.AssignReviewItem(asked)
    except _REFUSALS as error:
        return _refused(review_item_id, error, Kept())
    told = "The item is assigned to you." if mine else "The item is assigned to nobody."
    return then(told, "review.item", review_item_id=review_item_id)


@blueprint.post("/<uuid:review_item_id>/move")
def move(review_item_id: UUID) -> ResponseReturnValue:
    """A lead reviewer's move: revoke, suspend, reinstate."""
    name, comment = request.form.get("move", ""), forms.clean(request.form.get("comment"))
    asked = forms.move_of(name, LEAD_MOVES)
    submission_id = found_item(review_item_id).submission.submission_id
    try:
        with once("move"):
            core().backends.submissions.MoveSubmission(
                MoveSubmissionRequest(
                    submission_id=submission_id,
                    version=forms.version_of(request.form),
                    move=asked,
                    comment=comment,
                )
            )
    except _REFUSALS as error:
        return _refused(review_item_id, error, Kept(move=name, comment=comment))
    word = words.move(asked, messages.SUBMISSION_STATE_UNSPECIFIED)
    return then(word.done if word else "Done.", "review.item", review_item_id=review_item_id)


def _refused(review_item_id: UUID, error: DirectoryError, kept: Kept) -> ResponseReturnValue:
    problem = problems.of(error)
    title = "" if error.violations else f"Not done: {problem.title[:1].lower()}{problem.title[1:]}."
    errors = field_errors.of(error, title=title, undone="done")
    changed = isinstance(error, VersionMismatch)
    shown = replace(kept, errors=FieldErrors() if changed else errors, changed=changed)
    return item_page(review_item_id, shown), problem.status


def _typed() -> Kept:
    return Kept(
        comment=forms.clean(request.form.get("comment")),
        decision=forms.known_number(request.form.get("decision"), review_words.DECISIONS),
        reason=forms.known_number(request.form.get("reason"), review_words.REJECTION_REASONS),
        change_reason=forms.known_number(request.form.get("change_reason"), review_words.CHANGE_REASONS),
    )
