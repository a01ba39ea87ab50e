"""What search engines read: where they may go, and which pages there are."""

from datetime import datetime
from typing import Final
from xml.sax.saxutils import escape

from directory.listings.v1.listing_pb2 import Listing
from directory.listings.v1.listings_service_pb2 import ListPublicListingsRequest
from flask import Blueprint, Response, url_for

from gateway.core import core
from gateway.public_answers import conditional
from gateway.web.figures import moment

blueprint = Blueprint("crawlers", __name__)

HOUR: Final = "public, max-age=3600"
# Ten calls a map at most; what it leaves out is linked from the directory's pages.
PAGES: Final = 10
PAGE_SIZE: Final = 100
_ROBOTS: Final = """User-agent: *
Allow: /directory
Disallow: /organizations/
Disallow: /review
Disallow: /sign-in
Disallow: /sign-out

Sitemap: {public_url}/sitemap.xml
"""


@blueprint.get("/robots.txt")
def robots() -> Response:
    """The public pages are for everybody, the others for people who sign in."""
    text = _ROBOTS.format(public_url=core().settings.public_url)
    return conditional(Response(text, mimetype="text/plain"), kept=HOUR)


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """The directory and its listings, a thousand at most: those of the first places before the others."""
    addresses = [_address(url_for("public.directory"), None)]
    addresses += [_address(url_for("public.listing", slug=one.slug), moment(one.live_since)) for one in _listings()]
    body = "\n".join(addresses)
    document = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{body}\n</urlset>\n'
    )
    return conditional(Response(document, mimetype="application/xml"), kept=HOUR)


def _listings() -> list[Listing]:
    places = core().ranking.places()
    request = ListPublicListingsRequest(first=places.order if places else (), page_size=PAGE_SIZE)
    found: list[Listing] = []
    for _ in range(PAGES):
        page = core().backends.public_listings.ListPublicListings(request)
        found.extend(page.listings)
        request.page_token = page.next_page_token
        if not request.page_token:
            break
    return found


def _address(path: str, changed: datetime | None) -> str:
    last = f"<lastmod>{changed.isoformat(timespec='seconds')}</lastmod>" if changed else ""
    return f"<url><loc>{escape(core().settings.public_url + path)}</loc>{last}</url>"
