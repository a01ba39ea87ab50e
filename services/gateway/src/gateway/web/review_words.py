"""The review desk's kinds, states, decisions and reasons in the words that people read."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from chassis.reasons import REASONS
from directory.submissions.v1 import review_service_pb2 as reviews
from directory.submissions.v1.review_desk_service_pb2 import DeskReviewer

from gateway.web.words import Word


def _labels(enum: Any, prefix: str) -> Mapping[int, str]:
    """Labels of an enum's reasons by number."""
    return {number: REASONS[name.removeprefix(prefix)].label for name, number in enum.items() if number}


REVIEW_ITEM_KINDS: Final[Mapping[int, Word]] = {
    reviews.REVIEW_ITEM_KIND_SUBMISSION: Word("Submission", "busy"),
    reviews.REVIEW_ITEM_KIND_REVISION: Word("Listing edit", "neutral"),
    reviews.REVIEW_ITEM_KIND_DRIFT: Word("Tool drift", "attention"),
    reviews.REVIEW_ITEM_KIND_APPEAL: Word("Appeal", "bad"),
    reviews.REVIEW_ITEM_KIND_REPLY: Word("Publisher’s message", "attention"),
}
REVIEW_ITEM_STATES: Final[Mapping[int, Word]] = {
    reviews.REVIEW_ITEM_STATE_OPEN: Word("Open", "busy"),
    reviews.REVIEW_ITEM_STATE_DECIDED: Word("Decided", "quiet"),
    reviews.REVIEW_ITEM_STATE_VOIDED: Word("Taken back", "quiet"),
}
DECISIONS: Final[Mapping[int, Word]] = {
    reviews.DECISION_APPROVE: Word("Approve", "good", "Everything is in order."),
    reviews.DECISION_REQUEST_CHANGES: Word("Request changes", "attention", "Back to the publisher with your comment."),
    reviews.DECISION_REJECT: Word("Do not approve", "bad", "Refused, with a reason and your comment."),
    reviews.DECISION_ANSWER: Word("Answered", "good", "Your comment, if there is one, is sent as a message."),
    reviews.DECISION_UPHOLD: Word("Uphold the rejection", "bad", "It stays not approved; your comment says why."),
    reviews.DECISION_OVERTURN: Word(
        "Overturn the rejection", "good", "Back into review, for somebody who did not reject it."
    ),
}
# A server that must go is suspended: a move of lead reviewers.
DRIFT_DECISIONS: Final[Mapping[int, Word]] = {
    reviews.DECISION_APPROVE: Word("Accept the tools", "good", "Later changes are compared with them."),
    reviews.DECISION_REQUEST_CHANGES: Word(
        "Request changes", "attention", "The publisher is told, and the item stays open until the tools fit again."
    ),
}
DECIDED: Final[Mapping[int, Word]] = {
    reviews.DECISION_APPROVE: Word("Approved", "good"),
    reviews.DECISION_REQUEST_CHANGES: Word("Changes requested", "attention"),
    reviews.DECISION_REJECT: Word("Not approved", "bad"),
    reviews.DECISION_ANSWER: Word("Answered", "good"),
    reviews.DECISION_UPHOLD: Word("Rejection upheld", "bad"),
    reviews.DECISION_OVERTURN: Word("Rejection overturned", "good"),
}
REVIEW_ORDERS: Final[Mapping[int, str]] = {
    reviews.REVIEW_ORDER_OLDEST: "Longest waiting first",
    reviews.REVIEW_ORDER_NEWEST: "Latest first",
}
REJECTION_REASONS: Final = _labels(reviews.RejectionReason, "REJECTION_REASON_")
CHANGE_REASONS: Final = _labels(reviews.ChangeReason, "CHANGE_REASON_")


def people(reviewers: Iterable[DeskReviewer], but: str = "") -> list[tuple[str, str]]:
    """Person id and name of each but one, for a choice."""
    return [(one.person_id, one.name) for one in reviewers if one.person_id != but]


def reason(code: str) -> str:
    """Words of a reason code, of a rejection or of a request of changes; empty for an empty or unknown one."""
    return REASONS[code].label if code in REASONS else ""


def advice(code: str) -> str:
    """What a publisher can do about it; empty for an empty or unknown code."""
    return REASONS[code].advice if code in REASONS else ""
