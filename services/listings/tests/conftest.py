"""A migrated database, the real server over mutual TLS, and submissions that say what happened."""

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from chassis.grants import Grant, GrantSigner
from chassis.ids import new_id
from chassis.process import Stop
from chassis.rpc import client
from chassis.sql import migrations
from chassis.sql.database import Database
from directory.listings.v1 import listing_pb2
from directory.listings.v1 import listings_service_pb2 as pb
from directory.listings.v1 import listings_service_pb2_grpc as rpc
from directory.listings.v1.listing_content_pb2 import ListingContent
from directory.listings.v1.listing_events_pb2 import ListingEvent
from directory.submissions.v1 import submission_pb2
from directory.submissions.v1.review_service_pb2 import Decision
from directory.submissions.v1.submission_events_pb2 import RevisionDecided, SubmissionEvent, SubmissionMoved
from listings import wiring
from listings.consumers import submission_events
from listings.settings import Settings
from PIL import Image
from sqlalchemy import text

ORGANIZATION = "0197f000-0000-7000-8000-0000000000a1"
STATES = {
    "APPROVE": "APPROVED",
    "PUBLISH": "PUBLISHED",
    "REINSTATE": "PUBLISHED",
    "SUSPEND": "SUSPENDED",
    "DELIST": "DELISTED",
    "RELIST": "CHECKING",
    "REVOKE": "CHANGES_REQUESTED",
    "DELETE": "UNSPECIFIED",
    "DEPRECATE": "PUBLISHED",
    "UNDEPRECATE": "PUBLISHED",
}


def icon_file(color: str = "red", edge: int = 64) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (edge, edge), color).save(target, format="PNG")
    return target.getvalue()


def moved(listing_id: str, move: str, **fields: Any) -> SubmissionEvent:
    organization_id = fields.pop("organization_id", ORGANIZATION)
    kind = fields.pop("kind", submission_pb2.SUBMISSION_KIND_REMOTE_MCP)
    to = submission_pb2.SubmissionState.Value(f"SUBMISSION_STATE_{STATES[move]}")
    body = SubmissionMoved(to=to, move=submission_pb2.Move.Value(f"MOVE_{move}"), kind=kind, **fields)
    return _enveloped(listing_id, organization_id, moved=body)


def decided(listing_id: str, revision_id: str, decision: str, **fields: Any) -> SubmissionEvent:
    body = RevisionDecided(
        revision_id=revision_id, decision=Decision.Value(f"DECISION_{decision}"), reviewer_name="Rea Viewer", **fields
    )
    return _enveloped(listing_id, ORGANIZATION, revision_decided=body)


def _enveloped(listing_id: str, organization_id: str, **body: Any) -> SubmissionEvent:
    return SubmissionEvent(
        event_id=new_id(),
        submission_id=listing_id,
        organization_id=organization_id,
        occurred_at=datetime.now(UTC),
        **body,
    )


class Publisher:
    """Acts on one listing, always with the version seen last."""

    def __init__(self, directory: Any, listing_id: str) -> None:
        self.directory = directory
        self.listing_id = listing_id
        self.version = self.look().version

    def look(self) -> listing_pb2.Listing:
        with self.directory.signed_in():
            answer = self.directory.listings.GetListing(pb.GetListingRequest(listing_id=self.listing_id))
        self.version = answer.listing.version
        return answer.listing

    def _call(self, method: str, request: Any) -> listing_pb2.Listing:
        with self.directory.signed_in():
            answer = getattr(self.directory.listings, method)(request)
        self.version = answer.listing.version
        return answer.listing

    def save(self, mask: list[str] | None = None, **fields: Any) -> listing_pb2.Listing:
        request = pb.SaveRevisionRequest(
            listing_id=self.listing_id, version=self.version, content=ListingContent(**fields)
        )
        request.update_mask.paths.extend(mask or [])
        return self._call("SaveRevision", request)

    def submit(self, message: str = "") -> listing_pb2.Listing:
        request = pb.SubmitRevisionRequest(listing_id=self.listing_id, version=self.version, message=message)
        return self._call("SubmitRevision", request)

    def restore(self, revision_id: str) -> listing_pb2.Listing:
        request = pb.RestoreRevisionRequest(listing_id=self.listing_id, version=self.version, revision_id=revision_id)
        return self._call("RestoreRevision", request)

    def history(self) -> list[listing_pb2.Revision]:
        with self.directory.signed_in():
            answer = self.directory.listings.ListRevisions(pb.ListRevisionsRequest(listing_id=self.listing_id))
        return list(answer.revisions)

    def discard(self) -> listing_pb2.Listing:
        return self._call(
            "DiscardRevision", pb.DiscardRevisionRequest(listing_id=self.listing_id, version=self.version)
        )

    def decided(self, revision_id: str, decision: str, **fields: Any) -> listing_pb2.Listing:
        self.directory.happens(self.directory.decided(self.listing_id, revision_id, decision, **fields))
        return self.look()

    def last_event(self) -> Any:
        event = self.directory.events(self.listing_id)[-1]
        return getattr(event, event.WhichOneof("event"))


@dataclass
class Directory:
    """The running service, and what surrounds it."""

    settings: Settings
    database: Database
    signer: GrantSigner
    channel_of: Callable[[str], grpc.Channel]
    moved: Callable[..., SubmissionEvent] = moved
    decided: Callable[..., SubmissionEvent] = decided
    icon_file: Callable[..., bytes] = icon_file
    organization: str = ORGANIZATION
    listings: rpc.ListingsServiceStub = field(init=False)
    public: rpc.PublicListingsServiceStub = field(init=False)
    icons: rpc.IconServiceStub = field(init=False)

    def __post_init__(self) -> None:
        channel = self.channel_of("gateway")
        self.listings = rpc.ListingsServiceStub(channel)
        self.public = rpc.PublicListingsServiceStub(channel)
        self.icons = rpc.IconServiceStub(channel)

    def signed_in(
        self, organization_id: str = ORGANIZATION, *, allowed: bool = True, name: str = "Ada", person_id: str = "ada"
    ) -> AbstractContextManager[None]:
        grant = Grant(
            person_id=person_id,
            name=name,
            organization_id=organization_id,
            directory_management=allowed,
            denied_reason="" if allowed else "PLAN_WITHOUT_DASHBOARD",
            owner=allowed,
            staff_role="",
            organizations=frozenset({organization_id}),
            expires_at=datetime.now(UTC) + timedelta(seconds=60),
        )
        return client.grant(self.signer.sign(grant))

    def happens(self, event: SubmissionEvent) -> None:
        self.database.run(lambda uow: submission_events.handle(event, uow))

    def icon(self, organization_id: str = ORGANIZATION) -> str:
        with self.signed_in(organization_id):
            return self.icons.UploadIcon(pb.UploadIconRequest(image=icon_file())).icon.icon_id

    def content(self, **changes: Any) -> ListingContent:
        content = ListingContent(
            display_name="Weather",
            tagline="Tells the weather",
            description="It **rains**.",
            categories=["data", "travel"],
            documentation_url="https://example.com/docs",
            privacy_policy_url="https://example.com/privacy",
            support_contact="help@example.com",
            icon_id=self.icon(),
            company_name="Example",
            company_website="https://example.com",
        )
        for name, value in changes.items():
            content.ClearField(name)
            if value is not None:
                content.MergeFrom(ListingContent(**{name: value}))
        return content

    def approval(self, listing_id: str, *, slug: str, **fields: Any) -> SubmissionEvent:
        defaults = {
            "listing": self.content(),
            "server_url": "https://mcp.example.com/mcp",
            "transport": submission_pb2.TRANSPORT_STREAMABLE_HTTP,
        }
        return moved(listing_id, "APPROVE", slug=slug, **(defaults | fields))

    def published(self, **changes: Any) -> str:
        listing_id = new_id()
        slug = f"weather-{listing_id[-12:]}"
        self.happens(self.approval(listing_id, slug=slug, listing=self.content(**changes)))
        self.happens(moved(listing_id, "PUBLISH", slug=slug))
        return listing_id

    def publisher(self, listing_id: str) -> Publisher:
        return Publisher(self, listing_id)

    def events(self, listing_id: str) -> list[ListingEvent]:
        query = text("SELECT payload FROM outbox WHERE key = :key ORDER BY id")
        with self.database.read() as connection:
            return [
                ListingEvent.FromString(bytes(row.payload)) for row in connection.execute(query, {"key": listing_id})
            ]


@pytest.fixture(scope="module")
def database_address(new_database: Callable[[str], str]) -> str:
    url = new_database("listings")
    migrations.upgrade("listings", url)
    return url


@pytest.fixture(scope="module")
def directory(
    database_address: str,
    certificates: Path,
    grant_keys: Any,
    request: pytest.FixtureRequest,
    eventually: Callable[..., Any],
) -> Iterator[Directory]:
    needs_kafka = getattr(request.module, "NEEDS_KAFKA", False)
    settings = Settings(
        environment="development",
        grpc_listen="127.0.0.1:0",
        tls_dir=certificates / "listings",
        grant_keys_file=grant_keys.public_keys,
        kafka_bootstrap_servers=request.getfixturevalue("kafka") if needs_kafka else "none:1",
        database_url_listings=database_address,
        auto_apply_fields=getattr(request.module, "AUTO_APPLY_FIELDS", ""),
    )
    database = Database(database_address, "listings-tests")
    server = wiring.rpc_server(settings, database)
    stop = Stop()
    thread = threading.Thread(target=server.serve, args=(stop,))
    thread.start()
    eventually(lambda: server.is_serving)
    channels: dict[str, grpc.Channel] = {}

    def channel_of(peer: str) -> grpc.Channel:
        if peer not in channels:
            channels[peer] = client.channel(f"127.0.0.1:{server.port}", "listings", certificates / peer)
        return channels[peer]

    yield Directory(settings, database, GrantSigner(grant_keys.signing_key), channel_of)
    for channel in channels.values():
        channel.close()
    stop.set()
    thread.join()
    database.dispose()


@pytest.fixture
def publisher(directory: Directory) -> Publisher:
    return directory.publisher(directory.published())
