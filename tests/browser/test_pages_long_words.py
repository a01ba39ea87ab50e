"""Names and addresses of one long word: no page is wider than its window, and everything keeps its place."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest
from embedded.directory_client import DirectoryClient

pytestmark = pytest.mark.timeout(300)
OWNER, REVIEWER = "olivia@northwind.example", "omar@directory.example"
PHONE = {"width": 390, "height": 780}
TAGLINE = "Invoices, payments and ledgers, answered in plain words"

# The control with the focus, where the sticky buttons cover it; of a text of many lines its first, where one writes.
COVERED = """() => {
  const one = document.activeElement, bar = document.querySelector(".bar");
  const at = one.getBoundingClientRect(), from = bar.getBoundingClientRect().top;
  const end = one.tagName == "TEXTAREA" ? at.top + 32 : at.bottom;
  return !bar.contains(one) && end > from ? one.id || one.name : "";
}"""
IN_THE_BAR = "document.querySelector('.bar').contains(document.activeElement)"


@dataclass(frozen=True)
class Servers:
    """A published server and a draft of the same long name."""

    name: str
    slug: str
    published: str
    draft: str
    directory: str


@pytest.fixture(scope="module")
def servers(whole_system: Any, story: ModuleType) -> Iterator[Servers]:
    owner_token, reviewer_token = whole_system.tokens((OWNER, "Northwind Tools"), (REVIEWER, ""))
    with (
        DirectoryClient(whole_system.url, owner_token) as owner,
        DirectoryClient(whole_system.url, reviewer_token) as reviewer,
    ):
        owner.organization = owner.read("/me")["organizations"][0]["organization"]["organization_id"]
        unique = uuid.uuid4().hex[:8]
        name, slug = f"{'W' * 92}{unique}", f"long-{unique}"
        made = []
        for number in range(2):
            form = story.example_form(f"{slug}-{number}", owner.upload_icon(story.png(128)))
            form["listing"] |= {
                "display_name": name,
                "tagline": "W" * 100,
                "description": f"## {'W' * 100}\n\n{'W' * 100} `{'W' * 100}`",
                "company_name": "W" * 100,
                "documentation_url": f"https://example.com/{'w' * 130}",
            }
            made.append(owner.create(form)["submission_id"])
        published, draft = made
        owner.move(published, "submit")
        reviewer.decide(published, "approve")
        owner.wait_for_state(published, "approved")
        owner.move(published, "publish")
        yield Servers(name, f"{slug}-0", published, draft, f"/organizations/{owner.organization}/directory")


def test_no_page_is_wider_than_its_window(person: Callable[..., Any], servers: Servers) -> None:
    owner, reviewer = person(OWNER), person(REVIEWER)
    owner.page.goto(f"/directory/{servers.slug}")
    owner.wait_to_see(servers.name)
    owner.look("long listing")
    draft, published = (f"{servers.directory}/submissions/{one}" for one in (servers.draft, servers.published))
    for name, address in (
        ("directory", f"/directory?search={servers.name[-8:]}"),
        ("dashboard", servers.directory),
        ("draft", draft),
        ("form", f"{draft}/edit/listing"),
        ("review of the form", f"{draft}/edit/review"),
        ("preview", f"{draft}/preview"),
        ("status", published),
        ("editor", f"{published}/listing"),
    ):
        owner.page.goto(address)
        owner.look(f"long {name}")
    reviewer.page.goto(f"/review?search={servers.name[-8:]}")
    reviewer.page.get_by_label("State").select_option("Decided")
    reviewer.press("Filter")
    reviewer.look("long desk")
    reviewer.follow(servers.name)
    reviewer.look("long review item")


def test_addresses_and_notes_of_one_word_widen_no_page(person: Callable[..., Any], servers: Servers) -> None:
    owner = person(OWNER)
    for name, description in (("described", "W" * 100), ("without a description", "")):
        owner.page.goto(servers.directory.replace("/directory", "/webhooks"))
        owner.fill("Description", description)
        owner.page.get_by_label("URL", exact=True).fill(f"https://example.com/{uuid.uuid4().hex}{'w' * 100}")
        owner.press("Create the endpoint")
        owner.look(f"long webhook {name}")
        owner.press("Delete the endpoint and its log")
    owner.follow("API tokens", within="nav.side")
    owner.fill("Name", "W" * 100)
    owner.press("Create the token")
    owner.sees("Your new token")
    owner.look("long token")


def test_the_sticky_buttons_cover_nothing_that_has_the_focus(person: Callable[..., Any], servers: Servers) -> None:
    owner = person(OWNER)
    page = owner.page
    page.set_viewport_size(PHONE)
    page.goto(f"{servers.directory}/submissions/{servers.published}/listing")
    page.get_by_label("Tagline").focus()
    passed, covered = 0, []
    while not page.evaluate(IN_THE_BAR):
        page.keyboard.press("Tab")
        passed, covered = passed + 1, [*covered, page.evaluate(COVERED)]
        assert passed < 100
    assert passed > 15  # the categories among them
    assert not [one for one in covered if one]


def test_parts_of_a_page_stand_where_they_belong(person: Callable[..., Any], servers: Servers) -> None:
    visitor = person()
    tops = "parts => parts.map(part => part.getBoundingClientRect().top)"
    visitor.page.goto("/")
    assert len(set(visitor.page.locator(".three p").evaluate_all(tops))) == 1

    visitor.page.goto(f"/directory?search={servers.name[-8:]}")
    icon, name = (
        visitor.page.locator(f".tile {part}").first.evaluate("part => part.getBoundingClientRect().toJSON()")
        for part in (".avatar", "h3")
    )
    assert icon["right"] <= name["left"]

    owner = person(OWNER)
    owner.page.goto(f"{servers.directory}?search={servers.name[-8:]}")
    tagline = owner.page.locator(".tagline").first
    tagline.evaluate("(part, words) => { part.textContent = words }", TAGLINE)
    assert tagline.evaluate("part => part.scrollHeight - part.clientHeight") == 0

    reviewer = person(REVIEWER)
    reviewer.page.goto("/review")
    search = reviewer.page.get_by_role("searchbox", name="Search")
    search.fill(search.get_attribute("placeholder") or "")
    assert search.evaluate("part => part.scrollWidth - part.clientWidth") <= 0
