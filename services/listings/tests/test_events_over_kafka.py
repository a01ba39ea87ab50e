"""The way of an event: submissions' topic -> listing -> outbox -> listings' topic, each once in effect."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from chassis.ids import new_id
from chassis.kafka.relay import OutboxRelay
from chassis.process import Stop
from directory.listings.v1 import listing_pb2
from directory.listings.v1 import listings_service_pb2 as pb
from directory.listings.v1.listing_content_pb2 import ListingContent
from directory.listings.v1.listing_events_pb2 import ListingEvent
from directory.submissions.v1.submission_events_pb2 import SubmissionEvent
from kafka import KafkaConsumer, KafkaProducer
from listings import wiring
from listings.consumers.submission_events import TOPIC as SUBMISSIONS
from listings.store.changes import TOPIC as LISTINGS
from sqlalchemy import text

NEEDS_KAFKA = True


@pytest.fixture(scope="module")
def at_work(directory: Any, fresh_topics: Callable[..., None]) -> Iterator[None]:
    """What `python -m listings work` runs."""
    fresh_topics([SUBMISSIONS, LISTINGS])
    stop = Stop()
    relay = OutboxRelay(directory.database, directory.settings.kafka_bootstrap_servers, [LISTINGS])
    consumer = wiring.submissions_consumer(directory.settings, directory.database)
    threads = [threading.Thread(target=loop, args=(stop,)) for loop in (relay.run, consumer.run)]
    for thread in threads:
        thread.start()
    yield
    stop.set()
    for thread in threads:
        thread.join()


@pytest.fixture
def tell(kafka: str, at_work: None) -> Iterator[Callable[[SubmissionEvent], None]]:
    producer = KafkaProducer(bootstrap_servers=kafka)

    def send(event: SubmissionEvent) -> None:
        key = event.submission_id.encode()
        producer.send(SUBMISSIONS, key=key, value=event.SerializeToString()).get(timeout=10)

    yield send
    producer.close()


@pytest.fixture
def heard(kafka: str, at_work: None) -> Iterator[Callable[[str], list[ListingEvent]]]:
    consumer = KafkaConsumer(LISTINGS.name, bootstrap_servers=kafka, auto_offset_reset="earliest", group_id=None)
    events: dict[str, ListingEvent] = {}

    def of_listing(listing_id: str) -> list[ListingEvent]:
        for records in consumer.poll(timeout_ms=100).values():
            for record in records:
                event = ListingEvent.FromString(record.value)
                assert record.key.decode() == event.listing_id
                assert event.event_id not in events, "the relay sent it once"
                events[event.event_id] = event
        return [event for event in events.values() if event.listing_id == listing_id]

    yield of_listing
    consumer.close()


def own(directory: Any, listing_id: str) -> listing_pb2.Listing:
    with directory.signed_in():
        return directory.listings.GetListing(pb.GetListingRequest(listing_id=listing_id)).listing


def inbox_holds(directory: Any, event: SubmissionEvent) -> bool:
    query = text("SELECT 1 FROM inbox WHERE event_id = :event_id")
    with directory.database.read() as connection:
        return connection.execute(query, {"event_id": event.event_id}).one_or_none() is not None


def test_the_story_of_an_edit(directory: Any, tell: Any, heard: Any, eventually: Any) -> None:
    listing_id, slug = new_id(), f"story-{new_id()[-12:]}"
    approval = directory.approval(listing_id, slug=slug)
    publication = directory.moved(listing_id, "PUBLISH", slug=slug)
    for event in (approval, approval, publication, approval, publication):
        tell(event)
    eventually(lambda: own(directory, listing_id).state == listing_pb2.LISTING_STATE_LIVE)
    version = own(directory, listing_id).version

    with directory.signed_in():
        edit = ListingContent(tagline="Edited")
        directory.listings.SaveRevision(pb.SaveRevisionRequest(listing_id=listing_id, version=version, content=edit))
        submit = pb.SubmitRevisionRequest(listing_id=listing_id, version=version + 1)
        revision_id = directory.listings.SubmitRevision(submit).listing.open_revision.revision_id
    decision = directory.decided(listing_id, revision_id, "APPROVE")
    tell(decision)
    tell(decision)
    late = directory.decided(listing_id, revision_id, "REJECT", comment="Too late.")
    tell(late)
    eventually(lambda: own(directory, listing_id).live.tagline == "Edited")
    eventually(lambda: inbox_holds(directory, late))

    expected = ["state_changed", "state_changed", "revision_submitted", "revision_closed", "decision_voided"]
    eventually(lambda: [event.WhichOneof("event") for event in heard(listing_id)] == expected)
    assert own(directory, listing_id).version == version + 3


def test_a_message_that_cannot_be_applied_stops_nobody(directory: Any, tell: Any, eventually: Any) -> None:
    stray = directory.moved(new_id(), "PUBLISH")
    tell(stray)
    listing_id = new_id()
    tell(directory.approval(listing_id, slug=f"after-{listing_id[-12:]}"))
    eventually(lambda: own(directory, listing_id))

    def is_dead() -> bool:
        with directory.database.read() as connection:
            letters = connection.execute(text("SELECT value FROM dead_letters"))
            return stray.SerializeToString() in [bytes(letter.value) for letter in letters]

    eventually(is_dead)
