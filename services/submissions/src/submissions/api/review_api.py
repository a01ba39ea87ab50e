"""ReviewService: the desk of the directory's reviewers."""

from __future__ import annotations

from datetime import datetime

import grpc
from chassis import clock, paging
from chassis.grants import Grant
from chassis.rpc.methods import read, write
from chassis.sql.database import Database, UnitOfWork
from directory.submissions.v1 import review_service_pb2 as contract
from directory.submissions.v1 import review_service_pb2_grpc, submission_pb2
from sqlalchemy import Connection

from submissions.api import inputs
from submissions.api.callers import LEAD_REVIEWER, as_reviewer, as_staff, staff
from submissions.api.checks import checks_message
from submissions.api.drift_decisions import decide_drift, require_lead_reviewer, why_not_decide
from submissions.api.messages import differences, entry_message, item_message, queued_message, submission_message
from submissions.api.server_probes import drift_message
from submissions.domain import lifecycle, review
from submissions.domain.lifecycle import Actor, Move
from submissions.domain.review import Decision, ItemKind, ItemState, ReviewItem
from submissions.store import audit, decisions, events, review_items, server_checks, submissions, thread
from submissions.store.actors import Role
from submissions.store.review_items import Filter
from submissions.store.reviewer_access import SealingKeys
from submissions.store.submissions import Submission
from submissions.store.thread import EntryKind

# More would not fit into one message; the publisher's ListThread pages through the rest.
SHOWN_ENTRIES = 200


class ReviewApi(review_service_pb2_grpc.ReviewServiceServicer):
    """Every method asks for staff first: others learn nothing of what exists."""

    def __init__(self, database: Database, sealing_keys: SealingKeys, now: clock.Clock = clock.now) -> None:
        self.database = database
        self._keys = sealing_keys
        self._now = now

    @read
    def ListReviewItems(
        self, request: contract.ListReviewItemsRequest, connection: Connection
    ) -> contract.ListReviewItemsResponse:
        """Items of the queue."""
        grant, now = staff(), self._now()
        size = paging.page_size(request.page_size)
        wanted = _filter(request, grant)
        after = inputs.position(request.page_token)
        found = review_items.page(connection, wanted, now=now, size=size + 1, after=after)
        token = ""
        if len(found) > size:
            last = found[size - 1].item
            at = last.opened_at if wanted.state is ItemState.OPEN else last.closed_at or last.opened_at
            token = paging.encode(at, last.review_item_id)
        return contract.ListReviewItemsResponse(
            items=[queued_message(queued, now=now) for queued in found[:size]],
            next_page_token=token,
            open_count=review_items.open_count(connection),
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
        why_not = why_not_decide(connection, item, grant, now=now)
        entries = thread.latest(connection, item.submission_id, size=SHOWN_ENTRIES)
        response = contract.GetReviewItemResponse(
            item=queued_message(queued, now=now),
            submission=submission_message(submission, _moves(grant, item, submission, may_decide=not why_not)),
            thread=[entry_message(entry, for_publisher=False) for entry in entries],
            can_decide=not why_not,
            cannot_decide_reason=why_not,
            checks=checks_message(server_checks.find(connection, item.submission_id)),
        )
        if item.kind is ItemKind.REVISION:
            before, after = review_items.contents(connection, item.review_item_id)
            response.before.CopyFrom(before)
            response.after.CopyFrom(after)
            response.differences.extend(differences(before, after))
        elif item.kind is ItemKind.DRIFT:
            response.drift.CopyFrom(drift_message(connection, item))
        return response

    @write
    def ClaimReviewItem(
        self, request: contract.ClaimReviewItemRequest, uow: UnitOfWork
    ) -> contract.ClaimReviewItemResponse:
        """Takes the item, or prolongs the caller's own claim."""
        grant, now = staff(), self._now()
        queued = review_items.get(uow.connection, request.review_item_id, lock=True)
        require_lead_reviewer(uow.connection, queued.item, grant)
        claimed = review.claim(queued.item, as_reviewer(grant), now=now)
        self._save(uow, claimed, grant, Move.CLAIM, now)
        return contract.ClaimReviewItemResponse(item=item_message(claimed, queued.display_name, now=now))

    @write
    def ReleaseReviewItem(
        self, request: contract.ReleaseReviewItemRequest, uow: UnitOfWork
    ) -> contract.ReleaseReviewItemResponse:
        """Gives the item back."""
        grant, now = staff(), self._now()
        queued = review_items.get(uow.connection, request.review_item_id, lock=True)
        released = review.release(queued.item, as_reviewer(grant), now=now)
        self._save(uow, released, grant, Move.RELEASE, now)
        return contract.ReleaseReviewItemResponse(item=item_message(released, queued.display_name, now=now))

    @write
    def DecideReviewItem(
        self, request: contract.DecideReviewItemRequest, uow: UnitOfWork
    ) -> contract.DecideReviewItemResponse:
        """Decides, as the holder of the claim."""
        grant, now = staff(), self._now()
        decision = inputs.choice(contract.Decision.DESCRIPTOR, request.decision, "DECISION_", "/decision")
        comment = inputs.text(request.comment, "/comment")
        reason_code = inputs.reason(request.reason)
        queued = review_items.get(uow.connection, request.review_item_id)
        # The submission is locked before its item, as in every move: two orders would be a deadlock.
        submission = submissions.of_anybody(uow.connection, queued.item.submission_id, lock=True)
        item = review_items.get(uow.connection, request.review_item_id, lock=True).item
        if item.kind is ItemKind.DRIFT:
            wanted, version = Decision(decision), request.version
            decided = decide_drift(
                uow, submission, item, grant, decision=wanted, comment=comment, version=version, now=now
            )
            return contract.DecideReviewItemResponse(item=item_message(decided, queued.display_name, now=now))
        decided = review.decide(
            item,
            as_reviewer(grant),
            decision=Decision(decision),
            comment=comment,
            reason_code=reason_code,
            version=request.version,
            now=now,
        )
        decisions.record(uow, submission, decided, author=as_staff(grant), now=now)
        return contract.DecideReviewItemResponse(item=item_message(decided, queued.display_name, now=now))

    @write
    def PostReviewMessage(
        self, request: contract.PostReviewMessageRequest, uow: UnitOfWork
    ) -> contract.PostReviewMessageResponse:
        """Adds a reviewer's message to the submission's thread."""
        grant, now = staff(), self._now()
        body = inputs.text(request.body, "/body", needed=True)
        item = review_items.get(uow.connection, request.review_item_id).item
        review.require_other_organization(item, as_reviewer(grant))
        submission = submissions.of_anybody(uow.connection, item.submission_id, lock=True)
        entry = thread.append(
            uow.connection,
            submission.submission_id,
            kind=EntryKind.MESSAGE,
            author=as_staff(grant),
            now=now,
            body=body,
            revision_id=item.revision_id,
        )
        events.message_posted(uow, submission, entry.entry_id, role=Role.REVIEWER, now=now)
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
            submission = submissions.of_anybody(uow.connection, item.submission_id)
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


def _filter(request: contract.ListReviewItemsRequest, grant: Grant) -> Filter:
    state, kind = ItemState.OPEN, None
    if request.state:
        enum = contract.ReviewItemState.DESCRIPTOR
        state = ItemState(inputs.choice(enum, request.state, "REVIEW_ITEM_STATE_", "/state"))
    if request.kind:
        kind = ItemKind(inputs.choice(contract.ReviewItemKind.DESCRIPTOR, request.kind, "REVIEW_ITEM_KIND_", "/kind"))
    held_by = grant.person_id if request.mine else None
    return Filter(state=state, kind=kind, search=inputs.search_text(request.search), held_by=held_by)


def _moves(grant: Grant, item: ReviewItem, submission: Submission, *, may_decide: bool) -> tuple[Move, ...]:
    actors = set()
    if may_decide and item.kind is ItemKind.SUBMISSION:
        actors.add(Actor.HOLDER)
    if grant.staff_role == LEAD_REVIEWER and item.organization_id not in grant.organizations:
        actors.add(Actor.LEAD_REVIEWER)
    return lifecycle.possible(submission.state, actors, ever_published=submission.ever_published)
