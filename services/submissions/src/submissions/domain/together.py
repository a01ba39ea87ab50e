"""Deciding on many items at once: what may be approved so, without a claim on each before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from chassis.errors import Conflict

from submissions.domain.refusals import version_mismatch
from submissions.domain.review import Decision, ItemKind, Reviewer, ReviewItem, claim

_ALONE: Mapping[str, str] = {
    "no_approval": "Only approvals are made together; decide on this by itself.",
    "tool_drift": "The server's tools are not as they were approved: look at what differs.",
    "appeal": "This is an appeal: it is upheld or overturned by itself.",
    "reply": "The publisher wrote: this is answered by itself.",
    "proposed_rejection": "A rejection is proposed: it is confirmed or returned by itself.",
    "blocking_findings": "The automatic checks have blocking findings: look at them first.",
    "new_name": "This gives a published server another name: look at it first.",
}
"""Why an item is left out, with what its reviewer reads; the keys are the refusal's `cause`."""
_OWN_CAUSES = {ItemKind.DRIFT: "tool_drift", ItemKind.APPEAL: "appeal", ItemKind.REPLY: "reply"}


def require_bulk(item: ReviewItem, decision: Decision, *, renames: bool) -> None:
    """Raises Conflict NOT_IN_BULK, with its `cause`, for what needs a look of its own.

    `renames`: the server gets another name.
    """
    cause = _cause(item, decision, renames=renames)
    if cause:
        raise Conflict("NOT_IN_BULK", _ALONE[cause], cause=cause)


def claim_seen(item: ReviewItem, reviewer: Reviewer, *, version: int, now: datetime) -> ReviewItem:
    """As `claim`, of an item that the reviewer has seen at `version`; one that they hold stays as it is.

    Raises as `claim`, VERSION_MISMATCH.
    """
    if item.holder_at(now) == reviewer.person_id:
        return item
    claimed = claim(item, reviewer, now=now)
    if item.version != version:
        raise version_mismatch(item.version)
    return claimed


def _cause(item: ReviewItem, decision: Decision, *, renames: bool) -> str:
    if decision is not Decision.APPROVE:
        return "no_approval"
    if item.is_proposed:
        return "proposed_rejection"
    if item.kind in _OWN_CAUSES:
        return _OWN_CAUSES[item.kind]
    if item.blocks:
        return "blocking_findings"
    return "new_name" if renames else ""
