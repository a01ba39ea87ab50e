"""Figures follow the submission's state at once, whenever metrics hears of it."""

import pytest
from directory.metrics.v1.metrics_service_pb2 import ServerSummary
from directory.metrics.v1.server_metrics_pb2 import (
    HEALTH_COLLECTING,
    HEALTH_HEALTHY,
    HEALTH_NOT_LIVE,
    HEALTH_UNSPECIFIED,
    ServerMetrics,
)
from directory.submissions.v1.submission_pb2 import SubmissionState
from gateway.views import as_it_stands

PUBLISHED = SubmissionState.SUBMISSION_STATE_PUBLISHED
OFF = [state for state in SubmissionState.values() if state != PUBLISHED]


@pytest.mark.parametrize("state", OFF)
@pytest.mark.parametrize("kind", [ServerSummary, ServerMetrics])
def test_a_server_off_the_directory_is_not_live_and_shows_no_figures(state, kind):
    late = kind(
        server_id="one", health=HEALTH_HEALTHY, rank=1, trending=True, active_users=9, calls=99, as_of="2026-01-01"
    )
    assert as_it_stands(late, state) == kind(server_id="one", health=HEALTH_NOT_LIVE)


@pytest.mark.parametrize("health", [HEALTH_UNSPECIFIED, HEALTH_NOT_LIVE])
def test_a_server_just_published_is_collecting(health):
    assert as_it_stands(ServerSummary(health=health), PUBLISHED).health == HEALTH_COLLECTING


def test_figures_of_a_published_server_are_left_alone():
    figures = ServerMetrics(server_id="one", health=HEALTH_HEALTHY, rank=1, calls=99)
    assert as_it_stands(figures, PUBLISHED) == figures
