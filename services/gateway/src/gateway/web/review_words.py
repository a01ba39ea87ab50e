"""The review desk's kinds, states, decisions and reasons in the words that people read."""

from collections.abc import Iterable, Mapping
from typing import Final

from directory.submissions.v1 import review_service_pb2 as reviews
from directory.submissions.v1.review_desk_service_pb2 import DeskReviewer

from gateway.web.words import Word

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
REJECTION_REASONS: Final[Mapping[int, str]] = {
    reviews.REJECTION_REASON_POLICY: "Against the directory’s guidelines",
    reviews.REJECTION_REASON_NOT_WORKING: "Does not work as described",
    reviews.REJECTION_REASON_SECURITY: "Unsafe for people or their data",
    reviews.REJECTION_REASON_PRIVACY: "Privacy policy missing or insufficient",
    reviews.REJECTION_REASON_OWNERSHIP: "No right to the API or the name",
    reviews.REJECTION_REASON_DUPLICATE: "The same server is listed already",
    reviews.REJECTION_REASON_OTHER: "Another reason, given in the comment",
}
CHANGE_REASONS: Final[Mapping[int, str]] = {
    reviews.CHANGE_REASON_LISTING_WORDS: "Name, tagline or description",
    reviews.CHANGE_REASON_LISTING_DETAILS: "Categories, links or contact",
    reviews.CHANGE_REASON_ICON: "The icon",
    reviews.CHANGE_REASON_TOOL_WORDS: "Titles, descriptions or hints of tools",
    reviews.CHANGE_REASON_TOOL_DESIGN: "What a tool does at once",
    reviews.CHANGE_REASON_AUTHENTICATION: "Signing in to the server",
    reviews.CHANGE_REASON_REVIEWER_ACCESS: "Access for reviewers",
    reviews.CHANGE_REASON_SERVER_ERRORS: "Tools fail, or their errors help nobody",
    reviews.CHANGE_REASON_DOCUMENTATION: "The documentation",
    reviews.CHANGE_REASON_PRIVACY_POLICY: "The privacy policy",
    reviews.CHANGE_REASON_DECLARATIONS: "What the form declares",
}
# What the publisher can do, by the name of a reason of either kind.
ADVICE: Final[Mapping[str, str]] = {
    "POLICY": "Read the directory’s guidelines, change what they do not allow, and submit anew; or appeal.",
    "NOT_WORKING": "Try every use case with the access that you gave reviewers, then submit anew.",
    "SECURITY": "Remove what puts people or their data at risk, say in the thread what you changed, and submit anew.",
    "PRIVACY": "Publish a policy that says what is collected, used, stored, shared and for how long.",
    "OWNERSHIP": "Show that you own the API and the name, or have the owner’s permission, and appeal.",
    "DUPLICATE": "Edit the listing of the server that is there already instead of submitting it again.",
    "OTHER": "The comment says what stands in the way.",
    "LISTING_WORDS": "Say in plain words what the server does, and promise nothing that it does not do.",
    "LISTING_DETAILS": "Choose the categories that fit, and see that every link opens for everybody.",
    "ICON": "Upload a square icon of your own that is readable at small sizes.",
    "TOOL_WORDS": "Give each tool a title, a description of its use alone, and a hint whether it reads or destroys.",
    "TOOL_DESIGN": "Split tools that both read and change things, and take no requests of any form.",
    "AUTHENTICATION": "See that people can sign in as the form says, from registration to refreshed tokens.",
    "REVIEWER_ACCESS": "Give an account that works without a second factor and has data to look at.",
    "SERVER_ERRORS": "Mend what fails, and let errors say what to do about them.",
    "DOCUMENTATION": "Describe how to set the server up and what its tools need, on a page that everybody can open.",
    "PRIVACY_POLICY": "Name what is collected, how it is used, stored and shared, for how long, and whom to ask.",
    "DECLARATIONS": "Let the form say what the server does: reading or writing, whose API, which data.",
}


def people(reviewers: Iterable[DeskReviewer], but: str = "") -> list[tuple[str, str]]:
    """Person id and name of each but one, for a choice."""
    return [(one.person_id, one.name) for one in reviewers if one.person_id != but]


def reason(code: str) -> str:
    """Words of a reason code, of a rejection or of a request of changes; empty for an empty or unknown one."""
    return _BY_CODE.get(code, "")


def advice(code: str) -> str:
    """What a publisher can do about it; empty for an empty or unknown code."""
    return ADVICE.get(code, "")


_BY_CODE: Final[Mapping[str, str]] = {
    name.removeprefix("REJECTION_REASON_").removeprefix("CHANGE_REASON_"): label
    for enum, labels in ((reviews.RejectionReason, REJECTION_REASONS), (reviews.ChangeReason, CHANGE_REASONS))
    for name, number in enum.items()
    if (label := labels.get(number))
}
