import datetime

from directory.submissions.v1 import submission_pb2 as _submission_pb2
from directory.submissions.v1 import tool_change_pb2 as _tool_change_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EndpointHealth(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ENDPOINT_HEALTH_UNSPECIFIED: _ClassVar[EndpointHealth]
    ENDPOINT_HEALTH_ALIVE: _ClassVar[EndpointHealth]
    ENDPOINT_HEALTH_GATED: _ClassVar[EndpointHealth]
    ENDPOINT_HEALTH_NOT_MCP: _ClassVar[EndpointHealth]
    ENDPOINT_HEALTH_UNREACHABLE: _ClassVar[EndpointHealth]
ENDPOINT_HEALTH_UNSPECIFIED: EndpointHealth
ENDPOINT_HEALTH_ALIVE: EndpointHealth
ENDPOINT_HEALTH_GATED: EndpointHealth
ENDPOINT_HEALTH_NOT_MCP: EndpointHealth
ENDPOINT_HEALTH_UNREACHABLE: EndpointHealth

class EndpointSummary(_message.Message):
    __slots__ = ("submission_id", "health", "since", "looked_at")
    SUBMISSION_ID_FIELD_NUMBER: _ClassVar[int]
    HEALTH_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    LOOKED_AT_FIELD_NUMBER: _ClassVar[int]
    submission_id: str
    health: EndpointHealth
    since: _timestamp_pb2.Timestamp
    looked_at: _timestamp_pb2.Timestamp
    def __init__(self, submission_id: _Optional[str] = ..., health: _Optional[_Union[EndpointHealth, str]] = ..., since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., looked_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ToolDriftStep(_message.Message):
    __slots__ = ("at", "summary")
    AT_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    at: _timestamp_pb2.Timestamp
    summary: str
    def __init__(self, at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., summary: _Optional[str] = ...) -> None: ...

class ToolDrift(_message.Message):
    __slots__ = ("review_item_id", "opened_at", "changed_at", "changes", "findings", "lead_reviewer", "changes_requested_at", "request", "steps", "changes_left_out", "reason_code")
    REVIEW_ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    OPENED_AT_FIELD_NUMBER: _ClassVar[int]
    CHANGED_AT_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    LEAD_REVIEWER_FIELD_NUMBER: _ClassVar[int]
    CHANGES_REQUESTED_AT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    CHANGES_LEFT_OUT_FIELD_NUMBER: _ClassVar[int]
    REASON_CODE_FIELD_NUMBER: _ClassVar[int]
    review_item_id: str
    opened_at: _timestamp_pb2.Timestamp
    changed_at: _timestamp_pb2.Timestamp
    changes: _containers.RepeatedCompositeFieldContainer[_tool_change_pb2.ToolChange]
    findings: _containers.RepeatedCompositeFieldContainer[_submission_pb2.Finding]
    lead_reviewer: bool
    changes_requested_at: _timestamp_pb2.Timestamp
    request: str
    steps: _containers.RepeatedCompositeFieldContainer[ToolDriftStep]
    changes_left_out: int
    reason_code: str
    def __init__(self, review_item_id: _Optional[str] = ..., opened_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., changed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., changes: _Optional[_Iterable[_Union[_tool_change_pb2.ToolChange, _Mapping]]] = ..., findings: _Optional[_Iterable[_Union[_submission_pb2.Finding, _Mapping]]] = ..., lead_reviewer: _Optional[bool] = ..., changes_requested_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., request: _Optional[str] = ..., steps: _Optional[_Iterable[_Union[ToolDriftStep, _Mapping]]] = ..., changes_left_out: _Optional[int] = ..., reason_code: _Optional[str] = ...) -> None: ...

class ServerProbe(_message.Message):
    __slots__ = ("health", "since", "looked_at", "remark", "failures", "tools_count", "tools_seen_at", "approved_at", "running", "next_at", "again_at", "drift")
    HEALTH_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    LOOKED_AT_FIELD_NUMBER: _ClassVar[int]
    REMARK_FIELD_NUMBER: _ClassVar[int]
    FAILURES_FIELD_NUMBER: _ClassVar[int]
    TOOLS_COUNT_FIELD_NUMBER: _ClassVar[int]
    TOOLS_SEEN_AT_FIELD_NUMBER: _ClassVar[int]
    APPROVED_AT_FIELD_NUMBER: _ClassVar[int]
    RUNNING_FIELD_NUMBER: _ClassVar[int]
    NEXT_AT_FIELD_NUMBER: _ClassVar[int]
    AGAIN_AT_FIELD_NUMBER: _ClassVar[int]
    DRIFT_FIELD_NUMBER: _ClassVar[int]
    health: EndpointHealth
    since: _timestamp_pb2.Timestamp
    looked_at: _timestamp_pb2.Timestamp
    remark: str
    failures: int
    tools_count: int
    tools_seen_at: _timestamp_pb2.Timestamp
    approved_at: _timestamp_pb2.Timestamp
    running: bool
    next_at: _timestamp_pb2.Timestamp
    again_at: _timestamp_pb2.Timestamp
    drift: ToolDrift
    def __init__(self, health: _Optional[_Union[EndpointHealth, str]] = ..., since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., looked_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., remark: _Optional[str] = ..., failures: _Optional[int] = ..., tools_count: _Optional[int] = ..., tools_seen_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., approved_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., running: _Optional[bool] = ..., next_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., again_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., drift: _Optional[_Union[ToolDrift, _Mapping]] = ...) -> None: ...
