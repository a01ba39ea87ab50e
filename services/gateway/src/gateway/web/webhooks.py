"""Webhook endpoints of an organisation, and the log of each; a secret is on the page that made it alone."""

from typing import Any, Final
from uuid import UUID

from chassis.errors import Conflict, DirectoryError, InvalidInput, LimitExceeded, VersionMismatch
from directory.notifications.v1 import webhooks_service_pb2 as pb
from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from gateway import guards, problems
from gateway.core import core
from gateway.web import field_errors, forms, scope, telling_words
from gateway.web.field_errors import FieldErrors
from gateway.web.posting import once, then
from gateway.web.rendering import page

PAGE_SIZE: Final = 50

blueprint = Blueprint("webhooks", __name__, url_prefix="/organizations/<uuid:organization_id>/webhooks")
blueprint.before_request(guards.signed_in)
blueprint.before_request(scope.managing)

_REFUSALS = (InvalidInput, Conflict, LimitExceeded, VersionMismatch)


@blueprint.get("")
def endpoints(organization_id: UUID) -> str:
    """All of them, and the form for a new one."""
    return _list()


@blueprint.post("")
def create(organization_id: UUID) -> ResponseReturnValue:
    """A new endpoint with its secret. No redirect and no idempotency: the secret must not be kept anywhere."""
    chosen = _settings(enabled=True)
    try:
        made = core().backends.webhooks.CreateWebhook(pb.CreateWebhookRequest(settings=chosen))
    except _REFUSALS as error:
        return _list(errors=_errors(error), settings=chosen), problems.of(error).status
    return _one(organization_id, made.webhook, secret=made.secret), 201


@blueprint.get("/<uuid:webhook_id>")
def endpoint(organization_id: UUID, webhook_id: UUID) -> str:
    """One endpoint with its log."""
    return _one(organization_id, _get(webhook_id))


@blueprint.post("/<uuid:webhook_id>")
def save(organization_id: UUID, webhook_id: UUID) -> ResponseReturnValue:
    """Changes what publishers choose."""
    chosen = _settings(enabled="enabled" in request.form)
    asked = pb.UpdateWebhookRequest(webhook_id=str(webhook_id), version=forms.version_of(request.form), settings=chosen)
    try:
        with once("save"):
            core().backends.webhooks.UpdateWebhook(asked)
    except _REFUSALS as error:
        shown = _get(webhook_id)
        shown.settings.CopyFrom(chosen)
        return _one(organization_id, shown, errors=_errors(error)), problems.of(error).status
    return then("Saved.", "webhooks.endpoint", organization_id=organization_id, webhook_id=webhook_id)


@blueprint.post("/<uuid:webhook_id>/secret")
def rotate(organization_id: UUID, webhook_id: UUID) -> ResponseReturnValue:
    """A new secret, shown once."""
    asked = pb.RotateSecretRequest(webhook_id=str(webhook_id), version=forms.version_of(request.form))
    try:
        rotated = core().backends.webhooks.RotateSecret(asked)
    except _REFUSALS as error:
        return _one(organization_id, _get(webhook_id), errors=_errors(error)), problems.of(error).status
    return _one(organization_id, rotated.webhook, secret=rotated.secret), 201


@blueprint.post("/<uuid:webhook_id>/test")
def test(organization_id: UUID, webhook_id: UUID) -> ResponseReturnValue:
    """A test event is put in line."""
    try:
        with once("test"):
            core().backends.webhooks.SendTestEvent(pb.SendTestEventRequest(webhook_id=str(webhook_id)))
    except _REFUSALS as error:
        return _one(organization_id, _get(webhook_id), errors=_errors(error)), problems.of(error).status
    message = "A test event is on its way. Load the page again in a moment to see what came of it."
    return then(message, "webhooks.endpoint", organization_id=organization_id, webhook_id=webhook_id)


@blueprint.post("/<uuid:webhook_id>/delete")
def delete(organization_id: UUID, webhook_id: UUID) -> ResponseReturnValue:
    """The endpoint goes, with its log."""
    asked = pb.DeleteWebhookRequest(webhook_id=str(webhook_id), version=forms.version_of(request.form))
    try:
        with once("delete"):
            core().backends.webhooks.DeleteWebhook(asked)
    except _REFUSALS as error:
        return _one(organization_id, _get(webhook_id), errors=_errors(error)), problems.of(error).status
    return then("The endpoint is deleted.", "webhooks.endpoints", organization_id=organization_id)


@blueprint.get("/<uuid:webhook_id>/deliveries/<uuid:delivery_id>")
def delivery(organization_id: UUID, webhook_id: UUID, delivery_id: UUID) -> str:
    """One delivery with every attempt."""
    return _delivery(organization_id, webhook_id, delivery_id)


@blueprint.post("/<uuid:webhook_id>/deliveries/<uuid:delivery_id>")
def redeliver(organization_id: UUID, webhook_id: UUID, delivery_id: UUID) -> ResponseReturnValue:
    """It is sent again."""
    asked = pb.RedeliverRequest(webhook_id=str(webhook_id), delivery_id=str(delivery_id))
    try:
        with once("redeliver"):
            core().backends.webhooks.Redeliver(asked)
    except _REFUSALS as error:
        shown = _delivery(organization_id, webhook_id, delivery_id, errors=_errors(error))
        return shown, problems.of(error).status
    here: dict[str, Any] = {"webhook_id": webhook_id, "delivery_id": delivery_id}
    return then("It is on its way again.", "webhooks.delivery", organization_id=organization_id, **here)


def _settings(*, enabled: bool) -> pb.WebhookSettings:
    return pb.WebhookSettings(
        url=forms.clean(request.form.get("url")),
        description=forms.clean(request.form.get("description")),
        event_types=request.form.getlist("event_type"),
        enabled=enabled,
    )


def _get(webhook_id: UUID) -> pb.Webhook:
    return core().backends.webhooks.GetWebhook(pb.GetWebhookRequest(webhook_id=str(webhook_id))).webhook


def _errors(error: DirectoryError) -> FieldErrors:
    if isinstance(error, VersionMismatch):
        return FieldErrors("Not done: it changed meanwhile.", [("", "The page shows how it stands now.")])
    return field_errors.of(error)


def _list(**kept: Any) -> str:
    listed = core().backends.webhooks.ListWebhooks(pb.ListWebhooksRequest())
    return page(
        "account/webhooks.html",
        section="webhooks",
        crumbs=(("Admin settings", ""), ("Webhooks", "")),
        webhooks=[(each, telling_words.standing(each)) for each in listed.webhooks],
        event_types=telling_words.EVENT_TYPES,
        **{"settings": pb.WebhookSettings(), **kept},
    )


def _one(organization_id: UUID, webhook: pb.Webhook, **kept: Any) -> str:
    token = request.args.get("page", "")
    asked = pb.ListDeliveriesRequest(webhook_id=webhook.webhook_id, page_size=PAGE_SIZE, page_token=token)
    listed = core().backends.webhooks.ListDeliveries(asked)
    here: dict[str, Any] = {"organization_id": organization_id, "webhook_id": webhook.webhook_id}
    following = listed.next_page_token
    return page(
        "account/webhook.html",
        section="webhooks",
        crumbs=_crumbs(organization_id, (webhook.settings.description or webhook.settings.url, "")),
        webhook=webhook,
        settings=webhook.settings,
        standing=telling_words.standing(webhook),
        event_types=telling_words.EVENT_TYPES,
        deliveries=listed.deliveries,
        states=telling_words.DELIVERY_STATES,
        first_page=url_for("webhooks.endpoint", **here),
        next_page=url_for("webhooks.endpoint", **here, page=following) if following else "",
        paged=bool(token),
        **{"secret": "", **kept},
    )


def _delivery(organization_id: UUID, webhook_id: UUID, delivery_id: UUID, **kept: Any) -> str:
    asked = pb.GetDeliveryRequest(webhook_id=str(webhook_id), delivery_id=str(delivery_id))
    found = core().backends.webhooks.GetDelivery(asked)
    endpoint_page = url_for("webhooks.endpoint", organization_id=organization_id, webhook_id=webhook_id)
    return page(
        "account/delivery.html",
        section="webhooks",
        crumbs=_crumbs(organization_id, ("Endpoint", endpoint_page), (found.delivery.event_type, "")),
        delivery=found.delivery,
        payload=found.payload,
        attempts=found.attempts,
        states=telling_words.DELIVERY_STATES,
        is_over=found.delivery.state != pb.DELIVERY_STATE_WAITING,
        **kept,
    )


def _crumbs(organization_id: UUID, *more: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    listed = url_for("webhooks.endpoints", organization_id=organization_id)
    return (("Admin settings", ""), ("Webhooks", listed), *more)
