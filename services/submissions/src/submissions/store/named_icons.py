"""Which icons submissions name. The icons themselves are kept by listings, which cannot see them here."""

from __future__ import annotations

from sqlalchemy import Connection, text

# Found wherever it stands in a document, so that none is missed in a place that is new.
_EVERY_ICON = text(
    " UNION ".join(
        f"SELECT jsonb_path_query({column}, '$.**.icon_id') #>> '{{}}' AS icon_id FROM {table}"  # noqa: S608
        for table, column in (
            ("submissions", "form"),
            ("review_items", "handed_in"),
            ("review_items", "before"),
            ("review_items", "after"),
        )
    )
)


def every_icon(connection: Connection) -> list[str]:
    """The id of every icon that a form or an item of the desk, open or decided, names; sorted."""
    found = connection.execute(_EVERY_ICON).scalars()
    return sorted(icon_id for icon_id in found if icon_id)
