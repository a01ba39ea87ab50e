"""The directory's order: places alone, page by page, of one snapshot."""

from datetime import UTC, datetime, timedelta

import pytest
from chassis import paging
from chassis.errors import InvalidInput
from directory.metrics.v1 import ranking_service_pb2 as pb
from metrics.api.ranking_api import RankingApi
from metrics.store import servers
from sqlalchemy import text

NOW = datetime(2026, 3, 10, 15, 30, tzinfo=UTC)
ORGANIZATION = "00000000-0000-4000-8000-00000000bbbb"


pytestmark = pytest.mark.usefixtures("emptied")


def server_id(number):
    return f"00000000-0000-4000-8000-{number:012x}"


def publish(database, number, *, published=True, at=NOW):
    with database.transaction() as uow:
        servers.record(
            uow.connection, server_id(number), organization_id=ORGANIZATION, published=published, changed_at=at
        )
        uow.commit()


def show(database, ranks, *, age=1, trending=()):
    """A snapshot of servers 0, 1, 2, ... with these ranks; `trending` are users of this week and the one before."""
    as_of = NOW.date() - timedelta(days=age)
    with database.transaction() as uow:
        generation = uow.execute(
            text(
                "INSERT INTO generations (as_of, policy, started_at, computed_at, servers)"
                " VALUES (:as_of, 'p/1', :now, :now, 0) RETURNING generation"
            ),
            {"as_of": as_of, "now": NOW},
        ).scalar_one()
        growth = dict(trending)
        for number, rank in enumerate(ranks):
            week, before = growth.get(number, (0, 0))
            uow.execute(
                text(
                    "INSERT INTO server_snapshots (generation, server_id, active_30, active_7, active_previous_7, rank,"
                    " health, ranked, trending) VALUES (:generation, :server, 1, :week, :before, :rank, 3, true, :tag)"
                ),
                {"generation": generation, "server": server_id(number), "rank": rank, "week": week, "before": before}
                | {"tag": number in growth},
            )
        statement = "INSERT INTO snapshots (as_of, generation) VALUES (:as_of, :generation)"
        uow.execute(text(statement), {"as_of": as_of, "generation": generation})
        uow.commit()
    return generation


def badge(database, server, now=NOW):
    request = pb.GetServerBadgeRequest(server_id=server)
    return RankingApi(database, clock=lambda: now).GetServerBadge(request, None)


def page(database, size=0, token="", now=NOW):
    request = pb.ListServersByRankRequest(page_size=size, page_token=token)
    return RankingApi(database, clock=lambda: now).ListServersByRank(request, None)


def numbers(answer):
    return [int(server.server_id[-12:], 16) for server in answer.servers]


def test_servers_come_by_rank_and_those_without_one_do_not_come(database):
    for number in range(5):
        publish(database, number)
    show(database, [4, 1, 2, None, 2], trending=[(2, (30, 10))])
    answer = page(database)
    assert numbers(answer) == [1, 2, 4, 0]
    assert [(each.rank, each.trending) for each in answer.servers] == [(1, False), (2, True), (2, False), (4, False)]
    assert (answer.next_page_token, answer.as_of, answer.days_behind) == ("", "2026-03-09", 0)
    assert answer.computed_at.ToDatetime(UTC) == NOW
    # no figure of another organization's server: its place, and nothing more
    assert {field.name for field in pb.RankedServer.DESCRIPTOR.fields} == {"server_id", "rank", "trending"}


def test_every_answer_says_how_fresh_it_is(database):
    publish(database, 0)
    generation = show(database, [1], trending=[(0, (40, 20))])
    for complete, now, behind in ((True, NOW, 0), (False, NOW + timedelta(days=3), 3)):
        with database.transaction() as uow:
            statement = text("UPDATE generations SET complete = :complete WHERE generation = :generation")
            uow.execute(statement, {"complete": complete, "generation": generation})
            uow.commit()
        trending = RankingApi(database, clock=lambda now=now: now).ListTrendingServers
        answers = (
            page(database, now=now),
            trending(pb.ListTrendingServersRequest(), None),
            badge(database, server_id(0), now),
        )
        for answer in answers:
            assert (answer.as_of, answer.days_behind, answer.incomplete) == ("2026-03-09", behind, not complete)
            assert answer.computed_at.ToDatetime(UTC) == NOW


def test_pages_are_of_one_snapshot(database):
    for number in range(7):
        publish(database, number)
    show(database, [1, 2, 2, 2, 5, 6, 7], age=2)
    found, answer = [], page(database, 2)
    found += numbers(answer)
    show(database, [7, 6, 5, 2, 2, 2, 1], age=1)
    while answer.next_page_token:
        answer = page(database, 2, answer.next_page_token)
        found += numbers(answer)
        assert (answer.as_of, answer.days_behind) == ("2026-03-08", 1)
    assert found == [0, 1, 2, 3, 4, 5, 6]
    assert numbers(page(database, 1)) == [6]


def test_a_snapshot_of_long_ago_is_not_read_on(database):
    for number in range(3):
        publish(database, number)
    show(database, [1, 2, 3], age=2)
    token, later = page(database, 1).next_page_token, NOW + timedelta(hours=25)
    assert numbers(page(database, 1, token, later)) == [1]
    show(database, [1, 2, 3], age=1)
    assert numbers(page(database, 1, token, NOW + timedelta(hours=23))) == [1]
    with pytest.raises(InvalidInput, match="PAGE_TOKEN_INVALID"):
        page(database, 1, token, later)


def test_who_left_the_directory_is_not_listed(database):
    publish(database, 0)
    publish(database, 1)
    show(database, [1, 2, 3], trending=[(0, (40, 20)), (1, (40, 20))])
    publish(database, 0, published=False, at=NOW + timedelta(minutes=1))
    assert numbers(page(database)) == [1]
    assert numbers(RankingApi(database).ListTrendingServers(pb.ListTrendingServersRequest(), None)) == [1]


def test_the_fastest_growing_come_first(database):
    for number in range(4):
        publish(database, number)
    # growth of 1, 1.5, 1 (from more users), 0.5 (over at least 20)
    show(database, [1, 2, 3, 4], trending=[(0, (40, 20)), (1, (50, 20)), (2, (80, 40)), (3, (20, 10))])
    answer = RankingApi(database, clock=lambda: NOW).ListTrendingServers(pb.ListTrendingServersRequest(), None)
    assert numbers(answer) == [1, 2, 0, 3]
    assert {each.trending for each in answer.servers} == {True}
    assert (answer.as_of, answer.days_behind) == ("2026-03-09", 0)


def test_without_a_snapshot_there_is_no_order(database):
    publish(database, 0)
    assert page(database) == pb.ListServersByRankResponse()
    trending = RankingApi(database).ListTrendingServers(pb.ListTrendingServersRequest(), None)
    assert trending == pb.ListTrendingServersResponse()


@pytest.mark.parametrize(
    "values",
    [
        (1, 1),
        ("1", 1, server_id(1)),
        (1, 1.5, server_id(1)),
        (True, 1, server_id(1)),
        (1, True, server_id(1)),
        (1, 1, "x"),
        (2**63, 1, server_id(1)),
        (1, -1, server_id(1)),
        (10**9, 1, server_id(1)),
    ],
)
def test_a_token_that_is_none_of_ours_is_refused(database, values):
    with pytest.raises(InvalidInput, match="PAGE_TOKEN_INVALID"):
        page(database, token=paging.encode(pb.ListServersByRankRequest(), *values))


def test_a_badge_shows_health_and_place_and_no_figure(database):
    publish(database, 0)
    publish(database, 1)
    publish(database, 2)
    show(database, [4, None])
    publish(database, 3, published=False)
    shown = {"as_of": "2026-03-09", "computed_at": NOW}
    assert badge(database, server_id(0)) == pb.GetServerBadgeResponse(health="HEALTH_HEALTHY", rank=4, **shown)
    assert badge(database, server_id(1)) == pb.GetServerBadgeResponse(health="HEALTH_HEALTHY", **shown)
    assert badge(database, server_id(2)) == pb.GetServerBadgeResponse(health="HEALTH_COLLECTING")
    for unlisted in (server_id(3), server_id(9), "", "no-uuid"):
        assert badge(database, unlisted) == pb.GetServerBadgeResponse(health="HEALTH_NOT_LIVE"), unlisted
