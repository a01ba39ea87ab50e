"""Versions as the public sees them."""

from directory.listings.v1.listing_version_pb2 import ListingVersion

from listings.api import answers
from listings.domain.versions import Version
from listings.store.contract import listing_state, to_message


def version(version: Version) -> ListingVersion:
    """What anybody may see."""
    return ListingVersion(
        listing_id=version.listing_id,
        slug=version.slug,
        number=version.number,
        content=to_message(version.content),
        server_url=version.server_url,
        transport=version.transport,
        is_latest=version.is_latest,
        state=listing_state(version.state),
        state_message=version.message_to_users,
        published_at=version.published_at,
        updated_at=version.updated_at,
        state_changed_at=version.state_changed_at,
        deprecation=answers.deprecation(version.deprecation),
    )
