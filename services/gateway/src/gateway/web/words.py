"""Every state, move, code and field in the words that people read, in one place."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from directory.authz.v1 import organization_pb2 as authz
from directory.listings.v1 import listing_content_pb2 as content
from directory.listings.v1 import listing_pb2 as listings
from directory.metrics.v1 import server_metrics_pb2 as metrics
from directory.submissions.v1 import submission_pb2 as submissions
from directory.submissions.v1 import transfer_pb2 as transfers


@dataclass(frozen=True, slots=True)
class Word:
    """A short name and its tone: neutral, busy, attention, bad, good or quiet; the badge has both."""

    label: str
    tone: str = "neutral"
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class StateWord:
    """What a submission's state is called, means, and who acts next."""

    label: str
    tone: str
    meaning: str
    who: str
    next_step: str


@dataclass(frozen=True, slots=True)
class MoveWord:
    """A button, what pressing it does, and what the page says afterwards."""

    label: str
    effect: str
    done: str
    style: str = "secondary"
    comment: str = ""
    comment_required: bool = False
    longest: int = 5000


STATES: Final[Mapping[int, StateWord]] = {
    submissions.SUBMISSION_STATE_DRAFT: StateWord(
        "Draft",
        "quiet",
        "Nobody but your organisation sees the form as it is now.",
        "You",
        "Fill in the form and submit it for review. You can save at any time.",
    ),
    submissions.SUBMISSION_STATE_CHECKING: StateWord(
        "Checking",
        "busy",
        "Automatic checks are running on the form and the server.",
        "The directory",
        "Nothing to do. The checks usually take less than a minute, and this page follows them by itself.",
    ),
    submissions.SUBMISSION_STATE_IN_REVIEW: StateWord(
        "In review",
        "busy",
        "The checks are done. The submission waits for a reviewer, or is with one.",
        "A reviewer",
        "Nothing to do. You can write to the reviewers below, or withdraw the submission.",
    ),
    submissions.SUBMISSION_STATE_CHANGES_REQUESTED: StateWord(
        "Changes requested",
        "attention",
        "The submission came back with feedback.",
        "You",
        "Read the feedback, change the form where needed, and resubmit from this page.",
    ),
    submissions.SUBMISSION_STATE_NOT_APPROVED: StateWord(
        "Not approved",
        "bad",
        "The reviewers did not accept this submission. The reason is in the thread below.",
        "You",
        "You can edit the form, which makes it a draft again, and submit it anew. A rejection can be appealed once.",
    ),
    submissions.SUBMISSION_STATE_APPROVED: StateWord(
        "Approved",
        "good",
        "The submission passed review and is not in the directory yet.",
        "You",
        "Publish it when you are ready. Editing the form now voids the approval.",
    ),
    submissions.SUBMISSION_STATE_PUBLISHED: StateWord(
        "Published",
        "good",
        "The server is in the directory.",
        "",
        "Watch its health below. Edit the listing whenever its words need to change.",
    ),
    submissions.SUBMISSION_STATE_SUSPENDED: StateWord(
        "Suspended",
        "bad",
        "The directory took the server off. The reason is in the thread below.",
        "A reviewer",
        "Answer in the thread below. Once the cause is settled, a lead reviewer can reinstate the server.",
    ),
    submissions.SUBMISSION_STATE_DELISTED: StateWord(
        "Delisted",
        "quiet",
        "You took the server off the directory.",
        "Nobody",
        "Relist it to send it through the checks and a review again, at the address that it had. "
        "To move it to another address, relist it, withdraw it, reopen it, change the address in the form and "
        "submit it.",
    ),
    submissions.SUBMISSION_STATE_WITHDRAWN: StateWord(
        "Withdrawn",
        "quiet",
        "You took the submission back before a decision.",
        "Nobody",
        "Reopen it to go on with the form.",
    ),
}

EDIT_PENDING: Final = Word("Edit pending", "busy", "An edit of the listing waits for a reviewer.")
EDIT_RETURNED: Final = Word(
    "Edit came back", "attention", "Your last edit of the listing came back with feedback. What is live stays."
)
TOOL_CHANGES_REQUESTED: Final = Word(
    "Tool changes requested", "attention", "A reviewer asked for changes of the tools as they are now."
)

# Not approved, while an appeal waits.
APPEALED: Final = StateWord(
    "Not approved",
    "bad",
    "You appealed the rejection. A lead reviewer who did not reject it looks at it again.",
    "A lead reviewer",
    "Nothing to do. Editing the form now gives the appeal up.",
)

# Not approved, after the one appeal there is was decided.
UPHELD: Final = StateWord(
    "Not approved",
    "bad",
    "You appealed the rejection, and a lead reviewer upheld it. The reasons are in the thread below.",
    "You",
    "There is no second appeal. You can edit the form, which makes it a draft again, and submit it anew.",
)

MOVES: Final[Mapping[int, MoveWord]] = {
    submissions.MOVE_SUBMIT: MoveWord(
        "Submit for review",
        "Starts the automatic checks; then a reviewer looks at it.",
        "Submitted. The automatic checks are running.",
        style="primary",
    ),
    submissions.MOVE_WITHDRAW: MoveWord(
        "Withdraw",
        "Takes the submission out of the queue. You can reopen it later.",
        "Withdrawn. You can reopen it at any time.",
        style="danger",
    ),
    submissions.MOVE_REOPEN: MoveWord("Reopen", "Makes it a draft again.", "Reopened as a draft.", style="primary"),
    submissions.MOVE_PUBLISH: MoveWord(
        "Publish",
        "Puts the server into the directory. The slug is permanent from then on.",
        "Published. Health and usage appear after the next daily computation.",
        style="primary",
    ),
    submissions.MOVE_DEPRECATE: MoveWord(
        "Deprecate",
        "Tells people not to begin with the server any more. It stays in the directory and goes on working.",
        "The listing says that the server is deprecated.",
        comment="Message to people who look at the server",
        comment_required=True,
        longest=500,
    ),
    submissions.MOVE_UNDEPRECATE: MoveWord(
        "End the deprecation",
        "Takes the message off the listing.",
        "The server is no longer deprecated.",
    ),
    submissions.MOVE_DELIST: MoveWord(
        "Delist",
        "Takes the server off the directory. People who use it are told your message.",
        "Delisted. The server is no longer in the directory.",
        style="danger",
        comment="Message to the people who use the server",
        comment_required=True,
    ),
    submissions.MOVE_RELIST: MoveWord(
        "Relist",
        "Sends it through the checks and a review again, at the address that it had. For another address, withdraw it "
        "then and reopen it: the form can be edited before you submit it.",
        "Relisting: the automatic checks are running.",
        style="primary",
    ),
    submissions.MOVE_APPEAL: MoveWord(
        "Appeal",
        "A lead reviewer who did not reject it looks at it again. A rejection can be appealed once; editing the form "
        "meanwhile gives the appeal up.",
        "Appealed. A lead reviewer decides, and the answer appears in the thread.",
        comment="Your reasons",
        comment_required=True,
    ),
    submissions.MOVE_REVOKE: MoveWord(
        "Revoke the approval",
        "Sends the submission back to the publisher with your comment.",
        "Approval revoked.",
        style="danger",
        comment="Comment to the publisher",
        comment_required=True,
    ),
    submissions.MOVE_SUSPEND: MoveWord(
        "Suspend",
        "Takes the server off the directory until it is reinstated.",
        "Suspended. The server is no longer in the directory.",
        style="danger",
        comment="Comment to the publisher",
        comment_required=True,
    ),
    submissions.MOVE_REINSTATE: MoveWord(
        "Reinstate",
        "Puts the server back into the directory.",
        "Reinstated. The server is in the directory again.",
        style="primary",
        comment="Comment to the publisher",
    ),
}

RESUBMIT: Final = MoveWord(
    "Resubmit for review",
    "Starts the automatic checks again; then a reviewer looks at it.",
    "Resubmitted. The automatic checks are running.",
    style="primary",
)

MOVES_IN_THREAD: Final[Mapping[int, str]] = {
    submissions.MOVE_CREATE: "began it",
    submissions.MOVE_SUBMIT: "submitted it for review",
    submissions.MOVE_WITHDRAW: "withdrew it",
    submissions.MOVE_REOPEN: "reopened it",
    submissions.MOVE_PUBLISH: "published it",
    submissions.MOVE_DEPRECATE: "marked it as deprecated",
    submissions.MOVE_UNDEPRECATE: "ended its deprecation",
    submissions.MOVE_DELIST: "delisted it",
    submissions.MOVE_RELIST: "relisted it",
    submissions.MOVE_REVOKE: "revoked the approval",
    submissions.MOVE_SUSPEND: "suspended it",
    submissions.MOVE_REINSTATE: "reinstated it",
    submissions.MOVE_APPROVE: "approved it",
    submissions.MOVE_REQUEST_CHANGES: "requested changes",
    submissions.MOVE_REJECT: "did not approve it",
    submissions.MOVE_PASS_CHECKS: "finished the checks and passed it on to review",
    submissions.MOVE_FAIL_CHECKS: "finished the checks and sent it back",
    submissions.MOVE_SAVE: "edited it, which made it a draft again",
    submissions.MOVE_APPEAL: "appealed the rejection",
    submissions.MOVE_UPHOLD: "upheld the rejection",
    submissions.MOVE_OVERTURN: "overturned the rejection: it is reviewed anew",
}

HEALTHS: Final[Mapping[int, Word]] = {
    metrics.HEALTH_NOT_LIVE: Word(
        "Not live", "quiet", "The server isn’t published yet; health appears after publication."
    ),
    metrics.HEALTH_COLLECTING: Word(
        "Collecting…",
        "busy",
        "The server is published, but metrics haven’t been computed yet (metrics update daily), or there were too few "
        "calls to show.",
    ),
    metrics.HEALTH_HEALTHY: Word("Healthy", "good", "The 30-day disconnect rate is at or below 5%."),
    metrics.HEALTH_WORTH_A_LOOK: Word("Worth a look", "attention", "30-day request errors are above 2% of calls."),
    metrics.HEALTH_DEGRADED: Word("Degraded", "bad", "The 30-day disconnect rate is above 5%."),
}

# What the badge means under the second policy; the first one's words stand above.
HEALTHS_BY_REQUEST_ERRORS: Final[Mapping[int, str]] = {
    metrics.HEALTH_HEALTHY: "30-day request errors are at or below 2% of calls.",
    metrics.HEALTH_WORTH_A_LOOK: "30-day request errors are above 2% of calls.",
    metrics.HEALTH_DEGRADED: "30-day request errors are above 5% of calls.",
}

FINDING_GRADES: Final[Mapping[int, Word]] = {
    submissions.FINDING_GRADE_NOTE: Word("Note", "quiet", "Worth knowing"),
    submissions.FINDING_GRADE_WARN: Word("Warning", "attention", "Does not stop the submission"),
    submissions.FINDING_GRADE_BLOCK: Word("Must be fixed", "bad", "Sends the submission back"),
}

SERVER_REACHES: Final[Mapping[int, Word]] = {
    submissions.SERVER_REACH_ALIVE_OPEN: Word("Answers", "good", "The server speaks MCP and shows its tools."),
    submissions.SERVER_REACH_ALIVE_GATED: Word(
        "Asks for authentication",
        "good",
        "The server answers, and asks people to authenticate before it shows its tools.",
    ),
    submissions.SERVER_REACH_WRONG_TRANSPORT: Word(
        "Other transport", "bad", "The server speaks MCP, but not over the transport that the form names."
    ),
    submissions.SERVER_REACH_NOT_MCP: Word("Not MCP", "bad", "Something answers there that does not speak MCP."),
    submissions.SERVER_REACH_UNREACHABLE: Word("Not reached", "attention", "No session with the server came about."),
    submissions.SERVER_REACH_LEFT_OUT: Word("Not tried", "quiet", "Nobody spoke to the server."),
}

REVISION_STATES: Final[Mapping[int, Word]] = {
    listings.REVISION_STATE_EDITING: Word("Editing", "quiet", "Saved, not submitted. Nothing live has changed."),
    listings.REVISION_STATE_PENDING: Word("Pending review", "busy", "A reviewer decides. What is live stays as it is."),
    listings.REVISION_STATE_APPLIED: Word("Applied", "good", "Shown in the directory since the decision."),
    listings.REVISION_STATE_REJECTED: Word("Not approved", "bad", "Refused by the reviewers."),
    listings.REVISION_STATE_CHANGES_REQUESTED: Word("Changes requested", "attention", "Came back with feedback."),
    listings.REVISION_STATE_DISCARDED: Word("Discarded", "quiet", "Given up by your organisation."),
    listings.REVISION_STATE_SUPERSEDED: Word("Superseded", "quiet", "Replaced by later edits."),
}

# What stands in the way of restoring an earlier revision, by the state of the open one; the editor's link follows.
BEFORE_RESTORING: Final[Mapping[int, str]] = {
    listings.REVISION_STATE_EDITING: "To restore an earlier one, submit it and wait for the decision, or discard it,",
    listings.REVISION_STATE_PENDING: "To restore an earlier one, wait for the decision, or discard it",
    listings.REVISION_STATE_CHANGES_REQUESTED: "To restore an earlier one, discard it, or submit it again and wait for "
    "the decision,",
}

LISTING_STATES: Final[Mapping[int, Word]] = {
    listings.LISTING_STATE_UNPUBLISHED: Word("Not published", "quiet"),
    listings.LISTING_STATE_LIVE: Word("Live", "good"),
    listings.LISTING_STATE_SUSPENDED: Word("Suspended", "bad"),
    listings.LISTING_STATE_DELISTED: Word("Delisted", "quiet"),
}

TRANSFER_STATES: Final[Mapping[int, Word]] = {
    transfers.TRANSFER_STATE_OFFERED: Word("Offered", "busy", "The other organisation has not answered."),
    transfers.TRANSFER_STATE_ACCEPTED: Word("Transferred", "good", "The server is the other organisation’s."),
    transfers.TRANSFER_STATE_DECLINED: Word("Declined", "quiet", "The server stayed with its owner."),
    transfers.TRANSFER_STATE_CANCELED: Word("Taken back", "quiet", "The owner took the offer back."),
    transfers.TRANSFER_STATE_EXPIRED: Word("Expired", "quiet", "Nobody accepted it in time."),
}

PLANS: Final[Mapping[int, str]] = {
    authz.PLAN_FREE: "Free",
    authz.PLAN_PRO: "Pro",
    authz.PLAN_TEAM: "Team",
    authz.PLAN_ENTERPRISE: "Enterprise",
}
ROLES: Final[Mapping[int, str]] = {
    authz.ROLE_PRIMARY_OWNER: "Primary owner",
    authz.ROLE_OWNER: "Owner",
    authz.ROLE_ADMIN: "Admin",
    authz.ROLE_MEMBER: "Member",
}
# What an owner can give. There is one primary owner, who hands that over by a form of its own.
ASSIGNABLE_ROLES: Final = {number: label for number, label in ROLES.items() if number != authz.ROLE_PRIMARY_OWNER}
PERMISSIONS: Final[Mapping[int, str]] = {
    authz.PERMISSION_DIRECTORY_MANAGEMENT: "Directory management",
    authz.PERMISSION_LIBRARIES: "Libraries",
}
STAFF_ROLES: Final[Mapping[int, str]] = {
    authz.STAFF_ROLE_REVIEWER: "Reviewer",
    authz.STAFF_ROLE_LEAD_REVIEWER: "Lead reviewer",
}

# Names whose capitals are not those of a sentence.
_CATEGORIES_BY_HAND: Final = {"customer_support": "Customer support", "developer_tools": "Developer tools"}


def categories() -> dict[str, str]:
    """Keys of the controlled list with their names, in the list's order."""
    names = (value.name for value in content.Category.DESCRIPTOR.values if value.number)
    keys = (name.removeprefix("CATEGORY_").lower() for name in names)
    return {key: _CATEGORIES_BY_HAND.get(key, key.replace("_", " ").capitalize()) for key in keys}


def category(key: str) -> str:
    """Name of a category; an unknown key stands for itself."""
    return categories().get(key, key)


def state(number: int) -> StateWord:
    """Words of a submission's state; an unknown one is shown as such rather than breaking the page."""
    return STATES.get(number, StateWord("Unknown", "quiet", "", "", ""))


def standing(submission: submissions.Submission) -> StateWord:
    """Words of where a submission stands for its publisher: those of its state, or of its appeal."""
    if submission.appeal_pending:
        return APPEALED
    rejected = submission.state == submissions.SUBMISSION_STATE_NOT_APPROVED
    return UPHELD if rejected and submissions.MOVE_APPEAL not in submission.moves else state(submission.state)


def move(number: int, from_state: int) -> MoveWord | None:
    """Words of a move that has a button; submitting again has its own."""
    if number == submissions.MOVE_SUBMIT and from_state == submissions.SUBMISSION_STATE_CHANGES_REQUESTED:
        return RESUBMIT
    return MOVES.get(number)


def health(number: int, policy: str = "") -> Word:
    """The badge of a server and what it means under the policy in force (name/version)."""
    word = HEALTHS.get(number, HEALTHS[metrics.HEALTH_NOT_LIVE])
    if policy.startswith("request_errors") and number in HEALTHS_BY_REQUEST_ERRORS:
        return Word(word.label, word.tone, HEALTHS_BY_REQUEST_ERRORS[number])
    return word


def possible_moves(names: str) -> str:
    """A sentence about the moves that a refusal says are possible (`submit,withdraw`); empty for none."""
    numbers = {number: name.removeprefix("MOVE_").lower() for name, number in submissions.Move.items()}
    known = [MOVES[number].label for number, name in numbers.items() if name in names.split(",") and number in MOVES]
    return f" Possible now: {', '.join(known)}." if known else ""
