"""What was shown on earlier days, the lines over long ranges, and how fresh all of it is."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from chassis.errors import InvalidInput, NotFound, PermissionDenied
from chassis.process import Stop
from chassis.rpc import caller
from directory.metrics.v1 import metrics_service_pb2 as pb
from directory.metrics.v1 import server_metrics_pb2
from metrics.api.metrics_api import MetricsApi
from metrics.domain.freshness import days_behind
from metrics.domain.health import POLICIES
from metrics.processes.compute import Compute
from metrics.store import servers
from metrics.store.purge import purge
from sqlalchemy import text

from .records import batch
from .test_oracle_on_the_database import NOW, ORGANIZATION, Pipeline, grant, publish
from .traffic import Shape, Traffic

TODAY = NOW.date()
DAY = timedelta(days=1)


pytestmark = pytest.mark.usefixtures("emptied")


@pytest.fixture
def server(database):
    """A server with 6 calls on each of the last 34 days, from two accounts, and none on the fifth last."""
    traffic = Traffic(Shape(3, 1, 1), NOW)
    traffic.published = traffic.servers
    publish(database, traffic)
    events = []
    for age in (age for age in range(1, 35) if age != 5):
        events += [traffic.event(traffic.servers[0], age, kind=1, synthetic=False, account=1 + n % 2) for n in range(6)]
    Pipeline(database).take([(0, *batch(events, "p", 1))], random.Random(1))
    return traffic.servers[0]


def compute(database, *ages, now=NOW, policy="disconnect_rate"):
    for age in ages:
        Compute(database, POLICIES[policy], lambda: now).day(TODAY - age * DAY, Stop())


def api(database, now=NOW):
    return MetricsApi(database, [], clock=lambda: now)


def history(database, server_id, first="", last="", *, now=NOW, organization_id=ORGANIZATION):
    request = pb.GetServerHistoryRequest(server_id=server_id, **{"from": str(first), "to": str(last)})
    with caller.bind(grant=grant(organization_id), peer="gateway"):
        return api(database, now).GetServerHistory(request, None)


def whole(database, server_id, now=NOW):
    with caller.bind(grant=grant(), peer="gateway"):
        return api(database, now).GetServerMetrics(pb.GetServerMetricsRequest(server_id=server_id), None).metrics


TOPLINE = ("as_of", "health", "health_policy", "rank", "ranked_servers", "trending", "active_users", "calls")


def test_each_day_says_what_it_showed_then(database, server):
    shown = {}
    for age in (3, 2, 1):
        compute(database, age)
        shown[str(TODAY - age * DAY)] = whole(database, server)
    answer = history(database, server)
    assert [each.as_of for each in answer.shown] == sorted(shown)
    for each in answer.shown:
        then = shown[each.as_of]
        for name in (*TOPLINE, "disconnect_rate", "error_rate", "computed_at"):
            assert getattr(each, name) == getattr(then, name), name
    assert answer.shown[0].calls == 29 * 6
    assert (answer.as_of, answer.computed_at) == (str(TODAY - DAY), answer.shown[-1].computed_at)


def test_the_last_30_days_are_the_lines_of_the_page(database, server):
    compute(database, 2, 1)
    answer = history(database, server)
    assert list(answer.daily) == list(whole(database, server).daily)
    assert not answer.daily[-5].HasField("calls")


def test_days_that_left_the_lines_are_as_the_last_snapshot_with_them_said(database, server):
    compute(database, *range(33, 0, -1))
    answer = history(database, server, TODAY - 40 * DAY, TODAY)
    days = {day.day: day for day in answer.daily}
    assert list(days) == [str(TODAY - age * DAY) for age in range(40, 0, -1)]
    last, own, before = (days[str(TODAY - age * DAY)] for age in (31, 33, 35))
    assert (last.calls, last.active_users, last.HasField("error_rate"), last.rank) == (6, 2, True, 1)
    assert (own.calls, own.active_users, own.rank, own.HasField("disconnect_rate")) == (6, 2, 1, True)
    assert not any(before.HasField(name) for name in ("calls", "active_users", "error_rate", "rank"))


def test_a_day_that_was_computed_again_shows_the_later_word(database, server):
    compute(database, 1)
    compute(database, 1, policy="request_errors")
    [shown] = history(database, server).shown
    assert shown.health_policy == "request_errors/1"


def test_a_suppressed_window_is_suppressed_in_the_history(database):
    traffic = Traffic(Shape(3, 1, 1), NOW)
    traffic.published = traffic.servers
    publish(database, traffic)
    few = [traffic.event(traffic.servers[0], 1, kind=1, synthetic=False, account=n + 1) for n in range(4)]
    Pipeline(database).take([(0, *batch(few, "p", 1))], random.Random(1))
    compute(database, 1)
    [shown] = history(database, traffic.servers[0]).shown
    absent = ("rank", "active_users", "calls", "disconnect_rate", "error_rate")
    assert not any(shown.HasField(name) for name in absent)
    assert shown.health == server_metrics_pb2.HEALTH_COLLECTING


def test_history_is_the_owners_and_ends_with_leaving_the_directory(database, server):
    compute(database, 1)
    with pytest.raises(NotFound, match="SERVER_NOT_FOUND"):
        history(database, server, organization_id="00000000-0000-4000-8000-00000000dddd")
    without = grant()
    object.__setattr__(without, "directory_management", False)
    with caller.bind(grant=without, peer="gateway"), pytest.raises(PermissionDenied):
        api(database).GetServerHistory(pb.GetServerHistoryRequest(server_id=server), None)
    with database.transaction() as uow:
        servers.record(uow.connection, server, organization_id=ORGANIZATION, published=False, changed_at=NOW)
        uow.commit()
    for nothing in (server, "00000000-0000-4000-8000-00000000eeee"):
        assert history(database, nothing) == pb.GetServerHistoryResponse(server_id=nothing)


@pytest.mark.parametrize(
    ("first", "last", "field", "code"),
    [
        ("2026-3-1", "", "/from", "WRONG_TYPE"),
        ("20260301", "", "/from", "WRONG_TYPE"),
        ("", "tomorrow", "/to", "WRONG_TYPE"),
        ("2026-03-02", "2026-03-01", "/from", "OUT_OF_RANGE"),
        ("2025-01-01", "2026-02-05", "/from", "OUT_OF_RANGE"),
        ("", "9999-12-31", "/to", "OUT_OF_RANGE"),
        ("0001-01-01", "0001-01-01", "/to", "OUT_OF_RANGE"),
    ],
)
def test_a_range_is_of_1_to_400_days(database, server, first, last, field, code):
    with pytest.raises(InvalidInput) as refused:
        history(database, server, first, last)
    assert [(each.field, each.code) for each in refused.value.violations] == [(field, code)]


def test_400_days_may_be_asked_for_and_a_future_has_no_days(database, server):
    compute(database, 1)
    assert len(history(database, server, TODAY - 400 * DAY, TODAY - DAY).daily) == 400
    assert not history(database, server, TODAY, TODAY + DAY).daily


def test_whole_figures_are_kept_for_35_days_and_toplines_for_400(database, server):
    compute(database, 3, 1)
    before = history(database, server)
    for days, figures, toplines in ((32, 2, 2), (33, 1, 2), (35, 0, 2), (397, 0, 2), (398, 0, 1)):
        purge(database, TODAY + days * DAY)
        with database.read() as connection:
            kept = [
                connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
                for table in ("server_figures", "server_snapshots")
            ]
        assert kept == [figures, toplines], days
        if toplines == 2:
            assert history(database, server).shown == before.shown


@pytest.mark.parametrize(
    ("as_of", "now", "behind"),
    [
        ("2026-03-09", "2026-03-10T15:30", 0),
        ("2026-03-08", "2026-03-10T00:59", 0),
        ("2026-03-08", "2026-03-10T01:00", 1),
        ("2026-03-01", "2026-03-10T01:00", 8),
        ("2026-03-10", "2026-03-10T01:00", 0),
    ],
)
def test_figures_are_behind_from_an_hour_after_midnight_on(as_of, now, behind):
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert days_behind(datetime.fromisoformat(as_of).date(), moment) == behind


def test_every_answer_says_whether_all_was_counted(database, server):
    for complete in (False, True):
        Compute(database, POLICIES["disconnect_rate"], lambda: NOW).day(TODAY - DAY, Stop(), complete=complete)
        with caller.bind(grant=grant(), peer="gateway"):
            request = pb.BatchGetServerSummariesRequest(server_ids=[server])
            [summary] = api(database).BatchGetServerSummaries(request, None).summaries
        asked = history(database, server)
        answers = (summary, whole(database, server), asked, *asked.shown)
        assert [each.incomplete for each in answers] == [not complete] * 4


def test_every_answer_says_how_far_it_is_behind(database, server):
    compute(database, 1)
    for now, behind in ((NOW, 0), (NOW + 3 * DAY, 3)):
        with caller.bind(grant=grant(), peer="gateway"):
            request = pb.BatchGetServerSummariesRequest(server_ids=[server])
            [summary] = api(database, now).BatchGetServerSummaries(request, None).summaries
        answers = (summary, whole(database, server, now), history(database, server, now=now))
        assert [(each.as_of, each.days_behind) for each in answers] == [(str(TODAY - DAY), behind)] * 3
