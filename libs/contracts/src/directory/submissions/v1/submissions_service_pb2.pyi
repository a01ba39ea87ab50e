from directory.submissions.v1 import server_probe_pb2 as _server_probe_pb2
from directory.submissions.v1 import submission_pb2 as _submission_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ImportOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    IMPORT_OUTCOME_UNSPECIFIED: _ClassVar[ImportOutcome]
    IMPORT_OUTCOME_TAKEN: _ClassVar[ImportOutcome]
    IMPORT_OUTCOME_KEPT: _ClassVar[ImportOutcome]
    IMPORT_OUTCOME_LEFT_OUT: _ClassVar[ImportOutcome]
IMPORT_OUTCOME_UNSPECIFIED: ImportOutcome
IMPORT_OUTCOME_TAKEN: ImportOutcome
IMPORT_OUTCOME_KEPT: ImportOutcome
IMPORT_OUTCOME_LEFT_OUT: ImportOutcome

class CreateSubmissionRequest(_message.Message):
    __slots__ = ("kind", "form", "reviewer_access")
    KIND_FIELD_NUMBER: _ClassVar[int]
    FORM_FIELD_NUMBER: _ClassVar[int]
    REVIEWER_ACCESS_FIELD_NUMBER: _ClassVar[int]
    kind: _submission_pb2.SubmissionKind
    form: _submission_pb2.SubmissionForm
    reviewer_access: _submission_pb2.ReviewerAccess
    def __init__(self, kind: _Optional[_Union[_submission_pb2.SubmissionKind, str]] = ..., form: _Optional[_Union[_submission_pb2.SubmissionForm, _Mapping]] = ..., reviewer_access: _Optional[_Union[_submission_pb2.ReviewerAccess, _Mapping]] = ...) -> None: ...

class CreateSubmissionResponse(_message.Message):
    __slots__ = ("submission",)
    SUBMISSION_FIELD_NUMBER: _ClassVar[int]
    submission: _submission_pb2.Submission
    def __init__(self, submission: _Optional[_Union[_submission_pb2.Submission, _Mapping]] = ...) -> None: ...

class GetSubmissionRequest(_message.Message):
    __slots__ = ("submission_id",)
    SUBMISSION_ID_FIELD_NUMBER: _ClassVar[int]
    submission_id: str
    def __init__(self, submission_id: _Optional[str] = ...) -> None: ...

class GetSubmissionResponse(_message.Message):
    __slots__ = ("submission",)
    SUBMISSION_FIELD_NUMBER: _ClassVar[int]
    submission: _submission_pb2.Submission
    def __init__(self, submission: _Optional[_Union[_submission_pb2.Submission, _Mapping]] = ...) -> None: ...

class ListSubmissionsRequest(_message.Message):
    __slots__ = ("states", "search", "page_size", "page_token", "needs_publisher")
    STATES_FIELD_NUMBER: _ClassVar[int]
    SEARCH_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    NEEDS_PUBLISHER_FIELD_NUMBER: _ClassVar[int]
    states: _containers.RepeatedScalarFieldContainer[_submission_pb2.SubmissionState]
    search: str
    page_size: int
    page_token: str
    needs_publisher: bool
    def __init__(self, states: _Optional[_Iterable[_Union[_submission_pb2.SubmissionState, str]]] = ..., search: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., needs_publisher: _Optional[bool] = ...) -> None: ...

class ListSubmissionsResponse(_message.Message):
    __slots__ = ("submissions", "next_page_token", "counts", "needs_publisher_count", "endpoints")
    SUBMISSIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    NEEDS_PUBLISHER_COUNT_FIELD_NUMBER: _ClassVar[int]
    ENDPOINTS_FIELD_NUMBER: _ClassVar[int]
    submissions: _containers.RepeatedCompositeFieldContainer[_submission_pb2.Submission]
    next_page_token: str
    counts: _containers.RepeatedCompositeFieldContainer[StateCount]
    needs_publisher_count: int
    endpoints: _containers.RepeatedCompositeFieldContainer[_server_probe_pb2.EndpointSummary]
    def __init__(self, submissions: _Optional[_Iterable[_Union[_submission_pb2.Submission, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., counts: _Optional[_Iterable[_Union[StateCount, _Mapping]]] = ..., needs_publisher_count: _Optional[int] = ..., endpoints: _Optional[_Iterable[_Union[_server_probe_pb2.EndpointSummary, _Mapping]]] = ...) -> None: ...

class StateCount(_message.Message):
    __slots__ = ("state", "count")
    STATE_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    state: _submission_pb2.SubmissionState
    count: int
    def __init__(self, state: _Optional[_Union[_submission_pb2.SubmissionState, str]] = ..., count: _Optional[int] = ...) -> None: ...

class SaveSubmissionRequest(_message.Message):
    __slots__ = ("submission_id", "version", "form", "update_mask", "reviewer_access", "reviewer_access_mask")
    SUBMISSION_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    FORM_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    REVIEWER_ACCESS_FIELD_NUMBER: _ClassVar[int]
    REVIEWER_ACCESS_MASK_FIELD_NUMBER: _ClassVar[int]
    submission_id: str
    version: int
    form: _submission_pb2.SubmissionForm
    update_mask: _field_mask_pb2.FieldMask
    reviewer_access: _submission_pb2.ReviewerAccess
    reviewer_access_mask: _field_mask_pb2.FieldMask
    def __init__(self, submission_id: _Optional[str] = ..., version: _Optional[int] = ..., form: _Optional[_Union[_submission_pb2.SubmissionForm, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., reviewer_access: _Optional[_Union[_submission_pb2.ReviewerAccess, _Mapping]] = ..., reviewer_access_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ...) -> None: ...

class SaveSubmissionResponse(_message.Message):
    __slots__ = ("submission",)
    SUBMISSION_FIELD_NUMBER: _ClassVar[int]
    submission: _submission_pb2.Submission
    def __init__(self, submission: _Optional[_Union[_submission_pb2.Submission, _Mapping]] = ...) -> None: ...

class DeleteSubmissionRequest(_message.Message):
    __slots__ = ("submission_id", "version")
    SUBMISSION_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    submission_id: str
    version: int
    def __init__(self, submission_id: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class DeleteSubmissionResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class MoveSubmissionRequest(_message.Message):
    __slots__ = ("submission_id", "version", "move", "comment", "successor")
    SUBMISSION_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    MOVE_FIELD_NUMBER: _ClassVar[int]
    COMMENT_FIELD_NUMBER: _ClassVar[int]
    SUCCESSOR_FIELD_NUMBER: _ClassVar[int]
    submission_id: str
    version: int
    move: _submission_pb2.Move
    comment: str
    successor: str
    def __init__(self, submission_id: _Optional[str] = ..., version: _Optional[int] = ..., move: _Optional[_Union[_submission_pb2.Move, str]] = ..., comment: _Optional[str] = ..., successor: _Optional[str] = ...) -> None: ...

class MoveSubmissionResponse(_message.Message):
    __slots__ = ("submission",)
    SUBMISSION_FIELD_NUMBER: _ClassVar[int]
    submission: _submission_pb2.Submission
    def __init__(self, submission: _Optional[_Union[_submission_pb2.Submission, _Mapping]] = ...) -> None: ...

class ListThreadRequest(_message.Message):
    __slots__ = ("submission_id", "page_size", "page_token", "newest_first")
    SUBMISSION_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    NEWEST_FIRST_FIELD_NUMBER: _ClassVar[int]
    submission_id: str
    page_size: int
    page_token: str
    newest_first: bool
    def __init__(self, submission_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., newest_first: _Optional[bool] = ...) -> None: ...

class ListThreadResponse(_message.Message):
    __slots__ = ("entries", "next_page_token")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[_submission_pb2.ThreadEntry]
    next_page_token: str
    def __init__(self, entries: _Optional[_Iterable[_Union[_submission_pb2.ThreadEntry, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class PostMessageRequest(_message.Message):
    __slots__ = ("submission_id", "body")
    SUBMISSION_ID_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    submission_id: str
    body: str
    def __init__(self, submission_id: _Optional[str] = ..., body: _Optional[str] = ...) -> None: ...

class PostMessageResponse(_message.Message):
    __slots__ = ("entry",)
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    entry: _submission_pb2.ThreadEntry
    def __init__(self, entry: _Optional[_Union[_submission_pb2.ThreadEntry, _Mapping]] = ...) -> None: ...

class RunChecksRequest(_message.Message):
    __slots__ = ("submission_id",)
    SUBMISSION_ID_FIELD_NUMBER: _ClassVar[int]
    submission_id: str
    def __init__(self, submission_id: _Optional[str] = ...) -> None: ...

class RunChecksResponse(_message.Message):
    __slots__ = ("checks",)
    CHECKS_FIELD_NUMBER: _ClassVar[int]
    checks: _submission_pb2.Checks
    def __init__(self, checks: _Optional[_Union[_submission_pb2.Checks, _Mapping]] = ...) -> None: ...

class GetChecksRequest(_message.Message):
    __slots__ = ("submission_id",)
    SUBMISSION_ID_FIELD_NUMBER: _ClassVar[int]
    submission_id: str
    def __init__(self, submission_id: _Optional[str] = ...) -> None: ...

class GetChecksResponse(_message.Message):
    __slots__ = ("checks",)
    CHECKS_FIELD_NUMBER: _ClassVar[int]
    checks: _submission_pb2.Checks
    def __init__(self, checks: _Optional[_Union[_submission_pb2.Checks, _Mapping]] = ...) -> None: ...

class ImportServerDocumentRequest(_message.Message):
    __slots__ = ("document", "remote", "submission_id", "version")
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    REMOTE_FIELD_NUMBER: _ClassVar[int]
    SUBMISSION_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    document: str
    remote: int
    submission_id: str
    version: int
    def __init__(self, document: _Optional[str] = ..., remote: _Optional[int] = ..., submission_id: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class ImportServerDocumentResponse(_message.Message):
    __slots__ = ("submission", "parts")
    SUBMISSION_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    submission: _submission_pb2.Submission
    parts: _containers.RepeatedCompositeFieldContainer[ImportedPart]
    def __init__(self, submission: _Optional[_Union[_submission_pb2.Submission, _Mapping]] = ..., parts: _Optional[_Iterable[_Union[ImportedPart, _Mapping]]] = ...) -> None: ...

class ImportedPart(_message.Message):
    __slots__ = ("source", "field", "outcome", "value", "message")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    source: str
    field: str
    outcome: ImportOutcome
    value: str
    message: str
    def __init__(self, source: _Optional[str] = ..., field: _Optional[str] = ..., outcome: _Optional[_Union[ImportOutcome, str]] = ..., value: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class FetchServerDocumentRequest(_message.Message):
    __slots__ = ("url",)
    URL_FIELD_NUMBER: _ClassVar[int]
    url: str
    def __init__(self, url: _Optional[str] = ...) -> None: ...

class FetchServerDocumentResponse(_message.Message):
    __slots__ = ("document",)
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    document: str
    def __init__(self, document: _Optional[str] = ...) -> None: ...

class GetServerProbeRequest(_message.Message):
    __slots__ = ("submission_id",)
    SUBMISSION_ID_FIELD_NUMBER: _ClassVar[int]
    submission_id: str
    def __init__(self, submission_id: _Optional[str] = ...) -> None: ...

class GetServerProbeResponse(_message.Message):
    __slots__ = ("probe",)
    PROBE_FIELD_NUMBER: _ClassVar[int]
    probe: _server_probe_pb2.ServerProbe
    def __init__(self, probe: _Optional[_Union[_server_probe_pb2.ServerProbe, _Mapping]] = ...) -> None: ...

class RunServerProbeRequest(_message.Message):
    __slots__ = ("submission_id",)
    SUBMISSION_ID_FIELD_NUMBER: _ClassVar[int]
    submission_id: str
    def __init__(self, submission_id: _Optional[str] = ...) -> None: ...

class RunServerProbeResponse(_message.Message):
    __slots__ = ("probe",)
    PROBE_FIELD_NUMBER: _ClassVar[int]
    probe: _server_probe_pb2.ServerProbe
    def __init__(self, probe: _Optional[_Union[_server_probe_pb2.ServerProbe, _Mapping]] = ...) -> None: ...
