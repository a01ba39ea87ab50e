import datetime

from directory.listings.v1 import deprecation_pb2 as _deprecation_pb2
from directory.listings.v1 import listing_pb2 as _listing_pb2
from directory.listings.v1 import listing_content_pb2 as _listing_content_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListingVersion(_message.Message):
    __slots__ = ("listing_id", "slug", "number", "content", "server_url", "transport", "is_latest", "state", "state_message", "published_at", "updated_at", "state_changed_at", "deprecation")
    LISTING_ID_FIELD_NUMBER: _ClassVar[int]
    SLUG_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    SERVER_URL_FIELD_NUMBER: _ClassVar[int]
    TRANSPORT_FIELD_NUMBER: _ClassVar[int]
    IS_LATEST_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    STATE_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    PUBLISHED_AT_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_FIELD_NUMBER: _ClassVar[int]
    STATE_CHANGED_AT_FIELD_NUMBER: _ClassVar[int]
    DEPRECATION_FIELD_NUMBER: _ClassVar[int]
    listing_id: str
    slug: str
    number: int
    content: _listing_content_pb2.ListingContent
    server_url: str
    transport: str
    is_latest: bool
    state: _listing_pb2.ListingState
    state_message: str
    published_at: _timestamp_pb2.Timestamp
    updated_at: _timestamp_pb2.Timestamp
    state_changed_at: _timestamp_pb2.Timestamp
    deprecation: _deprecation_pb2.Deprecation
    def __init__(self, listing_id: _Optional[str] = ..., slug: _Optional[str] = ..., number: _Optional[int] = ..., content: _Optional[_Union[_listing_content_pb2.ListingContent, _Mapping]] = ..., server_url: _Optional[str] = ..., transport: _Optional[str] = ..., is_latest: _Optional[bool] = ..., state: _Optional[_Union[_listing_pb2.ListingState, str]] = ..., state_message: _Optional[str] = ..., published_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., updated_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., state_changed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., deprecation: _Optional[_Union[_deprecation_pb2.Deprecation, _Mapping]] = ...) -> None: ...
