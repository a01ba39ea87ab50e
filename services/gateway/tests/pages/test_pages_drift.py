"""Endpoints of published servers and tools that are not as they were approved, for publishers and reviewers."""

from typing import Any

import pytest
from chassis.errors import Conflict, LimitExceeded, PermissionDenied, Unavailable
from directory.authz.v1 import organization_pb2 as authz
from directory.submissions.v1 import review_service_pb2 as reviews
from directory.submissions.v1 import server_probe_pb2 as probes
from directory.submissions.v1 import submission_pb2 as submissions
from directory.submissions.v1 import submissions_service_pb2 as submission_calls
from directory.submissions.v1 import tool_change_pb2 as tools
from gateway.web import tool_drift

HOSTILE = "<script>alert(1)</script>"


def drift(samples: Any, **changed: Any) -> probes.ToolDrift:
    values: dict[str, Any] = {
        "review_item_id": samples.ITEM,
        "opened_at": samples.at(hours=30),
        "changed_at": samples.at(hours=6),
        "changes": [
            tools.ToolChange(
                name=HOSTILE,
                kind=tools.TOOL_CHANGE_KIND_CHANGED,
                loosens_hints=True,
                fields=[
                    tools.ToolFieldChange(field="/annotations/destructiveHint", before="true", after="false"),
                    tools.ToolFieldChange(field="/input_schema/properties/a~1b/icon_id", before="", after=HOSTILE),
                ],
            ),
            tools.ToolChange(
                name="find",
                kind=tools.TOOL_CHANGE_KIND_CHANGED,
                fields=[tools.ToolFieldChange(field="/description", before="Finds.", after="Looks.", words_only=True)],
            ),
            tools.ToolChange(name="gone_tool", kind=tools.TOOL_CHANGE_KIND_REMOVED),
        ],
        "findings": [samples.finding(code="TOOL_TEXT_STEERS_MODEL", field="", message="It pushes itself.")],
        "lead_reviewer": True,
        "steps": [
            probes.ToolDriftStep(at=samples.at(hours=30), summary="New: `other`."),
            probes.ToolDriftStep(at=samples.at(hours=6), summary="Gone: `gone_tool`."),
        ],
    }
    return probes.ToolDrift(**(values | changed))


def show(stage: Any, samples: Any, state: int = submissions.SUBMISSION_STATE_PUBLISHED, **probe: Any) -> None:
    values: dict[str, Any] = {
        "health": probes.ENDPOINT_HEALTH_ALIVE,
        "since": samples.at(days=12),
        "looked_at": samples.at(hours=7),
        "tools_count": 3,
        "tools_seen_at": samples.at(hours=7),
        "next_at": samples.at(hours=-17),
    }
    answers = stage.services.answers
    answers["GetSubmission"] = submission_calls.GetSubmissionResponse(submission=samples.submission(state))
    answers["GetServerProbe"] = submission_calls.GetServerProbeResponse(probe=probes.ServerProbe(**(values | probe)))


def test_every_health_and_kind_of_change_has_its_word():
    assert set(tool_drift.ENDPOINT_HEALTHS) == set(probes.EndpointHealth.values())
    for kind in set(tools.ToolChangeKind.values()) - {0}:
        (change,) = tool_drift.shown(probes.ToolDrift(changes=[tools.ToolChange(kind=kind, fields_left_out=1)])).changes
        assert change.word.label in ("New", "Gone", "Changed")


def test_the_endpoint_stands_beside_the_traffics_health(stage, samples, text_of):
    show(stage, samples)
    page = text_of(stage.get(samples.PAGE))
    for shown in ("Healthy", "Endpoint", "Answers", "3 tools", "Run the check now", "not how people’s calls went"):
        assert shown in page
    assert page.index("Healthy") < page.index("Run the check now") < page.index("Active users")
    assert "not as they were approved" not in page


@pytest.mark.parametrize(
    ("health", "label", "said"),
    [
        (probes.ENDPOINT_HEALTH_GATED, "Asks for authentication", "Nobody compares tools"),
        (probes.ENDPOINT_HEALTH_NOT_MCP, "Not MCP", "clients cannot use it"),
        (probes.ENDPOINT_HEALTH_UNREACHABLE, "Not reached", "Check its DNS entry"),
        (probes.ENDPOINT_HEALTH_UNSPECIFIED, "Not looked at yet", "Nobody has looked"),
    ],
)
def test_every_health_of_an_endpoint_is_told(stage, samples, text_of, health, label, said):
    show(stage, samples, health=health, remark="Check its DNS entry.")
    page = text_of(stage.get(samples.PAGE))
    assert label in page
    assert said in page


def test_the_endpoint_is_shown_while_figures_are_away_and_the_page_while_the_looks_are(stage, samples, text_of):
    show(stage, samples)
    stage.services.answers["GetServerMetrics"] = Unavailable("SERVICE_UNAVAILABLE", "away")
    assert "Run the check now" in text_of(stage.get(samples.PAGE))
    show(stage, samples)
    stage.services.answers["GetServerProbe"] = Unavailable("SERVICE_UNAVAILABLE", "away")
    page = text_of(stage.get(samples.PAGE))
    assert "What the looks at the server found is not available" in page
    assert "Run the check now" not in page


def test_a_suspended_server_can_be_looked_at_and_a_draft_cannot(stage, samples, text_of):
    show(stage, samples, submissions.SUBMISSION_STATE_SUSPENDED)
    assert "Run the check now" in text_of(stage.get(samples.PAGE))
    show(stage, samples, submissions.SUBMISSION_STATE_DRAFT)
    assert 'id="endpoint"' not in stage.get(samples.PAGE)


def test_the_publisher_sees_what_differs_tool_by_tool_and_field_by_field(stage, samples, text_of):
    show(stage, samples, drift=drift(samples))
    raw = stage.get(samples.PAGE)
    assert HOSTILE not in raw
    page = text_of(raw)
    for shown in (
        "Tools that are not as they were approved",
        "3 tools differ",
        "A lead reviewer decides",
        "Its hints promise less danger",
        "Annotations: destructiveHint",
        "What it takes: properties/a/b/icon_id",
        "Other words",
        "Gone",
        "It pushes itself.",
        "How it changed while it waited",
    ):
        assert shown in page


def test_what_is_too_much_to_show_is_counted(stage, samples, text_of):
    much = "a b " * 1_000
    fields = [tools.ToolFieldChange(field="/description", before=much, after=much[::-1]) for _ in range(50)]
    change = tools.ToolChange(name="find", kind=tools.TOOL_CHANGE_KIND_CHANGED, fields=fields, fields_left_out=7)
    show(stage, samples, drift=drift(samples, changes=[change], changes_left_out=3))
    page = text_of(stage.get(samples.PAGE))
    assert "7 more fields differ; too many to show." in page
    assert "3 more tools differ; too many to show." in page
    assert "4 tools differ" in page


def test_the_publisher_sees_what_the_reviewer_asks_for(stage, samples, text_of):
    asked = drift(
        samples,
        changes_requested_at=samples.at(hours=1),
        request="Bring **it** back.",
        steps=[],
        reason_code="TOOL_DESIGN",
    )
    show(stage, samples, drift=asked)
    raw = stage.get(samples.PAGE)
    assert "<strong>it</strong>" in raw
    assert "Changes requested" in text_of(raw)
    assert "Reason: What a tool does at once. Split tools that both read and change things" in text_of(raw)
    assert "How it changed" not in raw


def test_a_look_is_asked_for(stage, samples):
    show(stage, samples)
    stage.services.answers["RunServerProbe"] = submission_calls.RunServerProbeResponse()
    assert stage.post(f"{samples.PAGE}/probe").endswith("#endpoint")
    assert stage.services.last("RunServerProbe").submission_id == samples.SUBMISSION
    for refusal, status in (
        (LimitExceeded("CHECKS_TOO_OFTEN", "Wait.", retry_after_seconds=9), 429),
        (Conflict("CHECKS_NOT_POSSIBLE", "Not now.", state="draft"), 409),
    ):
        stage.services.answers["RunServerProbe"] = refusal
        assert "This could not be done" in stage.post(f"{samples.PAGE}/probe", status=status)


def test_the_list_shows_the_endpoint_beside_the_health(stage, samples, text_of):
    listed = submission_calls.ListSubmissionsResponse(
        submissions=[samples.submission()],
        endpoints=[probes.EndpointSummary(submission_id=samples.SUBMISSION, health=probes.ENDPOINT_HEALTH_UNREACHABLE)],
    )
    stage.services.answers["ListSubmissions"] = listed
    stage.services.answers["BatchGetServerSummaries"] = Unavailable("SERVICE_UNAVAILABLE", "away")
    page = text_of(stage.get(samples.DIRECTORY))
    assert "Endpoint: Not reached" in page
    listed.ClearField("endpoints")
    assert "Endpoint:" not in text_of(stage.get(samples.DIRECTORY))


@pytest.fixture
def desk(stage: Any) -> Any:
    stage.people.person.staff_role = authz.STAFF_ROLE_REVIEWER
    return stage


def show_item(desk: Any, samples: Any, *, item: Any = None, **changed: Any) -> None:
    values: dict[str, Any] = {
        "item": item or samples.review_item(kind=reviews.REVIEW_ITEM_KIND_DRIFT),
        "submission": samples.submission(),
        "can_decide": True,
        "decisions": [reviews.DECISION_APPROVE, reviews.DECISION_REQUEST_CHANGES],
        "drift": drift(samples),
    }
    desk.services.answers["GetReviewItem"] = reviews.GetReviewItemResponse(**(values | changed))


def held(samples: Any) -> Any:
    return samples.review_item(
        kind=reviews.REVIEW_ITEM_KIND_DRIFT,
        claimed_by=samples.PERSON,
        claimed_by_name="Olu",
        claim_expires_at=samples.at(hours=-1),
    )


def test_a_reviewer_sees_what_differs_and_accepts_or_asks_for_changes(desk, samples, text_of):
    show_item(desk, samples, item=held(samples))
    raw = desk.get(f"/review/{samples.ITEM}")
    assert HOSTILE not in raw
    page = text_of(raw)
    for shown in ("Tool drift", "Annotations: destructiveHint", "Accept the tools", "Request changes"):
        assert shown in page
    assert "Do not approve" not in page
    assert 'name="reason"' not in raw
    assert 'name="change_reason"' in raw


def test_who_is_no_lead_reviewer_is_told_that_one_decides(desk, samples, text_of):
    show_item(desk, samples, can_decide=False, cannot_decide_reason="LEAD_REVIEWER_REQUIRED")
    page = text_of(desk.get(f"/review/{samples.ITEM}"))
    assert "are for lead reviewers" in page
    assert "Claim the item" not in page
    desk.services.answers["ClaimReviewItem"] = PermissionDenied("LEAD_REVIEWER_REQUIRED", "A lead reviewer decides.")
    assert "only a lead reviewer may do this" in desk.post(f"/review/{samples.ITEM}/claim", status=403)


def test_what_is_over_says_so(desk, samples, text_of):
    over = samples.review_item(kind=reviews.REVIEW_ITEM_KIND_DRIFT, state=reviews.REVIEW_ITEM_STATE_VOIDED)
    show_item(desk, samples, item=over, can_decide=False, cannot_decide_reason="ALREADY_DECIDED")
    assert "offers the approved tools again" in text_of(desk.get(f"/review/{samples.ITEM}"))


def test_a_decision_on_tools_reads_as_one_in_the_thread(stage, samples, text_of):
    entry = submissions.ThreadEntry(
        position=1,
        kind=submissions.THREAD_ENTRY_KIND_DECISION,
        author_role=submissions.ACTOR_ROLE_REVIEWER,
        author_name="Directory review",
        at=samples.at(hours=1),
        body="The tools as they are now are accepted.",
    )
    stage.services.answers["ListThread"] = submission_calls.ListThreadResponse(entries=[entry])
    assert "Directory review decided on the tools" in text_of(stage.get(samples.PAGE))


def test_words_that_were_taken_over_are_shown_as_they_were_and_are(stage, samples, text_of):
    field = tools.ToolFieldChange(field="/description", before="Finds parcels.", after=HOSTILE, words_only=True)
    entry = submissions.ThreadEntry(
        entry_id=samples.ITEM,
        position=1,
        kind=submissions.THREAD_ENTRY_KIND_MESSAGE,
        author_role=submissions.ACTOR_ROLE_SYSTEM,
        at=samples.at(hours=1),
        body="Titles or descriptions of tools changed, and need no review. Other words: `find`.",
        tool_changes=[tools.ToolChange(name="find", kind=tools.TOOL_CHANGE_KIND_CHANGED, fields=[field])],
        tool_changes_left_out=3,
    )
    stage.services.answers["ListThread"] = submission_calls.ListThreadResponse(entries=[entry])
    raw = stage.get(samples.PAGE)
    assert HOSTILE not in raw
    page = text_of(raw)
    for shown in ("find Other words", "Description", "Finds parcels.", HOSTILE, "3 more tools differ"):
        assert shown in page


def test_only_so_much_of_a_thread_is_compared_word_by_word(samples):
    long = f"{'a' * 90} " * 90
    field = tools.ToolFieldChange(field="/description", before=long, after=f"{long}c", words_only=True)
    change = tools.ToolChange(fields=[field])
    entries = [
        submissions.ThreadEntry(entry_id=f"{place}", position=place, tool_changes=[change]) for place in range(1, 5)
    ]
    found = tool_drift.in_thread(entries)
    assert [found[f"{place}"][0].fields[0].before[0][0] for place in range(1, 5)] == ["del", "del", "same", "same"]


def test_a_page_that_waits_for_a_look_loads_itself_again(stage, samples, text_of):
    show(stage, samples, running=True)
    page = stage.get(samples.PAGE)
    watched = f"/api/v1/organizations/{samples.ORGANIZATION}/submissions/{samples.SUBMISSION}/probe"
    assert f'data-watch="{watched}"' in page
    assert '<noscript><meta http-equiv="refresh" content="10"></noscript>' in page
    assert "What it finds appears here by itself." in text_of(page)
    show(stage, samples)
    assert "data-watch" not in stage.get(samples.PAGE)
