"""An icon that comes with a form: stored first, then its id goes into the form."""

from directory.listings.v1.listing_content_pb2 import ListingContent
from directory.listings.v1.listings_service_pb2 import UploadIconRequest
from flask import request

from gateway.core import core
from gateway.web.posting import once


def take(content: ListingContent) -> None:
    """Upload the posted file, if there is one, and put its id into the content. Raises InvalidInput with the reason
    of the listings service for a file that is no good icon, LimitExceeded for one too many today."""
    file = request.files.get("icon")
    if file is None or not file.filename:
        return
    with once("icon"):
        answer = core().backends.icons.UploadIcon(UploadIconRequest(image=file.read()))
    content.icon_id = answer.icon.icon_id
