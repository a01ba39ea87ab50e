"""What listings say: revisions that wait for a reviewer, those that no longer do, and what is live now."""

from __future__ import annotations

from datetime import datetime

from chassis import clock, rules
from chassis.errors import InvalidInput, NotFound
from chassis.formats import is_uuid
from chassis.logs import get_logger
from chassis.sql.database import UnitOfWork
from directory.listings.v1 import listing_pb2
from directory.listings.v1.listing_content_pb2 import ListingContent
from directory.listings.v1.listing_events_pb2 import DecisionVoided, ListingEvent, RevisionClosed, RevisionSubmitted

from submissions.domain import checks
from submissions.domain.checks import Finding
from submissions.domain.lifecycle import State
from submissions.domain.look_alikes import Named
from submissions.domain.review import ItemKind, void
from submissions.store import audit, check_subjects, events, look_alikes, review_items, submissions, thread
from submissions.store.actors import DIRECTORY, SYSTEM, Author, Role
from submissions.store.forms import form_columns
from submissions.store.submissions import Submission
from submissions.store.thread import EntryKind

TOPIC = "directory.listings.v1"
GROUP = "submissions"

# Here the form holds no words of its own: they are, or were, in the directory.
_FORM_IS_LIVE = frozenset({State.PUBLISHED, State.SUSPENDED, State.DELISTED})


class ListingEvents:
    """Handles one event in the transaction of its inbox entry."""

    def __init__(self, now: clock.Clock = clock.now) -> None:
        self._now = now

    def handle(self, event: ListingEvent, uow: UnitOfWork) -> None:
        """Takes note of `event`. A listing without a submission is somebody else's mistake: it is logged.

        Raises InvalidInput EVENT_INVALID, which puts the event aside, where a revision's id is none.
        """
        try:
            submission = submissions.of_anybody(uow.connection, event.listing_id, lock=True)
        except NotFound:
            get_logger().warning("listing event without a submission", listing_id=event.listing_id)
            return
        kind, now = event.WhichOneof("event"), self._now()
        if kind == "revision_submitted":
            if event.revision_submitted.supersedes_revision_id:
                _require_id(event.revision_submitted.supersedes_revision_id)
            _require_id(event.revision_submitted.revision_id)
            _open(uow, submission, event.revision_submitted, now)
        elif kind == "revision_closed":
            _require_id(event.revision_closed.revision_id)
            _close(uow, submission, event.revision_closed, now)
        elif kind == "decision_voided":
            _require_id(event.decision_voided.revision_id)
            _note_late_decision(uow, submission, event.decision_voided, now)


def _require_id(revision_id: str) -> None:
    if not is_uuid(revision_id):
        raise InvalidInput("EVENT_INVALID", "The revision's id is no UUID.", revision_id=revision_id)


def _open(uow: UnitOfWork, submission: Submission, revision: RevisionSubmitted, now: datetime) -> None:
    """1. what it replaces is void, or came back no more, 2. the item, 3. audit, 4. what was found, 5. the publisher's
    message."""
    for replaced in (revision.supersedes_revision_id, revision.revision_id):
        _void(uow, submission, replaced, now)
    found = _found(uow, submission, revision)
    submissions.note_edit(uow.connection, submission, returned=False)
    item = review_items.opened(submission, ItemKind.REVISION, now=now, findings=found, revision_id=revision.revision_id)
    review_items.add(uow.connection, item, before=revision.before, after=revision.after, findings=found)
    publisher = Author(Role.PUBLISHER, "", revision.submitted_by_name)
    audit.record(
        uow.connection,
        submission,
        action="submit_revision",
        author=publisher,
        now=now,
        from_state=submission.state,
        detail={"review_item_id": item.review_item_id, "revision_id": revision.revision_id},
    )
    if found:
        _tell_findings(uow, submission, revision.revision_id, found, now)
    if revision.message.strip():
        _say(uow, submission, publisher, revision.revision_id, revision.message.strip(), now)


def _tell_findings(
    uow: UnitOfWork, submission: Submission, revision_id: str, found: list[Finding], now: datetime
) -> None:
    thread.append(
        uow.connection,
        submission.submission_id,
        kind=EntryKind.FINDINGS,
        author=SYSTEM,
        now=now,
        findings=found,
        revision_id=revision_id,
    )


def _found(uow: UnitOfWork, submission: Submission, revision: RevisionSubmitted) -> list[Finding]:
    """What the checks find in the words that a revision changes: as in a new server's, but the reviewer decides, not
    the grade."""
    changed = {f"/listing/{name}" for name in _differing(revision.before, revision.after)}
    before, after = (check_subjects.with_words(submission, words) for words in (revision.before, revision.after))
    found = checks.of_edit(before, after, changed)
    if "/listing/display_name" in changed:
        named = Named(submission.slug or "", revision.after.display_name)
        alike = look_alikes.of_named(uow.connection, submission, named)
        found += [finding for finding in alike if finding.field == "/listing/display_name"]
    return checks.gravest_first(found)


def _close(uow: UnitOfWork, submission: Submission, revision: RevisionClosed, now: datetime) -> None:
    _void(uow, submission, revision.revision_id, now)
    if revision.state != listing_pb2.REVISION_STATE_CHANGES_REQUESTED:  # of that the decision itself took note
        submissions.note_edit(uow.connection, submission, returned=False)
    if revision.HasField("applied_by_setting"):
        _note_applied_by_setting(uow, submission, revision, now)
    if revision.state == listing_pb2.REVISION_STATE_APPLIED:
        _follow(uow, submission, revision, now)


def _note_applied_by_setting(uow: UnitOfWork, submission: Submission, closed: RevisionClosed, now: datetime) -> None:
    """Nobody is asked, so there is no item; what was said and done is kept all the same."""
    told = closed.applied_by_setting
    detail = {"revision_id": closed.revision_id, "number": told.number, "submitted_by_name": told.submitted_by_name}
    action = "apply_revision_by_setting"
    audit.record(uow.connection, submission, action=action, author=DIRECTORY, now=now, detail=detail)
    if told.message.strip():
        publisher = Author(Role.PUBLISHER, "", told.submitted_by_name)
        _say(uow, submission, publisher, closed.revision_id, told.message.strip(), now)


def _note_late_decision(uow: UnitOfWork, submission: Submission, voided: DecisionVoided, now: datetime) -> None:
    state = listing_pb2.RevisionState.Name(voided.state).removeprefix("REVISION_STATE_").lower().replace("_", " ")
    body = f"The decision on this change came too late: the change was {state} by then. Nothing was applied."
    _say(uow, submission, DIRECTORY, voided.revision_id, body, now)


def _follow(uow: UnitOfWork, submission: Submission, revision: RevisionClosed, now: datetime) -> None:
    """The form says what is live, so that a later approval does not bring old words back.

    On the way to another approval the form may hold newer words of its publisher: these stay. Whoever has the form open
    is told by its new version.
    """
    if submission.form is None:
        return
    live = revision.live
    if submission.state not in _FORM_IS_LIVE:
        before = _before(uow, submission, revision)
        live = _with_newer_words(submission.form.listing, before, live, submission.state)
    if submission.form.listing == live:
        return
    submission.form.listing.CopyFrom(live)
    after = submissions.change(uow.connection, submission, {**form_columns(submission.form), "updated_at": now})
    audit.record(uow.connection, after, action="follow_listing", author=DIRECTORY, now=now, from_state=submission.state)


def _before(uow: UnitOfWork, submission: Submission, revision: RevisionClosed) -> ListingContent | None:
    if revision.HasField("applied_by_setting"):
        return revision.applied_by_setting.before
    return review_items.before(uow.connection, submission.submission_id, revision.revision_id)


def _with_newer_words(
    form: ListingContent, before: ListingContent | None, live: ListingContent, state: State
) -> ListingContent:
    """`live`, but with the form's fields that are no longer what was live `before` the revision."""
    if before is None:  # the words came with an approval: a form that is approved no more has gone beyond it
        return live if state is State.APPROVED else form
    result = ListingContent()
    result.CopyFrom(live)
    if newer := _differing(before, form):
        rules.merge(result, form, newer)
    return result


def _differing(one: ListingContent, other: ListingContent) -> list[str]:
    names = [field.name for field in ListingContent.DESCRIPTOR.fields]
    return [name for name in names if getattr(one, name) != getattr(other, name)]


def _void(uow: UnitOfWork, submission: Submission, revision_id: str, now: datetime) -> None:
    if not revision_id:
        return
    item = review_items.open_item(uow.connection, submission_id=submission.submission_id, revision_id=revision_id)
    if item is None:
        return
    review_items.save(uow.connection, void(item, now=now))
    detail = {"review_item_id": item.review_item_id, "revision_id": revision_id}
    audit.record(uow.connection, submission, action="void_review_item", author=DIRECTORY, now=now, detail=detail)


def _say(uow: UnitOfWork, submission: Submission, author: Author, revision_id: str, body: str, now: datetime) -> None:
    entry = thread.append(
        uow.connection,
        submission.submission_id,
        kind=EntryKind.MESSAGE,
        author=author,
        now=now,
        body=body,
        revision_id=revision_id,
    )
    events.message_posted(uow, submission, entry.entry_id, by=author, now=now)
