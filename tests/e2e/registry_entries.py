"""Real entries of the MCP Registry on their way into the directory: imported, submitted, reviewed, published, listed.

Each organisation works for itself, at the pace that the API allows. It adds to an entry what no server.json says.
"""

import copy
import itertools
import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from zlib import crc32

from embedded.directory_client import DirectoryClient, Json, RefusedError, wait_for

REGISTRY = Path(__file__).parents[3] / "shared/vectors/remote-servers.json"
_PATIENCE = 600.0


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

    @property
    def goes_on(self) -> bool:
        """Whether nothing stopped it yet."""
        return not self.outcome


def entries(number: int) -> Iterator[Entry]:
    """So many entries: the real ones, and then the same again as other people's, at hosts of their own."""
    real = json.loads(REGISTRY.read_text())["servers"]
    for position, document in enumerate(itertools.islice(itertools.cycle(real), number)):
        time_round = position // len(real)
        yield Entry(_elsewhere(document, time_round), time_round)


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
        if found["state"] != "in_review":
            entry.outcome = f"{found['state']}: {', '.join(_blocking(found))}"


def approve(reviewer: DirectoryClient, given: Iterable[Entry]) -> None:
    """Approve all of them.

    One claim and one decision an item: the only place to change once the desk decides in bulk.
    """
    wanted = {entry.submission_id for entry in given if entry.goes_on}
    for item in list(_open_items(reviewer)):
        if item["submission_id"] not in wanted:
            continue
        path = f"/review/items/{item['review_item_id']}"
        claimed = _call(reviewer, "POST", f"{path}/claim")
        headers = {"If-Match": f'"{claimed["version"]}"'}
        body = {"decision": "approve", "comment": ""}
        _call(reviewer, "POST", f"{path}/decision", json=body, headers=headers)


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
    cursor = ""
    while True:
        query = {"limit": "100", "cursor": cursor}
        page = _call(anybody, "GET", "/directory", params=query)
        found |= {one["slug"]: one["live"]["display_name"] for one in page["listings"]}
        cursor = page["next_cursor"] or ""
        if not cursor:
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


def _open_items(reviewer: DirectoryClient) -> Iterator[Json]:
    cursor = ""
    while True:
        query = {"limit": "100", "kind": "submission", "cursor": cursor}
        page = _call(reviewer, "GET", "/review/items", params=query)
        yield from page["items"]
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
