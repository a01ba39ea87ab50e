"""What anybody can open: the start page, the directory, and a listing."""

from collections.abc import Callable, Sequence
from typing import Any, Final
from uuid import UUID

from directory.listings.v1.listing_pb2 import Listing
from directory.listings.v1.listings_service_pb2 import (
    GetPublicListingRequest,
    ListPublicListingsRequest,
    ListPublicListingsResponse,
)
from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from gateway import guards
from gateway.core import core
from gateway.ranking import Places
from gateway.web import connecting, successors, words
from gateway.web.posting import then
from gateway.web.rendering import page, viewer

blueprint = Blueprint("public", __name__)

BY_NAME: Final = "name"


@blueprint.get("/")
def start() -> ResponseReturnValue:
    """Where people begin: to sign in, or on to the one place that they have."""
    person = viewer()
    if person and person.staff_role and not person.memberships and not person.invitations:
        return redirect(url_for("review.queue"))
    if person and not person.staff_role and len(person.memberships) == 1:
        only = person.memberships[0].organization
        return redirect(url_for("dashboard.submissions", organization_id=only.organization_id))
    return page("public/start.html")


@blueprint.post("/invitations/<uuid:organization_id>/accept")
def accept_invitation(organization_id: UUID) -> ResponseReturnValue:
    """Somebody who is staff takes up a membership, and stops reviewing what is that organisation's."""
    guards.signed_in()
    core().access.accept(str(organization_id))
    return then("You belong to the organisation now.", "public.start")


@blueprint.get("/directory")
def directory() -> str:
    """Live listings by rank or name, and those that grow most on the first page of all."""
    search, token = request.args.get("search", "")[:200], request.args.get("page", "")
    category = request.args.get("category", "")
    category = category if category in words.categories() else ""
    places = core().ranking.places()
    order = places.order if places else ()
    by_name = not order or request.args.get("sort") == BY_NAME
    listed = ListPublicListingsRequest(
        search=search, category=category, page_token=token, first=() if by_name else order
    )
    is_first = not (search or category or token)
    found, trending = _found(listed, places if is_first else None)
    # A page by name is followed by one by name, also where metrics is back by then.
    asked = {"search": search, "category": category, "sort": BY_NAME if by_name else ""}
    query: dict[str, Any] = {name: value for name, value in asked.items() if value}
    following = found.next_page_token
    return page(
        "public/directory.html",
        section="public",
        listings=found.listings,
        trending=trending,
        places=places,
        sortable=bool(order),
        by_name=by_name,
        search=search,
        chosen_category=category,
        next_page=url_for("public.directory", **query, page=following) if following else "",
        first_page=url_for("public.directory", **query),
        paged=bool(token),
    )


@blueprint.get("/directory/<slug>")
def listing(slug: str) -> str:
    """A live listing."""
    found = core().backends.public_listings.GetPublicListing(GetPublicListingRequest(slug=slug)).listing
    places = core().ranking.places()
    crumbs = (("Directory", url_for("public.directory")), (found.live.display_name, ""))
    return page(
        "public/listing.html",
        section="public",
        crumbs=crumbs,
        listing=found,
        rank=places.ranks.get(found.listing_id) if places else None,
        is_trending=places is not None and found.listing_id in places.trending,
        command=connecting.command(found),
        configuration=connecting.configuration(found),
        successor_address=successors.address(found.deprecation),
        preview_of="",
    )


def _found(
    listed: ListPublicListingsRequest, places: Places | None
) -> tuple[ListPublicListingsResponse, Sequence[Listing]]:
    """The page that was asked for and the row of trending servers, which the page can do without."""
    service = core().backends.public_listings
    calls: dict[str, Callable[[float], ListPublicListingsResponse]] = {
        "listed": lambda left: service.ListPublicListings(listed, timeout=left)
    }
    if places and places.trending:
        row = places.trending_row
        calls["trending"] = lambda left: service.ListPublicListings(row, timeout=left)
    sections = core().fanout.gather(calls)
    shown = sections["trending"].value if "trending" in sections else None
    return sections["listed"].need(), shown.listings if shown else ()
