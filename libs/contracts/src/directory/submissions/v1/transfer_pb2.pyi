import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TransferState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRANSFER_STATE_UNSPECIFIED: _ClassVar[TransferState]
    TRANSFER_STATE_OFFERED: _ClassVar[TransferState]
    TRANSFER_STATE_ACCEPTED: _ClassVar[TransferState]
    TRANSFER_STATE_DECLINED: _ClassVar[TransferState]
    TRANSFER_STATE_CANCELED: _ClassVar[TransferState]
    TRANSFER_STATE_EXPIRED: _ClassVar[TransferState]

class TransferSide(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRANSFER_SIDE_UNSPECIFIED: _ClassVar[TransferSide]
    TRANSFER_SIDE_GIVING: _ClassVar[TransferSide]
    TRANSFER_SIDE_RECEIVING: _ClassVar[TransferSide]
TRANSFER_STATE_UNSPECIFIED: TransferState
TRANSFER_STATE_OFFERED: TransferState
TRANSFER_STATE_ACCEPTED: TransferState
TRANSFER_STATE_DECLINED: TransferState
TRANSFER_STATE_CANCELED: TransferState
TRANSFER_STATE_EXPIRED: TransferState
TRANSFER_SIDE_UNSPECIFIED: TransferSide
TRANSFER_SIDE_GIVING: TransferSide
TRANSFER_SIDE_RECEIVING: TransferSide

class Transfer(_message.Message):
    __slots__ = ("transfer_id", "submission_id", "state", "side", "from_organization_id", "to_organization_id", "display_name", "slug", "server_url", "message", "offered_by_name", "offered_at", "expires_at", "closed_at", "needs_reviewer_access")
    TRANSFER_ID_FIELD_NUMBER: _ClassVar[int]
    SUBMISSION_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    FROM_ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    TO_ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    SLUG_FIELD_NUMBER: _ClassVar[int]
    SERVER_URL_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    OFFERED_BY_NAME_FIELD_NUMBER: _ClassVar[int]
    OFFERED_AT_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    CLOSED_AT_FIELD_NUMBER: _ClassVar[int]
    NEEDS_REVIEWER_ACCESS_FIELD_NUMBER: _ClassVar[int]
    transfer_id: str
    submission_id: str
    state: TransferState
    side: TransferSide
    from_organization_id: str
    to_organization_id: str
    display_name: str
    slug: str
    server_url: str
    message: str
    offered_by_name: str
    offered_at: _timestamp_pb2.Timestamp
    expires_at: _timestamp_pb2.Timestamp
    closed_at: _timestamp_pb2.Timestamp
    needs_reviewer_access: bool
    def __init__(self, transfer_id: _Optional[str] = ..., submission_id: _Optional[str] = ..., state: _Optional[_Union[TransferState, str]] = ..., side: _Optional[_Union[TransferSide, str]] = ..., from_organization_id: _Optional[str] = ..., to_organization_id: _Optional[str] = ..., display_name: _Optional[str] = ..., slug: _Optional[str] = ..., server_url: _Optional[str] = ..., message: _Optional[str] = ..., offered_by_name: _Optional[str] = ..., offered_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., closed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., needs_reviewer_access: _Optional[bool] = ...) -> None: ...
