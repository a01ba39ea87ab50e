"""Compares what the services say, and what they hold, with what is expected of them. Reads; changes nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from directory.listings.v1 import listing_pb2
from directory.submissions.v1 import submission_events_pb2, submission_pb2, transfer_pb2

from .expected import Item
from .people import other_than, publishers_of
from .statement import EVERY_TOOLS, LOOKED_AT
from .two_services import decision_of, status_of, stored_tools, tools_of, word

if TYPE_CHECKING:
    from .walk import Walk

_HIDDEN = "Directory review"
# How what is said of a transfer, and of tools, begins.
_BEGINNINGS = (
    *("Offered the server", "Took the server over", "Took the offer", "The other"),
    *("The server’s tools are not as", "The tools changed again", "The server offers the approved tools again"),
    *("The server showed its tools", "Titles or descriptions of tools changed"),
)


def submission(walk: Walk) -> None:
    """State, version, possible moves, thread, audit and outgoing events."""
    expected = walk.submission
    owner, other = (publishers_of(each)[-1] for each in (expected.owner, other_than(expected.owner)))
    get = lambda who: walk.services.publish(who, "GetSubmission", submission_id=walk.submission_id)  # noqa: E731
    assert status_of(lambda: get(other))[0] == 404
    status, answer = status_of(lambda: get(owner))
    if expected.state == "-":
        assert status == 404
    else:
        seen = answer.submission
        walk.form, walk.seen_version = seen.form, seen.version
        assert word(submission_pb2.SubmissionState, seen.state, "SUBMISSION_STATE_") == expected.state
        assert seen.HasField("first_published_at") == expected.ever_published
        assert seen.HasField("deprecation") == expected.deprecated
        assert seen.tool_changes_requested == any(item.with_publisher for item in expected.items)
        offered = {word(submission_pb2.Move, move, "MOVE_") for move in seen.moves}
        assert offered == expected.possible("publisher")
    _remember_revisions(walk)
    _thread(walk)
    _audit(walk)
    assert [_told_by_submissions(walk, event) for event in walk.services.from_submissions.told()] == expected.told


def review_items(walk: Walk) -> None:
    """The queue, and every item that ever was."""
    rows = walk.services.world.rows(
        "SELECT * FROM review_items LEFT JOIN tool_drifts USING (review_item_id) WHERE submission_id = :id "
        "ORDER BY opened_at",
        id=walk.submission_id,
    )
    walk.item_ids += [str(row.review_item_id) for row in rows if str(row.review_item_id) not in walk.item_ids]
    walk.item_versions = {str(row.review_item_id): row.version for row in rows}
    by_id = {str(row.review_item_id): row for row in rows}
    held = [_item_of(walk, by_id[item_id]) for item_id in walk.item_ids]
    assert held == [replace(item, holder="", claimed_at=0) for item in walk.submission.items]
    queue = walk.services.review("ron", "ListReviewItems", search=f"{walk.name} ", page_size=100).items
    waiting = {item.review_item_id: (item.claimed_by, not item.HasField("due_at")) for item in queue}
    gone = walk.submission.state == "-"
    items = [] if gone else zip(walk.item_ids, walk.submission.items, strict=True)
    assert waiting == {
        item_id: (item.held_by(walk.submission.at), item.with_publisher)
        for item_id, item in items
        if item.state == "open"
    }
    kinds = Counter(row.kind for row in rows if row.state == "open")
    assert kinds["submission"] == (walk.submission.state == "in_review")
    assert kinds["appeal"] <= (walk.submission.state == "not_approved")
    assert kinds["drift"] <= (walk.submission.state in LOOKED_AT)
    assert max(kinds.values(), default=0) <= 1


def tools(walk: Walk) -> None:
    """What later looks are compared with."""
    rows = walk.services.world.rows("SELECT tools FROM approved_tools WHERE submission_id = :id", id=walk.submission_id)
    assert len(rows) == (walk.submission.approved is not None)
    assert stored_tools(rows[0].tools if rows else None) == tools_of(walk.submission.approved)


def listing(walk: Walk) -> None:
    """The listing as its publisher sees it, every revision, and the outgoing events."""
    expected = walk.listing
    owner, other = (publishers_of(each)[0] for each in (expected.owner, other_than(expected.owner)))
    get = lambda who: walk.services.listing(who, "GetListing", listing_id=walk.submission_id)  # noqa: E731
    assert status_of(lambda: get(other))[0] == 404
    status, answer = status_of(lambda: get(owner))
    walk.listing_version = answer.listing.version if status == 200 else 1
    assert (status == 200) == bool(expected.state)
    if status == 200:
        seen = answer.listing
        assert word(listing_pb2.ListingState, seen.state, "LISTING_STATE_") == expected.state
        assert (_words(seen.live), seen.slug) == (expected.live, expected.slug)
        assert seen.HasField("deprecation") == expected.deprecated
        assert seen.slug_locked == expected.ever_published
    rows = [(row.state, _stored(row.content), _stored(row.unsent)) for row in walk.revision_rows]
    assert rows == [(each.state, each.words, each.unsent) for each in expected.revisions]
    assert sum(state in ("editing", "pending", "changes_requested") for state, *_ in rows) <= 1
    assert [_told_by_listings(walk, event) for event in walk.services.from_listings.told()] == expected.told


def public(walk: Walk) -> None:
    """What anybody reads: the last applied words under the permanent slug, which a reviewer approved; or nothing."""
    for slug in walk.slugs:
        status, seen = status_of(lambda slug=slug: walk.services.public(slug))
        if walk.listing.state == "live" and walk.listing.slug == slug:
            assert status == 200
            assert _words(seen.live) == walk.listing.live
            assert _words(seen.live) in walk.approved_words
            assert seen.HasField("deprecation") == walk.listing.deprecated
        else:
            assert status == 404


def _thread(walk: Walk) -> None:
    query = "SELECT * FROM thread_entries WHERE submission_id = :id ORDER BY position"
    rows = walk.services.world.rows(query, id=walk.submission_id)
    assert [row.position for row in rows] == list(range(1, len(rows) + 1))
    assert [
        (row.author_role, row.move or "", _body(row), _number(walk, row.revision_id)) for row in rows
    ] == walk.submission.thread
    if walk.submission.state == "-":
        return
    owner = publishers_of(walk.submission.owner)[0]
    shown = walk.services.publish(owner, "ListThread", submission_id=walk.submission_id, page_size=200).entries
    assert [(entry.position, entry.body) for entry in shown] == [(row.position, row.body) for row in rows]
    reviewers = [row.author_role == "reviewer" for row in rows]
    assert [entry.author_name == _HIDDEN for entry in shown] == reviewers


def _item_of(walk: Walk, row: Any) -> Item:
    """What is stored of an item, but for claims: the queue shows these."""
    barred, replied = tuple(sorted(row.barred)), row.state == "open" and row.replied_at is not None
    revision, renames = int(_number(walk, row.revision_id) or 0), False
    if row.kind == "revision":
        renames = row.before["display_name"] != row.after["display_name"]
    item = Item(row.kind, revision, row.state, barred=barred, replied=replied, renames=renames)
    item = replace(item, assigned=row.assigned_to or "", asked=row.changes_requested_at is not None)
    if row.kind == "drift":
        offered = stored_tools(row.offered)
        item = replace(item, offered=next(each for each in EVERY_TOOLS if tools_of(each) == offered))
        item = replace(item, lead=row.lead_reviewer)
    if row.state == "open" and row.proposed_by:
        item = replace(item, proposed=row.proposed_by, said=row.comment)
    assert row.lead_reviewer == item.for_leads
    assert not (row.state == "voided" and row.comment)
    return item


def _body(row: Any) -> str:
    """What the checks say is their own affair."""
    if row.move in ("pass_checks", "fail_checks"):
        return ""
    return next((said for said in _BEGINNINGS if row.body.startswith(said)), str(row.body))


def _audit(walk: Walk) -> None:
    """One entry for each thing done; a form that follows its listing is told apart, in the walk's end."""
    moves = {move for move, *_ in (entry for entry in walk.submission.audit if len(entry) == 4)}
    rows = walk.services.world.rows("SELECT * FROM audit_entries WHERE submission_id = :id", id=walk.submission_id)
    written: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        if row.action in moves:
            written[row.action, row.actor_id, row.from_state or "-", row.to_state or "-"] += 1
        elif row.action != "follow_listing":
            written[row.action, row.actor_id] += 1
    assert written == walk.submission.audit


def _remember_revisions(walk: Walk) -> None:
    query = "SELECT * FROM revisions WHERE listing_id = :id ORDER BY number"
    walk.revision_rows = walk.services.listing_rows(query, id=walk.submission_id)
    walk.revision_ids = [str(row.revision_id) for row in walk.revision_rows]


def _number(walk: Walk, revision_id: Any) -> str:
    return str(walk.revision_ids.index(str(revision_id)) + 1) if revision_id else ""


def _told_by_submissions(walk: Walk, event: Any) -> tuple:
    kind = event.WhichOneof("event")
    if kind == "message_posted":
        return "message", word(submission_pb2.ActorRole, event.message_posted.author_role, "ACTOR_ROLE_")
    if kind == "revision_decided":
        decided = event.revision_decided
        return "decided", int(_number(walk, decided.revision_id)), decision_of(decided.decision)
    if kind == "tool_drift_found":
        found = event.tool_drift_found
        return "tools", ("again" if found.changed_again else "found", found.lead_reviewer)
    if kind == "tool_drift_decided":
        outcome = event.tool_drift_decided.outcome
        return "tools", word(submission_events_pb2.ToolDriftOutcome, outcome, "TOOL_DRIFT_OUTCOME_")
    if kind == "transfer_changed":
        changed = event.transfer_changed
        return "transfer", word(transfer_pb2.TransferState, changed.state, "TRANSFER_STATE_"), event.organization_id
    moved = event.moved
    states = [
        word(submission_pb2.SubmissionState, state, "SUBMISSION_STATE_") for state in (getattr(moved, "from"), moved.to)
    ]
    words = _words(moved.listing) if moved.HasField("listing") else None
    return "moved", word(submission_pb2.Move, moved.move, "MOVE_"), *states, words, moved.slug


def _told_by_listings(walk: Walk, event: Any) -> tuple:
    match event.WhichOneof("event"):
        case "revision_submitted":
            told = event.revision_submitted
            supersedes = int(_number(walk, told.supersedes_revision_id) or 0)
            renames = told.before.display_name != told.after.display_name
            return "submitted", int(_number(walk, told.revision_id)), supersedes, told.message, renames
        case "revision_closed":
            told = event.revision_closed
            return "closed", int(_number(walk, told.revision_id)), _revision_state(told.state)
        case "decision_voided":
            told = event.decision_voided
            return "voided", int(_number(walk, told.revision_id)), _revision_state(told.state)
        case _:
            return "state", word(listing_pb2.ListingState, event.state_changed.to, "LISTING_STATE_")


def _revision_state(number: int) -> str:
    return word(listing_pb2.RevisionState, number, "REVISION_STATE_")


def _words(content: Any) -> tuple[str, str]:
    return content.display_name, content.tagline


def _stored(content: Any) -> tuple[str, str] | None:
    return (content["display_name"], content.get("tagline", "")) if content else None
