"""Running the review desk on its pages: filters, many items at once, colleagues, ready-made words, figures."""

import re
from pathlib import Path
from typing import Any

import gateway
import pytest
from chassis.errors import Conflict, InvalidInput, PermissionDenied, Unavailable, VersionMismatch, Violation
from directory.authz.v1 import organization_pb2 as authz
from directory.submissions.v1 import review_desk_service_pb2 as desk_calls
from directory.submissions.v1 import review_service_pb2 as reviews
from directory.submissions.v1 import submission_pb2 as submissions
from directory.submissions.v1 import submissions_service_pb2 as submissions_service

HOSTILE = "<script>alert(1)</script>"
ROB = "018f0000-0000-7000-8000-0000000000aa"


@pytest.fixture
def desk(stage: Any) -> Any:
    stage.people.person.staff_role = authz.STAFF_ROLE_LEAD_REVIEWER
    stage.services.answers["ListReviewers"] = desk_calls.ListReviewersResponse(
        reviewers=[desk_calls.DeskReviewer(person_id=ROB, name=f"Rob {HOSTILE}")]
    )
    stage.services.answers["ListReviewItems"] = reviews.ListReviewItemsResponse()
    return stage


def show(stage: Any, samples: Any, *, item: Any, **changed: Any) -> None:
    outcomes = [reviews.DECISION_APPROVE, reviews.DECISION_REQUEST_CHANGES, reviews.DECISION_REJECT]
    values: dict[str, Any] = {
        "item": item,
        "submission": samples.submission(submissions.SUBMISSION_STATE_IN_REVIEW),
        "can_decide": True,
        "decisions": outcomes,
    }
    stage.services.answers["GetReviewItem"] = reviews.GetReviewItemResponse(**(values | changed))


def mine(samples: Any, **changed: Any) -> reviews.ReviewItem:
    return samples.review_item(
        claimed_by=samples.PERSON, claimed_by_name="Olu", claim_expires_at=samples.at(hours=-1), **changed
    )


@pytest.mark.parametrize(
    ("address", "field", "value"),
    [
        ("whose=nobody", "unclaimed", True),
        (f"whose={ROB}", "held_by", ROB),
        ("mark=overdue", "overdue", True),
        ("mark=replied", "replied", True),
        ("mark=appealed", "appealed", True),
        ("mark=proposed", "proposed", True),
        ("mark=with_publisher", "with_publisher", True),
        ("category=finance", "category", "finance"),
        ("organization=abc", "organization_id", "abc"),
        ("order=2", "order", reviews.REVIEW_ORDER_NEWEST),
        ("mark=nonsense&category=nonsense&order=9&kind=99&state=x", "category", ""),
    ],
)
def test_every_filter_is_asked_for_and_kept(desk, samples, address, field, value):
    desk.services.answers["ListReviewItems"] = reviews.ListReviewItemsResponse(
        items=[samples.review_item()], next_page_token="more", open_count=1
    )
    page = desk.get(f"/review?{address}")
    assert getattr(desk.services.last("ListReviewItems"), field) == value
    kept = f"{address}&amp;" if value else ""
    assert f'href="/review?{kept}page=more"' in page


def test_the_queue_says_what_stands_out(desk, samples, text_of):
    item = samples.review_item(
        display_name=HOSTILE, company_name=HOSTILE, slug="ledger", due_at=samples.at(hours=1), appealed=True,
        replied_at=samples.at(hours=5, minutes=30), proposed_by=ROB, blocks=2, assigned_to=ROB, assigned_to_name="Rob",
    )  # fmt: skip
    counts = {"open_count": 4, "overdue_count": 3, "unclaimed_count": 2, "mine_count": 1}
    desk.services.answers["ListReviewItems"] = reviews.ListReviewItemsResponse(items=[item], **counts)
    page = desk.get("/review")
    assert HOSTILE not in page
    text = text_of(page)
    for shown in ("4 open, 3 overdue, 2 nobody’s, 1 yours", "Overdue", "Appealed", "Publisher wrote 5 hours ago",
                  "Rejection proposed", "2 blocking", "For Rob"):  # fmt: skip
        assert shown in text
    assert " checked>" in desk.get("/review?selected=1")


def test_what_is_with_its_publisher_is_not_due(desk, samples, text_of):
    item = samples.review_item(kind=reviews.REVIEW_ITEM_KIND_DRIFT)
    item.ClearField("due_at")
    desk.services.answers["ListReviewItems"] = reviews.ListReviewItemsResponse(
        items=[item], open_count=1, with_publisher_count=1
    )
    text = text_of(desk.get("/review"))
    assert "0 nobody’s, 0 yours, 1 with the publisher." in text
    assert " due " not in text


def test_the_queue_works_while_nobody_knows_the_reviewers(desk):
    desk.services.answers["ListReviewers"] = Unavailable("UNAVAILABLE", "Away.")
    assert "The queue is empty" in desk.get("/review")


def together(samples: Any, **fields: Any) -> dict[str, Any]:
    items = [f"{samples.ITEM}:2", f"{samples.ICON}:5"]
    names = {f"name:{samples.ITEM}": "Ledger", f"name:{samples.ICON}": HOSTILE}
    return {"item": items, "back": "kind=1&whose=mine", **names, **fields}


def test_selected_items_are_approved_and_each_has_its_result(desk, samples, text_of):
    def decide(request: Any) -> Any:
        if request.review_item_id == samples.ICON:
            raise Conflict("NOT_IN_BULK", "This needs a look of its own.")
        return reviews.DecideReviewItemResponse(item=samples.review_item())

    desk.services.answers["DecideReviewItem"] = decide
    page = desk.post("/review/bulk", together(samples, action="approve", comment="Fine"), status=200)
    assert HOSTILE not in page
    assert "1 of 2 done" in text_of(page)
    assert "This needs a look of its own." in text_of(page)
    assert 'href="/review?kind=1&amp;whose=mine"' in page
    asked = [request for name, request in desk.services.asked if name == "DecideReviewItem"]
    assert [(one.review_item_id, one.version, one.comment, one.in_bulk) for one in asked] == [
        (samples.ITEM, 2, "Fine", True), (samples.ICON, 5, "Fine", True),
    ]  # fmt: skip


def test_an_organisation_has_its_own_name_and_the_company_is_what_the_form_says(desk, samples, text_of):
    other = "018f0000-0000-7000-8000-0000000000bb"
    items = [
        samples.review_item(company_name="Ledgerline"),
        samples.review_item(company_name="Ledger Line Ltd"),
        samples.review_item(company_name="Ledgerline GmbH", slug="same"),
        samples.review_item(organization_id=other, company_name=HOSTILE),
    ]
    desk.services.answers["ListReviewItems"] = reviews.ListReviewItemsResponse(items=items)
    address = f"/review?organization={samples.ORGANIZATION}"
    page = desk.get(address)
    assert HOSTILE not in page
    assert page.count(f'href="{address}">Ledgerline GmbH</a>') == 3
    text = text_of(page)
    for shown in ("Company: Ledgerline", "Company: Ledger Line Ltd", "Of Ledgerline GmbH alone", f"Company: {HOSTILE}"):
        assert shown in text
    assert "Company: Ledgerline GmbH" not in text, "once is enough"
    asked = [request for name, request in desk.services.asked if name == "ListOrganizationNames"]
    assert [sorted(one.organization_ids) for one in asked] == [sorted([samples.ORGANIZATION, other])]
    desk.services.answers["ListOrganizationNames"] = Unavailable("SERVICE_UNAVAILABLE", "Away.")
    assert f'href="{address}">Organisation’s items</a>' in desk.get("/review")


def test_an_item_names_its_organisation_and_the_company(desk, samples, text_of):
    show(desk, samples, item=samples.review_item(company_name="Ledger Line Ltd"))
    text = text_of(desk.get(f"/review/{samples.ITEM}"))
    assert "Organisation Ledgerline GmbH Company Ledger Line Ltd" in text
    desk.services.answers["ListOrganizationNames"] = Unavailable("SERVICE_UNAVAILABLE", "Away.")
    assert f"Organisation {samples.ORGANIZATION} Company" in text_of(desk.get(f"/review/{samples.ITEM}"))


def test_no_key_in_the_comment_or_on_a_box_assigns_or_approves(desk, samples):
    """Enter on a box presses a form's first submit button, which is no act here."""
    desk.services.answers["ListReviewItems"] = reviews.ListReviewItemsResponse(items=[samples.review_item()])
    form = desk.get("/review").split('action="/review/bulk"')[1].split("</form>")[0]
    assert '<textarea id="comment" name="comment"' in form, "there Enter is a new line"
    acts = re.findall(r'<button[^>]* name="action" value="(\w+)"', form)
    assert len(acts) == form.count("<button")
    assert acts == ["none", "assign", "approve"]
    for action in (acts[0], ""):
        assert desk.post("/review/bulk", together(samples, action=action)) == "/review?kind=1&whose=mine"
        assert "Nothing was done: press Assign or Approve." in desk.get("/review")
    assert not [name for name, _ in desk.services.asked if name in ("AssignReviewItem", "DecideReviewItem")]


def test_who_looks_is_among_the_reviewers_once(desk, samples):
    colleague = desk_calls.DeskReviewer(person_id=ROB, name="Rob")
    myself = desk_calls.DeskReviewer(person_id=samples.PERSON, name="Olu Okafor")
    desk.services.answers["ListReviewers"] = desk_calls.ListReviewersResponse(reviewers=[myself, colleague])
    whose = desk.get("/review").split('<select id="whose"')[1].split("</select>")[0]
    assert re.findall(r"<option[^>]*>([^<]*)<", whose) == ["Everybody’s", "Mine", "Nobody’s", "Rob"]


def test_selected_items_are_assigned(desk, samples, text_of):
    desk.services.answers["AssignReviewItem"] = desk_calls.AssignReviewItemResponse(
        item=samples.review_item(assigned_to=ROB, assigned_to_name="Rob")
    )
    page = desk.post("/review/bulk", together(samples, action="assign", person=ROB), status=200)
    assert "2 of 2 done" in text_of(page)
    assert desk.services.last("AssignReviewItem").person_id == ROB


def test_nothing_selected_changes_nothing(desk):
    assert desk.post("/review/bulk", {"action": "approve", "back": "whose=mine"}) == "/review?whose=mine"
    assert "Select items first." in desk.get("/review")


def test_who_is_no_staff_is_refused_as_a_whole(desk, samples):
    desk.services.answers["DecideReviewItem"] = PermissionDenied("STAFF_REQUIRED", "Not for you.")
    desk.post("/review/bulk", together(samples, action="approve"), status=403)


def test_the_decision_is_one_step_from_the_top_where_it_stands_below_everything(desk, samples):
    show(desk, samples, item=samples.review_item())
    page = desk.get(f"/review/{samples.ITEM}")
    link = '<a class="button small" href="#decision">Go to claim and decision</a>'
    assert page.index("<h1>") < page.index(link) < page.index('class="main-and-aside"') < page.index('id="decision"')
    styles = (Path(gateway.__path__[0]) / "static/pages.css").read_text()
    narrow = styles.split("@media (max-width: 64rem) {")[1].split("\n}")[0]
    assert ".main-and-aside { grid-template-columns: minmax(0, 1fr); }" in narrow
    assert ".to-aside { display: block; }" in narrow


def test_colleagues_with_the_item_open_are_shown_without_javascript(desk, samples, text_of):
    show(desk, samples, item=mine(samples))
    page = desk.get(f"/review/{samples.ITEM}")
    assert '<p class="small" hidden>Also open at' in page
    desk.services.answers["NoteReviewPresence"] = desk_calls.NoteReviewPresenceResponse(
        present=[reviews.PresentReviewer(person_id=ROB, name=HOSTILE), reviews.PresentReviewer(name="Ann")]
    )
    page = desk.get(f"/review/{samples.ITEM}")
    assert HOSTILE not in page
    assert '<p class="small">Also open at' in page
    for away in ("NoteReviewPresence", "ListCannedResponses"):
        desk.services.answers[away] = Unavailable("UNAVAILABLE", "Away.")
    assert "Your decision" in text_of(desk.get(f"/review/{samples.ITEM}"))


@pytest.mark.parametrize(
    ("kind", "decisions", "shown"),
    [
        (reviews.REVIEW_ITEM_KIND_APPEAL, (reviews.DECISION_UPHOLD, reviews.DECISION_OVERTURN), "Overturn"),
        (reviews.REVIEW_ITEM_KIND_REPLY, (reviews.DECISION_ANSWER,), "Answered"),
    ],
)
def test_each_kind_offers_its_own_decisions(desk, samples, text_of, kind, decisions, shown):
    show(desk, samples, item=mine(samples, kind=kind), decisions=decisions)
    page = desk.get(f"/review/{samples.ITEM}")
    assert shown in text_of(page)
    assert page.count('name="decision"') == len(decisions)
    assert 'name="reason"' not in page


@pytest.mark.parametrize("reason", ["ANOTHER_REVIEWER_REQUIRED", "LEAD_REVIEWER_REQUIRED"])
def test_what_others_decide_has_no_form(desk, samples, text_of, reason):
    show(desk, samples, item=samples.review_item(), can_decide=False, cannot_decide_reason=reason)
    page = desk.get(f"/review/{samples.ITEM}")
    assert "Not yours to decide" in text_of(page)
    assert ">Claim</button>" not in page


def test_ready_made_words_are_put_behind_what_was_typed(desk, samples):
    show(desk, samples, item=mine(samples))
    desk.services.answers["ListCannedResponses"] = desk_calls.ListCannedResponsesResponse(
        canned_responses=[
            desk_calls.CannedResponse(canned_response_id=ROB, title="Down", body=f"It is down. {HOSTILE}")
        ]
    )
    data = {"comment": "Dear all", "decision": "2", "change_reason": "3", "response": ROB, "version": "2"}
    page = desk.post(f"/review/{samples.ITEM}/fill", data, status=200)
    assert HOSTILE not in page
    assert "Dear all\n\nIt is down." in page
    assert 'name="decision" value="2" checked' in page
    assert '<option value="3" selected>The icon</option>' in page
    assert desk.services.last("ListCannedResponses").review_item_id == samples.ITEM


def test_a_change_reason_is_sent(desk, samples):
    item = samples.review_item(decision=reviews.DECISION_REQUEST_CHANGES)
    desk.services.answers["DecideReviewItem"] = reviews.DecideReviewItemResponse(item=item)
    data = {"version": "2", "decision": "2", "change_reason": "3", "comment": "The icon."}
    desk.post(f"/review/{samples.ITEM}/decide", data)
    assert desk.services.last("DecideReviewItem").change_reason == reviews.CHANGE_REASON_ICON


def test_a_proposed_rejection_is_confirmed_or_returned_by_the_holder(desk, samples, text_of):
    proposal = {"proposed_by": ROB, "proposed_by_name": "Rob", "comment": "**No**", "reason_code": "POLICY"}
    show(desk, samples, item=samples.review_item(**proposal))
    assert "Confirm the rejection" not in desk.get(f"/review/{samples.ITEM}")
    show(desk, samples, item=mine(samples, **proposal))
    page = desk.get(f"/review/{samples.ITEM}")
    assert "Against the directory’s guidelines" in text_of(page)
    assert 'name="decision"' not in page
    answer = reviews.SettleRejectionResponse(item=samples.review_item())
    desk.services.answers["SettleRejection"] = answer
    address = f"/review/{samples.ITEM}/settle"
    assert "Ledgerline: not approved." in desk.get(desk.post(address, {"version": "2", "action": "confirm"}))
    data = {"version": "2", "action": "return", "comment": "Works"}
    assert "returned to the queue" in desk.get(desk.post(address, data))
    asked = desk.services.last("SettleRejection")
    assert (asked.confirm, asked.comment, asked.version) == (False, "Works", 2)
    desk.services.answers["SettleRejection"] = InvalidInput("COMMENT_REQUIRED", "Say why.")
    assert "Say why." in text_of(desk.post(address, {"version": "2", "action": "return"}, status=422))


def test_who_proposed_is_told_that_another_confirms(desk, samples):
    item = samples.review_item(proposed_by=samples.PERSON)
    desk.services.answers["DecideReviewItem"] = reviews.DecideReviewItemResponse(item=item)
    data = {"version": "2", "decision": "3", "reason": "1", "comment": "No"}
    page = desk.get(desk.post(f"/review/{samples.ITEM}/decide", data))
    assert "another reviewer confirms the rejection before the publisher hears of it" in page


def test_an_item_is_assigned_to_oneself_and_given_back(desk, samples):
    show(desk, samples, item=mine(samples))
    desk.services.answers["AssignReviewItem"] = desk_calls.AssignReviewItemResponse()
    desk.post(f"/review/{samples.ITEM}/assign", {"action": "mine"})
    assert desk.services.last("AssignReviewItem").person_id == samples.PERSON
    desk.post(f"/review/{samples.ITEM}/assign", {"action": "nobody"})
    assert desk.services.last("AssignReviewItem").person_id == ""


def test_a_description_is_compared_as_people_see_it(desk, samples):
    show(
        desk,
        samples,
        item=samples.review_item(kind=reviews.REVIEW_ITEM_KIND_REVISION, revision_id=samples.REVISION),
        before=samples.content(description="Was **old**"),
        after=samples.content(description=f"Is **new** {HOSTILE}"),
    )
    page = desk.get(f"/review/{samples.ITEM}")
    assert HOSTILE not in page
    assert "<strong>old</strong>" in page
    assert "<strong>new</strong>" in page


def test_what_changed_since_the_last_review_is_named_so(desk, samples, text_of):
    before = samples.form(listing=samples.content(tagline="Old"), data_access=submissions.DATA_ACCESS_BOTH)
    show(desk, samples, item=samples.review_item(), before_form=before, after_form=samples.form())
    text = text_of(desk.get(f"/review/{samples.ITEM}"))
    assert "What changed since the last review 2 fields differ from what was handed in then." in text
    assert "It reads data" in text


def test_lead_reviewers_change_the_canned_responses(desk, samples, text_of):
    response = desk_calls.CannedResponse(
        canned_response_id=ROB, title=HOSTILE, body="**Sorry** {server_name}", version=3
    )
    desk.services.answers["ListCannedResponses"] = desk_calls.ListCannedResponsesResponse(canned_responses=[response])
    page = desk.get("/review/responses")
    assert HOSTILE not in page
    assert "New canned response" in text_of(page)
    desk.services.answers["SaveCannedResponse"] = desk_calls.SaveCannedResponseResponse()
    desk.post("/review/responses", {"response": ROB, "version": "3", "title": "Down", "body": "x"})
    asked = desk.services.last("SaveCannedResponse")
    assert (asked.canned_response_id, asked.version, asked.title) == (ROB, 3, "Down")
    desk.services.answers["DeleteCannedResponse"] = desk_calls.DeleteCannedResponseResponse()
    desk.post(f"/review/responses/{ROB}/delete", {"version": "3"})
    assert desk.services.last("DeleteCannedResponse").version == 3
    desk.people.person.staff_role = authz.STAFF_ROLE_REVIEWER
    assert "New canned response" not in text_of(desk.get("/review/responses"))


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Conflict("TITLE_TAKEN", "Another one has this title."), 409),
        (VersionMismatch("VERSION_MISMATCH", "Somebody changed it."), 412),
        (PermissionDenied("LEAD_REVIEWER_REQUIRED", "Leads only."), 403),
    ],
)
def test_refused_words_are_kept(desk, text_of, error, status):
    desk.services.answers["SaveCannedResponse"] = error
    page = desk.post("/review/responses", {"title": "Kept title", "body": "Kept words"}, status=status)
    assert error.message in text_of(page)
    assert "Kept title" in page
    assert "Kept words" in page


def test_two_errors_of_one_field_are_one_field(desk, text_of):
    wrong = [Violation("/body", "UNKNOWN_PLACEHOLDER", f"{{{name}}} stands for nothing.") for name in ("one", "two")]
    desk.services.answers["SaveCannedResponse"] = InvalidInput("FORM_INVALID", "Wrong.", violations=wrong)
    text = text_of(desk.post("/review/responses", {"title": "T", "body": "{one} {two}"}, status=422))
    assert "Not saved: one field needs your attention." in text
    assert "{one} stands for nothing." in text
    wrong.append(Violation("/title", "REQUIRED", "Write something here."))
    desk.services.answers["SaveCannedResponse"] = InvalidInput("FORM_INVALID", "Wrong.", violations=wrong)
    text = text_of(desk.post("/review/responses", {"title": "", "body": "{one} {two}"}, status=422))
    assert "Not saved: 2 fields need your attention." in text


def test_a_refused_decision_counts_fields_as_every_form_does(desk, samples, text_of):
    show(desk, samples, item=mine(samples))
    wrong = [Violation("/comment", "TOO_LONG", "Use at most 5,000 characters.")]
    desk.services.answers["DecideReviewItem"] = InvalidInput("FORM_INVALID", "Wrong.", violations=wrong)
    data = {"version": "2", "decision": "1", "comment": "x"}
    text = text_of(desk.post(f"/review/{samples.ITEM}/decide", data, status=422))
    assert "Not done: one field needs your attention." in text


def test_statistics_are_tables(desk, text_of):
    outcomes = desk_calls.OutcomeFigures(decided=9, approved=5, rejected=4, late=1, median_waiting_seconds=7200)
    desk.services.answers["GetReviewStatistics"] = desk_calls.GetReviewStatisticsResponse(
        due_days=7,
        queue=[desk_calls.QueueFigures(kind=reviews.REVIEW_ITEM_KIND_APPEAL, open=2, oldest_age_seconds=90_000)],
        weeks=[desk_calls.WeekFigures(monday="2026-11-23", opened=11, outcomes=outcomes), desk_calls.WeekFigures()],
        reviewers=[desk_calls.ReviewerFigures(person_id=ROB, name=HOSTILE, outcomes=outcomes)],
    )
    page = desk.get("/review/statistics?weeks=26")
    assert HOSTILE not in page
    text = text_of(page)
    for shown in ("7 days", "Appeal", "23 Nov 2026 11 9 5 0 4", "2 hours", "1 day"):
        assert shown in text
    assert desk.services.last("GetReviewStatistics").weeks == 26
    desk.get("/review/statistics?weeks=9999")
    assert desk.services.last("GetReviewStatistics").weeks == 8
    desk.services.answers["GetReviewStatistics"] = desk_calls.GetReviewStatisticsResponse(due_days=7)
    assert "Nothing is open" in text_of(desk.get("/review/statistics"))


def test_a_publisher_reads_reason_and_advice_and_appeals(stage, samples, text_of):
    entry = submissions.ThreadEntry(
        position=1, kind=submissions.THREAD_ENTRY_KIND_DECISION, author_role=submissions.ACTOR_ROLE_REVIEWER,
        author_name="Directory review", move=submissions.MOVE_REJECT, body="Not yours.", reason_code="OWNERSHIP",
        state=submissions.SUBMISSION_STATE_NOT_APPROVED, at=samples.at(hours=1),
    )  # fmt: skip
    stage.services.answers |= {
        "ListThread": submissions_service.ListThreadResponse(entries=[entry]),
        "GetSubmission": submissions_service.GetSubmissionResponse(
            submission=samples.submission(
                submissions.SUBMISSION_STATE_NOT_APPROVED, moves=[submissions.MOVE_SAVE, submissions.MOVE_APPEAL]
            )
        ),
        "MoveSubmission": submissions_service.MoveSubmissionResponse(),
    }
    page = stage.get(samples.PAGE)
    assert "No right to the API or the name. Show that you own the API" in text_of(page)
    assert 'name="move" value="MOVE_APPEAL"' in page
    stage.post(f"{samples.PAGE}/moves", {"move": "MOVE_APPEAL", "version": "7", "comment": "It is ours"})
    asked = stage.services.last("MoveSubmission")
    assert (asked.move, asked.comment) == (submissions.MOVE_APPEAL, "It is ours")
    stage.services.answers["GetSubmission"].submission.appeal_pending = True
    assert "Next: A lead reviewer" in text_of(stage.get(samples.PAGE))
