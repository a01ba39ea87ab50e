"""Reading and writing icons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis.errors import NotFound
from chassis.formats import is_uuid
from chassis.sql.database import UnitOfWork
from sqlalchemy import Connection, Text, cast, exists, literal, or_, select, union
from sqlalchemy.dialects.postgresql import insert

from listings.domain.icons import IconImage
from listings.store.tables import icon_images, icons, listings, revisions, shared_icons


@dataclass(frozen=True, slots=True)
class Icon:
    """An icon and the edge lengths at which it is served."""

    icon_id: str
    organization_id: str
    sizes: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """Who uploaded which file, and the id it gets if it is new."""

    icon_id: str
    organization_id: str
    sha256: bytes
    uploaded_by: str
    created_at: datetime


def find_upload(connection: Connection, organization_id: str, sha256: bytes) -> Icon | None:
    """The icon that this very file became when the organization uploaded it before."""
    query = select(icons.c.icon_id).where(icons.c.organization_id == organization_id, icons.c.sha256 == sha256)
    icon_id = connection.execute(query).scalar_one_or_none()
    return Icon(icon_id, organization_id, _sizes(connection, icon_id)) if icon_id else None


def add(uow: UnitOfWork, upload: Upload, images: Sequence[IconImage]) -> Icon:
    """Stores the PNGs. Where somebody else has just stored the same file, theirs stays and is returned."""
    row = insert(icons).values(
        icon_id=upload.icon_id,
        organization_id=upload.organization_id,
        sha256=upload.sha256,
        uploaded_by=upload.uploaded_by,
        created_at=upload.created_at,
    )
    if uow.execute(row.on_conflict_do_nothing(constraint="icons_upload")).rowcount:
        pngs = [{"icon_id": upload.icon_id, "size": image.size, "png": image.png} for image in images]
        uow.execute(insert(icon_images), pngs)
    icon = find_upload(uow.connection, upload.organization_id, upload.sha256)
    if icon is None:
        raise RuntimeError("an icon is not there right after it was stored")
    return icon


def get_own(connection: Connection, icon_id: str, organization_id: str) -> Icon:
    """Raises NotFound ICON_NOT_FOUND, without a difference between absent and foreign."""
    if not is_own(connection, icon_id, organization_id):
        raise not_found()
    return Icon(icon_id, organization_id, _sizes(connection, icon_id))


def is_own(connection: Connection, icon_id: object, organization_id: str) -> bool:
    """Whether the organization uploaded an icon of that id, or a listing that has it passed to the organization."""
    if not (isinstance(icon_id, str) and is_uuid(icon_id)):
        return False
    found = [
        exists().where(table.c.icon_id == icon_id, table.c.organization_id == organization_id)
        for table in (icons, shared_icons)
    ]
    return bool(connection.execute(select(or_(*found))).scalar_one())


def share(uow: UnitOfWork, listing_id: str, organization_id: str) -> None:
    """Lets an organization use every icon that a listing shows, showed, or would show after an edit."""
    shown = union(
        select(listings.c.live["icon_id"].astext.label("icon_id")).where(listings.c.listing_id == listing_id),
        *(
            select(content["icon_id"].astext).where(revisions.c.listing_id == listing_id)
            for content in (revisions.c.content, revisions.c.unsent)
        ),
    ).subquery()
    found = select(icons.c.icon_id, literal(organization_id)).where(
        cast(icons.c.icon_id, Text).in_(select(shown.c.icon_id)), icons.c.organization_id != organization_id
    )
    rows = insert(shared_icons).from_select(["icon_id", "organization_id"], found)
    uow.execute(rows.on_conflict_do_nothing())


def get_image(connection: Connection, icon_id: str, size: int) -> bytes:
    """The PNG of that very size. Raises NotFound ICON_NOT_FOUND."""
    png = None
    # Sizes are 32 bits wide on the wire and 31 in the table.
    if is_uuid(icon_id) and size < 1 << 31:
        query = select(icon_images.c.png).where(icon_images.c.icon_id == icon_id, icon_images.c.size == size)
        png = connection.execute(query).scalar_one_or_none()
    if png is None:
        raise not_found()
    return bytes(png)


def not_found() -> NotFound:
    """The error of an icon that is not there for the caller."""
    return NotFound("ICON_NOT_FOUND", "There is no such icon.")


def _sizes(connection: Connection, icon_id: str) -> tuple[int, ...]:
    query = select(icon_images.c.size).where(icon_images.c.icon_id == icon_id).order_by(icon_images.c.size)
    return tuple(connection.execute(query).scalars())
