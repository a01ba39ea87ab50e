"""ActivityService: what happened to an organization's servers."""

from __future__ import annotations

from chassis import paging
from chassis.formats import is_uuid
from chassis.rpc.caller import publisher
from chassis.rpc.methods import read
from chassis.sql.database import Database
from directory.notifications.v1 import activity_service_pb2 as pb
from directory.notifications.v1.activity_service_pb2_grpc import ActivityServiceServicer
from sqlalchemy import Connection

from notifications.api.messages import activity_message
from notifications.store import activities


class ActivityApi(ActivityServiceServicer):
    """See the contract."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @read
    def ListActivity(self, request: pb.ListActivityRequest, connection: Connection) -> pb.ListActivityResponse:
        """A page of the organization's activities; none of a submission that is not its own."""
        grant = publisher()
        if request.submission_id and not is_uuid(request.submission_id):
            return pb.ListActivityResponse()
        size = paging.page_size(request.page_size)
        found = activities.latest(
            connection,
            grant.organization_id,
            submission_id=request.submission_id,
            after=paging.place(request),
            limit=size + 1,
        )
        last = found[size - 1] if len(found) > size else None
        return pb.ListActivityResponse(
            activities=[activity_message(each) for each in found[:size]],
            next_page_token=paging.encode(request, last.occurred_at, last.event_id) if last else "",
        )
