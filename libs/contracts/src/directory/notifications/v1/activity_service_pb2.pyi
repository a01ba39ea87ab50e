import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Topic(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TOPIC_UNSPECIFIED: _ClassVar[Topic]
    TOPIC_STATUS: _ClassVar[Topic]
    TOPIC_FEEDBACK: _ClassVar[Topic]
    TOPIC_LISTING: _ClassVar[Topic]
    TOPIC_HEALTH: _ClassVar[Topic]
    TOPIC_WEBHOOKS: _ClassVar[Topic]

class ActivityActor(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ACTIVITY_ACTOR_UNSPECIFIED: _ClassVar[ActivityActor]
    ACTIVITY_ACTOR_PUBLISHER: _ClassVar[ActivityActor]
    ACTIVITY_ACTOR_REVIEWER: _ClassVar[ActivityActor]
    ACTIVITY_ACTOR_SYSTEM: _ClassVar[ActivityActor]
TOPIC_UNSPECIFIED: Topic
TOPIC_STATUS: Topic
TOPIC_FEEDBACK: Topic
TOPIC_LISTING: Topic
TOPIC_HEALTH: Topic
TOPIC_WEBHOOKS: Topic
ACTIVITY_ACTOR_UNSPECIFIED: ActivityActor
ACTIVITY_ACTOR_PUBLISHER: ActivityActor
ACTIVITY_ACTOR_REVIEWER: ActivityActor
ACTIVITY_ACTOR_SYSTEM: ActivityActor

class Activity(_message.Message):
    __slots__ = ("activity_id", "occurred_at", "type", "topic", "submission_id", "server_name", "actor", "actor_name", "summary", "comment")
    ACTIVITY_ID_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    SUBMISSION_ID_FIELD_NUMBER: _ClassVar[int]
    SERVER_NAME_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    ACTOR_NAME_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    COMMENT_FIELD_NUMBER: _ClassVar[int]
    activity_id: str
    occurred_at: _timestamp_pb2.Timestamp
    type: str
    topic: Topic
    submission_id: str
    server_name: str
    actor: ActivityActor
    actor_name: str
    summary: str
    comment: str
    def __init__(self, activity_id: _Optional[str] = ..., occurred_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., type: _Optional[str] = ..., topic: _Optional[_Union[Topic, str]] = ..., submission_id: _Optional[str] = ..., server_name: _Optional[str] = ..., actor: _Optional[_Union[ActivityActor, str]] = ..., actor_name: _Optional[str] = ..., summary: _Optional[str] = ..., comment: _Optional[str] = ...) -> None: ...

class ListActivityRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "submission_id")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    SUBMISSION_ID_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    submission_id: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., submission_id: _Optional[str] = ...) -> None: ...

class ListActivityResponse(_message.Message):
    __slots__ = ("activities", "next_page_token")
    ACTIVITIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    activities: _containers.RepeatedCompositeFieldContainer[Activity]
    next_page_token: str
    def __init__(self, activities: _Optional[_Iterable[_Union[Activity, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
