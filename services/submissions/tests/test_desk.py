"""Running the desk: filters, replies, appeals, a second reviewer, assignment, presence, ready-made words, figures."""

from datetime import timedelta

import pytest
from chassis.errors import Conflict, InvalidInput, LimitExceeded, NotFound, PermissionDenied, VersionMismatch
from chassis.ids import new_id
from directory.listings.v1.listing_events_pb2 import ListingEvent
from directory.submissions.v1 import review_service_pb2 as reviews
from directory.submissions.v1 import submission_pb2
from submissions.consumers.listing_events import ListingEvents
from submissions.domain.unanswered import MOST

METHODS = {
    "AssignReviewItem": {"review_item_id": "x"},
    "NoteReviewPresence": {"review_item_id": "x"},
    "ListReviewers": {},
    "ListCannedResponses": {},
    "SaveCannedResponse": {"title": "x", "body": "x"},
    "DeleteCannedResponse": {"canned_response_id": "x"},
    "GetReviewStatistics": {},
}


def refused(kind, call):
    with pytest.raises(kind) as refusal:
        call()
    return refusal.value


def items(world, judge, **wanted):
    return world.review_call(judge, "ListReviewItems", page_size=100, **wanted).items


def kinds(world, judge, submission_id, **wanted):
    found = [item for item in items(world, judge, **wanted) if item.submission_id == submission_id]
    return [reviews.ReviewItemKind.Name(item.kind).removeprefix("REVIEW_ITEM_KIND_").lower() for item in found]


def say(world, person, submission, body="Please look"):
    world.publish_call(person, "PostMessage", submission_id=submission.submission_id, body=body)


def post(world, judge, item, body="And?"):
    world.review_call(judge, "PostReviewMessage", review_item_id=item.review_item_id, body=body)


def item_of(world, judge, submission):
    return next(one for one in items(world, judge) if one.submission_id == submission.submission_id)


def rejected(world, person, judge=None):
    submission = world.in_review(person)
    world.decide(judge or world.reviewer(), submission.submission_id, "REJECT", "No", "POLICY")
    return world.get(person, submission.submission_id)


@pytest.mark.parametrize("method", METHODS)
def test_staff_only(world, method):
    error = refused(PermissionDenied, lambda: world.desk_call(world.owner(), method, **METHODS[method]))
    assert error.reason == "STAFF_REQUIRED"


# -- the queue


def test_the_queue_is_narrowed_by_everything(world, ahead):
    person, other, judge = world.owner(), world.owner(), world.reviewer("Rita")
    form = world.complete_form()
    form.listing.company_name = "Zebra Works"
    form.listing.categories[:] = ["finance"]
    zebra, plain = world.in_review(person, form), world.in_review(other)

    def found(**wanted):
        known = {zebra.submission_id: "zebra", plain.submission_id: "plain"}
        return [known[one.submission_id] for one in items(world, judge, **wanted) if one.submission_id in known]

    assert found() == ["zebra", "plain"]
    assert found(order="REVIEW_ORDER_NEWEST") == ["plain", "zebra"]
    for search in ("zebra works", form.slug, form.server_url, form.listing.display_name.upper()):
        assert found(search=search)[:1] == ["zebra"], search
    assert found(search="zebra works") == found(category="finance") == ["zebra"]
    assert found(organization_id=other.organization_id) == ["plain"]
    assert found(unclaimed=True) == ["zebra", "plain"]
    world.review_call(judge, "ClaimReviewItem", review_item_id=item_of(world, judge, zebra).review_item_id)
    assert found(unclaimed=True) == ["plain"]
    assert found(held_by=judge.person_id) == found(mine=True) == ["zebra"]
    assert found(overdue=True) == []
    shown = item_of(world, judge, zebra)
    assert (shown.company_name, shown.slug, shown.server_url) == ("Zebra Works", form.slug, form.server_url)
    assert shown.due_at.ToDatetime() - shown.opened_at.ToDatetime() == timedelta(days=7)
    ahead(timedelta(days=7, minutes=1))
    assert found(overdue=True) == ["zebra", "plain"]
    listed = world.review_call(judge, "ListReviewItems", page_size=1)
    assert listed.overdue_count == listed.unclaimed_count == listed.open_count
    assert listed.mine_count == 0


def test_pages_go_on_in_either_order(world):
    judge = world.reviewer()
    for _ in range(2):
        world.in_review(world.owner())
    for order in ("REVIEW_ORDER_OLDEST", "REVIEW_ORDER_NEWEST"):
        whole = [one.review_item_id for one in items(world, judge, order=order)]
        paged, token = [], ""
        while True:
            page = world.review_call(judge, "ListReviewItems", page_size=1, page_token=token, order=order)
            paged += [one.review_item_id for one in page.items]
            token = page.next_page_token
            if not token:
                break
        assert paged == whole


# -- a publisher's reply


def test_a_reply_to_what_is_open_marks_it_and_keeps_its_date(world, ahead):
    person, judge = world.owner(), world.reviewer()
    submission = world.in_review(person)
    claimed = world.review_call(judge, "ClaimReviewItem", review_item_id=world.open_item(submission.submission_id)).item
    due = item_of(world, judge, submission).due_at
    ahead(timedelta(minutes=5))
    say(world, person, submission)
    assert kinds(world, judge, submission.submission_id, replied=True) == ["submission"]
    marked = item_of(world, judge, submission)
    assert (marked.due_at, marked.claimed_by) == (due, judge.person_id)
    fields = {"review_item_id": claimed.review_item_id, "decision": "DECISION_APPROVE"}
    refused(VersionMismatch, lambda: world.review_call(judge, "DecideReviewItem", version=claimed.version, **fields))
    world.review_call(judge, "PostReviewMessage", review_item_id=claimed.review_item_id, body="Thanks")
    assert kinds(world, judge, submission.submission_id, replied=True) == []
    world.review_call(judge, "DecideReviewItem", version=marked.version, **fields)


def test_a_publisher_cannot_keep_reviewers_from_deciding(world):
    """Whatever was written is read before the decision, and what can be written comes to an end."""
    person, judge = world.owner(), world.reviewer()
    submission = world.in_review(person)
    item_id = world.open_item(submission.submission_id)
    world.review_call(judge, "ClaimReviewItem", review_item_id=item_id)
    for number in range(MOST + 1):
        seen = world.review_call(judge, "GetReviewItem", review_item_id=item_id)
        assert sum(entry.body == "Wait" for entry in seen.thread) == number
        if number == MOST:
            break
        say(world, person, submission, "Wait")
        refused(VersionMismatch, lambda item=seen.item: world.settle(judge, item, "APPROVE"))
    error = refused(LimitExceeded, lambda: say(world, person, submission, "Wait"))
    assert (error.reason, error.metadata["limit"]) == ("TOO_MANY_MESSAGES", "20")
    assert 86_000 < int(error.metadata["retry_after_seconds"]) <= 86_401
    world.settle(judge, seen.item, "APPROVE")


def test_who_is_answered_writes_again(world):
    person, judge = world.owner(), world.reviewer()
    submission = world.in_review(person)
    item = item_of(world, judge, submission)
    writes = {
        "publisher": lambda: say(world, person, submission),
        "reviewer": lambda: post(world, judge, item),
    }
    for writer, answerer in (("publisher", "reviewer"), ("reviewer", "publisher")):
        for _ in range(MOST):
            writes[writer]()
        before = len(world.thread(person, submission.submission_id))
        assert refused(LimitExceeded, writes[writer]).reason == "TOO_MANY_MESSAGES"
        assert len(world.thread(person, submission.submission_id)) == before
        writes[answerer]()
        writes[writer]()


def test_decisions_answer_and_are_never_too_many(world):
    person, judge = world.owner(), world.reviewer()
    submission = world.in_review(person)
    item = world.review_call(judge, "ClaimReviewItem", review_item_id=world.open_item(submission.submission_id)).item
    for writer in (lambda: say(world, person, submission), lambda: post(world, judge, item)):
        for _ in range(MOST):
            writer()
    refused(LimitExceeded, lambda: post(world, judge, item))
    seen = world.review_call(judge, "GetReviewItem", review_item_id=item.review_item_id).item
    world.settle(judge, seen, "REQUEST_CHANGES", comment="See above")
    say(world, person, submission)


def test_unanswered_messages_are_forgotten_after_a_day(world, ahead):
    person = world.owner()
    submission = world.in_review(person)
    say(world, person, submission)
    ahead(timedelta(hours=1))
    for _ in range(MOST - 1):
        say(world, person, submission)
    error = refused(LimitExceeded, lambda: say(world, person, submission))
    ahead(timedelta(seconds=int(error.metadata["retry_after_seconds"])))
    say(world, person, submission)
    refused(LimitExceeded, lambda: say(world, person, submission))


@pytest.mark.parametrize("stands", ["changes_requested", "not_approved", "approved", "published", "suspended"])
def test_a_reply_is_in_the_queue_wherever_the_submission_stands(world, stands):
    person, judge, lead = world.owner(), world.reviewer(), world.reviewer(lead=True)
    submission = world.in_review(person)
    decision = {"changes_requested": "REQUEST_CHANGES", "not_approved": "REJECT"}.get(stands, "APPROVE")
    world.decide(judge, submission.submission_id, decision, "Words", "POLICY" if decision == "REJECT" else "")
    submission = world.get(person, submission.submission_id)
    if stands in ("published", "suspended"):
        submission = world.move(person, submission, "PUBLISH")
    if stands == "suspended":
        world.move(lead, submission, "SUSPEND", "Down")
    say(world, person, submission, "First")
    say(world, person, submission, "Second")
    assert kinds(world, judge, submission.submission_id) == ["reply"]
    item = item_of(world, judge, submission)
    claimed = world.review_call(judge, "ClaimReviewItem", review_item_id=item.review_item_id).item
    error = refused(Conflict, lambda: world.settle(judge, claimed, "APPROVE"))
    assert (error.reason, error.metadata["possible_decisions"]) == ("DECISION_NOT_POSSIBLE", "answer")
    done = world.settle(judge, claimed, "ANSWER", comment="Here you are")
    assert done.decision == reviews.DECISION_ANSWER
    assert kinds(world, judge, submission.submission_id) == []
    entry = world.thread(person, submission.submission_id)[-1]
    assert (entry.author_name, entry.body) == ("Directory review", "Here you are")


def test_a_reply_is_read_with_what_is_resubmitted(world):
    person, judge = world.owner(), world.reviewer()
    submission = world.in_review(person)
    world.decide(judge, submission.submission_id, "REQUEST_CHANGES", "Words")
    submission = world.get(person, submission.submission_id)
    say(world, person, submission)
    world.move(person, submission, "SUBMIT")
    assert kinds(world, judge, submission.submission_id) == ["reply"]
    world.run_checks()
    assert kinds(world, judge, submission.submission_id) == ["submission"]
    assert kinds(world, judge, submission.submission_id, replied=True) == ["submission"]


def test_a_message_in_a_draft_waits_for_the_submission(world):
    person, judge = world.owner(), world.reviewer()
    draft = world.create(person)
    say(world, person, draft)
    assert kinds(world, judge, draft.submission_id) == []


def test_what_changed_since_the_last_review_is_shown(world):
    person, judge = world.owner(), world.reviewer()
    submission = world.in_review(person)
    seen = world.review_call(judge, "GetReviewItem", review_item_id=world.open_item(submission.submission_id))
    assert not seen.HasField("before_form")
    world.decide(judge, submission.submission_id, "REQUEST_CHANGES", "Better words")
    submission = world.get(person, submission.submission_id)
    changed = {"listing": {"tagline": "Better words"}, "data_access": "DATA_ACCESS_WRITE", "health_data": True}
    saved = world.save(person, submission, form=changed)
    say(world, person, submission)  # an item without a form lies in between
    world.move(person, saved, "SUBMIT")
    world.run_checks()
    seen = world.review_call(judge, "GetReviewItem", review_item_id=world.open_item(submission.submission_id))
    assert [(one.field, one.before, one.after) for one in seen.differences] == [
        ("/listing/tagline", submission.form.listing.tagline, "Better words"),
        ("/data_access", "both", "write"),
        ("/health_data", "false", "true"),
    ]
    assert (seen.before_form, seen.after_form) == (submission.form, saved.form)
    world.decide(judge, submission.submission_id, "APPROVE")
    world.save(person, world.get(person, submission.submission_id), form={"listing": {"tagline": "Later"}})
    later = world.review_call(judge, "GetReviewItem", review_item_id=seen.item.review_item_id)
    assert later.differences == seen.differences


# -- reasons


def test_reasons_of_changes_and_rejections_reach_the_publisher(world):
    person, judge = world.owner(), world.reviewer()
    submission = world.in_review(person)
    item = world.review_call(judge, "ClaimReviewItem", review_item_id=world.open_item(submission.submission_id)).item
    for field in ("reason", "change_reason"):
        decision = "REJECT" if field == "reason" else "REQUEST_CHANGES"
        error = refused(InvalidInput, lambda f=field, d=decision: world.settle(judge, item, d, comment="x", **{f: 99}))
        assert [violation.field for violation in error.violations] == [f"/{field}"]
    world.settle(judge, item, "REQUEST_CHANGES", comment="Icon", change_reason="CHANGE_REASON_ICON")
    assert world.thread(person, submission.submission_id)[-1].reason_code == "ICON"
    assert world.events(submission.submission_id)[-1].moved.reason_code == "ICON"


@pytest.mark.parametrize(
    ("decision", "field", "value"),
    [
        ("REQUEST_CHANGES", "reason", "REJECTION_REASON_POLICY"),
        ("APPROVE", "reason", "REJECTION_REASON_POLICY"),
        ("APPROVE", "change_reason", "CHANGE_REASON_ICON"),
        ("REJECT", "change_reason", "CHANGE_REASON_ICON"),
    ],
)
def test_a_reason_of_another_decision_is_refused_and_not_lost(world, decision, field, value):
    judge = world.reviewer()
    submission = world.in_review(world.owner())
    item = world.review_call(judge, "ClaimReviewItem", review_item_id=world.open_item(submission.submission_id)).item
    own = {"reason": "REJECTION_REASON_POLICY"} if decision == "REJECT" else {}
    error = refused(InvalidInput, lambda: world.settle(judge, item, decision, comment="x", **own, **{field: value}))
    assert [(each.field, each.code) for each in error.violations] == [(f"/{field}", "NOT_WITH_DECISION")]
    world.settle(judge, item, decision, comment="x", **own)


def test_no_name_is_both_a_rejections_and_a_changes(world):
    names = [
        {name.removeprefix(prefix) for name in enum if not name.endswith("UNSPECIFIED")}
        for enum, prefix in (
            (reviews.RejectionReason.keys(), "REJECTION_REASON_"),
            (reviews.ChangeReason.keys(), "CHANGE_REASON_"),
        )
    ]
    assert not names[0] & names[1]


# -- appeals


def test_a_rejection_is_appealed_once_and_decided_by_another_lead(world):
    person, lead, other = world.owner(), world.reviewer("Lea", lead=True), world.reviewer("Leo", lead=True)
    submission = rejected(world, person, lead)
    assert submission_pb2.MOVE_APPEAL in submission.moves
    assert refused(InvalidInput, lambda: world.move(person, submission, "APPEAL")).reason == "COMMENT_REQUIRED"
    appealed = world.move(person, submission, "APPEAL", "It is ours")
    assert appealed.state == submission_pb2.SUBMISSION_STATE_NOT_APPROVED
    assert submission_pb2.MOVE_APPEAL not in appealed.moves
    error = refused(Conflict, lambda: world.move(person, appealed, "APPEAL", "Again"))
    assert error.reason == "APPEALED_BEFORE"
    assert kinds(world, lead, submission.submission_id, appealed=True) == ["appeal"]
    item = item_of(world, lead, submission)
    for judge, reason in ((world.reviewer(), "LEAD_REVIEWER_REQUIRED"), (lead, "ANOTHER_REVIEWER_REQUIRED")):
        error = refused(
            PermissionDenied,
            lambda j=judge: world.review_call(j, "ClaimReviewItem", review_item_id=item.review_item_id),
        )
        assert error.reason == reason
    claimed = world.review_call(other, "ClaimReviewItem", review_item_id=item.review_item_id).item
    world.settle(other, claimed, "UPHOLD", comment="It is not")
    upheld = world.get(person, submission.submission_id)
    assert upheld.state == submission_pb2.SUBMISSION_STATE_NOT_APPROVED
    assert refused(Conflict, lambda: world.move(person, upheld, "APPEAL", "Again")).reason == "APPEALED_BEFORE"
    told = [(submission_pb2.Move.Name(one.move), one.body) for one in world.thread(person, submission.submission_id)]
    assert told[-2:] == [("MOVE_APPEAL", "It is ours"), ("MOVE_UPHOLD", "It is not")]
    moves = [submission_pb2.Move.Name(event.moved.move) for event in world.events(submission.submission_id)]
    assert moves[-2:] == ["MOVE_APPEAL", "MOVE_UPHOLD"]


def test_an_overturned_rejection_is_reviewed_by_somebody_else(world):
    person, rita, lead = world.owner(), world.reviewer("Rita"), world.reviewer("Lea", lead=True)
    submission = rejected(world, person, rita)
    world.move(person, submission, "APPEAL", "It is ours")
    item = world.review_call(
        lead, "ClaimReviewItem", review_item_id=item_of(world, lead, submission).review_item_id
    ).item
    world.settle(lead, item, "OVERTURN", comment="Indeed")
    assert world.get(person, submission.submission_id).state == submission_pb2.SUBMISSION_STATE_IN_REVIEW
    again = item_of(world, rita, submission)
    assert again.appealed
    error = refused(
        PermissionDenied, lambda: world.review_call(rita, "ClaimReviewItem", review_item_id=again.review_item_id)
    )
    assert error.reason == "ANOTHER_REVIEWER_REQUIRED"
    world.decide(world.reviewer(), submission.submission_id, "REJECT", "Still no", "OWNERSHIP")
    anew = world.get(person, submission.submission_id)
    assert submission_pb2.MOVE_APPEAL in anew.moves  # another rejection, by another person


def test_editing_instead_voids_the_appeal(world):
    person, lead = world.owner(), world.reviewer(lead=True)
    submission = rejected(world, person)
    appealed = world.move(person, submission, "APPEAL", "It is ours")
    world.save(person, appealed, form={"listing": {"tagline": "New"}})
    assert kinds(world, lead, submission.submission_id) == []
    assert kinds(world, lead, submission.submission_id, state="REVIEW_ITEM_STATE_VOIDED") == ["appeal"]
    # What is handed in then is reviewed as any other.
    world.move(person, world.get(person, submission.submission_id), "SUBMIT")
    world.run_checks()
    assert kinds(world, lead, submission.submission_id) == ["submission"]
    assert kinds(world, lead, submission.submission_id, appealed=True) == []


# -- a second reviewer


def test_the_publisher_hears_of_a_rejection_when_it_is_confirmed(world, strict):
    person, rita, rob = world.owner(), world.reviewer("Rita"), world.reviewer("Rob")
    submission = world.in_review(person)
    before = (world.get(person, submission.submission_id), world.thread(person, submission.submission_id))
    events = len(world.events(submission.submission_id))
    proposed = world.decide(rita, submission.submission_id, "REJECT", "No", "POLICY")
    assert (proposed.decision, proposed.proposed_by_name) == (reviews.DECISION_UNSPECIFIED, "Rita")
    assert (world.get(person, submission.submission_id), world.thread(person, submission.submission_id)) == before
    assert len(world.events(submission.submission_id)) == events
    assert kinds(world, rob, submission.submission_id, proposed=True) == ["submission"]
    insider = world.reviewer(organizations=(person.organization_id,))
    seen = world.review_call(insider, "GetReviewItem", review_item_id=proposed.review_item_id).item
    assert (seen.comment, seen.reason_code, seen.proposed_by, seen.proposed_by_name) == ("", "", "", "")
    assert kinds(world, insider, submission.submission_id, proposed=True) == []
    assert not item_of(world, insider, submission).proposed_by
    for judge, reason in ((rita, "ANOTHER_REVIEWER_REQUIRED"), (insider, "OWN_ORGANIZATION")):
        asked = {"review_item_id": proposed.review_item_id, "version": proposed.version, "confirm": True}
        error = refused(PermissionDenied, lambda j=judge, a=asked: world.review_call(j, "SettleRejection", **a))
        assert error.reason == reason
    claimed = world.review_call(rob, "ClaimReviewItem", review_item_id=proposed.review_item_id).item
    asked = {"review_item_id": proposed.review_item_id, "version": claimed.version, "confirm": True}
    done = world.review_call(rob, "SettleRejection", **asked).item
    assert (done.decision, done.decided_by_name) == (reviews.DECISION_REJECT, "Rob")
    after = world.get(person, submission.submission_id)
    assert after.state == submission_pb2.SUBMISSION_STATE_NOT_APPROVED
    entry = world.thread(person, submission.submission_id)[-1]
    assert (entry.body, entry.reason_code) == ("No", "POLICY")
    world.move(person, after, "APPEAL", "But")
    for judge in (rita, rob):  # neither of the two looks at it again
        assert world.rows(
            "SELECT 1 FROM review_items WHERE submission_id = :id AND kind = 'appeal' AND :person = ANY(barred)",
            id=submission.submission_id,
            person=judge.person_id,
        )


def test_a_returned_rejection_goes_back_into_the_queue(world, strict):
    person, rita, rob = world.owner(), world.reviewer("Rita"), world.reviewer("Rob")
    submission = world.in_review(person)
    proposed = world.decide(rita, submission.submission_id, "REJECT", "No", "POLICY")
    claimed = world.review_call(rob, "ClaimReviewItem", review_item_id=proposed.review_item_id).item
    asked = {"review_item_id": proposed.review_item_id, "version": claimed.version}
    assert refused(InvalidInput, lambda: world.review_call(rob, "SettleRejection", **asked)).reason == (
        "COMMENT_REQUIRED"
    )
    back = world.review_call(rob, "SettleRejection", comment="Works for me", **asked).item
    assert (back.proposed_by, back.returned_comment) == ("", "Works for me")
    assert "Works for me" not in str(world.thread(person, submission.submission_id))
    world.decide(rita, submission.submission_id, "APPROVE")
    assert world.get(person, submission.submission_id).state == submission_pb2.SUBMISSION_STATE_APPROVED
    actions = [
        row.action
        for row in world.rows("SELECT action FROM audit_entries WHERE submission_id = :id", id=submission.submission_id)
    ]
    assert {"propose_rejection", "return_rejection"} <= set(actions)


def test_a_listing_edit_s_rejection_needs_two_as_well(world, strict):
    person, rita, rob = world.owner(), world.reviewer("Rita"), world.reviewer("Rob")
    submission = world.published(person)
    revision = {"revision_id": new_id(), "before": submission.form.listing, "after": submission.form.listing}
    event = ListingEvent(event_id=new_id(), listing_id=submission.submission_id, revision_submitted=revision)
    with world.database.transaction() as uow:
        ListingEvents(world.clock).handle(event, uow)
        uow.commit()

    def decisions():
        told = [event.revision_decided for event in world.events(submission.submission_id)]
        return [(one.reason_code, one.comment) for one in told if one.revision_id]

    proposed = world.decide(rita, submission.submission_id, "REJECT", "No", "POLICY")
    assert (proposed.revision_id, decisions()) == (revision["revision_id"], [])
    claimed = world.review_call(rob, "ClaimReviewItem", review_item_id=proposed.review_item_id).item
    asked = {"review_item_id": proposed.review_item_id, "version": claimed.version, "confirm": True}
    world.review_call(rob, "SettleRejection", **asked)
    assert decisions() == [("POLICY", "No")]


def test_withdrawing_ends_a_proposed_rejection(world, strict):
    person, rita = world.owner(), world.reviewer()
    submission = world.in_review(person)
    proposed = world.decide(rita, submission.submission_id, "REJECT", "No", "POLICY")
    world.move(person, world.get(person, submission.submission_id), "WITHDRAW")
    assert kinds(world, rita, submission.submission_id) == []
    # What was proposed goes with it, and nobody of the publisher's learns of it now.
    insider = world.reviewer(organizations=(person.organization_id,))
    seen = world.review_call(insider, "GetReviewItem", review_item_id=proposed.review_item_id).item
    assert (seen.state, seen.comment, seen.reason_code) == (reviews.REVIEW_ITEM_STATE_VOIDED, "", "")


# -- together with others


def approve(world, judge, item, **changes):
    fields = {"version": item.version, "decision": "DECISION_APPROVE", "comment": "Fine", "in_bulk": True}
    return world.review_call(
        judge, "DecideReviewItem", review_item_id=item.review_item_id, **{**fields, **changes}
    ).item


def test_items_are_approved_together_without_claiming_each(world):
    person, judge, rob = world.owner(), world.reviewer(), world.reviewer("Rob")
    submissions = [world.in_review(person) for _ in range(4)]
    free, mine, others, blocked = (item_of(world, judge, one) for one in submissions)
    mine = world.review_call(judge, "ClaimReviewItem", review_item_id=mine.review_item_id).item
    others = world.review_call(rob, "ClaimReviewItem", review_item_id=others.review_item_id).item
    world.execute("UPDATE review_items SET blocks = 1 WHERE review_item_id = :id", id=blocked.review_item_id)
    for item in (free, mine):
        assert approve(world, judge, item).decision == reviews.DECISION_APPROVE
    assert refused(Conflict, lambda: approve(world, judge, others)).reason == "CLAIMED"
    refusal = refused(Conflict, lambda: approve(world, judge, blocked))
    assert (refusal.reason, refusal.metadata["cause"]) == ("NOT_IN_BULK", "blocking_findings")
    assert refused(Conflict, lambda: approve(world, judge, free)).reason == "ALREADY_DECIDED"
    insider = world.reviewer(organizations=(person.organization_id,))
    world.review_call(rob, "ReleaseReviewItem", review_item_id=others.review_item_id)
    others = item_of(world, judge, submissions[2])
    assert refused(PermissionDenied, lambda: approve(world, insider, others)).reason == "OWN_ORGANIZATION"
    stale = {"version": others.version - 1}
    refused(VersionMismatch, lambda: approve(world, judge, others, **stale))
    states = [world.get(person, one.submission_id).state for one in submissions[:2]]
    assert set(states) == {submission_pb2.SUBMISSION_STATE_APPROVED}


# -- assignment and presence


def test_items_are_assigned_to_those_who_may_decide(world):
    person, lead = world.owner(), world.reviewer("Lea", lead=True)
    rita = world.reviewer("Rita")
    insider = world.reviewer("Ina", organizations=(person.organization_id,))
    for one in (rita, insider):
        world.desk_call(one, "ListReviewers")
    known = world.desk_call(lead, "ListReviewers").reviewers
    assert {one.person_id: one.lead for one in known}.items() >= {
        lead.person_id: True, rita.person_id: False, insider.person_id: False,
    }.items()  # fmt: skip
    submission = world.in_review(person)
    asked = {"review_item_id": world.open_item(submission.submission_id)}

    def assign(by, to):
        return world.desk_call(by, "AssignReviewItem", person_id=to.person_id if to else "", **asked).item

    assert refused(PermissionDenied, lambda: assign(rita, lead)).reason == "LEAD_REVIEWER_REQUIRED"
    assert refused(PermissionDenied, lambda: assign(lead, insider)).reason == "OWN_ORGANIZATION"
    assert refused(PermissionDenied, lambda: assign(insider, insider)).reason == "OWN_ORGANIZATION"
    of_owner = world.reviewer("Leo", lead=True, organizations=(person.organization_id,))
    assert refused(PermissionDenied, lambda: assign(of_owner, rita)).reason == "OWN_ORGANIZATION"
    assert refused(NotFound, lambda: assign(lead, world.owner())).reason == "REVIEWER_NOT_FOUND"
    assert assign(lead, rita).assigned_to_name == "Rita"
    assert kinds(world, rita, submission.submission_id, mine=True) == ["submission"]
    assert kinds(world, rita, submission.submission_id, unclaimed=True) == []
    assert assign(rita, None).assigned_to == ""
    assert assign(rita, rita).assigned_to == rita.person_id
    assert refused(PermissionDenied, lambda: assign(of_owner, None)).reason == "OWN_ORGANIZATION"
    world.decide(lead, submission.submission_id, "APPROVE")  # an assignment keeps nobody away
    assert refused(Conflict, lambda: assign(lead, rita)).reason == "ALREADY_DECIDED"


def test_a_reviewer_who_was_not_there_for_long_is_forgotten(world, ahead):
    gone, lead = world.reviewer("Gus"), world.reviewer(lead=True)
    world.desk_call(gone, "ListReviewers")
    ahead(timedelta(days=30, minutes=1))
    assert gone.person_id not in [one.person_id for one in world.desk_call(lead, "ListReviewers").reviewers]


def test_who_has_an_item_open_is_shown_for_a_minute(world, ahead):
    rita, rob = world.reviewer("Rita"), world.reviewer("Rob")
    item_id = world.open_item(world.in_review(world.owner()).submission_id)

    def note(person, **fields):
        found = world.desk_call(person, "NoteReviewPresence", review_item_id=item_id, **fields).present
        return [one.name for one in found]

    assert note(rita) == []
    assert note(rob) == ["Rita"]
    seen = world.review_call(rita, "GetReviewItem", review_item_id=item_id).present
    assert [one.name for one in seen] == ["Rob"]
    assert note(rob, leaving=True) == ["Rita"]
    assert note(rita) == []
    ahead(timedelta(seconds=61))
    assert note(rob) == []
    error = refused(NotFound, lambda: world.desk_call(rob, "NoteReviewPresence", review_item_id="x"))
    assert error.reason == "REVIEW_ITEM_NOT_FOUND"


# -- ready-made words


def test_canned_responses_are_lead_reviewers_to_change_and_filled_in_for_an_item(world):
    lead, rita, person = world.reviewer("Lea", lead=True), world.reviewer("Rita"), world.owner()
    words = {"title": " No answer ", "body": "{server_name} of {company_name} at {server_url} does not answer."}
    error = refused(PermissionDenied, lambda: world.desk_call(rita, "SaveCannedResponse", **words))
    assert error.reason == "LEAD_REVIEWER_REQUIRED"
    made = world.desk_call(lead, "SaveCannedResponse", **words).canned_response
    assert (made.title, made.version, made.changed_by_name) == ("No answer", 1, "Lea")
    again = {"title": "NO ANSWER", "body": "x"}
    assert refused(Conflict, lambda: world.desk_call(lead, "SaveCannedResponse", **again)).reason == "TITLE_TAKEN"
    submission = world.in_review(person)
    asked = {"review_item_id": world.open_item(submission.submission_id)}
    (filled,) = world.desk_call(rita, "ListCannedResponses", **asked).canned_responses
    listing = submission.form.listing
    assert filled.body == (
        f"{listing.display_name} of {listing.company_name} at {submission.form.server_url} does not answer."
    )
    (plain,) = world.desk_call(rita, "ListCannedResponses").canned_responses
    assert plain.body == words["body"]
    change = {"canned_response_id": made.canned_response_id, "title": "No answer", "body": "Down"}
    refused(VersionMismatch, lambda: world.desk_call(lead, "SaveCannedResponse", version=7, **change))
    assert world.desk_call(lead, "SaveCannedResponse", version=1, **change).canned_response.version == 2
    gone = {"canned_response_id": made.canned_response_id, "version": 2}
    assert refused(PermissionDenied, lambda: world.desk_call(rita, "DeleteCannedResponse", **gone)).reason == (
        "LEAD_REVIEWER_REQUIRED"
    )
    world.desk_call(lead, "DeleteCannedResponse", **gone)
    for method, fields in (("DeleteCannedResponse", gone), ("SaveCannedResponse", {**change, "version": 2})):
        error = refused(NotFound, lambda m=method, f=fields: world.desk_call(lead, m, **f))
        assert error.reason == "CANNED_RESPONSE_NOT_FOUND"


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ({"title": " ", "body": ""}, {"/title": "REQUIRED", "/body": "REQUIRED"}),
        ({"title": "x" * 101, "body": "x" * 4001}, {"/title": "TOO_LONG", "/body": "TOO_LONG"}),
        ({"title": "x", "body": "Dear {publisher_name}"}, {"/body": "UNKNOWN_PLACEHOLDER"}),
        ({"title": "x", "body": "a\x00b"}, {"/body": "CONTROL_CHARACTER"}),
    ],
)
def test_wrong_words_are_refused_by_field(world, words, codes):
    lead = world.reviewer(lead=True)
    error = refused(InvalidInput, lambda: world.desk_call(lead, "SaveCannedResponse", **words))
    assert [(violation.field, violation.code) for violation in error.violations] == list(codes.items())


# -- figures


def test_statistics_count_what_was_decided_when_and_by_whom(world, ahead):
    person, rita, lead = world.owner(), world.reviewer("Rita"), world.reviewer("Lea", lead=True)
    before = world.desk_call(lead, "GetReviewStatistics")
    assert (before.due_days, len(before.weeks)) == (7, 8)
    first, second, third = (world.in_review(person) for _ in range(3))
    world.decide(rita, first.submission_id, "APPROVE")
    world.decide(rita, second.submission_id, "REJECT", "No", "POLICY")
    world.move(person, world.get(person, second.submission_id), "APPEAL", "But")
    appeal = item_of(world, lead, second)
    claimed = world.review_call(lead, "ClaimReviewItem", review_item_id=appeal.review_item_id).item
    world.settle(lead, claimed, "UPHOLD", comment="No")
    after = world.desk_call(lead, "GetReviewStatistics", weeks=2)
    assert len(after.weeks) == 2
    now, then = after.weeks[0].outcomes, before.weeks[0].outcomes
    assert after.weeks[0].opened - before.weeks[0].opened == 4
    assert (now.decided - then.decided, now.approved - then.approved) == (3, 1)
    assert (now.rejected - then.rejected, now.upheld - then.upheld) == (1, 1)
    figures = {one.person_id: one.outcomes for one in after.reviewers}
    assert (figures[rita.person_id].decided, figures[lead.person_id].decided) == (2, 1)
    assert 0 <= figures[rita.person_id].median_waiting_seconds < 60
    ahead(timedelta(days=8))
    world.decide(rita, third.submission_id, "APPROVE")
    late = {one.person_id: one.outcomes for one in world.desk_call(lead, "GetReviewStatistics").reviewers}
    assert (late[rita.person_id].decided, late[rita.person_id].late) == (3, 1)
    queue = {one.kind: one for one in world.desk_call(lead, "GetReviewStatistics").queue}
    assert all(one.open >= one.overdue and one.oldest_age_seconds >= one.median_age_seconds for one in queue.values())
    error = refused(InvalidInput, lambda: world.desk_call(lead, "GetReviewStatistics", weeks=53))
    assert error.violations[0].field == "/weeks"
