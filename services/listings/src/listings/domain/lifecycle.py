"""How a listing follows its submission: created on approval, live on publication, taken off and put back.

Until its first publication a listing is a copy of what was approved last. From then on it is the authority on its own
words: only applied revisions change them, and the slug never changes again. While it is delisted its submission may go
through a review once more; what is approved then, words and address, is what comes back.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from listings.domain.listing import (
    NOBODY,
    Change,
    Content,
    Deprecation,
    Event,
    Listing,
    ListingState,
    Revision,
    RevisionClosed,
    RevisionState,
    StateChanged,
    changed_fields,
)
from listings.domain.revisions import take_back


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
    Once published, only a delisted listing takes an approval: that of its relisting. Its slug stays.
    """
    if listing is None:
        new = _unpublished(approved)
        return _taken_over(new, approved, (StateChanged(None, new.state, new.slug),), now=now, new_id=new_id)
    if not listing.ever_published:
        return _taken_over(replace(listing, slug=approved.slug), approved, (), now=now, new_id=new_id)
    same = (approved.content, approved.server_url, approved.transport) == (
        listing.live,
        listing.server_url,
        listing.transport,
    )
    if same or listing.state is not ListingState.DELISTED:
        return None
    return _relisted(listing, approved, now=now, new_id=new_id)


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


def take_off(listing: Listing, state: ListingState, message: str, *, now: datetime, new_id: str) -> Change | None:
    """Takes the listing off the directory; None when it already stands there or was never in it.

    A delisted listing comes back by an approval of its submission, and two reviews of its words at once would undo
    each other: so what is pending goes back to its publisher. A deprecation ends with delisting.
    """
    if listing.state is state or not listing.ever_published:
        return None
    before = take_back(listing, now=now, new_id=new_id) if state is ListingState.DELISTED else Change(listing)
    # One move, one version.
    same_version = replace(before.listing, version=listing.version)
    if state is ListingState.DELISTED:
        same_version = replace(same_version, deprecation=None)
    after = _changed_state(same_version, state, message=message, before=listing.state)
    return Change(after.listing, before.revisions, before.events + after.events)


def deprecate(listing: Listing, message: str, successor: str, *, now: datetime) -> Change:
    """Tells people not to begin with the server any more; one that is deprecated already gets other words."""
    since = listing.deprecation.since if listing.deprecation else now
    return _next_version(replace(listing, deprecation=Deprecation(message, successor, since)))


def undeprecate(listing: Listing) -> Change:
    """Tells people nothing of the kind any more."""
    return _next_version(replace(listing, deprecation=None))


def pass_on(listing: Listing, organization_id: str, *, now: datetime) -> Change | None:
    """Makes the listing another organization's, with everything of it; None where it passed on later than `now`.

    So the order in which transfers become known makes no difference.
    """
    if listing.owner_since is not None and now <= listing.owner_since:
        return None
    return _next_version(replace(listing, organization_id=organization_id, owner_since=now))


def _next_version(listing: Listing) -> Change:
    return Change(replace(listing, version=listing.version + 1))


def _changed_state(listing: Listing, state: ListingState, *, message: str, before: ListingState) -> Change:
    after = replace(listing, state=state, state_message=message, version=listing.version + 1)
    return Change(after, events=(StateChanged(before, state, after.slug),))


def _unpublished(approved: Approved) -> Listing:
    return Listing(
        listing_id=approved.listing_id,
        organization_id=approved.organization_id,
        state=ListingState.UNPUBLISHED,
        slug=approved.slug,
        live={},
        server_url=approved.server_url,
        transport=approved.transport,
        version=0,
    )


def _relisted(listing: Listing, approved: Approved, *, now: datetime, new_id: str) -> Change:
    """An open revision stays as its publisher left it; only what it changes is another thing now."""
    change = _taken_over(replace(listing, live_since=now), approved, (), now=now, new_id=new_id)
    closed = tuple(RevisionClosed(each.revision_id, each.state, approved.content) for each in change.revisions)
    if listing.open_revision is None:
        return replace(change, events=closed)
    fields = changed_fields(approved.content, listing.open_revision.latest)
    opened = replace(listing.open_revision, changed_fields=fields)
    return Change(replace(change.listing, open_revision=opened), (*change.revisions, opened), closed)


def _taken_over(
    listing: Listing, approved: Approved, events: tuple[Event, ...], *, now: datetime, new_id: str
) -> Change:
    if listing.last_number and approved.content == listing.live:
        revisions: tuple[Revision, ...] = ()
    else:
        revisions = (_approved_revision(listing, approved.content, now=now, new_id=new_id),)
    after = replace(
        listing,
        live=approved.content,
        server_url=approved.server_url,
        transport=approved.transport,
        last_number=listing.last_number + len(revisions),
        version=listing.version + 1,
    )
    return Change(after, revisions, events)


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
