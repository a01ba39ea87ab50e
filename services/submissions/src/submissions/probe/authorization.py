"""A 401 followed up: protected-resource metadata (RFC 9728), then the authorization server's (RFC 8414 or OpenID)."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx2
from mcp.client.auth import utils as official
from mcp.shared.auth_utils import check_resource_allowed

from submissions.domain.probe_report import Authorization, Gate
from submissions.domain.server_url import normalised
from submissions.probe.guard import NotAllowedError

MAX_DOCUMENT = 64 * 1024
_RESOURCE_METADATA = re.compile(r'(?i)\bresource_metadata\s*=\s*(?:"([^"]{1,2048})"|([^\s,"]{1,2048}))')


class UnreadableError(Exception):
    """A document of metadata could not be read; the text says why, in a few words of ours."""


async def follow(client: httpx2.AsyncClient, server: str, challenge: str) -> Authorization:
    """What the 401 of `server` leads to: metadata at the address in its `challenge`, or else at a well-known one.

    In the order of the official client, which also goes on after a document that is none.
    """
    found = _RESOURCE_METADATA.search(challenge)
    named = (found[1] or found[2]) if found else None
    ended = Authorization(Gate.NO_RESOURCE_METADATA)
    for address in official.build_protected_resource_metadata_discovery_urls(named, server):
        try:
            metadata = await _document(client, address)
        except UnreadableError as error:
            if address == named:
                ended = Authorization(Gate.METADATA_UNREADABLE, str(error))
            continue
        servers = metadata.get("authorization_servers")
        if isinstance(servers, list) and servers and isinstance(servers[0], str):
            led = await _resource(client, metadata.get("resource"), server, servers[0])
            return replace(led, only_well_known=address != named)
        ended = Authorization(Gate.NO_AUTHORIZATION_SERVER)
    return ended


async def _resource(client: httpx2.AsyncClient, resource: Any, server: str, issuer: str) -> Authorization:
    if not _covers(resource, server):
        return Authorization(Gate.OTHER_RESOURCE)
    led = await _authorization_server(client, issuer)
    return replace(led, wider_resource=not _same(_closed(resource), _closed(server)))


async def _authorization_server(client: httpx2.AsyncClient, issuer: str) -> Authorization:
    why = ""
    try:
        addresses = official.build_oauth_authorization_server_metadata_discovery_urls(issuer, "")
    except ValueError:
        return Authorization(Gate.SERVER_METADATA_UNREADABLE, "no address")
    for address in addresses:
        try:
            metadata = await _document(client, address)
        except UnreadableError as error:
            why = why or str(error)
            continue
        return _judged(metadata, issuer)
    return Authorization(Gate.SERVER_METADATA_UNREADABLE, why)


def _judged(metadata: dict[str, Any], issuer: str) -> Authorization:
    if not _same(metadata.get("issuer"), issuer):
        return Authorization(Gate.OTHER_ISSUER)
    if not all(_is_address(metadata.get(name)) for name in ("authorization_endpoint", "token_endpoint")):
        return Authorization(Gate.SERVER_METADATA_UNREADABLE, "an endpoint is missing")
    methods = metadata.get("code_challenge_methods_supported")
    if not isinstance(methods, list) or "S256" not in methods:
        return Authorization(Gate.NO_PKCE)
    return Authorization(
        Gate.GOOD,
        registers_clients=_is_address(metadata.get("registration_endpoint")),
        reads_client_documents=metadata.get("client_id_metadata_document_supported") is True,
    )


async def _document(client: httpx2.AsyncClient, address: str) -> dict[str, Any]:
    try:
        async with client.stream("GET", address, headers={"Accept": "application/json"}) as response:
            if response.status_code != 200:
                raise UnreadableError(f"HTTP {response.status_code}")
            body = b""
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_DOCUMENT:
                    raise UnreadableError("too large")
            document = json.loads(body)
    except NotAllowedError as error:
        raise UnreadableError("an address that the directory does not connect to") from error
    except httpx2.TimeoutException as error:
        raise UnreadableError("no answer in time") from error
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
        raise UnreadableError("no connection") from error
    except (ValueError, RecursionError) as error:
        raise UnreadableError("no JSON") from error
    if not isinstance(document, dict):
        raise UnreadableError("no JSON object")
    return document


def _covers(resource: Any, server: str) -> bool:
    """Whether a resource is the server's own: its URL, or a path above it on the same host."""
    try:
        return isinstance(resource, str) and check_resource_allowed(normalised(server), normalised(resource))
    except ValueError:
        return False


def _closed(url: str) -> str:
    """With a slash at the end of its path."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + "/"))


def _same(given: Any, wanted: str) -> bool:
    if not isinstance(given, str):
        return False
    try:
        return normalised(given) == normalised(wanted)
    except ValueError:
        return False


def _is_address(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("https://", "http://"))
