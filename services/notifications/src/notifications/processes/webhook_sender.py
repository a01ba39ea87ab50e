"""Sends webhook messages: one at a time an endpoint, signed, tried again with growing pauses."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from chassis import clock
from chassis.guard import Guard
from chassis.ids import new_id
from chassis.logs import get_logger
from chassis.process import Stop, repeat
from chassis.sql.database import Database, UnitOfWork
from prometheus_client import Counter, Histogram
from standardwebhooks import Webhook

from notifications.domain import webhooks as rules
from notifications.domain.happenings import WEBHOOK_DISABLED, Actor, Happening
from notifications.domain.webhooks import Answer, DisabledReason, Outcome
from notifications.processes.posting import LIMIT_SECONDS, post
from notifications.store import activities, deliveries, webhooks
from notifications.store.deliveries import Taken
from notifications.store.secrets import SealingKeys

ATTEMPTS = Counter("webhook_attempts_total", "Attempts to deliver webhook messages, by what they led to.", ["outcome"])
DURATION = Histogram("webhook_attempt_seconds", "How long attempts took.", buckets=(0.05, 0.2, 1, 3, 8, 15))

_IDLE_SECONDS = 1.0
_SECONDS_AFTER_TROUBLE = 5.0
_USER_AGENT = "mcp-directory-webhooks/1"


class WebhookSender:
    """`run` is a loop for process.run; any number of them may run, in any number of processes."""

    def __init__(
        self,
        database: Database,
        keys: SealingKeys,
        guard: Callable[[], Guard],
        *,
        tls: ssl.SSLContext | None = None,
        now: clock.Clock = clock.now,
        limit: float = LIMIT_SECONDS,
    ) -> None:
        self._database = database
        self._keys = keys
        self._guard = guard
        self._tls = tls or ssl.create_default_context()
        self._now = now
        self._limit = limit

    def run(self, stop: Stop) -> None:
        """Until told to stop; outages of the database are waited for."""
        repeat(stop, self.send_one, idle=_IDLE_SECONDS, waits="webhooks wait", after_trouble=_SECONDS_AFTER_TROUBLE)

    def send_one(self) -> bool:
        """One attempt of one message; False when nothing is due."""
        taken = self._database.run(lambda uow: deliveries.take(uow, now=self._now()))
        if taken is None:
            return False
        at = self._now()
        answer = self._post(taken, at)
        now = self._now()
        outcome = rules.outcome(answer, attempts=taken.attempts + 1, failing_since=taken.failing_since, now=now)
        DURATION.observe(answer.duration.total_seconds())
        ATTEMPTS.labels(outcome.state.value).inc()
        self._database.run(lambda uow: self._finish(uow, taken, answer, outcome, at, now))
        return True

    def _post(self, taken: Taken, at: datetime) -> Answer:
        try:
            signatures = self._signatures(taken, at)
        except ValueError:
            get_logger().exception("secret of a webhook is not readable", webhook_id=taken.webhook_id)
            return Answer(0, timedelta(0), "The directory can't read the secret any more: rotate it.")
        headers = {
            "content-type": "application/json",
            "user-agent": _USER_AGENT,
            "webhook-id": taken.message_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(signatures),
        }
        body = taken.payload.encode()
        return post(taken.url, body, headers, guard=self._guard, tls=self._tls, limit=self._limit)

    def _signatures(self, taken: Taken, at: datetime) -> list[str]:
        sealed = [taken.sealed_secret]
        if taken.sealed_former_secret and taken.former_secret_until and at < taken.former_secret_until:
            sealed.append(taken.sealed_former_secret)
        # The library reads the clock of the time that it is given as UTC.
        moment = at.astimezone(UTC)
        secrets = [self._keys.unseal(taken.webhook_id, each) for each in sealed]
        return [Webhook(secret).sign(taken.message_id, moment, taken.payload) for secret in secrets]

    def _finish(
        self, uow: UnitOfWork, taken: Taken, answer: Answer, outcome: Outcome, at: datetime, now: datetime
    ) -> None:
        deliveries.finish(uow, taken, answer, outcome, at=at)
        if outcome.disabled is DisabledReason.NONE:
            return
        if not webhooks.disable(uow, taken.webhook_id, taken.url, outcome.disabled):
            return
        deliveries.give_up(uow, taken.webhook_id)
        get_logger().warning("webhook disabled", webhook_id=taken.webhook_id, reason=outcome.disabled.value)
        told = Happening(
            event_id=new_id(),
            occurred_at=now,
            organization_id=taken.organization_id,
            type=WEBHOOK_DISABLED,
            variant=outcome.disabled.value,
            actor=Actor.SYSTEM,
            details={"url": rules.told(taken.url), "webhook_id": taken.webhook_id},
        )
        activities.tell(uow, told, now=now)
