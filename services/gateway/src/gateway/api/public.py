"""What anybody may read: the directory's live listings with their ranks, and their icons."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Literal

from chassis.errors import Unavailable
from directory.listings.v1.listing_pb2 import Listing
from directory.listings.v1.listings_service_pb2 import (
    IMAGE_FORMAT_WEBP,
    GetIconImageRequest,
    GetPublicListingRequest,
    ListPublicListingsRequest,
)
from flask import Response
from pydantic import BaseModel, Field

from gateway.api import blueprints
from gateway.api.answers import Answer
from gateway.api.document import ETAG
from gateway.api.paging import PageQuery, next_cursor
from gateway.api.paths import IconPath, SlugPath
from gateway.api.schemas import answer
from gateway.core import core
from gateway.public_answers import publicly
from gateway.ranking import Places
from gateway.shapes import to_json

blueprint = blueprints.public("directory", __name__)

# What is the publisher's alone stays out, whatever the service sends.
PRIVATE = ("organization_id", "open_revision", "version", "state_message", "slug_locked", "state")
# Icons are never changed: another picture has another id.
FOREVER = "public, max-age=31536000, immutable"
# What is filled in soon is asked for again soon.
FOR_A_MINUTE = "public, max-age=60"
_LARGEST = 65_536


class DirectoryQuery(PageQuery):
    """Which listings."""

    q: str = Field(default="", max_length=200, description="Part of the name or tagline.")
    category: str = Field(default="", max_length=60, description="A category's key.")
    sort: Literal["name", "rank"] = Field(default="name", description="By rank, servers without a rank follow by name.")


class PublicListing(answer(Listing.DESCRIPTOR, name="ListingWithoutPlace", omit=PRIVATE)):  # type: ignore[misc]
    """A live listing and its place."""

    rank: int | None = Field(description="Place by active users of 30 days; null where it has none, or none is known.")
    trending: bool = Field(description="Whether it is among those that grow most.")


class PublicListings(BaseModel):
    """A page of the directory."""

    listings: list[PublicListing]
    ranks_as_of: date | None = Field(description="The day that ranks are of; null where none are known.")
    next_cursor: str | None


class TrendingListings(BaseModel):
    """The listings that grow most, greatest growth first."""

    listings: list[PublicListing]
    ranks_as_of: date | None


@blueprint.get("/directory", responses={200: PublicListings}, openapi_extensions=ETAG)
def list_directory(query: DirectoryQuery) -> Answer:
    """Live listings by name or by rank."""
    by_rank = query.sort == "rank"
    places = _needed_places() if by_rank else core().ranking.places()
    request = ListPublicListingsRequest(
        search=query.q,
        category=query.category,
        page_size=query.limit,
        page_token=query.cursor,
        first=places.order if places and by_rank else (),
    )
    found = core().backends.public_listings.ListPublicListings(request)
    return publicly({**_listed(found.listings, places), "next_cursor": next_cursor(found.next_page_token)})


@blueprint.get("/trending", responses={200: TrendingListings}, openapi_extensions=ETAG)
def list_trending() -> Answer:
    """The live listings that grow most, greatest growth first; at most 10."""
    places = _needed_places()
    found = core().backends.public_listings.ListPublicListings(places.trending_row)
    return publicly(_listed(found.listings, places))


@blueprint.get("/directory/<slug>", responses={200: PublicListing}, openapi_extensions=ETAG)
def get_directory_listing(path: SlugPath) -> Answer:
    """A live listing."""
    request = GetPublicListingRequest(slug=path.slug)
    listing = core().backends.public_listings.GetPublicListing(request).listing
    return publicly(_with_place(listing, core().ranking.places()))


@blueprint.get(
    "/icons/<uuid:icon_id>/<int:size>.png",
    responses={200: {"description": "A PNG", "content": {"image/png": {"schema": {"type": "string"}}}}},
)
def get_icon(path: IconPath) -> Answer:
    """An icon at one of its sizes."""
    request = GetIconImageRequest(icon_id=str(path.icon_id), size=min(path.size, _LARGEST))
    png = core().backends.icons.GetIconImage(request).png
    return Response(png, mimetype="image/png", headers={"Cache-Control": FOREVER})


@blueprint.get(
    "/icons/<uuid:icon_id>/<int:size>.webp",
    responses={200: {"description": "A WebP", "content": {"image/webp": {"schema": {"type": "string"}}}}},
)
def get_icon_as_webp(path: IconPath) -> Answer:
    """An icon as WebP at that size, or the largest below it.

    An icon from before there was WebP is answered as PNG until the WebP is made, which takes a minute or so.
    """
    request = GetIconImageRequest(
        icon_id=str(path.icon_id), size=min(path.size, _LARGEST), format=IMAGE_FORMAT_WEBP, or_below=True
    )
    image = core().backends.icons.GetIconImage(request)
    if image.webp:
        return Response(image.webp, mimetype="image/webp", headers={"Cache-Control": FOREVER})
    return Response(image.png, mimetype="image/png", headers={"Cache-Control": FOR_A_MINUTE})


def _needed_places() -> Places:
    """Raises Unavailable where metrics never answered: another order would look like that of ranks."""
    places = core().ranking.places()
    if places is None:
        raise Unavailable(
            "UNAVAILABLE", "Ranks are not available at present. Try again, or read the directory by name."
        )
    return places


def _listed(listings: Iterable[Listing], places: Places | None) -> dict[str, Any]:
    return {
        "listings": [_with_place(listing, places) for listing in listings],
        "ranks_as_of": places.as_of or None if places else None,
    }


def _with_place(listing: Listing, places: Places | None) -> dict[str, Any]:
    return {
        **to_json(listing, omit=PRIVATE),
        "rank": places.ranks.get(listing.listing_id) if places else None,
        "trending": places is not None and listing.listing_id in places.trending,
    }
