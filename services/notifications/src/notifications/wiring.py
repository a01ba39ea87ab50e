"""Each process of notifications, put together in one function."""

from __future__ import annotations

from functools import partial

from chassis import process, telemetry
from chassis.errors import Unavailable
from chassis.grants import GrantVerifier
from chassis.guard import guard
from chassis.kafka.consumer import EventConsumer, Handler
from chassis.logs import get_logger
from chassis.process import Stop
from chassis.rpc import client
from chassis.rpc.server import RpcServer, ServicePart, build_server
from chassis.sql import migrations
from chassis.sql.database import Database
from directory.authz.v1.recipients_service_pb2_grpc import RecipientsServiceStub
from directory.listings.v1.listing_events_pb2 import ListingEvent
from directory.metrics.v1.metrics_events_pb2 import MetricsEvent
from directory.notifications.v1 import (
    activity_service_pb2,
    activity_service_pb2_grpc,
    preferences_service_pb2,
    preferences_service_pb2_grpc,
    webhooks_service_pb2,
    webhooks_service_pb2_grpc,
)
from directory.submissions.v1.submission_events_pb2 import SubmissionEvent
from google.protobuf.message import Message

from notifications.api.activity_api import ActivityApi
from notifications.api.preferences_api import PreferencesApi, UnsubscribeApi
from notifications.api.webhooks_api import WebhooksApi
from notifications.consumers import listing_events, metrics_events, submission_events
from notifications.domain.mails import Post
from notifications.processes.addressing import Addressing
from notifications.processes.mail_sender import MailSender
from notifications.processes.smtp import SmtpServer
from notifications.processes.webhook_sender import WebhookSender
from notifications.settings import Settings
from notifications.store import retention, webhooks
from notifications.store.secrets import SealingKeys

GROUP = "notifications"

_ACTIVITY = activity_service_pb2.DESCRIPTOR.services_by_name["ActivityService"]
_PREFERENCES = preferences_service_pb2.DESCRIPTOR.services_by_name["PreferencesService"]
_UNSUBSCRIBE = preferences_service_pb2.DESCRIPTOR.services_by_name["UnsubscribeService"]
_WEBHOOKS = webhooks_service_pb2.DESCRIPTOR.services_by_name["WebhooksService"]
_PEERS = {each.full_name: frozenset({"gateway"}) for each in (_ACTIVITY, _PREFERENCES, _UNSUBSCRIBE, _WEBHOOKS)}

_WEBHOOKS_AT_ONCE = 8  # most of their time is waiting for strangers
_SECONDS_BETWEEN_PURGES = 3600.0


def serve(settings: Settings) -> int:
    """Answers gRPC calls until told to stop; the process's exit code."""
    with Database(settings.database_url, "notifications-serve") as database:
        server = rpc_server(settings, database)
        about = telemetry.loop(
            settings.prometheus_listen, lambda: {"database": database.is_up(), "grpc": server.is_serving}
        )
        return process.run({"telemetry": about, "grpc": server.serve})


def rpc_server(settings: Settings, database: Database) -> RpcServer:
    """The gRPC server with all four services, bound to its port."""
    keys = SealingKeys(settings.sealing_key_ring)
    preferences_grpc = preferences_service_pb2_grpc
    parts: list[ServicePart] = [
        (activity_service_pb2_grpc.add_ActivityServiceServicer_to_server, ActivityApi(database), _ACTIVITY),
        (preferences_grpc.add_PreferencesServiceServicer_to_server, PreferencesApi(database), _PREFERENCES),
        (preferences_grpc.add_UnsubscribeServiceServicer_to_server, UnsubscribeApi(database, keys), _UNSUBSCRIBE),
        (
            webhooks_service_pb2_grpc.add_WebhooksServiceServicer_to_server,
            WebhooksApi(database, keys, networks=settings.networks),
            _WEBHOOKS,
        ),
    ]
    return build_server(settings, parts, verifier=GrantVerifier(settings.grant_keys_file), peers=_PEERS)


def work(settings: Settings) -> int:
    """Listens to the other services, addresses and sends, until told to stop; the process's exit code."""
    with Database(settings.database_url, "notifications-work", pool_size=_WEBHOOKS_AT_ONCE + 4) as database:
        keys = SealingKeys(settings.sealing_key_ring)
        recipients = RecipientsServiceStub(client.channel(settings.authz_address, "authz", settings.tls_dir))
        post = Post(settings.mail_from, settings.public_url)
        mail_sender = MailSender(database, recipients, smtp_server(settings), post, keys)
        webhook_sender = WebhookSender(database, keys, partial(guard, settings.networks))
        about = telemetry.loop(settings.prometheus_listen, lambda: {"database": database.is_up()})
        webhook_loops = {f"webhooks {number}": webhook_sender.run for number in range(1, _WEBHOOKS_AT_ONCE + 1)}
        return process.run(
            {
                "telemetry": about,
                "events": consumer(settings, database).run,
                "addressing": Addressing(database, recipients).run,
                "mails": mail_sender.run,
                "purge": partial(_purge, database),
                **webhook_loops,
            }
        )


def consumer(settings: Settings, database: Database) -> EventConsumer:
    """The consumer of everything that is told."""
    handlers: dict[str, tuple[type[Message], Handler]] = {
        submission_events.TOPIC: (SubmissionEvent, submission_events.SubmissionEvents().handle),
        listing_events.TOPIC: (ListingEvent, listing_events.ListingEvents().handle),
        metrics_events.TOPIC: (MetricsEvent, metrics_events.handle),
    }
    return EventConsumer(settings.kafka, GROUP, handlers, database)


def smtp_server(settings: Settings) -> SmtpServer:
    """Where e-mails are handed over."""
    return SmtpServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_security,
        settings.smtp_username,
        settings.smtp_password.get_secret_value(),
    )


def migrate(settings: Settings) -> None:
    """Brings the database up to date; the service has no topic of its own. Safe to run again."""
    migrations.upgrade("notifications", settings.database_url)


def reseal(settings: Settings) -> int:
    """Seals every secret of an endpoint anew under the first key; returns of how many."""
    with Database(settings.database_url, "notifications-operator", pool_size=1) as database:
        return database.run(lambda uow: webhooks.reseal(uow, SealingKeys(settings.sealing_key_ring)))


def _purge(database: Database, stop: Stop) -> None:
    while not stop.is_set():
        try:
            retention.purge(database)
        except Unavailable as error:
            get_logger().warning("nothing was purged", reason=error.reason)
        stop.wait(_SECONDS_BETWEEN_PURGES)
