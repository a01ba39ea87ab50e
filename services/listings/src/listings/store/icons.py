"""Reading and writing icons."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from chassis.errors import NotFound
from chassis.formats import is_uuid
from chassis.sql.database import UnitOfWork
from sqlalchemy import Connection, Text, and_, cast, exists, func, literal, or_, select, union, update
from sqlalchemy.dialects.postgresql import insert

from listings.domain.icons import IconImage
from listings.store.tables import icon_images, icons, listings, revisions, shared_icons

USE_NOTED_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Icon:
    """An icon and the edge lengths at which it is served."""

    icon_id: str
    organization_id: str
    sizes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StoredImage:
    """A picture as stored; without WebP where it is older than that."""

    png: bytes
    webp: bytes | None


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


def made_since(connection: Connection, organization_id: str, since: datetime) -> Sequence[datetime]:
    """When the organization's icons were uploaded since then, latest first."""
    query = select(icons.c.created_at).where(icons.c.organization_id == organization_id, icons.c.created_at > since)
    return connection.execute(query.order_by(icons.c.created_at.desc())).scalars().all()


def use(uow: UnitOfWork, icon_id: str, now: datetime) -> bool:
    """Notes that somebody is about to name the icon, which keeps it from being removed; False where it is gone.

    Written once a day for an icon, as its removal waits for weeks (store/unnamed_icons.py).
    """
    this = icons.c.icon_id == icon_id
    if uow.execute(select(exists().where(this, icons.c.used_at > now - USE_NOTED_EVERY))).scalar_one():
        return True
    return bool(uow.execute(update(icons).where(this).values(used_at=now)).rowcount)


def lock_uploads(uow: UnitOfWork, organization_id: str) -> None:
    """Until the transaction ends nobody else stores icons of the organization: two cannot count the same."""
    lock = func.pg_advisory_xact_lock(func.hashtext("icons.made"), func.hashtext(organization_id))
    uow.execute(select(lock))


def add(uow: UnitOfWork, upload: Upload, images: Sequence[IconImage]) -> Icon:
    """Stores the pictures. Where somebody else has just stored the same file, theirs stays and is returned."""
    row = insert(icons).values(
        icon_id=upload.icon_id,
        organization_id=upload.organization_id,
        sha256=upload.sha256,
        uploaded_by=upload.uploaded_by,
        created_at=upload.created_at,
        used_at=upload.created_at,
    )
    if uow.execute(row.on_conflict_do_nothing(constraint="icons_upload")).rowcount:
        rows = [{"icon_id": upload.icon_id, **asdict(image)} for image in images]
        uow.execute(insert(icon_images), rows)
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


def get_image(connection: Connection, icon_id: str, size: int, *, or_below: bool = False) -> StoredImage:
    """The picture of that very size, or the largest that is not above it. Raises NotFound ICON_NOT_FOUND."""
    row = None
    # Sizes are 32 bits wide on the wire and 31 in the table.
    if is_uuid(icon_id) and size < 1 << 31:
        fits = icon_images.c.size <= size if or_below else icon_images.c.size == size
        query = select(icon_images.c.png, icon_images.c.webp).where(icon_images.c.icon_id == icon_id, fits)
        row = connection.execute(query.order_by(icon_images.c.size.desc()).limit(1)).one_or_none()
    if row is None:
        raise not_found()
    return StoredImage(bytes(row.png), None if row.webp is None else bytes(row.webp))


def next_without_webp(connection: Connection, *, after: str) -> tuple[str, bytes] | None:
    """The first icon behind `after` (an id; empty for the first of all) that lacks a WebP, with its largest PNG."""
    lacking = select(icon_images.c.icon_id).where(icon_images.c.webp.is_(None))
    if after:
        lacking = lacking.where(icon_images.c.icon_id > after)
    icon_id = connection.execute(lacking.order_by(icon_images.c.icon_id).limit(1)).scalar_one_or_none()
    if icon_id is None:
        return None
    largest = select(icon_images.c.png).where(icon_images.c.icon_id == icon_id)
    png = connection.execute(largest.order_by(icon_images.c.size.desc()).limit(1)).scalar_one()
    return str(icon_id), bytes(png)


def add_webps(uow: UnitOfWork, icon_id: str, images: Sequence[IconImage]) -> None:
    """Stores the WebPs of an icon where they are lacking."""
    for image in images:
        mine = and_(icon_images.c.icon_id == icon_id, icon_images.c.size == image.size)
        uow.execute(update(icon_images).where(mine, icon_images.c.webp.is_(None)).values(webp=image.webp))


def not_found() -> NotFound:
    """The error of an icon that is not there for the caller."""
    return NotFound("ICON_NOT_FOUND", "There is no such icon.")


def _sizes(connection: Connection, icon_id: str) -> tuple[int, ...]:
    query = select(icon_images.c.size).where(icon_images.c.icon_id == icon_id).order_by(icon_images.c.size)
    return tuple(connection.execute(query).scalars())
