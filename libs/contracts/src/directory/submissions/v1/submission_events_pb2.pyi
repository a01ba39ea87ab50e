import datetime

from directory.listings.v1 import listing_content_pb2 as _listing_content_pb2
from directory.submissions.v1 import review_service_pb2 as _review_service_pb2
from directory.submissions.v1 import server_probe_pb2 as _server_probe_pb2
from directory.submissions.v1 import submission_pb2 as _submission_pb2
from directory.submissions.v1 import transfer_pb2 as _transfer_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ToolDriftOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TOOL_DRIFT_OUTCOME_UNSPECIFIED: _ClassVar[ToolDriftOutcome]
    TOOL_DRIFT_OUTCOME_ACCEPTED: _ClassVar[ToolDriftOutcome]
    TOOL_DRIFT_OUTCOME_CHANGES_REQUESTED: _ClassVar[ToolDriftOutcome]
    TOOL_DRIFT_OUTCOME_RESOLVED: _ClassVar[ToolDriftOutcome]
TOOL_DRIFT_OUTCOME_UNSPECIFIED: ToolDriftOutcome
TOOL_DRIFT_OUTCOME_ACCEPTED: ToolDriftOutcome
TOOL_DRIFT_OUTCOME_CHANGES_REQUESTED: ToolDriftOutcome
TOOL_DRIFT_OUTCOME_RESOLVED: ToolDriftOutcome

class SubmissionEvent(_message.Message):
    __slots__ = ("event_id", "occurred_at", "submission_id", "organization_id", "moved", "revision_decided", "message_posted", "transfer_changed", "endpoint_health_changed", "tool_drift_found", "tool_drift_decided", "display_name", "publisher_id", "publisher_name")
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    SUBMISSION_ID_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    MOVED_FIELD_NUMBER: _ClassVar[int]
    REVISION_DECIDED_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_POSTED_FIELD_NUMBER: _ClassVar[int]
    TRANSFER_CHANGED_FIELD_NUMBER: _ClassVar[int]
    ENDPOINT_HEALTH_CHANGED_FIELD_NUMBER: _ClassVar[int]
    TOOL_DRIFT_FOUND_FIELD_NUMBER: _ClassVar[int]
    TOOL_DRIFT_DECIDED_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    PUBLISHER_ID_FIELD_NUMBER: _ClassVar[int]
    PUBLISHER_NAME_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    occurred_at: _timestamp_pb2.Timestamp
    submission_id: str
    organization_id: str
    moved: SubmissionMoved
    revision_decided: RevisionDecided
    message_posted: MessagePosted
    transfer_changed: TransferChanged
    endpoint_health_changed: EndpointHealthChanged
    tool_drift_found: ToolDriftFound
    tool_drift_decided: ToolDriftDecided
    display_name: str
    publisher_id: str
    publisher_name: str
    def __init__(self, event_id: _Optional[str] = ..., occurred_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., submission_id: _Optional[str] = ..., organization_id: _Optional[str] = ..., moved: _Optional[_Union[SubmissionMoved, _Mapping]] = ..., revision_decided: _Optional[_Union[RevisionDecided, _Mapping]] = ..., message_posted: _Optional[_Union[MessagePosted, _Mapping]] = ..., transfer_changed: _Optional[_Union[TransferChanged, _Mapping]] = ..., endpoint_health_changed: _Optional[_Union[EndpointHealthChanged, _Mapping]] = ..., tool_drift_found: _Optional[_Union[ToolDriftFound, _Mapping]] = ..., tool_drift_decided: _Optional[_Union[ToolDriftDecided, _Mapping]] = ..., display_name: _Optional[str] = ..., publisher_id: _Optional[str] = ..., publisher_name: _Optional[str] = ...) -> None: ...

class SubmissionMoved(_message.Message):
    __slots__ = ("to", "move", "comment", "actor", "kind", "listing", "slug", "server_url", "transport", "successor", "reason_code")
    FROM_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    MOVE_FIELD_NUMBER: _ClassVar[int]
    COMMENT_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    LISTING_FIELD_NUMBER: _ClassVar[int]
    SLUG_FIELD_NUMBER: _ClassVar[int]
    SERVER_URL_FIELD_NUMBER: _ClassVar[int]
    TRANSPORT_FIELD_NUMBER: _ClassVar[int]
    SUCCESSOR_FIELD_NUMBER: _ClassVar[int]
    REASON_CODE_FIELD_NUMBER: _ClassVar[int]
    to: _submission_pb2.SubmissionState
    move: _submission_pb2.Move
    comment: str
    actor: _submission_pb2.ActorRole
    kind: _submission_pb2.SubmissionKind
    listing: _listing_content_pb2.ListingContent
    slug: str
    server_url: str
    transport: _submission_pb2.Transport
    successor: str
    reason_code: str
    def __init__(self, to: _Optional[_Union[_submission_pb2.SubmissionState, str]] = ..., move: _Optional[_Union[_submission_pb2.Move, str]] = ..., comment: _Optional[str] = ..., actor: _Optional[_Union[_submission_pb2.ActorRole, str]] = ..., kind: _Optional[_Union[_submission_pb2.SubmissionKind, str]] = ..., listing: _Optional[_Union[_listing_content_pb2.ListingContent, _Mapping]] = ..., slug: _Optional[str] = ..., server_url: _Optional[str] = ..., transport: _Optional[_Union[_submission_pb2.Transport, str]] = ..., successor: _Optional[str] = ..., reason_code: _Optional[str] = ..., **kwargs) -> None: ...

class RevisionDecided(_message.Message):
    __slots__ = ("revision_id", "decision", "comment", "reason_code", "reviewer_name")
    REVISION_ID_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    COMMENT_FIELD_NUMBER: _ClassVar[int]
    REASON_CODE_FIELD_NUMBER: _ClassVar[int]
    REVIEWER_NAME_FIELD_NUMBER: _ClassVar[int]
    revision_id: str
    decision: _review_service_pb2.Decision
    comment: str
    reason_code: str
    reviewer_name: str
    def __init__(self, revision_id: _Optional[str] = ..., decision: _Optional[_Union[_review_service_pb2.Decision, str]] = ..., comment: _Optional[str] = ..., reason_code: _Optional[str] = ..., reviewer_name: _Optional[str] = ...) -> None: ...

class MessagePosted(_message.Message):
    __slots__ = ("entry_id", "author_role")
    ENTRY_ID_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_ROLE_FIELD_NUMBER: _ClassVar[int]
    entry_id: str
    author_role: _submission_pb2.ActorRole
    def __init__(self, entry_id: _Optional[str] = ..., author_role: _Optional[_Union[_submission_pb2.ActorRole, str]] = ...) -> None: ...

class TransferChanged(_message.Message):
    __slots__ = ("transfer_id", "state", "from_organization_id", "to_organization_id", "display_name", "expires_at", "actor")
    TRANSFER_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    FROM_ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    TO_ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    transfer_id: str
    state: _transfer_pb2.TransferState
    from_organization_id: str
    to_organization_id: str
    display_name: str
    expires_at: _timestamp_pb2.Timestamp
    actor: _submission_pb2.ActorRole
    def __init__(self, transfer_id: _Optional[str] = ..., state: _Optional[_Union[_transfer_pb2.TransferState, str]] = ..., from_organization_id: _Optional[str] = ..., to_organization_id: _Optional[str] = ..., display_name: _Optional[str] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., actor: _Optional[_Union[_submission_pb2.ActorRole, str]] = ...) -> None: ...

class EndpointHealthChanged(_message.Message):
    __slots__ = ("to", "since", "failures", "remark")
    FROM_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    FAILURES_FIELD_NUMBER: _ClassVar[int]
    REMARK_FIELD_NUMBER: _ClassVar[int]
    to: _server_probe_pb2.EndpointHealth
    since: _timestamp_pb2.Timestamp
    failures: int
    remark: str
    def __init__(self, to: _Optional[_Union[_server_probe_pb2.EndpointHealth, str]] = ..., since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., failures: _Optional[int] = ..., remark: _Optional[str] = ..., **kwargs) -> None: ...

class ToolDriftFound(_message.Message):
    __slots__ = ("review_item_id", "changed_again", "lead_reviewer", "summary")
    REVIEW_ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    CHANGED_AGAIN_FIELD_NUMBER: _ClassVar[int]
    LEAD_REVIEWER_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    review_item_id: str
    changed_again: bool
    lead_reviewer: bool
    summary: str
    def __init__(self, review_item_id: _Optional[str] = ..., changed_again: _Optional[bool] = ..., lead_reviewer: _Optional[bool] = ..., summary: _Optional[str] = ...) -> None: ...

class ToolDriftDecided(_message.Message):
    __slots__ = ("review_item_id", "outcome", "comment", "reason_code")
    REVIEW_ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    COMMENT_FIELD_NUMBER: _ClassVar[int]
    REASON_CODE_FIELD_NUMBER: _ClassVar[int]
    review_item_id: str
    outcome: ToolDriftOutcome
    comment: str
    reason_code: str
    def __init__(self, review_item_id: _Optional[str] = ..., outcome: _Optional[_Union[ToolDriftOutcome, str]] = ..., comment: _Optional[str] = ..., reason_code: _Optional[str] = ...) -> None: ...
