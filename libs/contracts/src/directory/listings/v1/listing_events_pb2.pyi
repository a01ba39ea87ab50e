import datetime

from directory.listings.v1 import listing_pb2 as _listing_pb2
from directory.listings.v1 import listing_content_pb2 as _listing_content_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListingEvent(_message.Message):
    __slots__ = ("event_id", "occurred_at", "listing_id", "organization_id", "revision_submitted", "revision_closed", "state_changed", "decision_voided")
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    LISTING_ID_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    REVISION_SUBMITTED_FIELD_NUMBER: _ClassVar[int]
    REVISION_CLOSED_FIELD_NUMBER: _ClassVar[int]
    STATE_CHANGED_FIELD_NUMBER: _ClassVar[int]
    DECISION_VOIDED_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    occurred_at: _timestamp_pb2.Timestamp
    listing_id: str
    organization_id: str
    revision_submitted: RevisionSubmitted
    revision_closed: RevisionClosed
    state_changed: ListingStateChanged
    decision_voided: DecisionVoided
    def __init__(self, event_id: _Optional[str] = ..., occurred_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., listing_id: _Optional[str] = ..., organization_id: _Optional[str] = ..., revision_submitted: _Optional[_Union[RevisionSubmitted, _Mapping]] = ..., revision_closed: _Optional[_Union[RevisionClosed, _Mapping]] = ..., state_changed: _Optional[_Union[ListingStateChanged, _Mapping]] = ..., decision_voided: _Optional[_Union[DecisionVoided, _Mapping]] = ...) -> None: ...

class RevisionSubmitted(_message.Message):
    __slots__ = ("revision_id", "number", "before", "after", "message", "submitted_by_name", "supersedes_revision_id")
    REVISION_ID_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    SUBMITTED_BY_NAME_FIELD_NUMBER: _ClassVar[int]
    SUPERSEDES_REVISION_ID_FIELD_NUMBER: _ClassVar[int]
    revision_id: str
    number: int
    before: _listing_content_pb2.ListingContent
    after: _listing_content_pb2.ListingContent
    message: str
    submitted_by_name: str
    supersedes_revision_id: str
    def __init__(self, revision_id: _Optional[str] = ..., number: _Optional[int] = ..., before: _Optional[_Union[_listing_content_pb2.ListingContent, _Mapping]] = ..., after: _Optional[_Union[_listing_content_pb2.ListingContent, _Mapping]] = ..., message: _Optional[str] = ..., submitted_by_name: _Optional[str] = ..., supersedes_revision_id: _Optional[str] = ...) -> None: ...

class RevisionClosed(_message.Message):
    __slots__ = ("revision_id", "state", "live", "applied_by_setting")
    REVISION_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    LIVE_FIELD_NUMBER: _ClassVar[int]
    APPLIED_BY_SETTING_FIELD_NUMBER: _ClassVar[int]
    revision_id: str
    state: _listing_pb2.RevisionState
    live: _listing_content_pb2.ListingContent
    applied_by_setting: AppliedBySetting
    def __init__(self, revision_id: _Optional[str] = ..., state: _Optional[_Union[_listing_pb2.RevisionState, str]] = ..., live: _Optional[_Union[_listing_content_pb2.ListingContent, _Mapping]] = ..., applied_by_setting: _Optional[_Union[AppliedBySetting, _Mapping]] = ...) -> None: ...

class AppliedBySetting(_message.Message):
    __slots__ = ("before", "number", "message", "submitted_by_name", "submitted_by_id")
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    SUBMITTED_BY_NAME_FIELD_NUMBER: _ClassVar[int]
    SUBMITTED_BY_ID_FIELD_NUMBER: _ClassVar[int]
    before: _listing_content_pb2.ListingContent
    number: int
    message: str
    submitted_by_name: str
    submitted_by_id: str
    def __init__(self, before: _Optional[_Union[_listing_content_pb2.ListingContent, _Mapping]] = ..., number: _Optional[int] = ..., message: _Optional[str] = ..., submitted_by_name: _Optional[str] = ..., submitted_by_id: _Optional[str] = ...) -> None: ...

class ListingStateChanged(_message.Message):
    __slots__ = ("to", "slug")
    FROM_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    SLUG_FIELD_NUMBER: _ClassVar[int]
    to: _listing_pb2.ListingState
    slug: str
    def __init__(self, to: _Optional[_Union[_listing_pb2.ListingState, str]] = ..., slug: _Optional[str] = ..., **kwargs) -> None: ...

class DecisionVoided(_message.Message):
    __slots__ = ("revision_id", "state")
    REVISION_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    revision_id: str
    state: _listing_pb2.RevisionState
    def __init__(self, revision_id: _Optional[str] = ..., state: _Optional[_Union[_listing_pb2.RevisionState, str]] = ...) -> None: ...
