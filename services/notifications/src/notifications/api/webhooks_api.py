"""WebhooksService: endpoints of an organization and what became of each delivery."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import grpc
from chassis import clock, paging
from chassis.destinations import Network
from chassis.errors import Conflict, LimitExceeded
from chassis.ids import new_id
from chassis.rpc.caller import publisher
from chassis.rpc.methods import read, write
from chassis.sql.database import Database, UnitOfWork
from directory.notifications.v1 import webhooks_service_pb2 as pb
from directory.notifications.v1.webhooks_service_pb2_grpc import WebhooksServiceServicer
from sqlalchemy import Connection, Row

from notifications.api import webhook_settings
from notifications.api.messages import attempt_message, delivery_message, webhook_message
from notifications.domain.happenings import TEST, WEBHOOK_TYPES, Actor, Happening
from notifications.domain.webhooks import (
    MOST_ATTEMPTS_A_MINUTE,
    MOST_TESTS_A_MINUTE,
    MOST_WEBHOOKS,
    DeliveryState,
    DisabledReason,
)
from notifications.store import deliveries, webhooks
from notifications.store.secrets import SealingKeys, new_secret

_MINUTE = timedelta(minutes=1)


class WebhooksApi(WebhooksServiceServicer):
    """Each call: the caller's right, the own endpoint locked where it changes, its version compared."""

    def __init__(
        self,
        database: Database,
        keys: SealingKeys,
        *,
        networks: Sequence[Network] = (),
    ) -> None:
        self.database = database
        self._keys = keys
        self._networks = networks

    def CreateWebhook(
        self, request: pb.CreateWebhookRequest, _context: grpc.ServicerContext
    ) -> pb.CreateWebhookResponse:
        """A new endpoint with its secret."""
        # Not by @write: it would keep the answer under the idempotency key, and the secret is stored sealed alone.
        secret, now = new_secret(), clock.now()
        made = self.database.run(lambda uow: self._create(uow, request, secret, now))
        return pb.CreateWebhookResponse(webhook=webhook_message(made, now), secret=secret)

    @read
    def ListWebhooks(self, request: pb.ListWebhooksRequest, connection: Connection) -> pb.ListWebhooksResponse:
        """All of them, and what can be chosen."""
        found, now = webhooks.of_organization(connection, publisher().organization_id), clock.now()
        return pb.ListWebhooksResponse(webhooks=[webhook_message(row, now) for row in found], event_types=WEBHOOK_TYPES)

    @read
    def GetWebhook(self, request: pb.GetWebhookRequest, connection: Connection) -> pb.GetWebhookResponse:
        """One of them."""
        row = webhooks.own(connection, request.webhook_id, publisher().organization_id)
        return pb.GetWebhookResponse(webhook=webhook_message(row, clock.now()))

    @write
    def UpdateWebhook(self, request: pb.UpdateWebhookRequest, uow: UnitOfWork) -> pb.UpdateWebhookResponse:
        """Replaces what publishers choose. Enabling, or another URL, forgets that it failed."""
        row = webhooks.own(
            uow.connection, request.webhook_id, publisher().organization_id, version=request.version, lock=True
        )
        chosen = webhook_settings.checked(request.settings, self._networks)
        if not request.settings.enabled:
            # Why it was disabled before stays told.
            chosen["disabled_reason"] = row.disabled_reason or DisabledReason.BY_PUBLISHER.value
            deliveries.give_up(uow, row.webhook_id)
        elif row.disabled_reason or chosen["url"] != row.url:
            chosen |= {"disabled_reason": DisabledReason.NONE.value, "failing_since": None}
        return pb.UpdateWebhookResponse(webhook=webhook_message(webhooks.change(uow, row, chosen), clock.now()))

    @write
    def DeleteWebhook(self, request: pb.DeleteWebhookRequest, uow: UnitOfWork) -> pb.DeleteWebhookResponse:
        """Deletes it with its log."""
        row = webhooks.own(
            uow.connection, request.webhook_id, publisher().organization_id, version=request.version, lock=True
        )
        webhooks.remove(uow, row)
        return pb.DeleteWebhookResponse()

    def RotateSecret(self, request: pb.RotateSecretRequest, _context: grpc.ServicerContext) -> pb.RotateSecretResponse:
        """A new secret; the present one signs beside it for a day. Not by @write, as for new endpoints."""
        grant, secret, now = publisher(), new_secret(), clock.now()

        def rotate(uow: UnitOfWork) -> Row[Any]:
            row = webhooks.own(
                uow.connection, request.webhook_id, grant.organization_id, version=request.version, lock=True
            )
            return webhooks.rotate(uow, row, self._keys.seal(row.webhook_id, secret), now=now)

        return pb.RotateSecretResponse(webhook=webhook_message(self.database.run(rotate), now), secret=secret)

    @write
    def SendTestEvent(self, request: pb.SendTestEventRequest, uow: UnitOfWork) -> pb.SendTestEventResponse:
        """Puts a test event in line."""
        grant, now = publisher(), clock.now()
        row = _enabled(uow, request.webhook_id, grant.organization_id)
        if deliveries.count_since(uow.connection, row.webhook_id, TEST, now - _MINUTE) >= MOST_TESTS_A_MINUTE:
            message = "Wait a minute before the next test event."
            raise LimitExceeded("TESTS_TOO_OFTEN", message, retry_after_seconds=60)
        test = Happening(
            event_id=new_id(),
            occurred_at=now,
            organization_id=grant.organization_id,
            type=TEST,
            variant="",
            actor=Actor.PUBLISHER,
            actor_id=grant.person_id,
            actor_name=grant.name,
        )
        delivery_id = deliveries.add(uow, row.webhook_id, test, now=now)
        made = deliveries.get(uow.connection, row.webhook_id, delivery_id)
        return pb.SendTestEventResponse(delivery=delivery_message(made))

    @read
    def ListDeliveries(self, request: pb.ListDeliveriesRequest, connection: Connection) -> pb.ListDeliveriesResponse:
        """The log."""
        row = webhooks.own(connection, request.webhook_id, publisher().organization_id)
        size = paging.page_size(request.page_size)
        found = deliveries.latest(connection, row.webhook_id, after=paging.place(request), limit=size + 1)
        last = found[size - 1] if len(found) > size else None
        return pb.ListDeliveriesResponse(
            deliveries=[delivery_message(each) for each in found[:size]],
            next_page_token=paging.encode(request, last.created_at, last.delivery_id) if last else "",
        )

    @read
    def GetDelivery(self, request: pb.GetDeliveryRequest, connection: Connection) -> pb.GetDeliveryResponse:
        """One delivery with every attempt."""
        row = webhooks.own(connection, request.webhook_id, publisher().organization_id)
        found = deliveries.get(connection, row.webhook_id, request.delivery_id)
        attempts = deliveries.attempts_of(connection, found.delivery_id)
        return pb.GetDeliveryResponse(
            delivery=delivery_message(found),
            payload=found.payload,
            attempts=[attempt_message(each) for each in attempts],
        )

    @write
    def Redeliver(self, request: pb.RedeliverRequest, uow: UnitOfWork) -> pb.RedeliverResponse:
        """Puts a delivery that is over in line again."""
        row = _enabled(uow, request.webhook_id, publisher().organization_id)
        found = deliveries.get(uow.connection, row.webhook_id, request.delivery_id)
        if found.state == DeliveryState.WAITING:
            raise Conflict("DELIVERY_WAITING", "This delivery waits for its next attempt already.")
        now = clock.now()
        if deliveries.count_attempts(uow.connection, row.webhook_id, now - _MINUTE) >= MOST_ATTEMPTS_A_MINUTE:
            message = "Much was sent to this endpoint in the last minute. Wait a minute before more is sent again."
            raise LimitExceeded("REDELIVERIES_TOO_OFTEN", message, retry_after_seconds=60)
        deliveries.begin_again(uow, found.delivery_id, now=now)
        again = deliveries.get(uow.connection, row.webhook_id, found.delivery_id)
        return pb.RedeliverResponse(delivery=delivery_message(again))

    def _create(self, uow: UnitOfWork, request: pb.CreateWebhookRequest, secret: str, now: datetime) -> Row[Any]:
        grant = publisher()
        chosen = webhook_settings.checked(request.settings, self._networks)
        webhooks.lock_organization(uow, grant.organization_id)
        if len(webhooks.of_organization(uow.connection, grant.organization_id)) >= MOST_WEBHOOKS:
            message = f"An organisation has at most {MOST_WEBHOOKS} endpoints."
            raise Conflict("TOO_MANY_WEBHOOKS", message, limit=MOST_WEBHOOKS)
        webhook_id = new_id()
        row = {
            **chosen,
            "webhook_id": webhook_id,
            "organization_id": grant.organization_id,
            "disabled_reason": _by_publisher(request.settings),
            "sealed_secret": self._keys.seal(webhook_id, secret),
            "created_by_name": grant.name,
            "created_at": now,
        }
        webhooks.add(uow, row)
        return webhooks.own(uow.connection, webhook_id, grant.organization_id)


def _enabled(uow: UnitOfWork, webhook_id: str, organization_id: str) -> Row[Any]:
    row = webhooks.own(uow.connection, webhook_id, organization_id, lock=True)
    if row.disabled_reason:
        raise Conflict("WEBHOOK_DISABLED", "Enable the endpoint first: nothing is sent to it now.")
    return row


def _by_publisher(settings: pb.WebhookSettings) -> str:
    return DisabledReason.NONE.value if settings.enabled else DisabledReason.BY_PUBLISHER.value
