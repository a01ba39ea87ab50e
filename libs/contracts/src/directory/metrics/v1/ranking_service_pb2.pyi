import datetime

from directory.metrics.v1 import server_metrics_pb2 as _server_metrics_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RankedServer(_message.Message):
    __slots__ = ("server_id", "rank", "trending")
    SERVER_ID_FIELD_NUMBER: _ClassVar[int]
    RANK_FIELD_NUMBER: _ClassVar[int]
    TRENDING_FIELD_NUMBER: _ClassVar[int]
    server_id: str
    rank: int
    trending: bool
    def __init__(self, server_id: _Optional[str] = ..., rank: _Optional[int] = ..., trending: _Optional[bool] = ...) -> None: ...

class ListServersByRankRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListServersByRankResponse(_message.Message):
    __slots__ = ("servers", "next_page_token", "as_of", "computed_at", "days_behind", "incomplete")
    SERVERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    AS_OF_FIELD_NUMBER: _ClassVar[int]
    COMPUTED_AT_FIELD_NUMBER: _ClassVar[int]
    DAYS_BEHIND_FIELD_NUMBER: _ClassVar[int]
    INCOMPLETE_FIELD_NUMBER: _ClassVar[int]
    servers: _containers.RepeatedCompositeFieldContainer[RankedServer]
    next_page_token: str
    as_of: str
    computed_at: _timestamp_pb2.Timestamp
    days_behind: int
    incomplete: bool
    def __init__(self, servers: _Optional[_Iterable[_Union[RankedServer, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., as_of: _Optional[str] = ..., computed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., days_behind: _Optional[int] = ..., incomplete: _Optional[bool] = ...) -> None: ...

class ListTrendingServersRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListTrendingServersResponse(_message.Message):
    __slots__ = ("servers", "as_of", "computed_at", "days_behind", "incomplete")
    SERVERS_FIELD_NUMBER: _ClassVar[int]
    AS_OF_FIELD_NUMBER: _ClassVar[int]
    COMPUTED_AT_FIELD_NUMBER: _ClassVar[int]
    DAYS_BEHIND_FIELD_NUMBER: _ClassVar[int]
    INCOMPLETE_FIELD_NUMBER: _ClassVar[int]
    servers: _containers.RepeatedCompositeFieldContainer[RankedServer]
    as_of: str
    computed_at: _timestamp_pb2.Timestamp
    days_behind: int
    incomplete: bool
    def __init__(self, servers: _Optional[_Iterable[_Union[RankedServer, _Mapping]]] = ..., as_of: _Optional[str] = ..., computed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., days_behind: _Optional[int] = ..., incomplete: _Optional[bool] = ...) -> None: ...

class GetServerBadgeRequest(_message.Message):
    __slots__ = ("server_id",)
    SERVER_ID_FIELD_NUMBER: _ClassVar[int]
    server_id: str
    def __init__(self, server_id: _Optional[str] = ...) -> None: ...

class GetServerBadgeResponse(_message.Message):
    __slots__ = ("health", "rank", "as_of", "computed_at", "days_behind", "incomplete")
    HEALTH_FIELD_NUMBER: _ClassVar[int]
    RANK_FIELD_NUMBER: _ClassVar[int]
    AS_OF_FIELD_NUMBER: _ClassVar[int]
    COMPUTED_AT_FIELD_NUMBER: _ClassVar[int]
    DAYS_BEHIND_FIELD_NUMBER: _ClassVar[int]
    INCOMPLETE_FIELD_NUMBER: _ClassVar[int]
    health: _server_metrics_pb2.Health
    rank: int
    as_of: str
    computed_at: _timestamp_pb2.Timestamp
    days_behind: int
    incomplete: bool
    def __init__(self, health: _Optional[_Union[_server_metrics_pb2.Health, str]] = ..., rank: _Optional[int] = ..., as_of: _Optional[str] = ..., computed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., days_behind: _Optional[int] = ..., incomplete: _Optional[bool] = ...) -> None: ...
