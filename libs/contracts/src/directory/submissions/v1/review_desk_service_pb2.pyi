import datetime

from directory.rules.v1 import rules_pb2 as _rules_pb2
from directory.submissions.v1 import review_service_pb2 as _review_service_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DeskReviewer(_message.Message):
    __slots__ = ("person_id", "name", "lead", "seen_at")
    PERSON_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    LEAD_FIELD_NUMBER: _ClassVar[int]
    SEEN_AT_FIELD_NUMBER: _ClassVar[int]
    person_id: str
    name: str
    lead: bool
    seen_at: _timestamp_pb2.Timestamp
    def __init__(self, person_id: _Optional[str] = ..., name: _Optional[str] = ..., lead: _Optional[bool] = ..., seen_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class AssignReviewItemRequest(_message.Message):
    __slots__ = ("review_item_id", "person_id")
    REVIEW_ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    PERSON_ID_FIELD_NUMBER: _ClassVar[int]
    review_item_id: str
    person_id: str
    def __init__(self, review_item_id: _Optional[str] = ..., person_id: _Optional[str] = ...) -> None: ...

class AssignReviewItemResponse(_message.Message):
    __slots__ = ("item",)
    ITEM_FIELD_NUMBER: _ClassVar[int]
    item: _review_service_pb2.ReviewItem
    def __init__(self, item: _Optional[_Union[_review_service_pb2.ReviewItem, _Mapping]] = ...) -> None: ...

class NoteReviewPresenceRequest(_message.Message):
    __slots__ = ("review_item_id", "leaving")
    REVIEW_ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    LEAVING_FIELD_NUMBER: _ClassVar[int]
    review_item_id: str
    leaving: bool
    def __init__(self, review_item_id: _Optional[str] = ..., leaving: _Optional[bool] = ...) -> None: ...

class NoteReviewPresenceResponse(_message.Message):
    __slots__ = ("present",)
    PRESENT_FIELD_NUMBER: _ClassVar[int]
    present: _containers.RepeatedCompositeFieldContainer[_review_service_pb2.PresentReviewer]
    def __init__(self, present: _Optional[_Iterable[_Union[_review_service_pb2.PresentReviewer, _Mapping]]] = ...) -> None: ...

class ListReviewersRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListReviewersResponse(_message.Message):
    __slots__ = ("reviewers",)
    REVIEWERS_FIELD_NUMBER: _ClassVar[int]
    reviewers: _containers.RepeatedCompositeFieldContainer[DeskReviewer]
    def __init__(self, reviewers: _Optional[_Iterable[_Union[DeskReviewer, _Mapping]]] = ...) -> None: ...

class CannedResponse(_message.Message):
    __slots__ = ("canned_response_id", "title", "body", "version", "changed_by_name", "changed_at")
    CANNED_RESPONSE_ID_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CHANGED_BY_NAME_FIELD_NUMBER: _ClassVar[int]
    CHANGED_AT_FIELD_NUMBER: _ClassVar[int]
    canned_response_id: str
    title: str
    body: str
    version: int
    changed_by_name: str
    changed_at: _timestamp_pb2.Timestamp
    def __init__(self, canned_response_id: _Optional[str] = ..., title: _Optional[str] = ..., body: _Optional[str] = ..., version: _Optional[int] = ..., changed_by_name: _Optional[str] = ..., changed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListCannedResponsesRequest(_message.Message):
    __slots__ = ("review_item_id",)
    REVIEW_ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    review_item_id: str
    def __init__(self, review_item_id: _Optional[str] = ...) -> None: ...

class ListCannedResponsesResponse(_message.Message):
    __slots__ = ("canned_responses",)
    CANNED_RESPONSES_FIELD_NUMBER: _ClassVar[int]
    canned_responses: _containers.RepeatedCompositeFieldContainer[CannedResponse]
    def __init__(self, canned_responses: _Optional[_Iterable[_Union[CannedResponse, _Mapping]]] = ...) -> None: ...

class SaveCannedResponseRequest(_message.Message):
    __slots__ = ("canned_response_id", "version", "title", "body")
    CANNED_RESPONSE_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    canned_response_id: str
    version: int
    title: str
    body: str
    def __init__(self, canned_response_id: _Optional[str] = ..., version: _Optional[int] = ..., title: _Optional[str] = ..., body: _Optional[str] = ...) -> None: ...

class SaveCannedResponseResponse(_message.Message):
    __slots__ = ("canned_response",)
    CANNED_RESPONSE_FIELD_NUMBER: _ClassVar[int]
    canned_response: CannedResponse
    def __init__(self, canned_response: _Optional[_Union[CannedResponse, _Mapping]] = ...) -> None: ...

class DeleteCannedResponseRequest(_message.Message):
    __slots__ = ("canned_response_id", "version")
    CANNED_RESPONSE_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    canned_response_id: str
    version: int
    def __init__(self, canned_response_id: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class DeleteCannedResponseResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetReviewStatisticsRequest(_message.Message):
    __slots__ = ("weeks",)
    WEEKS_FIELD_NUMBER: _ClassVar[int]
    weeks: int
    def __init__(self, weeks: _Optional[int] = ...) -> None: ...

class GetReviewStatisticsResponse(_message.Message):
    __slots__ = ("queue", "weeks", "reviewers", "due_days")
    QUEUE_FIELD_NUMBER: _ClassVar[int]
    WEEKS_FIELD_NUMBER: _ClassVar[int]
    REVIEWERS_FIELD_NUMBER: _ClassVar[int]
    DUE_DAYS_FIELD_NUMBER: _ClassVar[int]
    queue: _containers.RepeatedCompositeFieldContainer[QueueFigures]
    weeks: _containers.RepeatedCompositeFieldContainer[WeekFigures]
    reviewers: _containers.RepeatedCompositeFieldContainer[ReviewerFigures]
    due_days: int
    def __init__(self, queue: _Optional[_Iterable[_Union[QueueFigures, _Mapping]]] = ..., weeks: _Optional[_Iterable[_Union[WeekFigures, _Mapping]]] = ..., reviewers: _Optional[_Iterable[_Union[ReviewerFigures, _Mapping]]] = ..., due_days: _Optional[int] = ...) -> None: ...

class QueueFigures(_message.Message):
    __slots__ = ("kind", "open", "overdue", "unclaimed", "median_age_seconds", "oldest_age_seconds")
    KIND_FIELD_NUMBER: _ClassVar[int]
    OPEN_FIELD_NUMBER: _ClassVar[int]
    OVERDUE_FIELD_NUMBER: _ClassVar[int]
    UNCLAIMED_FIELD_NUMBER: _ClassVar[int]
    MEDIAN_AGE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    OLDEST_AGE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    kind: _review_service_pb2.ReviewItemKind
    open: int
    overdue: int
    unclaimed: int
    median_age_seconds: int
    oldest_age_seconds: int
    def __init__(self, kind: _Optional[_Union[_review_service_pb2.ReviewItemKind, str]] = ..., open: _Optional[int] = ..., overdue: _Optional[int] = ..., unclaimed: _Optional[int] = ..., median_age_seconds: _Optional[int] = ..., oldest_age_seconds: _Optional[int] = ...) -> None: ...

class OutcomeFigures(_message.Message):
    __slots__ = ("decided", "approved", "changes_requested", "rejected", "answered", "upheld", "overturned", "late", "median_waiting_seconds")
    DECIDED_FIELD_NUMBER: _ClassVar[int]
    APPROVED_FIELD_NUMBER: _ClassVar[int]
    CHANGES_REQUESTED_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    ANSWERED_FIELD_NUMBER: _ClassVar[int]
    UPHELD_FIELD_NUMBER: _ClassVar[int]
    OVERTURNED_FIELD_NUMBER: _ClassVar[int]
    LATE_FIELD_NUMBER: _ClassVar[int]
    MEDIAN_WAITING_SECONDS_FIELD_NUMBER: _ClassVar[int]
    decided: int
    approved: int
    changes_requested: int
    rejected: int
    answered: int
    upheld: int
    overturned: int
    late: int
    median_waiting_seconds: int
    def __init__(self, decided: _Optional[int] = ..., approved: _Optional[int] = ..., changes_requested: _Optional[int] = ..., rejected: _Optional[int] = ..., answered: _Optional[int] = ..., upheld: _Optional[int] = ..., overturned: _Optional[int] = ..., late: _Optional[int] = ..., median_waiting_seconds: _Optional[int] = ...) -> None: ...

class WeekFigures(_message.Message):
    __slots__ = ("monday", "opened", "outcomes")
    MONDAY_FIELD_NUMBER: _ClassVar[int]
    OPENED_FIELD_NUMBER: _ClassVar[int]
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    monday: str
    opened: int
    outcomes: OutcomeFigures
    def __init__(self, monday: _Optional[str] = ..., opened: _Optional[int] = ..., outcomes: _Optional[_Union[OutcomeFigures, _Mapping]] = ...) -> None: ...

class ReviewerFigures(_message.Message):
    __slots__ = ("person_id", "name", "outcomes")
    PERSON_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    person_id: str
    name: str
    outcomes: OutcomeFigures
    def __init__(self, person_id: _Optional[str] = ..., name: _Optional[str] = ..., outcomes: _Optional[_Union[OutcomeFigures, _Mapping]] = ...) -> None: ...
