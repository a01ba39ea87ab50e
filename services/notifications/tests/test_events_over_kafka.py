"""The way of events: three topics -> the feed, e-mails and webhooks, each once."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from chassis.ids import new_id
from chassis.process import Stop
from directory.listings.v1.listing_content_pb2 import ListingContent
from directory.listings.v1.listing_events_pb2 import ListingEvent
from directory.metrics.v1.metrics_events_pb2 import HealthChanged, MetricsEvent
from directory.notifications.v1.activity_service_pb2 import ListActivityRequest
from kafka import KafkaProducer
from notifications import wiring
from notifications.consumers import listing_events, metrics_events, submission_events

NEEDS_KAFKA = True


@pytest.fixture(scope="module")
def at_work(service: Any, fresh_topics: Callable[..., None]) -> Iterator[None]:
    fresh_topics([submission_events.TOPIC, listing_events.TOPIC, metrics_events.TOPIC])
    stop = Stop()
    consumer = wiring.consumer(service.settings, service.database)
    thread = threading.Thread(target=consumer.run, args=(stop,))
    thread.start()
    yield
    stop.set()
    thread.join()


@pytest.fixture
def tell(kafka: str, at_work: None) -> Iterator[Callable[..., None]]:
    producer = KafkaProducer(bootstrap_servers=kafka)

    def send(topic: str, key: str, payload: bytes) -> None:
        producer.send(topic, key=key.encode(), value=payload).get(timeout=10)

    yield send
    producer.close()


def summaries(directory: Any, submission_id: str) -> list[str]:
    with directory.signed_in():
        found = directory.activity.ListActivity(ListActivityRequest(submission_id=submission_id))
    return [each.summary for each in found.activities]


def test_what_three_services_say_stands_in_the_feed_once(directory: Any, tell: Any, eventually: Any) -> None:
    submission_id = new_id()
    published = directory.moved(submission_id, "PUBLISH", publisher_id="ada", publisher_name="Ada")
    for _ in range(2):
        tell(submission_events.TOPIC, submission_id, published.SerializeToString())
    eventually(lambda: summaries(directory, submission_id) == ["Ada published Ledgerline"])

    envelope = {"organization_id": directory.organization, "listing_id": submission_id}
    submitted = ListingEvent(event_id=new_id(), occurred_at=datetime.now(UTC), **envelope)
    submitted.revision_submitted.submitted_by_name = "Bob"
    tell(listing_events.TOPIC, submission_id, submitted.SerializeToString())
    eventually(lambda: len(summaries(directory, submission_id)) == 2)
    applied = ListingEvent(event_id=new_id(), occurred_at=datetime.now(UTC), **envelope)
    applied.revision_closed.state = 3
    applied.revision_closed.live.CopyFrom(ListingContent(display_name="Ledgerline Two"))
    tell(listing_events.TOPIC, submission_id, applied.SerializeToString())
    eventually(lambda: len(summaries(directory, submission_id)) == 3)

    changed = HealthChanged(organization_id=directory.organization, to="HEALTH_DEGRADED", **{"from": "HEALTH_HEALTHY"})
    degraded = MetricsEvent(
        event_id=new_id(), occurred_at=datetime.now(UTC), server_id=submission_id, health_changed=changed
    )
    tell(metrics_events.TOPIC, submission_id, degraded.SerializeToString())
    eventually(lambda: len(summaries(directory, submission_id)) == 4)
    assert summaries(directory, submission_id) == [
        "The health of Ledgerline Two is degraded",
        "An edit of the listing of Ledgerline Two is live",
        "Bob submitted an edit of the listing of Ledgerline",
        "Ada published Ledgerline",
    ]


def test_events_that_are_newer_than_this_code_are_passed_over(directory: Any, tell: Any, eventually: Any) -> None:
    submission_id = new_id()
    newer = directory.moved(submission_id, "SUBMIT")
    newer.ClearField("event")
    # Field 15 of the envelope, a message of two bytes: what a later version may say.
    tell(submission_events.TOPIC, submission_id, newer.SerializeToString() + b"\x7a\x02\x08\x01")
    later_move = directory.moved(submission_id, "SUBMIT", to="SUBMISSION_STATE_CHECKING")
    later_move.moved.move = 99  # type: ignore[assignment]
    tell(submission_events.TOPIC, submission_id, later_move.SerializeToString())
    eventually(lambda: summaries(directory, submission_id) == ["The status of Ledgerline changed to checking"])
    assert directory.query("SELECT 1 FROM dead_letters") == []
