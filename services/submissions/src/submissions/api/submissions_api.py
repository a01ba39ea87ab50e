"""SubmissionsService: what publishers do with their submissions, and the lead reviewers' moves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from chassis import clock, paging, rules
from chassis.errors import Conflict, InvalidInput, LimitExceeded
from chassis.grants import Grant
from chassis.ids import new_id
from chassis.rpc.methods import read, write
from chassis.sql.database import Database, UnitOfWork
from directory.submissions.v1 import submission_pb2, submissions_service_pb2_grpc
from directory.submissions.v1 import submissions_service_pb2 as contract
from sqlalchemy import Connection

from submissions.api import inputs
from submissions.api.callers import as_publisher, as_staff, lead_reviewer, publisher
from submissions.api.checks import again_from, checks_message
from submissions.api.messages import entry_message, submission_message
from submissions.domain import lifecycle
from submissions.domain.destinations import Network
from submissions.domain.lifecycle import Actor, Move, Need, State, Step
from submissions.domain.review import refuse_own_organization, version_mismatch
from submissions.store import audit, events, moves, server_checks, submissions, thread
from submissions.store.actors import Role
from submissions.store.completeness import problems
from submissions.store.forms import form_columns
from submissions.store.moves import Said
from submissions.store.reviewer_access import SealingKeys
from submissions.store.server_checks import BY_HAND, Checks
from submissions.store.submissions import Submission
from submissions.store.thread import EntryKind

DAILY_LIMIT = 10
_DAY = timedelta(hours=24)
_PUBLISHER = frozenset({Actor.PUBLISHER})
# Saving and deleting have requests of their own, and a draft is created by another one.
_OWN_REQUESTS = frozenset({Move.SAVE, Move.DELETE, Move.CREATE})


class SubmissionsApi(submissions_service_pb2_grpc.SubmissionsServiceServicer):
    """Every query of a publisher names the organization of the grant: what is another's is not found."""

    def __init__(
        self,
        database: Database,
        sealing_keys: SealingKeys,
        now: clock.Clock = clock.now,
        *,
        networks: Sequence[Network] = (),
    ) -> None:
        self.database = database
        self._keys = sealing_keys
        self._now = now
        self._networks = networks

    @write
    def CreateSubmission(
        self, request: contract.CreateSubmissionRequest, uow: UnitOfWork
    ) -> contract.CreateSubmissionResponse:
        """Starts a draft."""
        grant, now = publisher(), self._now()
        kind = request.kind or submission_pb2.SUBMISSION_KIND_REMOTE_MCP
        stored_kind = inputs.choice(submission_pb2.SubmissionKind.DESCRIPTOR, kind, "SUBMISSION_KIND_", "/kind")
        form = submission_pb2.SubmissionForm()
        rules.merge(form, request.form)
        inputs.require_valid(form, request.reviewer_access, networks=self._networks)
        _require_below_daily_limit(uow.connection, grant, now)
        submission_id = new_id()
        values = {
            "submission_id": submission_id,
            "organization_id": grant.organization_id,
            "kind": stored_kind,
            "state": State.DRAFT.value,
            "version": 1,
            **form_columns(form),
            **inputs.access_columns(self._keys, submission_id, request.reviewer_access),
            "findings": [],
            "thread_length": 0,
            "created_by": grant.person_id,
            "created_at": now,
            "updated_at": now,
            "state_changed_at": now,
        }
        submission = moves.create(uow, values, lifecycle.CREATION, author=as_publisher(grant), now=now)
        return contract.CreateSubmissionResponse(submission=_for_publisher(submission))

    @read
    def GetSubmission(
        self, request: contract.GetSubmissionRequest, connection: Connection
    ) -> contract.GetSubmissionResponse:
        """One submission with form, problems and findings."""
        return contract.GetSubmissionResponse(submission=_for_publisher(_own(connection, request.submission_id)))

    @read
    def ListSubmissions(
        self, request: contract.ListSubmissionsRequest, connection: Connection
    ) -> contract.ListSubmissionsResponse:
        """Submissions of the organization, most recently changed first."""
        grant = publisher()
        size = paging.page_size(request.page_size)
        found = submissions.page(
            connection,
            grant.organization_id,
            states=[_state(number) for number in request.states],
            search=inputs.search_text(request.search),
            size=size + 1,
            after=inputs.position(request.page_token),
        )
        more = len(found) > size
        counts = submissions.counts(connection, grant.organization_id)
        return contract.ListSubmissionsResponse(
            submissions=[_for_publisher(submission) for submission in found[:size]],
            next_page_token=paging.encode(found[size - 1].updated_at, found[size - 1].submission_id) if more else "",
            counts=[
                contract.StateCount(state=events.state_name(state), count=count) for state, count in counts.items()
            ],
        )

    @write
    def SaveSubmission(
        self, request: contract.SaveSubmissionRequest, uow: UnitOfWork
    ) -> contract.SaveSubmissionResponse:
        """Saves fields of the form."""
        grant, now = publisher(), self._now()
        before = _own(uow.connection, request.submission_id, lock=True, version=request.version)
        row = _step(before, Move.SAVE)
        form = submission_pb2.SubmissionForm()
        form.CopyFrom(before.form or form)
        rules.merge(form, request.form, request.update_mask.paths)
        inputs.require_valid(form, request.reviewer_access, networks=self._networks)
        inputs.require_slug_kept(before, form)
        values = form_columns(form)
        if request.HasField("reviewer_access"):
            values |= inputs.access_columns(self._keys, before.submission_id, request.reviewer_access)
        said = Said(detail={"fields": inputs.changed_fields(before.form or form, form)})
        after = moves.take(uow, before, row, author=as_publisher(grant), now=now, said=said, values=values)
        return contract.SaveSubmissionResponse(submission=_for_publisher(after))

    @write
    def DeleteSubmission(
        self, request: contract.DeleteSubmissionRequest, uow: UnitOfWork
    ) -> contract.DeleteSubmissionResponse:
        """Deletes a draft that was never published."""
        grant = publisher()
        before = _own(uow.connection, request.submission_id, lock=True, version=request.version)
        moves.take(uow, before, _step(before, Move.DELETE), author=as_publisher(grant), now=self._now())
        return contract.DeleteSubmissionResponse()

    @write
    def MoveSubmission(
        self, request: contract.MoveSubmissionRequest, uow: UnitOfWork
    ) -> contract.MoveSubmissionResponse:
        """Takes a move of the lifecycle."""
        move = inputs.move(request.move)
        comment = inputs.text(request.comment, "/comment")
        if move in lifecycle.LEAD_REVIEWER_MOVES:
            return self._move_as_lead_reviewer(request, uow, move, comment)
        grant = publisher()
        before = _own(uow.connection, request.submission_id, lock=True, version=request.version)
        if move in _OWN_REQUESTS:
            raise lifecycle.move_not_possible(before.state, move, _possible(before))
        row = _step(before, move)
        lifecycle.require_words(row, comment=comment)
        if Need.COMPLETE_FORM in row.needs:
            _require_complete(before)
        after = moves.take(uow, before, row, author=as_publisher(grant), now=self._now(), said=Said(comment=comment))
        return contract.MoveSubmissionResponse(submission=_for_publisher(after))

    @read
    def ListThread(self, request: contract.ListThreadRequest, connection: Connection) -> contract.ListThreadResponse:
        """The thread, oldest first."""
        submission = _own(connection, request.submission_id)
        size = paging.page_size(request.page_size, default=100, maximum=200)
        after = inputs.thread_position(request.page_token)
        entries = thread.page(connection, submission.submission_id, after=after, size=size + 1)
        return contract.ListThreadResponse(
            entries=[entry_message(entry, for_publisher=True) for entry in entries[:size]],
            next_page_token=paging.encode(entries[size - 1].position) if len(entries) > size else "",
        )

    @write
    def PostMessage(self, request: contract.PostMessageRequest, uow: UnitOfWork) -> contract.PostMessageResponse:
        """Adds the publisher's message to the thread."""
        grant, now = publisher(), self._now()
        body = inputs.text(request.body, "/body", needed=True)
        submission = _own(uow.connection, request.submission_id, lock=True)
        author = as_publisher(grant)
        entry = thread.append(
            uow.connection, submission.submission_id, kind=EntryKind.MESSAGE, author=author, now=now, body=body
        )
        events.message_posted(uow, submission, entry.entry_id, role=Role.PUBLISHER, now=now, by=author)
        return contract.PostMessageResponse(entry=entry_message(entry, for_publisher=True))

    @write
    def RunChecks(self, request: contract.RunChecksRequest, uow: UnitOfWork) -> contract.RunChecksResponse:
        """Asks for a run of the automatic checks."""
        grant, now = publisher(), self._now()
        submission = _own(uow.connection, request.submission_id, lock=True)
        _require_checks_possible(submission, server_checks.find(uow.connection, submission.submission_id), now)
        server_checks.ask(uow.connection, submission, now=now)
        audit.record(uow.connection, submission, action="run_checks", author=as_publisher(grant), now=now)
        asked = server_checks.find(uow.connection, submission.submission_id)
        return contract.RunChecksResponse(checks=checks_message(asked))

    @read
    def GetChecks(self, request: contract.GetChecksRequest, connection: Connection) -> contract.GetChecksResponse:
        """The automatic checks, as they stand."""
        submission = _own(connection, request.submission_id)
        return contract.GetChecksResponse(
            checks=checks_message(server_checks.find(connection, submission.submission_id))
        )

    def _move_as_lead_reviewer(
        self, request: contract.MoveSubmissionRequest, uow: UnitOfWork, move: Move, comment: str
    ) -> contract.MoveSubmissionResponse:
        grant = lead_reviewer()
        before = submissions.of_anybody(uow.connection, request.submission_id, lock=True)
        refuse_own_organization(before.organization_id, grant.organizations)
        _require_version(before, request.version)
        lead = frozenset({Actor.LEAD_REVIEWER})
        row = lifecycle.step(before.state, move, actors=lead, ever_published=before.ever_published)
        lifecycle.require_words(row, comment=comment)
        after = moves.take(uow, before, row, author=as_staff(grant), now=self._now(), said=Said(comment=comment))
        possible = lifecycle.possible(after.state, lead, ever_published=after.ever_published)
        return contract.MoveSubmissionResponse(submission=submission_message(after, possible))


def _own(connection: Connection, submission_id: str, *, lock: bool = False, version: int | None = None) -> Submission:
    """The submission, of the caller's organization; at `version` where that is given."""
    organization_id = publisher().organization_id
    submission = submissions.of_organization(connection, submission_id, organization_id=organization_id, lock=lock)
    if version is not None:
        _require_version(submission, version)
    return submission


def _require_version(submission: Submission, version: int) -> None:
    if submission.version != version:
        raise version_mismatch(submission.version)


def _require_below_daily_limit(connection: Connection, grant: Grant, now: datetime) -> None:
    made = submissions.made_since(connection, grant.organization_id, now - _DAY)
    if len(made) >= DAILY_LIMIT:
        wait = made[DAILY_LIMIT - 1] + _DAY - now
        raise LimitExceeded(
            "DAILY_LIMIT",
            f"An organisation starts at most {DAILY_LIMIT} submissions in 24 hours. Try again later.",
            retry_after_seconds=max(1, int(wait.total_seconds()) + 1),
        )


def _require_checks_possible(submission: Submission, checks: Checks | None, now: datetime) -> None:
    if submission.state not in BY_HAND:
        state = submission.state.value
        message = "The checks can be run on drafts, and on submissions that came back with feedback."
        raise Conflict("CHECKS_NOT_POSSIBLE", message, state=state)
    again_at = again_from(checks) if checks is not None else None
    if again_at is not None and again_at > now:
        wait = int((again_at - now).total_seconds()) + 1
        message = f"The checks were asked for a moment ago. Run them again in {wait} seconds."
        raise LimitExceeded("CHECKS_TOO_OFTEN", message, retry_after_seconds=wait)


def _require_complete(submission: Submission) -> None:
    violations = problems(
        submission.form or submission_pb2.SubmissionForm(),
        has_instructions=submission.has_instructions,
        has_credentials=submission.has_credentials,
    )
    if violations:
        raise InvalidInput("FORM_INCOMPLETE", "Some fields are still missing.", violations=violations)


def _step(submission: Submission, move: Move) -> Step:
    return lifecycle.step(submission.state, move, actors=_PUBLISHER, ever_published=submission.ever_published)


def _possible(submission: Submission) -> tuple[Move, ...]:
    return lifecycle.possible(submission.state, _PUBLISHER, ever_published=submission.ever_published)


def _for_publisher(submission: Submission) -> submission_pb2.Submission:
    return submission_message(submission, _possible(submission))


def _state(number: int) -> State:
    return State(inputs.choice(submission_pb2.SubmissionState.DESCRIPTOR, number, "SUBMISSION_STATE_", "/states"))
