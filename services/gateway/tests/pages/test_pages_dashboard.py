"""The dashboard's list, and who may not see it."""

from types import SimpleNamespace
from typing import Any

import pytest
from chassis.errors import NotFound, Unavailable
from directory.authz.v1 import administration_service_pb2 as administration
from directory.authz.v1 import organization_pb2 as authz
from directory.metrics.v1 import metrics_service_pb2 as metrics_calls
from directory.metrics.v1 import server_metrics_pb2 as metrics
from directory.submissions.v1 import submission_pb2 as submissions
from directory.submissions.v1 import submissions_service_pb2 as calls


@pytest.fixture
def listed(stage: Any, samples: SimpleNamespace) -> Any:
    stage.services.answers["ListSubmissions"] = calls.ListSubmissionsResponse(
        submissions=[samples.submission(form=None)],
        counts=[
            calls.StateCount(state=submissions.SUBMISSION_STATE_PUBLISHED, count=1),
            calls.StateCount(state=submissions.SUBMISSION_STATE_DRAFT, count=2),
        ],
        needs_publisher_count=2,
        next_page_token="after this",
    )
    stage.services.answers["BatchGetServerSummaries"] = metrics_calls.BatchGetServerSummariesResponse(
        summaries=[
            metrics_calls.ServerSummary(
                server_id=samples.SUBMISSION,
                health=metrics.HEALTH_DEGRADED,
                rank=3,
                trending=True,
                active_users=1200,
                calls=54321,
                error_rate=0.0725,
                as_of="2026-11-21",
            )
        ]
    )
    return stage


def test_a_line_has_status_health_and_figures(listed, samples, text_of):
    text = text_of(listed.get(samples.DIRECTORY))
    for shown in ("Ledgerline", "Published", "Degraded", "#3", "Trending", "1,200", "54,321", "7.25%", "2 days ago"):
        assert shown in text
    assert "Figures run through 21 Nov 2026" in text
    assert "All 3" in text
    assert "Needs you 2" in text


def test_what_came_back_is_badged_and_among_what_needs_the_publisher(listed, samples, text_of):
    before = text_of(listed.get(samples.DIRECTORY))
    for told in ("Edit came back", "Tool changes requested"):
        assert told not in before
    answer = listed.services.answers["ListSubmissions"]
    answer.submissions[0].edit_returned = answer.submissions[0].tool_changes_requested = True
    answer.needs_publisher_count = 3
    text = text_of(listed.get(f"{samples.DIRECTORY}?state=needs_you"))
    for told in ("Edit came back", "Tool changes requested", "Needs you 3"):
        assert told in text
    asked = listed.services.last("ListSubmissions")
    assert (asked.needs_publisher, list(asked.states)) == (True, [])
    listed.get(samples.DIRECTORY)
    assert not listed.services.last("ListSubmissions").needs_publisher


def test_figures_that_are_behind_say_so(listed, samples, text_of):
    [summary] = listed.services.answers["BatchGetServerSummaries"].summaries
    assert "behind" not in text_of(listed.get(samples.DIRECTORY))
    summary.days_behind = 1
    listed.services.answers["BatchGetServerSummaries"] = metrics_calls.BatchGetServerSummariesResponse(
        summaries=[summary]
    )
    assert "Figures run through 21 Nov 2026 (UTC) and are 1 day behind" in text_of(listed.get(samples.DIRECTORY))


def test_figures_that_lack_something_say_so(listed, samples, text_of):
    said = "Some usage of the last day is still being counted."
    assert said not in text_of(listed.get(samples.DIRECTORY))
    [summary] = listed.services.answers["BatchGetServerSummaries"].summaries
    summary.incomplete = True
    listed.services.answers["BatchGetServerSummaries"] = metrics_calls.BatchGetServerSummariesResponse(
        summaries=[summary]
    )
    assert said in text_of(listed.get(samples.DIRECTORY))


def test_it_stands_under_admin_settings(listed, samples, text_of):
    assert "Admin settings Directory" in text_of(listed.get(samples.DIRECTORY))


def test_suppressed_figures_are_dashes_and_never_zeros(listed, samples, text_of):
    listed.services.answers["BatchGetServerSummaries"] = metrics_calls.BatchGetServerSummariesResponse(
        summaries=[metrics_calls.ServerSummary(server_id=samples.SUBMISSION, health=metrics.HEALTH_COLLECTING)]
    )
    text = text_of(listed.get(samples.DIRECTORY))
    assert "Collecting… – – – –" in text


def test_without_metrics_the_list_stays_and_says_so(listed, samples, text_of):
    listed.services.answers["BatchGetServerSummaries"] = Unavailable("UNAVAILABLE", "down")
    text = text_of(listed.get(samples.DIRECTORY))
    assert "Figures are not available at present" in text
    assert "Ledgerline" in text


def test_filters_search_and_paging_go_to_the_service(listed, samples):
    page = listed.get(f"{samples.DIRECTORY}?state=draft&search=in%22voice&page=abc")
    asked = listed.services.last("ListSubmissions")
    assert list(asked.states) == [submissions.SUBMISSION_STATE_DRAFT]
    assert (asked.search, asked.page_token) == ('in"voice', "abc")
    assert "state=draft&amp;search=in%22voice&amp;page=after+this" in page


def test_the_first_visit_says_what_to_do(stage, samples, text_of):
    stage.services.answers["ListSubmissions"] = calls.ListSubmissionsResponse()
    text = text_of(stage.get(samples.DIRECTORY))
    assert "Bring your server into the directory" in text
    assert "New submission" in text


def test_a_member_without_access_is_told_why_and_who_can_help(stage, samples, text_of):
    stage.people.membership.role = authz.ROLE_MEMBER
    stage.people.membership.directory_management = False
    stage.people.membership.denied_reason = "DIRECTORY_MANAGEMENT_REQUIRED"
    owner = authz.Member(person=authz.Person(name="Ann Abara", email="ann@x.example"), role=authz.ROLE_PRIMARY_OWNER)
    stage.services.answers["GetOrganization"] = administration.GetOrganizationResponse(members=[owner])
    text = text_of(stage.get(samples.DIRECTORY, status=403))
    assert "You need directory management" in text
    assert "Your role in Ledgerline GmbH is Member" in text
    assert "Directory management or Libraries permission" in text
    assert "Ann Abara · Primary owner" in text


def test_a_plan_without_dashboard_is_named(stage, samples, text_of):
    stage.people.membership.organization.plan = authz.PLAN_PRO
    stage.people.membership.directory_management = False
    stage.people.membership.denied_reason = "PLAN_WITHOUT_DASHBOARD"
    text = text_of(stage.get(samples.DIRECTORY, status=403))
    assert "part of the Team and Enterprise plans" in text
    assert "is on the Pro plan" in text


def test_who_is_without_dashboard_by_plan_is_sent_to_who_can_change_it(stage, samples, text_of):
    stage.people.membership.role = authz.ROLE_PRIMARY_OWNER
    stage.people.membership.organization.plan = authz.PLAN_PRO
    stage.people.membership.directory_management = False
    stage.people.membership.denied_reason = "PLAN_WITHOUT_DASHBOARD"
    myself = authz.Member(person=stage.people.person, role=authz.ROLE_PRIMARY_OWNER)
    stage.services.answers["GetOrganization"] = administration.GetOrganizationResponse(members=[myself])
    page = stage.get(samples.DIRECTORY, status=403)
    assert "Ask the directory to change the plan of Ledgerline GmbH: directory@example.org ." in text_of(page)
    assert "Who can help" not in page
    assert "mailto:olu" not in page


def test_a_visitor_is_sent_to_sign_in_and_comes_back(stage, samples):
    stage.people.signed_in = False
    answer = stage.browser.get(f"{samples.DIRECTORY}?state=draft")
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in?next=")
    assert "state%3Ddraft" in answer.location


def test_what_was_typed_into_a_page_whose_session_ended_is_on_the_page_that_says_so(stage, samples, text_of):
    stage.people.signed_in = False
    form = f"{samples.PAGE}/edit/use"
    data = {
        "/use_cases": "Find my <keys>",
        "/transport": "TRANSPORT_SSE",
        "/reviewer_access/credentials": "pass",
        "comment": " ",
        "seen": "0a",
    }
    answer = stage.browser.post(form, data=data, headers={"Referer": f"http://localhost{form}"})
    text = text_of(answer.text)
    assert answer.status_code == 401
    assert "no longer signed in, so nothing was saved" in text
    assert "Find my <keys>" in text
    assert "<keys>" not in answer.text
    assert answer.text.count("<textarea") == 1
    assert f"/sign-in?next={form}" in answer.text
    for elsewhere in ({}, {"Referer": "https://evil.example/"}):
        assert "Find my" not in stage.browser.post(form, data=data, headers=elsewhere).text


def test_what_was_typed_is_kept_where_the_form_is_of_an_older_session(stage, samples, text_of):
    answer = stage.browser.post(
        f"{samples.PAGE}/messages", data={"body": "Long words"}, headers={"Referer": f"http://localhost{samples.PAGE}"}
    )
    assert answer.status_code == 403
    assert "Long words" in text_of(answer.text)


def test_what_is_not_there_is_a_page(stage, samples, text_of):
    stage.services.answers["GetSubmission"] = NotFound("SUBMISSION_NOT_FOUND", "no")
    assert "This page does not exist" in text_of(stage.get(samples.PAGE, status=404))


def test_an_outage_is_a_page_with_its_request_id(stage, samples, text_of):
    stage.services.answers["ListSubmissions"] = Unavailable("UNAVAILABLE", "secret detail")
    text = text_of(stage.get(samples.DIRECTORY, status=503))
    assert "Request id" in text
    assert "secret detail" not in text
