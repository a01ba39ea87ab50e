"""PublicListingsService: what anybody may read, live listings only."""

from chassis import paging
from chassis.errors import InvalidInput
from chassis.formats import is_category, is_slug, is_uuid
from chassis.rpc.methods import read
from chassis.sql.database import Database
from directory.listings.v1 import listings_service_pb2 as pb
from directory.listings.v1.listings_service_pb2_grpc import PublicListingsServiceServicer
from sqlalchemy import Connection

from listings.api import answers
from listings.store import listings

MAX_SEARCH = 200


class PublicListingsApi(PublicListingsServiceServicer):
    """Needs no grant; the peers that may call it serve the public."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @read
    def GetPublicListing(
        self, request: pb.GetPublicListingRequest, connection: Connection
    ) -> pb.GetPublicListingResponse:
        """A live listing by its slug."""
        if not is_slug(request.slug):
            raise listings.not_found()
        return pb.GetPublicListingResponse(listing=answers.public(listings.get_live(connection, request.slug)))

    @read
    def ListPublicListings(
        self, request: pb.ListPublicListingsRequest, connection: Connection
    ) -> pb.ListPublicListingsResponse:
        """Live listings by name."""
        after = _place(request.page_token)
        if request.category and not is_category(request.category):
            return pb.ListPublicListingsResponse()
        size = paging.page_size(request.page_size)
        # PostgreSQL knows no U+0000, so no listing has one either.
        search = request.search.replace("\0", " ").strip()[:MAX_SEARCH]
        found = listings.list_live(connection, search=search, category=request.category, after=after, limit=size + 1)
        more = ""
        if len(found) > size:
            place, last = found[size - 1]
            more = paging.encode(place, last.listing_id)
        page = [answers.public(listing) for _, listing in found[:size]]
        return pb.ListPublicListingsResponse(listings=page, next_page_token=more)


def _place(token: str) -> tuple[str, str] | None:
    if not token:
        return None
    match paging.decode(token, 2):
        case [str(place), str(listing_id)] if is_uuid(listing_id) and "\0" not in place:
            return place, listing_id
    raise InvalidInput("PAGE_TOKEN_INVALID", "The page token is not one that this service made. Start at page one.")
