"""Which e-mails the caller wants about an organisation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from directory.notifications.v1.activity_service_pb2 import Topic
from directory.notifications.v1.preferences_service_pb2 import (
    GetPreferencesRequest,
    Preference,
    SetPreferencesRequest,
)
from pydantic import BaseModel

from gateway.api import blueprints
from gateway.api.answers import Answer
from gateway.api.paths import OrganizationPath
from gateway.api.schemas import Body
from gateway.core import core
from gateway.shapes import enum_from_json, enum_to_json

blueprint = blueprints.of_managers("notification_preferences", __name__)


class Emails(BaseModel):
    """Whether e-mails are sent, by topic."""

    status: bool
    feedback: bool
    listing: bool
    health: bool
    webhooks: bool


class Preferences(BaseModel):
    """The caller's choices in this organisation."""

    email: Emails


class EmailsPatch(Body):
    """Topics to change."""

    status: bool | None = None
    feedback: bool | None = None
    listing: bool | None = None
    health: bool | None = None
    webhooks: bool | None = None


class PreferencesPatch(Body):
    """What to change; the rest stays. null stays, too."""

    email: EmailsPatch = EmailsPatch()


@blueprint.get("/notification-preferences", responses={200: Preferences})
def get_notification_preferences(path: OrganizationPath) -> Answer:
    """The caller's choices; what they never chose is on."""
    return _answer(core().backends.preferences.GetPreferences(GetPreferencesRequest()).preferences)


@blueprint.patch("/notification-preferences", responses={200: Preferences})
def set_notification_preferences(path: OrganizationPath, body: PreferencesPatch) -> Answer:
    """Turn e-mails of topics on or off."""
    chosen = body.email.model_dump(exclude_none=True)
    request = SetPreferencesRequest(
        preferences=[
            Preference(topic=enum_from_json(Topic.DESCRIPTOR, topic), email=email) for topic, email in chosen.items()
        ]
    )
    return _answer(core().backends.preferences.SetPreferences(request).preferences)


def _answer(preferences: Iterable[Preference]) -> dict[str, Any]:
    return {"email": {enum_to_json(Topic.DESCRIPTOR, each.topic): each.email for each in preferences}}
