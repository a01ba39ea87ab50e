"""A 401 followed up: protected-resource metadata (RFC 9728), then the authorization server's (RFC 8414 or OpenID)."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx2

from submissions.domain.probe_report import Authorization, Gate
from submissions.domain.server_url import normalised
from submissions.probe.guard import NotAllowedError

MAX_DOCUMENT = 64 * 1024
_RESOURCE_METADATA = re.compile(r'(?i)\bresource_metadata\s*=\s*(?:"([^"]{1,2048})"|([^\s,"]{1,2048}))')


class UnreadableError(Exception):
    """A document of metadata could not be read; the text says why, in a few words of ours."""


async def follow(client: httpx2.AsyncClient, server: str, challenge: str) -> Authorization:
    """What the challenge of `server` leads to."""
    found = _RESOURCE_METADATA.search(challenge)
    if found is None:
        return Authorization(Gate.NO_RESOURCE_METADATA)
    try:
        metadata = await _document(client, found[1] or found[2])
    except UnreadableError as error:
        return Authorization(Gate.METADATA_UNREADABLE, str(error))
    if not _same(metadata.get("resource"), server):
        return Authorization(Gate.OTHER_RESOURCE)
    servers = metadata.get("authorization_servers")
    if not isinstance(servers, list) or not servers or not isinstance(servers[0], str):
        return Authorization(Gate.NO_AUTHORIZATION_SERVER)
    return await _authorization_server(client, servers[0])


def metadata_addresses(issuer: str) -> list[str]:
    """Where an authorization server's metadata may be, in the order of the MCP specification."""
    parts = urlsplit(issuer)
    path = parts.path.rstrip("/")
    paths = [f"/.well-known/oauth-authorization-server{path}", f"/.well-known/openid-configuration{path}"]
    if path:
        paths.append(f"{path}/.well-known/openid-configuration")
    return [urlunsplit((parts.scheme, parts.netloc, each, "", "")) for each in paths]


async def _authorization_server(client: httpx2.AsyncClient, issuer: str) -> Authorization:
    why = ""
    try:
        addresses = metadata_addresses(issuer)
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


def _same(given: Any, wanted: str) -> bool:
    if not isinstance(given, str):
        return False
    try:
        return normalised(given) == normalised(wanted)
    except ValueError:
        return False


def _is_address(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("https://", "http://"))
