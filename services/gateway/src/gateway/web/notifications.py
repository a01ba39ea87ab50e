"""Which e-mails a person wants, the feed of what happened, and the page behind the links for unsubscribing."""

from typing import Final
from uuid import UUID

from chassis.errors import InvalidInput
from directory.notifications.v1.activity_service_pb2 import ListActivityRequest, Topic
from directory.notifications.v1.preferences_service_pb2 import (
    GetPreferencesRequest,
    GetUnsubscriptionRequest,
    Preference,
    SetPreferencesRequest,
    UnsubscribeRequest,
)
from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from gateway import guards
from gateway.core import core
from gateway.web import scope, telling_words
from gateway.web.posting import once, then
from gateway.web.rendering import page, settings_crumbs

PAGE_SIZE: Final = 50

blueprint = Blueprint("notifications", __name__, url_prefix="/organizations/<uuid:organization_id>")
blueprint.before_request(guards.signed_in)
blueprint.before_request(scope.managing)

# Whoever has the link is not signed in; mail programs post without a token of ours.
unsubscribing = Blueprint("unsubscribe", __name__, url_prefix="/unsubscribe")


@blueprint.get("/notifications")
def preferences(organization_id: UUID) -> str:
    """The person's own choices."""
    found = core().backends.preferences.GetPreferences(GetPreferencesRequest()).preferences
    return page(
        "account/notifications.html",
        section="notifications",
        crumbs=(("Admin settings", ""), ("Notifications", "")),
        choices=[(each, telling_words.topic(each.topic)) for each in found],
    )


@blueprint.post("/notifications")
def choose(organization_id: UUID) -> ResponseReturnValue:
    """Topics that are ticked are on, all others off."""
    ticked = set(request.form.getlist("topic"))
    chosen = [Preference(topic=Topic.Name(number), email=str(number) in ticked) for number in telling_words.TOPICS]
    with once("preferences"):
        core().backends.preferences.SetPreferences(SetPreferencesRequest(preferences=chosen))
    return then("Saved.", "notifications.preferences", organization_id=organization_id)


@blueprint.get("/directory/activity")
def activity(organization_id: UUID) -> str:
    """Everything that happened, latest first."""
    token = request.args.get("page", "")
    found = core().backends.activity.ListActivity(ListActivityRequest(page_size=PAGE_SIZE, page_token=token))
    following = found.next_page_token
    return page(
        "dashboard/activity.html",
        section="directory",
        crumbs=settings_crumbs(organization_id, ("Activity", "")),
        activities=found.activities,
        first_page=url_for("notifications.activity", organization_id=organization_id),
        next_page=url_for("notifications.activity", organization_id=organization_id, page=following)
        if following
        else "",
        paged=bool(token),
    )


@unsubscribing.get("/<token>")
def ask(token: str) -> ResponseReturnValue:
    """A look changes nothing: mail programs and scanners open links by themselves."""
    try:
        found = core().backends.unsubscribing.GetUnsubscription(GetUnsubscriptionRequest(token=token))
    except InvalidInput as error:
        return page("account/unsubscribe.html", topic=None, done=False, problem=error.message), 404
    return page("account/unsubscribe.html", topic=telling_words.topic(found.topic), done=not found.email, problem="")


@unsubscribing.post("/<token>")
def stop(token: str) -> ResponseReturnValue:
    """The page's button, or a mail program's one click (RFC 8058)."""
    try:
        stopped = core().backends.unsubscribing.Unsubscribe(UnsubscribeRequest(token=token))
    except InvalidInput as error:
        return page("account/unsubscribe.html", topic=None, done=False, problem=error.message), 404
    return page("account/unsubscribe.html", topic=telling_words.topic(stopped.topic), done=True, problem="")
