"""Chromium at the pages of the running system."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from chassis.rpc.client import channel
from directory.metrics.v1.usage_collector_pb2_grpc import UsageCollectorStub
from embedded.directory_client import wait_for
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

ARGUMENTS = [
    "--no-sandbox",  # containers run tests as root
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
NARROW = {"width": 360, "height": 780}
BEYOND = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Set to a folder to keep a picture of every page that is looked at.
PICTURES = os.environ.get("BROWSER_PICTURES", "")


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Chromium of the machine; installed by apt where that is possible. Never skipped in silence."""
    named = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    found = shutil.which(named)
    if found is None and "CHROMIUM" not in os.environ and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "-y", "-q", "chromium"], check=False, capture_output=True, timeout=240)
        found = shutil.which(named)
    if found is None:
        pytest.fail(f"The browser tests need Chromium at {named}: install it, or name another one in CHROMIUM.")
    return found


@pytest.fixture(scope="session")
def chromium(chromium_path: str) -> Iterator[Browser]:
    """One browser for all tests; each person has a context of their own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
        yield browser
        browser.close()


class Person:
    """Somebody at a browser. Pages that break the content security policy or run into an error fail the test."""

    def __init__(self, browser: Browser, url: str, *, javascript: bool = True, dark: bool = False) -> None:
        self.context: BrowserContext = browser.new_context(
            base_url=url, java_script_enabled=javascript, color_scheme="dark" if dark else "light"
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.complaints: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.looks_closely = javascript

    def sign_in(self, email: str) -> None:
        """By the start page's button and the provider's page."""
        self.page.goto("/")
        self.follow("Sign in")
        listed = self.page.locator(f'button[value="{email}"]')
        with self.page.expect_navigation():
            if listed.count():
                listed.click()
            else:
                self.page.get_by_label("Another e-mail address").fill(email)
                self.page.get_by_role("button", name="Sign in", exact=True).click()
        self.page.locator("#main").wait_for()

    def choose(self, label: str) -> None:
        """A radio or checkbox, by its label."""
        radio = self.page.get_by_role("radio", name=label, exact=True)
        radio.or_(self.page.get_by_role("checkbox", name=label, exact=True)).check()

    def fill(self, label: str, text: str) -> None:
        """A text input, by its label."""
        self.page.get_by_role("textbox", name=label, exact=True).fill(text)

    def press(self, name: str, *, within: str = "main") -> None:
        """A button of the page's content, and wait for the page that it leads to."""
        named = self.page.locator(within).get_by_role("button", name=name, exact=True)
        with self.page.expect_navigation():
            named.and_(self.page.locator(":not([aria-hidden])")).first.click()

    def follow(self, name: str, *, within: str = "main") -> None:
        """A link, and wait for the page that it leads to."""
        with self.page.expect_navigation():
            self.page.locator(within).get_by_role("link", name=name, exact=True).first.click()

    def sees(self, *texts: str) -> None:
        """Each text is on the page."""
        said = self.words()
        for text in texts:
            assert text in said, f"{text!r} is not on {self.page.url}:\n{said}"

    def words(self) -> str:
        """The page's words, spaces made single."""
        return re.sub(r"\s+", " ", self.page.locator("#main").text_content() or "")

    def wait_to_see(self, text: str, seconds: float = 90) -> None:
        """Load the page again until it says this."""

        def said() -> bool:
            self.page.reload()
            return text in self.words()

        wait_for(said, f"“{text}” on {self.page.url}", seconds)

    def look(self, name: str) -> None:
        """Accessible by axe's rules, no wider than a wide or narrow window, and a picture where they are kept."""
        assert not self.complaints, self.complaints
        if not self.looks_closely:
            return
        wide = self.page.viewport_size
        if PICTURES:
            self.page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)
        beyond = self.page.evaluate(BEYOND)
        assert beyond <= 0, f"{name} is {beyond} px wider than its window"
        self.page.set_viewport_size(NARROW)
        beyond = self.page.evaluate(BEYOND)
        if PICTURES:
            self.page.screenshot(path=Path(PICTURES) / f"{name}-narrow.png", full_page=True)
        if wide:
            self.page.set_viewport_size(wide)
        assert beyond <= 0, f"{name} is {beyond} px wider than 360 px"
        violations = Axe().run(self.page).response["violations"]
        assert not violations, [(one["id"], [node["html"] for node in one["nodes"]]) for one in violations]

    def _hear(self, message: ConsoleMessage) -> None:
        # A page with an error status is reported as a resource that failed; that is not the page's fault.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)


@pytest.fixture
def person(chromium: Browser, whole_system: Any) -> Iterator[Callable[..., Person]]:
    """person(email="", javascript=True, dark=False): a signed-in person, or a visitor."""
    made: list[Person] = []

    def meet(email: str = "", *, javascript: bool = True, dark: bool = False) -> Person:
        one = Person(chromium, whole_system.url, javascript=javascript, dark=dark)
        made.append(one)
        if email:
            one.sign_in(email)
        return one

    yield meet
    for one in made:
        one.context.close()


@pytest.fixture(scope="module")
def collector(whole_system: Any) -> UsageCollectorStub:
    """Where proxies report."""
    environment = whole_system.plan.seeding_environment()
    return UsageCollectorStub(channel(environment["COLLECTOR_ADDRESS"], "metrics", Path(environment["PROXY_TLS_DIR"])))
