"""The review desk: the queue, claims, decisions, and moves of lead reviewers. For staff of the directory.

What is done to many items, and what keeps the desk running, is in desk_running.
"""

from __future__ import annotations

from typing import Annotated

from directory.submissions.v1.review_service_pb2 import (
    ChangeReason,
    ClaimReviewItemRequest,
    DecideReviewItemRequest,
    Decision,
    GetReviewerAccessRequest,
    GetReviewItemRequest,
    GetReviewItemResponse,
    ListReviewItemsRequest,
    PostReviewMessageRequest,
    RejectionReason,
    ReleaseReviewItemRequest,
    ReviewItem,
    ReviewItemKind,
    ReviewItemState,
    ReviewOrder,
    SettleRejectionRequest,
)
from directory.submissions.v1.submission_pb2 import Move, ReviewerAccess, Submission, ThreadEntry
from directory.submissions.v1.submissions_service_pb2 import MoveSubmissionRequest
from pydantic import BaseModel, Field, StringConstraints

from gateway.api import blueprints
from gateway.api.answers import Answer
from gateway.api.document import ETAG, PLAIN_ETAG, WRITES_VERSION
from gateway.api.paging import PageQuery, next_cursor
from gateway.api.paths import ReviewedSubmissionPath, ReviewItemPath
from gateway.api.schemas import Body, answer, choices
from gateway.core import core
from gateway.etags import required_version, tag
from gateway.moves import LeadMove
from gateway.shapes import enum_from_json, to_json

blueprint = blueprints.of_staff("review", __name__)

ITEM = answer(ReviewItem.DESCRIPTOR)
Comment = Annotated[str, StringConstraints(max_length=5000)]
Kind = choices(ReviewItemKind.DESCRIPTOR)
State = choices(ReviewItemState.DESCRIPTOR)
DecisionName = choices(Decision.DESCRIPTOR)
ReasonName = choices(RejectionReason.DESCRIPTOR)
ChangeName = choices(ChangeReason.DESCRIPTOR)
Order = choices(ReviewOrder.DESCRIPTOR)


class ReviewQuery(PageQuery):
    """Which items."""

    kind: Kind | None = None  # type: ignore[valid-type]
    state: State = "open"  # type: ignore[valid-type]
    q: str = Field(default="", max_length=200, description="Part of the server's name, slug, URL or company name.")
    mine: bool = Field(default=False, description="Only those that the caller holds or was assigned, or decided.")
    unclaimed: bool = Field(
        default=False, description="Only those that nobody holds or was assigned and that do not wait for publishers."
    )
    reviewer_id: str = Field(default="", max_length=64, description="As `mine`, of this reviewer.")
    organization_id: str = Field(default="", max_length=64, description="Only those of this organisation.")
    category: str = Field(default="", max_length=64, description="Only servers in this category.")
    overdue: bool = Field(default=False, description="Only open ones whose due date has passed.")
    appealed: bool = Field(default=False, description="Only appeals, and reviews that follow from one.")
    replied: bool = Field(default=False, description="Only those whose publisher wrote and waits for an answer.")
    proposed: bool = Field(default=False, description="Only rejections that wait for a second reviewer.")
    with_publisher: bool = Field(
        default=False, description="Only those whose publisher was asked for changes and has not answered."
    )
    order: Order = "oldest"  # type: ignore[valid-type]


class DecisionBody(Body):
    """A decision. All but approving and answering need a comment; rejecting needs a reason."""

    decision: DecisionName  # type: ignore[valid-type]
    comment: Comment = ""
    reason: ReasonName | None = None  # type: ignore[valid-type]
    change_reason: ChangeName | None = None  # type: ignore[valid-type]


class SettlementBody(Body):
    """Whether a proposed rejection goes out; returning it needs a comment, which reviewers alone see."""

    confirm: bool
    comment: Comment = ""


class ReviewMessageBody(Body):
    """A message to the publisher, Markdown."""

    body: Annotated[str, StringConstraints(min_length=1, max_length=5000)]


class LeadMoveBody(Body):
    """A move of a lead reviewer."""

    move: LeadMove
    comment: Comment = ""


class ReviewItems(BaseModel):
    """A page of the queue, and how many open items there are in all."""

    items: list[ITEM]  # type: ignore[valid-type]
    next_cursor: str | None
    open_count: int
    overdue_count: int
    unclaimed_count: int
    mine_count: int
    with_publisher_count: int


@blueprint.get("/items", responses={200: ReviewItems})
def list_items(query: ReviewQuery) -> Answer:
    """Items of the queue."""
    request = ListReviewItemsRequest(
        kind=enum_from_json(ReviewItemKind.DESCRIPTOR, query.kind) if query.kind else None,
        state=enum_from_json(ReviewItemState.DESCRIPTOR, query.state),
        search=query.q,
        mine=query.mine,
        unclaimed=query.unclaimed,
        held_by=query.reviewer_id,
        organization_id=query.organization_id,
        category=query.category,
        overdue=query.overdue,
        appealed=query.appealed,
        replied=query.replied,
        proposed=query.proposed,
        with_publisher=query.with_publisher,
        order=enum_from_json(ReviewOrder.DESCRIPTOR, query.order),
        page_size=query.limit,
        page_token=query.cursor,
    )
    found = core().backends.review.ListReviewItems(request)
    return {
        "items": [to_json(item) for item in found.items],
        "next_cursor": next_cursor(found.next_page_token),
        "open_count": found.open_count,
        "overdue_count": found.overdue_count,
        "unclaimed_count": found.unclaimed_count,
        "mine_count": found.mine_count,
        "with_publisher_count": found.with_publisher_count,
    }


@blueprint.get(
    "/items/<uuid:review_item_id>",
    responses={200: answer(GetReviewItemResponse.DESCRIPTOR, name="ReviewItemAnswer")},
    openapi_extensions=PLAIN_ETAG,
)
def get_item(path: ReviewItemPath) -> Answer:
    """An item with everything that a decision needs."""
    request = GetReviewItemRequest(review_item_id=str(path.review_item_id))
    found = core().backends.review.GetReviewItem(request)
    headers = {"ETag": tag(found.item.version)}
    return to_json(found), 200, headers


@blueprint.post("/items/<uuid:review_item_id>/claim", responses={200: ITEM}, openapi_extensions=ETAG)
def claim_item(path: ReviewItemPath) -> Answer:
    """Take the item, or prolong the caller's own claim."""
    request = ClaimReviewItemRequest(review_item_id=str(path.review_item_id))
    return _answer(core().backends.review.ClaimReviewItem(request).item)


@blueprint.post("/items/<uuid:review_item_id>/release", responses={200: ITEM}, openapi_extensions=ETAG)
def release_item(path: ReviewItemPath) -> Answer:
    """Give the item back."""
    request = ReleaseReviewItemRequest(review_item_id=str(path.review_item_id))
    return _answer(core().backends.review.ReleaseReviewItem(request).item)


@blueprint.post("/items/<uuid:review_item_id>/decision", responses={200: ITEM}, openapi_extensions=WRITES_VERSION)
def decide_item(path: ReviewItemPath, body: DecisionBody) -> Answer:
    """Decide, as the holder of the claim; where a second reviewer is asked for, a rejection is proposed by this."""
    request = DecideReviewItemRequest(
        review_item_id=str(path.review_item_id),
        version=required_version(),
        decision=enum_from_json(Decision.DESCRIPTOR, body.decision),
        comment=body.comment,
        reason=enum_from_json(RejectionReason.DESCRIPTOR, body.reason) if body.reason else None,
        change_reason=enum_from_json(ChangeReason.DESCRIPTOR, body.change_reason) if body.change_reason else None,
    )
    return _answer(core().backends.review.DecideReviewItem(request).item)


@blueprint.post("/items/<uuid:review_item_id>/settlement", responses={200: ITEM}, openapi_extensions=WRITES_VERSION)
def settle_rejection(path: ReviewItemPath, body: SettlementBody) -> Answer:
    """Confirm or return a rejection that another reviewer proposes, as the holder of the claim."""
    request = SettleRejectionRequest(
        review_item_id=str(path.review_item_id),
        version=required_version(),
        confirm=body.confirm,
        comment=body.comment,
    )
    return _answer(core().backends.review.SettleRejection(request).item)


@blueprint.post("/items/<uuid:review_item_id>/messages", responses={201: answer(ThreadEntry.DESCRIPTOR)})
def post_review_message(path: ReviewItemPath, body: ReviewMessageBody) -> Answer:
    """Write to the publisher, into the submission's thread."""
    request = PostReviewMessageRequest(review_item_id=str(path.review_item_id), body=body.body)
    return to_json(core().backends.review.PostReviewMessage(request).entry), 201


@blueprint.get("/items/<uuid:review_item_id>/access", responses={200: answer(ReviewerAccess.DESCRIPTOR)})
def get_reviewer_access(path: ReviewItemPath) -> Answer:
    """Instructions and credentials for reviewers. Each reading is written to the audit."""
    request = GetReviewerAccessRequest(review_item_id=str(path.review_item_id))
    found = core().backends.review.GetReviewerAccess(request).access
    return to_json(found), 200, {"Cache-Control": "no-store"}


@blueprint.post(
    "/submissions/<uuid:submission_id>/moves",
    responses={200: answer(Submission.DESCRIPTOR)},
    openapi_extensions=WRITES_VERSION,
)
def move_as_lead(path: ReviewedSubmissionPath, body: LeadMoveBody) -> Answer:
    """Revoke an approval, suspend or reinstate a published server; `If-Match` names the submission's version."""
    request = MoveSubmissionRequest(
        submission_id=str(path.submission_id),
        version=required_version(),
        move=enum_from_json(Move.DESCRIPTOR, body.move),
        comment=body.comment,
    )
    moved = core().backends.submissions.MoveSubmission(request).submission
    return to_json(moved), 200, {"ETag": tag(moved.version)}


def _answer(item: ReviewItem) -> Answer:
    return to_json(item), 200, {"ETag": tag(item.version)}
