"""Writes what a move did: rows and outgoing events in the caller's transaction."""

from datetime import datetime

from chassis.ids import new_id
from chassis.kafka.topics import Topic
from chassis.sql.database import UnitOfWork
from directory.listings.v1 import listing_events_pb2 as events_pb2

from listings.domain.listing import (
    Change,
    DecisionVoided,
    Event,
    RevisionAppliedBySetting,
    RevisionClosed,
    RevisionSubmitted,
)
from listings.store import listings, revisions
from listings.store.contract import listing_state, revision_state, to_message

TOPIC = Topic("directory.listings.v1", 6)


def write(uow: UnitOfWork, change: Change, *, now: datetime, is_new: bool = False) -> None:
    """Writes the change of a listing that this transaction has locked, or of a new one."""
    # 1. The listing: its lock orders the events of concurrent changes.
    if is_new:
        listings.add(uow, change.listing)
    else:
        listings.store(uow, change.listing)
    # 2. Its revisions in the order given: the one that closes goes before the one that opens.
    for revision in change.revisions:
        revisions.store(uow, change.listing.listing_id, revision)
    # 3. What leaves.
    for event in change.events:
        envelope = events_pb2.ListingEvent(
            event_id=new_id(),
            occurred_at=now,
            listing_id=change.listing.listing_id,
            organization_id=change.listing.organization_id,
        )
        _fill(envelope, event)
        uow.emit(TOPIC.name, change.listing.listing_id, envelope)


def _fill(envelope: events_pb2.ListingEvent, event: Event) -> None:
    if isinstance(event, RevisionSubmitted):
        envelope.revision_submitted.CopyFrom(_submitted(event))
    elif isinstance(event, RevisionClosed):
        closed = envelope.revision_closed
        closed.revision_id = event.revision_id
        closed.state = revision_state(event.state)
        closed.live.CopyFrom(to_message(event.live))
    elif isinstance(event, RevisionAppliedBySetting):
        envelope.revision_closed.CopyFrom(_applied_by_setting(event))
    elif isinstance(event, DecisionVoided):
        envelope.decision_voided.revision_id = event.revision_id
        envelope.decision_voided.state = revision_state(event.state)
    else:
        moved = events_pb2.ListingStateChanged(to=listing_state(event.after), slug=event.slug or "")
        # `from` is a keyword of Python.
        setattr(moved, "from", listing_state(event.before))
        envelope.state_changed.CopyFrom(moved)


def _applied_by_setting(event: RevisionAppliedBySetting) -> events_pb2.RevisionClosed:
    revision = event.revision
    return events_pb2.RevisionClosed(
        revision_id=revision.revision_id,
        state=revision_state(revision.state),
        live=to_message(revision.content),
        applied_by_setting=events_pb2.AppliedBySetting(
            before=to_message(event.before),
            number=revision.number,
            message=revision.message,
            submitted_by_name=revision.submitter.name,
            submitted_by_id=revision.submitter.person_id,
        ),
    )


def _submitted(event: RevisionSubmitted) -> events_pb2.RevisionSubmitted:
    revision = event.revision
    return events_pb2.RevisionSubmitted(
        revision_id=revision.revision_id,
        number=revision.number,
        before=to_message(event.before),
        after=to_message(revision.content),
        message=revision.message,
        submitted_by_name=revision.submitter.name,
        supersedes_revision_id=event.supersedes_revision_id,
    )
