"""The one table from events to topics and words. An event that the table does not know yet is told in general words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from notifications.domain.happenings import (
    DECISION_VOIDED,
    ENDPOINT_HEALTH_CHANGED,
    HEALTH_CHANGED,
    MESSAGE_POSTED,
    REVISION_CLOSED,
    REVISION_DECIDED,
    REVISION_SUBMITTED,
    STATUS_CHANGED,
    TEST,
    TOOLS_CHANGED,
    TOOLS_DECIDED,
    TRANSFER_CHANGED,
    WEBHOOK_DISABLED,
    Actor,
    Happening,
    Topic,
)


@dataclass(frozen=True, slots=True)
class Row:
    """How one kind of event is told: `{who}`, `{server}` and names of details stand in the sentence."""

    topic: Topic
    sentence: str
    mailed: bool = True


_STATUS, _FEEDBACK, _LISTING, _HEALTH = Topic.STATUS, Topic.FEEDBACK, Topic.LISTING, Topic.HEALTH

# By type and variant; the empty variant is for those that came later than this code.
TABLE: Final[Mapping[tuple[str, str], Row]] = {
    (STATUS_CHANGED, "create"): Row(_STATUS, "{who} began a submission: {server}", mailed=False),
    (STATUS_CHANGED, "submit"): Row(_STATUS, "{who} submitted {server} for review"),
    (STATUS_CHANGED, "withdraw"): Row(_STATUS, "{who} withdrew {server}"),
    (STATUS_CHANGED, "reopen"): Row(_STATUS, "{who} reopened {server} as a draft", mailed=False),
    (STATUS_CHANGED, "save"): Row(_STATUS, "{who} edited {server}, which made it a draft again", mailed=False),
    (STATUS_CHANGED, "delete"): Row(_STATUS, "{who} deleted the draft of {server}", mailed=False),
    (STATUS_CHANGED, "publish"): Row(_STATUS, "{who} published {server}"),
    (STATUS_CHANGED, "delist"): Row(_STATUS, "{who} delisted {server}"),
    (STATUS_CHANGED, "relist"): Row(_STATUS, "{who} asked for {server} to be listed again"),
    (STATUS_CHANGED, "pass_checks"): Row(_STATUS, "{server} passed the automatic checks and waits for a reviewer"),
    (STATUS_CHANGED, "fail_checks"): Row(_STATUS, "The automatic checks sent {server} back with findings"),
    (STATUS_CHANGED, "approve"): Row(_FEEDBACK, "{server} is approved"),
    (STATUS_CHANGED, "request_changes"): Row(_FEEDBACK, "Reviewers request changes to {server}"),
    (STATUS_CHANGED, "reject"): Row(_FEEDBACK, "{server} is not approved"),
    (STATUS_CHANGED, "revoke"): Row(_FEEDBACK, "The approval of {server} was revoked"),
    (STATUS_CHANGED, "suspend"): Row(_FEEDBACK, "{server} is suspended and off the directory"),
    (STATUS_CHANGED, "reinstate"): Row(_FEEDBACK, "{server} is back in the directory"),
    (STATUS_CHANGED, "appeal"): Row(_STATUS, "{who} appealed the rejection of {server}"),
    (STATUS_CHANGED, "uphold"): Row(_FEEDBACK, "The rejection of {server} is upheld"),
    (STATUS_CHANGED, "overturn"): Row(_FEEDBACK, "The rejection of {server} is overturned; it is reviewed again"),
    (STATUS_CHANGED, "deprecate"): Row(_STATUS, "{who} deprecated {server}"),
    (STATUS_CHANGED, "undeprecate"): Row(_STATUS, "{who} ended the deprecation of {server}"),
    (STATUS_CHANGED, ""): Row(_STATUS, "The status of {server} changed to {to}"),
    (MESSAGE_POSTED, Actor.REVIEWER): Row(_FEEDBACK, "A reviewer wrote to you about {server}"),
    (MESSAGE_POSTED, Actor.PUBLISHER): Row(_FEEDBACK, "{who} wrote to the reviewers about {server}", mailed=False),
    (MESSAGE_POSTED, ""): Row(_FEEDBACK, "There is a message about {server}", mailed=False),
    (REVISION_SUBMITTED, ""): Row(_LISTING, "{who} submitted an edit of the listing of {server}", mailed=False),
    (REVISION_DECIDED, "approve"): Row(_LISTING, "The edit of the listing of {server} is approved"),
    (REVISION_DECIDED, "request_changes"): Row(_LISTING, "Reviewers request changes to the edit of {server}"),
    (REVISION_DECIDED, "reject"): Row(_LISTING, "The edit of the listing of {server} is not approved"),
    (REVISION_DECIDED, ""): Row(_LISTING, "There is a decision on the edit of the listing of {server}"),
    (REVISION_CLOSED, "applied"): Row(_LISTING, "An edit of the listing of {server} is live", mailed=False),
    (REVISION_CLOSED, "applied_by_setting"): Row(_LISTING, "{who} changed the listing of {server}; it is live"),
    (REVISION_CLOSED, "discarded"): Row(_LISTING, "The edit of the listing of {server} was discarded", mailed=False),
    (REVISION_CLOSED, ""): Row(_LISTING, "An edit of the listing of {server} is {state}", mailed=False),
    (DECISION_VOIDED, ""): Row(_LISTING, "A decision on an edit of {server} came too late and changes nothing"),
    (HEALTH_CHANGED, "healthy"): Row(_HEALTH, "{server} is healthy"),
    (HEALTH_CHANGED, "worth_a_look"): Row(_HEALTH, "The health of {server} is worth a look"),
    (HEALTH_CHANGED, "degraded"): Row(_HEALTH, "The health of {server} is degraded"),
    (HEALTH_CHANGED, "collecting"): Row(_HEALTH, "{server} has too little traffic for a health badge", mailed=False),
    (HEALTH_CHANGED, "not_live"): Row(_HEALTH, "{server} is not live any more", mailed=False),
    (HEALTH_CHANGED, ""): Row(_HEALTH, "The health of {server} is {to}"),
    (ENDPOINT_HEALTH_CHANGED, "alive"): Row(_HEALTH, "{server} answers the directory again"),
    (ENDPOINT_HEALTH_CHANGED, "gated"): Row(_HEALTH, "{server} answers the directory, behind authentication"),
    (ENDPOINT_HEALTH_CHANGED, "not_mcp"): Row(_HEALTH, "{server} does not answer the directory as an MCP server"),
    (ENDPOINT_HEALTH_CHANGED, "unreachable"): Row(_HEALTH, "The directory does not reach {server}"),
    (ENDPOINT_HEALTH_CHANGED, ""): Row(_HEALTH, "{server} answers the directory otherwise than before: {to}"),
    (TOOLS_CHANGED, ""): Row(_FEEDBACK, "The tools of {server} are not as they were approved"),
    (TOOLS_DECIDED, "accepted"): Row(_FEEDBACK, "The tools of {server} as they are now are approved"),
    (TOOLS_DECIDED, "changes_requested"): Row(_FEEDBACK, "Reviewers request changes to the tools of {server}"),
    (TOOLS_DECIDED, "resolved"): Row(_FEEDBACK, "The tools of {server} are as approved again", mailed=False),
    (TOOLS_DECIDED, ""): Row(_FEEDBACK, "There is a decision on the tools of {server}"),
    (TRANSFER_CHANGED, "offered_by_you"): Row(_STATUS, "{server} is offered to another organisation"),
    (TRANSFER_CHANGED, "offered_to_you"): Row(_STATUS, "Another organisation offers you {server}"),
    (TRANSFER_CHANGED, "accepted_by_you"): Row(_STATUS, "{server} belongs to your organisation now"),
    (TRANSFER_CHANGED, "accepted"): Row(_STATUS, "{server} belongs to the other organisation now"),
    (TRANSFER_CHANGED, ""): Row(_STATUS, "The offer of {server} is {state}"),
    (WEBHOOK_DISABLED, "gone"): Row(Topic.WEBHOOKS, "A webhook endpoint answered 410 Gone and was disabled: {url}"),
    (WEBHOOK_DISABLED, ""): Row(Topic.WEBHOOKS, "A webhook endpoint failed for days and was disabled: {url}"),
    (TEST, ""): Row(Topic.WEBHOOKS, "{who} sent a test event", mailed=False),
}

_WITHOUT_NAME: Final = {Actor.PUBLISHER: "Somebody of your organisation", Actor.REVIEWER: "A reviewer"}


def row(happening: Happening) -> Row:
    """How an event is told."""
    return TABLE.get((happening.type, happening.variant)) or TABLE[happening.type, ""]


def summary(happening: Happening) -> str:
    """One line for people, without a full stop."""
    sentence = row(happening).sentence
    words = _Words({name: _line(value) for name, value in happening.details.items()})
    nameless = "A server without a name" if sentence.startswith("{server}") else "a server without a name"
    words["server"] = _line(happening.server_name) or nameless
    words["who"] = _line(happening.actor_name) or _WITHOUT_NAME.get(happening.actor, "The directory")
    return sentence.format_map(words)


class _Words(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "unknown"


def _line(text: str) -> str:
    return " ".join(text.split())
