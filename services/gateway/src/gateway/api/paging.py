"""Cursor paging: `limit` and `cursor` in, `next_cursor` out; null on the last page."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.api.schemas import Query

Limit = Annotated[int, Field(ge=1, le=100, description="At most this many.")]
Cursor = Annotated[str, Field(max_length=2048, description="`next_cursor` of the page before.")]


class PageQuery(Query):
    """Which page."""

    limit: Limit = 50
    cursor: Cursor = ""


def next_cursor(token: str) -> str | None:
    """The cursor of the next page, None on the last one."""
    return token or None
