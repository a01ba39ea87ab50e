"""The directory for programs: by name or by rank, what is trending, and what is there while metrics is away."""

from collections.abc import Callable
from typing import Any

import pytest
from directory.listings.v1 import listings_service_pb2 as pb
from directory.listings.v1.listing_pb2 import LISTING_STATE_LIVE, Listing
from directory.metrics.v1.ranking_service_pb2 import (
    ListServersByRankResponse,
    ListTrendingServersResponse,
    RankedServer,
)
from flask.testing import FlaskClient


class Public:
    """The public side of the listings service, where b comes before a by rank; it remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def GetPublicListing(self, request: Any) -> pb.GetPublicListingResponse:
        return pb.GetPublicListingResponse(listing=_listing(request.slug))

    def ListPublicListings(self, request: Any) -> pb.ListPublicListingsResponse:
        self.asked.append(request)
        rest = [] if request.first_only else [one for one in ("a", "b", "c") if one not in request.first]
        return pb.ListPublicListingsResponse(
            listings=[_listing(one) for one in (*request.first, *rest)], next_page_token="more"
        )


class Metrics:
    """b is first and a second; a grows."""

    def ListServersByRank(self, _: Any, timeout: float) -> ListServersByRankResponse:
        ranked = [RankedServer(server_id=one, rank=rank) for rank, one in enumerate("ba", start=1)]
        return ListServersByRankResponse(servers=ranked, as_of="2026-11-22")

    def ListTrendingServers(self, _: Any, timeout: float) -> ListTrendingServersResponse:
        return ListTrendingServersResponse(servers=[RankedServer(server_id="a", rank=2)])


def _listing(name: str) -> Listing:
    return Listing(listing_id=name, slug=name, state=LISTING_STATE_LIVE)


@pytest.fixture
def public() -> Public:
    return Public()


@pytest.fixture
def client(make_application: Any, backends_of: Callable[..., Any], public: Public) -> FlaskClient:
    made: FlaskClient = make_application(backends=backends_of(public_listings=public, ranking=Metrics())).test_client()
    return made


@pytest.fixture
def without_metrics(make_application: Any, backends_of: Callable[..., Any], public: Public) -> FlaskClient:
    made: FlaskClient = make_application(backends=backends_of(public_listings=public)).test_client()
    return made


def places(answer: Any) -> list[tuple[str, int | None, bool]]:
    return [(one["slug"], one["rank"], one["trending"]) for one in answer.json["listings"]]


@pytest.mark.parametrize("query", ["", "?sort=name"])
def test_by_name_each_listing_has_its_place(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/api/v1/directory{query}")
    assert places(answer) == [("a", 2, True), ("b", 1, False), ("c", None, False)]
    assert (answer.json["ranks_as_of"], answer.json["next_cursor"]) == ("2026-11-22", "more")


def test_by_rank_who_has_none_comes_last(client: FlaskClient, public: Public) -> None:
    answer = client.get("/api/v1/directory?sort=rank&q=led&category=data&limit=2&cursor=place")
    assert places(answer) == [("b", 1, False), ("a", 2, True), ("c", None, False)]
    assert public.asked == [
        pb.ListPublicListingsRequest(search="led", category="data", page_size=2, page_token="place", first=["b", "a"])
    ]


def test_another_order_is_refused(client: FlaskClient) -> None:
    answer = client.get("/api/v1/directory?sort=growth")
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "UNKNOWN_VALUE")


def test_one_listing_has_its_place(client: FlaskClient) -> None:
    answer = client.get("/api/v1/directory/a").json
    assert (answer["slug"], answer["rank"], answer["trending"]) == ("a", 2, True)


def test_what_grows_most_is_a_list_of_its_own_and_hides_no_server(client: FlaskClient) -> None:
    answer = client.get("/api/v1/trending")
    assert places(answer) == [("a", 2, True)]
    assert answer.json.keys() == {"listings", "ranks_as_of"}
    assert client.get("/api/v1/directory/trending").json["slug"] == "trending"


def test_what_is_the_publishers_alone_stays_out(client: FlaskClient) -> None:
    for one in (client.get("/api/v1/trending").json["listings"][0], client.get("/api/v1/directory/a").json):
        assert not {"organization_id", "open_revision", "version", "state_message"} & one.keys()


@pytest.mark.parametrize("path", ["/directory", "/directory?sort=rank", "/directory/a", "/trending"])
def test_caches_keep_it_for_a_minute(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/api/v1{path}")
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert client.get(f"/api/v1{path}", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_without_metrics_listings_are_there_without_places(without_metrics: FlaskClient) -> None:
    answer = without_metrics.get("/api/v1/directory")
    assert places(answer) == [("a", None, False), ("b", None, False), ("c", None, False)]
    assert answer.json["ranks_as_of"] is None
    assert without_metrics.get("/api/v1/directory/a").json["rank"] is None


@pytest.mark.parametrize("path", ["/directory?sort=rank", "/trending"])
def test_without_metrics_no_order_passes_for_that_of_ranks(without_metrics: FlaskClient, path: str) -> None:
    answer = without_metrics.get(f"/api/v1{path}")
    assert (answer.status_code, answer.json["code"]) == (503, "UNAVAILABLE")
    assert "Retry-After" in answer.headers
