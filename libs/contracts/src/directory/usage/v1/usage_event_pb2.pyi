from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class UsageKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    USAGE_KIND_UNSPECIFIED: _ClassVar[UsageKind]
    USAGE_KIND_TOOL_CALL: _ClassVar[UsageKind]
    USAGE_KIND_MESSAGE: _ClassVar[UsageKind]
    USAGE_KIND_CONNECTOR_REMOVED: _ClassVar[UsageKind]

class Outcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OUTCOME_UNSPECIFIED: _ClassVar[Outcome]
    OUTCOME_OK: _ClassVar[Outcome]
    OUTCOME_TOOL_ERROR: _ClassVar[Outcome]
    OUTCOME_REQUEST_ERROR: _ClassVar[Outcome]
    OUTCOME_AUTH_REJECTED: _ClassVar[Outcome]
USAGE_KIND_UNSPECIFIED: UsageKind
USAGE_KIND_TOOL_CALL: UsageKind
USAGE_KIND_MESSAGE: UsageKind
USAGE_KIND_CONNECTOR_REMOVED: UsageKind
OUTCOME_UNSPECIFIED: Outcome
OUTCOME_OK: Outcome
OUTCOME_TOOL_ERROR: Outcome
OUTCOME_REQUEST_ERROR: Outcome
OUTCOME_AUTH_REJECTED: Outcome

class UsageEvent(_message.Message):
    __slots__ = ("kind", "time_us", "server_id", "product", "tool", "account_hash", "account_id", "outcome", "error_type", "http_status", "duration_us", "synthetic")
    KIND_FIELD_NUMBER: _ClassVar[int]
    TIME_US_FIELD_NUMBER: _ClassVar[int]
    SERVER_ID_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    TOOL_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_HASH_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    ERROR_TYPE_FIELD_NUMBER: _ClassVar[int]
    HTTP_STATUS_FIELD_NUMBER: _ClassVar[int]
    DURATION_US_FIELD_NUMBER: _ClassVar[int]
    SYNTHETIC_FIELD_NUMBER: _ClassVar[int]
    kind: UsageKind
    time_us: int
    server_id: str
    product: str
    tool: str
    account_hash: int
    account_id: str
    outcome: Outcome
    error_type: str
    http_status: int
    duration_us: int
    synthetic: bool
    def __init__(self, kind: _Optional[_Union[UsageKind, str]] = ..., time_us: _Optional[int] = ..., server_id: _Optional[str] = ..., product: _Optional[str] = ..., tool: _Optional[str] = ..., account_hash: _Optional[int] = ..., account_id: _Optional[str] = ..., outcome: _Optional[_Union[Outcome, str]] = ..., error_type: _Optional[str] = ..., http_status: _Optional[int] = ..., duration_us: _Optional[int] = ..., synthetic: _Optional[bool] = ...) -> None: ...
