"""Page tokens of lists by time: where the next page begins."""

from __future__ import annotations

from datetime import datetime

from chassis import paging
from chassis.errors import InvalidInput


def place(token: str) -> tuple[datetime, str] | None:
    """Time and id of a page's last row; None for the first page. Raises InvalidInput PAGE_TOKEN_INVALID."""
    match paging.decode(token):
        case []:
            return None
        case [str(at), str(row_id)] if "\0" not in row_id:
            try:
                moment = datetime.fromisoformat(at)
                row_id.encode()
            except ValueError:
                pass
            else:
                if moment.tzinfo is not None:
                    return moment, row_id
    raise InvalidInput("PAGE_TOKEN_INVALID", "The page token is not one that this service made. Start at page one.")
