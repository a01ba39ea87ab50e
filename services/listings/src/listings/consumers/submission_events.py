"""Follows `directory.submissions.v1`: listings come into being, go live, are deprecated, taken off and passed on, and
revisions are decided.

Each handler runs in the transaction of its inbox row. InvalidInput puts a message aside as a dead letter: that is for
what submissions never sends, so that one wrong message cannot stop every listing.
"""

from datetime import UTC, datetime

from chassis import clock
from chassis.errors import InvalidInput
from chassis.formats import is_uuid
from chassis.ids import new_id
from chassis.logs import get_logger
from chassis.sql.database import UnitOfWork
from directory.submissions.v1 import submission_pb2, transfer_pb2
from directory.submissions.v1.review_service_pb2 import DECISION_APPROVE, DECISION_REJECT, DECISION_REQUEST_CHANGES
from directory.submissions.v1.submission_events_pb2 import (
    RevisionDecided,
    SubmissionEvent,
    SubmissionMoved,
    TransferChanged,
)

from listings.domain import lifecycle, revisions
from listings.domain.listing import Change, Content, Listing, ListingState
from listings.domain.revisions import Decision, RevisionMove
from listings.store import changes, icons, listings
from listings.store import revisions as revision_rows
from listings.store.contract import to_content

TOPIC = "directory.submissions.v1"
GROUP = "listings"

_TAKEN_OFF = {
    submission_pb2.SUBMISSION_STATE_SUSPENDED: ListingState.SUSPENDED,
    submission_pb2.SUBMISSION_STATE_DELISTED: ListingState.DELISTED,
}
_DEPRECATIONS = frozenset({submission_pb2.MOVE_DEPRECATE, submission_pb2.MOVE_UNDEPRECATE})
_DECISIONS = {
    DECISION_APPROVE: RevisionMove.APPROVE,
    DECISION_REJECT: RevisionMove.REJECT,
    DECISION_REQUEST_CHANGES: RevisionMove.REQUEST_CHANGES,
}


def handle(event: SubmissionEvent, uow: UnitOfWork) -> None:
    """Takes one event into account. Those that concern no listing are passed over."""
    kind = event.WhichOneof("event")
    if kind not in {"moved", "revision_decided", "transfer_changed"}:
        return
    if not is_uuid(event.submission_id):
        raise InvalidInput("EVENT_INVALID", "The submission's id is no UUID.")
    if kind == "revision_decided":
        _decided(event, event.revision_decided, uow)
    elif kind == "transfer_changed":
        _passed_on(event, event.transfer_changed, uow)
    elif event.moved.kind == submission_pb2.SUBMISSION_KIND_REMOTE_MCP:
        _moved(event, event.moved, uow)


def _moved(event: SubmissionEvent, moved: SubmissionMoved, uow: UnitOfWork) -> None:
    if moved.move in _DEPRECATIONS:
        _deprecated(event, moved, uow)
    elif moved.to == submission_pb2.SUBMISSION_STATE_APPROVED:
        _approved(event, moved, uow)
    elif moved.to == submission_pb2.SUBMISSION_STATE_PUBLISHED:
        _published(event, moved, uow)
    elif moved.to in _TAKEN_OFF:
        listing = _existing(uow, event.submission_id)
        state, at = _TAKEN_OFF[moved.to], _occurred(event)
        _write(uow, lifecycle.take_off(listing, state, moved.comment, now=at, new_id=new_id()))
    elif moved.move == submission_pb2.MOVE_DELETE:
        listings.remove_unpublished(uow, event.submission_id)


def _deprecated(event: SubmissionEvent, moved: SubmissionMoved, uow: UnitOfWork) -> None:
    listing = _existing(uow, event.submission_id)
    if moved.move == submission_pb2.MOVE_UNDEPRECATE:
        _write(uow, lifecycle.undeprecate(listing))
    else:
        _write(uow, lifecycle.deprecate(listing, moved.comment, moved.successor, now=_occurred(event)))


def _passed_on(event: SubmissionEvent, transfer: TransferChanged, uow: UnitOfWork) -> None:
    if transfer.state != transfer_pb2.TRANSFER_STATE_ACCEPTED:
        return
    listing = _existing(uow, event.submission_id)
    change = lifecycle.pass_on(listing, transfer.to_organization_id, now=_occurred(event))
    _write(uow, change)
    if change is not None:
        icons.share(uow, listing.listing_id, transfer.to_organization_id)


def _approved(event: SubmissionEvent, moved: SubmissionMoved, uow: UnitOfWork) -> None:
    slug = _claimed_slug(uow, event.submission_id, moved.slug)
    listing = listings.find_locked(uow, event.submission_id)
    approved = lifecycle.Approved(
        listing_id=event.submission_id,
        organization_id=event.organization_id,
        content=_with_own_icon(uow, event, to_content(moved.listing)),
        slug=slug,
        server_url=moved.server_url,
        transport=_transport(moved.transport),
    )
    change = lifecycle.approve(listing, approved, now=_occurred(event), new_id=new_id())
    _write(uow, change, is_new=listing is None)


def _published(event: SubmissionEvent, moved: SubmissionMoved, uow: UnitOfWork) -> None:
    slug = _claimed_slug(uow, event.submission_id, moved.slug)
    listing = _existing(uow, event.submission_id)
    if slug is None and not listing.ever_published:
        raise InvalidInput("SLUG_TAKEN", "Another listing has this slug for good.", slug=moved.slug)
    _write(uow, lifecycle.publish(listing, slug=slug, now=_occurred(event)))


def _claimed_slug(uow: UnitOfWork, listing_id: str, slug: str) -> str | None:
    if not slug or listings.was_published(uow.connection, listing_id):
        return None
    claimed = listings.claim_slug(uow, slug, listing_id)
    if claimed is None:
        get_logger().error("slug is taken for good by another listing", listing_id=listing_id, slug=slug)
    return claimed


def _decided(event: SubmissionEvent, decided: RevisionDecided, uow: UnitOfWork) -> None:
    listing = _existing(uow, event.submission_id)
    found = is_uuid(decided.revision_id) and decided.decision in _DECISIONS
    revision = revision_rows.find(uow.connection, listing.listing_id, decided.revision_id) if found else None
    if revision is None:
        raise InvalidInput("EVENT_INVALID", "The decision is on no revision of this listing, or is none.")
    decision = Decision(
        _DECISIONS[decided.decision],
        # History says who approved, so a decision is never without a name.
        reviewer_name=decided.reviewer_name or "-",
        comment=decided.comment,
        reason_code=decided.reason_code,
    )
    change = revisions.decide(listing, revision, decision, now=_occurred(event), new_id=new_id())
    _write(uow, change)


def _write(uow: UnitOfWork, change: Change | None, *, is_new: bool = False) -> None:
    if change is not None:
        changes.write(uow, change, now=clock.now(), is_new=is_new)


def _existing(uow: UnitOfWork, listing_id: str) -> Listing:
    listing = listings.find_locked(uow, listing_id)
    if listing is None:
        raise InvalidInput("EVENT_INVALID", "There is no such listing: its approval never came.")
    return listing


def _with_own_icon(uow: UnitOfWork, event: SubmissionEvent, content: Content) -> Content:
    if "icon_id" not in content or icons.is_own(uow.connection, content["icon_id"], event.organization_id):
        return content
    get_logger().warning("approved icon is unknown", listing_id=event.submission_id, icon_id=content["icon_id"])
    return {name: value for name, value in content.items() if name != "icon_id"}


def _transport(transport: int) -> str:
    if transport == submission_pb2.TRANSPORT_UNSPECIFIED:
        return ""
    return submission_pb2.Transport.Name(transport).removeprefix("TRANSPORT_").lower()


def _occurred(event: SubmissionEvent) -> datetime:
    return event.occurred_at.ToDatetime(tzinfo=UTC)
