"""The story of the whole system, told through its public interfaces.

An owner submits a server, a reviewer approves it, the owner publishes it, proxies report tool calls, the daily
computation runs, the dashboard shows the figures, the owner edits the listing and a reviewer approves the edit.
"""

import struct
import uuid
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from directory.metrics.v1.usage_collector_pb2 import ReportRequest
from directory.usage.v1.usage_event_pb2 import OUTCOME_OK, OUTCOME_TOOL_ERROR, USAGE_KIND_TOOL_CALL, UsageEvent
from embedded.directory_client import DirectoryClient, Json, RefusedError, wait_for

CALLS, ERRORS, USERS = 200, 10, 40


@dataclass
class World:
    """Where the story takes place, and what it has come to."""

    owner: DirectoryClient
    reviewer: DirectoryClient
    report: Callable[[ReportRequest], Any]
    compute: Callable[[], None]
    patience: float = 30
    """Seconds that something may take which happens a moment later."""
    submission_id: str = ""
    slug: str = field(default_factory=lambda: f"story-{uuid.uuid4().hex[:10]}")

    def public(self) -> Json | None:
        """The public listing, if there is one."""
        try:
            return self.owner.read(f"/directory/{self.slug}")
        except RefusedError as refused:
            if refused.status == 404:
                return None
            raise


def chapters(world: World) -> Iterator[str]:
    """The story, a chapter at a time; each yields its name when it is over."""
    owner, reviewer = world.owner, world.reviewer

    icon = owner.upload_icon(png(128))
    world.submission_id = owner.create(example_form(world.slug, icon))["submission_id"]
    yield "drafted"

    owner.move(world.submission_id, "submit")
    owner.wait_for_state(world.submission_id, "in_review")
    yield "submitted"

    owner.say(world.submission_id, "The test account is ready.")
    reviewer.decide(world.submission_id, "approve", "Good work.")
    owner.wait_for_state(world.submission_id, "approved")
    assert world.public() is None
    yield "approved"

    owner.move(world.submission_id, "publish")
    wait_for(world.public, "the public listing", world.patience)
    assert live_tagline(world) == "Look things up"
    yield "published"

    batch = ReportRequest(producer_id=f"story-{world.slug}", sequence=1, events=traffic(world.submission_id))
    answer = world.report(batch)
    assert (answer.accepted, dict(answer.rejected)) == (CALLS, {})
    world.report(batch)  # a proxy that did not hear the answer sends again
    yield "called"

    wait_for(lambda: computed(world), "the figures", 60 + world.patience)
    yield "computed"

    owner.edit_listing(world.submission_id, {"tagline": "Look everything up"})
    owner.submit_listing(world.submission_id, "A better tagline")
    assert live_tagline(world) == "Look things up"
    yield "edited"

    reviewer.decide(world.submission_id, "approve", "Better indeed.")
    wait_for(lambda: live_tagline(world) == "Look everything up", "the edit to be live", world.patience)
    yield "edit approved"


def live_tagline(world: World) -> str:
    """What everybody sees under the name."""
    return str((world.public() or {})["live"]["tagline"])


def computed(world: World) -> Json | None:
    """The figures, once they hold the traffic; computing again until they do."""
    world.compute()
    metrics: Json = world.owner.read(world.owner.below(f"/submissions/{world.submission_id}/metrics"))["metrics"]
    return metrics if metrics.get("calls") else None


def check_ending(world: World) -> None:
    """What must be so when the story is over, whatever happened on the way."""
    owner = world.owner
    metrics: Json = owner.read(owner.below(f"/submissions/{world.submission_id}/metrics"))["metrics"]
    assert (metrics["calls"], metrics["active_users"]) == (CALLS, USERS)
    assert metrics["error_rate"] == ERRORS / CALLS
    assert metrics["health"] == "healthy"
    assert metrics["rank"] == 1
    assert [tool["tool"] for tool in metrics["tools"]] == ["search"]
    assert [product["product"] for product in metrics["products"]] == ["claude_ai"]
    submission = owner.submission(world.submission_id)
    assert submission["state"] == "published"
    entries = owner.read(owner.below(f"/submissions/{world.submission_id}/thread"))["entries"]
    assert [entry["position"] for entry in entries] == list(range(1, len(entries) + 1))
    moves = [entry["move"] for entry in entries if entry["kind"] in ("move", "decision") and not entry["revision_id"]]
    assert [move for move in moves if move in ("submit", "approve", "publish")] == ["submit", "approve", "publish"]
    said = [(entry["kind"], entry["body"], bool(entry["revision_id"])) for entry in entries if entry["kind"] != "move"]
    assert [words for words in said if words[0] != "findings"] == [
        ("message", "The test account is ready.", False),
        ("decision", "Good work.", False),
        ("message", "A better tagline", True),
        ("decision", "Better indeed.", True),
    ]


def traffic(server_id: str) -> list[UsageEvent]:
    """Yesterday's tool calls: CALLS of them by USERS accounts, ERRORS of which failed."""
    noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)
    return [
        UsageEvent(
            kind=USAGE_KIND_TOOL_CALL,
            time_us=int((noon + timedelta(seconds=number)).timestamp() * 1_000_000),
            server_id=server_id,
            product="claude_ai",
            tool="search",
            account_id=f"account-{number % USERS}",
            outcome=OUTCOME_TOOL_ERROR if number < ERRORS else OUTCOME_OK,
            error_type="tool_error" if number < ERRORS else "",
            http_status=200,
            duration_us=50_000 + number,
        )
        for number in range(CALLS)
    ]


def example_form(slug: str, icon_id: str) -> Json:
    """A form with everything that submitting needs."""
    return {
        "server_url": f"https://mcp.{slug}.example.com/mcp",
        "transport": "streamable_http",
        "slug": slug,
        "listing": {
            "display_name": f"Story {slug[-4:]}",
            "tagline": "Look things up",
            "description": "Finds what you **ask** for.",
            "categories": ["data", "productivity"],
            "documentation_url": "https://docs.example.com",
            "privacy_policy_url": "https://example.com/privacy",
            "support_contact": "help@example.com",
            "icon_id": icon_id,
            "company_name": "Example",
            "company_website": "https://example.com",
        },
        "use_cases": ["Find an order", "Compare two reports", "List what changed this week"],
        "data_access": "read",
        "authentication": "oauth_dcr",
        "api_ownership": "own",
        "health_data": False,
        "sponsored_content": False,
        "acknowledgements": dict.fromkeys(
            (
                "guidelines",
                "first_party_api",
                "financial_transactions",
                "ai_media_generation",
                "prompt_injection",
                "conversation_data",
                "public_documentation",
            ),
            True,
        ),
        "reviewer_access": {"instructions": "Sign in as the test user.", "credentials": "test / correct horse"},
    }


def png(edge: int) -> bytes:
    """A square picture in one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", edge, edge, 8, 2, 0, 0, 0)
    row = b"\0" + b"\x2f\x6f\xd0" * edge
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(row * edge)) + chunk(b"IEND", b"")
    )
