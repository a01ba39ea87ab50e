"""PublicListingsService: what anybody may read: live listings, and the versions that stood in the directory."""

from datetime import UTC, datetime

from chassis import paging
from chassis.formats import is_category, is_slug, is_uuid
from chassis.rpc.methods import lookup, read
from chassis.sql.database import Database
from directory.listings.v1 import listings_service_pb2 as pb
from directory.listings.v1.listings_service_pb2_grpc import PublicListingsServiceServicer
from sqlalchemy import Connection

from listings.api import answers, version_answers
from listings.store import directory, listings, versions

MAX_SEARCH = 200
MAX_FIRST = 1000
# The order of ranks changes while pages are turned; that there is one does not.
_RANKED = ("first",)


class PublicListingsApi(PublicListingsServiceServicer):
    """Needs no grant; the peers that may call it serve the public."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @read
    def GetPublicListing(
        self, request: pb.GetPublicListingRequest, connection: Connection
    ) -> pb.GetPublicListingResponse:
        """A live listing by its slug."""
        slug = _slug(request.slug)
        return pb.GetPublicListingResponse(listing=answers.public(listings.get_live(connection, slug)))

    @read
    def ListPublicListings(
        self, request: pb.ListPublicListingsRequest, connection: Connection
    ) -> pb.ListPublicListingsResponse:
        """Live listings, those that the caller names first and the others by name."""
        after = _place(request)
        if after and bool(after[0]) != bool(request.first):  # of the other order
            raise paging.invalid()
        if request.category and not is_category(request.category):
            return pb.ListPublicListingsResponse()
        wanted = directory.Wanted(
            search=_search(request.search),
            category=request.category,
            first=tuple(one for one in dict.fromkeys(request.first[:MAX_FIRST]) if is_uuid(one)),
            first_only=request.first_only,
        )
        size = paging.page_size(request.page_size)
        found = directory.list_live(connection, wanted, after=after, limit=size + 1)
        more = paging.encode(request, *found[size - 1][0], but=_RANKED) if len(found) > size else ""
        page = [answers.public(listing) for _, listing in found[:size]]
        return pb.ListPublicListingsResponse(listings=page, next_page_token=more)

    @lookup
    def ListVersions(self, request: pb.ListVersionsRequest, connection: Connection) -> pb.ListVersionsResponse:
        """Versions of all listings in the order in which they were last updated."""
        after = _updated_place(request)
        wanted = versions.Wanted(
            search=_search(request.search),
            name_prefix=request.name_prefix,
            updated_since=_moment(request),
            latest_only=request.latest_only,
            number=request.number or None,
            taken_off_too=request.taken_off_too,
        )
        size = paging.page_size(request.page_size)
        found = versions.list_updated(connection, wanted, after=after, limit=size + 1)
        more = ""
        if len(found) > size:
            last = found[size - 1]
            more = paging.encode(request, last.updated_at, last.listing_id, last.number)
        page = [version_answers.version(each) for each in found[:size]]
        return pb.ListVersionsResponse(versions=page, next_page_token=more)

    @lookup
    def ListVersionsOfListing(
        self, request: pb.ListVersionsOfListingRequest, connection: Connection
    ) -> pb.ListVersionsOfListingResponse:
        """Versions of one listing, latest first."""
        size = paging.page_size(request.page_size)
        found = versions.list_of_listing(
            connection,
            _slug(request.slug),
            taken_off_too=request.taken_off_too,
            below=paging.number(request),
            limit=size + 1,
        )
        more = paging.encode(request, found[size - 1].number) if len(found) > size else ""
        page = [version_answers.version(each) for each in found[:size]]
        return pb.ListVersionsOfListingResponse(versions=page, next_page_token=more)

    @lookup
    def GetVersion(self, request: pb.GetVersionRequest, connection: Connection) -> pb.GetVersionResponse:
        """One version of a listing."""
        slug, number = _slug(request.slug), request.number or None
        found = versions.get(connection, slug, number, taken_off_too=request.taken_off_too)
        return pb.GetVersionResponse(version=version_answers.version(found))


def _slug(slug: str) -> str:
    if not is_slug(slug):
        raise listings.not_found()
    return slug


def _search(words: str) -> str:
    # PostgreSQL knows no U+0000, so no listing has one either.
    return words.replace("\0", " ").strip()[:MAX_SEARCH]


def _moment(request: pb.ListVersionsRequest) -> datetime | None:
    return request.updated_since.ToDatetime(tzinfo=UTC) if request.HasField("updated_since") else None


def _place(request: pb.ListPublicListingsRequest) -> directory.Place | None:
    match paging.decode(request, but=_RANKED):
        case []:
            return None
        case [place, str(name), str(listing_id)] if _is_row(name, listing_id):
            if paging.is_number(place, 0, MAX_FIRST + 1):
                return place, name, listing_id
        # As the version before made them: they may be in use while it is replaced.
        case [str(name), str(listing_id)] if _is_row(name, listing_id):
            return 0, name, listing_id
    raise paging.invalid()


def _updated_place(request: pb.ListVersionsRequest) -> versions.Place | None:
    match paging.decode(request):
        case []:
            return None
        case [updated_at, str(listing_id), number] if is_uuid(listing_id) and paging.is_number(number):
            return paging.moment(updated_at), listing_id, number
    raise paging.invalid()


def _is_row(name: str, listing_id: str) -> bool:
    storable = name.replace("\0", "").encode(errors="ignore").decode()
    return is_uuid(listing_id) and name == storable
