"""The MCP Registry read API: this directory as a registry for MCP clients. Shapes and names are the registry's own."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from chassis.errors import NotFound
from directory.listings.v1.listing_version_pb2 import ListingVersion
from directory.listings.v1.listings_service_pb2 import (
    GetVersionRequest,
    ListVersionsOfListingRequest,
    ListVersionsRequest,
)
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from gateway import registry
from gateway.api import blueprints
from gateway.api.answers import Answer
from gateway.api.document import ETAG
from gateway.core import core
from gateway.public_answers import publicly

blueprint = blueprints.public("registry", __name__, prefix=registry.PREFIX)

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.IGNORECASE)


def _written(value: object) -> object:
    if value == "":
        return None
    if isinstance(value, str) and not _RFC_3339.fullmatch(value):
        raise ValueError("use RFC 3339 with a time zone, for example 2026-08-07T13:15:04Z")
    return value


def _in_utc(moment: datetime | None) -> datetime | None:
    try:
        return moment and moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("use a moment between the years 1 and 9999 UTC") from None


Moment = Annotated[datetime | None, BeforeValidator(_written), AfterValidator(_in_utc)]
Cursor = Annotated[str, Field(max_length=2048, description="`metadata.nextCursor` of the page before.")]
Deleted = Annotated[bool, Field(description="Also servers that were taken off the directory.")]


class _Query(BaseModel):
    # Clients may send what other registries know and this one does not.
    model_config = ConfigDict(extra="ignore")


class ServersQuery(_Query):
    """Which versions of which servers."""

    cursor: Cursor = ""
    limit: int = Field(default=30, ge=1, le=100, description="At most this many.")
    search: str = Field(default="", max_length=200, description="Part of name, title or description.")
    updated_since: Moment = Field(
        default=None, description="Only what was updated after this moment (RFC 3339), deleted servers included."
    )
    version: str = Field(default="", max_length=255, description="`latest`, or an exact version.")
    include_deleted: Deleted = False


class VersionsQuery(_Query):
    """Which versions of a server."""

    cursor: Cursor = ""
    limit: int = Field(default=100, ge=1, le=100, description="At most this many.")
    include_deleted: Deleted = False


class VersionQuery(_Query):
    """Whether a deleted server counts."""

    include_deleted: Deleted = False


class ServerPath(BaseModel):
    """A server's name: namespace and slug with a slash between, which may be encoded (`%2F`)."""

    namespace: str
    slug: str


class VersionPath(ServerPath):
    """A version of a server, or `latest`."""

    version: str


class RegistryServer(BaseModel):
    """A version of a server."""

    server: dict[str, Any] = Field(description="`server.json` of schema 2025-12-11.")
    meta: dict[str, Any] = Field(alias="_meta", description="What the registry says of it.")


class RegistryMetadata(BaseModel):
    """Where the list goes on."""

    count: int
    next_cursor: str | None = Field(default=None, alias="nextCursor", description="Absent on the last page.")


class RegistryServers(BaseModel):
    """A page of versions."""

    servers: list[RegistryServer]
    metadata: RegistryMetadata


@blueprint.get("/servers", responses={200: RegistryServers}, openapi_extensions=ETAG)
def list_registry_servers(query: ServersQuery) -> Answer:
    """Versions of all servers, updated longest ago first."""
    number = registry.version_number(query.version)
    if number is None and query.version not in ("", registry.LATEST):
        return _page([], "")
    request = ListVersionsRequest(
        search=query.search,
        name_prefix=f"{core().settings.namespace}/",
        updated_since=query.updated_since,
        latest_only=query.version == registry.LATEST,
        number=number or 0,
        # Who keeps a copy has to hear of what went.
        taken_off_too=query.include_deleted or query.updated_since is not None,
        page_size=query.limit,
        page_token=query.cursor,
    )
    found = core().backends.public_listings.ListVersions(request)
    return _page(found.versions, found.next_page_token)


@blueprint.get("/servers/<namespace>/<slug>/versions", responses={200: RegistryServers}, openapi_extensions=ETAG)
def list_registry_versions(path: ServerPath, query: VersionsQuery) -> Answer:
    """Versions of one server, latest first."""
    request = ListVersionsOfListingRequest(
        slug=_slug(path),
        taken_off_too=query.include_deleted,
        page_size=query.limit,
        page_token=query.cursor,
    )
    found = core().backends.public_listings.ListVersionsOfListing(request)
    return _page(found.versions, found.next_page_token)


@blueprint.get(
    "/servers/<namespace>/<slug>/versions/<version>", responses={200: RegistryServer}, openapi_extensions=ETAG
)
def get_registry_version(path: VersionPath, query: VersionQuery) -> Answer:
    """One version of a server; `latest` is the latest."""
    number = 0 if path.version == registry.LATEST else registry.version_number(path.version)
    if number is None:
        raise NotFound("LISTING_NOT_FOUND", "There is no such version of a server.")
    request = GetVersionRequest(slug=_slug(path), number=number, taken_off_too=query.include_deleted)
    return publicly(_entry(core().backends.public_listings.GetVersion(request).version))


def _slug(path: ServerPath) -> str:
    if path.namespace != core().settings.namespace:
        raise NotFound("LISTING_NOT_FOUND", "There is no such server: names begin with this directory's namespace.")
    return path.slug


def _page(versions: Any, token: str) -> Answer:
    servers = [_entry(version) for version in versions]
    metadata: dict[str, Any] = {"count": len(servers)}
    if token:
        metadata["nextCursor"] = token
    return publicly({"servers": servers, "metadata": metadata})


def _entry(version: ListingVersion) -> dict[str, Any]:
    settings = core().settings
    return registry.entry(version, namespace=settings.namespace, public_url=settings.public_url)
