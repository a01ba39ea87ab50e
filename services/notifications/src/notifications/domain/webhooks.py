"""Rules of webhook deliveries: when they are tried again, when an endpoint is given up, and what is sent."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from notifications.domain.happenings import WEBHOOK_TYPES, Happening
from notifications.domain.words import summary

RETRIES: Final = tuple(
    timedelta(seconds=seconds) for seconds in (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
"""Pauses after the first failed attempt, the second, and so on: 5 s to 24 h, three days together."""
DISABLED_AFTER: Final = timedelta(days=3)
FORMER_SECRET_LIFE: Final = timedelta(hours=24)
MOST_WEBHOOKS: Final = 10
MOST_AT_ONCE: Final = 3
"""Endpoints of one organisation that are sent to at the same time, about; everybody else's messages go on."""
MOST_TESTS_A_MINUTE: Final = 5
"""So that nobody turns the directory on a stranger's server."""
MOST_ATTEMPTS_A_MINUTE: Final = 20
"""After which nothing is sent again by hand, for the same reason."""
_JITTER: Final = 0.2


class DeliveryState(StrEnum):
    """Where a delivery stands; the values are stored."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class DisabledReason(StrEnum):
    """Why an endpoint is disabled; the values are stored."""

    NONE = ""
    BY_PUBLISHER = "by_publisher"
    GONE = "gone"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one attempt; `status_code` is 0 and `error` says why where there was no answer."""

    status_code: int
    duration: timedelta
    error: str = ""
    response: str = ""

    @property
    def arrived(self) -> bool:
        """Whether the endpoint took the message."""
        return 200 <= self.status_code < 300 and not self.error


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attempt means: where the delivery stands, when it is tried next, and why its endpoint is disabled."""

    state: DeliveryState
    next_attempt_at: datetime | None
    disabled: DisabledReason


def outcome(answer: Answer, *, attempts: int, failing_since: datetime | None, now: datetime) -> Outcome:
    """What the attempt number `attempts`, counted from 1, means. 410 disables at once; days without success do, too."""
    if answer.arrived:
        return Outcome(DeliveryState.DELIVERED, None, DisabledReason.NONE)
    if answer.status_code == 410:
        return Outcome(DeliveryState.FAILED, None, DisabledReason.GONE)
    has_failed_for_long = failing_since is not None and now - failing_since >= DISABLED_AFTER
    disabled = DisabledReason.FAILING if has_failed_for_long else DisabledReason.NONE
    if attempts > len(RETRIES):
        return Outcome(DeliveryState.FAILED, None, disabled)
    pause = RETRIES[attempts - 1] * random.uniform(1, 1 + _JITTER)  # noqa: S311  # jitter, no secret
    return Outcome(DeliveryState.WAITING, now + pause, disabled)


def wanted(event_types: tuple[str, ...], happening_type: str) -> bool:
    """Whether an endpoint with these types gets this one; one without any gets all that can be chosen."""
    return happening_type in (event_types or WEBHOOK_TYPES)


def told(url: str) -> str:
    """A URL as e-mails and the feed name it: paths and queries of endpoints often hold a secret."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def payload(happening: Happening) -> str:
    """The JSON text: `type`, `timestamp`, `data`. Written once, so that each attempt sends and signs the same bytes."""
    data: Mapping[str, str] = {
        "organization_id": happening.organization_id,
        "submission_id": happening.submission_id,
        "server_name": happening.server_name,
        "actor": happening.actor.value,
        "summary": summary(happening),
        **happening.details,
    }
    timestamp = happening.occurred_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return json.dumps({"type": happening.type, "timestamp": timestamp, "data": data}, ensure_ascii=False)
