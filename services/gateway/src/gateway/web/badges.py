"""The badge of a server: a small SVG for other people's pages, kept by caches for some minutes.

Pages that show it stay when the server leaves the directory, and many show no picture that comes with an error
status: what was ever in the directory has a badge for ever, which then says that it is not listed, and not why.
"""

from typing import Final

from chassis.errors import NotFound, Unavailable
from directory.listings.v1.listings_service_pb2 import GetPublicListingRequest, GetVersionRequest
from directory.metrics.v1.ranking_service_pb2 import GetServerBadgeRequest, GetServerBadgeResponse
from flask import Blueprint, Response, request
from markupsafe import Markup, escape

from gateway.core import core
from gateway.public_answers import conditional
from gateway.web import words

blueprint = Blueprint("badges", __name__, url_prefix="/badges")

FIVE_MINUTES: Final = "public, max-age=300"
_LABEL: Final = "MCP health"
_HEIGHT, _CHARACTER, _ROOM = 20, 7, 8
# White letters on each have a contrast of 4.5:1 or more.
_COLORS: Final = {"good": "#1a7f37", "attention": "#8a5a00", "bad": "#b42318"}
_PLAIN, _DARK = "#57606a", "#30363d"


@blueprint.get("/<slug>.svg")
def badge(slug: str) -> Response:
    """Health, and with `?rank=1` the place. NotFound for what never was in the directory."""
    try:
        listing = core().backends.public_listings.GetPublicListing(GetPublicListingRequest(slug=slug)).listing
    except NotFound:
        _require_ever_listed(slug)
        return _answer(svg(f"Health of {slug}", "not listed", _PLAIN), FIVE_MINUTES)
    try:
        found = core().backends.ranking.GetServerBadge(GetServerBadgeRequest(server_id=listing.listing_id))
        text, color, kept = *_shown(found, with_rank=request.args.get("rank") == "1"), FIVE_MINUTES
    except Unavailable:
        text, color, kept = "not available", _PLAIN, "public, max-age=30"
    return _answer(svg(f"Health of {listing.live.display_name}", text, color), kept)


def _require_ever_listed(slug: str) -> None:
    """Raises NotFound unless something stood under the slug, which everybody can read in the registry too."""
    core().backends.public_listings.GetVersion(GetVersionRequest(slug=slug, taken_off_too=True))


def _answer(picture: Markup, kept: str) -> Response:
    response = Response(picture, mimetype="image/svg+xml")
    response.headers.update(
        {
            "Content-Security-Policy": "default-src 'none'",
            "Access-Control-Allow-Origin": "*",
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
    )
    return conditional(response, kept=kept)


def svg(title: str, text: str, color: str) -> Markup:
    """The picture; texts are escaped, and nothing in it is fetched or run."""
    left, right = (len(part) * _CHARACTER + 2 * _ROOM for part in (_LABEL, text))
    said = f"{title}: {text}"
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" role="img" aria-label="{said}">'
        "<title>{said}</title>"
        '<rect width="{width}" height="{height}" rx="4" fill="{dark}"/>'
        '<path d="M{left} 0h{straight}a4 4 0 0 1 4 4v12a4 4 0 0 1-4 4h-{straight}z" fill="{color}"/>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">'
        '<text x="{left_middle}" y="14" textLength="{left_text}">{label}</text>'
        '<text x="{right_middle}" y="14" textLength="{right_text}">{text}</text></g></svg>'
    ).format(
        width=left + right,
        height=_HEIGHT,
        straight=right - 4,
        left=left,
        dark=_DARK,
        color=color,
        said=said,
        label=_LABEL,
        text=escape(text),
        left_middle=left / 2,
        right_middle=left + right / 2,
        left_text=left - 2 * _ROOM,
        right_text=right - 2 * _ROOM,
    )


def _shown(found: GetServerBadgeResponse, *, with_rank: bool) -> tuple[str, str]:
    word = words.health(found.health)
    text = f"{word.label} · #{found.rank:,}" if with_rank and found.HasField("rank") else word.label
    return text, _COLORS.get(word.tone, _PLAIN)
