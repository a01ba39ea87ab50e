"""What a publisher saves and submits, checked against the rules of the contract (directory.rules.v1)."""

from collections.abc import Iterable

from chassis import rules
from chassis.errors import InvalidInput, Violation
from directory.listings.v1.listings_service_pb2 import SaveRevisionRequest
from sqlalchemy import Connection

from listings.domain.listing import Content
from listings.store import icons
from listings.store.contract import to_content, to_message

MAX_MESSAGE = 5000


def merged(saved: Content, request: SaveRevisionRequest) -> Content:
    """What was saved so far with the request's edits. Raises InvalidInput CONTENT_INVALID, naming every field."""
    message = to_message(saved)
    try:
        rules.merge(message, request.content, request.update_mask.paths)
    except InvalidInput as error:
        raise invalid(error.violations) from error
    named = {f"/{path}" for path in request.update_mask.paths}
    cleared = [violation for violation in rules.missing(message) if violation.field in named]
    violations = [*rules.check(message), *cleared]
    if violations:
        raise invalid(violations)
    return to_content(message)


def require_valid(content: Content) -> None:
    """Raises InvalidInput CONTENT_INVALID, naming every field that breaks its rule."""
    if violations := rules.check(to_message(content)):
        raise invalid(violations)


def require_own_icon(connection: Connection, content: Content, organization_id: str) -> None:
    """Raises InvalidInput CONTENT_INVALID for an icon that this organization did not upload."""
    if "icon_id" in content and not icons.is_own(connection, content["icon_id"], organization_id):
        raise invalid([Violation("/icon_id", "UNKNOWN_ICON", "Upload the icon first.")])


def require_complete(content: Content) -> None:
    """Raises InvalidInput CONTENT_INVALID, naming every field that is still missing."""
    if missing := rules.missing(to_message(content)):
        raise invalid(missing)


def message_to_reviewer(text: str) -> str:
    """The message, trimmed. Raises InvalidInput CONTENT_INVALID."""
    trimmed = text.strip()
    if len(trimmed) > MAX_MESSAGE:
        advice = f"Use at most {MAX_MESSAGE:,} characters; this has {len(trimmed):,}."
        raise invalid([Violation("/message", "TOO_LONG", advice)])
    if "\0" in trimmed:
        raise invalid([Violation("/message", "CONTROL_CHARACTER", "Remove the character U+0000.")])
    return trimmed


def invalid(violations: Iterable[Violation]) -> InvalidInput:
    """The error of a request whose fields break rules."""
    return InvalidInput("CONTENT_INVALID", "Some fields need attention.", violations=violations)
