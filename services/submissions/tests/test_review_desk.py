"""What reviewers do, over gRPC with mutual TLS on PostgreSQL."""

from datetime import timedelta

import pytest
from chassis.errors import Conflict, InvalidInput, NotFound, PermissionDenied, VersionMismatch
from directory.submissions.v1 import review_service_pb2, submission_pb2

METHODS = {
    "ListReviewItems": {},
    "GetReviewItem": {"review_item_id": "x"},
    "ClaimReviewItem": {"review_item_id": "x"},
    "ReleaseReviewItem": {"review_item_id": "x"},
    "DecideReviewItem": {"review_item_id": "x", "decision": "DECISION_APPROVE"},
    "PostReviewMessage": {"review_item_id": "x", "body": "hello"},
    "GetReviewerAccess": {"review_item_id": "x"},
}


def refused(kind, call):
    with pytest.raises(kind) as refusal:
        call()
    return refusal.value


@pytest.mark.parametrize("method", METHODS)
def test_staff_only_and_unknown_items(world, method):
    error = refused(PermissionDenied, lambda: world.review_call(world.owner(), method, **METHODS[method]))
    assert error.reason == "STAFF_REQUIRED"
    if method != "ListReviewItems":
        error = refused(NotFound, lambda: world.review_call(world.reviewer(), method, **METHODS[method]))
        assert error.reason == "REVIEW_ITEM_NOT_FOUND"


def test_a_place_in_the_queue_is_one_in_its_own_order_and_filter_alone(world):
    person, judge = world.owner(), world.reviewer()
    for _ in range(2):
        world.in_review(person)
    token = world.review_call(judge, "ListReviewItems", page_size=1).next_page_token
    assert world.review_call(judge, "ListReviewItems", page_token=token, page_size=2).items
    for other in ({"order": "REVIEW_ORDER_NEWEST"}, {"kind": "REVIEW_ITEM_KIND_SUBMISSION"}):
        error = refused(
            InvalidInput, lambda o=other: world.review_call(judge, "ListReviewItems", page_token=token, **o)
        )
        assert error.reason == "PAGE_TOKEN_INVALID"
    for call, method in ((world.publish_call, "ListSubmissions"), (world.transfer_call, "ListTransfers")):
        error = refused(InvalidInput, lambda c=call, m=method: c(person, m, page_token=token))
        assert error.reason == "PAGE_TOKEN_INVALID"


def test_the_queue_is_oldest_first_and_can_be_narrowed(world):
    person, judge = world.owner(), world.reviewer()
    submissions = [world.in_review(person) for _ in range(3)]
    ids = [submission.submission_id for submission in submissions]
    listed, token = [], ""
    while True:
        page = world.review_call(judge, "ListReviewItems", page_size=2, page_token=token)
        listed += page.items
        token = page.next_page_token
        if not token:
            break
    assert [item.submission_id for item in listed if item.submission_id in ids] == ids
    assert page.open_count == len(listed)
    named = world.review_call(judge, "ListReviewItems", search=submissions[1].display_name.upper()).items
    assert [item.submission_id for item in named] == [ids[1]]
    assert not world.review_call(judge, "ListReviewItems", search="%").items
    assert not world.review_call(judge, "ListReviewItems", kind="REVIEW_ITEM_KIND_DRIFT").items
    assert not world.review_call(judge, "ListReviewItems", mine=True).items
    item_id = world.open_item(ids[2])
    world.review_call(judge, "ClaimReviewItem", review_item_id=item_id)
    assert [item.review_item_id for item in world.review_call(judge, "ListReviewItems", mine=True).items] == [item_id]
    world.decide(judge, ids[2], "APPROVE")
    world.decide(judge, ids[0], "APPROVE")
    decided = world.review_call(judge, "ListReviewItems", state="REVIEW_ITEM_STATE_DECIDED", mine=True).items
    assert [item.submission_id for item in decided] == [ids[0], ids[2]]


def test_an_item_shows_everything_that_a_decision_needs(world):
    person, judge = world.owner(), world.reviewer("Rita")
    submission = world.in_review(person, world.complete_form(transport=submission_pb2.TRANSPORT_SSE))
    item_id = world.open_item(submission.submission_id)
    seen = world.review_call(judge, "GetReviewItem", review_item_id=item_id)
    assert (seen.can_decide, seen.cannot_decide_reason) == (False, "NOT_CLAIMED")
    assert (seen.item.warnings, seen.item.display_name) == (1, submission.display_name)
    assert seen.submission.form == submission.form
    assert not seen.submission.moves
    world.review_call(judge, "ClaimReviewItem", review_item_id=item_id)
    seen = world.review_call(judge, "GetReviewItem", review_item_id=item_id)
    assert seen.can_decide
    assert {submission_pb2.Move.Name(move) for move in seen.submission.moves} == {
        "MOVE_APPROVE",
        "MOVE_REQUEST_CHANGES",
        "MOVE_REJECT",
    }
    world.review_call(judge, "PostReviewMessage", review_item_id=item_id, body="Which account?")
    seen = world.review_call(judge, "GetReviewItem", review_item_id=item_id)
    assert seen.thread[-1].author_name == "Rita"
    assert world.thread(person, submission.submission_id)[-1].author_name == "Directory review"


def test_one_holder_and_a_lease_that_ends(world, ahead):
    submission = world.in_review(world.owner())
    rita, rob = world.reviewer("Rita"), world.reviewer("Rob")
    item_id = world.open_item(submission.submission_id)
    item = world.review_call(rita, "ClaimReviewItem", review_item_id=item_id).item
    assert item.claimed_by_name == "Rita"
    error = refused(Conflict, lambda: world.review_call(rob, "ClaimReviewItem", review_item_id=item_id))
    assert (error.reason, error.metadata["claimed_by_name"]) == ("CLAIMED", "Rita")
    error = refused(Conflict, lambda: decide(world, rob, item, "APPROVE"))
    assert error.reason == "NOT_CLAIMED"
    ahead(timedelta(minutes=31))
    assert world.review_call(rob, "GetReviewItem", review_item_id=item_id).item.claimed_by == ""
    taken = world.review_call(rob, "ClaimReviewItem", review_item_id=item_id).item
    assert refused(Conflict, lambda: decide(world, rita, taken, "APPROVE")).reason == "NOT_CLAIMED"
    released = world.review_call(rob, "ReleaseReviewItem", review_item_id=item_id).item
    assert released.claimed_by == ""
    world.review_call(rita, "ClaimReviewItem", review_item_id=item_id)


def decide(world, judge, item, decision, **fields):
    return world.review_call(
        judge,
        "DecideReviewItem",
        review_item_id=item.review_item_id,
        version=item.version,
        decision=f"DECISION_{decision}",
        **fields,
    ).item


def test_decisions_need_their_words_and_are_taken_once(world):
    person, judge = world.owner(), world.reviewer()
    submission = world.in_review(person)
    item_id = world.open_item(submission.submission_id)
    item = world.review_call(judge, "ClaimReviewItem", review_item_id=item_id).item
    assert refused(InvalidInput, lambda: decide(world, judge, item, "REQUEST_CHANGES")).reason == "COMMENT_REQUIRED"
    assert refused(InvalidInput, lambda: decide(world, judge, item, "REJECT", comment="No")).reason == "REASON_REQUIRED"
    assert refused(InvalidInput, lambda: decide(world, judge, item, "UNSPECIFIED")).reason == "FORM_INVALID"
    stale = review_service_pb2.ReviewItem(review_item_id=item_id, version=1)
    assert refused(VersionMismatch, lambda: decide(world, judge, stale, "APPROVE")).reason == "VERSION_MISMATCH"
    done = decide(world, judge, item, "REJECT", comment="Not yours", reason="REJECTION_REASON_OWNERSHIP")
    assert (done.reason_code, done.comment) == ("OWNERSHIP", "Not yours")
    error = refused(Conflict, lambda: decide(world, judge, done, "APPROVE"))
    assert (error.reason, error.metadata["decision"]) == ("ALREADY_DECIDED", "reject")
    entry = world.thread(person, submission.submission_id)[-1]
    assert (entry.reason_code, entry.body) == ("OWNERSHIP", "Not yours")
    told = world.events(submission.submission_id)[-1].moved
    assert (told.reason_code, told.comment) == ("OWNERSHIP", "Not yours")
    assert world.get(person, submission.submission_id).state == submission_pb2.SUBMISSION_STATE_NOT_APPROVED


def test_nobody_touches_items_of_their_own_organization(world):
    person = world.owner()
    insider = world.reviewer(lead=True, organizations=(person.organization_id,))
    submission = world.in_review(person)
    item_id = world.open_item(submission.submission_id)
    seen = world.review_call(insider, "GetReviewItem", review_item_id=item_id)
    assert (seen.can_decide, seen.cannot_decide_reason) == (False, "OWN_ORGANIZATION")
    assert not seen.submission.moves
    for method in ("ClaimReviewItem", "DecideReviewItem", "PostReviewMessage", "GetReviewerAccess"):
        fields = {**METHODS[method], "review_item_id": item_id}
        error = refused(PermissionDenied, lambda m=method, f=fields: world.review_call(insider, m, **f))
        assert error.reason == "OWN_ORGANIZATION"
    world.decide(world.reviewer(), submission.submission_id, "APPROVE")
    approved = world.get(person, submission.submission_id)
    error = refused(PermissionDenied, lambda: world.move(insider, approved, "REVOKE", "Because"))
    assert error.reason == "OWN_ORGANIZATION"


def test_withdrawing_voids_the_item(world):
    person, judge = world.owner(), world.reviewer()
    submission = world.in_review(person)
    item_id = world.open_item(submission.submission_id)
    item = world.review_call(judge, "ClaimReviewItem", review_item_id=item_id).item
    withdrawn = world.move(person, submission, "WITHDRAW")
    error = refused(Conflict, lambda: decide(world, judge, item, "APPROVE"))
    assert (error.reason, error.metadata["decision"]) == ("ALREADY_DECIDED", "voided")
    voided = world.review_call(judge, "ListReviewItems", state="REVIEW_ITEM_STATE_VOIDED").items
    assert item_id in [each.review_item_id for each in voided]
    assert world.move(person, withdrawn, "REOPEN").state == submission_pb2.SUBMISSION_STATE_DRAFT


def test_items_of_a_deleted_draft_are_not_listed(world):
    person, judge = world.owner(), world.reviewer()
    submission = world.in_review(person)
    item_id = world.open_item(submission.submission_id)
    draft = world.move(person, world.move(person, submission, "WITHDRAW"), "REOPEN")
    world.publish_call(person, "DeleteSubmission", submission_id=draft.submission_id, version=draft.version)
    voided = world.review_call(judge, "ListReviewItems", state="REVIEW_ITEM_STATE_VOIDED").items
    assert item_id not in [each.review_item_id for each in voided]
    error = refused(NotFound, lambda: world.review_call(judge, "GetReviewItem", review_item_id=item_id))
    assert error.reason == "REVIEW_ITEM_NOT_FOUND"


def test_statistics_keep_what_was_decided_on_a_draft_that_is_deleted(world):
    person, judge = world.owner(), world.reviewer("Rita")
    submission = world.in_review(person)
    world.decide(judge, submission.submission_id, "REJECT", "No", "POLICY")
    before = world.desk_call(judge, "GetReviewStatistics")
    assert judge.person_id in [one.person_id for one in before.reviewers]
    draft = world.save(person, world.get(person, submission.submission_id), form={"listing": {"tagline": "New"}})
    world.publish_call(person, "DeleteSubmission", submission_id=draft.submission_id, version=draft.version)
    after = world.desk_call(judge, "GetReviewStatistics")
    assert (after.weeks, after.reviewers) == (before.weeks, before.reviewers)


def test_lead_reviewers_revoke_suspend_and_reinstate(world):
    person, lead = world.owner(), world.reviewer("Lea", lead=True)
    approved = world.approved(person)
    for nobody, reason in ((person, "STAFF_REQUIRED"), (world.reviewer(), "LEAD_REVIEWER_REQUIRED")):
        error = refused(PermissionDenied, lambda n=nobody: world.move(n, approved, "REVOKE", "Because"))
        assert error.reason == reason
    assert refused(InvalidInput, lambda: world.move(lead, approved, "REVOKE")).reason == "COMMENT_REQUIRED"
    error = refused(Conflict, lambda: world.move(lead, approved, "SUSPEND", "Because"))
    assert (error.reason, error.metadata["possible"]) == ("MOVE_NOT_POSSIBLE", "revoke")
    revoked = world.move(lead, approved, "REVOKE", "Found something")
    assert revoked.state == submission_pb2.SUBMISSION_STATE_CHANGES_REQUESTED
    published = world.published(person)
    suspended = world.move(lead, published, "SUSPEND", "Complaints")
    assert [submission_pb2.Move.Name(move) for move in suspended.moves] == ["MOVE_REINSTATE"]
    assert not world.get(person, published.submission_id).moves
    back = world.move(lead, suspended, "REINSTATE")
    assert back.state == submission_pb2.SUBMISSION_STATE_PUBLISHED
    assert back.first_published_at == published.first_published_at
    entry = world.thread(person, published.submission_id)[-2]
    assert (entry.author_name, entry.body) == ("Directory review", "Complaints")


def test_edits_that_nobody_handed_in_are_the_publisher_s_alone(world):
    person, judge = world.owner(), world.reviewer()
    submission = world.in_review(person)
    item_id = world.open_item(submission.submission_id)
    world.decide(judge, submission.submission_id, "APPROVE")
    approved = world.get(person, submission.submission_id)
    form = {"server_url": "https://secret.acme.com/mcp", "listing": {"display_name": "Secret", "tagline": "Hush"}}
    draft = world.save(person, approved, form=form, reviewer_access={"instructions": "a", "credentials": "b"})
    assert draft.state == submission_pb2.SUBMISSION_STATE_DRAFT
    world.publish_call(person, "RunChecks", submission_id=draft.submission_id)
    world.run_checks()
    seen = world.review_call(judge, "GetReviewItem", review_item_id=item_id)
    assert seen.submission.form == approved.form
    assert (seen.submission.display_name, seen.submission.tagline) == (approved.display_name, approved.tagline)
    assert not seen.checks.HasField("finished_at")
    listed = world.review_call(judge, "ListReviewItems", state="REVIEW_ITEM_STATE_DECIDED", page_size=100).items
    (shown,) = (item for item in listed if item.review_item_id == item_id)
    for item in (shown, seen.item):
        assert (item.display_name, item.server_url) == (approved.display_name, approved.form.server_url)
    error = refused(Conflict, lambda: world.review_call(judge, "GetReviewerAccess", review_item_id=item_id))
    assert (error.reason, error.metadata["state"]) == ("NOT_SUBMITTED", "draft")
    withdrawn = world.move(person, world.move(person, draft, "SUBMIT"), "WITHDRAW")
    error = refused(Conflict, lambda: world.review_call(judge, "GetReviewerAccess", review_item_id=item_id))
    assert (error.reason, error.metadata["state"]) == ("NOT_SUBMITTED", "withdrawn")
    assert not world.rows(
        "SELECT * FROM audit_entries WHERE submission_id = :id AND action = 'read_reviewer_access'",
        id=withdrawn.submission_id,
    )


def test_a_review_that_is_over_has_the_form_that_was_handed_in_for_it(world):
    person, judge = world.owner(), world.reviewer()
    submission = world.in_review(person)
    first = world.open_item(submission.submission_id)
    world.decide(judge, submission.submission_id, "REQUEST_CHANGES", "Another name")
    back = world.get(person, submission.submission_id)
    world.publish_call(person, "PostMessage", submission_id=back.submission_id, body="Which one?")
    reply = world.open_item(submission.submission_id)
    saved = world.save(person, back, form={"listing": {"display_name": "Renamed"}})

    def names(item_id):
        seen = world.review_call(judge, "GetReviewItem", review_item_id=item_id)
        return {seen.submission.form.listing.display_name, seen.submission.display_name}

    assert names(first) == names(reply) == {submission.display_name}
    world.move(person, saved, "SUBMIT")
    world.run_checks()
    assert names(world.open_item(submission.submission_id)) == {"Renamed"}
    assert names(first) == {submission.display_name}


def test_each_reading_of_reviewers_access_is_in_the_audit(world):
    person, judge = world.owner(), world.reviewer()
    submission = world.in_review(person)
    item_id = world.open_item(submission.submission_id)
    for _ in range(2):
        access = world.review_call(judge, "GetReviewerAccess", review_item_id=item_id).access
        assert access == world.access()
    readings = world.rows(
        "SELECT * FROM audit_entries WHERE submission_id = :id AND action = 'read_reviewer_access'",
        id=submission.submission_id,
    )
    assert [row.actor_id for row in readings] == [judge.person_id] * 2
    assert all(row.request_id for row in readings)
