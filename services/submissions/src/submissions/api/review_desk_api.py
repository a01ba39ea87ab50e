"""ReviewDeskService: who does what, ready-made words, and how the desk goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from chassis import clock
from chassis.errors import InvalidInput, Violation
from chassis.rpc.methods import read, write
from chassis.sql.database import Database, UnitOfWork
from directory.submissions.v1 import review_desk_service_pb2 as contract
from directory.submissions.v1 import review_desk_service_pb2_grpc
from sqlalchemy import Connection

from submissions.api import inputs
from submissions.api.callers import as_reviewer, as_staff, lead_reviewer, staff
from submissions.api.desk import Desk, present_messages
from submissions.api.messages import item_message, kind_name
from submissions.domain import assignment, placeholders, review
from submissions.domain.review import Decision
from submissions.store import (
    audit,
    canned_responses,
    presence,
    review_items,
    review_statistics,
    reviewers,
    submissions,
)
from submissions.store.canned_responses import CannedResponse
from submissions.store.review_items import QueuedItem
from submissions.store.review_statistics import Outcomes

_WEEKS, _MOST_WEEKS = 8, 52


class ReviewDeskApi(review_desk_service_pb2_grpc.ReviewDeskServiceServicer):
    """Every method asks for staff first: others learn nothing of what exists."""

    def __init__(self, database: Database, now: clock.Clock = clock.now, *, desk: Desk) -> None:
        self.database = database
        self._now = now
        self._desk = desk

    @write
    def AssignReviewItem(
        self, request: contract.AssignReviewItemRequest, uow: UnitOfWork
    ) -> contract.AssignReviewItemResponse:
        """Gives an open item to a reviewer, to oneself, or to nobody."""
        grant, now = staff(), self._now()
        queued = review_items.get(uow.connection, request.review_item_id, lock=True)
        by = as_reviewer(grant)
        assignee = None
        if request.person_id:
            mine = request.person_id == by.person_id
            person_id = inputs.search_text(request.person_id)
            assignee = by if mine else reviewers.get(uow.connection, person_id, now=now)
        assigned = assignment.assign(queued.item, assignee, by)
        review_items.save(uow.connection, assigned)
        submission = submissions.of_anybody(uow.connection, assigned.submission_id)
        detail = {"review_item_id": assigned.review_item_id, "assigned_to": assigned.assigned_to}
        audit.record(uow.connection, submission, action="assign", author=as_staff(grant), now=now, detail=detail)
        shown = replace(queued, item=review.as_seen_by(assigned, by))
        message = item_message(shown, now=now, due=self._desk.due)
        return contract.AssignReviewItemResponse(item=message)

    @write
    def NoteReviewPresence(
        self, request: contract.NoteReviewPresenceRequest, uow: UnitOfWork
    ) -> contract.NoteReviewPresenceResponse:
        """Says that the caller has an item open, and who else has."""
        person, now = as_reviewer(staff()), self._now()
        item_id = review_items.get(uow.connection, request.review_item_id).item.review_item_id
        reviewers.note(uow.connection, person, now=now)
        if request.leaving:
            presence.leave(uow.connection, item_id, person.person_id, now=now)
        else:
            presence.note(uow.connection, item_id, person, now=now)
        found = present_messages(uow.connection, item_id, person.person_id, now)
        return contract.NoteReviewPresenceResponse(present=found)

    @write
    def ListReviewers(self, _: contract.ListReviewersRequest, uow: UnitOfWork) -> contract.ListReviewersResponse:
        """Reviewers who were at the desk lately; the caller is one of them from now on."""
        person, now = as_reviewer(staff()), self._now()
        reviewers.note(uow.connection, person, now=now)
        return contract.ListReviewersResponse(
            reviewers=[
                contract.DeskReviewer(
                    person_id=seen.reviewer.person_id,
                    name=seen.reviewer.name,
                    lead=seen.reviewer.lead,
                    seen_at=seen.seen_at,
                )
                for seen in reviewers.known(uow.connection, now=now)
            ]
        )

    @read
    def ListCannedResponses(
        self, request: contract.ListCannedResponsesRequest, connection: Connection
    ) -> contract.ListCannedResponsesResponse:
        """All canned responses, filled in for an item where one is named."""
        staff()
        values = None
        if request.review_item_id:
            values = _values(review_items.get(connection, request.review_item_id))
        found = canned_responses.every(connection)
        if values is not None:
            found = [replace(one, body=placeholders.filled(one.body, values)) for one in found]
        return contract.ListCannedResponsesResponse(canned_responses=[_canned(one) for one in found])

    @write
    def SaveCannedResponse(
        self, request: contract.SaveCannedResponseRequest, uow: UnitOfWork
    ) -> contract.SaveCannedResponseResponse:
        """Makes or changes a canned response."""
        by, now = as_reviewer(lead_reviewer()), self._now()
        title, body = inputs.canned_words(request)
        if request.canned_response_id:
            saved = canned_responses.change(
                uow.connection,
                request.canned_response_id,
                version=request.version,
                title=title,
                body=body,
                by=by,
                now=now,
            )
        else:
            saved = canned_responses.add(uow.connection, title=title, body=body, by=by, now=now)
        return contract.SaveCannedResponseResponse(canned_response=_canned(saved))

    @write
    def DeleteCannedResponse(
        self, request: contract.DeleteCannedResponseRequest, uow: UnitOfWork
    ) -> contract.DeleteCannedResponseResponse:
        """Removes a canned response."""
        lead_reviewer()
        canned_responses.remove(uow.connection, request.canned_response_id, version=request.version)
        return contract.DeleteCannedResponseResponse()

    @read
    def GetReviewStatistics(
        self, request: contract.GetReviewStatisticsRequest, connection: Connection
    ) -> contract.GetReviewStatisticsResponse:
        """How the desk goes."""
        staff()
        now, due, number = self._now(), self._desk.due, _number_of_weeks(request.weeks)
        response = contract.GetReviewStatisticsResponse(due_days=due // timedelta(days=1))
        for kind in review_statistics.queue(connection, now=now, due=due):
            response.queue.add(
                kind=kind_name(kind.kind),
                open=kind.open,
                overdue=kind.overdue,
                unclaimed=kind.unclaimed,
                median_age_seconds=kind.median_age,
                oldest_age_seconds=kind.oldest_age,
            )
        for week in review_statistics.weeks(connection, now=now, due=due, number=number):
            outcomes = _outcomes(week.outcomes)
            response.weeks.add(monday=week.monday.isoformat(), opened=week.opened, outcomes=outcomes)
        for one in review_statistics.by_reviewer(connection, now=now, due=due, number=number):
            response.reviewers.add(person_id=one.person_id, name=one.name, outcomes=_outcomes(one.outcomes))
        return response


def _number_of_weeks(asked: int) -> int:
    if asked > _MOST_WEEKS:
        violation = Violation("/weeks", "OUT_OF_RANGE", f"Choose 1-{_MOST_WEEKS} weeks.")
        raise InvalidInput("FORM_INVALID", "So many weeks are not counted.", violations=[violation])
    return asked or _WEEKS


def _values(queued: QueuedItem) -> dict[str, str]:
    return {
        "server_name": queued.display_name,
        "company_name": queued.company_name,
        "server_url": queued.server_url,
        "slug": queued.slug,
    }


def _canned(response: CannedResponse) -> contract.CannedResponse:
    return contract.CannedResponse(
        canned_response_id=response.canned_response_id,
        title=response.title,
        body=response.body,
        version=response.version,
        changed_by_name=response.changed_by_name,
        changed_at=response.changed_at,
    )


def _outcomes(outcomes: Outcomes) -> contract.OutcomeFigures:
    number = outcomes.by_decision
    return contract.OutcomeFigures(
        decided=outcomes.decided,
        approved=number.get(Decision.APPROVE, 0),
        changes_requested=number.get(Decision.REQUEST_CHANGES, 0),
        rejected=number.get(Decision.REJECT, 0),
        answered=number.get(Decision.ANSWER, 0),
        upheld=number.get(Decision.UPHOLD, 0),
        overturned=number.get(Decision.OVERTURN, 0),
        late=outcomes.late,
        median_waiting_seconds=outcomes.median_waiting,
    )
