"""What happened to an organisation's servers."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from directory.notifications.v1.activity_service_pb2 import Activity, ListActivityRequest
from pydantic import BaseModel, Field

from gateway.api import blueprints
from gateway.api.answers import Answer
from gateway.api.paging import PageQuery, next_cursor
from gateway.api.paths import OrganizationPath
from gateway.api.schemas import answer
from gateway.core import core
from gateway.shapes import to_json

blueprint = blueprints.of_managers("activity", __name__)


class ActivityQuery(PageQuery):
    """Which activities."""

    submission_id: Annotated[UUID | None, Field(description="Of this submission alone.")] = None


class ActivityPage(BaseModel):
    """A page of activities, latest first."""

    activities: list[answer(Activity.DESCRIPTOR)]  # type: ignore[valid-type]
    next_cursor: str | None


@blueprint.get("/activity", responses={200: ActivityPage})
def list_activity(path: OrganizationPath, query: ActivityQuery) -> Answer:
    """Who did what to which server, latest first."""
    request = ListActivityRequest(
        page_size=query.limit, page_token=query.cursor, submission_id=str(query.submission_id or "")
    )
    found = core().backends.activity.ListActivity(request)
    return {
        "activities": [to_json(each) for each in found.activities],
        "next_cursor": next_cursor(found.next_page_token),
    }
