"""Attributes of OpenTelemetry's semantic conventions for MCP that figures need, under all names that senders use.

Conventions: open-telemetry/semantic-conventions-genai, page MCP (Development), and older ones that are still
sent; `mcpdir.*` are ours. docs/opentelemetry.md has the table. What is not named here is never looked at: arguments and
results of tools, names and mail addresses of people are left where they are.
"""

from collections.abc import Iterable, Mapping
from typing import Any

METHOD = "method"
TOOL = "tool"
SERVER = "server"
ACCOUNT = "account"
PRODUCT = "product"
ERROR = "error"
RPC_STATUS = "rpc_status"
HTTP_STATUS = "http_status"
SYNTHETIC = "synthetic"
STATE = "state"
REASON = "reason"

# What we look for -> its names, the one that goes before first.
_NAMES: Mapping[str, tuple[str, ...]] = {
    METHOD: ("mcp.method.name",),
    TOOL: ("gen_ai.tool.name", "mcp.tool.name"),
    SERVER: ("mcpdir.server.id",),
    ACCOUNT: ("enduser.pseudo.id", "user.hash", "user.id"),
    PRODUCT: ("mcpdir.client.product",),
    ERROR: ("error.type",),
    RPC_STATUS: ("rpc.response.status_code", "rpc.status_code", "rpc.jsonrpc.error_code"),
    HTTP_STATUS: ("http.response.status_code", "http.status_code"),
    SYNTHETIC: ("user_agent.synthetic.type",),
    STATE: ("mcpdir.connection.state",),
    REASON: ("mcpdir.connection.reason",),
}
_WANTED = {name: (what, rank) for what, names in _NAMES.items() for rank, name in enumerate(names)}
_LAST = 99
_SIMPLE = frozenset({"string_value", "int_value", "bool_value", "double_value"})


def read_attributes(attributes: Iterable[Any], beneath: Mapping[str, str]) -> Mapping[str, str]:
    """The attributes (opentelemetry.proto.common.v1.KeyValue) that count, as texts, over those of the resource."""
    found: dict[str, str] = {}
    ranks: dict[str, int] = {}
    for attribute in attributes:
        if (wanted := _WANTED.get(attribute.key)) is None:
            continue
        value = attribute.value
        # most are texts; to ask which kind a value is takes longer than to read one
        if text := value.string_value or _text(value):
            what, rank = wanted
            if rank < ranks.get(what, _LAST):
                ranks[what], found[what] = rank, text
    return {**beneath, **found} if found else beneath


def _text(value: Any) -> str:
    kind = value.WhichOneof("value")
    if kind not in _SIMPLE:
        return ""
    content = getattr(value, kind)
    if kind == "bool_value":
        return "true" if content else "false"
    if kind == "double_value" and content.is_integer():
        return str(int(content))
    return str(content)
