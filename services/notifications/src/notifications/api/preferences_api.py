"""PreferencesService and UnsubscribeService: which e-mails people want."""

from __future__ import annotations

from chassis import clock
from chassis.errors import InvalidInput, Violation
from chassis.grants import Grant
from chassis.rpc.caller import publisher
from chassis.rpc.methods import read, write
from chassis.sql.database import Database, UnitOfWork
from directory.notifications.v1 import preferences_service_pb2 as pb
from directory.notifications.v1.preferences_service_pb2_grpc import (
    PreferencesServiceServicer,
    UnsubscribeServiceServicer,
)
from sqlalchemy import Connection

from notifications.api.messages import topic_message
from notifications.domain.happenings import Topic
from notifications.store import preferences
from notifications.store.secrets import SealingKeys

_TOPICS = {topic_message(topic): topic for topic in Topic}


class PreferencesApi(PreferencesServiceServicer):
    """A person's own choices in the organization of the grant."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @read
    def GetPreferences(self, request: pb.GetPreferencesRequest, connection: Connection) -> pb.GetPreferencesResponse:
        """Every topic."""
        return pb.GetPreferencesResponse(preferences=_all(connection, publisher()))

    @write
    def SetPreferences(self, request: pb.SetPreferencesRequest, uow: UnitOfWork) -> pb.SetPreferencesResponse:
        """Changes what is named."""
        grant = publisher()
        chosen = {}
        for place, preference in enumerate(request.preferences):
            topic = _TOPICS.get(preference.topic)
            if topic is None:
                violation = Violation(f"/preferences/{place}/topic", "UNKNOWN_VALUE", "Choose one of the topics.")
                raise InvalidInput("SETTINGS_INVALID", "Some fields need attention.", violations=[violation])
            chosen[topic] = preference.email
        preferences.choose(uow, grant.person_id, grant.organization_id, chosen, now=clock.now())
        return pb.SetPreferencesResponse(preferences=_all(uow.connection, grant))


class UnsubscribeApi(UnsubscribeServiceServicer):
    """What links in e-mails lead to. Needs no grant."""

    def __init__(self, database: Database, keys: SealingKeys) -> None:
        self.database = database
        self._keys = keys

    @read
    def GetUnsubscription(
        self, request: pb.GetUnsubscriptionRequest, connection: Connection
    ) -> pb.GetUnsubscriptionResponse:
        """What a link is about, and what is chosen now."""
        person_id, organization_id, topic = self._keys.unsubscription(request.token)
        wanted = preferences.of_person(connection, person_id, organization_id)[topic]
        return pb.GetUnsubscriptionResponse(topic=topic_message(topic), organization_id=organization_id, email=wanted)

    @write
    def Unsubscribe(self, request: pb.UnsubscribeRequest, uow: UnitOfWork) -> pb.UnsubscribeResponse:
        """Turns them off."""
        person_id, organization_id, topic = self._keys.unsubscription(request.token)
        preferences.choose(uow, person_id, organization_id, {topic: False}, now=clock.now())
        return pb.UnsubscribeResponse(topic=topic_message(topic))


def _all(connection: Connection, grant: Grant) -> list[pb.Preference]:
    chosen = preferences.of_person(connection, grant.person_id, grant.organization_id)
    return [pb.Preference(topic=topic_message(topic), email=email) for topic, email in chosen.items()]
