"""The history of a server's figures over HTTP, with metrics and submissions at hand-made answers."""

from collections.abc import Callable
from typing import Any

import pytest
from chassis.errors import InvalidInput, NotFound, Violation
from directory.metrics.v1.metrics_service_pb2 import GetServerHistoryResponse
from directory.metrics.v1.server_metrics_pb2 import HEALTH_DEGRADED
from directory.submissions.v1.submission_pb2 import Submission, SubmissionState
from directory.submissions.v1.submissions_service_pb2 import GetSubmissionResponse

ID = "018f0000-0000-7000-8000-000000000003"
PATH = f"/api/v1/organizations/018f0000-0000-7000-8000-000000000001/submissions/{ID}/metrics"


class Services:
    """submissions and metrics."""

    def __init__(self) -> None:
        self.submission: Any = GetSubmissionResponse(
            submission=Submission(submission_id=ID, state=SubmissionState.SUBMISSION_STATE_PUBLISHED)
        )
        self.history: Any = GetServerHistoryResponse(server_id=ID, as_of="2026-11-21", days_behind=1)
        self.history.shown.add(as_of="2026-11-21", health=HEALTH_DEGRADED, rank=3, calls=90)
        self.history.daily.add(day="2026-11-20")
        self.history.daily.add(day="2026-11-21", calls=8, rank=3)
        self.asked: list[tuple[str, str]] = []

    def GetSubmission(self, _request: Any, timeout: float) -> Any:
        return self._or_raise(self.submission)

    def GetServerHistory(self, request: Any, timeout: float) -> Any:
        self.asked.append((getattr(request, "from"), request.to))
        return self._or_raise(self.history)

    def _or_raise(self, answer: Any) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def services() -> Services:
    return Services()


@pytest.fixture
def client(managing_client: Callable[..., Any], services: Services) -> Any:
    return managing_client(submissions=services, metrics=services)


def test_what_was_shown_and_the_lines(client: Any, services: Services) -> None:
    body = client.get(f"{PATH}/history?from=2026-11-20&to=2026-11-21").json
    assert services.asked == [("2026-11-20", "2026-11-21")]
    assert (body["as_of"], body["days_behind"]) == ("2026-11-21", 1)
    [shown] = body["shown"]
    assert (shown["health"], shown["rank"], shown["calls"], shown["error_rate"]) == ("degraded", 3, 90, None)
    assert [(day["day"], day["calls"]) for day in body["daily"]] == [("2026-11-20", None), ("2026-11-21", 8)]


def test_without_a_range_metrics_chooses(client: Any, services: Services) -> None:
    assert client.get(f"{PATH}/history").status_code == 200
    assert services.asked == [("", "")]


def test_it_comes_as_a_file(client: Any) -> None:
    answer = client.get(f"{PATH}/history.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="history-2026-11-21.csv"'
    head, row = answer.text.splitlines()
    assert head.startswith("day,health,health_policy,rank")
    assert row.startswith("2026-11-21,degraded,,3")


@pytest.mark.parametrize(
    "query",
    [
        "from=yesterday",
        "to=2026-13-01",
        "from=2026-11-20T10:00",
        "since=2026-11-20",
        "from=1763596800",
        "from=2026-11-20T00:00:00",
        "to=20261120",
    ],
)
def test_what_is_no_day_is_refused(client: Any, services: Services, query: str) -> None:
    answer = client.get(f"{PATH}/history?{query}")
    assert (answer.status_code, answer.json["code"]) == (422, "REQUEST_INVALID")
    assert answer.json["errors"][0]["pointer"] == f"/{query.partition('=')[0]}"
    assert not services.asked


def test_a_range_that_is_too_long_is_refused_by_metrics(client: Any, services: Services) -> None:
    violation = Violation("/from", "OUT_OF_RANGE", "Ask for 1 to 400 days, the first one first.")
    services.history = InvalidInput("FIELDS_INVALID", "That is too long.", violations=[violation])
    answer = client.get(f"{PATH}/history?from=2020-01-01")
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "OUT_OF_RANGE")


def test_off_the_directory_there_is_no_history(client: Any, services: Services) -> None:
    services.submission.submission.state = SubmissionState.SUBMISSION_STATE_DELISTED
    body = client.get(f"{PATH}/history").json
    assert (body["server_id"], body["shown"], body["daily"]) == (ID, [], [])


def test_a_submission_of_others_is_not_found(client: Any, services: Services) -> None:
    services.submission = NotFound("SUBMISSION_NOT_FOUND", "There is no such submission.")
    assert client.get(f"{PATH}/history").status_code == 404
