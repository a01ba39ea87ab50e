"""What anybody may read: the directory's live listings and their icons."""

from __future__ import annotations

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
from gateway.shapes import to_json

blueprint = blueprints.public("directory", __name__)

# What is the publisher's alone stays out, whatever the service sends.
PRIVATE = ("organization_id", "open_revision", "version", "state_message", "slug_locked", "state")
PUBLIC = answer(Listing.DESCRIPTOR, name="PublicListing", omit=PRIVATE)
# Icons are never changed: another picture has another id.
FOREVER = "public, max-age=31536000, immutable"
# What is filled in soon is asked for again soon.
FOR_A_MINUTE = "public, max-age=60"
_LARGEST = 65_536


class DirectoryQuery(PageQuery):
    """Which listings."""

    q: str = Field(default="", max_length=200, description="Part of the name or tagline.")
    category: str = Field(default="", max_length=60, description="A category's key.")


class PublicListings(BaseModel):
    """A page of the directory, by name."""

    listings: list[PUBLIC]  # type: ignore[valid-type]
    next_cursor: str | None


@blueprint.get("/directory", responses={200: PublicListings}, openapi_extensions=ETAG)
def list_directory(query: DirectoryQuery) -> Answer:
    """Live listings by name."""
    request = ListPublicListingsRequest(
        search=query.q, category=query.category, page_size=query.limit, page_token=query.cursor
    )
    found = core().backends.public_listings.ListPublicListings(request)
    listings = [to_json(listing, omit=PRIVATE) for listing in found.listings]
    return publicly({"listings": listings, "next_cursor": next_cursor(found.next_page_token)})


@blueprint.get("/directory/<slug>", responses={200: PUBLIC}, openapi_extensions=ETAG)
def get_directory_listing(path: SlugPath) -> Answer:
    """A live listing."""
    request = GetPublicListingRequest(slug=path.slug)
    listing = core().backends.public_listings.GetPublicListing(request).listing
    return publicly(to_json(listing, omit=PRIVATE))


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
