import datetime

from directory.metrics.v1 import server_metrics_pb2 as _server_metrics_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class MetricsEvent(_message.Message):
    __slots__ = ("event_id", "occurred_at", "server_id", "health_changed", "snapshot_published")
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    SERVER_ID_FIELD_NUMBER: _ClassVar[int]
    HEALTH_CHANGED_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_PUBLISHED_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    occurred_at: _timestamp_pb2.Timestamp
    server_id: str
    health_changed: HealthChanged
    snapshot_published: SnapshotPublished
    def __init__(self, event_id: _Optional[str] = ..., occurred_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., server_id: _Optional[str] = ..., health_changed: _Optional[_Union[HealthChanged, _Mapping]] = ..., snapshot_published: _Optional[_Union[SnapshotPublished, _Mapping]] = ...) -> None: ...

class HealthChanged(_message.Message):
    __slots__ = ("to", "organization_id")
    FROM_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    to: _server_metrics_pb2.Health
    organization_id: str
    def __init__(self, to: _Optional[_Union[_server_metrics_pb2.Health, str]] = ..., organization_id: _Optional[str] = ..., **kwargs) -> None: ...

class SnapshotPublished(_message.Message):
    __slots__ = ("as_of", "generation", "servers")
    AS_OF_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    SERVERS_FIELD_NUMBER: _ClassVar[int]
    as_of: str
    generation: int
    servers: int
    def __init__(self, as_of: _Optional[str] = ..., generation: _Optional[int] = ..., servers: _Optional[int] = ...) -> None: ...
