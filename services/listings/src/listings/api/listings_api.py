"""ListingsService: what publishers do with their listings."""

from collections.abc import Collection, Iterable

from chassis import clock, paging
from chassis.errors import VersionMismatch, Violation
from chassis.grants import Grant
from chassis.ids import new_id
from chassis.rpc.caller import publisher
from chassis.rpc.methods import read, write
from chassis.sql.database import Database, UnitOfWork
from directory.listings.v1 import listings_service_pb2 as pb
from directory.listings.v1.listing_pb2 import Listing as WireListing
from directory.listings.v1.listing_pb2 import RevisionState as WireRevisionState
from directory.listings.v1.listings_service_pb2_grpc import ListingsServiceServicer
from sqlalchemy import Connection

from listings.api import answers, edits
from listings.domain import revisions
from listings.domain.listing import Listing, Person, RevisionState
from listings.store import changes, listings, trust
from listings.store import revisions as revision_rows


class ListingsApi(ListingsServiceServicer):
    """Each write: the caller's right, the own listing locked, its version compared, one move, one transaction."""

    def __init__(self, database: Database, *, auto_apply_fields: Collection[str] = ()) -> None:
        self.database = database
        self._auto_apply_fields = auto_apply_fields

    @read
    def GetListing(self, request: pb.GetListingRequest, connection: Connection) -> pb.GetListingResponse:
        """One listing with its open revision."""
        listing = listings.get_own(connection, request.listing_id, publisher().organization_id)
        return pb.GetListingResponse(listing=self._answer(connection, listing))

    @write
    def SaveRevision(self, request: pb.SaveRevisionRequest, uow: UnitOfWork) -> pb.SaveRevisionResponse:
        """Saves edits; nothing live changes."""
        grant = publisher()
        listing = _own(uow, request.listing_id, grant.organization_id, version=request.version)
        revisions.require_live(listing)
        content = edits.merged(revisions.edited_content(listing), request)
        edits.require_own_icon(uow.connection, content, grant.organization_id)
        now = clock.now()
        change = revisions.save(listing, content, editor=_person(grant), now=now, new_id=new_id())
        if change.listing is not listing:
            changes.write(uow, change, now=now)
        return pb.SaveRevisionResponse(listing=self._answer(uow.connection, change.listing))

    @write
    def SubmitRevision(self, request: pb.SubmitRevisionRequest, uow: UnitOfWork) -> pb.SubmitRevisionResponse:
        """Submits the saved edits for review."""
        grant = publisher()
        listing = _own(uow, request.listing_id, grant.organization_id, version=request.version)
        edits.require_complete(revisions.content_to_submit(listing))
        message = edits.message_to_reviewer(request.message)
        now = clock.now()
        change = revisions.submit(
            listing,
            message,
            submitter=_person(grant),
            now=now,
            new_id=new_id(),
            without_review=self._without_review(uow.connection, grant.organization_id),
        )
        changes.write(uow, change, now=now)
        return pb.SubmitRevisionResponse(listing=self._answer(uow.connection, change.listing))

    @write
    def DiscardRevision(self, request: pb.DiscardRevisionRequest, uow: UnitOfWork) -> pb.DiscardRevisionResponse:
        """Gives up the open revision and its unsent edits."""
        listing = _own(uow, request.listing_id, publisher().organization_id, version=request.version)
        now = clock.now()
        change = revisions.discard(listing, now=now)
        changes.write(uow, change, now=now)
        return pb.DiscardRevisionResponse(listing=self._answer(uow.connection, change.listing))

    @write
    def RestoreRevision(self, request: pb.RestoreRevisionRequest, uow: UnitOfWork) -> pb.RestoreRevisionResponse:
        """Begins a new revision with the content of an applied one."""
        grant = publisher()
        listing = _own(uow, request.listing_id, grant.organization_id, version=request.version)
        told = revision_rows.get_told(uow.connection, listing.listing_id, request.revision_id)
        now = clock.now()
        change = revisions.restore(listing, told.revision, editor=_person(grant), now=now, new_id=new_id())
        # The rules of today: an old revision may have passed others.
        edits.require_valid(told.revision.content)
        edits.require_own_icon(uow.connection, told.revision.content, grant.organization_id)
        changes.write(uow, change, now=now)
        return pb.RestoreRevisionResponse(listing=self._answer(uow.connection, change.listing))

    @read
    def GetRevision(self, request: pb.GetRevisionRequest, connection: Connection) -> pb.GetRevisionResponse:
        """One revision."""
        listing = listings.get_own(connection, request.listing_id, publisher().organization_id)
        told = revision_rows.get_told(connection, listing.listing_id, request.revision_id)
        return pb.GetRevisionResponse(revision=answers.revision(told.revision, before=told.before))

    @read
    def ListRevisions(self, request: pb.ListRevisionsRequest, connection: Connection) -> pb.ListRevisionsResponse:
        """All revisions, latest first."""
        listing = listings.get_own(connection, request.listing_id, publisher().organization_id)
        size = paging.page_size(request.page_size)
        found = revision_rows.latest(
            connection,
            listing.listing_id,
            states=_states(request.states),
            below=paging.number(request),
            limit=size + 1,
        )
        more = paging.encode(request, found[size - 1].revision.number) if len(found) > size else ""
        page = [answers.revision(told.revision, before=told.before) for told in found[:size]]
        return pb.ListRevisionsResponse(revisions=page, next_page_token=more)

    def _answer(self, connection: Connection, listing: Listing) -> WireListing:
        return answers.whole(listing, self._without_review(connection, listing.organization_id))

    def _without_review(self, connection: Connection, organization_id: str) -> Collection[str]:
        asks = self._auto_apply_fields and trust.is_trusted(connection, organization_id)
        return self._auto_apply_fields if asks else ()


def _person(grant: Grant) -> Person:
    return Person(grant.person_id, grant.name)


def _own(uow: UnitOfWork, listing_id: str, organization_id: str, *, version: int) -> Listing:
    listing = listings.get_own(uow.connection, listing_id, organization_id, lock=True)
    if listing.version != version:
        raise VersionMismatch(
            "VERSION_MISMATCH",
            "Somebody else changed the listing in between. Look at it again.",
            current_version=listing.version,
        )
    return listing


def _states(wanted: Iterable[int]) -> list[RevisionState]:
    try:
        names = [WireRevisionState.Name(number).removeprefix("REVISION_STATE_") for number in wanted]
        return [RevisionState[name] for name in names]
    except (ValueError, KeyError):
        raise edits.invalid([Violation("/states", "UNKNOWN_VALUE", "Choose states of revisions.")]) from None
