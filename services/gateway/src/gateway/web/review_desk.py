"""The review desk: the queue, and an item with everything that a decision needs."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from directory.submissions.v1 import review_service_pb2 as reviews
from directory.submissions.v1.review_service_pb2 import (
    GetReviewItemRequest,
    GetReviewItemResponse,
    ListReviewItemsRequest,
)
from directory.submissions.v1.submission_pb2 import ReviewerAccess
from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from gateway import guards
from gateway.core import core
from gateway.moves import LEAD_MOVES
from gateway.web import access_tokens, differences, forms, review_words, tool_drift
from gateway.web.field_errors import NO_ERRORS, FieldErrors
from gateway.web.posting import then
from gateway.web.rendering import page

PAGE_SIZE: Final = 50

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
    move: str = ""
    changed: bool = False


@blueprint.get("")
def queue() -> str:
    """The queue."""
    kind = forms.known_number(request.args.get("kind"), review_words.REVIEW_ITEM_KINDS)
    state = (
        forms.known_number(request.args.get("state"), review_words.REVIEW_ITEM_STATES) or reviews.REVIEW_ITEM_STATE_OPEN
    )
    search, token, mine = request.args.get("search", "")[:200], request.args.get("page", ""), "mine" in request.args
    listed = core().backends.review.ListReviewItems(
        ListReviewItemsRequest(
            kind=kind,
            state=state,
            search=search,
            mine=mine,
            page_size=PAGE_SIZE,
            page_token=token,
        )
    )
    query: dict[str, Any] = {
        "kind": kind or None,
        "state": state,
        "search": search or None,
        "mine": 1 if mine else None,
    }
    following = listed.next_page_token
    return page(
        "review/queue.html",
        section="review",
        items=listed.items,
        open_count=listed.open_count,
        kind=kind,
        state=state,
        search=search,
        mine=mine,
        filtered=bool(kind or search or mine or state != reviews.REVIEW_ITEM_STATE_OPEN),
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
    found = found_item(review_item_id)
    subject, submission = found.item, found.submission
    person_id = core().access.caller().person_id
    return page(
        "review/item.html",
        section="review",
        crumbs=(("Review desk", url_for("review.queue")), (subject.display_name or "Unnamed", "")),
        item=subject,
        submission=submission,
        entries=found.thread,
        checks=found.checks,
        differences=_differences(found),
        drift=tool_drift.shown(found.drift) if found.HasField("drift") else None,
        lead_required=found.cannot_decide_reason == "LEAD_REVIEWER_REQUIRED",
        is_open=subject.state == reviews.REVIEW_ITEM_STATE_OPEN,
        held_by_me=bool(subject.claimed_by) and subject.claimed_by == person_id,
        own_organization=not found.can_decide and found.cannot_decide_reason == "OWN_ORGANIZATION",
        lead_moves=[move for move in submission.moves if move in LEAD_MOVES],
        access=access,
        errors=kept.errors,
        body=kept.body,
        comment=kept.comment,
        decision=kept.decision,
        reason=kept.reason,
        failed_move=kept.move,
        changed=kept.changed,
    )


def _differences(found: GetReviewItemResponse) -> list[differences.Difference]:
    if found.HasField("before") and found.HasField("after"):
        return differences.between(found.before, found.after)
    return [differences.of_texts(one.field, one.before, one.after) for one in found.differences]
