"""The dashboard: an organisation's submissions with a line of figures each. Figures may be missing for a while."""

from __future__ import annotations

from typing import Any

from directory.metrics.v1.metrics_service_pb2 import ServerSummary
from directory.submissions.v1.server_probe_pb2 import EndpointSummary
from directory.submissions.v1.submission_pb2 import Submission, SubmissionState
from directory.submissions.v1.submissions_service_pb2 import StateCount
from directory.submissions.v1.transfer_pb2 import Transfer
from pydantic import BaseModel, Field

from gateway import views
from gateway.api import blueprints
from gateway.api.answers import Answer
from gateway.api.paging import PageQuery, next_cursor
from gateway.api.paths import OrganizationPath
from gateway.api.schemas import answer, choices
from gateway.core import core
from gateway.fanout import Section
from gateway.shapes import enum_from_json, to_json

blueprint = blueprints.of_managers("dashboard", __name__)

NOT_IN_LISTS = ("form", "problems", "findings")
State = choices(SubmissionState.DESCRIPTOR)
LISTED = answer(Submission.DESCRIPTOR, name="ListedSubmission", omit=NOT_IN_LISTS)


class SubmissionsQuery(PageQuery):
    """Which submissions."""

    state: list[State] = Field(default_factory=list, description="Only these states; may be repeated.")  # type: ignore[valid-type]
    q: str = Field(default="", max_length=200, description="Part of name, tagline, slug or server URL.")
    needs_publisher: bool = Field(
        default=False,
        description="Only those that wait for you: by their state, or for an edit or tools that came back.",
    )


class SectionStatus(BaseModel):
    """Whether a part of the answer is there: `ok`, or `unavailable` with a reason."""

    status: str
    reason: str


class SummariesSection(SectionStatus):
    """Figures by submission id."""

    by_submission_id: dict[str, answer(ServerSummary.DESCRIPTOR)]  # type: ignore[valid-type]


class OffersSection(SectionStatus):
    """Servers that other organisations offer to this one."""

    transfers: list[answer(Transfer.DESCRIPTOR)]  # type: ignore[valid-type]


class Dashboard(BaseModel):
    """A page of the dashboard."""

    submissions: list[LISTED]  # type: ignore[valid-type]
    counts: list[answer(StateCount.DESCRIPTOR)]  # type: ignore[valid-type]
    needs_publisher_count: int
    endpoints: list[answer(EndpointSummary.DESCRIPTOR)]  # type: ignore[valid-type]
    next_cursor: str | None
    metrics: SummariesSection
    offers: OffersSection


@blueprint.get("/dashboard", responses={200: Dashboard})
def get_dashboard(path: OrganizationPath, query: SubmissionsQuery) -> Answer:
    """Submissions, most recently changed first, with their figures."""
    found = views.dashboard(
        core(),
        states=states(query.state),
        needs_publisher=query.needs_publisher,
        search=query.q,
        page_size=query.limit,
        page_token=query.cursor,
    )
    return {
        "submissions": [to_json(one, omit=NOT_IN_LISTS) for one in found.submissions.submissions],
        "counts": [to_json(count) for count in found.submissions.counts],
        "needs_publisher_count": found.submissions.needs_publisher_count,
        "endpoints": [to_json(one) for one in found.submissions.endpoints],
        "next_cursor": next_cursor(found.submissions.next_page_token),
        "metrics": {
            **status(found.summaries),
            "by_submission_id": {
                server_id: to_json(summary) for server_id, summary in (found.summaries.value or {}).items()
            },
        },
        "offers": {**status(found.offers), "transfers": [to_json(one) for one in found.offers.value or ()]},
    }


def states(names: list[str]) -> list[SubmissionState]:
    """States by their names in the API."""
    return [enum_from_json(SubmissionState.DESCRIPTOR, name) for name in names]


def status(section: Section[Any]) -> dict[str, str]:
    """A section's status and reason."""
    return {"status": section.status, "reason": section.reason}
