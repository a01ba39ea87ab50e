"""How the processes of the service are put together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from chassis import clock, telemetry
from chassis.grants import GrantVerifier
from chassis.kafka.consumer import EventConsumer
from chassis.kafka.relay import OutboxRelay
from chassis.kafka.topics import ensure_topics
from chassis.process import Stop, run
from chassis.rpc.server import RpcServer, build_server
from chassis.sql.database import Database
from chassis.sql.migrations import upgrade
from directory.listings.v1.listing_events_pb2 import ListingEvent
from directory.submissions.v1 import (
    review_desk_service_pb2,
    review_desk_service_pb2_grpc,
    review_service_pb2,
    review_service_pb2_grpc,
    submissions_service_pb2,
    submissions_service_pb2_grpc,
    transfers_service_pb2,
    transfers_service_pb2_grpc,
)

from submissions.api.desk import Desk
from submissions.api.drafts import Drafts
from submissions.api.fetching import Fetching
from submissions.api.review_api import ReviewApi
from submissions.api.review_desk_api import ReviewDeskApi
from submissions.api.submissions_api import SubmissionsApi
from submissions.api.transfers_api import TransfersApi
from submissions.consumers import listing_events
from submissions.consumers.checks import Checks, Looking
from submissions.consumers.expiry import Expiry
from submissions.consumers.probes import Probes, Schedule
from submissions.probe import process
from submissions.settings import Settings
from submissions.store import submissions
from submissions.store.events import TOPIC
from submissions.store.named_icons import every_icon
from submissions.store.reviewer_access import SealingKeys

_NAME = "submissions"
_PEERS = frozenset({"gateway"})


def serve(settings: Settings) -> int:
    """Answers gRPC until told to stop."""
    with Database(settings.database_url, _NAME) as database:
        server = rpc_server(settings, database)
        about = telemetry.loop(
            settings.prometheus_listen, lambda: {"database": database.is_up(), "grpc": server.is_serving}
        )
        return run({"telemetry": about, "grpc": server.serve})


def rpc_server(settings: Settings, database: Database, now: clock.Clock = clock.now) -> RpcServer:
    """The gRPC server with its services, open to the gateway."""
    keys = SealingKeys(settings.sealing_key_ring)
    drafts = Drafts(keys, now, settings.networks, settings.limit_of)
    desk = Desk(timedelta(days=settings.review_due_days), settings.review_second_reviewer)
    open_for = timedelta(days=settings.transfer_offer_days)
    publishing = submissions_service_pb2.DESCRIPTOR.services_by_name["SubmissionsService"]
    transferring = transfers_service_pb2.DESCRIPTOR.services_by_name["TransfersService"]
    reviewing = review_service_pb2.DESCRIPTOR.services_by_name["ReviewService"]
    running = review_desk_service_pb2.DESCRIPTOR.services_by_name["ReviewDeskService"]
    add_publishing = submissions_service_pb2_grpc.add_SubmissionsServiceServicer_to_server
    add_transferring = transfers_service_pb2_grpc.add_TransfersServiceServicer_to_server
    add_reviewing = review_service_pb2_grpc.add_ReviewServiceServicer_to_server
    add_running = review_desk_service_pb2_grpc.add_ReviewDeskServiceServicer_to_server
    return build_server(
        settings,
        [
            (add_publishing, SubmissionsApi(database, drafts, Fetching(networks=settings.networks)), publishing),
            (add_transferring, TransfersApi(database, keys, now, open_for=open_for), transferring),
            (add_reviewing, ReviewApi(database, keys, now, desk=desk), reviewing),
            (add_running, ReviewDeskApi(database, now, desk=desk), running),
        ],
        verifier=GrantVerifier(settings.grant_keys_file),
        peers={service.full_name: _PEERS for service in (publishing, transferring, reviewing, running)},
    )


def work(settings: Settings) -> int:
    """Relays events, listens to listings, runs the checks, looks at published servers and notes expired offers, until
    told to stop."""
    with Database(settings.database_url, _NAME) as database:
        relay = OutboxRelay(database, settings.kafka, [TOPIC])
        consumer = listing_consumer(settings, database)
        expiry = Expiry(database)
        about = telemetry.loop(settings.prometheus_listen, lambda: {"database": database.is_up()})
        loops = {**looks(database, looking(settings), schedule(settings)), "expiry": expiry.run}
        return run({"telemetry": about, "relay": relay.run, "listing events": consumer.run, **loops})


def looks(
    database: Database, looking: Looking, schedule: Schedule, now: clock.Clock = clock.now
) -> dict[str, Callable[[Stop], None]]:
    """The loops that look at servers: one for each thing that waits, which helps with the other of its kind.

    Whatever publishers ask for by hand, and however slow their servers are, one goes on with what else is due.
    """
    return {
        "checks": Checks(database, looking, now).run,
        "checks by hand": Checks(database, looking, now, by_hand_first=True).run,
        "daily looks": Probes(database, looking, schedule, now, by_hand_first=False).run,
        "looks by hand": Probes(database, looking, schedule, now).run,
    }


def looking(settings: Settings) -> Looking:
    """How servers are looked at: in a process of its own each."""
    return Looking(
        partial(process.look, networks=settings.networks),
        attempts=settings.probe_attempts,
        pause=timedelta(seconds=settings.probe_retry_seconds),
        networks=settings.networks,
    )


def schedule(settings: Settings) -> Schedule:
    """When published servers are looked at."""
    return Schedule(interval=timedelta(hours=settings.probe_interval_hours), failures_told=settings.probe_failures_told)


def listing_consumer(settings: Settings, database: Database, now: clock.Clock = clock.now) -> EventConsumer:
    """The consumer of what listings say."""
    handlers = {listing_events.TOPIC: (ListingEvent, listing_events.ListingEvents(now).handle)}
    return EventConsumer(settings.kafka, listing_events.GROUP, handlers, database)


def migrate(settings: Settings) -> None:
    """Brings the database up to date and creates the service's topic. Safe to run again."""
    upgrade(_NAME, settings.database_url)
    ensure_topics(settings.kafka, [TOPIC])


def named_icons(settings: Settings) -> dict[str, object]:
    """The file that `listings purge-icons` takes: every icon that is named here, and the moment before it was read."""
    read_at = clock.now()
    with Database(settings.database_url, _NAME, pool_size=1) as database:
        return {"read_at": read_at.isoformat(), "icon_ids": database.run_read(every_icon)}


def reseal(settings: Settings) -> int:
    """Seals every access for reviewers anew under the first key; returns how many."""
    keys = SealingKeys(settings.sealing_key_ring)
    with Database(settings.database_url, _NAME) as database:
        return database.run(lambda uow: submissions.reseal(uow.connection, keys.reseal))
