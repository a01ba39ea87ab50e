"""TransfersService: how a server passes from one organization to another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from chassis import clock, paging
from chassis.errors import Conflict, InvalidInput, LimitExceeded, Violation
from chassis.formats import is_uuid
from chassis.grants import Grant
from chassis.ids import new_id
from chassis.rpc.caller import publisher
from chassis.rpc.methods import read, write
from chassis.sql.database import Database, UnitOfWork
from directory.submissions.v1 import submission_pb2, transfer_pb2, transfers_service_pb2_grpc
from directory.submissions.v1 import transfers_service_pb2 as contract
from sqlalchemy import Connection

from submissions.api import inputs
from submissions.api.callers import as_publisher
from submissions.domain import transfers
from submissions.domain.lifecycle import Actor, move_not_possible, possible
from submissions.domain.refusals import version_mismatch
from submissions.domain.transfers import Side, Transfer, TransferState, TransferStep
from submissions.store import handover, submissions, waiting
from submissions.store import transfers as rows
from submissions.store.completeness import access_problems
from submissions.store.reviewer_access import SealingKeys
from submissions.store.submissions import Submission

_DAY = timedelta(hours=24)


class TransfersApi(transfers_service_pb2_grpc.TransfersServiceServicer):
    """Every query names the organization of the grant: a transfer between two others is not found.

    An offer names its receiver by an id that nobody looks up, so that no answer tells which organizations exist.
    """

    def __init__(
        self, database: Database, sealing_keys: SealingKeys, now: clock.Clock = clock.now, *, open_for: timedelta
    ) -> None:
        self.database = database
        self._keys = sealing_keys
        self._now = now
        self._open_for = open_for

    @write
    def OfferTransfer(self, request: contract.OfferTransferRequest, uow: UnitOfWork) -> contract.OfferTransferResponse:
        """Offers a server to another organization."""
        grant, now = publisher(), self._now()
        submission = submissions.of_organization(
            uow.connection, request.submission_id, organization_id=grant.organization_id, lock=True
        )
        if submission.version != request.version:
            raise version_mismatch(submission.version)
        _require_offerable(submission)
        message = _message(request, grant)
        _require_none_open(uow, submission, now)
        _require_below_daily_limit(uow.connection, grant, now)
        transfer = Transfer(
            transfer_id=new_id(),
            submission_id=submission.submission_id,
            from_organization_id=grant.organization_id,
            to_organization_id=request.to_organization_id,
            state=TransferState.OFFERED,
            display_name=submission.display_name,
            slug=submission.slug or "",
            server_url=submission.form.server_url if submission.form else "",
            message=message,
            offered_by=grant.person_id,
            offered_by_name=grant.name,
            offered_at=now,
            expires_at=now + self._open_for,
        )
        handover.offer(uow, submission, transfer, author=as_publisher(grant), now=now)
        return contract.OfferTransferResponse(transfer=_for(grant, transfer, now))

    @read
    def ListTransfers(
        self, request: contract.ListTransfersRequest, connection: Connection
    ) -> contract.ListTransfersResponse:
        """Transfers of the caller's organization, latest first."""
        grant, now = publisher(), self._now()
        size = paging.page_size(request.page_size)
        if request.submission_id and not is_uuid(request.submission_id):
            return contract.ListTransfersResponse()
        found = rows.page(
            connection,
            grant.organization_id,
            side=_side(request.side),
            states=[_state(number) for number in request.states],
            submission_id=request.submission_id or None,
            now=now,
            size=size + 1,
            after=paging.place(request),
        )
        more = len(found) > size
        return contract.ListTransfersResponse(
            transfers=_shown(connection, grant, found[:size], now),
            next_page_token=paging.encode(request, found[size - 1].offered_at, found[size - 1].transfer_id)
            if more
            else "",
        )

    @read
    def GetTransfer(self, request: contract.GetTransferRequest, connection: Connection) -> contract.GetTransferResponse:
        """One transfer."""
        grant = publisher()
        transfer = rows.get(connection, request.transfer_id, organization_id=grant.organization_id)
        (shown,) = _shown(connection, grant, [transfer], self._now())
        return contract.GetTransferResponse(transfer=shown)

    @write
    def CancelTransfer(
        self, request: contract.CancelTransferRequest, uow: UnitOfWork
    ) -> contract.CancelTransferResponse:
        """Takes the offer back."""
        return contract.CancelTransferResponse(transfer=self._closed(uow, request.transfer_id, TransferStep.CANCEL))

    @write
    def DeclineTransfer(
        self, request: contract.DeclineTransferRequest, uow: UnitOfWork
    ) -> contract.DeclineTransferResponse:
        """Says no."""
        return contract.DeclineTransferResponse(transfer=self._closed(uow, request.transfer_id, TransferStep.DECLINE))

    @write
    def AcceptTransfer(
        self, request: contract.AcceptTransferRequest, uow: UnitOfWork
    ) -> contract.AcceptTransferResponse:
        """Takes the server over."""
        grant, now = publisher(), self._now()
        submission, transfer = _locked(uow, grant, request.transfer_id)
        accepted = _step(transfer, TransferStep.ACCEPT, grant, now)
        in_review = waiting.of(uow.connection, submission.submission_id).edit_pending
        transfers.require_transferable(submission.state, revision_in_review=in_review)
        # An empty form breaks no rule: only the access is checked here.
        inputs.require_valid(submission_pb2.SubmissionForm(), request.reviewer_access)
        access = inputs.access_columns(self._keys, submission.submission_id, request.reviewer_access)
        _require_access(submission, access)
        handover.accept(uow, submission, accepted, access, author=as_publisher(grant), now=now)
        return contract.AcceptTransferResponse(transfer=_for(grant, accepted, now))

    def _closed(self, uow: UnitOfWork, transfer_id: str, step: TransferStep) -> transfer_pb2.Transfer:
        grant, now = publisher(), self._now()
        submission, transfer = _locked(uow, grant, transfer_id)
        closed = _step(transfer, step, grant, now)
        handover.close(uow, submission, closed, author=as_publisher(grant), now=now)
        return _for(grant, closed, now)


def _locked(uow: UnitOfWork, grant: Grant, transfer_id: str) -> tuple[Submission, Transfer]:
    """The submission and then its transfer, both locked: two orders would be a deadlock."""
    found = rows.get(uow.connection, transfer_id, organization_id=grant.organization_id)
    submission = submissions.of_anybody(uow.connection, found.submission_id, lock=True)
    return submission, rows.get(uow.connection, transfer_id, organization_id=grant.organization_id, lock=True)


def _step(transfer: Transfer, step: TransferStep, grant: Grant, now: datetime) -> Transfer:
    return transfers.close(
        transfer, step, organization_id=grant.organization_id, person_id=grant.person_id, name=grant.name, now=now
    )


def _require_offerable(submission: Submission) -> None:
    if submission.state not in transfers.TRANSFERABLE:
        moves = possible(
            submission.state,
            {Actor.PUBLISHER},
            ever_published=submission.ever_published,
            appealed=submission.appealed,
        )
        raise move_not_possible(submission.state, "offer_transfer", moves)


def _require_none_open(uow: UnitOfWork, submission: Submission, now: datetime) -> None:
    transfer = rows.open_of(uow.connection, submission.submission_id)
    if transfer is None:
        return
    if transfer.state_at(now) is TransferState.OFFERED:
        message = "The server is offered to an organisation already. Take that offer back first."
        raise Conflict("TRANSFER_OPEN", message, transfer_id=transfer.transfer_id)
    handover.expire(uow, submission, transfer, now=now)


def _message(request: contract.OfferTransferRequest, grant: Grant) -> str:
    """The message, trimmed. Raises InvalidInput FORM_INVALID for it and for a receiver that cannot be one."""
    message, to, found = inputs.text(request.message, "/message"), request.to_organization_id, []
    if len(message) > transfers.LONGEST_MESSAGE:
        advice = f"Use at most {transfers.LONGEST_MESSAGE:,} characters; this has {len(message):,}."
        found.append(Violation("/message", "TOO_LONG", advice))
    if not is_uuid(to):
        advice = "Give the organisation's id as its own page Transfers shows it: 36 characters with hyphens."
        found.append(Violation("/to_organization_id", "NOT_UUID", advice))
    elif to == grant.organization_id:
        found.append(Violation("/to_organization_id", "OWN_ORGANIZATION", "The server is this organisation's already."))
    if found:
        raise InvalidInput("FORM_INVALID", "Some fields break their rules; nothing was offered.", violations=found)
    return message


def _require_below_daily_limit(connection: Connection, grant: Grant, now: datetime) -> None:
    offered = rows.offered_since(connection, grant.organization_id, now - _DAY)
    if wait := clock.seconds_to_room(offered, transfers.DAILY_OFFERS, _DAY, now):
        raise LimitExceeded(
            "DAILY_LIMIT",
            f"An organisation offers at most {transfers.DAILY_OFFERS} servers in 24 hours. Try again "
            f"{clock.after(wait)}.",
            retry_after_seconds=wait,
        )


def _require_access(submission: Submission, access: dict[str, object]) -> None:
    violations = access_problems(
        submission.form or submission_pb2.SubmissionForm(),
        has_instructions=bool(access["has_instructions"]),
        has_credentials=bool(access["has_credentials"]),
    )
    if violations:
        message = "Reviewers need access of the new owner's: what the owner before gave does not pass on."
        raise InvalidInput("FORM_INCOMPLETE", message, violations=violations)


def _shown(
    connection: Connection, grant: Grant, found: Sequence[Transfer], now: datetime
) -> list[transfer_pb2.Transfer]:
    receivable = [one for one in found if one.side_of(grant.organization_id) is Side.RECEIVING]
    modes = rows.authentications(connection, [one.submission_id for one in receivable]) if receivable else {}
    return [_for(grant, one, now, authentication=modes.get(one.submission_id, "")) for one in found]


def _for(grant: Grant, transfer: Transfer, now: datetime, *, authentication: str = "") -> transfer_pb2.Transfer:
    """What one side sees: never a name of the other side's but that of who offers."""
    side, state = transfer.side_of(grant.organization_id), transfer.state_at(now)
    overdue = state is TransferState.EXPIRED and transfer.closed_at is None
    needs_access = state is TransferState.OFFERED and authentication not in ("", "AUTHENTICATION_MODE_NONE")
    return transfer_pb2.Transfer(
        transfer_id=transfer.transfer_id,
        submission_id=transfer.submission_id,
        state=f"TRANSFER_STATE_{state.upper()}",
        side=f"TRANSFER_SIDE_{side.upper()}" if side else None,
        from_organization_id=transfer.from_organization_id,
        to_organization_id=transfer.to_organization_id,
        display_name=transfer.display_name,
        slug=transfer.slug,
        server_url=transfer.server_url,
        message=transfer.message,
        offered_by_name=transfer.offered_by_name,
        offered_at=transfer.offered_at,
        expires_at=transfer.expires_at,
        closed_at=transfer.expires_at if overdue else transfer.closed_at,
        needs_reviewer_access=needs_access,
    )


def _side(number: int) -> Side | None:
    if number == 0:
        return None
    return Side(inputs.choice(transfer_pb2.TransferSide.DESCRIPTOR, number, "TRANSFER_SIDE_", "/side"))


def _state(number: int) -> TransferState:
    return TransferState(inputs.choice(transfer_pb2.TransferState.DESCRIPTOR, number, "TRANSFER_STATE_", "/states"))
