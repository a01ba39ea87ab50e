"""Each process of listings, put together in one function."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from chassis import clock, process, telemetry
from chassis.errors import NotFound
from chassis.grants import GrantVerifier
from chassis.kafka.consumer import EventConsumer
from chassis.kafka.relay import OutboxRelay
from chassis.kafka.topics import ensure_topics
from chassis.rpc.server import RpcServer, ServicePart, build_server
from chassis.sql import migrations
from chassis.sql.database import Database, UnitOfWork
from directory.listings.v1 import listings_service_pb2 as pb
from directory.listings.v1 import listings_service_pb2_grpc as rpc
from directory.submissions.v1.submission_events_pb2 import SubmissionEvent
from sqlalchemy import Connection, Row

from listings.api.icons_api import IconsApi
from listings.api.listings_api import ListingsApi
from listings.api.public_listings_api import PublicListingsApi
from listings.consumers import submission_events
from listings.consumers.missing_webps import MissingWebps
from listings.domain import low_risk
from listings.domain.named_icons import NamedIcons
from listings.settings import OperatorSettings, Settings
from listings.store import trust, unnamed_icons
from listings.store.changes import TOPIC

PEERS = {
    "directory.listings.v1.ListingsService": frozenset({"gateway"}),
    "directory.listings.v1.PublicListingsService": frozenset({"gateway"}),
    # Submissions does not ask: the gateway refuses an unknown icon, and an approval leaves it out.
    "directory.listings.v1.IconService": frozenset({"gateway"}),
}


def serve(settings: Settings) -> int:
    """Answers gRPC calls until told to stop; the process's exit code."""
    with Database(settings.database_url, "listings-serve") as database:
        server = rpc_server(settings, database)
        about = telemetry.loop(
            settings.prometheus_listen, lambda: {"database": database.is_up(), "grpc": server.is_serving}
        )
        return process.run({"telemetry": about, "grpc": server.serve})


def rpc_server(settings: Settings, database: Database) -> RpcServer:
    """The gRPC server with all three services, bound to its port."""
    services = pb.DESCRIPTOR.services_by_name
    listings_api = ListingsApi(database, auto_apply_fields=low_risk.chosen(settings.auto_apply_fields))
    icons_api = IconsApi(database, daily_limit=settings.daily_icon_limit)
    parts: list[ServicePart] = [
        (rpc.add_ListingsServiceServicer_to_server, listings_api, services["ListingsService"]),
        (
            rpc.add_PublicListingsServiceServicer_to_server,
            PublicListingsApi(database),
            services["PublicListingsService"],
        ),
        (rpc.add_IconServiceServicer_to_server, icons_api, services["IconService"]),
    ]
    return build_server(settings, parts, verifier=GrantVerifier(settings.grant_keys_file), peers=PEERS)


def work(settings: Settings) -> int:
    """Relays the outbox, follows submissions and fills in WebPs until told to stop; the process's exit code."""
    with Database(settings.database_url, "listings-work") as database:
        relay = OutboxRelay(database, settings.kafka, [TOPIC])
        consumer = submissions_consumer(settings, database)
        about = telemetry.loop(settings.prometheus_listen, lambda: {"database": database.is_up()})
        webps = MissingWebps(database)
        return process.run(
            {"telemetry": about, "relay": relay.run, "submissions-events": consumer.run, "webps": webps.run}
        )


def submissions_consumer(settings: Settings, database: Database) -> EventConsumer:
    """The consumer of what happens to submissions."""
    topics = {submission_events.TOPIC: (SubmissionEvent, submission_events.handle)}
    return EventConsumer(settings.kafka, submission_events.GROUP, topics, database)


def migrate(settings: Settings) -> None:
    """Brings database and topic up to date. Safe to run again."""
    migrations.upgrade("listings", settings.database_url)
    ensure_topics(settings.kafka, [TOPIC])


def set_trusted(settings: OperatorSettings, organization_id: str, *, trusted: bool, by_name: str, reason: str) -> bool:
    """Gives or takes an organization's trust; False when it stood so before.

    Raises NotFound LISTING_NOT_FOUND for an organization without a listing, which is most likely a slip of the pen.
    """

    def work(uow: UnitOfWork) -> bool:
        if not trust.has_listing(uow.connection, organization_id):
            raise NotFound("LISTING_NOT_FOUND", "No listing belongs to this organization.")
        return trust.set_trusted(uow, organization_id, trusted=trusted, by_name=by_name, reason=reason, now=clock.now())

    with _operators_database(settings) as database:
        return database.run(work)


def trust_changes(settings: OperatorSettings) -> Sequence[Row[Any]]:
    """Who gave and took trust, oldest first."""
    with _operators_database(settings) as database:
        return database.run_read(trust.changes)


def purge_icons(settings: OperatorSettings, named: NamedIcons, *, days: int, dry_run: bool) -> int:
    """Removes icons that nothing names and nobody used for so many days; how many they are.

    Raises ValueError where not one icon that submissions names is here: it is another installation's, most likely.
    """
    unused_since = clock.now() - timedelta(days=days)
    with _operators_database(settings) as database:
        found = database.run_read(lambda connection: _unnamed(connection, named, unused_since))
        if dry_run:
            return len(found)
        return sum(
            database.run(partial(unnamed_icons.remove, icon_ids=some, unused_since=unused_since))
            for some in unnamed_icons.batches(found)
        )


def _unnamed(connection: Connection, named: NamedIcons, unused_since: datetime) -> list[str]:
    if not unnamed_icons.any_known(connection, named.icon_ids):
        raise ValueError("None of the named icons is here. Is it another installation's?")
    return unnamed_icons.find(connection, named.icon_ids, unused_since=unused_since)


def _operators_database(settings: OperatorSettings) -> Database:
    return Database(settings.database_url, "listings-operator", pool_size=1)
