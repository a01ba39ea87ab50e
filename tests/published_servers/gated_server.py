"""A server of FastMCP that asks for tokens of its own authorization server: python gated_server.py PORT"""

import sys

from fastmcp import FastMCP
from fastmcp.server.auth.auth import ClientRegistrationOptions
from fastmcp.server.auth.providers.in_memory import InMemoryOAuthProvider

PORT = int(sys.argv[1])

registration = ClientRegistrationOptions(enabled=True)
provider = InMemoryOAuthProvider(base_url=f"http://127.0.0.1:{PORT}", client_registration_options=registration)
server = FastMCP("Parcels", auth=provider)


@server.tool(title="Find a parcel", annotations={"readOnlyHint": True})
def find_parcel(number: str) -> str:
    """Finds where a parcel is."""
    return number


server.run("http", host="127.0.0.1", port=PORT, show_banner=False)
