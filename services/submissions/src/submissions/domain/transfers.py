"""A transfer of a server from one organisation to another: who takes which step, and when it can be completed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from chassis.errors import Conflict, NotFound

from submissions.domain.lifecycle import State

LONGEST_MESSAGE = 500
# Offers of one organisation in 24 hours: nobody is flooded with them.
DAILY_OFFERS = 10

# What stands in the directory, or stood there until its publisher took it off, and is in nobody else's hands.
TRANSFERABLE = frozenset({State.PUBLISHED, State.DELISTED})


class TransferState(StrEnum):
    """Where a transfer stands; the values are stored."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CANCELED = "canceled"
    EXPIRED = "expired"


class Side(StrEnum):
    """On which side of a transfer somebody is."""

    GIVING = "giving"
    RECEIVING = "receiving"


class TransferStep(StrEnum):
    """What ends an offer."""

    ACCEPT = "accept"
    DECLINE = "decline"
    CANCEL = "cancel"
    EXPIRE = "expire"


STEPS: Mapping[TransferStep, tuple[TransferState, Side | None]] = MappingProxyType(
    {
        TransferStep.ACCEPT: (TransferState.ACCEPTED, Side.RECEIVING),
        TransferStep.DECLINE: (TransferState.DECLINED, Side.RECEIVING),
        TransferStep.CANCEL: (TransferState.CANCELED, Side.GIVING),
        TransferStep.EXPIRE: (TransferState.EXPIRED, None),
    }
)
"""Each step leads from `offered` to a state that is never left; None is the directory itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """An offer and what became of it. Name, slug and address of the server are those at the time of the offer."""

    transfer_id: str
    submission_id: str
    from_organization_id: str
    to_organization_id: str
    state: TransferState
    display_name: str
    slug: str
    server_url: str
    message: str
    offered_by: str
    offered_by_name: str
    offered_at: datetime
    expires_at: datetime
    closed_at: datetime | None = None
    closed_by: str = ""
    closed_by_name: str = ""

    def side_of(self, organization_id: str) -> Side | None:
        """The side of an organisation; None for everybody else."""
        if organization_id == self.from_organization_id:
            return Side.GIVING
        return Side.RECEIVING if organization_id == self.to_organization_id else None

    def state_at(self, now: datetime) -> TransferState:
        """Where it stands: what nobody answered in time has expired, whether that was written down or not."""
        overdue = self.state is TransferState.OFFERED and self.expires_at <= now
        return TransferState.EXPIRED if overdue else self.state


def close(
    transfer: Transfer, step: TransferStep, *, organization_id: str, person_id: str, name: str, now: datetime
) -> Transfer:
    """The transfer after `step`, which a person takes for their organisation; the directory has neither.

    Raises NotFound TRANSFER_NOT_FOUND for who is not on the step's side, Conflict TRANSFER_CLOSED once it has ended.
    """
    target, side = STEPS[step]
    if side is not None and transfer.side_of(organization_id) is not side:
        raise not_found(transfer.transfer_id)
    state = transfer.state_at(now)
    if step is TransferStep.EXPIRE:
        is_possible = transfer.state is TransferState.OFFERED and state is TransferState.EXPIRED
    else:
        is_possible = state is TransferState.OFFERED
    if not is_possible:
        raise Conflict("TRANSFER_CLOSED", f"This offer is not open: it is {state.value}.", state=state.value)
    return replace(transfer, state=target, closed_at=now, closed_by=person_id, closed_by_name=name)


def require_transferable(state: State, *, revision_in_review: bool) -> None:
    """Raises Conflict TRANSFER_NOT_POSSIBLE while the server, or words of its listing, are in other hands."""
    if state not in TRANSFERABLE:
        raise Conflict(
            "TRANSFER_NOT_POSSIBLE",
            "The server can't change hands now: it is under review, suspended or not in the directory. The offer stays "
            "open until it expires.",
            obstacle=state.value,
        )
    if revision_in_review:
        raise Conflict(
            "TRANSFER_NOT_POSSIBLE",
            "A change of the listing is with the reviewers. It has to be decided, or discarded by the present owner, "
            "first; the offer stays open until it expires.",
            obstacle="revision",
        )


def not_found(transfer_id: str) -> NotFound:
    """It does not exist for the caller."""
    return NotFound("TRANSFER_NOT_FOUND", "There is no such transfer.", transfer_id=transfer_id)
