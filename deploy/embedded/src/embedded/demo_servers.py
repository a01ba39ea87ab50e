"""The example servers of deploy/demo/servers: what is submitted, what happens to it, and how much it is used.

Where ../shared/vectors/remote-servers.json lies beside the repository, real entries of the public MCP Registry lend
some of them name, description and address. Nobody ever calls these addresses.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]

_REPOSITORY = Path(__file__).resolve().parents[4]
FOLDER = _REPOSITORY / "deploy" / "demo" / "servers"
REGISTRY = _REPOSITORY.parent / "shared" / "vectors" / "remote-servers.json"
_LONGEST_URL = 2048
_ACKNOWLEDGEMENTS = (
    "guidelines",
    "first_party_api",
    "financial_transactions",
    "ai_media_generation",
    "prompt_injection",
    "conversation_data",
    "public_documentation",
)


@dataclass(frozen=True)
class Step:
    """Something that happens to a submission: a move, a decision, a message or a claim."""

    do: str
    by: str = ""  # e-mail address of the reviewer; empty is the owner
    text: str = ""
    reason: str | None = None
    changes: Json = field(default_factory=dict)  # saved before submitting


@dataclass(frozen=True)
class Edit:
    """A revision of the listing, and the state it ends in."""

    end: str
    changes: Json
    message: str = ""
    by: str = ""
    comment: str = ""
    reason: str | None = None


@dataclass(frozen=True)
class Traffic:
    """How a server is used.

    Attributes:
        calls_a_day: on a working day before any growth; below 1 is one call every so many days.
        accounts: how many may use it.
        removals: share of the accounts that remove the connector within the last 30 days.
        failures: share of the calls that fail, by kind (demo_traffic.FAILURES).
        growth: use at the end of the last week, as a multiple of what it was before.
        slowness: factor of all durations.
        messages_a_day: messages that belong to no call.
        incident: one bad day, {"days_ago", "failure", "share"}.
        trouble_with: a product whose client makes mistakes.
    """

    calls_a_day: float
    accounts: int
    removals: float
    failures: Mapping[str, float]
    growth: float = 1.0
    slowness: float = 1.0
    messages_a_day: int = 0
    incident: Mapping[str, Any] | None = None
    trouble_with: str = ""


@dataclass(frozen=True)
class DemoServer:
    """One example server."""

    organization: str
    owner: str
    slug: str
    display_name: str
    form: Json
    steps: tuple[Step, ...]
    edits: tuple[Edit, ...]
    tools: tuple[str, ...]
    traffic: Traffic | None


def load(folder: Path = FOLDER, registry: Path = REGISTRY) -> list[DemoServer]:
    """All example servers, in order; the owner's own ones where the registry's file or an entry is missing."""
    entries = _registry_entries(registry)
    publishers = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.json"))]
    return [_server(publisher, told, entries) for publisher in publishers for told in publisher["servers"]]


def _registry_entries(file: Path) -> dict[str, Json]:
    if not file.exists():
        return {}
    entries = [entry["server"] for entry in json.loads(file.read_text(encoding="utf-8"))["servers"]]
    return {entry["name"]: entry for entry in entries if _is_usable(entry)}


def _is_usable(entry: Json) -> bool:
    url = (entry.get("remotes") or [{}])[0].get("url", "")
    parts = urlsplit(url)
    plain = parts.scheme == "https" and not parts.username and not parts.fragment and "{" not in url
    return plain and len(url) <= _LONGEST_URL and bool(entry.get("description"))


def _server(publisher: Json, told: Json, entries: Mapping[str, Json]) -> DemoServer:
    wanted = told.get("registry", {})
    entry = entries.get(wanted.get("name", ""))
    name = wanted["display_name"] if entry else told["display_name"]
    slug = _slug(name) if entry else told["slug"]
    form = _form(publisher, told, entry, name=name, slug=slug)
    return DemoServer(
        organization=publisher["organization"],
        owner=publisher["owner"],
        slug=slug,
        display_name=name,
        form=_draft(form, told["draft"]) if "draft" in told else form,
        steps=tuple(Step(**step) for step in told.get("steps", ())),
        edits=tuple(_edit(edit, form) for edit in told.get("revisions", ())),
        tools=tuple(told["tools"]),
        traffic=Traffic(**told["traffic"]) if "traffic" in told else None,
    )


def _form(publisher: Json, told: Json, entry: Json | None, *, name: str, slug: str) -> Json:
    website = publisher["website"]
    remote = entry["remotes"][0] if entry else {}
    own_url = f"https://mcp.{urlsplit(website).hostname}/{told['path']}"
    form = {
        "server_url": remote.get("url", own_url),
        "transport": "sse" if remote.get("type", told.get("transport")) == "sse" else "streamable_http",
        "slug": slug,
        "listing": {
            "display_name": name,
            "tagline": told["tagline"],
            "description": _description(told, entry),
            "categories": told["categories"],
            "documentation_url": _documentation(entry) or f"{website}/docs/{slug}",
            "privacy_policy_url": f"{website}/privacy",
            "support_contact": publisher["support"],
            "company_name": publisher["organization"],
            "company_website": website,
        },
        "use_cases": told["use_cases"],
        "data_access": told["data_access"],
        "authentication": told["authentication"],
        "api_ownership": "partner_with_permission" if entry else "own",
        "health_data": bool(publisher.get("health_data")) and told["authentication"] != "none",
        "sponsored_content": False,
        "acknowledgements": dict.fromkeys(_ACKNOWLEDGEMENTS, True),
    }
    if told["authentication"] != "none":
        form["reviewer_access"] = {
            "instructions": f"Connect {name}, sign in with the account below, then try the use cases in their order.",
            "credentials": f"reviewer@{urlsplit(website).hostname} / example-only-{slug}",
        }
    return form


def _draft(form: Json, fields: list[str]) -> Json:
    """A form that somebody has just begun."""
    listing = {name: form["listing"][name] for name in fields}
    return {"slug": form["slug"], "server_url": form["server_url"], "listing": listing}


def _description(told: Json, entry: Json | None) -> str:
    first = _whole_sentences(entry["description"]) if entry else f"{told['tagline']}."
    examples = "\n".join(f"- *{case}*" for case in told["use_cases"])
    tools = ", ".join(f"`{tool}`" for tool in told["tools"])
    return f"{first}\n\n**What people ask**\n\n{examples}\n\n**Tools:** {tools}"


def _whole_sentences(text: str) -> str:
    """Descriptions of the registry end in the middle of a sentence after 100 characters."""
    cut = text.rstrip(".…") if not text.endswith(("…", "...")) else text[: text.rfind(". ")]
    return f"{cut.strip()}."


def _documentation(entry: Json | None) -> str:
    offered = [entry.get("websiteUrl"), (entry.get("repository") or {}).get("url")] if entry else []
    return next((url for url in offered if url and url.startswith("https://")), "")


def _edit(told: Json, form: Json) -> Edit:
    listing = form["listing"]
    words = {"{name}": listing["display_name"], "{description}": listing["description"]}

    def filled(value: Any) -> Any:
        for word, text in words.items():
            value = value.replace(word, text) if isinstance(value, str) else value
        return value

    changes = {name: filled(value) for name, value in told["changes"].items()}
    return Edit(**(told | {"changes": changes}))


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
