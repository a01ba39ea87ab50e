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
from directory.submissions.v1 import submission_pb2 as submissions
from directory.submissions.v1 import submissions_service_pb2 as calls
from gateway.web import forms, words

HOSTILE = "<script>alert(1)</script>\"'>{{7*7}}"


def show(stage: Any, submission: submissions.Submission) -> None:
    stage.services.answers["GetSubmission"] = calls.GetSubmissionResponse(submission=submission)


@pytest.mark.parametrize("state", list(words.STATES))
def test_every_state_says_what_it_means_and_who_acts(stage, samples, text_of, state):
    show(stage, samples.submission(state))
    text = text_of(stage.get(samples.PAGE))
    word = words.state(state)
    assert f"Status: {word.label} {word.meaning} {word.next_step}" in text
    if word.who:
        assert f"Next: {word.who}" in text


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


def test_a_message_to_the_reviewers_is_posted(stage, samples):
    stage.services.answers["PostMessage"] = calls.PostMessageResponse()
    location = stage.post(
        f"{samples.PAGE}/messages", {"body": "Done.\r\nThanks", "action": "reply", "once": samples.ICON}
    )
    assert location.endswith("#feedback")
    assert stage.services.last("PostMessage").body == "Done.\nThanks"


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


def edited(stage: Any, samples: SimpleNamespace, **changed: str) -> dict[str, Any]:
    """What a browser would send from the form of the sample, with some inputs changed."""
    form = samples.form()
    data: dict[str, Any] = {"version": "7", "seen": forms.packed(form), "action": "save", "/slug": form.slug}
    for pointer, _ in forms.leaves(submissions.SubmissionForm.DESCRIPTOR):
        value = forms.value_at(form, pointer)
        if value not in ("", None, [], False):
            data[pointer] = value
    return data | changed


def draft(samples: SimpleNamespace, **changed: Any) -> submissions.Submission:
    moves = [submissions.MOVE_SAVE, submissions.MOVE_SUBMIT]
    return samples.submission(submissions.SUBMISSION_STATE_DRAFT, moves=moves, **changed)


def test_saving_sends_the_whole_form_with_its_version(stage, samples):
    show(stage, draft(samples))
    stage.services.answers |= {
        "GetIcon": listing_calls.GetIconResponse(),
        "SaveSubmission": calls.SaveSubmissionResponse(submission=draft(samples)),
    }
    stage.post(f"{samples.PAGE}/edit", edited(stage, samples, **{"/listing/tagline": ""}))
    asked = stage.services.last("SaveSubmission")
    assert asked.version == 7
    assert not asked.form.listing.HasField("tagline")
    assert "listing.tagline" in asked.update_mask.paths
    assert not asked.HasField("reviewer_access")


def test_errors_stand_beside_their_fields_and_entries_are_kept(stage, samples):
    show(stage, draft(samples))
    violations = [
        Violation("/server_url", "NOT_SERVER_URL", "Give an https address."),
        Violation("/use_cases/1", "TOO_LONG", "At most 500 characters."),
    ]
    stage.services.answers |= {
        "GetIcon": listing_calls.GetIconResponse(),
        "SaveSubmission": InvalidInput("FORM_INVALID", "Fields break their rules.", violations=violations),
    }
    page = stage.post(f"{samples.PAGE}/edit", edited(stage, samples, **{"/server_url": "http://<x>"}), status=422)
    assert 'value="http://&lt;x&gt;"' in page
    assert '<a href="#field-server-url">Server URL</a>: Give an https address.' in page
    assert 'id="field-server-url-error1"' in page
    assert re.search(
        r'id="field-server-url"[^>]*aria-describedby="[^"]*field-server-url-error1[^"]*" aria-invalid="true"', page
    )
    assert '<a href="#field-use-cases-1">Use cases, no. 2</a>' in page


def test_a_lost_race_shows_both_versions(stage, samples, text_of):
    theirs = samples.form(slug="theirs", listing=samples.content(tagline="Their tagline"))
    show(stage, draft(samples, form=theirs, version=9))
    stage.services.answers |= {
        "GetIcon": listing_calls.GetIconResponse(),
        "SaveSubmission": VersionMismatch("VERSION_MISMATCH", "changed", current_version=9),
    }
    page = stage.post(f"{samples.PAGE}/edit", edited(stage, samples, **{"/listing/tagline": "My tagline"}), status=412)
    text = text_of(page)
    assert "Somebody else saved this meanwhile" in text
    assert "Their tagline" in text
    assert 'value="My tagline"' in page
    assert 'name="/slug" value="theirs"' in page
    assert 'name="version" value="9"' in page
    assert "Tagline Changed by both of you." in text
    assert "URL slug Changed by the other person alone." in text


def test_a_choice_between_two_forms_is_saved(stage, samples):
    theirs = samples.form(slug="theirs", listing=samples.content(tagline="Their tagline"))
    show(stage, draft(samples, form=theirs, version=9))
    stage.services.answers |= {
        "GetIcon": listing_calls.GetIconResponse(),
        "SaveSubmission": VersionMismatch("VERSION_MISMATCH", "changed", current_version=9),
    }
    page = stage.post(f"{samples.PAGE}/edit", edited(stage, samples, **{"/listing/tagline": "My tagline"}), status=412)
    kept = {name: re.search(rf'name="{name}" value="([0-9a-f]+)"', page)[1] for name in ("typed", "seen", "version")}
    stage.services.answers["SaveSubmission"] = calls.SaveSubmissionResponse(submission=draft(samples))
    again = edited(stage, samples, **{"/listing/tagline": "My tagline", "/slug": "theirs"}) | kept
    stage.post(f"{samples.PAGE}/edit", again | {"choice:/listing/tagline": "theirs", "choice:/slug": "mine"})
    asked = stage.services.last("SaveSubmission")
    assert (asked.version, asked.form.listing.tagline, asked.form.slug) == (9, "Their tagline", "ledgerline")


def test_an_icon_is_uploaded_with_the_form(stage, samples):
    show(stage, draft(samples))
    stage.services.answers |= {
        "GetIcon": listing_calls.GetIconResponse(),
        "UploadIcon": listing_calls.UploadIconResponse(icon=Icon(icon_id=samples.REVISION)),
        "SaveSubmission": calls.SaveSubmissionResponse(submission=draft(samples)),
    }
    data = edited(stage, samples) | {"icon": (io.BytesIO(b"bytes of an image"), "icon.png")}
    stage.post(f"{samples.PAGE}/edit", data)
    assert stage.services.last("UploadIcon").image == b"bytes of an image"
    assert stage.services.last("SaveSubmission").form.listing.icon_id == samples.REVISION


def test_a_bad_icon_is_an_error_of_its_field(stage, samples):
    show(stage, draft(samples))
    stage.services.answers["UploadIcon"] = InvalidInput("ICON_NOT_SQUARE", "The image is not square.")
    data = edited(stage, samples) | {"icon": (io.BytesIO(b"x"), "icon.png")}
    page = stage.post(f"{samples.PAGE}/edit", data, status=422)
    assert '<a href="#field-listing-icon-id">Icon</a>: The image is not square.' in page


def test_a_new_draft_needs_nothing_and_may_be_submitted_at_once(stage, samples):
    stage.services.answers |= {
        "CreateSubmission": calls.CreateSubmissionResponse(submission=draft(samples)),
        "MoveSubmission": calls.MoveSubmissionResponse(),
    }
    assert "New submission" in stage.get(f"{samples.DIRECTORY}/submissions/new")
    location = stage.post(f"{samples.DIRECTORY}/submissions/new", {"action": "submit"})
    assert location == samples.PAGE
    assert stage.services.last("MoveSubmission").move == submissions.MOVE_SUBMIT


def test_access_for_reviewers_is_sent_and_never_shown_back(stage, samples):
    show(stage, draft(samples))
    stage.services.answers |= {
        "GetIcon": listing_calls.GetIconResponse(),
        "SaveSubmission": calls.SaveSubmissionResponse(submission=draft(samples)),
    }
    stage.post(f"{samples.PAGE}/edit", edited(stage, samples, **{"/reviewer_access/credentials": "hunter2"}))
    assert stage.services.last("SaveSubmission").reviewer_access.credentials == "hunter2"
    page = stage.get(f"{samples.PAGE}/edit")
    assert "hunter2" not in page
    assert "Access for reviewers is stored." in page


def test_what_is_missing_is_listed_with_links_to_the_inputs(stage, samples):
    problem = submissions.FieldProblem(field="/listing/tagline", code="REQUIRED", message="Fill this in.")
    show(stage, draft(samples, problems=[problem]))
    assert '<a href="#field-listing-tagline">Tagline</a>: Fill this in.' in stage.get(f"{samples.PAGE}/edit")
    assert f'href="{samples.PAGE}/edit#field-listing-tagline"' in stage.get(samples.PAGE)


def test_a_published_slug_is_not_an_input(stage, samples, text_of):
    published = samples.submission(moves=[submissions.MOVE_SAVE], first_published_at=samples.at(days=3))
    show(stage, published)
    assert "Permanent since publication" in text_of(stage.get(f"{samples.PAGE}/edit"))


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
    assert "The checks are running since" in text_of(stage.get(samples.PAGE))


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
