"""ReviewService: the desk of the directory's reviewers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import grpc
from chassis import clock, paging
from chassis.grants import Grant
from chassis.rpc.methods import read, write
from chassis.sql.database import Database, UnitOfWork
from directory.submissions.v1 import review_service_pb2 as contract
from directory.submissions.v1 import review_service_pb2_grpc, submission_pb2
from sqlalchemy import Connection

from submissions.api import handed_in, inputs, review_subjects
from submissions.api.callers import LEAD_REVIEWER, as_reviewer, as_staff, staff
from submissions.api.desk import Desk, present_messages
from submissions.api.messages import decision_name, entry_message, item_message, submission_message
from submissions.api.threads import require_may_write
from submissions.domain import lifecycle, review, together
from submissions.domain.lifecycle import Actor, Move
from submissions.domain.review import Decision, ItemKind, ItemState, ReviewItem
from submissions.store import (
    audit,
    decisions,
    drift_moves,
    review_items,
    review_queue,
    submissions,
    thread,
    waiting,
)
from submissions.store.review_items import QueuedItem
from submissions.store.review_queue import Filter
from submissions.store.reviewer_access import SealingKeys
from submissions.store.submissions import Submission

# More would not fit into one message; the publisher's ListThread pages through the rest.
SHOWN_ENTRIES = 200


class ReviewApi(review_service_pb2_grpc.ReviewServiceServicer):
    """Every method asks for staff first: others learn nothing of what exists."""

    def __init__(
        self, database: Database, sealing_keys: SealingKeys, now: clock.Clock = clock.now, *, desk: Desk
    ) -> None:
        self.database = database
        self._keys = sealing_keys
        self._now = now
        self._desk = desk

    @read
    def ListReviewItems(
        self, request: contract.ListReviewItemsRequest, connection: Connection
    ) -> contract.ListReviewItemsResponse:
        """Items of the queue."""
        grant, now = staff(), self._now()
        size = paging.page_size(request.page_size)
        wanted = _filter(request, grant)
        after = inputs.queue_position(request)
        due = self._desk.due
        found = review_queue.page(connection, wanted, now=now, due=due, size=size + 1, after=after)
        token = ""
        if len(found) > size:
            last = found[size - 1].item
            at = last.opened_at if wanted.state is ItemState.OPEN else last.closed_at or last.opened_at
            token = paging.encode(request, int(found[size - 1].waits_for_publisher), at, last.review_item_id)
        counts = review_queue.counts(connection, person_id=grant.person_id, now=now, due=due)
        return contract.ListReviewItemsResponse(
            items=[self._message(_as_seen_by(grant, queued), now) for queued in found[:size]],
            next_page_token=token,
            open_count=counts.open,
            overdue_count=counts.overdue,
            unclaimed_count=counts.unclaimed,
            mine_count=counts.mine,
            with_publisher_count=counts.with_publisher,
        )

    @read
    def GetReviewItem(
        self, request: contract.GetReviewItemRequest, connection: Connection
    ) -> contract.GetReviewItemResponse:
        """One item with everything that a decision needs."""
        grant, now = staff(), self._now()
        queued = review_items.get(connection, request.review_item_id)
        item = queued.item
        submission = submissions.of_anybody(connection, item.submission_id)
        why_not = review.why_not_decide(item, as_reviewer(grant), now=now)
        latest = thread.page(connection, item.submission_id, size=SHOWN_ENTRIES, newest_first=True)
        moves = _moves(grant, item, submission, may_decide=not why_not)
        shown = handed_in.submission_of(connection, item, submission)
        response = contract.GetReviewItemResponse(
            item=self._message(_as_seen_by(grant, queued), now),
            submission=submission_message(shown, moves, waiting=waiting.of(connection, item.submission_id)),
            thread=[entry_message(entry, for_publisher=False) for entry in reversed(latest)],
            can_decide=not why_not,
            cannot_decide_reason=why_not,
            checks=handed_in.checks_of(connection, submission),
            present=present_messages(connection, item.review_item_id, grant.person_id, now),
            decisions=[decision_name(decision) for decision in review.possible_decisions(item.kind)],
            rejection_needs_second=self._desk.second_reviewer,
        )
        review_subjects.put(response, connection, item, submission)
        return response

    @write
    def ClaimReviewItem(
        self, request: contract.ClaimReviewItemRequest, uow: UnitOfWork
    ) -> contract.ClaimReviewItemResponse:
        """Takes the item, or prolongs the caller's own claim."""
        grant, now = staff(), self._now()
        queued = review_items.get(uow.connection, request.review_item_id, lock=True)
        claimed = review.claim(queued.item, as_reviewer(grant), now=now)
        self._save(uow, claimed, grant, Move.CLAIM, now)
        return contract.ClaimReviewItemResponse(item=self._message(replace(queued, item=claimed), now))

    @write
    def ReleaseReviewItem(
        self, request: contract.ReleaseReviewItemRequest, uow: UnitOfWork
    ) -> contract.ReleaseReviewItemResponse:
        """Gives the item back."""
        grant, now = staff(), self._now()
        queued = review_items.get(uow.connection, request.review_item_id, lock=True)
        released = review.release(queued.item, as_reviewer(grant), now=now)
        self._save(uow, released, grant, Move.RELEASE, now)
        return contract.ReleaseReviewItemResponse(item=self._message(replace(queued, item=released), now))

    @write
    def DecideReviewItem(
        self, request: contract.DecideReviewItemRequest, uow: UnitOfWork
    ) -> contract.DecideReviewItemResponse:
        """Decides, as the holder of the claim; together with others, also on what nobody holds."""
        grant, now = staff(), self._now()
        decision, comment, reason_code = _said(request)
        submission, queued = _locked(uow.connection, request.review_item_id)
        item, version = queued.item, request.version
        if request.in_bulk:
            review.require_other_organization(item, as_reviewer(grant))
            together.require_bulk(item, decision, renames=review_subjects.renames(uow.connection, item))
            item = together.claim_seen(item, as_reviewer(grant), version=version, now=now)
            if item is not queued.item:
                self._save(uow, item, grant, Move.CLAIM, now)
                version = item.version
        if item.kind is ItemKind.DRIFT:
            shown = _decide_drift(request, uow, submission=submission, queued=queued, grant=grant, now=now)
            return contract.DecideReviewItemResponse(item=self._message(shown, now))
        decided = review.decide(
            item,
            as_reviewer(grant),
            decision=decision,
            comment=comment,
            reason_code=reason_code,
            version=version,
            now=now,
            second_needed=self._desk.second_reviewer,
        )
        decisions.record(uow, submission, decided, author=as_staff(grant), now=now)
        return contract.DecideReviewItemResponse(item=self._message(replace(queued, item=decided), now))

    @write
    def SettleRejection(
        self, request: contract.SettleRejectionRequest, uow: UnitOfWork
    ) -> contract.SettleRejectionResponse:
        """Confirms a proposed rejection, or returns it."""
        grant, now = staff(), self._now()
        comment = inputs.text(request.comment, "/comment")
        submission, queued = _locked(uow.connection, request.review_item_id)
        settled = review.settle(
            queued.item,
            as_reviewer(grant),
            confirm=request.confirm,
            comment=comment,
            version=request.version,
            now=now,
        )
        record = decisions.record if request.confirm else decisions.record_return
        record(uow, submission, settled, author=as_staff(grant), now=now)
        return contract.SettleRejectionResponse(item=self._message(replace(queued, item=settled), now))

    @write
    def PostReviewMessage(
        self, request: contract.PostReviewMessageRequest, uow: UnitOfWork
    ) -> contract.PostReviewMessageResponse:
        """Adds a reviewer's message to the submission's thread."""
        grant, now = staff(), self._now()
        body = inputs.text(request.body, "/body", needed=True)
        submission, queued = _locked(uow.connection, request.review_item_id)
        review.require_other_organization(queued.item, as_reviewer(grant))
        author = as_staff(grant)
        require_may_write(uow.connection, submission, author, now)
        entry = decisions.say(uow, submission, queued.item, body, author=author, now=now)
        return contract.PostReviewMessageResponse(entry=entry_message(entry, for_publisher=False))

    def GetReviewerAccess(
        self, request: contract.GetReviewerAccessRequest, context: grpc.ServicerContext
    ) -> contract.GetReviewerAccessResponse:
        """Opens the sealed access for reviewers, and writes that into the audit.

        Not a @write: the answer to a repeated request would be kept beside its idempotency key, unsealed.
        """
        grant, now = staff(), self._now()

        def open_access(uow: UnitOfWork) -> submission_pb2.ReviewerAccess:
            item = review_items.get(uow.connection, request.review_item_id).item
            review.require_other_organization(item, as_reviewer(grant))
            submission = submissions.of_anybody(uow.connection, item.submission_id, lock=True)
            handed_in.require(submission)
            sealed = submissions.sealed_access(uow.connection, submission.submission_id)
            detail = {"review_item_id": item.review_item_id}
            author = as_staff(grant)
            audit.record(
                uow.connection, submission, action="read_reviewer_access", author=author, now=now, detail=detail
            )
            return self._keys.unseal(submission.submission_id, sealed)

        return contract.GetReviewerAccessResponse(access=self.database.run(open_access))

    def _save(self, uow: UnitOfWork, item: ReviewItem, grant: Grant, move: Move, now: datetime) -> None:
        review_items.save(uow.connection, item)
        submission = submissions.of_anybody(uow.connection, item.submission_id)
        detail = {"review_item_id": item.review_item_id}
        audit.record(uow.connection, submission, action=move, author=as_staff(grant), now=now, detail=detail)

    def _message(self, queued: QueuedItem, now: datetime) -> contract.ReviewItem:
        return item_message(queued, now=now, due=self._desk.due)


def _as_seen_by(grant: Grant, queued: QueuedItem) -> QueuedItem:
    return replace(queued, item=review.as_seen_by(queued.item, as_reviewer(grant)))


def _locked(connection: Connection, review_item_id: str) -> tuple[Submission, QueuedItem]:
    """The submission is locked before its item, as in every move: two orders would be a deadlock."""
    found = review_items.get(connection, review_item_id)
    submission = submissions.of_anybody(connection, found.item.submission_id, lock=True)
    return submission, review_items.get(connection, review_item_id, lock=True)


def _said(request: contract.DecideReviewItemRequest) -> tuple[Decision, str, str]:
    """The decision, its comment and the code of its reason."""
    decision = Decision(inputs.choice(contract.Decision.DESCRIPTOR, request.decision, "DECISION_", "/decision"))
    comment = inputs.text(request.comment, "/comment")
    return decision, comment, inputs.reason_code(decision, request.reason, request.change_reason)


def _decide_drift(
    request: contract.DecideReviewItemRequest,
    uow: UnitOfWork,
    *,
    submission: Submission,
    queued: QueuedItem,
    grant: Grant,
    now: datetime,
) -> QueuedItem:
    """The item afterwards: a request for changes leaves it open, with its publisher."""
    decision, comment, reason_code = _said(request)
    after = drift_moves.decide(
        uow,
        submission,
        queued.item,
        as_reviewer(grant),
        decision=decision,
        comment=comment,
        reason_code=reason_code,
        version=request.version,
        author=as_staff(grant),
        now=now,
    )
    return replace(queued, item=after, waits_for_publisher=after.state is ItemState.OPEN)


def _filter(request: contract.ListReviewItemsRequest, grant: Grant) -> Filter:
    state, kind = ItemState.OPEN, None
    if request.state:
        enum = contract.ReviewItemState.DESCRIPTOR
        state = ItemState(inputs.choice(enum, request.state, "REVIEW_ITEM_STATE_", "/state"))
    if request.kind:
        kind = ItemKind(inputs.choice(contract.ReviewItemKind.DESCRIPTOR, request.kind, "REVIEW_ITEM_KIND_", "/kind"))
    people = [grant.person_id] if request.mine else []
    people += [request.held_by] if request.held_by else []
    return Filter(
        state=state,
        kind=kind,
        search=inputs.search_text(request.search),
        held_by=[inputs.search_text(person) for person in people],
        organization_id=inputs.search_text(request.organization_id),
        category=inputs.search_text(request.category),
        unclaimed=request.unclaimed,
        overdue=request.overdue,
        appealed=request.appealed,
        replied=request.replied,
        proposed=request.proposed,
        with_publisher=request.with_publisher,
        own_organizations=sorted(grant.organizations),
        newest_first=request.order == contract.REVIEW_ORDER_NEWEST,
    )


def _moves(grant: Grant, item: ReviewItem, submission: Submission, *, may_decide: bool) -> tuple[Move, ...]:
    actors = set()
    if may_decide and item.kind in (ItemKind.SUBMISSION, ItemKind.APPEAL):
        actors.add(Actor.HOLDER)
    if grant.staff_role == LEAD_REVIEWER and not item.concerns(grant.organizations):
        actors.add(Actor.LEAD_REVIEWER)
    return lifecycle.possible(submission.state, actors, ever_published=submission.ever_published)
