"""Transfers of servers from and to an organisation, and the page on which one is accepted, declined or taken back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from chassis.errors import Conflict, DirectoryError, InvalidInput
from directory.submissions.v1 import transfer_pb2 as messages
from directory.submissions.v1.submission_pb2 import ReviewerAccess
from directory.submissions.v1.transfers_service_pb2 import (
    AcceptTransferRequest,
    CancelTransferRequest,
    DeclineTransferRequest,
    GetTransferRequest,
    ListTransfersRequest,
)
from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from gateway import guards, problems
from gateway.core import core
from gateway.web import field_errors, forms, scope
from gateway.web.field_errors import NO_ERRORS, FieldErrors
from gateway.web.posting import once, then
from gateway.web.rendering import page, settings_crumbs

PAGE_SIZE: Final = 50

blueprint = Blueprint("transfers", __name__, url_prefix="/organizations/<uuid:organization_id>/directory/transfers")
blueprint.before_request(guards.signed_in)
blueprint.before_request(scope.managing)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a refused acceptance leaves on the page: its errors and what was typed."""

    errors: FieldErrors = NO_ERRORS
    access: ReviewerAccess | None = None


@blueprint.get("")
def transfers(organization_id: UUID) -> str:
    """All transfers of the organisation."""
    token = request.args.get("page", "")
    found = core().backends.transfers.ListTransfers(ListTransfersRequest(page_size=PAGE_SIZE, page_token=token))
    following = found.next_page_token

    return page(
        "transfers/list.html",
        section="directory",
        crumbs=settings_crumbs(organization_id, ("Transfers", "")),
        transfers=found.transfers,
        receiving=messages.TRANSFER_SIDE_RECEIVING,
        first_page=url_for("transfers.transfers", organization_id=organization_id),
        next_page=url_for("transfers.transfers", organization_id=organization_id, page=following) if following else "",
        paged=bool(token),
    )


@blueprint.get("/<uuid:transfer_id>")
def detail(organization_id: UUID, transfer_id: UUID) -> str:
    """One transfer."""
    return _page(organization_id, transfer_id, Kept())


@blueprint.post("/<uuid:transfer_id>/accept")
def accept(organization_id: UUID, transfer_id: UUID) -> ResponseReturnValue:
    """The server becomes the organisation's."""
    access = forms.reviewer_access(request.form)
    try:
        with once("accept"):
            asked = AcceptTransferRequest(transfer_id=str(transfer_id), reviewer_access=access)
            accepted = core().backends.transfers.AcceptTransfer(asked).transfer
    except (InvalidInput, Conflict) as error:
        return _refused(organization_id, transfer_id, error, access)
    told = (
        "The server is yours. Its listing stands as the owner before wrote it: look at company, links and support "
        "contact. Listing and figures follow in a moment."
    )
    return then(told, "submissions.detail", organization_id=organization_id, submission_id=UUID(accepted.submission_id))


@blueprint.post("/<uuid:transfer_id>/decline")
def decline(organization_id: UUID, transfer_id: UUID) -> ResponseReturnValue:
    """The organisation does not want the server."""
    asked = DeclineTransferRequest(transfer_id=str(transfer_id))
    return _close(
        organization_id, transfer_id, lambda: core().backends.transfers.DeclineTransfer(asked), "The offer is declined."
    )


@blueprint.post("/<uuid:transfer_id>/cancel")
def cancel(organization_id: UUID, transfer_id: UUID) -> ResponseReturnValue:
    """The owner takes the offer back."""
    asked = CancelTransferRequest(transfer_id=str(transfer_id))
    told = "The offer is taken back. The server stays with your organisation."
    return _close(organization_id, transfer_id, lambda: core().backends.transfers.CancelTransfer(asked), told)


def _close(organization_id: UUID, transfer_id: UUID, call: Callable[[], object], told: str) -> ResponseReturnValue:
    try:
        with once("close"):
            call()
    except Conflict as error:
        return _refused(organization_id, transfer_id, error, None)
    return then(told, "transfers.transfers", organization_id=organization_id)


def _refused(
    organization_id: UUID, transfer_id: UUID, error: DirectoryError, access: ReviewerAccess | None
) -> ResponseReturnValue:
    found = field_errors.of(error, title="This could not be done.")
    return _page(organization_id, transfer_id, Kept(found, access)), problems.of(error).status


def _page(organization_id: UUID, transfer_id: UUID, kept: Kept) -> str:
    transfer = core().backends.transfers.GetTransfer(GetTransferRequest(transfer_id=str(transfer_id))).transfer
    all_of_them = url_for("transfers.transfers", organization_id=organization_id)
    crumbs = settings_crumbs(organization_id, ("Transfers", all_of_them), (transfer.display_name, ""))
    receiving = transfer.side == messages.TRANSFER_SIDE_RECEIVING
    accepted = transfer.state == messages.TRANSFER_STATE_ACCEPTED
    return page(
        "transfers/detail.html",
        section="directory",
        crumbs=crumbs,
        errors=kept.errors,
        transfer=transfer,
        is_open=transfer.state == messages.TRANSFER_STATE_OFFERED,
        receiving=receiving,
        taken_over=receiving and accepted,
        is_owned=receiving is accepted,
        access=kept.access or ReviewerAccess(),
    )
