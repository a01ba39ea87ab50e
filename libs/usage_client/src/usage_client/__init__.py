"""Usage events of an MCP proxy, on their way to the directory (README.md)."""

from usage_client.client import UsageClient
from usage_client.counts import UsageStats
from usage_client.events import InvalidEvent, Outcome

__all__ = ["InvalidEvent", "Outcome", "UsageClient", "UsageStats"]
