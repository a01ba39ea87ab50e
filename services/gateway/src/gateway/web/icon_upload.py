"""An icon that comes with a form: stored first, then its id goes into the form."""

from collections.abc import Sequence

from chassis.errors import InvalidInput, LimitExceeded, Violation
from directory.listings.v1.listing_content_pb2 import ListingContent
from directory.listings.v1.listings_service_pb2 import UploadIconRequest
from flask import request

from gateway.core import core
from gateway.web import field_words
from gateway.web.posting import once


def take(content: ListingContent, *, pointer: str, others: Sequence[Violation]) -> None:
    """Upload the posted file, if there is one, and put its id into the content.

    Raises InvalidInput with the reason of the listings service for a file that is no good icon, LimitExceeded for one
    too many today: as an error of the field at `pointer`, together with `others`, what else breaks a rule of the form.
    """
    file = request.files.get("icon")
    if file is None or not file.filename:
        return
    try:
        content.icon_id = _upload(file.read(field_words.MAX_ICON + 1))
    except (InvalidInput, LimitExceeded) as error:
        own = Violation(pointer, error.reason, error.message)
        rest = [one for one in others if one.field != pointer]
        raise type(error)(error.reason, error.message, violations=[*rest, own], **error.metadata) from error


def _upload(image: bytes) -> str:
    if len(image) > field_words.MAX_ICON:
        raise InvalidInput("ICON_TOO_LARGE", field_words.too_large(field_words.MAX_ICON))
    with once("icon"):
        return core().backends.icons.UploadIcon(UploadIconRequest(image=image)).icon.icon_id
