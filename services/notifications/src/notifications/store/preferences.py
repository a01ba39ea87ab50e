"""Who wants e-mails about what, for each organisation. What nobody chose is on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from chassis.sql.database import UnitOfWork
from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from notifications.domain.happenings import Topic
from notifications.store.tables import preferences


def of_person(connection: Connection, person_id: str, organization_id: str) -> dict[Topic, bool]:
    """Every topic with whether e-mails are wanted."""
    query = select(preferences.c.topic, preferences.c.email).where(
        preferences.c.person_id == person_id, preferences.c.organization_id == organization_id
    )
    chosen: dict[str, bool] = {row.topic: row.email for row in connection.execute(query)}
    return {topic: chosen.get(topic, True) for topic in Topic}


def refusing(connection: Connection, organization_id: str, topic: Topic) -> frozenset[str]:
    """Ids of those who want no e-mails about the topic."""
    query = select(preferences.c.person_id).where(
        preferences.c.organization_id == organization_id, preferences.c.topic == topic.value, ~preferences.c.email
    )
    return frozenset(connection.execute(query).scalars())


def choose(
    uow: UnitOfWork, person_id: str, organization_id: str, chosen: Mapping[Topic, bool], *, now: datetime
) -> None:
    """Keeps choices."""
    for topic, email in sorted(chosen.items()):
        statement = insert(preferences).values(
            person_id=person_id, organization_id=organization_id, topic=topic.value, email=email, changed_at=now
        )
        uow.execute(
            statement.on_conflict_do_update(
                index_elements=["person_id", "organization_id", "topic"], set_={"email": email, "changed_at": now}
            )
        )
