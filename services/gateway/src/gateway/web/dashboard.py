"""The list of an organisation's submissions."""

from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from directory.metrics.v1.metrics_service_pb2 import ServerSummary
from directory.submissions.v1.submission_pb2 import Submission, SubmissionState
from directory.submissions.v1.submissions_service_pb2 import ListSubmissionsResponse
from flask import Blueprint, request, url_for

from gateway import guards, views
from gateway.core import core
from gateway.web import figures, scope, tool_drift, words
from gateway.web.rendering import page, settings_crumbs

PAGE_SIZE: Final = 50
NEEDS_YOU: Final = "needs_you"
LATEST_ACTIVITIES: Final = 5

blueprint = Blueprint("dashboard", __name__, url_prefix="/organizations/<uuid:organization_id>/directory")
blueprint.before_request(guards.signed_in)
blueprint.before_request(scope.managing)


@dataclass(frozen=True, slots=True)
class Row:
    """A submission with its figures as words; `health` is None where figures are not available, `endpoint` where the
    server was not looked at."""

    submission: Submission
    health: words.Word | None
    endpoint: words.Word | None = None
    rank: str = figures.NOTHING
    trending: bool = False
    active_users: str = figures.NOTHING
    calls: str = figures.NOTHING
    error_rate: str = figures.NOTHING


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter with how many submissions it shows."""

    label: str
    count: int
    address: str
    chosen: bool


@blueprint.get("")
def submissions(organization_id: UUID) -> str:
    """The dashboard."""
    chosen, search, token = (request.args.get(name, "") for name in ("state", "search", "page"))
    found = views.dashboard(
        core(),
        states=_states(chosen),
        needs_publisher=chosen == NEEDS_YOU,
        search=search[:200],
        page_size=PAGE_SIZE,
        page_token=token,
        activities=LATEST_ACTIVITIES,
    )
    summaries = found.summaries.value or {}
    endpoints = {one.submission_id: tool_drift.ENDPOINT_HEALTHS.get(one.health) for one in found.submissions.endpoints}
    rows = [
        replace(
            _row(one, summaries.get(one.submission_id), available=found.summaries.error is None),
            endpoint=endpoints.get(one.submission_id),
        )
        for one in found.submissions.submissions
    ]

    def address(**changed: str) -> str:
        kept = {"state": chosen, "search": search} | changed
        query: dict[str, Any] = {name: value for name, value in kept.items() if value}
        return url_for("dashboard.submissions", organization_id=organization_id, **query)

    following = found.submissions.next_page_token
    return page(
        "dashboard/submissions.html",
        section="directory",
        crumbs=settings_crumbs(organization_id),
        rows=rows,
        figures_missing=found.summaries.error is not None,
        offers=found.offers.value or (),
        offers_missing=found.offers.error is not None,
        as_of=max((summary.as_of for summary in summaries.values()), default=""),
        days_behind=max((summary.days_behind for summary in summaries.values()), default=0),
        incomplete=any(summary.incomplete for summary in summaries.values()),
        total=sum(count.count for count in found.submissions.counts),
        chips=[
            Chip(label, count, address(state=state), state == chosen)
            for label, count, state in _filters(found.submissions)
        ],
        chosen_state=chosen,
        search=search,
        next_page=address(page=following) if following else "",
        first_page=address(),
        paged=bool(token),
        activities=found.activity.value,
    )


def _row(submission: Submission, summary: ServerSummary | None, *, available: bool) -> Row:
    if not available:
        return Row(submission, None)
    if summary is None:
        summary = views.as_it_stands(ServerSummary(), submission.state)

    def shown(field: str) -> int | float | None:
        value: int | float = getattr(summary, field)
        return value if summary.HasField(field) else None

    rank = shown("rank")
    return Row(
        submission,
        words.health(summary.health),
        rank=figures.NOTHING if rank is None else f"#{rank:,}",
        trending=summary.trending,
        active_users=figures.count(shown("active_users")),
        calls=figures.count(shown("calls")),
        error_rate=figures.rate(shown("error_rate")),
    )


def _filters(listed: ListSubmissionsResponse) -> list[tuple[str, int, str]]:
    by_state: dict[int, int] = {count.state: count.count for count in listed.counts if count.count}
    filters = [("All", sum(by_state.values()), "")]
    if listed.needs_publisher_count:
        filters.append(("Needs you", listed.needs_publisher_count, NEEDS_YOU))
    filters += [(word.label, by_state[state], _key(state)) for state, word in words.STATES.items() if state in by_state]
    return filters


def _states(chosen: str) -> Any:
    return [state for state in words.STATES if _key(state) == chosen]


def _key(state: int) -> str:
    return SubmissionState.DESCRIPTOR.values_by_number[state].name.removeprefix("SUBMISSION_STATE_").lower()
