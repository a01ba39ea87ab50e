"""Saving, listing and reading submissions over HTTP, with the submissions service at hand-made answers."""

from collections.abc import Callable
from typing import Any

import pytest
from directory.submissions.v1 import submissions_service_pb2 as calls
from directory.submissions.v1.submission_pb2 import ThreadEntry

PATH = "/api/v1/organizations/018f0000-0000-7000-8000-000000000001/submissions"
ONE = f"{PATH}/018f0000-0000-7000-8000-000000000003"


class Submissions:
    """The service, which remembers what it was asked last."""

    asked: Any = None

    def __getattr__(self, method: str) -> Any:
        def call(request: Any, timeout: float = 0) -> Any:
            self.asked = request
            if method == "ListThread":
                return calls.ListThreadResponse(entries=[ThreadEntry(position=2), ThreadEntry(position=1)])
            if method == "ListSubmissions":
                return calls.ListSubmissionsResponse(needs_publisher_count=4)
            return getattr(calls, f"{method}Response")()

        return call


@pytest.fixture
def service() -> Submissions:
    return Submissions()


@pytest.fixture
def client(managing_client: Callable[..., Any], service: Submissions) -> Any:
    return managing_client(submissions=service)


@pytest.mark.parametrize(
    ("patch", "paths", "credentials"),
    [
        ({"reviewer_access": {"credentials": "secret"}}, ["credentials"], "secret"),
        ({"reviewer_access": {"credentials": None}}, ["credentials"], ""),
        ({"reviewer_access": None}, ["instructions", "credentials"], ""),
        ({"reviewer_access": {}, "slug": "acme"}, [], ""),
        ({"slug": "acme"}, [], ""),
    ],
)
def test_of_the_access_for_reviewers_what_is_left_out_stays(client, service, patch, paths, credentials):
    answer = client.patch(ONE, json=patch, headers={"If-Match": '"3"'})
    assert answer.status_code == 200, answer.text
    assert list(service.asked.reviewer_access_mask.paths) == paths
    assert service.asked.HasField("reviewer_access") is bool(paths)
    assert service.asked.reviewer_access.credentials == credentials


@pytest.mark.parametrize(("query", "newest_first"), [("", False), ("?order=oldest", False), ("?order=newest", True)])
def test_a_thread_is_read_from_either_end(client, service, query, newest_first):
    entries = client.get(f"{ONE}/thread{query}").json["entries"]
    assert [entry["position"] for entry in entries] == [2, 1]
    assert service.asked.newest_first is newest_first


def test_what_waits_for_the_publisher_is_asked_for_and_counted(client, service):
    answer = client.get(f"{PATH}?needs_publisher=true").json
    assert answer["needs_publisher_count"] == 4
    assert service.asked.needs_publisher
    client.get(PATH)
    assert not service.asked.needs_publisher
