"""What publishers do, over gRPC with mutual TLS on PostgreSQL."""

from datetime import timedelta

import pytest
from chassis.errors import Conflict, InvalidInput, LimitExceeded, NotFound, PermissionDenied, VersionMismatch
from chassis.rpc import client
from chassis.sql.migrations import check
from directory.submissions.v1 import submission_pb2
from google.protobuf.field_mask_pb2 import FieldMask
from submissions.store.tables import metadata


def refused(kind, call):
    with pytest.raises(kind) as refusal:
        call()
    return refusal.value


def fields(error):
    return {violation.field for violation in error.violations}


def test_models_and_migrations_agree(world):
    assert check(metadata, world.settings.database_url) == []


def test_a_draft_may_be_empty_and_says_what_is_missing(world):
    person = world.owner()
    draft = world.publish_call(person, "CreateSubmission").submission
    assert (draft.state, draft.version) == (submission_pb2.SUBMISSION_STATE_DRAFT, 1)
    assert draft.kind == submission_pb2.SUBMISSION_KIND_REMOTE_MCP
    problems = {(problem.field, problem.code) for problem in draft.problems}
    assert {("/server_url", "REQUIRED"), ("/use_cases", "TOO_FEW_ITEMS")} < problems
    assert ("/acknowledgements/guidelines", "MUST_BE_TRUE") in problems
    assert {submission_pb2.Move.Name(move) for move in draft.moves} == {"MOVE_SAVE", "MOVE_DELETE", "MOVE_SUBMIT"}
    error = refused(InvalidInput, lambda: world.move(person, draft, "SUBMIT"))
    assert error.reason == "FORM_INCOMPLETE"
    assert "/listing/tagline" in fields(error)


def test_the_story_from_draft_to_published(world):
    person, judge = world.owner(), world.reviewer()
    submission = world.in_review(person)
    assert submission.state == submission_pb2.SUBMISSION_STATE_IN_REVIEW
    assert submission.HasField("submitted_at")
    world.decide(judge, submission.submission_id, "REQUEST_CHANGES", "Say more")
    submission = world.get(person, submission.submission_id)
    submission = world.save(person, submission, form={"listing": {"tagline": "Orders, parcels and returns"}})
    assert submission.state == submission_pb2.SUBMISSION_STATE_CHANGES_REQUESTED
    world.move(person, submission, "SUBMIT", "Done, thank you")
    world.run_checks()
    world.decide(judge, submission.submission_id, "APPROVE", "Well done")
    published = world.move(person, world.get(person, submission.submission_id), "PUBLISH")
    assert published.state == submission_pb2.SUBMISSION_STATE_PUBLISHED
    assert published.HasField("first_published_at")
    entries = world.thread(person, submission.submission_id)
    assert [entry.position for entry in entries] == list(range(1, len(entries) + 1))
    assert [submission_pb2.Move.Name(entry.move).removeprefix("MOVE_") for entry in entries] == [
        "CREATE", "SUBMIT", "PASS_CHECKS", "REQUEST_CHANGES", "SUBMIT", "PASS_CHECKS", "APPROVE", "PUBLISH",
    ]  # fmt: skip
    decision = entries[3]
    assert (decision.author_name, decision.body) == ("Directory review", "Say more")
    assert decision.kind == submission_pb2.THREAD_ENTRY_KIND_DECISION
    envelopes = world.events(submission.submission_id)
    assert {event.display_name for event in envelopes} == {published.display_name}
    by_publisher = [event.publisher_id == person.person_id and bool(event.publisher_name) for event in envelopes]
    assert by_publisher == [True, True, False, False, True, False, False, True], "reviewers stay without a name"
    events = [event.moved for event in envelopes]
    assert [event.move for event in events] == [entry.move for entry in entries]
    assert [bool(event.slug) for event in events] == [False] * 6 + [True] * 2
    approved = events[-2]
    assert approved.listing.tagline == "Orders, parcels and returns"
    assert approved.server_url == published.form.server_url
    assert approved.transport == submission_pb2.TRANSPORT_STREAMABLE_HTTP


def test_saving_checks_every_field_and_saves_nothing_when_one_is_wrong(world):
    person = world.owner()
    draft = world.create(person)
    form = {
        "slug": "No Slug",
        "listing": {"tagline": "good", "company_website": "http://x.com"},
        "use_cases": ["a", "a"],
    }
    error = refused(InvalidInput, lambda: world.save(person, draft, form=form))
    assert error.reason == "FORM_INVALID"
    assert fields(error) == {"/slug", "/listing/company_website", "/use_cases/1"}
    assert world.get(person, draft.submission_id) == draft
    wrong = {"form": {"listing": {"description": "a\0b"}}, "reviewer_access": {"instructions": "a\0b"}}
    nul = refused(InvalidInput, lambda: world.save(person, draft, **wrong))
    assert [(violation.field, violation.code) for violation in nul.violations] == [
        ("/listing/description", "CONTROL_CHARACTER"),
        ("/reviewer_access/instructions", "CONTROL_CHARACTER"),
    ]
    long = refused(InvalidInput, lambda: world.save(person, draft, reviewer_access={"credentials": "x" * 5001}))
    assert fields(long) == {"/reviewer_access/credentials"}


def test_a_mask_clears_and_no_mask_changes_what_is_set(world):
    person = world.owner()
    draft = world.create(person)
    saved = world.save(person, draft, form={"listing": {"tagline": " Trimmed "}})
    assert (saved.tagline, saved.display_name, saved.version) == ("Trimmed", draft.display_name, 2)
    cleared = world.save(person, saved, update_mask=FieldMask(paths=["listing.tagline", "slug"]))
    assert not cleared.form.HasField("slug")
    assert cleared.tagline == ""
    error = refused(InvalidInput, lambda: world.save(person, cleared, update_mask=FieldMask(paths=["nonsense"])))
    assert error.reason == "FIELDS_INVALID"


def test_an_old_version_loses_nothing_on_either_side(world):
    person = world.owner()
    draft = world.create(person)
    world.save(person, draft, form={"listing": {"tagline": "first"}})
    error = refused(VersionMismatch, lambda: world.save(person, draft, form={"listing": {"tagline": "second"}}))
    assert (error.reason, error.metadata["current_version"]) == ("VERSION_MISMATCH", "2")
    assert world.get(person, draft.submission_id).tagline == "first"
    for call in (lambda: world.move(person, draft, "SUBMIT"), lambda: delete(world, person, draft)):
        assert refused(VersionMismatch, call).reason == "VERSION_MISMATCH"


def delete(world, person, draft):
    return world.publish_call(person, "DeleteSubmission", submission_id=draft.submission_id, version=draft.version)


def test_impossible_moves_name_the_possible_ones(world):
    person = world.owner()
    draft = world.create(person)
    for move in ("PUBLISH", "APPROVE", "PASS_CHECKS", "SAVE", "DELETE", "CREATE"):
        error = refused(Conflict, lambda move=move: world.move(person, draft, move))
        assert error.reason == "MOVE_NOT_POSSIBLE"
        assert error.metadata == {"state": "draft", "move": move.lower(), "possible": "save,delete,submit"}
    assert fields(refused(InvalidInput, lambda: world.move(person, draft, "UNSPECIFIED"))) == {"/move"}
    in_review = world.in_review(person)
    assert refused(Conflict, lambda: world.save(person, in_review)).metadata["possible"] == "withdraw"


def test_other_organizations_and_members_without_the_right_see_nothing(world):
    person, stranger = world.owner(), world.owner()
    draft = world.create(person)
    item_id = draft.submission_id
    calls = {
        "GetSubmission": {},
        "SaveSubmission": {"version": 1},
        "DeleteSubmission": {"version": 1},
        "MoveSubmission": {"version": 1, "move": "MOVE_SUBMIT"},
        "ListThread": {},
        "PostMessage": {"body": "hello"},
    }
    member = type(person)(person_id="m", organization_id=person.organization_id, directory_management=False)
    for method, more in calls.items():
        for wrong_id in (item_id, "0190b5c0-0000-7000-8000-00000000ffff", "no-id", ""):
            error = refused(
                NotFound, lambda m=method, i=wrong_id, f=more: world.publish_call(stranger, m, submission_id=i, **f)
            )
            assert error.reason == "SUBMISSION_NOT_FOUND"
        error = refused(
            PermissionDenied, lambda m=method, f=more: world.publish_call(member, m, submission_id=item_id, **f)
        )
        assert error.reason == "NOT_AN_OWNER"
    for method in ("CreateSubmission", "ListSubmissions"):
        assert refused(PermissionDenied, lambda m=method: world.publish_call(member, m)).reason == "NOT_AN_OWNER"
    assert not world.publish_call(stranger, "ListSubmissions").submissions


def test_other_kinds_are_kept_and_never_shown(world):
    person = world.owner()
    other = world.create(person, kind="SUBMISSION_KIND_DESKTOP_EXTENSION")
    assert refused(NotFound, lambda: world.get(person, other.submission_id)).reason == "SUBMISSION_NOT_FOUND"
    assert refused(NotFound, lambda: world.move(person, other, "SUBMIT")).reason == "SUBMISSION_NOT_FOUND"
    listed = world.publish_call(person, "ListSubmissions")
    assert not listed.submissions
    assert sum(count.count for count in listed.counts) == 0
    assert not world.publish_call(person, "ListSubmissions", search=other.display_name).submissions


def test_lists_page_filter_search_and_count(world):
    person = world.owner()
    drafts = [world.create(person) for _ in range(5)]
    submitted = world.move(person, drafts[0], "SUBMIT")
    seen, token = [], ""
    while True:
        page = world.publish_call(person, "ListSubmissions", page_size=2, page_token=token)
        seen += [submission.submission_id for submission in page.submissions]
        assert not any(submission.HasField("form") or submission.problems for submission in page.submissions)
        token = page.next_page_token
        if not token:
            break
    assert seen == [drafts[0].submission_id, *(draft.submission_id for draft in reversed(drafts[1:]))]
    counts = {submission_pb2.SubmissionState.Name(count.state): count.count for count in page.counts}
    assert (counts["SUBMISSION_STATE_DRAFT"], counts["SUBMISSION_STATE_CHECKING"]) == (4, 1)
    checking = world.publish_call(person, "ListSubmissions", states=["SUBMISSION_STATE_CHECKING"]).submissions
    assert [each.submission_id for each in checking] == [submitted.submission_id]

    def found(words):
        return {each.submission_id for each in world.publish_call(person, "ListSubmissions", search=words).submissions}

    everything = {draft.submission_id for draft in drafts}
    assert found(drafts[1].form.slug.upper()) == {drafts[1].submission_id}
    assert found(drafts[2].form.server_url.removeprefix("https://")) == {drafts[2].submission_id}
    assert found("PARCELS") == everything
    assert found("%") == found("_") == found("\\") == set()
    for token in ("nonsense", "WyJhIiwiYiJd", "WzFd"):
        error = refused(InvalidInput, lambda t=token: world.publish_call(person, "ListSubmissions", page_token=t))
        assert error.reason == "PAGE_TOKEN_INVALID"


def test_deleting_a_draft_wipes_it(world):
    person = world.owner()
    draft = world.create(person)
    delete(world, person, draft)
    assert refused(NotFound, lambda: world.get(person, draft.submission_id))
    (row,) = world.rows("SELECT * FROM submissions WHERE submission_id = :id", id=draft.submission_id)
    assert (row.form, row.sealed_access, row.slug, row.display_name) == ({}, None, None, "")
    last = world.events(draft.submission_id)[-1].moved
    assert (last.move, last.to) == (submission_pb2.MOVE_DELETE, submission_pb2.SUBMISSION_STATE_UNSPECIFIED)


def test_slug_and_server_url_belong_to_one_live_submission(world):
    first, second = world.owner(), world.owner()
    taken = world.in_review(first)
    same_slug = world.create(second, world.complete_form(slug=taken.form.slug))
    error = refused(Conflict, lambda: world.move(second, same_slug, "SUBMIT"))
    assert (error.reason, fields(error)) == ("SLUG_TAKEN", {"/slug"})
    same_url = world.create(second, world.complete_form(server_url=taken.form.server_url.replace("mcp", "MCP", 1)))
    error = refused(Conflict, lambda: world.move(second, same_url, "SUBMIT"))
    assert (error.reason, fields(error)) == ("SERVER_URL_TAKEN", {"/server_url"})
    # Saving in a live state asks the same question.
    world.decide(world.reviewer(), taken.submission_id, "REQUEST_CHANGES", "Another name")
    taken = world.get(first, taken.submission_id)
    other = world.in_review(second)
    error = refused(Conflict, lambda: world.save(first, taken, form={"slug": other.form.slug}))
    assert error.reason == "SLUG_TAKEN"
    # What is withdrawn is free again.
    world.move(second, other, "WITHDRAW")
    assert world.save(first, taken, form={"slug": other.form.slug}).form.slug == other.form.slug


def test_a_published_slug_is_permanent_and_a_delisted_server_keeps_slug_and_address(world):
    person, stranger = world.owner(), world.owner()
    published = world.published(person)
    delisted = world.move(person, published, "DELIST", "Closing down")
    squatter = world.create(stranger, world.complete_form(slug=published.form.slug))
    assert refused(Conflict, lambda: world.move(stranger, squatter, "SUBMIT")).reason == "SLUG_TAKEN"
    same_url = world.create(stranger, world.complete_form(server_url=published.form.server_url))
    error = refused(Conflict, lambda: world.move(stranger, same_url, "SUBMIT"))
    assert (error.reason, error.message) == ("SERVER_URL_TAKEN", "Another submission has this server URL.")
    world.move(person, delisted, "RELIST")
    world.run_checks()
    world.decide(world.reviewer(), published.submission_id, "REQUEST_CHANGES", "Update the links")
    again = world.get(person, published.submission_id)
    error = refused(Conflict, lambda: world.save(person, again, form={"slug": "another-slug"}))
    assert (error.reason, error.metadata["slug"]) == ("SLUG_LOCKED", published.form.slug)


def test_saving_an_approved_submission_voids_the_approval(world):
    person = world.owner()
    approved = world.approved(person)
    saved = world.save(person, approved, form={"listing": {"tagline": "Something else"}})
    assert saved.state == submission_pb2.SUBMISSION_STATE_DRAFT
    moved = world.events(saved.submission_id)[-1].moved
    assert (getattr(moved, "from"), moved.move) == (
        submission_pb2.SUBMISSION_STATE_APPROVED,
        submission_pb2.MOVE_SAVE,
    )


def test_reviewers_need_a_way_in_where_people_authenticate(world):
    person = world.owner()
    draft = world.create(person, reviewer_access={"instructions": "Sign in"})
    error = refused(InvalidInput, lambda: world.move(person, draft, "SUBMIT"))
    assert (error.reason, fields(error)) == ("FORM_INCOMPLETE", {"/reviewer_access/credentials"})
    assert error.violations[0].code == "REQUIRED"
    open_server = world.save(person, draft, form={"authentication": "AUTHENTICATION_MODE_NONE"}, reviewer_access={})
    assert not open_server.reviewer_access_provided
    assert world.move(person, open_server, "SUBMIT").state == submission_pb2.SUBMISSION_STATE_CHECKING


def test_a_field_of_the_access_for_reviewers_is_saved_and_removed_alone(world):
    person, judge = world.owner(), world.reviewer()
    draft = world.create(person)
    draft = world.save(
        person, draft, reviewer_access={"credentials": "new"}, reviewer_access_mask={"paths": ["credentials"]}
    )
    world.move(person, draft, "SUBMIT")
    world.run_checks()
    item_id = world.open_item(draft.submission_id)
    opened = world.review_call(judge, "GetReviewerAccess", review_item_id=item_id).access
    assert (opened.instructions, opened.credentials) == (world.access().instructions, "new")
    world.decide(judge, draft.submission_id, "REQUEST_CHANGES", "No")
    back = world.get(person, draft.submission_id)
    back = world.save(person, back, reviewer_access={}, reviewer_access_mask={"paths": ["instructions"]})
    assert {problem.field for problem in back.problems} == {"/reviewer_access/instructions"}
    wrong = {"paths": ["sealed"]}
    error = refused(InvalidInput, lambda: world.save(person, back, reviewer_access={}, reviewer_access_mask=wrong))
    assert fields(error) == {"/reviewer_access/sealed"}


def test_checks_send_back_with_findings_as_feedback(world):
    person = world.owner()
    form = world.complete_form(server_url="https://10.0.0.1/mcp", transport=submission_pb2.TRANSPORT_SSE)
    submission = world.in_review(person, form)
    assert submission.state == submission_pb2.SUBMISSION_STATE_CHANGES_REQUESTED
    assert [finding.code for finding in submission.findings] == ["SERVER_URL_NOT_PUBLIC", "TRANSPORT_SSE"]
    last = world.thread(person, submission.submission_id)[-1]
    assert last.kind == submission_pb2.THREAD_ENTRY_KIND_FINDINGS
    assert list(last.findings) == list(submission.findings)
    assert last.author_role == submission_pb2.ACTOR_ROLE_SYSTEM


def test_ten_new_submissions_in_a_day(world, ahead):
    person = world.owner()
    for _ in range(10):
        draft = world.publish_call(person, "CreateSubmission").submission
    delete(world, person, draft)
    error = refused(LimitExceeded, lambda: world.publish_call(person, "CreateSubmission"))
    assert error.reason == "DAILY_LIMIT"
    assert 86_000 < int(error.metadata["retry_after_seconds"]) <= 86_401
    ahead(timedelta(seconds=int(error.metadata["retry_after_seconds"])))
    assert world.publish_call(person, "CreateSubmission").submission.version == 1


def test_an_idempotency_key_makes_a_repeated_request_one(world):
    person = world.owner()
    with client.idempotency_key("k1"):
        first = world.create(person, form=submission_pb2.SubmissionForm())
        again = world.create(person, form=submission_pb2.SubmissionForm())
        assert first == again
        error = refused(Conflict, lambda: world.create(person))
        assert error.reason == "IDEMPOTENCY_KEY_REUSED"
    assert len(world.publish_call(person, "ListSubmissions").submissions) == 1


def test_messages_stand_in_the_thread(world):
    person = world.owner()
    draft = world.create(person)
    entry = world.publish_call(person, "PostMessage", submission_id=draft.submission_id, body=" Hello ").entry
    assert (entry.body, entry.author_name, entry.position) == ("Hello", person.name, 2)
    assert world.get(person, draft.submission_id).version == draft.version
    assert world.events(draft.submission_id)[-1].message_posted.entry_id == entry.entry_id
    for body in ("", "  ", "x" * 5001, "a\0b"):
        error = refused(
            InvalidInput,
            lambda b=body: world.publish_call(person, "PostMessage", submission_id=draft.submission_id, body=b),
        )
        assert fields(error) == {"/body"}
    page = world.publish_call(person, "ListThread", submission_id=draft.submission_id, page_size=1)
    rest = world.publish_call(person, "ListThread", submission_id=draft.submission_id, page_token=page.next_page_token)
    assert [each.position for each in (*page.entries, *rest.entries)] == [1, 2]


def test_a_long_thread_is_read_from_either_end(world, ahead):
    person = world.owner()
    draft = world.create(person)
    for number in range(2, 253):
        ahead(timedelta(hours=2))
        world.publish_call(person, "PostMessage", submission_id=draft.submission_id, body=f"{number}")

    def positions(**asked):
        found, token = [], ""
        while True:
            page = world.publish_call(
                person, "ListThread", submission_id=draft.submission_id, page_size=200, page_token=token, **asked
            )
            found.append([each.position for each in page.entries])
            token = page.next_page_token
            if not token:
                return found

    assert positions() == [list(range(1, 201)), list(range(201, 253))]
    assert positions(newest_first=True) == [list(range(252, 52, -1)), list(range(52, 0, -1))]


def test_an_appeal_that_waits_is_told_whatever_stands_in_the_thread(world):
    person, lead = world.owner(), world.reviewer(lead=True)
    submission = world.in_review(person)
    world.decide(world.reviewer(), submission.submission_id, "REJECT", "No", "POLICY")
    rejected = world.get(person, submission.submission_id)
    assert not rejected.appeal_pending
    appealed = world.move(person, rejected, "APPEAL", "It is ours")
    assert appealed.appeal_pending
    assert world.publish_call(person, "ListSubmissions").submissions[0].appeal_pending
    world.decide(lead, submission.submission_id, "UPHOLD", "It is not")
    assert not world.get(person, submission.submission_id).appeal_pending


def test_what_waits_for_the_publisher_is_listed_and_counted(world):
    person = world.owner()
    draft = world.create(person)
    world.in_review(person)
    approved = world.approved(person)
    rejected = world.in_review(person)
    world.decide(world.reviewer(), rejected.submission_id, "REJECT", "No", "POLICY")
    # What its publisher took back waits for nobody.
    world.move(person, world.in_review(person), "WITHDRAW")
    world.move(person, world.published(person), "DELIST", "It moves.")

    def needing():
        found = world.publish_call(person, "ListSubmissions", needs_publisher=True)
        assert found.needs_publisher_count == len(found.submissions)
        return {one.submission_id for one in found.submissions}

    assert needing() == {draft.submission_id, approved.submission_id, rejected.submission_id}
    world.move(person, world.get(person, rejected.submission_id), "APPEAL", "It is ours")
    assert needing() == {draft.submission_id, approved.submission_id}
