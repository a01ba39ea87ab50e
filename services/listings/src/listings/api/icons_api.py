"""IconService: icons come in as files and go out as PNGs and WebPs made from them."""

import hashlib

import grpc
from chassis import clock
from chassis.ids import new_id
from chassis.rpc.caller import publisher
from chassis.rpc.methods import read
from chassis.sql.database import Database
from directory.listings.v1 import listings_service_pb2 as pb
from directory.listings.v1.listing_pb2 import Icon as WireIcon
from directory.listings.v1.listings_service_pb2_grpc import IconServiceServicer
from sqlalchemy import Connection

from listings.domain import icon_worker
from listings.store import icons


class IconsApi(IconServiceServicer):
    """Uploads are decoded in a process of their own, outside of any transaction."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def UploadIcon(self, request: pb.UploadIconRequest, context: grpc.ServicerContext) -> pb.UploadIconResponse:
        """Stores pictures made from the file. The same file again gives the same icon, so retries are safe."""
        grant = publisher()
        sha256 = hashlib.sha256(request.image).digest()
        known = self.database.run_read(lambda connection: icons.find_upload(connection, grant.organization_id, sha256))
        if known:
            return pb.UploadIconResponse(icon=_answer(known))
        images = icon_worker.decode(request.image)
        upload = icons.Upload(
            icon_id=new_id(),
            organization_id=grant.organization_id,
            sha256=sha256,
            uploaded_by=grant.person_id,
            created_at=clock.now(),
        )
        icon = self.database.run(lambda uow: icons.add(uow, upload, images))
        return pb.UploadIconResponse(icon=_answer(icon))

    @read
    def GetIcon(self, request: pb.GetIconRequest, connection: Connection) -> pb.GetIconResponse:
        """One icon of the caller's organization."""
        icon = icons.get_own(connection, request.icon_id, publisher().organization_id)
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
