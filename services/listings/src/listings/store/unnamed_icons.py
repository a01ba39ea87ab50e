"""Icons that nothing names any more: which they are, and their removal.

An icon may be named by a form that only submissions sees, so what submissions names comes in (`python -m submissions
icons`). A form that names it since then was saved after the gateway asked for the icon, which is noted (`icons.use`):
an icon that was not asked for in weeks, and that neither the answer of submissions nor anything here names, is named
nowhere. Looking again under the row's lock keeps that true for whoever asks at this very moment.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from chassis.sql.database import UnitOfWork
from sqlalchemy import Connection, Select, delete, select, text

from listings.store.tables import icon_images, icons, shared_icons

_AT_ONCE = 100

# Found wherever it stands in a document, so that none is missed in a place that is new.
_NAMED_HERE = text(
    " UNION ".join(
        f"SELECT jsonb_path_query({column}, '$.**.icon_id') #>> '{{}}' AS icon_id FROM {table}"  # noqa: S608
        for table, column in (
            ("listings", "live"),
            ("revisions", "content"),
            ("revisions", "unsent"),
            ("versions", "content"),
        )
    )
)


def find(connection: Connection, named: Collection[str], *, unused_since: datetime) -> list[str]:
    """Ids of icons that were not used since then, and that neither `named` nor a listing, revision or version names."""
    kept = {*named, *connection.execute(_NAMED_HERE).scalars()}
    unused = connection.execute(_unused(unused_since)).scalars()
    return [icon_id for icon_id in unused if icon_id not in kept]


def any_known(connection: Connection, icon_ids: Collection[str]) -> bool:
    """Whether one of the ids is an icon's."""
    return not set(connection.execute(select(icons.c.icon_id)).scalars()).isdisjoint(icon_ids)


def batches(icon_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Portions for one transaction each."""
    for start in range(0, len(icon_ids), _AT_ONCE):
        yield icon_ids[start : start + _AT_ONCE]


def remove(uow: UnitOfWork, icon_ids: Sequence[str], *, unused_since: datetime) -> int:
    """Removes those of the icons that are still unused; how many they are."""
    query = _unused(unused_since).where(icons.c.icon_id.in_(icon_ids)).order_by(icons.c.icon_id).with_for_update()
    gone = uow.execute(query).scalars().all()
    for table in (icon_images, shared_icons, icons):
        uow.execute(delete(table).where(table.c.icon_id.in_(gone)))
    return len(gone)


def _unused(since: datetime) -> Select[Any]:
    return select(icons.c.icon_id).where(icons.c.used_at < since)
