"""What the review desk's two services share: its rules as settings, and who is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from directory.submissions.v1.review_service_pb2 import PresentReviewer
from sqlalchemy import Connection

from submissions.store import presence


@dataclass(frozen=True, slots=True)
class Desk:
    """How long an item may wait, and whether rejections need a second reviewer."""

    due: timedelta
    second_reviewer: bool


def present_messages(
    connection: Connection, review_item_id: str, person_id: str, now: datetime
) -> list[PresentReviewer]:
    """Who else has the item open."""
    found = presence.others(connection, review_item_id, person_id, now=now)
    return [PresentReviewer(person_id=other, name=name) for other, name in found]
