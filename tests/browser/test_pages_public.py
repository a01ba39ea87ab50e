"""The directory as visitors see it: with JavaScript and axe, and without JavaScript."""

import uuid
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from directory.metrics.v1.usage_collector_pb2 import ReportRequest
from embedded.directory_client import DirectoryClient, wait_for

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def whole_system(own_system: Any) -> Any:
    return own_system


@pytest.fixture(scope="module")
def people(whole_system: Any) -> Iterator[tuple[DirectoryClient, DirectoryClient]]:
    """An owner and a reviewer."""
    owner_token, reviewer_token = whole_system.tokens(
        ("olivia@northwind.example", "Northwind Tools"), ("omar@directory.example", "")
    )
    url = whole_system.url
    with DirectoryClient(url, owner_token) as owner, DirectoryClient(url, reviewer_token) as reviewer:
        owner.organization = owner.read("/me")["organizations"][0]["organization"]["organization_id"]
        yield owner, reviewer


@pytest.fixture(scope="module")
def slugs(whole_system: Any, people: Any, story: ModuleType, collector: Any) -> dict[str, str]:
    """Two published servers, of which Zebra alone has traffic and so a rank: slugs by name."""
    owner, reviewer = people
    made: dict[str, str] = {}
    for name, category in (("Aardvark", "travel"), ("Zebra", "finance")):
        slug = made[name] = f"{name.lower()}-{uuid.uuid4().hex[:8]}"
        form = story.example_form(slug, owner.upload_icon(story.png(128)))
        form["listing"] |= {"display_name": name, "categories": [category]}
        submission_id = owner.create(form)["submission_id"]
        owner.move(submission_id, "submit")
        reviewer.decide(submission_id, "approve")
        owner.wait_for_state(submission_id, "approved")
        owner.move(submission_id, "publish")
    collector.Report(ReportRequest(producer_id=slug, sequence=1, events=story.traffic(submission_id)))

    def ranked() -> bool:
        whole_system.command("metrics", "compute", "--once")
        figures = owner.read(owner.below(f"/submissions/{submission_id}/metrics"))["metrics"]
        return bool(figures.get("calls") and figures.get("rank"))

    wait_for(ranked, "a rank", seconds=90)
    return made


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript and axe", "without JavaScript"])
def test_a_visitor_finds_a_server(javascript: bool, person: Callable[..., Any], slugs: dict[str, str]) -> None:
    visitor = person(javascript=javascript)
    page = visitor.page
    names = page.locator("section[aria-labelledby=servers] h3")

    # 1. By rank: what people use stands first.
    page.goto("/directory")
    visitor.wait_to_see("Directory rank #1", seconds=90)
    assert names.all_text_contents() == ["Zebra", "Aardvark"]
    visitor.look("directory by rank")

    # 2. By name, in a category, by words.
    page.get_by_label("Order").select_option("By name")
    visitor.press("Search")
    assert names.all_text_contents() == ["Aardvark", "Zebra"]
    page.get_by_label("Category").select_option("Travel")
    visitor.press("Search")
    assert names.all_text_contents() == ["Aardvark"]
    visitor.sees("Travel servers")
    visitor.look("directory of a category")
    page.get_by_label("Search the directory").fill("zebra")
    visitor.press("Search")
    visitor.sees("Nothing matches")
    visitor.look("directory without a match")
    visitor.follow("Show everything")

    # 3. The listing says where it stands and how to connect.
    visitor.follow("Zebra")
    slug = slugs["Zebra"]
    visitor.sees("Directory rank #1", "Last updated", f"claude mcp add --transport http {slug}", "Finance")
    assert page.locator("link[rel=canonical]").get_attribute("href") == page.url
    visitor.look("public listing with rank")


def test_search_engines_find_every_listing(person: Callable[..., Any], slugs: dict[str, str]) -> None:
    visitor = person(javascript=False)
    answer = visitor.context.request.get("/sitemap.xml")
    assert answer.ok
    for slug in slugs.values():
        assert f"/directory/{slug}</loc>" in answer.text()
    assert "/sitemap.xml" in visitor.context.request.get("/robots.txt").text()
