"""The offline checks of a submission: what can be found wrong without speaking to the server.

Every finding has a stable code and says what to do. The look at the live server (`probe_findings`) adds its own to
these before `outcome` is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum

from chassis.errors import Violation

from submissions.domain import server_url
from submissions.domain.invisible import has_invisible
from submissions.domain.lifecycle import Move

# Paths of the directory itself, and names that only the directory may use.
RESERVED_SLUGS = frozenset(
    word
    for line in (
        "about account accounts admin administrator anthropic api app apps assets auth billing blog categories",
        "category claude connector connectors contact dashboard directory docs download edit explore favicon featured",
        "healthz help home icon icons index internal legal listing listings login logout mcp metrics new null",
        "oauth official openapi privacy profile readyz register registry reports review reviews root search security",
        "server servers settings sign-in sign-out signin signout signup static status submission submissions submit",
        "support system terms test trending undefined user users well-known www",
    )
    for word in line.split()
)

_INSTRUCTION = re.compile(
    r"(?i)\b(ignore|disregard|forget)\b.{0,40}\b(previous|prior|above|earlier|system)\b.{0,40}\b(instructions?|prompts?)\b"
    r"|\byou (must|should) always (use|call|prefer)\b|<\s*(system|important)\s*>"
)


class Grade(StrEnum):
    """How grave a finding is; the values are stored."""

    NOTE = "note"
    WARN = "warn"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found. `field` is a JSON Pointer into the form, or empty."""

    code: str
    grade: Grade
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What the checks look at. `links` maps a field's JSON Pointer to its URL."""

    server_url: str
    transport: str
    slug: str
    display_name: str
    tagline: str
    description: str
    api_ownership: str
    health_data: bool
    sponsored_content: bool
    links: dict[str, str]
    problems: Sequence[Violation]
    authentication: str = ""
    data_access: str = ""
    own_network: bool = False
    """Whether the server lies in a network that this installation named for its servers."""


def run(subject: Subject) -> list[Finding]:
    """All offline findings, gravest first."""
    found = (*_form(subject), *_address(subject), *_slug(subject), *_words(subject), *_links(subject), *_data(subject))
    return gravest_first(found)


def of_edit(before: Subject, after: Subject, changed: Set[str]) -> list[Finding]:
    """Offline findings of an edit, gravest first: those in the fields that it changes (JSON Pointers), and new ones."""
    known = run(before)
    return [finding for finding in run(after) if finding.field in changed or finding not in known]


def gravest_first(findings: Iterable[Finding]) -> list[Finding]:
    """Findings in the order in which they are told."""
    order = [Grade.BLOCK, Grade.WARN, Grade.NOTE]
    return sorted(findings, key=lambda finding: order.index(finding.grade))


def outcome(findings: Iterable[Finding]) -> Move:
    """The move that findings lead to: one of grade block sends the submission back."""
    blocked = any(finding.grade is Grade.BLOCK for finding in findings)
    return Move.FAIL_CHECKS if blocked else Move.PASS_CHECKS


def counts(findings: Sequence[Finding]) -> tuple[int, int]:
    """How many are of grade warn, and how many of grade block: what a review item says of them."""
    grades = [finding.grade for finding in findings]
    return grades.count(Grade.WARN), grades.count(Grade.BLOCK)


def _form(subject: Subject) -> Iterator[Finding]:
    for problem in subject.problems:
        yield Finding("FORM_INCOMPLETE", Grade.BLOCK, problem.field, problem.message)


def _address(subject: Subject) -> Iterator[Finding]:
    url, field = subject.server_url, "/server_url"
    if not url:
        return
    if not subject.own_network and (why := server_url.not_public(url)):
        text = f"The host of the server URL {why}. Give an address that everybody on the internet can reach."
        yield Finding("SERVER_URL_NOT_PUBLIC", Grade.BLOCK, field, text)
    if server_url.is_reserved_name(url):
        text = "The host lies in a domain kept for documentation and tests. Give the server's real address."
        yield Finding("SERVER_URL_RESERVED_NAME", Grade.WARN, field, text)
    if parameter := server_url.secret_parameter(url):
        text = (
            f"The parameter {parameter!r} looks like a key, and everybody sees the server URL. Take it out of the URL, "
            "withdraw the key, and put access for reviewers into its own field."
        )
        yield Finding("SERVER_URL_CARRIES_SECRET", Grade.BLOCK, field, text)
    if port := server_url.unusual_port(url):
        text = f"The server listens on port {port}. Some networks let only port 443 through; prefer it."
        yield Finding("SERVER_URL_PORT", Grade.NOTE, field, text)
    if subject.transport == "sse":
        text = "HTTP with server-sent events is deprecated in MCP. Plan the change to streamable HTTP."
        yield Finding("TRANSPORT_SSE", Grade.WARN, "/transport", text)


def _slug(subject: Subject) -> Iterator[Finding]:
    if subject.slug in RESERVED_SLUGS:
        text = f"The slug {subject.slug!r} is kept for the directory itself. Choose one with your product's name."
        yield Finding("SLUG_RESERVED", Grade.BLOCK, "/slug", text)


def _words(subject: Subject) -> Iterator[Finding]:
    named = {"/listing/display_name": subject.display_name, "/listing/tagline": subject.tagline}
    for field, value in named.items():
        if has_invisible(value):
            text = "This contains invisible or direction-changing characters. Type it again without them."
            yield Finding("TEXT_INVISIBLE_CHARACTERS", Grade.BLOCK, field, text)
    for field, value in {**named, "/listing/description": subject.description}.items():
        if _INSTRUCTION.search(value):
            text = "This reads like an instruction to the model. Describe the server for people instead."
            yield Finding("TEXT_INSTRUCTS_MODEL", Grade.WARN, field, text)


def _links(subject: Subject) -> Iterator[Finding]:
    for field, url in subject.links.items():
        if url.lower().startswith("https:") and (why := server_url.not_public(url)):
            text = f"The host of this link {why}. Give a link that everybody can open."
            yield Finding("LINK_NOT_PUBLIC", Grade.BLOCK, field, text)
    documentation = subject.links.get("/listing/documentation_url", "")
    if documentation and documentation == subject.links.get("/listing/privacy_policy_url"):
        text = "The privacy policy and the documentation are the same page. Link the policy itself."
        yield Finding("PRIVACY_POLICY_IS_DOCUMENTATION", Grade.WARN, "/listing/privacy_policy_url", text)


def _data(subject: Subject) -> Iterator[Finding]:
    if subject.api_ownership == "third_party":
        text = "The API is somebody else's. Tell the reviewer in the thread by which right you offer it."
        yield Finding("API_THIRD_PARTY", Grade.WARN, "/api_ownership", text)
    if subject.health_data:
        text = "Health data is declared: the reviewer looks at the privacy policy with that in mind."
        yield Finding("HEALTH_DATA_DECLARED", Grade.NOTE, "/health_data", text)
    if subject.sponsored_content:
        text = "Sponsored content is declared: say in the description how people recognise it."
        yield Finding("SPONSORED_CONTENT_DECLARED", Grade.NOTE, "/sponsored_content", text)
