"""Versions of listings as entries of an MCP registry: names, version texts and `server.json` of schema 2025-12-11.

The forms are those of the registry's OpenAPI document (github.com/modelcontextprotocol/registry, docs/reference/api).
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from chassis.formats import is_slug
from directory.listings.v1.listing_pb2 import ListingState
from directory.listings.v1.listing_version_pb2 import ListingVersion
from werkzeug.urls import iri_to_uri

PREFIX = "/v0.1"
SCHEMA = "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"
OFFICIAL = "io.modelcontextprotocol.registry/official"
LATEST = "latest"
# Where PUBLIC_URL has no domain to turn round.
LOCAL = "local.directory"
LONGEST_DESCRIPTION = 100
LONGEST_MESSAGE = 500
# A name has at most 200 characters, a slug at most 60.
_LONGEST_NAMESPACE = 139
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_NAMESPACE = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
_VERSION = re.compile(r"1\.0\.([1-9][0-9]{0,17})")
_REMOTES = MappingProxyType({"streamable_http": "streamable-http", "sse": "sse"})


def is_namespace(value: str) -> bool:
    """Whether it can stand before the slash of a name."""
    return len(value) <= _LONGEST_NAMESPACE and bool(_NAMESPACE.fullmatch(value))


def namespace_of(public_url: str) -> str:
    """The host of an address turned round: `com.example.directory` for `https://directory.example.com`."""
    host = (urlsplit(public_url).hostname or "").removesuffix(".")
    try:
        labels = host.encode("idna").decode().split(".")
    except UnicodeError:
        return LOCAL
    name = ".".join(reversed(labels))
    return name if is_namespace(name) and not labels[-1].isdigit() else LOCAL


def version_text(number: int) -> str:
    """A version's number as a semantic version."""
    return f"1.0.{number}"


def version_number(text: str) -> int | None:
    """The number in a version's text; None where it is none of ours."""
    found = _VERSION.fullmatch(text)
    return int(found[1]) if found else None


def entry(version: ListingVersion, *, namespace: str, public_url: str) -> dict[str, Any]:
    """What registry clients get of a version: `server` and what the registry itself says in `_meta`."""
    return {
        "server": _server(version, namespace, public_url),
        "_meta": {OFFICIAL: _standing(version), f"{namespace}/listing": _listing(version, namespace, public_url)},
    }


def shortened(text: str, longest: int) -> str:
    """The text, cut after a word and marked by an ellipsis where it is longer."""
    if len(text) <= longest:
        return text
    words = text[:longest].rpartition(" ")[0].rstrip(" ,;:.-")
    return f"{words or text[: longest - 1]}…"


def _server(version: ListingVersion, namespace: str, public_url: str) -> dict[str, Any]:
    content = version.content
    server: dict[str, Any] = {
        "$schema": SCHEMA,
        "name": f"{namespace}/{version.slug}",
        "title": content.display_name,
        "description": shortened(content.tagline, LONGEST_DESCRIPTION),
        "version": version_text(version.number),
        # Braces would make it a template: they are encoded with everything else that no URI has.
        "remotes": [{"type": _REMOTES[version.transport], "url": iri_to_uri(version.server_url)}],
    }
    if content.documentation_url:
        server["websiteUrl"] = iri_to_uri(content.documentation_url)
    # The schema wants https of icons.
    if content.icon_id and public_url.startswith("https://"):
        icon = f"{public_url}/api/v1/icons/{content.icon_id}/64.png"
        server["icons"] = [{"src": icon, "mimeType": "image/png", "sizes": ["64x64"]}]
    return server


def _standing(version: ListingVersion) -> dict[str, Any]:
    standing: dict[str, Any] = {
        "status": _status(version),
        "statusChangedAt": version.state_changed_at.ToJsonString(),
        "publishedAt": version.published_at.ToJsonString(),
        "updatedAt": version.updated_at.ToJsonString(),
        "isLatest": version.is_latest,
    }
    message = version.deprecation.message if _is_live(version) else version.state_message
    if message:
        standing["statusMessage"] = shortened(message, LONGEST_MESSAGE)
    return standing


def _status(version: ListingVersion) -> str:
    if not _is_live(version):
        return "deleted"
    return "deprecated" if version.HasField("deprecation") else "active"


def _listing(version: ListingVersion, namespace: str, public_url: str) -> dict[str, Any]:
    content = version.content
    listing: dict[str, Any] = {
        "tagline": content.tagline,
        "categories": list(content.categories),
        "documentationUrl": content.documentation_url,
        "privacyPolicyUrl": content.privacy_policy_url,
        "supportContact": content.support_contact,
        "companyName": content.company_name,
        "companyWebsite": content.company_website,
    }
    if _is_live(version):
        listing["url"] = f"{public_url}/directory/{version.slug}"
        if successor := version.deprecation.successor:
            # A server of this registry by its name, which begins with the namespace as its own does.
            listing["successor"] = f"{namespace}/{successor}" if is_slug(successor) else successor
    return listing


def _is_live(version: ListingVersion) -> bool:
    return version.state == ListingState.LISTING_STATE_LIVE
