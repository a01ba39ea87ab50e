"""Requests that no view should have to think about: text that no database takes, JSON without end, wrong types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from chassis.errors import InvalidInput, Violation
from flask import current_app, request
from werkzeug.exceptions import BadRequest, ClientDisconnected, UnsupportedMediaType

View = TypeVar("View", bound=Callable[..., Any])

MAX_BODY = 1024 * 1024
MAX_UPLOAD = 8 * MAX_BODY
"""Of a form with a file: enough that a file far too large is told at its field and the rest of the form is kept."""
MAX_DEPTH = 32
JSON_TYPES = frozenset({"application/json", "application/merge-patch+json"})
_SHOWN = 100
_RAW_BODY = "takes_raw_body"
_TEXTS = "takes_files_and_texts"


def check_headers() -> None:
    """An Idempotency-Key is 1-255 visible ASCII characters. Raises InvalidInput HEADER_INVALID (400)."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return
    if not 1 <= len(key) <= 255 or not all("!" <= character <= "~" for character in key):
        raise InvalidInput("HEADER_INVALID", "Idempotency-Key must be 1-255 visible ASCII characters.")


def check_text() -> None:
    """Text of path and query can be stored. Raises InvalidInput REQUEST_INVALID that names the parameter."""
    for name, value in request.args.items(multi=True):
        if not _storable(name):
            raise _invalid_text("")
        if not _storable(value):
            raise _invalid_text(f"/{escaped(name)}")
    for name, value in (request.view_args or {}).items():
        if not _storable(str(value)):
            raise _invalid_text(f"/{name}")


def check_json() -> None:
    """The body, where there is one, is JSON that can be worked with.

    Raises UnsupportedMediaType (415), InvalidInput JSON_MALFORMED or JSON_TOO_DEEP (400), REQUEST_INVALID (422).
    """
    if request.method in ("GET", "HEAD", "OPTIONS") or _is_raw():
        return
    if not request.content_length and "chunked" not in request.headers.get("Transfer-Encoding", ""):
        return
    if request.mimetype not in JSON_TYPES:
        raise UnsupportedMediaType
    try:
        document = request.get_json()
    except RecursionError as error:
        raise _too_deep() from error
    except ClientDisconnected:
        raise
    except BadRequest as error:
        raise InvalidInput("JSON_MALFORMED", "The body is not JSON in UTF-8, or not one document.") from error
    if not isinstance(document, dict):
        message = "The body must be a JSON object."
        raise InvalidInput("REQUEST_INVALID", message, violations=[Violation("", "WRONG_TYPE", message)])
    _walk(document, pointer="", depth=1)


def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The members of a JSON object. Raises InvalidInput JSON_MALFORMED where a name stands twice.

    Parsers differ in which of the two they take: what one of them looked at is not what another acts upon.
    """
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise InvalidInput("JSON_MALFORMED", f"A name stands twice in one object: {name[:_SHOWN]!a}.")
        found[name] = value
    return found


def takes_raw_body(view: View) -> View:
    """Mark a view that takes another body than JSON and reads it itself."""
    setattr(view, _RAW_BODY, True)
    return view


def takes_files(*, texts: int = MAX_BODY) -> Callable[[View], View]:
    """Mark a view whose form comes with files: up to MAX_UPLOAD bytes, of which `texts` are no file."""

    def mark(view: View) -> View:
        setattr(view, _TEXTS, texts)
        return view

    return mark


def allow_files() -> None:
    """Let the body be as large as its view takes. To be called before anything reads it."""
    if texts := _mark(_TEXTS):
        request.max_content_length = MAX_UPLOAD
        request.max_form_memory_size = texts


def _is_raw() -> bool:
    return bool(_mark(_RAW_BODY))


def _mark(name: str) -> Any:
    return getattr(current_app.view_functions.get(request.endpoint or ""), name, None)


def _walk(value: Any, *, pointer: str, depth: int) -> None:
    if depth > MAX_DEPTH and isinstance(value, dict | list):
        raise _too_deep()
    if isinstance(value, str):
        if not _storable(value):
            raise _invalid_text(pointer)
    elif isinstance(value, dict):
        for name, member in value.items():
            if not _storable(name):
                raise _invalid_text(pointer)
            _walk(member, pointer=f"{pointer}/{escaped(name)}", depth=depth + 1)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            _walk(member, pointer=f"{pointer}/{index}", depth=depth + 1)


def escaped(name: str) -> str:
    """A name as a token of a JSON Pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def _storable(text: str) -> bool:
    # PostgreSQL takes no NUL and UTF-8 no lone surrogates.
    if "\x00" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _invalid_text(pointer: str) -> InvalidInput:
    message = "Remove characters that are not text (NUL or half of a surrogate pair)."
    return InvalidInput("REQUEST_INVALID", message, violations=[Violation(pointer, "NOT_TEXT", message)])


def _too_deep() -> InvalidInput:
    return InvalidInput("JSON_TOO_DEEP", f"Objects and lists may be nested at most {MAX_DEPTH} levels deep.")
