"""The review desk's kinds, states, decisions and reasons in the words that people read."""

from collections.abc import Mapping
from typing import Final

from directory.submissions.v1 import review_service_pb2 as reviews

from gateway.web.words import Word

REVIEW_ITEM_KINDS: Final[Mapping[int, Word]] = {
    reviews.REVIEW_ITEM_KIND_SUBMISSION: Word("Submission", "busy"),
    reviews.REVIEW_ITEM_KIND_REVISION: Word("Listing edit", "neutral"),
    reviews.REVIEW_ITEM_KIND_DRIFT: Word("Tool drift", "attention"),
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
}
REJECTION_REASONS: Final[Mapping[int, str]] = {
    reviews.REJECTION_REASON_POLICY: "Against the directory’s guidelines",
    reviews.REJECTION_REASON_NOT_WORKING: "Does not work as described",
    reviews.REJECTION_REASON_SECURITY: "Unsafe for people or their data",
    reviews.REJECTION_REASON_PRIVACY: "Privacy policy missing or insufficient",
    reviews.REJECTION_REASON_OWNERSHIP: "No right to the API or the name",
    reviews.REJECTION_REASON_DUPLICATE: "The same server is listed already",
    reviews.REJECTION_REASON_OTHER: "Another reason, given in the comment",
}


def rejection_reason(reason_code: str) -> str:
    """Words of a RejectionReason's name without prefix; empty for an empty or unknown one."""
    names = {f"REJECTION_REASON_{reason_code}"} & set(reviews.RejectionReason.keys())
    return "".join(REJECTION_REASONS.get(reviews.RejectionReason.Value(name), "") for name in names)
