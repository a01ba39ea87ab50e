"""The processes of authz, put together: every part an explicit argument of the next."""

from __future__ import annotations

from chassis import clock, ids, logs, process, telemetry
from chassis.grants import GrantSigner, GrantVerifier
from chassis.kafka.relay import OutboxRelay
from chassis.kafka.topics import Topic, ensure_topics
from chassis.rpc.server import RpcServer, build_server
from chassis.settings import load
from chassis.sql import migrations
from chassis.sql.database import Database
from directory.authz.v1 import access_service_pb2, administration_service_pb2, recipients_service_pb2
from directory.authz.v1.access_service_pb2_grpc import (
    add_AccessServiceServicer_to_server,
    add_AccessTokenServiceServicer_to_server,
)
from directory.authz.v1.administration_service_pb2_grpc import add_AdministrationServiceServicer_to_server
from directory.authz.v1.recipients_service_pb2_grpc import add_RecipientsServiceServicer_to_server

from authz.api.access_api import AccessApi
from authz.api.access_tokens_api import AccessTokensApi
from authz.api.administration_api import AdministrationApi
from authz.api.commands.operator import Operator
from authz.api.recipients_api import RecipientsApi
from authz.settings import OperatorSettings, Settings
from authz.store.change import TOPIC

SERVICE = "authz"
TOPICS = (Topic(TOPIC, 6),)

ACCESS = access_service_pb2.DESCRIPTOR.services_by_name["AccessService"]
ACCESS_TOKENS = access_service_pb2.DESCRIPTOR.services_by_name["AccessTokenService"]
ADMINISTRATION = administration_service_pb2.DESCRIPTOR.services_by_name["AdministrationService"]
RECIPIENTS = recipients_service_pb2.DESCRIPTOR.services_by_name["RecipientsService"]

PEERS = {
    **{service.full_name: frozenset({"gateway"}) for service in (ACCESS, ACCESS_TOKENS, ADMINISTRATION)},
    RECIPIENTS.full_name: frozenset({"notifications"}),
}
"""The gateway alone establishes who is asking, so nobody else may ask for grants; addresses are for telling people."""


def serve(settings: Settings) -> int:
    """Answers gRPC until stopped. The exit code."""
    logs.configure(SERVICE, settings)
    with Database(settings.database_url, SERVICE) as database:
        server = rpc_server(settings, database)
        about = telemetry.loop(
            settings.prometheus_listen, lambda: {"database": database.is_up(), "grpc": server.is_serving}
        )
        return process.run({"telemetry": about, "grpc": server.serve})


def rpc_server(settings: Settings, database: Database) -> RpcServer:
    """The gRPC server of authz on that database."""
    signer = GrantSigner(settings.grant_signing_key_file)
    access = AccessApi(database, signer, clock=clock.now, new_id=ids.new_id)
    access_tokens = AccessTokensApi(database, clock=clock.now, new_id=ids.new_id)
    administration = AdministrationApi(database, clock=clock.now, new_id=ids.new_id)
    return build_server(
        settings,
        [
            (add_AccessServiceServicer_to_server, access, ACCESS),
            (add_AccessTokenServiceServicer_to_server, access_tokens, ACCESS_TOKENS),
            (add_AdministrationServiceServicer_to_server, administration, ADMINISTRATION),
            (add_RecipientsServiceServicer_to_server, RecipientsApi(database), RECIPIENTS),
        ],
        verifier=GrantVerifier(settings.grant_keys_file),
        peers=PEERS,
    )


def work(settings: Settings) -> int:
    """Relays events until stopped. The exit code."""
    logs.configure(f"{SERVICE}-work", settings)
    with Database(settings.database_url, f"{SERVICE}-work") as database:
        relay = OutboxRelay(database, settings.kafka, TOPICS)
        about = telemetry.loop(settings.prometheus_listen, lambda: {"database": database.is_up()})
        return process.run({"telemetry": about, "relay": relay.run})


def migrate(settings: Settings) -> None:
    """Brings the database and the topics up to date. Safe to repeat, and before the new code runs."""
    logs.configure(f"{SERVICE}-migrate", settings)
    migrations.upgrade("authz", settings.database_url)
    ensure_topics(settings.kafka, TOPICS)


def operator() -> Operator:
    """An operator's hand on the database of the environment."""
    settings = load(OperatorSettings)
    return Operator(Database(settings.database_url, f"{SERVICE}-operator", pool_size=1), clock.now, ids.new_id)
