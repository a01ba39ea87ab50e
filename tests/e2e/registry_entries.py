"""Real entries of the MCP Registry on their way into the directory: imported, submitted, reviewed, published, listed.

Each organisation works for itself, at the pace that the API allows. It adds to an entry what no server.json says.
"""

import copy
import itertools
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from zlib import crc32

from embedded.directory_client import DirectoryClient, Json, RefusedError, wait_for

REGISTRY = Path(__file__).parents[3] / "shared/vectors/remote-servers.json"
_PATIENCE = 600.0
# What one call approves at most, and how many are on their way.
_AT_ONCE, _CALLS_AT_ONCE = 100, 4


@dataclass
class Entry:
    """An entry and what became of it: `outcome` names the first thing that stopped it, or is `published`."""

    document: Json
    time_round: int = 0
    submission_id: str = ""
    slug: str = ""
    name: str = ""
    outcome: str = ""
    findings: list[str] = field(default_factory=list)
    warned: bool = False

    @property
    def goes_on(self) -> bool:
        """Whether nothing stopped it yet."""
        return not self.outcome


class Took:
    """Seconds of each step, summed up."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()

    @contextmanager
    def __call__(self, step: str) -> Iterator[None]:
        """Counts what is done within."""
        began = time.monotonic()
        yield
        self.seconds[step] += time.monotonic() - began


def entries(number: int) -> Iterator[Entry]:
    """So many entries: the real ones, and then the same again as other people's, at hosts of their own."""
    real = json.loads(REGISTRY.read_text())["servers"]
    for position, document in enumerate(itertools.islice(itertools.cycle(real), number)):
        time_round = position // len(real)
        yield Entry(_elsewhere(document, time_round), time_round)


def with_a_key(entry: Entry) -> Entry:
    """The same entry, with addresses that carry a key: the checks never let these on."""
    document = copy.deepcopy(entry.document)
    for remote in document["server"]["remotes"]:
        remote["url"] = f"{remote['url'].partition('?')[0]}?api_key=sk-3f9c1d77aa21"
    return Entry(document)


def organization_of(entry: Entry, organizations: int) -> int:
    """Entries of one namespace belong to one organisation; each time round, to the next one."""
    namespace = entry.document["server"]["name"].partition("/")[0]
    return (crc32(namespace.encode()) + entry.time_round) % organizations


def of_each(
    work: Callable[[DirectoryClient, Sequence[Entry]], None], teams: Sequence[tuple[DirectoryClient, list[Entry]]]
) -> None:
    """Do something for each organisation with its entries, all at once; what fails in one fails."""
    with ThreadPoolExecutor(len(teams)) as pool:
        list(pool.map(lambda team: work(*team), teams))


def submit(owner: DirectoryClient, icon_id: str, given: Sequence[Entry]) -> None:
    """Import, complete and submit; then wait until the checks are through with all of them."""
    for entry in given:
        try:
            imported = _import(owner, entry)
            entry.submission_id = imported["submission"]["submission_id"]
            form = imported["submission"]["form"]
            entry.slug, entry.name = form["slug"], form["listing"]["display_name"]
            path = owner.below(f"/submissions/{entry.submission_id}")
            saved = _call(owner, "PATCH", path, json=_rest(form, icon_id), headers={"If-Match": '"1"'})
            if any(
                problem["field"] == "/server_url" and problem["code"] == "REQUIRED" for problem in saved["problems"]
            ):
                entry.outcome = "no address"
                continue
            _hand_in(owner, entry, saved["version"])
        except RefusedError as refused:
            entry.outcome = refused.code
    waiting = [entry for entry in given if entry.goes_on]
    wait_for(lambda: _counts(owner)["checking"] == 0, "the checks", _PATIENCE)
    for entry in waiting:
        found = _call(owner, "GET", owner.below(f"/submissions/{entry.submission_id}"))
        entry.findings = [finding["code"] for finding in found["findings"]]
        entry.warned = any(finding["grade"] == "warn" for finding in found["findings"])
        if found["state"] != "in_review":
            entry.outcome = f"{found['state']}: {', '.join(_blocking(found))}"


def approve(reviewer: DirectoryClient, given: Iterable[Entry]) -> None:
    """Approve all of them in bulk, a page of the queue at a time. What the desk refuses says why in its outcome."""
    waiting = {entry.submission_id: entry for entry in given if entry.goes_on}
    pages = list(_pages(reviewer, "/review/items", kind="submission"))
    open_items = {item["review_item_id"]: item for page in pages for item in page["items"]}
    queued = [one for one, item in open_items.items() if item["submission_id"] in waiting]

    def approve_some(ids: Sequence[str]) -> Json:
        seen = [{"review_item_id": one, "version": open_items[one]["version"]} for one in ids]
        return _call(reviewer, "POST", "/review/approvals", json={"items": seen, "comment": ""})

    some = [queued[start : start + _AT_ONCE] for start in range(0, len(queued), _AT_ONCE)]
    with ThreadPoolExecutor(_CALLS_AT_ONCE) as pool:
        results = [result for done in pool.map(approve_some, some) for result in done["results"]]
    for result in results:
        entry = waiting.pop(open_items[result["review_item_id"]]["submission_id"])
        if result["problem"]:
            entry.outcome = f"refused: {result['problem']['code']}"
    for entry in waiting.values():
        entry.outcome = "not in the queue"


def publish(owner: DirectoryClient, given: Sequence[Entry]) -> None:
    """Publish what was approved."""
    for entry in given:
        if entry.goes_on:
            found = _call(owner, "GET", owner.below(f"/submissions/{entry.submission_id}"))
            move(owner, entry, "publish", found["version"])
            entry.outcome = "published"


def listed(anybody: DirectoryClient) -> dict[str, str]:
    """Names by slug of everything in the public directory."""
    found: dict[str, str] = {}
    for page in _pages(anybody, "/directory"):
        found |= {one["slug"]: one["live"]["display_name"] for one in page["listings"]}
    return found


def move(owner: DirectoryClient, entry: Entry, name: str, version: int) -> None:
    """Take a move of the lifecycle."""
    path = owner.below(f"/submissions/{entry.submission_id}/moves")
    headers = {"If-Match": f'"{version}"'}
    _call(owner, "POST", path, json={"move": name, "comment": ""}, headers=headers)


def _hand_in(owner: DirectoryClient, entry: Entry, version: int) -> None:
    """Submit; where somebody was quicker to take the slug that the import suggested, with another one."""
    try:
        move(owner, entry, "submit", version)
    except RefusedError as refused:
        if refused.code != "SLUG_TAKEN":
            raise
        entry.slug = f"{entry.slug[:50]}-{crc32(owner.organization.encode()) % 10_000}"
        path, headers = owner.below(f"/submissions/{entry.submission_id}"), {"If-Match": f'"{version}"'}
        saved = _call(owner, "PATCH", path, json={"slug": entry.slug}, headers=headers)
        move(owner, entry, "submit", saved["version"])


def _import(owner: DirectoryClient, entry: Entry) -> Json:
    path, body = owner.below("/submissions/import"), {"document": entry.document}
    try:
        return _call(owner, "POST", path, json=body)
    except RefusedError as refused:
        if refused.code != "REMOTE_NEEDED":
            raise
        first = int(refused.problem["errors"][0]["pointer"].rpartition("/")[2])
    return _call(owner, "POST", path, json=body | {"remote": first})


def _rest(form: Json, icon_id: str) -> Json:
    """What the publisher adds: everything that is not there yet."""
    listing = {
        "icon_id": icon_id,
        "categories": ["developer_tools"],
        "privacy_policy_url": "https://example.com/privacy",
        "support_contact": "help@example.com",
        "company_name": "Example",
        "company_website": "https://example.com",
    }
    if not form["listing"]["documentation_url"]:
        listing["documentation_url"] = "https://docs.example.com"
    return {
        "listing": listing,
        "use_cases": ["Find something", "Compare two things", "List what changed"],
        "data_access": "both",
        "authentication": "oauth_dcr",
        "api_ownership": "own",
        "health_data": False,
        "sponsored_content": False,
        "reviewer_access": {"instructions": "Sign in as the test user.", "credentials": "test / correct horse"},
        "acknowledgements": dict.fromkeys(form["acknowledgements"] or _ACKNOWLEDGEMENTS, True),
    }


_ACKNOWLEDGEMENTS = (
    "guidelines",
    "first_party_api",
    "financial_transactions",
    "ai_media_generation",
    "prompt_injection",
    "conversation_data",
    "public_documentation",
)


def _elsewhere(document: Json, time_round: int) -> Json:
    if not time_round:
        return document
    copied: Json = copy.deepcopy(document)
    for remote in copied["server"]["remotes"]:
        parts = urlsplit(remote["url"])
        remote["url"] = urlunsplit(parts._replace(netloc=f"again{time_round}.{parts.netloc}"))
    return copied


def _pages(client: DirectoryClient, path: str, **filters: str) -> Iterator[Json]:
    cursor = ""
    while True:
        page = _call(client, "GET", path, params={"limit": "100", "cursor": cursor, **filters})
        yield page
        cursor = page["next_cursor"] or ""
        if not cursor:
            return


def _counts(owner: DirectoryClient) -> dict[str, int]:
    page = _call(owner, "GET", owner.below("/submissions"), params={"limit": "1"})
    return {one["state"]: one["count"] for one in page["counts"]}


def _blocking(submission: Json) -> list[str]:
    return sorted(finding["code"] for finding in submission["findings"] if finding["grade"] == "block")


def _call(client: DirectoryClient, method: str, path: str, **options: Any) -> Json:
    """The JSON of an answer, asked for again when the API says that it was too often."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            return dict(client.call(method, path, **options).json())
        except RefusedError as refused:
            if refused.code != "RATE_LIMITED" or time.monotonic() > deadline:
                raise
            time.sleep(int(refused.problem["parameters"]["retry_after_seconds"]))  # as the answer says
