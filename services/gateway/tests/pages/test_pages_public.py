"""What anybody sees: the directory with its ranks, a listing, and what search engines read."""

import html
import re
from typing import Any

import pytest
from chassis.errors import InvalidInput, Unavailable
from directory.listings.v1 import listings_service_pb2 as calls
from directory.metrics.v1 import ranking_service_pb2 as ranking

HOSTILE = "<script>alert(1)</script>"
OTHER = "018f0000-0000-7000-8000-00000000000a"


@pytest.fixture(autouse=True)
def visitor(stage):
    stage.people.signed_in = False


@pytest.fixture
def ranked(stage, samples) -> None:
    """Ledgerline is on the second place and trending, another server is first."""
    servers = [
        ranking.RankedServer(server_id=OTHER, rank=1),
        ranking.RankedServer(server_id=samples.SUBMISSION, rank=2),
    ]
    stage.services.answers |= {
        "ListServersByRank": ranking.ListServersByRankResponse(servers=servers, as_of="2026-11-22"),
        "ListTrendingServers": ranking.ListTrendingServersResponse(servers=servers[1:], as_of="2026-11-22"),
        "ListPublicListings": shown(samples.listing()),
        "GetPublicListing": calls.GetPublicListingResponse(listing=samples.listing()),
    }


def shown(*listings: Any, token: str = "") -> calls.ListPublicListingsResponse:
    return calls.ListPublicListingsResponse(listings=listings, next_page_token=token)


def asked(stage: Any) -> list[Any]:
    return [request for method, request in stage.services.asked if method == "ListPublicListings"]


def listed(stage: Any) -> Any:
    """What was asked for the list itself, not for the row of trending servers."""
    return [request for request in asked(stage) if not request.first_only][-1]


def test_the_listing_escapes_and_links_only_the_web(stage, samples):
    content = samples.content(description=f"**Bold** {HOSTILE}", company_website="javascript:alert(1)", tagline=HOSTILE)
    stage.services.answers["GetPublicListing"] = calls.GetPublicListingResponse(listing=samples.listing(live=content))
    page = stage.get("/directory/ledgerline")
    assert HOSTILE not in page
    assert 'href="javascript' not in page
    assert "<strong>Bold</strong>" in page


def test_addresses_break_behind_their_slashes_and_lead_to_the_whole_address(stage, samples):
    address = "https://docs.ledgerline.example/mcp/<i>?next=https://e.example/"
    listing = samples.listing(live=samples.content(documentation_url=address))
    stage.services.answers["GetPublicListing"] = calls.GetPublicListingResponse(listing=listing)
    page = stage.get("/directory/ledgerline")
    shown = "https://docs.ledgerline.example/<wbr>mcp/<wbr>&lt;i&gt;?next=https:/<wbr>/<wbr>e.example/<wbr>"
    assert f'href="{html.escape(address)}" rel="nofollow noopener noreferrer">{shown}</a>' in page


def test_the_directory_searches_by_words_and_category(stage, samples):
    stage.services.answers["ListPublicListings"] = shown(samples.listing())
    assert "Ledgerline" in stage.get("/directory?search=led&category=finance")
    assert (listed(stage).search, listed(stage).category) == ("led", "finance")
    stage.get("/directory?category=nonsense")
    assert listed(stage).category == ""


@pytest.mark.usefixtures("ranked")
def test_ranks_that_are_behind_or_lack_something_say_so(stage, text_of):
    answer = stage.services.answers["ListServersByRank"]
    answer.days_behind, answer.incomplete = 1, True
    said = "ranks of 22 Nov 2026, 1 day behind , some usage is still being counted"
    assert said in text_of(stage.get("/directory"))


@pytest.mark.usefixtures("ranked")
def test_the_directory_is_in_the_order_of_ranks_and_shows_them(stage, samples, text_of):
    text = text_of(stage.get("/directory"))
    assert list(listed(stage).first) == [OTHER, samples.SUBMISSION]
    for words in ("Trending", "All servers", "Directory rank #2", "ranks of 22 Nov 2026"):
        assert words in text
    assert "behind" not in text
    assert "still being counted" not in text
    row = next(request for request in asked(stage) if request.first_only)
    assert list(row.first) == [samples.SUBMISSION]


@pytest.mark.usefixtures("ranked")
def test_the_directory_by_name_still_shows_ranks(stage, text_of):
    text = text_of(stage.get("/directory?sort=name"))
    assert list(listed(stage).first) == []
    assert "Directory rank #2" in text
    assert "By name, ranks of" in text


@pytest.mark.usefixtures("ranked")
@pytest.mark.parametrize("query", ["search=led", "category=finance", "page=next"])
def test_the_trending_row_is_on_the_first_page_of_all_alone(stage, query):
    stage.get(f"/directory?{query}")
    assert not any(request.first_only for request in asked(stage))


@pytest.mark.usefixtures("ranked")
def test_pages_follow_in_the_same_order_and_keep_the_question(stage, samples):
    stage.services.answers["ListPublicListings"] = shown(samples.listing(), token="to=ken")
    page = stage.get("/directory?search=led&category=finance&sort=name&page=before")
    assert listed(stage).page_token == "before"
    assert 'href="/directory?search=led&amp;category=finance&amp;sort=name&amp;page=to%3Dken"' in page
    assert 'href="/directory?search=led&amp;category=finance&amp;sort=name"' in page


def test_a_page_that_is_none_is_refused(stage):
    stage.services.answers["ListPublicListings"] = InvalidInput("PAGE_TOKEN_INVALID", "Start at page one.")
    stage.get("/directory?page=nonsense", status=400)


def test_without_metrics_the_pages_are_there_without_ranks(stage, samples, text_of):
    away = Unavailable("SERVICE_UNAVAILABLE", "A part of the directory does not answer.")
    stage.services.answers |= {
        "ListServersByRank": away,
        "ListPublicListings": shown(samples.listing(), token="more"),
        "GetPublicListing": calls.GetPublicListingResponse(listing=samples.listing()),
    }
    page = stage.get("/directory")
    assert "Ranks are not available at present. Servers are listed by name." in text_of(page)
    assert "Directory rank" not in page
    assert 'id="sort"' not in page
    # The next page stays in this order when metrics is back.
    assert "sort=name&amp;page=more" in page
    assert "Directory rank" not in stage.get("/directory/ledgerline")


def test_before_the_first_computation_nothing_is_said_of_ranks(stage, samples, text_of):
    stage.services.answers["ListPublicListings"] = shown(samples.listing())
    text = text_of(stage.get("/directory"))
    assert "rank" not in text.lower()


def test_without_the_trending_row_the_list_is_there(stage, samples, ranked):
    def answer(request: Any) -> Any:
        return Unavailable("DEADLINE_EXCEEDED", "late") if request.first_only else shown(samples.listing())

    stage.services.answers["ListPublicListings"] = answer
    page = stage.get("/directory")
    assert "All servers" in page
    assert 'id="trending"' not in page


@pytest.mark.usefixtures("ranked")
def test_a_listing_shows_its_place_and_how_to_connect(stage, text_of):
    text = text_of(stage.get("/directory/ledgerline"))
    for words in (
        "Directory rank #2",
        "Trending",
        "Last updated",
        "Finance",
        "claude mcp add --transport http ledgerline https://mcp.ledgerline.example/mcp",
        '"url": "https://mcp.ledgerline.example/mcp"',
    ):
        assert words in text


def test_what_people_copy_runs_nothing_of_a_stranger_s(stage, samples):
    address = "https://example.com/$(reboot)';reboot;'\"&x=<b>"
    listing = samples.listing(server_url=address, transport="sse")
    stage.services.answers["GetPublicListing"] = calls.GetPublicListingResponse(listing=listing)
    page = stage.get("/directory/ledgerline")
    quoted = "'https://example.com/$(reboot)'\"'\"';reboot;'\"'\"'\"&x=<b>'"
    assert f"claude mcp add --transport sse ledgerline {quoted}" in html.unescape(page)
    assert "<b>" not in page


@pytest.mark.usefixtures("ranked")
def test_search_engines_and_previews_are_told_what_the_page_is(stage, samples):
    page = stage.get("/directory/ledgerline?from=mail")
    tagline = "Invoices, payments and ledgers, answered in plain words"
    for tag in (
        f'<meta name="description" content="{tagline}">',
        '<link rel="canonical" href="http://localhost/directory/ledgerline">',
        '<meta property="og:title" content="Ledgerline">',
        f'<meta property="og:image" content="http://localhost/api/v1/icons/{samples.ICON}/64.png">',
    ):
        assert tag in page
    assert "noindex" not in page


@pytest.mark.usefixtures("ranked")
@pytest.mark.parametrize(
    ("query", "canonical", "indexed"),
    [
        ("", "/directory", True),
        ("?category=finance", "/directory?category=finance", True),
        ("?sort=name", "/directory", True),
        ("?search=x", "/directory", False),
        ("?page=x", "/directory", False),
    ],
)
def test_one_page_of_the_directory_is_in_the_index(stage, query, canonical, indexed):
    page = stage.get(f"/directory{query}")
    assert f'<link rel="canonical" href="http://localhost{canonical}">' in page
    assert ("noindex" not in page) is indexed


def test_robots_are_told_where_to_go(stage):
    text = stage.get("/robots.txt")
    assert "Disallow: /organizations/" in text
    assert "Sitemap: http://localhost/sitemap.xml" in text


@pytest.mark.usefixtures("ranked")
def test_the_map_names_every_listing_and_ends(stage, samples):
    pages = iter(range(1000))
    stage.services.answers["ListPublicListings"] = lambda _: shown(
        samples.listing(slug=f"server-{next(pages)}"), token="more"
    )
    answer = stage.browser.get("/sitemap.xml")
    places = re.findall("<loc>(.*?)</loc>", answer.text)
    assert places == ["http://localhost/directory"] + [f"http://localhost/directory/server-{n}" for n in range(10)]
    assert answer.headers["Content-Type"].startswith("application/xml")
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert "<lastmod>" in answer.text


@pytest.mark.usefixtures("ranked")
def test_icons_are_offered_as_webp_for_both_kinds_of_screen_and_as_png_for_the_others(stage, samples):
    icon = f"/api/v1/icons/{samples.ICON}"
    page = stage.get("/directory/ledgerline")
    assert f'<source type="image/webp" srcset="{icon}/64.webp, {icon}/128.webp 2x"><img' in page
    assert f'src="{icon}/64.png" alt=""' in page
