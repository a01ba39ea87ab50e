"""Listings and revisions as publishers and the public see them."""

from collections.abc import Collection

from directory.listings.v1.deprecation_pb2 import Deprecation as WireDeprecation
from directory.listings.v1.listing_pb2 import Listing as WireListing
from directory.listings.v1.listing_pb2 import Revision as WireRevision

from listings.domain.listing import Content, Deprecation, Listing, Revision
from listings.store.contract import listing_state, revision_state, to_message

REVIEWERS = "Directory review"
"""What publishers see in place of a reviewer's name."""


def whole(listing: Listing, without_review: Collection[str]) -> WireListing:
    """What its publisher sees."""
    answer = public(listing)
    answer.state_message = listing.state_message
    answer.without_review.extend(sorted(without_review))
    if listing.open_revision is not None:
        answer.open_revision.CopyFrom(revision(listing.open_revision))
    return answer


def public(listing: Listing) -> WireListing:
    """What anybody may see."""
    return WireListing(
        listing_id=listing.listing_id,
        organization_id=listing.organization_id,
        state=listing_state(listing.state),
        slug=listing.slug or "",
        slug_locked=listing.ever_published,
        live=to_message(listing.live),
        server_url=listing.server_url,
        transport=listing.transport,
        version=listing.version,
        first_published_at=listing.first_published_at,
        live_since=listing.live_since,
        deprecation=deprecation(listing.deprecation),
    )


def deprecation(deprecation: Deprecation | None) -> WireDeprecation | None:
    """What anybody may see."""
    if deprecation is None:
        return None
    return WireDeprecation(message=deprecation.message, successor=deprecation.successor, since=deprecation.since)


def revision(revision: Revision, *, before: Content | None = None) -> WireRevision:
    """What its publisher sees: reviewers have no names."""
    unsent = revision.unsent
    return WireRevision(
        revision_id=revision.revision_id,
        number=revision.number,
        state=revision_state(revision.state),
        content=to_message(revision.content),
        unsent_edits=to_message(unsent.content) if unsent else None,
        changed_fields=revision.changed_fields,
        edited_by_name=unsent.editor.name if unsent else revision.editor.name,
        decided_by_name=REVIEWERS if revision.decided_by_name else "",
        comment=revision.comment,
        reason_code=revision.reason_code,
        created_at=revision.created_at,
        submitted_at=revision.submitted_at,
        closed_at=revision.closed_at,
        submitted_by_name=revision.submitter.name,
        message=revision.message,
        restores_number=revision.restores_number or 0,
        applied_by_setting=revision.applied_by_setting,
        before=None if before is None else to_message(before),
    )
