"""What anybody can open: the start page, the directory, and a listing."""

from typing import Any

from directory.listings.v1.listings_service_pb2 import GetPublicListingRequest, ListPublicListingsRequest
from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from gateway.core import core
from gateway.web import words
from gateway.web.rendering import page, viewer

blueprint = Blueprint("public", __name__)


@blueprint.get("/")
def start() -> ResponseReturnValue:
    """Where people begin: to sign in, or on to the one place that they have."""
    person = viewer()
    if person and person.staff_role and not person.memberships:
        return redirect(url_for("review.queue"))
    if person and not person.staff_role and len(person.memberships) == 1:
        only = person.memberships[0].organization
        return redirect(url_for("dashboard.submissions", organization_id=only.organization_id))
    return page("public/start.html")


@blueprint.get("/directory")
def directory() -> str:
    """Live listings by name."""
    search, token = request.args.get("search", "")[:200], request.args.get("page", "")
    category = request.args.get("category", "")
    category = category if category in words.categories() else ""
    listed = core().backends.public_listings.ListPublicListings(
        ListPublicListingsRequest(search=search, category=category, page_token=token)
    )
    query: dict[str, Any] = {name: value for name, value in (("search", search), ("category", category)) if value}
    following = listed.next_page_token
    return page(
        "public/directory.html",
        section="public",
        listings=listed.listings,
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
    crumbs = (("Directory", url_for("public.directory")), (found.live.display_name, ""))
    return page("public/listing.html", section="public", crumbs=crumbs, listing=found)
