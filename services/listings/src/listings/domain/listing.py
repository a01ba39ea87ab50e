"""A listing and its revisions as values. Each change makes new values; the store writes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

Content = Mapping[str, object]
"""The public words: field of `directory.listings.v1.ListingContent` to its value, as in JSON; unset fields absent."""


class ListingState(StrEnum):
    """Where a listing stands."""

    UNPUBLISHED = "unpublished"
    LIVE = "live"
    SUSPENDED = "suspended"
    DELISTED = "delisted"


class RevisionState(StrEnum):
    """Where a revision stands."""

    EDITING = "editing"
    PENDING = "pending"
    APPLIED = "applied"
    REJECTED = "rejected"
    CHANGES_REQUESTED = "changes_requested"
    DISCARDED = "discarded"
    SUPERSEDED = "superseded"


OPEN = frozenset({RevisionState.EDITING, RevisionState.PENDING, RevisionState.CHANGES_REQUESTED})
"""States in which a revision is in somebody's hands. A listing has at most one such revision."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who did something. The name stays as it was then."""

    person_id: str
    name: str


NOBODY = Person(person_id="", name="")


@dataclass(frozen=True, slots=True)
class UnsentEdits:
    """Edits saved on top of a submitted revision; reviewers do not see them."""

    content: Content
    editor: Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A change of a listing's words."""

    revision_id: str
    number: int
    state: RevisionState
    content: Content
    editor: Person
    created_at: datetime
    unsent: UnsentEdits | None = None
    changed_fields: tuple[str, ...] = ()
    """Fields in which `unsent`, or else `content`, differs from what was live while the revision was open."""
    message: str = ""
    submitter: Person = NOBODY
    submitted_at: datetime | None = None
    decided_by_name: str = ""
    comment: str = ""
    reason_code: str = ""
    closed_at: datetime | None = None
    restores_number: int | None = None
    """Number of the applied revision whose content this one began with."""
    applied_by_setting: bool = False
    """Whether it went live without a person."""

    @property
    def latest(self) -> Content:
        """What the publisher sees and goes on editing."""
        return self.unsent.content if self.unsent else self.content


@dataclass(frozen=True, slots=True)
class Deprecation:
    """What people are told of a server that nobody should begin with any more, and what takes its place, if anything:
    a slug or an https URL."""

    message: str
    successor: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What the directory shows of a server, with its open revision."""

    listing_id: str
    organization_id: str
    state: ListingState
    slug: str | None
    """None while another listing took over the slug of this one, which was never published."""
    live: Content
    server_url: str
    transport: str
    version: int = 1
    last_number: int = 0
    """Number of the latest revision."""
    open_revision: Revision | None = None
    first_published_at: datetime | None = None
    live_since: datetime | None = None
    state_message: str = ""
    deprecation: Deprecation | None = None
    owner_since: datetime | None = None
    """When it passed to its organization; None where that is the first one."""

    @property
    def ever_published(self) -> bool:
        return self.first_published_at is not None


@dataclass(frozen=True, slots=True)
class RevisionSubmitted:
    """A revision waits for a reviewer."""

    revision: Revision
    before: Content
    supersedes_revision_id: str


@dataclass(frozen=True, slots=True)
class RevisionClosed:
    """A revision left the publisher's or the reviewer's hands."""

    revision_id: str
    state: RevisionState
    live: Content


@dataclass(frozen=True, slots=True)
class RevisionAppliedBySetting:
    """A revision went live without a person; `before` was live."""

    revision: Revision
    before: Content


@dataclass(frozen=True, slots=True)
class StateChanged:
    """A listing was created, went live or was taken off."""

    before: ListingState | None
    after: ListingState
    slug: str | None


@dataclass(frozen=True, slots=True)
class DecisionVoided:
    """A decision came too late."""

    revision_id: str
    state: RevisionState


Event = RevisionSubmitted | RevisionClosed | RevisionAppliedBySetting | StateChanged | DecisionVoided


@dataclass(frozen=True, slots=True)
class Change:
    """What a move did: the listing afterwards; revisions to write and events to send, each in their order."""

    listing: Listing
    revisions: tuple[Revision, ...] = field(default=())
    events: tuple[Event, ...] = field(default=())


def changed_fields(before: Content, after: Content) -> tuple[str, ...]:
    """JSON Pointers of the fields whose values differ, sorted."""
    names = before.keys() | after.keys()
    return tuple(sorted(f"/{name}" for name in names if before.get(name) != after.get(name)))
