"""Happenings, endpoints and deliveries as callers see them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from directory.notifications.v1 import activity_service_pb2 as activity_pb
from directory.notifications.v1 import webhooks_service_pb2 as pb
from sqlalchemy import Row

from notifications.domain import words
from notifications.domain.happenings import Actor, Happening, Topic
from notifications.domain.webhooks import DisabledReason


def topic_message(topic: Topic) -> activity_pb.Topic:
    """A topic of the contract."""
    return cast(activity_pb.Topic, activity_pb.Topic.Value(f"TOPIC_{topic.name}"))


def activity_message(happening: Happening) -> activity_pb.Activity:
    """An entry of the feed."""
    activity = activity_pb.Activity(
        activity_id=happening.event_id,
        type=happening.type,
        topic=topic_message(words.row(happening).topic),
        submission_id=happening.submission_id,
        server_name=happening.server_name,
        actor=f"ACTIVITY_ACTOR_{happening.actor.name}",
        actor_name=happening.actor_name if happening.actor is Actor.PUBLISHER else "",
        summary=words.summary(happening),
        comment=happening.comment,
    )
    activity.occurred_at.FromDatetime(happening.occurred_at)
    return activity


def webhook_message(row: Row[Any], now: datetime) -> pb.Webhook:
    """An endpoint."""
    webhook = pb.Webhook(
        webhook_id=row.webhook_id,
        settings=pb.WebhookSettings(
            url=row.url,
            description=row.description,
            event_types=row.event_types,
            enabled=row.disabled_reason == DisabledReason.NONE,
        ),
        disabled_reason=f"DISABLED_REASON_{row.disabled_reason.upper() or 'UNSPECIFIED'}",
        version=row.version,
        created_by_name=row.created_by_name,
    )
    webhook.created_at.FromDatetime(row.created_at)
    if row.former_secret_until is not None and row.former_secret_until > now:
        webhook.former_secret_until.FromDatetime(row.former_secret_until)
    if row.failing_since is not None:
        webhook.failing_since.FromDatetime(row.failing_since)
    return webhook


def delivery_message(row: Row[Any]) -> pb.Delivery:
    """A delivery, from a row of store/deliveries.py."""
    delivery = pb.Delivery(
        delivery_id=row.delivery_id,
        message_id=row.message_id,
        event_type=row.event_type,
        state=f"DELIVERY_STATE_{row.state.upper()}",
        attempts=row.attempts,
        last_status_code=row.status_code or 0,
        last_error=row.error or "",
    )
    delivery.created_at.FromDatetime(row.created_at)
    if row.next_attempt_at is not None:
        delivery.next_attempt_at.FromDatetime(row.next_attempt_at)
    return delivery


def attempt_message(row: Row[Any]) -> pb.DeliveryAttempt:
    """One attempt."""
    attempt = pb.DeliveryAttempt(
        status_code=row.status_code, duration_ms=row.duration_ms, error=row.error, response=row.response
    )
    attempt.at.FromDatetime(row.at)
    return attempt
