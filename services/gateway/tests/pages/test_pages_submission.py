"""A submission's page and its form."""

import io
import re
from types import SimpleNamespace
from typing import Any

import pytest
from chassis.errors import Conflict, InvalidInput, LimitExceeded, Unavailable, VersionMismatch, Violation
from directory.listings.v1 import listings_service_pb2 as listing_calls
from directory.listings.v1.listing_pb2 import Icon
from directory.metrics.v1 import metrics_service_pb2 as metrics_calls
from directory.metrics.v1 import server_metrics_pb2 as metrics
from directory.submissions.v1 import server_probe_pb2 as probes
from directory.submissions.v1 import submission_pb2 as submissions
from directory.submissions.v1 import submissions_service_pb2 as calls
from gateway import bodies
from gateway.web import field_words, form_steps, forms, words
from listings.domain.icons import MAX_BYTES as MAX_ICON

HOSTILE = "<script>alert(1)</script>\"'>{{7*7}}"


def show(stage: Any, submission: submissions.Submission) -> None:
    stage.services.answers["GetSubmission"] = calls.GetSubmissionResponse(submission=submission)


@pytest.mark.parametrize("state", list(words.STATES))
def test_every_state_says_what_it_means_and_who_acts(stage, samples, text_of, state):
    show(stage, samples.submission(state, moves=[submissions.MOVE_APPEAL]))
    text = text_of(stage.get(samples.PAGE))
    word = words.state(state)
    assert f"Status: {word.label} {word.meaning} {word.next_step}" in text
    if word.who:
        assert f"Next: {word.who}" in text


def test_what_the_publisher_took_back_waits_for_nobody(stage, samples, text_of):
    """As the dashboard's "Needs you" counts: submissions lists these states, and no others, as the publisher's."""
    yours = {
        submissions.SUBMISSION_STATE_DRAFT, submissions.SUBMISSION_STATE_CHANGES_REQUESTED,
        submissions.SUBMISSION_STATE_NOT_APPROVED, submissions.SUBMISSION_STATE_APPROVED,
    }  # fmt: skip
    assert {state for state, word in words.STATES.items() if word.who == "You"} == yours
    for state in (submissions.SUBMISSION_STATE_WITHDRAWN, submissions.SUBMISSION_STATE_DELISTED):
        show(stage, samples.submission(state))
        assert "Next: Nobody" in text_of(stage.get(samples.PAGE))


@pytest.mark.parametrize("move", list(words.MOVES))
def test_every_move_that_is_possible_has_a_button(stage, samples, move):
    show(stage, samples.submission(submissions.SUBMISSION_STATE_IN_REVIEW, moves=[move]))
    assert f'name="move" value="{submissions.Move.Name(move)}"' in stage.get(samples.PAGE)


def test_the_published_page_is_in_the_requirement_s_order(stage, samples, text_of):
    text = text_of(stage.get(samples.PAGE))
    order = (
        "Health and usage | Healthy The 30-day disconnect rate is at or below 5% | Directory rank | #7 Trending | "
        "Active users (30d) | 1,843 | Tool calls (30d) | 14,211 | 2.13% disconnect rate | Error rate (30d) | 1.73% | "
        "most common: tool_error (131) | Error breakdown | 1 day | 7 days | 30 days | Usage by product | Claude.ai | "
        "142 ms | Usage by tool | list_invoices"
    )
    place = 0
    for shown in order.split(" | "):
        place = text.index(shown, place)
    assert "Not shown, because there were fewer than 50 calls: Claude Desktop, Cowork." in text


def test_the_hints_of_the_requirement_are_there(stage, samples, text_of):
    text = text_of(stage.get(samples.PAGE))
    for hint in (
        "Metrics are in beta. They’re computed daily from directory usage and can lag by up to 24 hours.",
        "Windows with fewer than 5 calls, and per-product rows with fewer than 50 calls, are omitted.",
        "servers reached only via legacy WebSocket won’t show data here",
        "A high rate on a single product may reflect a client-side issue",
    ):
        assert hint in text


def test_charts_have_names_descriptions_and_tables(stage, samples):
    page = stage.get(samples.PAGE)
    assert (
        len(re.findall(r'<svg class="chart"[^>]*role="img" aria-labelledby="chart-\d-\d-title chart-\d-\d-desc"', page))
        == 5
    )
    assert page.count('<details class="twin">') == 5
    assert not re.search(r"<[^>]+ style=|<style|<script(?![^>]+src=)", page)


def test_every_figure_of_the_topline_has_its_line(stage, samples):
    page = stage.get(samples.PAGE)
    cards = page.split('<section class="card topline"')[1:]
    named = [re.findall(r'<title id="chart-\d-\d-title">([^<]*) by day</title>', card) for card in cards]
    assert named == [
        ["Directory rank"],
        ["Active users"],
        ["Tool calls", "30-day disconnect rate"],
        ["Error rate"],
    ]


def test_figures_that_are_behind_say_so(stage, samples, text_of):
    assert "days behind" not in text_of(stage.get(samples.PAGE))
    stage.services.answers["GetServerMetrics"] = samples.metrics(as_of="2026-11-19", days_behind=2)
    text = text_of(stage.get(samples.PAGE))
    assert "Figures run through 19 Nov 2026" in text
    assert "Figures are 2 days behind Days after 19 Nov 2026 haven’t been computed yet." in text
    assert "still being counted" not in text


def test_figures_that_lack_something_say_so(stage, samples, text_of):
    stage.services.answers["GetServerMetrics"] = samples.metrics(as_of="2026-11-19", incomplete=True)
    assert "still being counted The figures lack some traffic of 19 Nov 2026;" in text_of(stage.get(samples.PAGE))


def test_each_table_can_be_downloaded(stage, samples):
    page = stage.get(samples.PAGE)
    figures = f"/api/v1/organizations/{samples.ORGANIZATION}/submissions/{samples.SUBMISSION}/metrics"
    for table in ("errors", "products", "tools", "daily"):
        for form in ("csv", "json"):
            assert f'href="{figures}/{table}.{form}"' in page


def test_suppressed_windows_are_named_not_shown(stage, samples, text_of):
    answer = samples.metrics()
    del answer.metrics.windows[0]
    stage.services.answers["GetServerMetrics"] = answer
    text = text_of(stage.get(samples.PAGE))
    assert "Not shown, because there were fewer than 5 calls: 1 day." in text


def test_a_snapshot_without_figures_shows_none(stage, samples, text_of):
    figures = metrics.ServerMetrics(as_of="2026-11-21", health=metrics.HEALTH_COLLECTING)
    stage.services.answers["GetServerMetrics"] = metrics_calls.GetServerMetricsResponse(metrics=figures)
    text = text_of(stage.get(samples.PAGE))
    assert "Collecting…" in text
    assert "Fewer than 5 calls in 30 days" in text
    assert "0.00%" not in text


def test_just_published_is_collecting_even_before_metrics_heard_of_it(stage, samples, text_of):
    figures = metrics.ServerMetrics(health=metrics.HEALTH_NOT_LIVE)
    stage.services.answers["GetServerMetrics"] = metrics_calls.GetServerMetricsResponse(metrics=figures)
    text = text_of(stage.get(samples.PAGE))
    assert "Collecting…" in text
    assert "Not live" not in text


def test_what_is_off_the_directory_is_not_live(stage, samples, text_of):
    show(stage, samples.submission(submissions.SUBMISSION_STATE_SUSPENDED))
    text = text_of(stage.get(samples.PAGE))
    assert "Not live" in text
    assert "Healthy" not in text


def test_a_websocket_server_is_told(stage, samples, text_of):
    figures = metrics.ServerMetrics(as_of="2026-11-21", health=metrics.HEALTH_COLLECTING, messages_without_calls=True)
    stage.services.answers["GetServerMetrics"] = metrics_calls.GetServerMetricsResponse(metrics=figures)
    assert "No HTTP tool calls reached your server" in text_of(stage.get(samples.PAGE))


def test_without_metrics_the_rest_of_the_page_stays(stage, samples, text_of):
    stage.services.answers["GetServerMetrics"] = Unavailable("UNAVAILABLE", "down")
    text = text_of(stage.get(samples.PAGE))
    assert "Figures are not available at present" in text
    assert "Feedback" in text


def test_hostile_text_is_text_everywhere(stage, samples):
    content = samples.content(**dict.fromkeys(("display_name", "tagline", "description", "company_name"), HOSTILE))
    content.documentation_url = "javascript:alert(1)"
    content.support_contact = HOSTILE + "@x.example"
    content.icon_id = '"><script>alert(1)</script>'
    form = samples.form(listing=content, server_url=HOSTILE, use_cases=[HOSTILE], slug="s")
    entry = submissions.ThreadEntry(author_name=HOSTILE, body=HOSTILE, reason_code=HOSTILE, findings=[
        samples.finding(code=HOSTILE, message=HOSTILE, field=f"/{HOSTILE}")])  # fmt: skip
    answer = samples.metrics()
    answer.metrics.tools[0].tool = answer.metrics.products[0].product = HOSTILE
    answer.metrics.windows[0].top_error_types[0].error_type = HOSTILE
    stage.services.answers |= {
        "GetServerMetrics": answer,
        "ListThread": calls.ListThreadResponse(entries=[entry]),
    }
    show(stage, samples.submission(form=form, display_name=HOSTILE, tagline=HOSTILE, findings=list(entry.findings)))
    page = stage.get(samples.PAGE)
    assert "<script>alert" not in page
    assert 'href="javascript' not in page
    assert "49" not in re.sub(
        r"\d{2,}[.:,/ -]|[-.:,/]\d+|[0-9a-f-]{30,}|\"[^\"]*\"|\d+%", "", page.split("{{7*7}}")[0][-200:]
    )


def test_a_long_thread_opens_on_its_latest_entries_and_leads_to_the_earlier_ones(stage, samples, text_of):
    def said(position):
        return submissions.ThreadEntry(entry_id=str(position), position=position, body=f"Said as number {position}.")

    def page_of_thread(request):
        assert request.newest_first
        start = int(request.page_token or 250)
        shown = range(start, max(start - request.page_size, 0), -1)
        following = str(shown[-1] - 1) if shown[-1] > 1 else ""
        return calls.ListThreadResponse(entries=map(said, shown), next_page_token=following)

    stage.services.answers["ListThread"] = page_of_thread
    page = stage.get(samples.PAGE)
    latest = text_of(page)
    assert latest.index("Said as number 51.") < latest.index("Said as number 250.")
    assert "Said as number 50." not in latest
    assert f'<a href="{samples.PAGE}?thread=50#feedback">Earlier entries</a>' in page
    assert "Latest entries" not in latest
    page = stage.get(f"{samples.PAGE}?thread=50")
    assert text_of(page).index("Said as number 1.") < text_of(page).index("Said as number 50.")
    assert f'<a href="{samples.PAGE}#feedback">Latest entries</a>' in page
    assert "Earlier entries" not in page


def test_a_page_of_long_messages_has_room_for_all_of_them_as_they_were_written(stage, samples, text_of):
    body = "*Look* " + "[a](b)" * 800
    entries = [submissions.ThreadEntry(position=position, body=body) for position in range(200, 0, -1)]
    stage.services.answers["ListThread"] = calls.ListThreadResponse(entries=entries)
    page = stage.get(samples.PAGE)
    assert page.count("<em>Look</em>") < 30
    assert page.count("<em>Look</em>") + page.count("*Look* [a](b)") == 200
    assert len(page) < 3 * 200 * len(body)


def test_an_appeal_that_waits_is_told_whatever_the_thread_shows(stage, samples, text_of):
    stage.services.answers["ListThread"] = calls.ListThreadResponse()
    rejected = samples.submission(submissions.SUBMISSION_STATE_NOT_APPROVED, moves=[submissions.MOVE_APPEAL])
    show(stage, rejected)
    assert "Next: You" in text_of(stage.get(samples.PAGE))
    rejected.appeal_pending = True
    show(stage, rejected)
    assert "Next: A lead reviewer" in text_of(stage.get(samples.PAGE))


def test_an_appeal_that_was_upheld_is_told_and_no_second_one_promised(stage, samples, text_of):
    show(stage, samples.submission(submissions.SUBMISSION_STATE_NOT_APPROVED, moves=[submissions.MOVE_SAVE]))
    text = text_of(stage.get(samples.PAGE))
    assert "You appealed the rejection, and a lead reviewer upheld it." in text
    assert "There is no second appeal." in text
    assert "can be appealed once" not in text


def test_what_of_a_published_server_waits_for_its_publisher_stands_in_the_status(stage, samples, text_of):
    assert "Next: You" not in text_of(stage.get(samples.PAGE))
    show(stage, samples.submission(edit_returned=True, tool_changes_requested=True))
    page = stage.get(samples.PAGE)
    card = text_of(page.split('aria-labelledby="status-title"')[1].split('class="moves"')[0])
    for told in ("Published", "Edit came back", "Tool changes requested", "Next: You"):
        assert told in card
    assert f'<a href="{samples.PAGE}/listing#open-revision">' in page
    assert '<a href="#feedback">See what they asked for</a>' in page
    drift = probes.ToolDrift(changes_requested_at=samples.at(days=1))
    probe = probes.ServerProbe(drift=drift)
    stage.services.answers["GetServerProbe"] = calls.GetServerProbeResponse(probe=probe)
    page = stage.get(samples.PAGE)
    assert '<a href="#drift">See what they asked for</a>' in page
    assert 'id="drift"' in page


def test_a_delisted_server_is_told_the_way_to_another_address(stage, samples, text_of):
    show(stage, samples.submission(submissions.SUBMISSION_STATE_DELISTED, moves=[submissions.MOVE_RELIST]))
    page = text_of(stage.get(samples.PAGE))
    assert "relist it, withdraw it, reopen it, change the address in the form and submit it" in page
    assert "For another address, withdraw it then and reopen it" in page


def test_a_message_to_the_reviewers_is_posted(stage, samples):
    stage.services.answers["PostMessage"] = calls.PostMessageResponse()
    location = stage.post(
        f"{samples.PAGE}/messages", {"body": "Done.\r\nThanks", "action": "reply", "once": samples.ICON}
    )
    assert location.endswith("#feedback")
    assert stage.services.last("PostMessage").body == "Done.\nThanks"


def test_a_message_too_many_is_refused_in_words_and_kept(stage, samples, text_of):
    show(stage, samples.submission(submissions.SUBMISSION_STATE_IN_REVIEW))
    said = "Nobody has answered your last 20 messages yet."
    stage.services.answers["PostMessage"] = LimitExceeded("TOO_MANY_MESSAGES", said, retry_after_seconds=60)
    page = stage.post(f"{samples.PAGE}/messages", {"body": "kept <b>words", "action": "reply"}, status=429)
    assert said in text_of(page)
    assert "kept &lt;b&gt;words</textarea>" in page


def test_feedback_is_answered_and_resubmitted_from_the_same_page(stage, samples, text_of):
    show(stage, samples.submission(submissions.SUBMISSION_STATE_CHANGES_REQUESTED, moves=[submissions.MOVE_SUBMIT]))
    text = text_of(stage.get(samples.PAGE))
    assert "The privacy policy does not say how long data is kept." in text
    assert "Resubmit for review" in text
    stage.services.answers["MoveSubmission"] = calls.MoveSubmissionResponse()
    stage.post(f"{samples.PAGE}/messages", {"body": "Fixed.", "action": "resubmit", "version": "7"})
    asked = stage.services.last("MoveSubmission")
    assert (asked.move, asked.version, asked.comment) == (submissions.MOVE_SUBMIT, 7, "Fixed.")


def test_a_refused_move_keeps_what_was_typed_and_says_what_is_possible(stage, samples, text_of):
    stage.services.answers["MoveSubmission"] = Conflict(
        "MOVE_NOT_POSSIBLE", "Not from here.", possible="submit,withdraw"
    )
    show(stage, samples.submission(moves=[submissions.MOVE_DELIST]))
    page = stage.post(
        f"{samples.PAGE}/moves", {"move": "MOVE_DELIST", "version": "7", "comment": "we <b>move"}, status=409
    )
    assert "we &lt;b&gt;move" in page
    assert "Possible now: Submit for review, Withdraw." in text_of(page)


@pytest.mark.parametrize("name", ["MOVE_SUSPEND", "MOVE_REVOKE", "MOVE_REINSTATE", "MOVE_APPROVE", "MOVE_SAVE", "x"])
def test_the_publisher_s_page_takes_the_publisher_s_moves_alone(stage, samples, name):
    show(stage, samples.submission())
    stage.services.answers["MoveSubmission"] = InvalidInput("FORM_INVALID", "This is not one of the choices.")
    stage.post(f"{samples.PAGE}/moves", {"move": name, "version": "7", "comment": "Down."}, status=422)
    assert stage.services.last("MoveSubmission").move == submissions.MOVE_UNSPECIFIED


def test_a_post_without_the_token_is_refused(stage, samples):
    assert stage.browser.post(f"{samples.PAGE}/moves", data={"move": "MOVE_SUBMIT"}).status_code == 403
    assert not [name for name, _ in stage.services.asked if name == "MoveSubmission"]


def edited(samples: SimpleNamespace, step: str, **changed: Any) -> dict[str, Any]:
    """What a browser would send from a step of the sample's form, with some inputs changed."""
    form = samples.form()
    data: dict[str, Any] = {"version": "7", "seen": forms.packed(form), "action": "save"}
    for pointer, _ in forms.leaves(submissions.SubmissionForm.DESCRIPTOR):
        value = forms.value_at(form, pointer)
        if form_steps.step_of(pointer) == step and value not in ("", None, [], False):
            data[pointer] = value
    return data | changed


def draft(samples: SimpleNamespace, **changed: Any) -> submissions.Submission:
    moves = [submissions.MOVE_SAVE, submissions.MOVE_SUBMIT]
    state = changed.pop("state", submissions.SUBMISSION_STATE_DRAFT)
    return samples.submission(state, moves=moves, **changed)


@pytest.fixture
def editing(stage, samples):
    """A draft that can be saved."""
    show(stage, draft(samples))
    stage.services.answers |= {
        "GetIcon": listing_calls.GetIconResponse(),
        "SaveSubmission": calls.SaveSubmissionResponse(submission=draft(samples, version=8)),
    }
    return stage


def problem(pointer: str, code: str = "REQUIRED", message: str = "Fill this in.") -> submissions.FieldProblem:
    return submissions.FieldProblem(field=pointer, code=code, message=message)


def test_saving_a_step_sends_its_fields_with_their_version(editing, samples):
    location = editing.post(f"{samples.PAGE}/edit/listing", edited(samples, "listing", **{"/listing/tagline": ""}))
    assert location == f"{samples.PAGE}/edit/listing"
    asked = editing.services.last("SaveSubmission")
    assert asked.version == 7
    assert not asked.form.listing.HasField("tagline")
    assert set(asked.update_mask.paths) >= {"listing.tagline", "slug"}
    assert not set(asked.update_mask.paths) & {"server_url", "use_cases", "listing.company_name"}
    assert not asked.HasField("reviewer_access")


def test_every_field_of_the_form_stands_on_one_step():
    pointers = [pointer for pointer, _ in forms.leaves(submissions.SubmissionForm.DESCRIPTOR)]
    on_steps = [pointer for step in form_steps.STEPS for pointer in step.pointers]
    assert sorted(pointers) == sorted(one for one in on_steps if not one.startswith("/reviewer_access"))
    assert [
        form_steps.step_of(one) for one in ("/use_cases/2", "/acknowledgements", "/reviewer_access", "/comment")
    ] == [
        "use",
        "compliance",
        "authentication",
        "",
    ]


@pytest.mark.parametrize(
    ("key", "action", "leads_to"),
    [
        ("connection", "next", "listing"),
        ("connection", "back", "connection"),
        ("listing", "back", "connection"),
        ("use", "save", "use"),
        ("compliance", "next", "review"),
    ],
)
def test_each_step_is_saved_on_the_way_to_the_next(editing, samples, key, action, leads_to):
    location = editing.post(f"{samples.PAGE}/edit/{key}", edited(samples, key, action=action))
    assert location == f"{samples.PAGE}/edit/{leads_to}"
    assert [name for name, _ in editing.services.asked].count("SaveSubmission") == 1


def test_the_form_goes_on_where_something_is_missing(editing, samples):
    assert editing.browser.get(f"{samples.PAGE}/edit").location == f"{samples.PAGE}/edit/review"
    show(editing, draft(samples, problems=[problem("/acknowledgements/guidelines"), problem("/use_cases")]))
    assert editing.browser.get(f"{samples.PAGE}/edit").location == f"{samples.PAGE}/edit/use"


def test_the_steps_say_what_each_lacks(editing, samples, text_of):
    show(editing, draft(samples, problems=[problem("/use_cases"), problem("/reviewer_access/instructions")]))
    page = editing.get(f"{samples.PAGE}/edit/connection")
    assert "1. Connection complete 2. Listing complete 3. Use 1 missing 4. Company complete" in text_of(page)
    assert "5. Authentication and test 1 missing" in text_of(page)
    assert f'<a href="{samples.PAGE}/edit/connection" aria-current="step">' in page
    assert f'<a href="{samples.PAGE}/edit/review">' in page


TAKEN = problem("/slug", "SLUG_TAKEN", "Another submission has this slug. Choose another one.")


def test_what_is_taken_is_not_called_missing(editing, samples, text_of):
    show(editing, draft(samples, problems=[TAKEN]))
    assert "2. Listing 1 taken 3." in text_of(editing.get(f"{samples.PAGE}/edit/connection"))
    for path in ("/edit/review", ""):
        text = text_of(editing.get(f"{samples.PAGE}{path}"))
        assert "What’s left to do 1 needs your attention before you can submit." in text
        assert "missing" not in text
    show(editing, draft(samples, problems=[TAKEN, problem("/slug"), problem("/use_cases")]))
    text = text_of(editing.get(f"{samples.PAGE}/edit/review"))
    assert "2 still missing and 1 needs your attention before you can submit." in text
    saved = draft(samples, version=8, problems=[TAKEN])
    editing.services.answers["SaveSubmission"] = calls.SaveSubmissionResponse(submission=saved)
    location = editing.post(f"{samples.PAGE}/edit/listing", edited(samples, "listing"))
    assert "Saved. 1 needs your attention on the step “Listing”." in editing.get(location)


def in_summary(page: str) -> list[str]:
    return re.findall(r'<li><a href="[^"]*">([^<]*)</a>: ', page)


def test_errors_and_what_is_missing_come_in_the_order_of_the_form(editing, samples):
    wrong = ("/slug", "/listing/support_contact", "/listing/display_name", "/listing/icon_id")
    violations = [Violation(pointer, "X", "No.") for pointer in wrong]
    editing.services.answers["SaveSubmission"] = InvalidInput("FORM_INVALID", "Wrong.", violations=violations)
    page = editing.post(f"{samples.PAGE}/edit/listing", edited(samples, "listing"), status=422)
    assert in_summary(page) == ["Display name", "Icon", "Support contact", "URL slug"]
    violations = [Violation(f"/use_cases/{number}", "X", "No.") for number in (2, 10, 1)]
    editing.services.answers["SaveSubmission"] = InvalidInput("FORM_INVALID", "Wrong.", violations=violations)
    page = editing.post(f"{samples.PAGE}/edit/use", edited(samples, "use"), status=422)
    assert in_summary(page) == ["Use cases, no. 2", "Use cases, no. 3", "Use cases, no. 11"]
    lacking = ("/api_ownership", "/reviewer_access", "/listing/icon_id", "/listing/tagline", "/server_url")
    show(editing, draft(samples, problems=[problem(pointer) for pointer in lacking]))
    page = editing.get(f"{samples.PAGE}/edit/review")
    # A question leads its line without its mark.
    order = ["Server URL", "Tagline", "Icon", "Test access", "Whose API does the server speak to"]
    assert in_summary(page) == order


def test_a_summary_calls_a_field_as_the_page_does(stage, samples):
    wrong = [Violation("/comment", "REQUIRED", "Write something here.")]
    stage.services.answers["MoveSubmission"] = InvalidInput("FORM_INVALID", "x", violations=wrong)
    show(stage, samples.submission(moves=[submissions.MOVE_DEPRECATE]))
    page = stage.post(f"{samples.PAGE}/moves", {"move": "MOVE_DEPRECATE", "version": "7"}, status=422)
    assert in_summary(page) == ["Message to people who look at the server"]
    assert 'href="#field-comment"' in page
    assert '<textarea id="field-comment" name="comment"' in page


def test_a_step_that_is_none_is_not_found(editing, samples):
    for path in ("edit/steps", "edit/steps/autosave", "edit/review/autosave"):
        editing.post(f"{samples.PAGE}/{path}", {}, status=404)
    editing.get(f"{samples.PAGE}/edit/steps", status=404)


def test_errors_stand_beside_their_fields_and_entries_are_kept(editing, samples):
    violation = Violation("/server_url", "NOT_SERVER_URL", "Give an https address.")
    editing.services.answers["SaveSubmission"] = InvalidInput("FORM_INVALID", "Wrong.", violations=[violation])
    changed = edited(samples, "connection", **{"/server_url": "http://<x>"})
    page = editing.post(f"{samples.PAGE}/edit/connection", changed, status=422)
    assert 'value="http://&lt;x&gt;"' in page
    assert '<a href="#field-server-url">Server URL</a>: Give an https address.' in page
    assert 'id="field-server-url-error1"' in page
    assert re.search(
        r'id="field-server-url"[^>]*aria-describedby="[^"]*field-server-url-error1[^"]*" aria-invalid="true"', page
    )


def test_an_entry_of_a_list_has_its_own_error(editing, samples):
    violation = Violation("/use_cases/1", "TOO_LONG", "At most 500 characters.")
    editing.services.answers["SaveSubmission"] = InvalidInput("FORM_INVALID", "Wrong.", violations=[violation])
    page = editing.post(f"{samples.PAGE}/edit/use", edited(samples, "use"), status=422)
    assert '<a href="#field-use-cases-1">Use cases, no. 2</a>' in page


def test_what_another_submission_has_stands_beside_its_field(editing, samples):
    taken = problem("/slug", "SLUG_TAKEN", "Another submission has this slug.")
    show(editing, draft(samples, problems=[taken, problem("/listing/tagline")]))
    page = editing.get(f"{samples.PAGE}/edit/listing")
    assert 'id="field-slug-error1"' in page
    assert "Another submission has this slug." in page
    assert 'id="field-listing-tagline-error1"' not in page
    assert 'role="alert"' not in page
    missing = editing.get(f"{samples.PAGE}/edit/listing?missing")
    assert 'id="field-listing-tagline-error1"' in missing
    assert 'id="field-slug-error1"' not in editing.get(f"{samples.PAGE}/edit/connection")


def test_what_the_checks_sent_back_stands_beside_its_field(editing, samples):
    blocking = samples.finding(grade=submissions.FINDING_GRADE_BLOCK, field="/server_url", message="No TLS.")
    back = draft(samples, state=submissions.SUBMISSION_STATE_CHANGES_REQUESTED, findings=[blocking, samples.finding()])
    show(editing, back)
    page = editing.get(f"{samples.PAGE}/edit/connection")
    assert "The last checks say: No TLS." in page
    assert page.count('-error1"') == 2  # the line, and the input that it describes


def test_a_refused_submit_names_each_field_and_leads_to_its_step(editing, samples):
    violations = [
        Violation("/slug", "SLUG_TAKEN", "Another submission has this slug."),
        Violation("/server_url", "SERVER_URL_TAKEN", "Another submission has this server URL."),
    ]
    editing.services.answers["MoveSubmission"] = Conflict("SLUG_TAKEN", "Taken.", violations=violations)
    page = editing.post(f"{samples.PAGE}/edit/review", {"version": "7", "action": "submit"}, status=409)
    assert f'<a href="{samples.PAGE}/edit/listing?missing#field-slug">URL slug</a>: Another submission has' in page
    assert f'<a href="{samples.PAGE}/edit/connection?missing#field-server-url">Server URL</a>: Another' in page
    on_status = editing.post(f"{samples.PAGE}/moves", {"version": "7", "move": "MOVE_SUBMIT"}, status=409)
    assert f'<a href="{samples.PAGE}/edit/listing?missing#field-slug">URL slug</a>: Another submission has' in on_status


def test_a_complete_form_is_submitted_from_its_review(editing, samples, text_of):
    assert "Complete Nothing is missing." in text_of(editing.get(f"{samples.PAGE}/edit/review"))
    editing.services.answers["MoveSubmission"] = calls.MoveSubmissionResponse()
    location = editing.post(f"{samples.PAGE}/edit/review", {"version": "7", "action": "submit"})
    assert location == samples.PAGE
    asked = editing.services.last("MoveSubmission")
    assert (asked.move, asked.version) == (submissions.MOVE_SUBMIT, 7)


def test_a_form_that_changed_meanwhile_is_shown_again_before_it_is_submitted(editing, samples, text_of):
    editing.services.answers["MoveSubmission"] = VersionMismatch("VERSION_MISMATCH", "changed", current_version=9)
    page = editing.post(f"{samples.PAGE}/edit/review", {"version": "7", "action": "submit"}, status=412)
    assert "Somebody else changed the form meanwhile." in text_of(page)


def test_a_lost_race_shows_both_versions_of_the_step(editing, samples, text_of):
    theirs = samples.form(slug="theirs", use_cases=["Theirs"], listing=samples.content(tagline="Their tagline"))
    show(editing, draft(samples, form=theirs, version=9))
    editing.services.answers["SaveSubmission"] = VersionMismatch("VERSION_MISMATCH", "changed", current_version=9)
    mine = edited(samples, "listing", **{"/listing/tagline": "My tagline"})
    page = editing.post(f"{samples.PAGE}/edit/listing", mine, status=412)
    text = text_of(page)
    assert "Somebody else saved this meanwhile" in text
    assert "Their tagline" in text
    assert 'value="My tagline"' in page
    assert 'name="/slug" value="theirs"' in page
    assert 'name="version" value="9"' in page
    assert "Tagline Changed by both of you." in text
    assert "URL slug Changed by the other person alone." in text
    assert "Use cases Changed" not in text
    assert "data-autosave" not in page


def test_a_choice_between_two_forms_is_saved(editing, samples):
    theirs = samples.form(slug="theirs", listing=samples.content(tagline="Their tagline"))
    show(editing, draft(samples, form=theirs, version=9))
    saved = editing.services.answers["SaveSubmission"]
    editing.services.answers["SaveSubmission"] = VersionMismatch("VERSION_MISMATCH", "changed", current_version=9)
    mine = edited(samples, "listing", **{"/listing/tagline": "My tagline"})
    page = editing.post(f"{samples.PAGE}/edit/listing", mine, status=412)
    kept = {name: re.search(rf'name="{name}" value="([0-9a-f]+)"', page)[1] for name in ("typed", "seen", "version")}
    editing.services.answers["SaveSubmission"] = saved
    again = mine | {"/slug": "theirs"} | kept | {"choice:/listing/tagline": "theirs", "choice:/slug": "mine"}
    editing.post(f"{samples.PAGE}/edit/listing", again)
    asked = editing.services.last("SaveSubmission")
    assert (asked.version, asked.form.listing.tagline, asked.form.slug) == (9, "Their tagline", "ledgerline")


def saved_by_itself(stage, samples, step: str, data: dict[str, Any], version: str = '"7"') -> Any:
    token = stage.browser.get("/token").text
    headers = {"If-Match": version}
    return stage.browser.post(
        f"{samples.PAGE}/edit/{step}/autosave", data={"csrf_token": token, **data}, headers=headers
    )


def test_a_pause_saves_the_step_and_says_what_is_missing(editing, samples):
    saved = draft(samples, version=8, problems=[problem("/use_cases")])
    editing.services.answers["SaveSubmission"] = calls.SaveSubmissionResponse(submission=saved)
    data = edited(samples, "authentication", **{"/reviewer_access/credentials": "half a pass"})
    answer = saved_by_itself(editing, samples, "authentication", data)
    assert answer.status_code == 200
    assert answer.json["version"] == 8
    assert {step: left for step, left in answer.json["left"].items() if left} == {"use": "1 missing"}
    assert forms.unpacked(submissions.SubmissionForm, answer.json["seen"]) == samples.form()
    asked = editing.services.last("SaveSubmission")
    assert (asked.version, list(asked.update_mask.paths)) == (7, ["authentication"])
    assert not asked.HasField("reviewer_access")


def test_a_pause_that_comes_too_late_saves_nothing(editing, samples):
    editing.services.answers["SaveSubmission"] = VersionMismatch("VERSION_MISMATCH", "changed", current_version=9)
    assert saved_by_itself(editing, samples, "use", edited(samples, "use")).status_code == 412
    assert saved_by_itself(editing, samples, "use", edited(samples, "use"), version="x").status_code == 412
    token = editing.browser.get("/token").text
    without = editing.browser.post(f"{samples.PAGE}/edit/use/autosave", data={"csrf_token": token})
    assert without.status_code == 428


def test_a_pause_in_the_middle_of_an_address_says_what_it_needs(editing, samples):
    violation = Violation("/server_url", "NOT_SERVER_URL", "Give an https address.")
    editing.services.answers["SaveSubmission"] = InvalidInput("FORM_INVALID", "Wrong.", violations=[violation])
    answer = saved_by_itself(editing, samples, "connection", edited(samples, "connection"))
    assert answer.status_code == 422
    assert answer.json["errors"] == [
        {"pointer": "/server_url", "label": "Server URL", "message": "Give an https address."}
    ]


@pytest.mark.parametrize(
    ("state", "itself"),
    [
        (submissions.SUBMISSION_STATE_DRAFT, True),
        (submissions.SUBMISSION_STATE_CHANGES_REQUESTED, True),
        (submissions.SUBMISSION_STATE_APPROVED, False),
        (submissions.SUBMISSION_STATE_NOT_APPROVED, False),
    ],
)
def test_a_form_saves_itself_only_where_that_changes_no_state(editing, samples, state, itself):
    show(editing, draft(samples, state=state))
    assert ("data-autosave" in editing.get(f"{samples.PAGE}/edit/use")) is itself


def test_an_icon_is_uploaded_with_the_form(editing, samples):
    editing.services.answers["UploadIcon"] = listing_calls.UploadIconResponse(icon=Icon(icon_id=samples.REVISION))
    data = edited(samples, "listing") | {"icon": (io.BytesIO(b"bytes of an image"), "icon.png")}
    editing.post(f"{samples.PAGE}/edit/listing", data)
    assert editing.services.last("UploadIcon").image == b"bytes of an image"
    assert editing.services.last("SaveSubmission").form.listing.icon_id == samples.REVISION


def test_a_bad_icon_is_an_error_of_its_field(editing, samples):
    editing.services.answers["UploadIcon"] = InvalidInput("ICON_NOT_SQUARE", "The image is not square.")
    data = edited(samples, "listing") | {"icon": (io.BytesIO(b"x"), "icon.png")}
    page = editing.post(f"{samples.PAGE}/edit/listing", data, status=422)
    assert '<a href="#field-listing-icon-id">Icon</a>: The image is not square.' in page


@pytest.mark.parametrize("size", [512 * 1024 + 1, 7 * 1024 * 1024])
def test_an_icon_that_is_too_large_is_an_error_of_its_field_and_what_was_typed_stays(editing, samples, size):
    typed = edited(samples, "listing", **{"/listing/tagline": "What I wrote"})
    page = editing.post(
        f"{samples.PAGE}/edit/listing", typed | {"icon": (io.BytesIO(b"x" * size), "icon.png")}, status=422
    )
    assert '<a href="#field-listing-icon-id">Icon</a>: This is too large: give at most 512 KiB.' in page
    assert 'value="What I wrote"' in page
    assert not [name for name, _ in editing.services.asked if name in ("UploadIcon", "SaveSubmission")]
    # The page's script says it before anything is sent.
    assert f'data-max-bytes="{MAX_ICON}"' in page
    assert field_words.MAX_ICON == MAX_ICON


def test_a_form_that_nobody_sends_by_hand_is_still_too_large(editing, samples):
    huge = edited(samples, "listing") | {"icon": (io.BytesIO(b"x" * bodies.MAX_UPLOAD), "icon.png")}
    assert "send less: a smaller file" in editing.post(f"{samples.PAGE}/edit/listing", huge, status=413)
    texts = edited(samples, "listing", **{"/listing/description": "x" * (bodies.MAX_BODY + 1)})
    texts |= {"icon": (io.BytesIO(b"x"), "icon.png")}
    editing.post(f"{samples.PAGE}/edit/listing", texts, status=413)
    editing.post(f"{samples.PAGE}/messages", {"body": "x" * (bodies.MAX_BODY + 1)}, status=413)


def test_a_bad_icon_hides_no_other_error(editing, samples):
    editing.services.answers["UploadIcon"] = InvalidInput("ICON_NOT_SQUARE", "The image is not square.")
    data = edited(samples, "listing", **{"/listing/tagline": "x" * 500, "/slug": "No!"})
    page = editing.post(f"{samples.PAGE}/edit/listing", data | {"icon": (io.BytesIO(b"x"), "icon.png")}, status=422)
    assert "Not saved: 3 fields need your attention." in page
    for field in ("listing-tagline", "listing-icon-id", "slug"):
        assert f'id="field-{field}-error1"' in page


def test_one_icon_too_many_today_is_an_error_of_its_field(editing, samples):
    editing.services.answers["UploadIcon"] = LimitExceeded(
        "ICON_DAILY_LIMIT", "Try again later.", limit=50, retry_after_seconds=60
    )
    data = edited(samples, "listing") | {"icon": (io.BytesIO(b"x"), "icon.png")}
    page = editing.post(f"{samples.PAGE}/edit/listing", data, status=429)
    assert '<a href="#field-listing-icon-id">Icon</a>: Try again later.' in page


def test_a_new_draft_needs_nothing_and_goes_on_to_the_next_step(stage, samples):
    stage.services.answers["CreateSubmission"] = calls.CreateSubmissionResponse(submission=draft(samples))
    assert "New submission" in stage.get(f"{samples.DIRECTORY}/submissions/new")
    location = stage.post(f"{samples.DIRECTORY}/submissions/new", {"action": "next"})
    assert location == f"{samples.PAGE}/edit/listing"


def test_access_for_reviewers_is_sent_and_never_shown_back(editing, samples):
    data = edited(samples, "authentication", **{"/reviewer_access/credentials": "hunter2"})
    editing.post(f"{samples.PAGE}/edit/authentication", data)
    asked = editing.services.last("SaveSubmission")
    assert asked.reviewer_access.credentials == "hunter2"
    assert list(asked.reviewer_access_mask.paths) == ["credentials"]
    page = editing.get(f"{samples.PAGE}/edit/authentication")
    assert "hunter2" not in page
    assert "Access for reviewers is stored." in page


def test_stored_access_is_removed_on_demand_alone(editing, samples):
    assert 'name="remove_access"' in editing.get(f"{samples.PAGE}/edit/authentication")
    data = edited(samples, "authentication", remove_access="true", **{"/reviewer_access/instructions": "Ask Bob"})
    editing.post(f"{samples.PAGE}/edit/authentication", data)
    asked = editing.services.last("SaveSubmission")
    assert (asked.reviewer_access.instructions, asked.reviewer_access.credentials) == ("Ask Bob", "")
    assert list(asked.reviewer_access_mask.paths) == ["instructions", "credentials"]
    editing.services.answers["SaveSubmission"] = InvalidInput("FORM_INVALID", "No.")
    assert 'value="true" checked><span>Remove' in editing.post(f"{samples.PAGE}/edit/authentication", data, status=422)
    show(editing, draft(samples, reviewer_access_provided=False))
    assert 'name="remove_access"' not in editing.get(f"{samples.PAGE}/edit/authentication")


def test_what_is_missing_is_listed_with_links_to_the_inputs(editing, samples):
    show(editing, draft(samples, problems=[problem("/listing/tagline")]))
    link = f'<a href="{samples.PAGE}/edit/listing?missing#field-listing-tagline">Tagline</a>: Fill this in.'
    review = editing.get(f"{samples.PAGE}/edit/review")
    assert link in review
    assert "Submit for review</button>" not in review
    assert link in editing.get(samples.PAGE)


def test_a_published_slug_is_not_an_input(stage, samples, text_of):
    published = samples.submission(moves=[submissions.MOVE_SAVE], first_published_at=samples.at(days=3))
    show(stage, published)
    assert "Permanent since publication" in text_of(stage.get(f"{samples.PAGE}/edit/listing"))


def checked(samples: Any, **changed: Any) -> calls.GetChecksResponse:
    tool = submissions.ServerTool(
        name="find_invoice",
        title="Find an invoice",
        description="Finds one.",
        input_schema='{"type":"object"}',
        read_only_hint=True,
    )
    values = {
        "finished_at": samples.at(minutes=2),
        "asked_at": samples.at(minutes=3),
        "submission_version": 7,
        "reach": submissions.SERVER_REACH_ALIVE_OPEN,
        "findings": [samples.finding()],
        "tools": [tool],
        "server_name": "ledger",
        "server_version": "2",
        "protocol_version": "2025-11-25",
    }
    return calls.GetChecksResponse(checks=submissions.Checks(**(values | changed)))


CHECKED_BY_HAND = (submissions.SUBMISSION_STATE_DRAFT, submissions.SUBMISSION_STATE_CHANGES_REQUESTED)


@pytest.mark.parametrize("state", list(words.STATES))
def test_the_checks_can_be_run_where_nothing_has_been_submitted(stage, samples, text_of, state):
    show(stage, samples.submission(state))
    page = stage.get(samples.PAGE)
    assert (f'action="{samples.PAGE}/checks"' in page) is (state in CHECKED_BY_HAND)
    if state in CHECKED_BY_HAND:
        assert "Running them submits nothing. They have not been run yet." in text_of(page)


def test_running_the_checks_leads_back_to_the_page(stage, samples, text_of):
    show(stage, samples.submission(submissions.SUBMISSION_STATE_DRAFT))
    stage.services.answers["RunChecks"] = calls.RunChecksResponse()
    location = stage.post(f"{samples.PAGE}/checks")
    assert location.endswith(f"{samples.PAGE}#checks")
    assert stage.services.last("RunChecks").submission_id == samples.SUBMISSION
    stage.services.answers["GetChecks"] = checked(samples, running=True)
    page = stage.get(samples.PAGE)
    assert "The checks are running since" in text_of(page)
    figures = f"/api/v1/organizations/{samples.ORGANIZATION}/submissions/{samples.SUBMISSION}"
    assert f'data-watch="{figures}/checks"' in page


def test_a_page_that_waits_for_the_checks_loads_itself_again(stage, samples):
    show(stage, samples.submission(submissions.SUBMISSION_STATE_CHECKING))
    page = stage.get(samples.PAGE)
    assert f'data-watch="/api/v1/organizations/{samples.ORGANIZATION}/submissions/{samples.SUBMISSION}"' in page
    assert '<noscript><meta http-equiv="refresh" content="10"></noscript>' in page
    assert 'http-equiv="refresh"' not in stage.get(f"{samples.PAGE}?still")
    show(stage, samples.submission(submissions.SUBMISSION_STATE_IN_REVIEW))
    done = stage.get(samples.PAGE)
    assert "data-watch" not in done
    assert 'http-equiv="refresh"' not in done


def test_checks_that_ran_a_moment_ago_are_refused_in_words(stage, samples, text_of):
    show(stage, samples.submission(submissions.SUBMISSION_STATE_DRAFT))
    words_of_it = "The checks were asked for a moment ago. Run them again in 40 seconds."
    stage.services.answers["RunChecks"] = LimitExceeded("CHECKS_TOO_OFTEN", words_of_it, retry_after_seconds=40)
    assert words_of_it in text_of(stage.post(f"{samples.PAGE}/checks", status=429))


def test_a_draft_shows_what_the_checks_found_and_saw(stage, samples, text_of):
    show(stage, samples.submission(submissions.SUBMISSION_STATE_DRAFT, moves=[submissions.MOVE_SAVE]))
    stage.services.answers["GetChecks"] = checked(samples)
    text = text_of(stage.get(samples.PAGE))
    assert "Warning HTTP with server-sent events is accepted" in text
    assert "The submission changed since then" not in text
    assert (
        "The server speaks MCP and shows its tools. It calls itself ledger , version 2 , and speaks MCP 2025-11-25"
        in text
    )
    assert '1 tool find_invoice Find an invoice only reads Finds one. Takes {"type":"object"}' in text
    missing = samples.finding(code="FORM_INCOMPLETE", message="Fill this in.")
    stage.services.answers["GetChecks"] = checked(samples, submission_version=6, findings=[missing])
    text = text_of(stage.get(samples.PAGE))
    assert "The submission changed since then. Nothing was found beside what is missing." in text


def test_a_strange_server_s_words_stay_words(stage, samples):
    show(stage, samples.submission(submissions.SUBMISSION_STATE_DRAFT))
    tool = submissions.ServerTool(
        name=HOSTILE,
        title=HOSTILE,
        description=HOSTILE,
        input_schema=HOSTILE,
        output_schema=HOSTILE,
        annotations=HOSTILE,
    )
    hostile = checked(samples, tools=[tool], server_name=HOSTILE, server_version=HOSTILE, protocol_version=HOSTILE)
    stage.services.answers["GetChecks"] = hostile
    page = stage.get(samples.PAGE)
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)") >= 9


def test_without_the_checks_the_page_is_there_all_the_same(stage, samples, text_of):
    show(stage, samples.submission(submissions.SUBMISSION_STATE_DRAFT))
    stage.services.answers["GetChecks"] = Unavailable("UNAVAILABLE", "Away.")
    assert "What they found is not available at present." in text_of(stage.get(samples.PAGE))
