"""How people tell their client about a server: texts to copy. Addresses are strangers', so every one is quoted."""

import json
import shlex
from typing import Final

from directory.listings.v1.listing_pb2 import Listing

_KINDS: Final = {"streamable_http": "http", "sse": "sse"}


def command(listing: Listing) -> str:
    """A line for a POSIX shell that adds the server to Claude Code."""
    kind = _KINDS.get(listing.transport, "http")
    return f"claude mcp add --transport {kind} {listing.slug} {shlex.quote(listing.server_url)}"


def configuration(listing: Listing) -> str:
    """The server as an entry of a client's `mcpServers`."""
    server = {"type": _KINDS.get(listing.transport, "http"), "url": listing.server_url}
    return json.dumps({"mcpServers": {listing.slug: server}}, indent=2, ensure_ascii=False)
