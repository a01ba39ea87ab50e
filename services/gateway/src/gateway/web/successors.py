"""What takes the place of a deprecated server, where pages name it."""

from chassis.errors import DirectoryError, NotFound
from directory.listings.v1.deprecation_pb2 import Deprecation
from directory.listings.v1.listings_service_pb2 import GetPublicListingRequest
from flask import url_for

from gateway.core import core
from gateway.web.rendering import is_web_address


def address(deprecation: Deprecation) -> str:
    """Where the page of a successor of this directory stands; empty where there is none, or none any more."""
    slug = deprecation.successor
    if not slug or is_web_address(slug):
        return ""
    try:
        core().backends.public_listings.GetPublicListing(GetPublicListingRequest(slug=slug))
    except NotFound:
        return ""
    except DirectoryError:  # not known at present: it was there when it was named
        pass
    return url_for("public.listing", slug=slug)
