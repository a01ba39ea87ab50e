"""The services behind the gateway: one channel each, one stub an RPC service."""

from __future__ import annotations

from dataclasses import dataclass

import grpc
from chassis.rpc import client
from directory.authz.v1.access_service_pb2_grpc import AccessServiceStub, AccessTokenServiceStub
from directory.authz.v1.administration_service_pb2_grpc import AdministrationServiceStub
from directory.listings.v1.listings_service_pb2_grpc import (
    IconServiceStub,
    ListingsServiceStub,
    PublicListingsServiceStub,
)
from directory.metrics.v1.metrics_service_pb2_grpc import MetricsServiceStub
from directory.metrics.v1.ranking_service_pb2_grpc import RankingServiceStub
from directory.notifications.v1.activity_service_pb2_grpc import ActivityServiceStub
from directory.notifications.v1.preferences_service_pb2_grpc import PreferencesServiceStub, UnsubscribeServiceStub
from directory.notifications.v1.webhooks_service_pb2_grpc import WebhooksServiceStub
from directory.submissions.v1.review_desk_service_pb2_grpc import ReviewDeskServiceStub
from directory.submissions.v1.review_service_pb2_grpc import ReviewServiceStub
from directory.submissions.v1.submissions_service_pb2_grpc import SubmissionsServiceStub
from directory.submissions.v1.transfers_service_pb2_grpc import TransfersServiceStub

from gateway.settings import Settings


@dataclass(frozen=True)
class Backends:
    """Stubs whose calls carry the bound grant, the request id and a deadline, and raise kinds of chassis.errors."""

    access: AccessServiceStub
    access_tokens: AccessTokenServiceStub
    administration: AdministrationServiceStub
    submissions: SubmissionsServiceStub
    transfers: TransfersServiceStub
    review: ReviewServiceStub
    review_desk: ReviewDeskServiceStub
    listings: ListingsServiceStub
    public_listings: PublicListingsServiceStub
    icons: IconServiceStub
    metrics: MetricsServiceStub
    ranking: RankingServiceStub
    activity: ActivityServiceStub
    preferences: PreferencesServiceStub
    unsubscribing: UnsubscribeServiceStub
    webhooks: WebhooksServiceStub
    channels: tuple[grpc.Channel, ...]

    def close(self) -> None:
        """Close every channel."""
        for channel in self.channels:
            channel.close()


def connect(settings: Settings) -> Backends:
    """Channels to every service. Call it after fork only: a channel's threads do not survive one."""
    authz = client.channel(settings.authz_address, "authz", settings.tls_dir)
    submissions = client.channel(settings.submissions_address, "submissions", settings.tls_dir)
    listings = client.channel(settings.listings_address, "listings", settings.tls_dir)
    metrics = client.channel(settings.metrics_address, "metrics", settings.tls_dir)
    notifications = client.channel(settings.notifications_address, "notifications", settings.tls_dir)
    return Backends(
        access=AccessServiceStub(authz),
        access_tokens=AccessTokenServiceStub(authz),
        administration=AdministrationServiceStub(authz),
        submissions=SubmissionsServiceStub(submissions),
        transfers=TransfersServiceStub(submissions),
        review=ReviewServiceStub(submissions),
        review_desk=ReviewDeskServiceStub(submissions),
        listings=ListingsServiceStub(listings),
        public_listings=PublicListingsServiceStub(listings),
        icons=IconServiceStub(listings),
        metrics=MetricsServiceStub(metrics),
        ranking=RankingServiceStub(metrics),
        activity=ActivityServiceStub(notifications),
        preferences=PreferencesServiceStub(notifications),
        unsubscribing=UnsubscribeServiceStub(notifications),
        webhooks=WebhooksServiceStub(notifications),
        channels=(authz, submissions, listings, metrics, notifications),
    )
