"""A version: what stood in the directory from one change of a listing to the next."""

from dataclasses import dataclass
from datetime import datetime

from listings.domain.listing import Content, Deprecation, ListingState


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """Words, address and transport never change again; what is told of the listing beside them does."""

    listing_id: str
    slug: str
    number: int
    content: Content
    server_url: str
    transport: str
    is_latest: bool
    state: ListingState
    """Of the listing, now."""
    state_message: str
    published_at: datetime
    updated_at: datetime
    state_changed_at: datetime
    deprecation: Deprecation | None = None
    """Of the listing, now."""

    @property
    def message_to_users(self) -> str:
        """What a publisher tells on delisting. On a suspension the words are meant for the publisher alone."""
        return self.state_message if self.state is ListingState.DELISTED else ""
