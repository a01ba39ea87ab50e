"""Icons: uploaded by an organisation, served to everybody as PNGs made from the upload."""

from __future__ import annotations

from directory.listings.v1.listing_pb2 import Icon
from directory.listings.v1.listings_service_pb2 import UploadIconRequest
from flask import request
from flask_openapi.models.request_body import RequestBody
from werkzeug.exceptions import UnsupportedMediaType

from gateway.api import blueprints
from gateway.api.answers import Answer
from gateway.api.paths import OrganizationPath
from gateway.api.schemas import answer
from gateway.bodies import takes_raw_body
from gateway.core import core
from gateway.shapes import to_json

blueprint = blueprints.of_managers("icons", __name__)

IMAGES = ("image/png", "image/jpeg", "image/webp", "image/svg+xml", "application/octet-stream")
_BINARY = {"type": "string", "format": "binary"}
_FORM = {"type": "object", "properties": {"image": _BINARY}, "required": ["image"]}
_BODY = RequestBody.model_validate(
    {
        "required": True,
        "description": "The file itself, or a form with the file in `image`.",
        "content": {
            **{kind: {"schema": _BINARY} for kind in IMAGES},
            "multipart/form-data": {"schema": _FORM},
        },
    }
)


@blueprint.post("/icons", responses={201: answer(Icon.DESCRIPTOR)}, request_body=_BODY)
@takes_raw_body
def upload_icon(path: OrganizationPath) -> Answer:
    """Upload PNG, JPEG, WebP or SVG, square, 64-2,048 px, at most 512 KiB; use the `icon_id` in a form."""
    return to_json(core().backends.icons.UploadIcon(UploadIconRequest(image=_image())).icon), 201


def _image() -> bytes:
    if request.mimetype == "multipart/form-data":
        file = request.files.get("image")
        return file.read() if file else b""
    if request.mimetype not in IMAGES:
        raise UnsupportedMediaType
    return request.get_data()
