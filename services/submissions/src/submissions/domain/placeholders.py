"""Placeholders of canned responses: words in braces that stand for what an item says of its server."""

from __future__ import annotations

import re
from collections.abc import Mapping

NAMES = ("server_name", "company_name", "server_url", "slug")

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def unknown(text: str) -> list[str]:
    """Placeholders of `text` that stand for nothing, in their order."""
    return [name for name in dict.fromkeys(_PLACEHOLDER.findall(text)) if name not in NAMES]


def filled(text: str, values: Mapping[str, str]) -> str:
    """`text` with the values of its placeholders; one without a value stays, so that a reviewer sees the gap."""
    return _PLACEHOLDER.sub(lambda match: values.get(match[1]) or match[0], text)
