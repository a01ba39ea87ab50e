import datetime

from directory.metrics.v1 import server_metrics_pb2 as _server_metrics_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetServerMetricsRequest(_message.Message):
    __slots__ = ("server_id",)
    SERVER_ID_FIELD_NUMBER: _ClassVar[int]
    server_id: str
    def __init__(self, server_id: _Optional[str] = ...) -> None: ...

class GetServerMetricsResponse(_message.Message):
    __slots__ = ("metrics", "products")
    METRICS_FIELD_NUMBER: _ClassVar[int]
    PRODUCTS_FIELD_NUMBER: _ClassVar[int]
    metrics: _server_metrics_pb2.ServerMetrics
    products: _containers.RepeatedCompositeFieldContainer[Product]
    def __init__(self, metrics: _Optional[_Union[_server_metrics_pb2.ServerMetrics, _Mapping]] = ..., products: _Optional[_Iterable[_Union[Product, _Mapping]]] = ...) -> None: ...

class Product(_message.Message):
    __slots__ = ("key", "name")
    KEY_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    key: str
    name: str
    def __init__(self, key: _Optional[str] = ..., name: _Optional[str] = ...) -> None: ...

class BatchGetServerSummariesRequest(_message.Message):
    __slots__ = ("server_ids",)
    SERVER_IDS_FIELD_NUMBER: _ClassVar[int]
    server_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, server_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class BatchGetServerSummariesResponse(_message.Message):
    __slots__ = ("summaries",)
    SUMMARIES_FIELD_NUMBER: _ClassVar[int]
    summaries: _containers.RepeatedCompositeFieldContainer[ServerSummary]
    def __init__(self, summaries: _Optional[_Iterable[_Union[ServerSummary, _Mapping]]] = ...) -> None: ...

class ServerSummary(_message.Message):
    __slots__ = ("server_id", "health", "rank", "trending", "active_users", "calls", "error_rate", "as_of", "computed_at", "days_behind", "incomplete")
    SERVER_ID_FIELD_NUMBER: _ClassVar[int]
    HEALTH_FIELD_NUMBER: _ClassVar[int]
    RANK_FIELD_NUMBER: _ClassVar[int]
    TRENDING_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_USERS_FIELD_NUMBER: _ClassVar[int]
    CALLS_FIELD_NUMBER: _ClassVar[int]
    ERROR_RATE_FIELD_NUMBER: _ClassVar[int]
    AS_OF_FIELD_NUMBER: _ClassVar[int]
    COMPUTED_AT_FIELD_NUMBER: _ClassVar[int]
    DAYS_BEHIND_FIELD_NUMBER: _ClassVar[int]
    INCOMPLETE_FIELD_NUMBER: _ClassVar[int]
    server_id: str
    health: _server_metrics_pb2.Health
    rank: int
    trending: bool
    active_users: int
    calls: int
    error_rate: float
    as_of: str
    computed_at: _timestamp_pb2.Timestamp
    days_behind: int
    incomplete: bool
    def __init__(self, server_id: _Optional[str] = ..., health: _Optional[_Union[_server_metrics_pb2.Health, str]] = ..., rank: _Optional[int] = ..., trending: _Optional[bool] = ..., active_users: _Optional[int] = ..., calls: _Optional[int] = ..., error_rate: _Optional[float] = ..., as_of: _Optional[str] = ..., computed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., days_behind: _Optional[int] = ..., incomplete: _Optional[bool] = ...) -> None: ...

class GetServerHistoryRequest(_message.Message):
    __slots__ = ("server_id", "to")
    SERVER_ID_FIELD_NUMBER: _ClassVar[int]
    FROM_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    server_id: str
    to: str
    def __init__(self, server_id: _Optional[str] = ..., to: _Optional[str] = ..., **kwargs) -> None: ...

class GetServerHistoryResponse(_message.Message):
    __slots__ = ("server_id", "shown", "daily", "as_of", "computed_at", "days_behind", "incomplete")
    SERVER_ID_FIELD_NUMBER: _ClassVar[int]
    SHOWN_FIELD_NUMBER: _ClassVar[int]
    DAILY_FIELD_NUMBER: _ClassVar[int]
    AS_OF_FIELD_NUMBER: _ClassVar[int]
    COMPUTED_AT_FIELD_NUMBER: _ClassVar[int]
    DAYS_BEHIND_FIELD_NUMBER: _ClassVar[int]
    INCOMPLETE_FIELD_NUMBER: _ClassVar[int]
    server_id: str
    shown: _containers.RepeatedCompositeFieldContainer[_server_metrics_pb2.ShownFigures]
    daily: _containers.RepeatedCompositeFieldContainer[_server_metrics_pb2.DailyFigures]
    as_of: str
    computed_at: _timestamp_pb2.Timestamp
    days_behind: int
    incomplete: bool
    def __init__(self, server_id: _Optional[str] = ..., shown: _Optional[_Iterable[_Union[_server_metrics_pb2.ShownFigures, _Mapping]]] = ..., daily: _Optional[_Iterable[_Union[_server_metrics_pb2.DailyFigures, _Mapping]]] = ..., as_of: _Optional[str] = ..., computed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., days_behind: _Optional[int] = ..., incomplete: _Optional[bool] = ...) -> None: ...
