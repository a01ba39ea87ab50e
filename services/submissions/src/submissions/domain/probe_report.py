"""What a look at a live server brings: facts, not yet judged."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

MAX_TOOLS = 500
MAX_TOOLS_BYTES = 512 * 1024
"""Of all tools as canonical JSON; a list that is longer is cut, and `tools_complete` says so."""


class Reach(StrEnum):
    """What became of speaking to the server; the values are stored."""

    ALIVE_OPEN = "alive_open"
    ALIVE_GATED = "alive_gated"
    WRONG_TRANSPORT = "wrong_transport"
    NOT_MCP = "not_mcp"
    UNREACHABLE = "unreachable"
    LEFT_OUT = "left_out"


class Cause(StrEnum):
    """Why a server is unreachable or was left out; the values are stored."""

    NONE = ""
    ADDRESS_REFUSED = "address_refused"
    NAME_UNKNOWN = "name_unknown"
    CONNECTION = "connection"
    TLS = "tls"
    TIMEOUT = "timeout"
    SERVER_ERROR = "server_error"
    REDIRECT = "redirect"
    TOO_LARGE = "too_large"
    UNFINISHED = "unfinished"
    RESERVED_NAME = "reserved_name"
    OTHER_NETWORK = "other_network"
    FORM = "form"


# What may be different in a moment, through nobody's doing.
TRANSIENT = frozenset({Cause.NAME_UNKNOWN, Cause.CONNECTION, Cause.TIMEOUT, Cause.SERVER_ERROR, Cause.UNFINISHED})


class Gate(StrEnum):
    """What a server that asks for authentication tells clients about it (RFC 9728, RFC 8414)."""

    GOOD = "good"
    NO_RESOURCE_METADATA = "no_resource_metadata"
    METADATA_UNREADABLE = "metadata_unreadable"
    OTHER_RESOURCE = "other_resource"
    NO_AUTHORIZATION_SERVER = "no_authorization_server"
    SERVER_METADATA_UNREADABLE = "server_metadata_unreadable"
    OTHER_ISSUER = "other_issuer"
    NO_PKCE = "no_pkce"


@dataclass(frozen=True, slots=True)
class Authorization:
    """The answer of 401, followed up. `detail` is an address or a few words of ours.

    `only_well_known`: the metadata stand at a well-known address alone, and not where WWW-Authenticate says, if it says
    where. `wider_resource`: they are about a path above the server URL.
    """

    gate: Gate
    detail: str = ""
    only_well_known: bool = False
    wider_resource: bool = False
    registers_clients: bool = False
    reads_client_documents: bool = False


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as the server describes it, in JSON's values alone."""

    name: str
    title: str = ""
    description: str = ""
    input_schema: dict[str, Any] = field(default_factory=dict)
    output_schema: dict[str, Any] | None = None
    annotations: dict[str, Any] = field(default_factory=dict)

    def hint(self, name: str) -> bool | None:
        """An annotation that is true or false; None where the server does not say."""
        value = self.annotations.get(name)
        return value if isinstance(value, bool) else None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a look brought. `detail` is short and safe to show; what the server itself says is not in it."""

    reach: Reach
    cause: Cause = Cause.NONE
    detail: str = ""
    spoken_transport: str = ""
    server_name: str = ""
    server_version: str = ""
    protocol_version: str = ""
    tools: tuple[Tool, ...] = ()
    tools_complete: bool = True
    tools_unreadable: bool = False
    authorization: Authorization | None = None

    @property
    def saw_tools(self) -> bool:
        """Whether the list of tools was read, be it empty."""
        return self.reach is Reach.ALIVE_OPEN and not self.tools_unreadable


def canonical(value: Any) -> str:
    """One text for one JSON value: keys in order, no spaces, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def snapshot(tools: tuple[Tool, ...]) -> str:
    """The tools as canonical JSON, by name: what a later list is compared with."""
    return canonical([as_json(tool) for tool in sorted(tools, key=lambda tool: tool.name)])


def read_tools(stored: str) -> tuple[Tool, ...]:
    """The tools of a snapshot."""
    return tuple(Tool(**tool) for tool in json.loads(stored))


def digest(tools: tuple[Tool, ...]) -> str:
    """SHA-256 of the snapshot, hexadecimal."""
    return hashlib.sha256(snapshot(tools).encode()).hexdigest()


def as_json(tool: Tool) -> dict[str, Any]:
    """A tool as a JSON object."""
    return {
        "name": tool.name,
        "title": tool.title,
        "description": tool.description,
        "input_schema": tool.input_schema,
        "output_schema": tool.output_schema,
        "annotations": tool.annotations,
    }


def bounded(tools: list[Tool]) -> tuple[tuple[Tool, ...], bool]:
    """The first tools that keep the limits, and whether that is all of them."""
    kept: list[Tool] = []
    left = MAX_TOOLS_BYTES
    for tool in tools[:MAX_TOOLS]:
        left -= len(canonical(as_json(tool)))
        if left < 0:
            break
        kept.append(tool)
    return tuple(kept), len(kept) == len(tools)


def plain(value: Any, *, depth: int = 40) -> Any:
    """A value as JSON and the database take it: no NUL, no half characters, no infinite numbers, not too deep."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")
    if isinstance(value, float) and not -1e308 < value < 1e308:
        return None
    if depth == 0 and isinstance(value, dict | list):
        return None
    if isinstance(value, dict):
        return {plain(str(key)): plain(inner, depth=depth - 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner, depth=depth - 1) for inner in value]
    return value
