"""What publishers choose of an endpoint, checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from chassis import rules
from chassis.destinations import Network, lies_within, literal, refusal
from chassis.errors import InvalidInput, Violation
from directory.notifications.v1.webhooks_service_pb2 import WebhookSettings

from notifications.domain.happenings import WEBHOOK_TYPES


def checked(settings: WebhookSettings, networks: Sequence[Network]) -> dict[str, Any]:
    """The columns. Raises InvalidInput SETTINGS_INVALID, naming every field of `settings` that breaks its rule.

    `networks` are those of development: URLs in them may be of plain http.
    """
    rules.trim(settings)
    in_named = settings.url.startswith("http://") and lies_within(settings.url, networks)
    broken = [*_missing(settings), *rules.check(settings), *_types(settings)]
    violations = [each for each in broken if not (in_named and each.code == "NOT_SERVER_URL")]
    if not violations and not networks and _is_inside(settings.url):
        violations.append(Violation("/url", "ADDRESS_REFUSED", "Give an address that the internet can reach."))
    if violations:
        raise InvalidInput("SETTINGS_INVALID", "Some fields need attention.", violations=violations)
    return {
        "url": settings.url,
        "description": settings.description,
        "event_types": sorted(set(settings.event_types)),
    }


def _missing(settings: WebhookSettings) -> Iterator[Violation]:
    # The contract's words speak of submitting, and an endpoint is only saved.
    for each in rules.missing(settings):
        yield replace(each, message="Fill this in.")


def _types(settings: WebhookSettings) -> Iterator[Violation]:
    for place, event_type in enumerate(settings.event_types):
        if event_type not in WEBHOOK_TYPES:
            yield Violation(f"/event_types/{place}", "UNKNOWN_VALUE", f"Choose of: {', '.join(WEBHOOK_TYPES)}.")


def _is_inside(url: str) -> bool:
    address = literal(urlsplit(url).hostname or "")
    return address is not None and bool(refusal(address))
