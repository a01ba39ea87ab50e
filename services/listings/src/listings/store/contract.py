"""The domain's values as the contract's, and back."""

from typing import cast

from directory.listings.v1.listing_content_pb2 import ListingContent
from directory.listings.v1.listing_pb2 import ListingState as WireListingState
from directory.listings.v1.listing_pb2 import RevisionState as WireRevisionState
from google.protobuf.json_format import MessageToDict, ParseDict

from listings.domain.listing import Content, ListingState, RevisionState


def to_content(message: ListingContent) -> Content:
    """The fields that are set, under their names in the contract."""
    content: Content = MessageToDict(message, preserving_proto_field_name=True)
    return content


def to_message(content: Content) -> ListingContent:
    """The message again. A field that a later version of the contract stored is left out."""
    return ParseDict(dict(content), ListingContent(), ignore_unknown_fields=True)


def listing_state(state: ListingState | None) -> WireListingState:
    """The contract's value; UNSPECIFIED for None."""
    return cast(WireListingState, WireListingState.Value(f"LISTING_STATE_{state.name if state else 'UNSPECIFIED'}"))


def revision_state(state: RevisionState) -> WireRevisionState:
    """The contract's value."""
    return cast(WireRevisionState, WireRevisionState.Value(f"REVISION_STATE_{state.name}"))
