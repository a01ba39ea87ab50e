"""Words of e-mail topics, webhook endpoints and their deliveries."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from directory.notifications.v1 import activity_service_pb2 as activity
from directory.notifications.v1 import webhooks_service_pb2 as webhooks

from gateway.web.words import Word


@dataclass(frozen=True, slots=True)
class TopicWord:
    """What e-mails of a topic are about."""

    label: str
    meaning: str


TOPICS: Final[Mapping[int, TopicWord]] = {
    activity.TOPIC_STATUS: TopicWord(
        "Status", "A submission moves on: submitted, checked, published, delisted, passed on to another organisation."
    ),
    activity.TOPIC_FEEDBACK: TopicWord("Feedback", "Reviewers decide on a submission or its tools, or write to you."),
    activity.TOPIC_LISTING: TopicWord("Listing", "Reviewers decide on an edit of a listing."),
    activity.TOPIC_HEALTH: TopicWord(
        "Health", "A published server changes its health, or stops answering the directory."
    ),
    activity.TOPIC_WEBHOOKS: TopicWord("Webhooks", "A webhook endpoint is disabled because it fails."),
}

DELIVERY_STATES: Final[Mapping[int, Word]] = {
    webhooks.DELIVERY_STATE_WAITING: Word("Waiting", "busy"),
    webhooks.DELIVERY_STATE_DELIVERED: Word("Delivered", "good"),
    webhooks.DELIVERY_STATE_FAILED: Word("Failed", "bad"),
}

_DISABLED: Final[Mapping[int, Word]] = {
    webhooks.DISABLED_REASON_BY_PUBLISHER: Word("Disabled", "quiet", "Somebody of your organisation disabled it."),
    webhooks.DISABLED_REASON_GONE: Word(
        "Disabled: gone", "bad", "It answered 410 Gone. Enable it when something answers there again."
    ),
    webhooks.DISABLED_REASON_FAILING: Word(
        "Disabled: failing", "bad", "Everything sent to it failed for three days. Enable it when it works again."
    ),
}

EVENT_TYPES: Final[Mapping[str, str]] = {
    "submission.status_changed": "A submission changed its status",
    "submission.message_posted": "Somebody wrote in a submission’s thread",
    "listing.revision_submitted": "An edit of a listing was submitted",
    "listing.revision_decided": "Reviewers decided on an edit",
    "listing.revision_closed": "An edit went live or was given up",
    "listing.decision_voided": "A decision on an edit came too late",
    "server.health_changed": "The health of a server changed",
    "server.endpoint_health_changed": "A server answers the directory otherwise than before",
    "server.tools_changed": "Tools of a server are not as they were approved",
    "server.tools_decided": "Changed tools were decided on",
    "server.transfer_changed": "An offer of a server was made, answered or ended",
}


def topic(number: int) -> TopicWord:
    """Words of a topic; a later one is shown as such."""
    return TOPICS.get(number, TopicWord("Other", ""))


def standing(webhook: webhooks.Webhook) -> Word:
    """Whether an endpoint works, in a badge."""
    if not webhook.settings.enabled:
        return _DISABLED.get(webhook.disabled_reason, Word("Disabled", "quiet"))
    if webhook.HasField("failing_since"):
        return Word("Failing", "attention", "The latest deliveries failed; they are tried again with growing pauses.")
    return Word("Enabled", "good")
