"""Transfers: a server passes from one organisation to another."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from directory.submissions.v1.submission_pb2 import ReviewerAccess
from directory.submissions.v1.transfer_pb2 import Transfer, TransferSide, TransferState
from directory.submissions.v1.transfers_service_pb2 import (
    AcceptTransferRequest,
    CancelTransferRequest,
    DeclineTransferRequest,
    GetTransferRequest,
    ListTransfersRequest,
    OfferTransferRequest,
)
from pydantic import BaseModel, Field

from gateway.api import blueprints
from gateway.api.answers import Answer
from gateway.api.document import IF_MATCH
from gateway.api.paging import PageQuery, next_cursor
from gateway.api.paths import OrganizationPath, SubmissionPath, TransferPath
from gateway.api.schemas import Body, answer, choices, patch
from gateway.core import core
from gateway.etags import required_version
from gateway.shapes import enum_from_json, fill, to_json

blueprint = blueprints.of_managers("transfers", __name__)

if TYPE_CHECKING:
    AccessPatch = Body
else:
    AccessPatch = patch(ReviewerAccess.DESCRIPTOR, name="ReviewerAccessBody")

TRANSFER = answer(Transfer.DESCRIPTOR)
Side = choices(TransferSide.DESCRIPTOR)
State = choices(TransferState.DESCRIPTOR)


class OfferBody(Body):
    """Who shall get the server. The answer is the same whether there is such an organisation or not."""

    to_organization_id: str = Field(
        max_length=100, description="The id that the other organisation's page Transfers shows."
    )
    message: str = Field(default="", max_length=500, description="Plain text for the other organisation.")


class AcceptBody(Body):
    """The new owner's access for reviewers; needed where the server asks people to authenticate."""

    reviewer_access: AccessPatch | None = None


class TransfersQuery(PageQuery):
    """Which transfers."""

    side: Side | None = Field(default=None, description="`giving` or `receiving`; both unless said.")  # type: ignore[valid-type]
    state: list[State] = Field(default_factory=list, description="Only these states; may be repeated.")  # type: ignore[valid-type]
    submission_id: UUID | None = None


class Transfers(BaseModel):
    """A page of transfers."""

    transfers: list[TRANSFER]  # type: ignore[valid-type]
    next_cursor: str | None


@blueprint.post("/submissions/<uuid:submission_id>/transfers", responses={201: TRANSFER}, openapi_extensions=IF_MATCH)
def offer_transfer(path: SubmissionPath, body: OfferBody) -> Answer:
    """Offer a published or delisted server to another organisation."""
    request = OfferTransferRequest(
        submission_id=str(path.submission_id),
        version=required_version(),
        to_organization_id=body.to_organization_id.strip().lower(),
        message=body.message,
    )
    offered = core().backends.transfers.OfferTransfer(request).transfer
    location = f"/api/v1/organizations/{path.organization_id}/transfers/{offered.transfer_id}"
    return to_json(offered), 201, {"Location": location}


@blueprint.get("/transfers", responses={200: Transfers})
def list_transfers(path: OrganizationPath, query: TransfersQuery) -> Answer:
    """Servers that the organisation offered to others, and that others offered to it, latest first."""
    request = ListTransfersRequest(
        side=enum_from_json(TransferSide.DESCRIPTOR, query.side) if query.side else None,
        states=[enum_from_json(TransferState.DESCRIPTOR, state) for state in query.state],
        submission_id=str(query.submission_id or ""),
        page_size=query.limit,
        page_token=query.cursor,
    )
    found = core().backends.transfers.ListTransfers(request)
    return {
        "transfers": [to_json(one) for one in found.transfers],
        "next_cursor": next_cursor(found.next_page_token),
    }


@blueprint.get("/transfers/<uuid:transfer_id>", responses={200: TRANSFER})
def get_transfer(path: TransferPath) -> Answer:
    """One transfer."""
    request = GetTransferRequest(transfer_id=str(path.transfer_id))
    return to_json(core().backends.transfers.GetTransfer(request).transfer)


@blueprint.post("/transfers/<uuid:transfer_id>/cancel", responses={200: TRANSFER})
def cancel_transfer(path: TransferPath) -> Answer:
    """Take an offer back."""
    request = CancelTransferRequest(transfer_id=str(path.transfer_id))
    return to_json(core().backends.transfers.CancelTransfer(request).transfer)


@blueprint.post("/transfers/<uuid:transfer_id>/decline", responses={200: TRANSFER})
def decline_transfer(path: TransferPath) -> Answer:
    """Decline an offer."""
    request = DeclineTransferRequest(transfer_id=str(path.transfer_id))
    return to_json(core().backends.transfers.DeclineTransfer(request).transfer)


@blueprint.post("/transfers/<uuid:transfer_id>/accept", responses={200: TRANSFER})
def accept_transfer(path: TransferPath, body: AcceptBody) -> Answer:
    """Take the server over; from then on it is below this organisation alone."""
    given = body.model_dump(exclude_unset=True).get("reviewer_access") or {}
    request = AcceptTransferRequest(transfer_id=str(path.transfer_id), reviewer_access=fill(ReviewerAccess(), given))
    return to_json(core().backends.transfers.AcceptTransfer(request).transfer)
