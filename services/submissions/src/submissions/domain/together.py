"""Deciding on many items at once: what may be approved so, without a claim on each before."""

from __future__ import annotations

from datetime import datetime

from chassis.errors import Conflict

from submissions.domain.refusals import version_mismatch
from submissions.domain.review import Decision, ItemKind, Reviewer, ReviewItem, claim, possible_decisions


def require_bulk(item: ReviewItem, decision: Decision, *, renames: bool) -> None:
    """Raises Conflict NOT_IN_BULK for what needs a look of its own; `renames`: the server gets another name."""
    is_approval = decision is Decision.APPROVE and decision in possible_decisions(item.kind)
    if not is_approval or item.kind is ItemKind.DRIFT or item.is_proposed or item.blocks or renames:
        message = (
            "This needs a look of its own: blocking findings, a new name, tool drift, an appeal, a reply, a proposed "
            "rejection."
        )
        raise Conflict("NOT_IN_BULK", message)


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
