"""Names of the contracts' enums as they are stored, sent and worded: lower case, without the prefix."""

from __future__ import annotations

from typing import Any


def name(enum: Any, number: int, prefix: str) -> str:
    """`approve` of MOVE_APPROVE; the number as text where the contract is newer than this code."""
    if number not in enum.values():
        return str(number)
    return str(enum.Name(number)).removeprefix(prefix).lower()
