"""IconService: icons come in as files and go out as PNGs and WebPs made from them."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta

import grpc
from chassis import clock
from chassis.errors import LimitExceeded
from chassis.ids import new_id
from chassis.rpc.caller import publisher
from chassis.rpc.methods import read
from chassis.sql.database import Database, UnitOfWork
from directory.listings.v1 import listings_service_pb2 as pb
from directory.listings.v1.listing_pb2 import Icon as WireIcon
from directory.listings.v1.listings_service_pb2_grpc import IconServiceServicer
from sqlalchemy import Connection

from listings.domain import icon_worker
from listings.domain.icons import IconImage
from listings.store import icons

_DAY = timedelta(days=1)


class IconsApi(IconServiceServicer):
    """Uploads are decoded in a process of their own, outside of any transaction."""

    def __init__(self, database: Database, *, daily_limit: int, now: clock.Clock = clock.now) -> None:
        self.database = database
        self._daily_limit = daily_limit
        self._now = now

    def UploadIcon(self, request: pb.UploadIconRequest, context: grpc.ServicerContext) -> pb.UploadIconResponse:
        """Stores pictures made from the file. The same file again gives the same icon, so retries are safe.

        Raises InvalidInput ICON_..., LimitExceeded ICON_DAILY_LIMIT.
        """
        grant = publisher()
        sha256 = hashlib.sha256(request.image).digest()
        known = self.database.run_read(lambda connection: self._known(connection, grant.organization_id, sha256))
        if known and self._note_use(known):
            return pb.UploadIconResponse(icon=_answer(known))
        images = icon_worker.decode(request.image)
        upload = icons.Upload(
            icon_id=new_id(),
            organization_id=grant.organization_id,
            sha256=sha256,
            uploaded_by=grant.person_id,
            created_at=self._now(),
        )
        icon = self.database.run(lambda uow: self._add(uow, upload, images))
        return pb.UploadIconResponse(icon=_answer(icon))

    def _known(self, connection: Connection, organization_id: str, sha256: bytes) -> icons.Icon | None:
        """The icon of this file; where there is none, it is refused before anybody decodes it for nothing."""
        known = icons.find_upload(connection, organization_id, sha256)
        if known is None:
            self._require_below_limit(connection, organization_id)
        return known

    def _add(self, uow: UnitOfWork, upload: icons.Upload, images: Sequence[IconImage]) -> icons.Icon:
        icons.lock_uploads(uow, upload.organization_id)
        known = self._known(uow.connection, upload.organization_id, upload.sha256)
        if known and icons.use(uow, known.icon_id, self._now()):
            return known
        return icons.add(uow, upload, images)

    def _note_use(self, icon: icons.Icon) -> bool:
        return self.database.run(lambda uow: icons.use(uow, icon.icon_id, self._now()))

    def _require_below_limit(self, connection: Connection, organization_id: str) -> None:
        limit, now = self._daily_limit, self._now()
        made = icons.made_since(connection, organization_id, now - _DAY)
        if wait := clock.seconds_to_room(made, limit, _DAY, now):
            raise LimitExceeded(
                "ICON_DAILY_LIMIT",
                f"An organisation uploads at most {limit:,} icons in 24 hours. Try again {clock.after(wait)}.",
                limit=limit,
                retry_after_seconds=wait,
            )

    def GetIcon(self, request: pb.GetIconRequest, context: grpc.ServicerContext) -> pb.GetIconResponse:
        """One icon of the caller's organization. Whoever asks is about to name it."""
        # Not by @write: a request of the gateway has one idempotency key, and this call is not what it is for.
        organization_id = publisher().organization_id
        icon = self.database.run_read(lambda connection: icons.get_own(connection, request.icon_id, organization_id))
        if not self._note_use(icon):
            raise icons.not_found()
        return pb.GetIconResponse(icon=_answer(icon))

    @read
    def GetIconImage(self, request: pb.GetIconImageRequest, connection: Connection) -> pb.GetIconImageResponse:
        """A picture, for anybody."""
        image = icons.get_image(connection, request.icon_id, request.size, or_below=request.or_below)
        if request.format == pb.IMAGE_FORMAT_WEBP and image.webp is not None:
            return pb.GetIconImageResponse(webp=image.webp)
        return pb.GetIconImageResponse(png=image.png)


def _answer(icon: icons.Icon) -> WireIcon:
    return WireIcon(icon_id=icon.icon_id, organization_id=icon.organization_id, sizes=icon.sizes)
