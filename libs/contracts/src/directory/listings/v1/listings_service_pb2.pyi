import datetime

from directory.listings.v1 import listing_pb2 as _listing_pb2
from directory.listings.v1 import listing_content_pb2 as _listing_content_pb2
from directory.listings.v1 import listing_version_pb2 as _listing_version_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ImageFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    IMAGE_FORMAT_UNSPECIFIED: _ClassVar[ImageFormat]
    IMAGE_FORMAT_PNG: _ClassVar[ImageFormat]
    IMAGE_FORMAT_WEBP: _ClassVar[ImageFormat]
IMAGE_FORMAT_UNSPECIFIED: ImageFormat
IMAGE_FORMAT_PNG: ImageFormat
IMAGE_FORMAT_WEBP: ImageFormat

class GetListingRequest(_message.Message):
    __slots__ = ("listing_id",)
    LISTING_ID_FIELD_NUMBER: _ClassVar[int]
    listing_id: str
    def __init__(self, listing_id: _Optional[str] = ...) -> None: ...

class GetListingResponse(_message.Message):
    __slots__ = ("listing",)
    LISTING_FIELD_NUMBER: _ClassVar[int]
    listing: _listing_pb2.Listing
    def __init__(self, listing: _Optional[_Union[_listing_pb2.Listing, _Mapping]] = ...) -> None: ...

class SaveRevisionRequest(_message.Message):
    __slots__ = ("listing_id", "version", "content", "update_mask")
    LISTING_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    listing_id: str
    version: int
    content: _listing_content_pb2.ListingContent
    update_mask: _field_mask_pb2.FieldMask
    def __init__(self, listing_id: _Optional[str] = ..., version: _Optional[int] = ..., content: _Optional[_Union[_listing_content_pb2.ListingContent, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ...) -> None: ...

class SaveRevisionResponse(_message.Message):
    __slots__ = ("listing",)
    LISTING_FIELD_NUMBER: _ClassVar[int]
    listing: _listing_pb2.Listing
    def __init__(self, listing: _Optional[_Union[_listing_pb2.Listing, _Mapping]] = ...) -> None: ...

class SubmitRevisionRequest(_message.Message):
    __slots__ = ("listing_id", "version", "message")
    LISTING_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    listing_id: str
    version: int
    message: str
    def __init__(self, listing_id: _Optional[str] = ..., version: _Optional[int] = ..., message: _Optional[str] = ...) -> None: ...

class SubmitRevisionResponse(_message.Message):
    __slots__ = ("listing",)
    LISTING_FIELD_NUMBER: _ClassVar[int]
    listing: _listing_pb2.Listing
    def __init__(self, listing: _Optional[_Union[_listing_pb2.Listing, _Mapping]] = ...) -> None: ...

class DiscardRevisionRequest(_message.Message):
    __slots__ = ("listing_id", "version")
    LISTING_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    listing_id: str
    version: int
    def __init__(self, listing_id: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class DiscardRevisionResponse(_message.Message):
    __slots__ = ("listing",)
    LISTING_FIELD_NUMBER: _ClassVar[int]
    listing: _listing_pb2.Listing
    def __init__(self, listing: _Optional[_Union[_listing_pb2.Listing, _Mapping]] = ...) -> None: ...

class ListRevisionsRequest(_message.Message):
    __slots__ = ("listing_id", "states", "page_size", "page_token")
    LISTING_ID_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    listing_id: str
    states: _containers.RepeatedScalarFieldContainer[_listing_pb2.RevisionState]
    page_size: int
    page_token: str
    def __init__(self, listing_id: _Optional[str] = ..., states: _Optional[_Iterable[_Union[_listing_pb2.RevisionState, str]]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListRevisionsResponse(_message.Message):
    __slots__ = ("revisions", "next_page_token")
    REVISIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    revisions: _containers.RepeatedCompositeFieldContainer[_listing_pb2.Revision]
    next_page_token: str
    def __init__(self, revisions: _Optional[_Iterable[_Union[_listing_pb2.Revision, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetRevisionRequest(_message.Message):
    __slots__ = ("listing_id", "revision_id")
    LISTING_ID_FIELD_NUMBER: _ClassVar[int]
    REVISION_ID_FIELD_NUMBER: _ClassVar[int]
    listing_id: str
    revision_id: str
    def __init__(self, listing_id: _Optional[str] = ..., revision_id: _Optional[str] = ...) -> None: ...

class GetRevisionResponse(_message.Message):
    __slots__ = ("revision",)
    REVISION_FIELD_NUMBER: _ClassVar[int]
    revision: _listing_pb2.Revision
    def __init__(self, revision: _Optional[_Union[_listing_pb2.Revision, _Mapping]] = ...) -> None: ...

class RestoreRevisionRequest(_message.Message):
    __slots__ = ("listing_id", "version", "revision_id")
    LISTING_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    REVISION_ID_FIELD_NUMBER: _ClassVar[int]
    listing_id: str
    version: int
    revision_id: str
    def __init__(self, listing_id: _Optional[str] = ..., version: _Optional[int] = ..., revision_id: _Optional[str] = ...) -> None: ...

class RestoreRevisionResponse(_message.Message):
    __slots__ = ("listing",)
    LISTING_FIELD_NUMBER: _ClassVar[int]
    listing: _listing_pb2.Listing
    def __init__(self, listing: _Optional[_Union[_listing_pb2.Listing, _Mapping]] = ...) -> None: ...

class GetPublicListingRequest(_message.Message):
    __slots__ = ("slug",)
    SLUG_FIELD_NUMBER: _ClassVar[int]
    slug: str
    def __init__(self, slug: _Optional[str] = ...) -> None: ...

class GetPublicListingResponse(_message.Message):
    __slots__ = ("listing",)
    LISTING_FIELD_NUMBER: _ClassVar[int]
    listing: _listing_pb2.Listing
    def __init__(self, listing: _Optional[_Union[_listing_pb2.Listing, _Mapping]] = ...) -> None: ...

class ListPublicListingsRequest(_message.Message):
    __slots__ = ("search", "category", "page_size", "page_token", "first", "first_only")
    SEARCH_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    FIRST_FIELD_NUMBER: _ClassVar[int]
    FIRST_ONLY_FIELD_NUMBER: _ClassVar[int]
    search: str
    category: str
    page_size: int
    page_token: str
    first: _containers.RepeatedScalarFieldContainer[str]
    first_only: bool
    def __init__(self, search: _Optional[str] = ..., category: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., first: _Optional[_Iterable[str]] = ..., first_only: _Optional[bool] = ...) -> None: ...

class ListPublicListingsResponse(_message.Message):
    __slots__ = ("listings", "next_page_token")
    LISTINGS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    listings: _containers.RepeatedCompositeFieldContainer[_listing_pb2.Listing]
    next_page_token: str
    def __init__(self, listings: _Optional[_Iterable[_Union[_listing_pb2.Listing, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListVersionsRequest(_message.Message):
    __slots__ = ("search", "name_prefix", "updated_since", "latest_only", "number", "taken_off_too", "page_size", "page_token")
    SEARCH_FIELD_NUMBER: _ClassVar[int]
    NAME_PREFIX_FIELD_NUMBER: _ClassVar[int]
    UPDATED_SINCE_FIELD_NUMBER: _ClassVar[int]
    LATEST_ONLY_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    TAKEN_OFF_TOO_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    search: str
    name_prefix: str
    updated_since: _timestamp_pb2.Timestamp
    latest_only: bool
    number: int
    taken_off_too: bool
    page_size: int
    page_token: str
    def __init__(self, search: _Optional[str] = ..., name_prefix: _Optional[str] = ..., updated_since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., latest_only: _Optional[bool] = ..., number: _Optional[int] = ..., taken_off_too: _Optional[bool] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListVersionsResponse(_message.Message):
    __slots__ = ("versions", "next_page_token")
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    versions: _containers.RepeatedCompositeFieldContainer[_listing_version_pb2.ListingVersion]
    next_page_token: str
    def __init__(self, versions: _Optional[_Iterable[_Union[_listing_version_pb2.ListingVersion, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListVersionsOfListingRequest(_message.Message):
    __slots__ = ("slug", "taken_off_too", "page_size", "page_token")
    SLUG_FIELD_NUMBER: _ClassVar[int]
    TAKEN_OFF_TOO_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    slug: str
    taken_off_too: bool
    page_size: int
    page_token: str
    def __init__(self, slug: _Optional[str] = ..., taken_off_too: _Optional[bool] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListVersionsOfListingResponse(_message.Message):
    __slots__ = ("versions", "next_page_token")
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    versions: _containers.RepeatedCompositeFieldContainer[_listing_version_pb2.ListingVersion]
    next_page_token: str
    def __init__(self, versions: _Optional[_Iterable[_Union[_listing_version_pb2.ListingVersion, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetVersionRequest(_message.Message):
    __slots__ = ("slug", "number", "taken_off_too")
    SLUG_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    TAKEN_OFF_TOO_FIELD_NUMBER: _ClassVar[int]
    slug: str
    number: int
    taken_off_too: bool
    def __init__(self, slug: _Optional[str] = ..., number: _Optional[int] = ..., taken_off_too: _Optional[bool] = ...) -> None: ...

class GetVersionResponse(_message.Message):
    __slots__ = ("version",)
    VERSION_FIELD_NUMBER: _ClassVar[int]
    version: _listing_version_pb2.ListingVersion
    def __init__(self, version: _Optional[_Union[_listing_version_pb2.ListingVersion, _Mapping]] = ...) -> None: ...

class UploadIconRequest(_message.Message):
    __slots__ = ("image",)
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    image: bytes
    def __init__(self, image: _Optional[bytes] = ...) -> None: ...

class UploadIconResponse(_message.Message):
    __slots__ = ("icon",)
    ICON_FIELD_NUMBER: _ClassVar[int]
    icon: _listing_pb2.Icon
    def __init__(self, icon: _Optional[_Union[_listing_pb2.Icon, _Mapping]] = ...) -> None: ...

class GetIconRequest(_message.Message):
    __slots__ = ("icon_id",)
    ICON_ID_FIELD_NUMBER: _ClassVar[int]
    icon_id: str
    def __init__(self, icon_id: _Optional[str] = ...) -> None: ...

class GetIconResponse(_message.Message):
    __slots__ = ("icon",)
    ICON_FIELD_NUMBER: _ClassVar[int]
    icon: _listing_pb2.Icon
    def __init__(self, icon: _Optional[_Union[_listing_pb2.Icon, _Mapping]] = ...) -> None: ...

class GetIconImageRequest(_message.Message):
    __slots__ = ("icon_id", "size", "format", "or_below")
    ICON_ID_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    OR_BELOW_FIELD_NUMBER: _ClassVar[int]
    icon_id: str
    size: int
    format: ImageFormat
    or_below: bool
    def __init__(self, icon_id: _Optional[str] = ..., size: _Optional[int] = ..., format: _Optional[_Union[ImageFormat, str]] = ..., or_below: _Optional[bool] = ...) -> None: ...

class GetIconImageResponse(_message.Message):
    __slots__ = ("png", "webp")
    PNG_FIELD_NUMBER: _ClassVar[int]
    WEBP_FIELD_NUMBER: _ClassVar[int]
    png: bytes
    webp: bytes
    def __init__(self, png: _Optional[bytes] = ..., webp: _Optional[bytes] = ...) -> None: ...
