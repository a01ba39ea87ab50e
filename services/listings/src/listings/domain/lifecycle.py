"""How a listing follows its submission: created on approval, live on publication, taken off and put back.

Until its first publication a listing is a copy of what was approved last. From then on it is the authority on its own
words: only applied revisions change them, and neither slug nor address changes through the submission again.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from listings.domain.listing import (
    NOBODY,
    Change,
    Content,
    Event,
    Listing,
    ListingState,
    Revision,
    RevisionState,
    StateChanged,
    changed_fields,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """What was approved. `slug` is None where another listing has it for good."""

    listing_id: str
    organization_id: str
    content: Content
    slug: str | None
    server_url: str
    transport: str


def approve(listing: Listing | None, approved: Approved, *, now: datetime, new_id: str) -> Change | None:
    """Creates the listing, or replaces what an earlier approval brought; None when there is nothing to do.

    Each approved content that differs from the one before becomes the next applied revision; the first is number 1.
    A listing that was ever published is left as it is.
    """
    if listing is not None and listing.ever_published:
        return None
    events: tuple[Event, ...] = ()
    if listing is None:
        listing = Listing(
            listing_id=approved.listing_id,
            organization_id=approved.organization_id,
            state=ListingState.UNPUBLISHED,
            slug=approved.slug,
            live={},
            server_url=approved.server_url,
            transport=approved.transport,
            version=0,
        )
        events = (StateChanged(None, listing.state, listing.slug),)
    if listing.last_number and approved.content == listing.live:
        revisions: tuple[Revision, ...] = ()
    else:
        revisions = (_approved_revision(listing, approved.content, now=now, new_id=new_id),)
    after = replace(
        listing,
        slug=approved.slug,
        live=approved.content,
        server_url=approved.server_url,
        transport=approved.transport,
        last_number=listing.last_number + len(revisions),
        version=listing.version + 1,
    )
    return Change(after, revisions, events)


def publish(listing: Listing, *, slug: str | None, now: datetime) -> Change | None:
    """Puts the listing into the directory: first publication, relisting or reinstatement; None if it is there.

    The first publication takes `slug` for good. Without one (another listing has it) the listing cannot go live.
    """
    if listing.state is ListingState.LIVE:
        return None
    after = listing
    if not listing.ever_published:
        if slug is None:
            return None
        after = replace(listing, slug=slug, first_published_at=now, live_since=now)
    return _changed_state(after, ListingState.LIVE, message="", before=listing.state)


def take_off(listing: Listing, state: ListingState, message: str) -> Change | None:
    """Takes the listing off the directory; None when it already stands there or was never in it."""
    if listing.state is state or not listing.ever_published:
        return None
    return _changed_state(listing, state, message=message, before=listing.state)


def _changed_state(listing: Listing, state: ListingState, *, message: str, before: ListingState) -> Change:
    after = replace(listing, state=state, state_message=message, version=listing.version + 1)
    return Change(after, events=(StateChanged(before, state, after.slug),))


def _approved_revision(listing: Listing, content: Content, *, now: datetime, new_id: str) -> Revision:
    return Revision(
        revision_id=new_id,
        number=listing.last_number + 1,
        state=RevisionState.APPLIED,
        content=content,
        editor=NOBODY,
        created_at=now,
        changed_fields=changed_fields(listing.live, content),
        submitted_at=now,
        closed_at=now,
    )
