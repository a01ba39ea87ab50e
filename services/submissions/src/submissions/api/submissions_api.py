"""SubmissionsService: what publishers do with their submissions, and the lead reviewers' moves."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import grpc
from chassis import paging, rules
from chassis.errors import InvalidInput
from chassis.rpc.caller import publisher
from chassis.rpc.methods import read, write
from chassis.sql.database import Database, UnitOfWork
from directory.submissions.v1 import submission_pb2, submissions_service_pb2_grpc
from directory.submissions.v1 import submissions_service_pb2 as contract
from directory.submissions.v1.server_probe_pb2 import EndpointSummary
from sqlalchemy import Connection

from submissions.api import inputs
from submissions.api.callers import as_publisher, as_staff, lead_reviewer
from submissions.api.checks import checks_message, require_checks_possible
from submissions.api.deprecations import deprecating
from submissions.api.drafts import Drafts
from submissions.api.fetching import Fetching
from submissions.api.imports import imported
from submissions.api.messages import entry_message, submission_message
from submissions.api.server_probes import probe_message, require_look_possible, summary_message
from submissions.api.threads import require_may_write
from submissions.domain import lifecycle
from submissions.domain.lifecycle import Actor, Move, Need, State, Step
from submissions.domain.refusals import refuse_own_organization, refuse_receiver, version_mismatch
from submissions.store import (
    audit,
    events,
    kept_items,
    moves,
    server_checks,
    server_probes,
    submissions,
    thread,
    transfers,
    uniqueness,
    waiting,
)
from submissions.store.completeness import problems
from submissions.store.moves import Said
from submissions.store.submissions import Submission
from submissions.store.thread import EntryKind
from submissions.store.waiting import NOTHING_WAITS

_PUBLISHER = frozenset({Actor.PUBLISHER})
# Saving and deleting have requests of their own, and a draft is created by another one.
_OWN_REQUESTS = frozenset({Move.SAVE, Move.DELETE, Move.CREATE})


class SubmissionsApi(submissions_service_pb2_grpc.SubmissionsServiceServicer):
    """Every query of a publisher names the organization of the grant: what is another's is not found."""

    def __init__(self, database: Database, drafts: Drafts, fetching: Fetching) -> None:
        self.database = database
        self._drafts = drafts
        self._fetching = fetching
        self._now = drafts.now

    @write
    def CreateSubmission(
        self, request: contract.CreateSubmissionRequest, uow: UnitOfWork
    ) -> contract.CreateSubmissionResponse:
        """Starts a draft."""
        grant = publisher()
        kind = request.kind or submission_pb2.SUBMISSION_KIND_REMOTE_MCP
        stored_kind = inputs.choice(submission_pb2.SubmissionKind.DESCRIPTOR, kind, "SUBMISSION_KIND_", "/kind")
        form = submission_pb2.SubmissionForm()
        rules.merge(form, request.form)
        submission = self._drafts.start(uow, grant, stored_kind, form, request.reviewer_access)
        return contract.CreateSubmissionResponse(submission=_whole(uow.connection, submission))

    @write
    def ImportServerDocument(
        self, request: contract.ImportServerDocumentRequest, uow: UnitOfWork
    ) -> contract.ImportServerDocumentResponse:
        """Reads a server.json into a new draft, or into the empty fields of one that is there."""
        grant = publisher()
        remote = request.remote if request.HasField("remote") else None
        take = partial(
            imported,
            request.document,
            remote,
            networks=self._drafts.networks,
            slug_is_free=partial(uniqueness.slug_is_free, uow.connection),
        )
        if request.submission_id:
            before = _own(uow.connection, request.submission_id, lock=True, version=request.version)
            row = _step(before, Move.SAVE)
            brought = take(before.form or submission_pb2.SubmissionForm())
            after = self._drafts.save(uow, grant, before, row, brought.form)
        else:
            brought = take(submission_pb2.SubmissionForm())
            after = self._drafts.start(
                uow, grant, submissions.REMOTE_MCP, brought.form, submission_pb2.ReviewerAccess()
            )
        return contract.ImportServerDocumentResponse(submission=_whole(uow.connection, after), parts=brought.parts)

    def FetchServerDocument(
        self, request: contract.FetchServerDocumentRequest, _context: grpc.ServicerContext
    ) -> contract.FetchServerDocumentResponse:
        """Fetches the text of a document; it holds no transaction while it waits."""
        document = self._fetching.text(request.url, publisher().organization_id)
        return contract.FetchServerDocumentResponse(document=document)

    @read
    def GetSubmission(
        self, request: contract.GetSubmissionRequest, connection: Connection
    ) -> contract.GetSubmissionResponse:
        """One submission with form, problems and findings."""
        submission = _own(connection, request.submission_id)
        return contract.GetSubmissionResponse(submission=_whole(connection, submission))

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
            after=paging.place(request),
            conditions=[waiting.NEEDS_PUBLISHER] if request.needs_publisher else (),
        )
        more = len(found) > size
        counts = submissions.counts(connection, grant.organization_id)
        waits = waiting.of_all(connection, [each.submission_id for each in found[:size]])
        return contract.ListSubmissionsResponse(
            submissions=[
                submission_message(each, _possible(each), waiting=waits.get(each.submission_id, NOTHING_WAITS))
                for each in found[:size]
            ],
            next_page_token=paging.encode(request, found[size - 1].updated_at, found[size - 1].submission_id)
            if more
            else "",
            counts=[
                contract.StateCount(state=events.state_name(state), count=count) for state, count in counts.items()
            ],
            needs_publisher_count=waiting.needing_publisher(connection, grant.organization_id),
            endpoints=_endpoints(connection, found[:size]),
        )

    @write
    def SaveSubmission(
        self, request: contract.SaveSubmissionRequest, uow: UnitOfWork
    ) -> contract.SaveSubmissionResponse:
        """Saves fields of the form."""
        grant = publisher()
        before = _own(uow.connection, request.submission_id, lock=True, version=request.version)
        row = _step(before, Move.SAVE)
        form = submission_pb2.SubmissionForm()
        form.CopyFrom(before.form or form)
        rules.merge(form, request.form, request.update_mask.paths)
        access = None
        if request.HasField("reviewer_access"):
            paths = request.reviewer_access_mask.paths
            access = self._drafts.access(uow, before, request.reviewer_access, paths)
        after = self._drafts.save(uow, grant, before, row, form, access)
        return contract.SaveSubmissionResponse(submission=_whole(uow.connection, after))

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
            _require_complete(uow.connection, before)
        now, values = self._now(), None
        said = Said(comment=comment)
        if move is Move.DEPRECATE:
            said, values = deprecating(uow.connection, before, comment, request.successor, now=now)
        after = moves.take(uow, before, row, author=as_publisher(grant), now=now, said=said, values=values)
        return contract.MoveSubmissionResponse(submission=_whole(uow.connection, after))

    @read
    def ListThread(self, request: contract.ListThreadRequest, connection: Connection) -> contract.ListThreadResponse:
        """The thread, oldest first unless asked otherwise."""
        submission = _own(connection, request.submission_id)
        size = paging.page_size(request.page_size, default=100, maximum=200)
        after = paging.number(request)
        entries = thread.page(
            connection, submission.submission_id, after=after, size=size + 1, newest_first=request.newest_first
        )
        return contract.ListThreadResponse(
            entries=[entry_message(entry, for_publisher=True) for entry in entries[:size]],
            next_page_token=paging.encode(request, entries[size - 1].position) if len(entries) > size else "",
        )

    @write
    def PostMessage(self, request: contract.PostMessageRequest, uow: UnitOfWork) -> contract.PostMessageResponse:
        """Adds the publisher's message to the thread."""
        grant, now = publisher(), self._now()
        body = inputs.text(request.body, "/body", needed=True)
        submission = _own(uow.connection, request.submission_id, lock=True)
        author = as_publisher(grant)
        require_may_write(uow.connection, submission, author, now)
        entry = thread.append(
            uow.connection, submission.submission_id, kind=EntryKind.MESSAGE, author=author, now=now, body=body
        )
        events.message_posted(uow, submission, entry.entry_id, by=author, now=now)
        kept_items.note_reply(uow, submission, now=now)
        return contract.PostMessageResponse(entry=entry_message(entry, for_publisher=True))

    @write
    def RunChecks(self, request: contract.RunChecksRequest, uow: UnitOfWork) -> contract.RunChecksResponse:
        """Asks for a run of the automatic checks."""
        grant, now = publisher(), self._now()
        submission = _own(uow.connection, request.submission_id, lock=True)
        require_checks_possible(submission, server_checks.find(uow.connection, submission.submission_id), now)
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

    @read
    def GetServerProbe(
        self, request: contract.GetServerProbeRequest, connection: Connection
    ) -> contract.GetServerProbeResponse:
        """The looks at a published server, as they stand."""
        submission = _own(connection, request.submission_id)
        return contract.GetServerProbeResponse(probe=probe_message(connection, submission, self._now()))

    @write
    def RunServerProbe(
        self, request: contract.RunServerProbeRequest, uow: UnitOfWork
    ) -> contract.RunServerProbeResponse:
        """Asks for a look at a published or suspended server."""
        grant, now = publisher(), self._now()
        submission = _own(uow.connection, request.submission_id, lock=True)
        require_look_possible(submission, server_probes.find(uow.connection, submission.submission_id), now)
        server_probes.ask(uow.connection, submission, now=now)
        audit.record(uow.connection, submission, action="run_probe", author=as_publisher(grant), now=now)
        return contract.RunServerProbeResponse(probe=probe_message(uow.connection, submission, now))

    def _move_as_lead_reviewer(
        self, request: contract.MoveSubmissionRequest, uow: UnitOfWork, move: Move, comment: str
    ) -> contract.MoveSubmissionResponse:
        grant = lead_reviewer()
        before = submissions.of_anybody(uow.connection, request.submission_id, lock=True)
        refuse_own_organization(before.organization_id, grant.organizations)
        offer = transfers.open_of(uow.connection, before.submission_id)
        refuse_receiver(offer.to_organization_id if offer else None, grant.organizations)
        _require_version(before, request.version)
        lead = frozenset({Actor.LEAD_REVIEWER})
        row = lifecycle.step(before.state, move, actors=lead, ever_published=before.ever_published)
        lifecycle.require_words(row, comment=comment)
        after = moves.take(uow, before, row, author=as_staff(grant), now=self._now(), said=Said(comment=comment))
        possible = lifecycle.possible(after.state, lead, ever_published=after.ever_published)
        waits = waiting.of(uow.connection, after.submission_id)
        return contract.MoveSubmissionResponse(submission=submission_message(after, possible, waiting=waits))


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


def _require_complete(connection: Connection, submission: Submission) -> None:
    form = submission.form or submission_pb2.SubmissionForm()
    missing = problems(form, has_instructions=submission.has_instructions, has_credentials=submission.has_credentials)
    taken = uniqueness.taken(connection, submission.submission_id, form)
    if missing:
        raise InvalidInput("FORM_INCOMPLETE", "Some fields are still missing.", violations=[*missing, *taken])
    if taken:
        raise uniqueness.conflict(taken, slug=form.slug)


def _endpoints(connection: Connection, listed: Sequence[Submission]) -> list[EndpointSummary]:
    published = [submission.submission_id for submission in listed if submission.state is State.PUBLISHED]
    return [summary_message(probe) for probe in server_probes.of_all(connection, published)]


def _step(submission: Submission, move: Move) -> Step:
    return lifecycle.step(
        submission.state,
        move,
        actors=_PUBLISHER,
        ever_published=submission.ever_published,
        deprecated=submission.deprecation is not None,
        appealed=submission.appealed,
    )


def _possible(submission: Submission) -> tuple[Move, ...]:
    return lifecycle.possible(
        submission.state,
        _PUBLISHER,
        ever_published=submission.ever_published,
        deprecated=submission.deprecation is not None,
        appealed=submission.appealed,
    )


def _whole(connection: Connection, submission: Submission) -> submission_pb2.Submission:
    form = submission.form or submission_pb2.SubmissionForm()
    return submission_message(
        submission,
        _possible(submission),
        taken=uniqueness.taken(connection, submission.submission_id, form),
        waiting=waiting.of(connection, submission.submission_id),
    )


def _state(number: int) -> State:
    return State(inputs.choice(submission_pb2.SubmissionState.DESCRIPTOR, number, "SUBMISSION_STATE_", "/states"))
