"""The revision machine: the table of moves, and each move as a function from a listing to its Change.

Product rules: product.md section 4. Two of them shape the code. Reviewers always see what was submitted, so edits
of a submitted revision are kept beside it as `unsent`. Nothing that a publisher saved is lost, so unsent edits
outlive the decision as a new revision.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from chassis.errors import Conflict

from listings.domain import low_risk
from listings.domain.listing import (
    Change,
    Content,
    DecisionVoided,
    Event,
    Listing,
    ListingState,
    Person,
    Revision,
    RevisionAppliedBySetting,
    RevisionClosed,
    RevisionState,
    RevisionSubmitted,
    UnsentEdits,
    changed_fields,
)


class RevisionMove(StrEnum):
    """A step of a revision."""

    SUBMIT = "submit"
    APPROVE = "approve"
    REJECT = "reject"
    REQUEST_CHANGES = "request_changes"
    DISCARD = "discard"
    SUPERSEDE = "supersede"
    APPLY_BY_SETTING = "apply_by_setting"


MOVES: Mapping[tuple[RevisionState, RevisionMove], RevisionState] = MappingProxyType(
    {
        (RevisionState.EDITING, RevisionMove.SUBMIT): RevisionState.PENDING,
        (RevisionState.EDITING, RevisionMove.APPLY_BY_SETTING): RevisionState.APPLIED,
        (RevisionState.EDITING, RevisionMove.DISCARD): RevisionState.DISCARDED,
        (RevisionState.PENDING, RevisionMove.APPROVE): RevisionState.APPLIED,
        (RevisionState.PENDING, RevisionMove.REJECT): RevisionState.REJECTED,
        (RevisionState.PENDING, RevisionMove.REQUEST_CHANGES): RevisionState.CHANGES_REQUESTED,
        (RevisionState.PENDING, RevisionMove.DISCARD): RevisionState.DISCARDED,
        (RevisionState.PENDING, RevisionMove.SUPERSEDE): RevisionState.SUPERSEDED,
        (RevisionState.CHANGES_REQUESTED, RevisionMove.DISCARD): RevisionState.DISCARDED,
        (RevisionState.CHANGES_REQUESTED, RevisionMove.SUPERSEDE): RevisionState.SUPERSEDED,
    }
)
"""Every move that exists. Whatever is not here is refused."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a reviewer decided: `move` is APPROVE, REJECT or REQUEST_CHANGES."""

    move: RevisionMove
    reviewer_name: str
    comment: str = ""
    reason_code: str = ""


def require_live(listing: Listing) -> None:
    """Raises Conflict NOT_EDITABLE unless the listing is in the directory."""
    if listing.state is not ListingState.LIVE:
        raise Conflict("NOT_EDITABLE", "Only a live listing can be edited.", state=listing.state.value)


def save(listing: Listing, content: Content, *, editor: Person, now: datetime, new_id: str) -> Change:
    """Keeps `content` (whole) as the publisher's latest edits. Nothing live and nothing submitted changes.

    A save that changes nothing leaves the listing, and so its version, as it is. Raises Conflict NOT_EDITABLE.
    """
    require_live(listing)
    current = listing.open_revision
    if content == edited_content(listing):
        return Change(listing)
    if current is None:
        revision = _editing(listing, content, editor=editor, now=now, new_id=new_id)
    elif current.state is RevisionState.EDITING:
        revision = replace(current, content=content, editor=editor)
    else:
        unsent = UnsentEdits(content, editor) if content != current.content else None
        revision = replace(current, unsent=unsent)
    revision = _with_changed_fields(revision, listing.live)
    return Change(_bumped(listing, revision), (revision,))


def edited_content(listing: Listing) -> Content:
    """What a save starts from: the latest edits, or else what is live."""
    return listing.open_revision.latest if listing.open_revision else listing.live


def content_to_submit(listing: Listing) -> Content:
    """What `submit` would put before the reviewers.

    Raises Conflict NOT_EDITABLE, NO_OPEN_REVISION, or NOTHING_TO_SUBMIT when the reviewers have it already or when
    it is what is live.
    """
    require_live(listing)
    current = _require_open(listing)
    with_reviewers = current.state is RevisionState.PENDING and current.unsent is None
    if with_reviewers or current.latest == listing.live:
        raise Conflict("NOTHING_TO_SUBMIT", "There are no edits to submit.")
    return current.latest


def submit(
    listing: Listing,
    message: str,
    *,
    submitter: Person,
    now: datetime,
    new_id: str,
    without_review: Collection[str] = (),
) -> Change:
    """Puts the latest edits before the reviewers; raises what `content_to_submit` raises.

    A revision in editing becomes pending itself, or goes live at once where it changes no field but those of
    `without_review` (JSON Pointers) that are of little risk, and no link that needs a look. One that reviewers have
    seen is theirs to decide: it is superseded by a new pending one.
    """
    content = content_to_submit(listing)
    current = _require_open(listing)
    if current.state is RevisionState.EDITING:
        sent = _submitted(current, message, submitter=submitter, now=now)
        if low_risk.covers(without_review, listing.live, content):
            return _applied_by_setting(listing, sent, now=now)
        pending = _moved(sent, RevisionMove.SUBMIT)
        return Change(_bumped(listing, pending), (pending,), (RevisionSubmitted(pending, listing.live, ""),))
    editor = current.unsent.editor if current.unsent else current.editor
    old = _closed(_without_unsent(current, listing.live), RevisionMove.SUPERSEDE, now)
    edits = _editing(listing, content, editor=editor, now=now, new_id=new_id)
    edits = _with_changed_fields(edits, listing.live)
    pending = _submitted(_moved(edits, RevisionMove.SUBMIT), message, submitter=submitter, now=now)
    events: tuple[Event, ...] = (
        RevisionClosed(old.revision_id, old.state, listing.live),
        RevisionSubmitted(pending, listing.live, old.revision_id),
    )
    return Change(_bumped(listing, pending), (old, pending), events)


def restore(listing: Listing, revision: Revision, *, editor: Person, now: datetime, new_id: str) -> Change:
    """Begins a new revision in editing with the content of an applied one. Nothing live changes.

    Raises Conflict NOT_EDITABLE, REVISION_OPEN, or NOT_RESTORABLE.
    """
    require_live(listing)
    if (current := listing.open_revision) is not None:
        raise Conflict(
            "REVISION_OPEN",
            f"Revision {current.number} is open, and a listing has one at a time. "
            f"{_first(current.state)}; then restore.",
            number=current.number,
            revision_state=current.state.value,
        )
    if revision.state is not RevisionState.APPLIED:
        message = "Only a revision that was applied can be restored."
        raise Conflict("NOT_RESTORABLE", message, state=revision.state.value)
    if revision.content == listing.live:
        message = "This revision says what is live already. Nothing needs restoring."
        raise Conflict("NOT_RESTORABLE", message, state=revision.state.value)
    edits = _editing(listing, revision.content, editor=editor, now=now, new_id=new_id)
    edits = _with_changed_fields(replace(edits, restores_number=revision.number), listing.live)
    return Change(_bumped(listing, edits), (edits,))


def discard(listing: Listing, *, now: datetime) -> Change:
    """Gives up the open revision and its unsent edits. Possible in every state of the listing.

    Raises Conflict NO_OPEN_REVISION.
    """
    discarded = _closed(_require_open(listing), RevisionMove.DISCARD, now)
    event = RevisionClosed(discarded.revision_id, discarded.state, listing.live)
    return Change(_bumped(listing, None), (discarded,), (event,))


def take_back(listing: Listing, *, now: datetime, new_id: str) -> Change:
    """Takes a pending revision out of the reviewers' hands: superseded by a new one in editing with its latest words.

    The new one has its own id, so that no late decision on the old one can meet other words. Any other open revision
    stays.
    """
    pending = listing.open_revision
    if pending is None or pending.state is not RevisionState.PENDING:
        return Change(listing)
    editor = pending.unsent.editor if pending.unsent else pending.editor
    edits = _editing(listing, pending.latest, editor=editor, now=now, new_id=new_id)
    edits = _with_changed_fields(edits, listing.live)
    old = _closed(_without_unsent(pending, listing.live), RevisionMove.SUPERSEDE, now)
    event = RevisionClosed(old.revision_id, old.state, listing.live)
    return Change(_bumped(listing, edits), (old, edits), (event,))


def decide(listing: Listing, revision: Revision, decision: Decision, *, now: datetime, new_id: str) -> Change:
    """Applies a reviewer's decision on `revision`, or says that it came too late and changes nothing.

    Approval swaps the whole content in at once. Unsent edits stay with a revision that goes back to the publisher,
    and become a new revision in editing when the decision closes theirs.
    """
    if (revision.state, decision.move) not in MOVES:
        return Change(listing, events=(DecisionVoided(revision.revision_id, revision.state),))
    decided = replace(
        _closed(revision, decision.move, now),
        decided_by_name=decision.reviewer_name,
        comment=decision.comment,
        reason_code=decision.reason_code,
    )
    before = listing.live
    if decided.state is RevisionState.APPLIED:
        listing = replace(listing, live=decided.content, live_since=now)
    event = RevisionClosed(decided.revision_id, decided.state, listing.live)
    if decided.state is RevisionState.CHANGES_REQUESTED:
        return Change(_bumped(listing, decided), (decided,), (event,))
    decided = _without_unsent(decided, before)
    rest = _remaining_edits(listing, revision, now=now, new_id=new_id)
    written = (decided, rest) if rest else (decided,)
    return Change(_bumped(listing, rest), written, (event,))


def _applied_by_setting(listing: Listing, submitted: Revision, *, now: datetime) -> Change:
    applied = replace(_closed(submitted, RevisionMove.APPLY_BY_SETTING, now), applied_by_setting=True)
    after = replace(listing, live=applied.content, live_since=now)
    return Change(_bumped(after, None), (applied,), (RevisionAppliedBySetting(applied, listing.live),))


def _remaining_edits(listing: Listing, revision: Revision, *, now: datetime, new_id: str) -> Revision | None:
    if revision.unsent is None or revision.unsent.content == listing.live:
        return None
    edits = _editing(listing, revision.unsent.content, editor=revision.unsent.editor, now=now, new_id=new_id)
    return _with_changed_fields(edits, listing.live)


def _first(open_state: RevisionState) -> str:
    if open_state is RevisionState.PENDING:
        return "Wait for the decision, or discard it"
    return "Submit it and wait for the decision, or discard it"


def _require_open(listing: Listing) -> Revision:
    if listing.open_revision is None:
        raise Conflict("NO_OPEN_REVISION", "There is no open revision.")
    return listing.open_revision


def _editing(listing: Listing, content: Content, *, editor: Person, now: datetime, new_id: str) -> Revision:
    return Revision(
        revision_id=new_id,
        number=listing.last_number + 1,
        state=RevisionState.EDITING,
        content=content,
        editor=editor,
        created_at=now,
    )


def _moved(revision: Revision, move: RevisionMove) -> Revision:
    return replace(revision, state=MOVES[revision.state, move])


def _submitted(revision: Revision, message: str, *, submitter: Person, now: datetime) -> Revision:
    return replace(revision, message=message, submitter=submitter, submitted_at=now)


def _closed(revision: Revision, move: RevisionMove, now: datetime) -> Revision:
    return replace(_moved(revision, move), closed_at=now)


def _with_changed_fields(revision: Revision, live: Content) -> Revision:
    return replace(revision, changed_fields=changed_fields(live, revision.latest))


def _without_unsent(revision: Revision, live: Content) -> Revision:
    return _with_changed_fields(replace(revision, unsent=None), live)


def _bumped(listing: Listing, open_revision: Revision | None) -> Listing:
    number = max(listing.last_number, open_revision.number if open_revision else 0)
    return replace(listing, version=listing.version + 1, last_number=number, open_revision=open_revision)
