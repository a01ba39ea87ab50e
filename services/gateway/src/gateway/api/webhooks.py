"""Webhook endpoints of an organisation, and the log of what was sent to them (docs/webhooks.md)."""

from __future__ import annotations

from typing import Annotated

from directory.notifications.v1.webhooks_service_pb2 import (
    CreateWebhookRequest,
    DeleteWebhookRequest,
    Delivery,
    DeliveryAttempt,
    GetDeliveryRequest,
    GetWebhookRequest,
    ListDeliveriesRequest,
    ListWebhooksRequest,
    RedeliverRequest,
    RotateSecretRequest,
    SendTestEventRequest,
    UpdateWebhookRequest,
    Webhook,
    WebhookSettings,
)
from pydantic import BaseModel, Field, StringConstraints

from gateway.api import blueprints
from gateway.api.answers import Answer
from gateway.api.document import ETAG, IF_MATCH, NOT_REPEATABLE, WRITES_VERSION
from gateway.api.paging import PageQuery, next_cursor
from gateway.api.paths import DeliveryPath, OrganizationPath, WebhookPath
from gateway.api.schemas import Body, answer
from gateway.core import core
from gateway.etags import not_modified, required_version, tag
from gateway.shapes import to_json

blueprint = blueprints.of_managers("webhooks", __name__, below="/webhooks")

WEBHOOK = answer(Webhook.DESCRIPTOR)
DELIVERY = answer(Delivery.DESCRIPTOR)
_NO_STORE = {"Cache-Control": "no-store"}

Url = Annotated[str, StringConstraints(max_length=500), Field(json_schema_extra={"format": "uri"})]
Description = Annotated[str, StringConstraints(max_length=200)]
EventTypes = Annotated[list[str], Field(max_length=20, description="None means all; `event_types` of the list.")]


class NewWebhook(Body):
    """An endpoint to make."""

    url: Url
    description: Description = ""
    event_types: EventTypes = Field(default_factory=list)
    enabled: bool = True


class WebhookPatch(Body):
    """What to change; the rest stays."""

    url: Url | None = None
    description: Description | None = None
    event_types: EventTypes | None = None
    enabled: bool | None = None


class WebhookWithSecret(BaseModel):
    """An endpoint with its new secret, which is in this answer alone."""

    webhook: WEBHOOK  # type: ignore[valid-type]
    secret: str


class Webhooks(BaseModel):
    """Every endpoint, oldest first, and the types of events that can be chosen."""

    webhooks: list[WEBHOOK]  # type: ignore[valid-type]
    event_types: list[str]


class Deliveries(BaseModel):
    """A page of deliveries, latest first."""

    deliveries: list[DELIVERY]  # type: ignore[valid-type]
    next_cursor: str | None


class WholeDelivery(BaseModel):
    """A delivery with what is sent and every attempt, oldest first."""

    delivery: DELIVERY  # type: ignore[valid-type]
    payload: str
    attempts: list[answer(DeliveryAttempt.DESCRIPTOR)]  # type: ignore[valid-type]


@blueprint.get("", responses={200: Webhooks})
def list_webhooks(path: OrganizationPath) -> Answer:
    """Every endpoint of the organisation."""
    found = core().backends.webhooks.ListWebhooks(ListWebhooksRequest())
    return {"webhooks": [to_json(each) for each in found.webhooks], "event_types": list(found.event_types)}


@blueprint.post("", responses={201: WebhookWithSecret}, openapi_extensions=NOT_REPEATABLE)
def create_webhook(path: OrganizationPath, body: NewWebhook) -> Answer:
    """Make an endpoint. Keep the secret: it is shown once, so that `Idempotency-Key` is ignored here."""
    made = core().backends.webhooks.CreateWebhook(CreateWebhookRequest(settings=WebhookSettings(**body.model_dump())))
    headers = {"ETag": tag(made.webhook.version), **_NO_STORE}
    return {"webhook": to_json(made.webhook), "secret": made.secret}, 201, headers


@blueprint.get("/<uuid:webhook_id>", responses={200: WEBHOOK}, openapi_extensions=ETAG)
def get_webhook(path: WebhookPath) -> Answer:
    """One endpoint."""
    found = core().backends.webhooks.GetWebhook(GetWebhookRequest(webhook_id=str(path.webhook_id))).webhook
    return not_modified(found.version) or _answer(found)


@blueprint.patch("/<uuid:webhook_id>", responses={200: WEBHOOK}, openapi_extensions=WRITES_VERSION)
def change_webhook(path: WebhookPath, body: WebhookPatch) -> Answer:
    """Change an endpoint: a JSON merge patch, in which null stays as it is."""
    version = required_version()
    found = core().backends.webhooks.GetWebhook(GetWebhookRequest(webhook_id=str(path.webhook_id))).webhook
    kept = to_json(found.settings) | body.model_dump(exclude_none=True)
    request = UpdateWebhookRequest(webhook_id=str(path.webhook_id), version=version, settings=WebhookSettings(**kept))
    return _answer(core().backends.webhooks.UpdateWebhook(request).webhook)


@blueprint.delete("/<uuid:webhook_id>", responses={204: None}, openapi_extensions=IF_MATCH)
def delete_webhook(path: WebhookPath) -> Answer:
    """Delete an endpoint with its log."""
    request = DeleteWebhookRequest(webhook_id=str(path.webhook_id), version=required_version())
    core().backends.webhooks.DeleteWebhook(request)
    return "", 204


@blueprint.post(
    "/<uuid:webhook_id>/secret", responses={201: WebhookWithSecret}, openapi_extensions={**IF_MATCH, **NOT_REPEATABLE}
)
def rotate_webhook_secret(path: WebhookPath) -> Answer:
    """Make a new secret. For 24 hours messages bear the signatures of both."""
    request = RotateSecretRequest(webhook_id=str(path.webhook_id), version=required_version())
    rotated = core().backends.webhooks.RotateSecret(request)
    headers = {"ETag": tag(rotated.webhook.version), **_NO_STORE}
    return {"webhook": to_json(rotated.webhook), "secret": rotated.secret}, 201, headers


@blueprint.post("/<uuid:webhook_id>/test", responses={202: DELIVERY})
def send_test_event(path: WebhookPath) -> Answer:
    """Send an event of type `webhook.test`."""
    request = SendTestEventRequest(webhook_id=str(path.webhook_id))
    return to_json(core().backends.webhooks.SendTestEvent(request).delivery), 202


@blueprint.get("/<uuid:webhook_id>/deliveries", responses={200: Deliveries})
def list_deliveries(path: WebhookPath, query: PageQuery) -> Answer:
    """What was sent, latest first."""
    request = ListDeliveriesRequest(webhook_id=str(path.webhook_id), page_size=query.limit, page_token=query.cursor)
    found = core().backends.webhooks.ListDeliveries(request)
    return {
        "deliveries": [to_json(each) for each in found.deliveries],
        "next_cursor": next_cursor(found.next_page_token),
    }


@blueprint.get("/<uuid:webhook_id>/deliveries/<uuid:delivery_id>", responses={200: WholeDelivery})
def get_delivery(path: DeliveryPath) -> Answer:
    """One delivery, whole."""
    request = GetDeliveryRequest(webhook_id=str(path.webhook_id), delivery_id=str(path.delivery_id))
    return to_json(core().backends.webhooks.GetDelivery(request))


@blueprint.post("/<uuid:webhook_id>/deliveries/<uuid:delivery_id>/redeliver", responses={202: DELIVERY})
def redeliver(path: DeliveryPath) -> Answer:
    """Send a delivery that is over again, under the same `webhook-id`."""
    request = RedeliverRequest(webhook_id=str(path.webhook_id), delivery_id=str(path.delivery_id))
    return to_json(core().backends.webhooks.Redeliver(request).delivery), 202


def _answer(webhook: Webhook) -> Answer:
    return to_json(webhook), 200, {"ETag": tag(webhook.version)}
