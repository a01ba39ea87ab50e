"""The combined reads behind a page, used by the pages and the API alike: several services, one deadline.

What a page can do without comes as a Section that may be unavailable. Refusals are never partial: they are raised.
Call these inside `access.managing(organization_id)`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from chassis.errors import Conflict, InvalidInput, NotFound
from directory.listings.v1.listing_pb2 import Listing
from directory.listings.v1.listings_service_pb2 import GetListingRequest
from directory.metrics.v1.metrics_service_pb2 import (
    BatchGetServerSummariesRequest,
    GetServerHistoryRequest,
    GetServerHistoryResponse,
    GetServerMetricsRequest,
    GetServerMetricsResponse,
    ServerSummary,
)
from directory.metrics.v1.server_metrics_pb2 import Health, ServerMetrics
from directory.notifications.v1.activity_service_pb2 import Activity, ListActivityRequest
from directory.submissions.v1.server_probe_pb2 import ServerProbe
from directory.submissions.v1.submission_pb2 import Checks, Submission, SubmissionState
from directory.submissions.v1.submissions_service_pb2 import (
    GetChecksRequest,
    GetServerProbeRequest,
    GetSubmissionRequest,
    ListSubmissionsRequest,
    ListSubmissionsResponse,
    ListThreadRequest,
    ListThreadResponse,
)
from directory.submissions.v1.transfer_pb2 import Transfer, TransferSide, TransferState
from directory.submissions.v1.transfers_service_pb2 import ListTransfersRequest, ListTransfersResponse

from gateway.core import Core
from gateway.fanout import Section

T = TypeVar("T")
Figures = TypeVar("Figures", ServerSummary, ServerMetrics)


@dataclass(frozen=True)
class Dashboard:
    """One page of an organisation's submissions; `summaries` has a line of figures for each by its id, `offers` are
    servers that others offer to the organisation.

    `activity` is what happened last, empty where it was not asked for.
    """

    submissions: ListSubmissionsResponse
    summaries: Section[dict[str, ServerSummary]]
    offers: Section[Sequence[Transfer]]
    activity: Section[Sequence[Activity]]


@dataclass(frozen=True)
class SubmissionDetail:
    """Everything about one submission. `listing` is None inside its section before the first approval, `transfer` where
    it is offered to nobody."""

    submission: Submission
    thread: Section[ListThreadResponse]
    checks: Section[Checks]
    listing: Section[Listing | None]
    metrics: Section[GetServerMetricsResponse | None]
    transfer: Section[Transfer | None]
    probe: Section[ServerProbe]


def dashboard(
    core: Core,
    *,
    states: Sequence[SubmissionState] = (),
    needs_publisher: bool = False,
    search: str = "",
    page_size: int = 0,
    page_token: str = "",
    activities: int = 0,
) -> Dashboard:
    """Two round trips, however many submissions: the list, then all their figures at once, and beside them open offers,
    and the latest `activities` of the organisation where some are asked for."""
    listed = core.backends.submissions.ListSubmissions(
        ListSubmissionsRequest(
            states=states, needs_publisher=needs_publisher, search=search, page_size=page_size, page_token=page_token
        )
    )
    ids = [submission.submission_id for submission in listed.submissions]
    calls: dict[str, Callable[[float], Any]] = {"offers": lambda left: _offers(core, left)}
    if ids:
        request = BatchGetServerSummariesRequest(server_ids=ids)
        calls["summaries"] = lambda left: core.backends.metrics.BatchGetServerSummaries(request, timeout=left)
    if activities:
        latest = ListActivityRequest(page_size=activities)
        calls["activity"] = lambda left: core.backends.activity.ListActivity(latest, timeout=left)
    sections = core.fanout.gather(calls)
    activity: Section[Sequence[Activity]] = Section(value=())
    if activities:
        activity = sections["activity"].map(lambda answer: answer.activities)
    if not ids:
        return Dashboard(listed, Section(value={}), sections["offers"], activity)
    states_by_id = {submission.submission_id: submission.state for submission in listed.submissions}
    summaries: Section[dict[str, ServerSummary]] = sections["summaries"].map(
        lambda answer: {one.server_id: as_it_stands(one, states_by_id[one.server_id]) for one in answer.summaries}
    )
    return Dashboard(listed, summaries, sections["offers"], activity)


def submission_detail(
    core: Core, submission_id: str, *, thread_page_token: str = "", newest_first: bool = False
) -> SubmissionDetail:
    """One round trip: seven calls at the same time; of the thread a page, from its beginning or from its end.

    Raises NotFound for a submission that is not the caller's.
    """
    backends = core.backends
    thread = ListThreadRequest(
        submission_id=submission_id, page_size=200, page_token=thread_page_token, newest_first=newest_first
    )
    sections = core.fanout.gather(
        {
            "submission": lambda left: (
                backends.submissions.GetSubmission(
                    GetSubmissionRequest(submission_id=submission_id), timeout=left
                ).submission
            ),
            "thread": lambda left: backends.submissions.ListThread(thread, timeout=left),
            "checks": lambda left: (
                backends.submissions.GetChecks(GetChecksRequest(submission_id=submission_id), timeout=left).checks
            ),
            "probe": lambda left: (
                backends.submissions.GetServerProbe(
                    GetServerProbeRequest(submission_id=submission_id), timeout=left
                ).probe
            ),
            "listing": lambda left: (
                backends.listings.GetListing(GetListingRequest(listing_id=submission_id), timeout=left).listing
            ),
            "metrics": lambda left: backends.metrics.GetServerMetrics(
                GetServerMetricsRequest(server_id=submission_id), timeout=left
            ),
            "transfer": lambda left: _open_offer(core, submission_id, left),
        }
    )
    submission: Submission = sections["submission"].need()
    _raise_unless_outage(sections["thread"])
    return SubmissionDetail(
        submission=submission,
        thread=sections["thread"],
        checks=sections["checks"],
        listing=_absent_as_none(sections["listing"]),
        metrics=_absent_as_none(sections["metrics"].map(lambda answer: _standing(answer, submission))),
        transfer=sections["transfer"],
        probe=sections["probe"],
    )


def server_metrics(core: Core, submission_id: str) -> GetServerMetricsResponse:
    """Figures of one server. Raises NotFound for a submission that is not the caller's."""
    request = GetServerMetricsRequest(server_id=submission_id)
    answer, submission = _figures(
        core, submission_id, lambda left: core.backends.metrics.GetServerMetrics(request, timeout=left)
    )
    return answer if submission is None else _standing(answer, submission)


def server_history(core: Core, submission_id: str, *, first: str, last: str) -> GetServerHistoryResponse:
    """What was shown of one server from one day to another; empty texts leave the range to metrics.

    Raises NotFound for a submission that is not the caller's, InvalidInput for a range that is none.
    """
    request = GetServerHistoryRequest(server_id=submission_id, **{"from": first, "to": last})
    answer, submission = _figures(
        core, submission_id, lambda left: core.backends.metrics.GetServerHistory(request, timeout=left)
    )
    if submission is None or submission.state == SubmissionState.SUBMISSION_STATE_PUBLISHED:
        return answer
    return GetServerHistoryResponse(server_id=submission_id)


def _offers(core: Core, left: float) -> Sequence[Transfer]:
    return _open_transfers(core, left, side=TransferSide.TRANSFER_SIDE_RECEIVING, page_size=100).transfers


def _open_offer(core: Core, submission_id: str, left: float) -> Transfer | None:
    side = TransferSide.TRANSFER_SIDE_GIVING
    found = _open_transfers(core, left, side=side, submission_id=submission_id)
    return found.transfers[0] if found.transfers else None


def _open_transfers(core: Core, left: float, **asked: Any) -> ListTransfersResponse:
    request = ListTransfersRequest(states=[TransferState.TRANSFER_STATE_OFFERED], **asked)
    return core.backends.transfers.ListTransfers(request, timeout=left)


def _figures(core: Core, submission_id: str, ask: Callable[[float], T]) -> tuple[T, Submission | None]:
    """What metrics says, and the submission.

    metrics knows owners of published servers only and calls every other id NOT_LIVE; whether the id exists for the
    caller is for submissions to say. Without submissions the figures alone are the answer.
    """
    sections = core.fanout.gather(
        {
            "submission": lambda left: core.backends.submissions.GetSubmission(
                GetSubmissionRequest(submission_id=submission_id), timeout=left
            ),
            "metrics": ask,
        }
    )
    _raise_unless_outage(sections["submission"])
    answer: T = sections["metrics"].need()
    found = sections["submission"].value
    return answer, found.submission if found else None


def as_it_stands(figures: Figures, state: SubmissionState) -> Figures:
    """What metrics says, where the submission stands now: metrics hears of a move a moment later.

    Off the directory a server is Not live and has no figures; just published it is Collecting.
    """
    if state != SubmissionState.SUBMISSION_STATE_PUBLISHED:
        return type(figures)(server_id=figures.server_id, health=Health.HEALTH_NOT_LIVE)
    if figures.health in (Health.HEALTH_UNSPECIFIED, Health.HEALTH_NOT_LIVE):
        figures.health = Health.HEALTH_COLLECTING
    return figures


def _standing(answer: GetServerMetricsResponse, submission: Submission) -> GetServerMetricsResponse:
    return GetServerMetricsResponse(metrics=as_it_stands(answer.metrics, submission.state), products=answer.products)


def _absent_as_none(section: Section[T]) -> Section[T | None]:
    if isinstance(section.error, NotFound):
        return Section(value=None)
    _raise_unless_outage(section)
    return Section(value=section.value, error=section.error)


def _raise_unless_outage(section: Section[Any]) -> None:
    # A request of ours that is wrong must not look like an outage.
    if isinstance(section.error, NotFound | InvalidInput | Conflict):
        raise section.error
