"""Reading a server.json of the MCP Registry: what of it belongs into a form, and what does not, with the reason.

Source: the registry's JSON Schema of 2025-12-11; documents of its predecessors name what is read here in the same way.
Nothing is refused that the registry would take: what the form has no place for is left out and said.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chassis.errors import InvalidInput, Violation

from submissions.domain.checks import RESERVED_SLUGS

MAX_BYTES = 256 * 1024
_TRANSPORTS = {"streamable-http": "streamable_http", "sse": "sse"}
_VARIABLE = re.compile(r"\{([^{}]*)\}")
_NAME = re.compile(r"[A-Za-z0-9.-]+/[A-Za-z0-9._-]+")
# Words of a name that say what every server here is; the namespace says whose it is.
_GENERIC = frozenset(
    (
        *("api", "api-server", "main", "mcp", "mcp-api", "mcp-server"),
        *("remote", "remote-mcp-server", "server", "tools", "www"),
    )
)
_IN_CAPITALS = frozenset(("ai", "api", "mcp", "sql", "sse"))
_LONGEST_SLUG = 60
_SHORTEST_SLUG = 3
_SHOWN = 200
# An answer that names more would not get through, and nobody would read it.
_MOST_NAMED = 50


@dataclass(frozen=True, slots=True)
class Remote:
    """A way to reach the server. `variables` of a template in its URL, `headers` that clients have to send."""

    position: int
    url: str
    transport: str
    variables: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServerDocument:
    """What a server.json says, as far as it is looked at. `at` is the pointer of the server inside the document."""

    at: str
    name: str
    title: str
    description: str
    version: str
    website: str
    repository: str
    icons: tuple[str, ...]
    remotes: tuple[Remote, ...]
    packages: int


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the document, by JSON Pointer: the value that it proposes for a field, or why it is left out."""

    source: str
    field: str = ""
    value: str = ""
    message: str = ""


def read(text: str) -> ServerDocument:
    """The document of a text. Raises InvalidInput DOCUMENT_INVALID that names every part that is wrong."""
    if len(text.encode()) > MAX_BYTES:
        raise _invalid([Violation("/document", "TOO_LONG", f"A server.json has at most {MAX_BYTES // 1024} KiB.")])
    try:
        whole = json.loads(text)
        json.dumps(whole, ensure_ascii=False).encode()  # half of a surrogate pair is no text
    except (ValueError, RecursionError):
        advice = "This is no JSON. Give the whole server.json, from its first brace to its last."
        raise _invalid([Violation("/document", "NOT_JSON", advice)]) from None
    if isinstance(whole, dict) and isinstance(whole.get("servers"), list):
        advice = "This is a list of servers. Import them one at a time, each as a document of its own."
        raise _invalid([Violation("/document", "MANY_SERVERS", advice)])
    inside = isinstance(whole, dict) and "name" not in whole and isinstance(whole.get("server"), dict)
    server = whole["server"] if inside else whole
    if not isinstance(server, dict):
        raise _invalid([Violation("/document", "NOT_SERVER_JSON", "A server.json is a JSON object.")])
    return _Reading(server, "/server" if inside else "").document()


def choose(document: ServerDocument, position: int | None) -> Remote | None:
    """The remote that a form can hold: the named one, or the only one; None where there is none.

    Streamable HTTP is taken before server-sent events. Raises InvalidInput REMOTE_NEEDED where several are left, and
    DOCUMENT_INVALID for a position that is none of those that can be taken.
    """
    usable = [remote for remote in document.remotes if not remote.variables]
    if position is not None:
        named = next((remote for remote in usable if remote.position == position), None)
        if named is None:
            raise _invalid([Violation("/remote", "UNKNOWN_VALUE", "The document has no such remote to be taken.")])
        return named
    streamable = [remote for remote in usable if remote.transport == "streamable_http"]
    left = list({remote.url: remote for remote in reversed(streamable or usable)}.values())
    if len(left) > 1:
        choices = [
            Violation(
                f"/document{document.at}/remotes/{remote.position}",
                "CHOICE",
                f"{said(remote.transport)}: {shortened(remote.url)}",
            )
            for remote in left[: -_MOST_NAMED - 1 : -1]
        ]
        message = "The document names several remotes. Say which of them is meant."
        raise InvalidInput("REMOTE_NEEDED", message, violations=choices)
    return left[0] if left else None


def parts(document: ServerDocument, remote: Remote | None) -> list[Part]:
    """Everything that the document says, in its order; of what has no place in a form, as much as people read.

    The slug is for `slugs`.
    """
    found = [*_words(document), *_links(document), *_pictures(document), *_remotes(document, remote)]
    told, placeless = [], 0
    for part in found:
        placeless += not part.field
        if part.field or placeless <= _MOST_NAMED:
            told.append(part)
    if more := len(found) - len(told):
        told.append(Part(document.at, "", f"{more:,} more parts", "They are like the ones above, and left out too."))
    return told


def slugs(name: str) -> Iterator[str]:
    """Slugs that a server's name suggests, the best first, without end."""
    publisher, own = _publisher(name), name.partition("/")[2]
    first = _slug(publisher if _is_generic(own) else own)
    suggested = [first, _slug(f"{publisher}-{own}")]
    yield from (slug for slug in dict.fromkeys(suggested) if slug not in RESERVED_SLUGS)
    number = 2
    while True:
        yield f"{first[: _LONGEST_SLUG - 5].strip('-')}-{number}"
        number += 1


def called(name: str) -> str:
    """A name for people, of a name for programs: `com.example/find-orders` is "Find Orders"."""
    own = name.partition("/")[2]
    words = re.split(r"[-_.\s]+", _publisher(name) if _is_generic(own) else own)
    return " ".join(
        word.upper() if word.lower() in _IN_CAPITALS else word[:1].upper() + word[1:] for word in words if word
    )


def said(transport: str) -> str:
    """A transport in words."""
    return {"streamable_http": "Streamable HTTP", "sse": "Server-sent events"}[transport]


def shortened(value: str) -> str:
    """A value as far as a report shows it."""
    return value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…"


def _words(document: ServerDocument) -> Iterator[Part]:
    at, display_name = document.at, "/listing/display_name"
    if document.title:
        yield Part(f"{at}/title", display_name, document.title)
    else:
        note = "Made of the document's name, which has no title. Change it to what people call the server."
        yield Part(f"{at}/name", display_name, called(document.name), note)
    yield Part(f"{at}/description", "/listing/tagline", document.description)
    note = "The document's one line, to begin with. Say more: people read this before they connect."
    yield Part(f"{at}/description", "/listing/description", document.description, note)
    if document.version:
        yield Part(f"{at}/version", "", document.version, "The directory numbers what it publishes itself.")


def _links(document: ServerDocument) -> Iterator[Part]:
    field = "/listing/documentation_url"
    if document.website:
        note = "Check that people find the documentation there."
        yield Part(f"{document.at}/websiteUrl", field, document.website, note)
    if document.repository:
        source = f"{document.at}/repository/url"
        if document.website:
            yield Part(source, "", document.repository, "The form has no field for it.")
        else:
            note = "The document names no website. Check that people find the documentation there."
            yield Part(source, field, document.repository, note)


def _pictures(document: ServerDocument) -> Iterator[Part]:
    for position, address in enumerate(document.icons):
        note = "Icons are not fetched from elsewhere: upload the file in the form."
        yield Part(f"{document.at}/icons/{position}", "", address, note)


def _remotes(document: ServerDocument, chosen: Remote | None) -> Iterator[Part]:
    if not document.remotes:
        note = "It names no remote, and the directory lists remote servers: give the server URL in the form."
        yield Part(f"{document.at}/remotes", "", "", note)
    for remote in document.remotes:
        source = f"{document.at}/remotes/{remote.position}"
        if remote is chosen:
            yield Part(f"{source}/type", "/transport", remote.transport)
            yield Part(f"{source}/url", "/server_url", remote.url)
            if remote.headers:
                note = "Clients have to send these headers: say under Authentication how people sign in."
                yield Part(f"{source}/headers", "", ", ".join(remote.headers), note)
        elif remote.variables:
            named = shortened(", ".join(remote.variables))
            note = f"A template with variables ({named}): give an address that is the same for everybody in the form."
            yield Part(f"{source}/url", "", remote.url, note)
        else:
            note = "A server has one address in the directory: another of the remotes was taken."
            yield Part(f"{source}/url", "", remote.url, note)
    if document.packages:
        note = "Packages run on people's own machines; the directory lists remote servers alone."
        yield Part(f"{document.at}/packages", "", f"{document.packages} in the document", note)


class _Reading:
    """Reads a server's members and remembers everything that is wrong with them."""

    def __init__(self, server: dict[str, Any], at: str) -> None:
        self._server = server
        self._at = at
        self._wrong: list[Violation] = []

    def document(self) -> ServerDocument:
        name = self._text("name", needed=True)
        if name and not _NAME.fullmatch(name):
            advice = "A name looks like com.example/find-orders: a domain turned round, a slash, and the server's own."
            self._refuse("name", advice)
        repository = self._server.get("repository") or {}
        if not isinstance(repository, dict):
            self._refuse("repository", "Make this an object: {…}, or leave it out.")
            repository = {}
        url = repository.get("url", "")
        read = ServerDocument(
            at=self._at,
            name=name,
            title=self._text("title"),
            description=self._text("description", needed=True),
            version=self._text("version"),
            website=self._text("websiteUrl"),
            repository=url if isinstance(url, str) else "",
            icons=tuple(self._addresses("icons", "src")),
            remotes=tuple(self._remotes()),
            packages=len(self._objects("packages")),
        )
        if self._wrong:
            raise _invalid(self._wrong[:_MOST_NAMED])
        return read

    def _text(self, name: str, *, needed: bool = False) -> str:
        value = self._server.get(name)
        text = "" if value is None else value
        if not isinstance(text, str):
            self._refuse(name, "Make this a text, in quotation marks.")
            return ""
        if needed and not text.strip():
            self._refuse(name, f'Add "{name}" with a text: every server.json has one.')
        return text.strip()

    def _objects(self, name: str) -> list[tuple[int, dict[str, Any]]]:
        given = self._server.get(name) or []
        if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
            self._refuse(name, "Make this a list of objects: [{…}], or leave it out.")
            return []
        return list(enumerate(given))

    def _addresses(self, name: str, member: str) -> Iterator[str]:
        for _, each in self._objects(name):
            if isinstance(each.get(member), str):
                yield each[member]

    def _remotes(self) -> Iterator[Remote]:
        for position, each in self._objects("remotes"):
            url, kind = each.get("url"), each.get("type")
            if not isinstance(url, str) or not url.strip():
                self._refuse(f"remotes/{position}/url", 'Add "url" with the address of this remote.')
            elif kind not in _TRANSPORTS:
                self._refuse(f"remotes/{position}/type", "A remote is of the type streamable-http or sse.")
            else:
                headers = tuple(_header_names(each.get("headers")))
                yield Remote(position, url.strip(), _TRANSPORTS[kind], tuple(_VARIABLE.findall(url)), headers)

    def _refuse(self, name: str, advice: str) -> None:
        self._wrong.append(Violation(f"/document{self._at}/{name}", "NOT_SERVER_JSON", advice))


def _header_names(headers: Any) -> Iterator[str]:
    for header in headers if isinstance(headers, list) else ():
        if isinstance(header, dict) and isinstance(header.get("name"), str):
            yield header["name"]


def _publisher(name: str) -> str:
    """The label of the namespace that says whose it is: the last one that says anything."""
    labels = name.partition("/")[0].split(".")
    return next((label for label in reversed(labels[1:]) if label and not _is_generic(label)), labels[-1])


def _is_generic(word: str) -> bool:
    return word.lower().replace("_", "-").replace(".", "-") in _GENERIC


def _slug(words: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:_LONGEST_SLUG].strip("-")
    return slug if len(slug) >= _SHORTEST_SLUG else f"{slug}-mcp".strip("-")


def _invalid(violations: list[Violation]) -> InvalidInput:
    return InvalidInput("DOCUMENT_INVALID", "This is no server.json that can be imported.", violations=violations)
