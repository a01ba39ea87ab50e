"""The review desk: the queue, and an item with everything that a decision needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from directory.submissions.v1 import review_service_pb2 as reviews
from directory.submissions.v1 import submission_pb2 as submissions
from directory.submissions.v1.review_desk_service_pb2 import (
    CannedResponse,
    ListCannedResponsesRequest,
    ListReviewersRequest,
    NoteReviewPresenceRequest,
)
from directory.submissions.v1.review_service_pb2 import GetReviewItemRequest, GetReviewItemResponse, PresentReviewer
from directory.submissions.v1.submission_pb2 import ReviewerAccess
from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from gateway import bulk, guards
from gateway.core import core
from gateway.moves import LEAD_MOVES
from gateway.organization_names import organization_names
from gateway.web import access_tokens, differences, review_filters, review_words, tool_drift
from gateway.web.field_errors import NO_ERRORS, FieldErrors
from gateway.web.posting import then
from gateway.web.rendering import page
from gateway.web.review_filters import QueueFilter

_NOT_SUBMITTED: Final = (submissions.SUBMISSION_STATE_DRAFT, submissions.SUBMISSION_STATE_WITHDRAWN)
# As many as can be approved or assigned together.
PAGE_SIZE: Final = bulk.MOST

blueprint = Blueprint("review", __name__, url_prefix="/review")
blueprint.before_request(guards.signed_in)
blueprint.before_request(guards.desk)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a refused form leaves on the item's page."""

    errors: FieldErrors = NO_ERRORS
    body: str = ""
    comment: str = ""
    decision: int = 0
    reason: int = 0
    change_reason: int = 0
    move: str = ""
    changed: bool = False


@blueprint.get("")
def queue() -> str:
    """The queue."""
    wanted, token = QueueFilter.of(request.args), request.args.get("page", "")
    backends = core().backends
    asked = wanted.request(page_size=PAGE_SIZE, page_token=token)
    sections = core().fanout.gather(
        {
            "items": lambda left: backends.review.ListReviewItems(asked, timeout=left),
            "reviewers": lambda left: backends.review_desk.ListReviewers(ListReviewersRequest(), timeout=left),
        }
    )
    listed, reviewers = sections["items"].need(), sections["reviewers"].value
    organizations = {item.organization_id for item in listed.items} | ({wanted.organization} - {""})
    query = wanted.query()
    following = listed.next_page_token
    return page(
        "review/queue.html",
        section="review",
        items=listed.items,
        counts=listed,
        wanted=wanted,
        query=urlencode(query),
        marks=review_filters.MARKS,
        reviewers=reviewers.reviewers if reviewers else (),
        organizations=organization_names(core(), organizations),
        selected="selected" in request.args,
        select_all=url_for("review.queue", **query, page=token or None, selected=1),
        person_id=core().access.caller().person_id,
        next_page=url_for("review.queue", **query, page=following) if following else "",
        first_page=url_for("review.queue", **query),
        paged=bool(token),
    )


@blueprint.get("/<uuid:review_item_id>")
def item(review_item_id: UUID) -> str:
    """An item."""
    return item_page(review_item_id, Kept())


@blueprint.get("/tokens")
def tokens() -> str:
    """A reviewer's tokens for the desk."""
    return access_tokens.tokens_page("")


@blueprint.post("/tokens")
def create_token() -> ResponseReturnValue:
    """A new token, shown once."""
    return access_tokens.create("")


@blueprint.post("/tokens/<uuid:access_token_id>/revoke")
def revoke_token(access_token_id: UUID) -> ResponseReturnValue:
    """End a token."""
    access_tokens.revoke(access_token_id)
    return then("The token is revoked.", "review.tokens")


def found_item(review_item_id: UUID) -> GetReviewItemResponse:
    """The item from its service."""
    return core().backends.review.GetReviewItem(GetReviewItemRequest(review_item_id=str(review_item_id)))


def item_page(review_item_id: UUID, kept: Kept, *, access: ReviewerAccess | None = None) -> str:
    """The page of an item, with what a refused form left, and with the access for reviewers once it was revealed."""
    found, present, responses = _item_and_surroundings(str(review_item_id))
    subject, submission = found.item, found.submission
    person_id = core().access.caller().person_id
    return page(
        "review/item.html",
        section="review",
        crumbs=(("Review desk", url_for("review.queue")), (subject.display_name or "Unnamed", "")),
        item=subject,
        submission=submission,
        organization_name=organization_names(core(), [subject.organization_id]).get(subject.organization_id, ""),
        entries=found.thread,
        entry_tool_changes=tool_drift.in_thread(found.thread),
        checks=found.checks,
        findings=found.findings,
        present=present,
        responses=responses,
        decisions=[number for number in found.decisions if number in review_words.DECISIONS],
        needs_second=found.rejection_needs_second,
        differences=_differences(found),
        drift=tool_drift.shown(found.drift) if found.HasField("drift") else None,
        is_open=subject.state == reviews.REVIEW_ITEM_STATE_OPEN,
        is_submitted=submission.state not in _NOT_SUBMITTED,
        is_review=subject.kind == reviews.REVIEW_ITEM_KIND_SUBMISSION,
        is_appeal=subject.kind == reviews.REVIEW_ITEM_KIND_APPEAL,
        held_by_me=bool(subject.claimed_by) and subject.claimed_by == person_id,
        person_id=person_id,
        not_mine=_NOT_MINE.get(found.cannot_decide_reason, ""),
        lead_moves=[move for move in submission.moves if move in LEAD_MOVES],
        access=access,
        errors=kept.errors,
        body=kept.body,
        comment=kept.comment,
        decision=kept.decision,
        reason=kept.reason,
        change_reason=kept.change_reason,
        failed_move=kept.move,
        changed=kept.changed,
    )


def _item_and_surroundings(
    review_item_id: str,
) -> tuple[GetReviewItemResponse, Sequence[PresentReviewer], Sequence[CannedResponse]]:
    """The item, who else has it open, and the ready-made words for it; without the last two where they fail."""
    backends = core().backends
    wanted = GetReviewItemRequest(review_item_id=review_item_id)
    here = NoteReviewPresenceRequest(review_item_id=review_item_id)
    words = ListCannedResponsesRequest(review_item_id=review_item_id)
    sections = core().fanout.gather(
        {
            "item": lambda left: backends.review.GetReviewItem(wanted, timeout=left),
            "present": lambda left: backends.review_desk.NoteReviewPresence(here, timeout=left),
            "responses": lambda left: backends.review_desk.ListCannedResponses(words, timeout=left),
        }
    )
    found: GetReviewItemResponse = sections["item"].need()
    present, responses = sections["present"].value, sections["responses"].value
    return found, present.present if present else (), responses.canned_responses if responses else ()


# Refusals that no claim changes.
_NOT_MINE: Final[Mapping[str, str]] = {
    "OWN_ORGANIZATION": (
        "You belong to the organisation that owns this server, or that it is offered to. "
        "A reviewer never decides on an item of their own organisation."
    ),
    "ANOTHER_REVIEWER_REQUIRED": (
        "You rejected this, or proposed to. Another reviewer decides: nobody looks at their own rejection again."
    ),
    "LEAD_REVIEWER_REQUIRED": (
        "Appeals, and tools whose hints promise less danger than the approved ones, are for lead reviewers."
    ),
}


def _differences(found: GetReviewItemResponse) -> list[differences.Difference]:
    if found.HasField("before_form") and found.HasField("after_form"):
        return differences.between(found.before_form, found.after_form)
    if found.HasField("before") and found.HasField("after"):
        return differences.between(found.before, found.after)
    return [differences.of_texts(one.field, one.before, one.after) for one in found.differences]
