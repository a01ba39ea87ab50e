import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Health(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    HEALTH_UNSPECIFIED: _ClassVar[Health]
    HEALTH_NOT_LIVE: _ClassVar[Health]
    HEALTH_COLLECTING: _ClassVar[Health]
    HEALTH_HEALTHY: _ClassVar[Health]
    HEALTH_WORTH_A_LOOK: _ClassVar[Health]
    HEALTH_DEGRADED: _ClassVar[Health]
HEALTH_UNSPECIFIED: Health
HEALTH_NOT_LIVE: Health
HEALTH_COLLECTING: Health
HEALTH_HEALTHY: Health
HEALTH_WORTH_A_LOOK: Health
HEALTH_DEGRADED: Health

class ErrorTypeCount(_message.Message):
    __slots__ = ("error_type", "count")
    ERROR_TYPE_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    error_type: str
    count: int
    def __init__(self, error_type: _Optional[str] = ..., count: _Optional[int] = ...) -> None: ...

class WindowFigures(_message.Message):
    __slots__ = ("days", "calls", "error_rate", "tool_error_rate", "request_error_rate", "http_4xx_rate", "http_5xx_rate", "top_error_types")
    DAYS_FIELD_NUMBER: _ClassVar[int]
    CALLS_FIELD_NUMBER: _ClassVar[int]
    ERROR_RATE_FIELD_NUMBER: _ClassVar[int]
    TOOL_ERROR_RATE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ERROR_RATE_FIELD_NUMBER: _ClassVar[int]
    HTTP_4XX_RATE_FIELD_NUMBER: _ClassVar[int]
    HTTP_5XX_RATE_FIELD_NUMBER: _ClassVar[int]
    TOP_ERROR_TYPES_FIELD_NUMBER: _ClassVar[int]
    days: int
    calls: int
    error_rate: float
    tool_error_rate: float
    request_error_rate: float
    http_4xx_rate: float
    http_5xx_rate: float
    top_error_types: _containers.RepeatedCompositeFieldContainer[ErrorTypeCount]
    def __init__(self, days: _Optional[int] = ..., calls: _Optional[int] = ..., error_rate: _Optional[float] = ..., tool_error_rate: _Optional[float] = ..., request_error_rate: _Optional[float] = ..., http_4xx_rate: _Optional[float] = ..., http_5xx_rate: _Optional[float] = ..., top_error_types: _Optional[_Iterable[_Union[ErrorTypeCount, _Mapping]]] = ...) -> None: ...

class ProductFigures(_message.Message):
    __slots__ = ("product", "calls", "error_rate", "p50_ms", "p95_ms", "p99_ms")
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    CALLS_FIELD_NUMBER: _ClassVar[int]
    ERROR_RATE_FIELD_NUMBER: _ClassVar[int]
    P50_MS_FIELD_NUMBER: _ClassVar[int]
    P95_MS_FIELD_NUMBER: _ClassVar[int]
    P99_MS_FIELD_NUMBER: _ClassVar[int]
    product: str
    calls: int
    error_rate: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    def __init__(self, product: _Optional[str] = ..., calls: _Optional[int] = ..., error_rate: _Optional[float] = ..., p50_ms: _Optional[float] = ..., p95_ms: _Optional[float] = ..., p99_ms: _Optional[float] = ...) -> None: ...

class ToolFigures(_message.Message):
    __slots__ = ("tool", "calls", "error_rate", "tool_error_rate")
    TOOL_FIELD_NUMBER: _ClassVar[int]
    CALLS_FIELD_NUMBER: _ClassVar[int]
    ERROR_RATE_FIELD_NUMBER: _ClassVar[int]
    TOOL_ERROR_RATE_FIELD_NUMBER: _ClassVar[int]
    tool: str
    calls: int
    error_rate: float
    tool_error_rate: float
    def __init__(self, tool: _Optional[str] = ..., calls: _Optional[int] = ..., error_rate: _Optional[float] = ..., tool_error_rate: _Optional[float] = ...) -> None: ...

class DailyFigures(_message.Message):
    __slots__ = ("day", "calls", "active_users", "error_rate", "rank", "disconnect_rate")
    DAY_FIELD_NUMBER: _ClassVar[int]
    CALLS_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_USERS_FIELD_NUMBER: _ClassVar[int]
    ERROR_RATE_FIELD_NUMBER: _ClassVar[int]
    RANK_FIELD_NUMBER: _ClassVar[int]
    DISCONNECT_RATE_FIELD_NUMBER: _ClassVar[int]
    day: str
    calls: int
    active_users: int
    error_rate: float
    rank: int
    disconnect_rate: float
    def __init__(self, day: _Optional[str] = ..., calls: _Optional[int] = ..., active_users: _Optional[int] = ..., error_rate: _Optional[float] = ..., rank: _Optional[int] = ..., disconnect_rate: _Optional[float] = ...) -> None: ...

class ShownFigures(_message.Message):
    __slots__ = ("as_of", "computed_at", "health", "health_policy", "rank", "ranked_servers", "trending", "active_users", "calls", "disconnect_rate", "error_rate", "incomplete")
    AS_OF_FIELD_NUMBER: _ClassVar[int]
    COMPUTED_AT_FIELD_NUMBER: _ClassVar[int]
    HEALTH_FIELD_NUMBER: _ClassVar[int]
    HEALTH_POLICY_FIELD_NUMBER: _ClassVar[int]
    RANK_FIELD_NUMBER: _ClassVar[int]
    RANKED_SERVERS_FIELD_NUMBER: _ClassVar[int]
    TRENDING_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_USERS_FIELD_NUMBER: _ClassVar[int]
    CALLS_FIELD_NUMBER: _ClassVar[int]
    DISCONNECT_RATE_FIELD_NUMBER: _ClassVar[int]
    ERROR_RATE_FIELD_NUMBER: _ClassVar[int]
    INCOMPLETE_FIELD_NUMBER: _ClassVar[int]
    as_of: str
    computed_at: _timestamp_pb2.Timestamp
    health: Health
    health_policy: str
    rank: int
    ranked_servers: int
    trending: bool
    active_users: int
    calls: int
    disconnect_rate: float
    error_rate: float
    incomplete: bool
    def __init__(self, as_of: _Optional[str] = ..., computed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., health: _Optional[_Union[Health, str]] = ..., health_policy: _Optional[str] = ..., rank: _Optional[int] = ..., ranked_servers: _Optional[int] = ..., trending: _Optional[bool] = ..., active_users: _Optional[int] = ..., calls: _Optional[int] = ..., disconnect_rate: _Optional[float] = ..., error_rate: _Optional[float] = ..., incomplete: _Optional[bool] = ...) -> None: ...

class ServerMetrics(_message.Message):
    __slots__ = ("server_id", "as_of", "computed_at", "health", "health_policy", "rank", "ranked_servers", "trending", "active_users", "calls", "disconnect_rate", "error_rate", "windows", "products", "tools", "daily", "messages_without_calls", "days_behind", "incomplete")
    SERVER_ID_FIELD_NUMBER: _ClassVar[int]
    AS_OF_FIELD_NUMBER: _ClassVar[int]
    COMPUTED_AT_FIELD_NUMBER: _ClassVar[int]
    HEALTH_FIELD_NUMBER: _ClassVar[int]
    HEALTH_POLICY_FIELD_NUMBER: _ClassVar[int]
    RANK_FIELD_NUMBER: _ClassVar[int]
    RANKED_SERVERS_FIELD_NUMBER: _ClassVar[int]
    TRENDING_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_USERS_FIELD_NUMBER: _ClassVar[int]
    CALLS_FIELD_NUMBER: _ClassVar[int]
    DISCONNECT_RATE_FIELD_NUMBER: _ClassVar[int]
    ERROR_RATE_FIELD_NUMBER: _ClassVar[int]
    WINDOWS_FIELD_NUMBER: _ClassVar[int]
    PRODUCTS_FIELD_NUMBER: _ClassVar[int]
    TOOLS_FIELD_NUMBER: _ClassVar[int]
    DAILY_FIELD_NUMBER: _ClassVar[int]
    MESSAGES_WITHOUT_CALLS_FIELD_NUMBER: _ClassVar[int]
    DAYS_BEHIND_FIELD_NUMBER: _ClassVar[int]
    INCOMPLETE_FIELD_NUMBER: _ClassVar[int]
    server_id: str
    as_of: str
    computed_at: _timestamp_pb2.Timestamp
    health: Health
    health_policy: str
    rank: int
    ranked_servers: int
    trending: bool
    active_users: int
    calls: int
    disconnect_rate: float
    error_rate: float
    windows: _containers.RepeatedCompositeFieldContainer[WindowFigures]
    products: _containers.RepeatedCompositeFieldContainer[ProductFigures]
    tools: _containers.RepeatedCompositeFieldContainer[ToolFigures]
    daily: _containers.RepeatedCompositeFieldContainer[DailyFigures]
    messages_without_calls: bool
    days_behind: int
    incomplete: bool
    def __init__(self, server_id: _Optional[str] = ..., as_of: _Optional[str] = ..., computed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., health: _Optional[_Union[Health, str]] = ..., health_policy: _Optional[str] = ..., rank: _Optional[int] = ..., ranked_servers: _Optional[int] = ..., trending: _Optional[bool] = ..., active_users: _Optional[int] = ..., calls: _Optional[int] = ..., disconnect_rate: _Optional[float] = ..., error_rate: _Optional[float] = ..., windows: _Optional[_Iterable[_Union[WindowFigures, _Mapping]]] = ..., products: _Optional[_Iterable[_Union[ProductFigures, _Mapping]]] = ..., tools: _Optional[_Iterable[_Union[ToolFigures, _Mapping]]] = ..., daily: _Optional[_Iterable[_Union[DailyFigures, _Mapping]]] = ..., messages_without_calls: _Optional[bool] = ..., days_behind: _Optional[int] = ..., incomplete: _Optional[bool] = ...) -> None: ...
