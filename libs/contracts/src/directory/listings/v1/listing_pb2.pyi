import datetime

from directory.listings.v1 import deprecation_pb2 as _deprecation_pb2
from directory.listings.v1 import listing_content_pb2 as _listing_content_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListingState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LISTING_STATE_UNSPECIFIED: _ClassVar[ListingState]
    LISTING_STATE_UNPUBLISHED: _ClassVar[ListingState]
    LISTING_STATE_LIVE: _ClassVar[ListingState]
    LISTING_STATE_SUSPENDED: _ClassVar[ListingState]
    LISTING_STATE_DELISTED: _ClassVar[ListingState]

class RevisionState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REVISION_STATE_UNSPECIFIED: _ClassVar[RevisionState]
    REVISION_STATE_EDITING: _ClassVar[RevisionState]
    REVISION_STATE_PENDING: _ClassVar[RevisionState]
    REVISION_STATE_APPLIED: _ClassVar[RevisionState]
    REVISION_STATE_REJECTED: _ClassVar[RevisionState]
    REVISION_STATE_CHANGES_REQUESTED: _ClassVar[RevisionState]
    REVISION_STATE_DISCARDED: _ClassVar[RevisionState]
    REVISION_STATE_SUPERSEDED: _ClassVar[RevisionState]
LISTING_STATE_UNSPECIFIED: ListingState
LISTING_STATE_UNPUBLISHED: ListingState
LISTING_STATE_LIVE: ListingState
LISTING_STATE_SUSPENDED: ListingState
LISTING_STATE_DELISTED: ListingState
REVISION_STATE_UNSPECIFIED: RevisionState
REVISION_STATE_EDITING: RevisionState
REVISION_STATE_PENDING: RevisionState
REVISION_STATE_APPLIED: RevisionState
REVISION_STATE_REJECTED: RevisionState
REVISION_STATE_CHANGES_REQUESTED: RevisionState
REVISION_STATE_DISCARDED: RevisionState
REVISION_STATE_SUPERSEDED: RevisionState

class Listing(_message.Message):
    __slots__ = ("listing_id", "organization_id", "state", "slug", "slug_locked", "live", "server_url", "transport", "open_revision", "version", "first_published_at", "live_since", "state_message", "without_review", "deprecation")
    LISTING_ID_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    SLUG_FIELD_NUMBER: _ClassVar[int]
    SLUG_LOCKED_FIELD_NUMBER: _ClassVar[int]
    LIVE_FIELD_NUMBER: _ClassVar[int]
    SERVER_URL_FIELD_NUMBER: _ClassVar[int]
    TRANSPORT_FIELD_NUMBER: _ClassVar[int]
    OPEN_REVISION_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    FIRST_PUBLISHED_AT_FIELD_NUMBER: _ClassVar[int]
    LIVE_SINCE_FIELD_NUMBER: _ClassVar[int]
    STATE_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    WITHOUT_REVIEW_FIELD_NUMBER: _ClassVar[int]
    DEPRECATION_FIELD_NUMBER: _ClassVar[int]
    listing_id: str
    organization_id: str
    state: ListingState
    slug: str
    slug_locked: bool
    live: _listing_content_pb2.ListingContent
    server_url: str
    transport: str
    open_revision: Revision
    version: int
    first_published_at: _timestamp_pb2.Timestamp
    live_since: _timestamp_pb2.Timestamp
    state_message: str
    without_review: _containers.RepeatedScalarFieldContainer[str]
    deprecation: _deprecation_pb2.Deprecation
    def __init__(self, listing_id: _Optional[str] = ..., organization_id: _Optional[str] = ..., state: _Optional[_Union[ListingState, str]] = ..., slug: _Optional[str] = ..., slug_locked: _Optional[bool] = ..., live: _Optional[_Union[_listing_content_pb2.ListingContent, _Mapping]] = ..., server_url: _Optional[str] = ..., transport: _Optional[str] = ..., open_revision: _Optional[_Union[Revision, _Mapping]] = ..., version: _Optional[int] = ..., first_published_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., live_since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., state_message: _Optional[str] = ..., without_review: _Optional[_Iterable[str]] = ..., deprecation: _Optional[_Union[_deprecation_pb2.Deprecation, _Mapping]] = ...) -> None: ...

class Revision(_message.Message):
    __slots__ = ("revision_id", "number", "state", "content", "unsent_edits", "changed_fields", "edited_by_name", "decided_by_name", "comment", "reason_code", "created_at", "submitted_at", "closed_at", "submitted_by_name", "message", "restores_number", "applied_by_setting", "before")
    REVISION_ID_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    UNSENT_EDITS_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELDS_FIELD_NUMBER: _ClassVar[int]
    EDITED_BY_NAME_FIELD_NUMBER: _ClassVar[int]
    DECIDED_BY_NAME_FIELD_NUMBER: _ClassVar[int]
    COMMENT_FIELD_NUMBER: _ClassVar[int]
    REASON_CODE_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    SUBMITTED_AT_FIELD_NUMBER: _ClassVar[int]
    CLOSED_AT_FIELD_NUMBER: _ClassVar[int]
    SUBMITTED_BY_NAME_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    RESTORES_NUMBER_FIELD_NUMBER: _ClassVar[int]
    APPLIED_BY_SETTING_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    revision_id: str
    number: int
    state: RevisionState
    content: _listing_content_pb2.ListingContent
    unsent_edits: _listing_content_pb2.ListingContent
    changed_fields: _containers.RepeatedScalarFieldContainer[str]
    edited_by_name: str
    decided_by_name: str
    comment: str
    reason_code: str
    created_at: _timestamp_pb2.Timestamp
    submitted_at: _timestamp_pb2.Timestamp
    closed_at: _timestamp_pb2.Timestamp
    submitted_by_name: str
    message: str
    restores_number: int
    applied_by_setting: bool
    before: _listing_content_pb2.ListingContent
    def __init__(self, revision_id: _Optional[str] = ..., number: _Optional[int] = ..., state: _Optional[_Union[RevisionState, str]] = ..., content: _Optional[_Union[_listing_content_pb2.ListingContent, _Mapping]] = ..., unsent_edits: _Optional[_Union[_listing_content_pb2.ListingContent, _Mapping]] = ..., changed_fields: _Optional[_Iterable[str]] = ..., edited_by_name: _Optional[str] = ..., decided_by_name: _Optional[str] = ..., comment: _Optional[str] = ..., reason_code: _Optional[str] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., submitted_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., closed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., submitted_by_name: _Optional[str] = ..., message: _Optional[str] = ..., restores_number: _Optional[int] = ..., applied_by_setting: _Optional[bool] = ..., before: _Optional[_Union[_listing_content_pb2.ListingContent, _Mapping]] = ...) -> None: ...

class Icon(_message.Message):
    __slots__ = ("icon_id", "organization_id", "sizes")
    ICON_ID_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    SIZES_FIELD_NUMBER: _ClassVar[int]
    icon_id: str
    organization_id: str
    sizes: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, icon_id: _Optional[str] = ..., organization_id: _Optional[str] = ..., sizes: _Optional[_Iterable[int]] = ...) -> None: ...
