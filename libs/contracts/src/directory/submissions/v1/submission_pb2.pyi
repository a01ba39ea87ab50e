import datetime

from directory.listings.v1 import deprecation_pb2 as _deprecation_pb2
from directory.listings.v1 import listing_content_pb2 as _listing_content_pb2
from directory.rules.v1 import rules_pb2 as _rules_pb2
from directory.submissions.v1 import tool_change_pb2 as _tool_change_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SubmissionKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SUBMISSION_KIND_UNSPECIFIED: _ClassVar[SubmissionKind]
    SUBMISSION_KIND_REMOTE_MCP: _ClassVar[SubmissionKind]
    SUBMISSION_KIND_DESKTOP_EXTENSION: _ClassVar[SubmissionKind]
    SUBMISSION_KIND_CUSTOM_CONNECTOR: _ClassVar[SubmissionKind]

class SubmissionState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SUBMISSION_STATE_UNSPECIFIED: _ClassVar[SubmissionState]
    SUBMISSION_STATE_DRAFT: _ClassVar[SubmissionState]
    SUBMISSION_STATE_CHECKING: _ClassVar[SubmissionState]
    SUBMISSION_STATE_IN_REVIEW: _ClassVar[SubmissionState]
    SUBMISSION_STATE_CHANGES_REQUESTED: _ClassVar[SubmissionState]
    SUBMISSION_STATE_NOT_APPROVED: _ClassVar[SubmissionState]
    SUBMISSION_STATE_APPROVED: _ClassVar[SubmissionState]
    SUBMISSION_STATE_PUBLISHED: _ClassVar[SubmissionState]
    SUBMISSION_STATE_SUSPENDED: _ClassVar[SubmissionState]
    SUBMISSION_STATE_DELISTED: _ClassVar[SubmissionState]
    SUBMISSION_STATE_WITHDRAWN: _ClassVar[SubmissionState]

class Move(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MOVE_UNSPECIFIED: _ClassVar[Move]
    MOVE_SUBMIT: _ClassVar[Move]
    MOVE_WITHDRAW: _ClassVar[Move]
    MOVE_REOPEN: _ClassVar[Move]
    MOVE_PUBLISH: _ClassVar[Move]
    MOVE_DELIST: _ClassVar[Move]
    MOVE_RELIST: _ClassVar[Move]
    MOVE_REVOKE: _ClassVar[Move]
    MOVE_SUSPEND: _ClassVar[Move]
    MOVE_REINSTATE: _ClassVar[Move]
    MOVE_APPROVE: _ClassVar[Move]
    MOVE_REQUEST_CHANGES: _ClassVar[Move]
    MOVE_REJECT: _ClassVar[Move]
    MOVE_PASS_CHECKS: _ClassVar[Move]
    MOVE_FAIL_CHECKS: _ClassVar[Move]
    MOVE_SAVE: _ClassVar[Move]
    MOVE_DELETE: _ClassVar[Move]
    MOVE_CREATE: _ClassVar[Move]
    MOVE_DEPRECATE: _ClassVar[Move]
    MOVE_UNDEPRECATE: _ClassVar[Move]
    MOVE_APPEAL: _ClassVar[Move]
    MOVE_UPHOLD: _ClassVar[Move]
    MOVE_OVERTURN: _ClassVar[Move]

class Transport(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRANSPORT_UNSPECIFIED: _ClassVar[Transport]
    TRANSPORT_STREAMABLE_HTTP: _ClassVar[Transport]
    TRANSPORT_SSE: _ClassVar[Transport]

class DataAccess(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DATA_ACCESS_UNSPECIFIED: _ClassVar[DataAccess]
    DATA_ACCESS_READ: _ClassVar[DataAccess]
    DATA_ACCESS_WRITE: _ClassVar[DataAccess]
    DATA_ACCESS_BOTH: _ClassVar[DataAccess]

class AuthenticationMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    AUTHENTICATION_MODE_UNSPECIFIED: _ClassVar[AuthenticationMode]
    AUTHENTICATION_MODE_OAUTH_DCR: _ClassVar[AuthenticationMode]
    AUTHENTICATION_MODE_OAUTH_CIMD: _ClassVar[AuthenticationMode]
    AUTHENTICATION_MODE_OAUTH_PLATFORM_CREDENTIALS: _ClassVar[AuthenticationMode]
    AUTHENTICATION_MODE_CUSTOM_CONNECTION: _ClassVar[AuthenticationMode]
    AUTHENTICATION_MODE_NONE: _ClassVar[AuthenticationMode]

class ApiOwnership(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    API_OWNERSHIP_UNSPECIFIED: _ClassVar[ApiOwnership]
    API_OWNERSHIP_OWN: _ClassVar[ApiOwnership]
    API_OWNERSHIP_PARTNER_WITH_PERMISSION: _ClassVar[ApiOwnership]
    API_OWNERSHIP_THIRD_PARTY: _ClassVar[ApiOwnership]

class FindingGrade(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FINDING_GRADE_UNSPECIFIED: _ClassVar[FindingGrade]
    FINDING_GRADE_NOTE: _ClassVar[FindingGrade]
    FINDING_GRADE_WARN: _ClassVar[FindingGrade]
    FINDING_GRADE_BLOCK: _ClassVar[FindingGrade]

class ThreadEntryKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    THREAD_ENTRY_KIND_UNSPECIFIED: _ClassVar[ThreadEntryKind]
    THREAD_ENTRY_KIND_MESSAGE: _ClassVar[ThreadEntryKind]
    THREAD_ENTRY_KIND_DECISION: _ClassVar[ThreadEntryKind]
    THREAD_ENTRY_KIND_FINDINGS: _ClassVar[ThreadEntryKind]
    THREAD_ENTRY_KIND_MOVE: _ClassVar[ThreadEntryKind]

class ActorRole(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ACTOR_ROLE_UNSPECIFIED: _ClassVar[ActorRole]
    ACTOR_ROLE_PUBLISHER: _ClassVar[ActorRole]
    ACTOR_ROLE_REVIEWER: _ClassVar[ActorRole]
    ACTOR_ROLE_SYSTEM: _ClassVar[ActorRole]

class ServerReach(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SERVER_REACH_UNSPECIFIED: _ClassVar[ServerReach]
    SERVER_REACH_ALIVE_OPEN: _ClassVar[ServerReach]
    SERVER_REACH_ALIVE_GATED: _ClassVar[ServerReach]
    SERVER_REACH_WRONG_TRANSPORT: _ClassVar[ServerReach]
    SERVER_REACH_NOT_MCP: _ClassVar[ServerReach]
    SERVER_REACH_UNREACHABLE: _ClassVar[ServerReach]
    SERVER_REACH_LEFT_OUT: _ClassVar[ServerReach]
SUBMISSION_KIND_UNSPECIFIED: SubmissionKind
SUBMISSION_KIND_REMOTE_MCP: SubmissionKind
SUBMISSION_KIND_DESKTOP_EXTENSION: SubmissionKind
SUBMISSION_KIND_CUSTOM_CONNECTOR: SubmissionKind
SUBMISSION_STATE_UNSPECIFIED: SubmissionState
SUBMISSION_STATE_DRAFT: SubmissionState
SUBMISSION_STATE_CHECKING: SubmissionState
SUBMISSION_STATE_IN_REVIEW: SubmissionState
SUBMISSION_STATE_CHANGES_REQUESTED: SubmissionState
SUBMISSION_STATE_NOT_APPROVED: SubmissionState
SUBMISSION_STATE_APPROVED: SubmissionState
SUBMISSION_STATE_PUBLISHED: SubmissionState
SUBMISSION_STATE_SUSPENDED: SubmissionState
SUBMISSION_STATE_DELISTED: SubmissionState
SUBMISSION_STATE_WITHDRAWN: SubmissionState
MOVE_UNSPECIFIED: Move
MOVE_SUBMIT: Move
MOVE_WITHDRAW: Move
MOVE_REOPEN: Move
MOVE_PUBLISH: Move
MOVE_DELIST: Move
MOVE_RELIST: Move
MOVE_REVOKE: Move
MOVE_SUSPEND: Move
MOVE_REINSTATE: Move
MOVE_APPROVE: Move
MOVE_REQUEST_CHANGES: Move
MOVE_REJECT: Move
MOVE_PASS_CHECKS: Move
MOVE_FAIL_CHECKS: Move
MOVE_SAVE: Move
MOVE_DELETE: Move
MOVE_CREATE: Move
MOVE_DEPRECATE: Move
MOVE_UNDEPRECATE: Move
MOVE_APPEAL: Move
MOVE_UPHOLD: Move
MOVE_OVERTURN: Move
TRANSPORT_UNSPECIFIED: Transport
TRANSPORT_STREAMABLE_HTTP: Transport
TRANSPORT_SSE: Transport
DATA_ACCESS_UNSPECIFIED: DataAccess
DATA_ACCESS_READ: DataAccess
DATA_ACCESS_WRITE: DataAccess
DATA_ACCESS_BOTH: DataAccess
AUTHENTICATION_MODE_UNSPECIFIED: AuthenticationMode
AUTHENTICATION_MODE_OAUTH_DCR: AuthenticationMode
AUTHENTICATION_MODE_OAUTH_CIMD: AuthenticationMode
AUTHENTICATION_MODE_OAUTH_PLATFORM_CREDENTIALS: AuthenticationMode
AUTHENTICATION_MODE_CUSTOM_CONNECTION: AuthenticationMode
AUTHENTICATION_MODE_NONE: AuthenticationMode
API_OWNERSHIP_UNSPECIFIED: ApiOwnership
API_OWNERSHIP_OWN: ApiOwnership
API_OWNERSHIP_PARTNER_WITH_PERMISSION: ApiOwnership
API_OWNERSHIP_THIRD_PARTY: ApiOwnership
FINDING_GRADE_UNSPECIFIED: FindingGrade
FINDING_GRADE_NOTE: FindingGrade
FINDING_GRADE_WARN: FindingGrade
FINDING_GRADE_BLOCK: FindingGrade
THREAD_ENTRY_KIND_UNSPECIFIED: ThreadEntryKind
THREAD_ENTRY_KIND_MESSAGE: ThreadEntryKind
THREAD_ENTRY_KIND_DECISION: ThreadEntryKind
THREAD_ENTRY_KIND_FINDINGS: ThreadEntryKind
THREAD_ENTRY_KIND_MOVE: ThreadEntryKind
ACTOR_ROLE_UNSPECIFIED: ActorRole
ACTOR_ROLE_PUBLISHER: ActorRole
ACTOR_ROLE_REVIEWER: ActorRole
ACTOR_ROLE_SYSTEM: ActorRole
SERVER_REACH_UNSPECIFIED: ServerReach
SERVER_REACH_ALIVE_OPEN: ServerReach
SERVER_REACH_ALIVE_GATED: ServerReach
SERVER_REACH_WRONG_TRANSPORT: ServerReach
SERVER_REACH_NOT_MCP: ServerReach
SERVER_REACH_UNREACHABLE: ServerReach
SERVER_REACH_LEFT_OUT: ServerReach

class SubmissionForm(_message.Message):
    __slots__ = ("server_url", "transport", "listing", "slug", "use_cases", "data_access", "authentication", "api_ownership", "health_data", "sponsored_content", "acknowledgements")
    SERVER_URL_FIELD_NUMBER: _ClassVar[int]
    TRANSPORT_FIELD_NUMBER: _ClassVar[int]
    LISTING_FIELD_NUMBER: _ClassVar[int]
    SLUG_FIELD_NUMBER: _ClassVar[int]
    USE_CASES_FIELD_NUMBER: _ClassVar[int]
    DATA_ACCESS_FIELD_NUMBER: _ClassVar[int]
    AUTHENTICATION_FIELD_NUMBER: _ClassVar[int]
    API_OWNERSHIP_FIELD_NUMBER: _ClassVar[int]
    HEALTH_DATA_FIELD_NUMBER: _ClassVar[int]
    SPONSORED_CONTENT_FIELD_NUMBER: _ClassVar[int]
    ACKNOWLEDGEMENTS_FIELD_NUMBER: _ClassVar[int]
    server_url: str
    transport: Transport
    listing: _listing_content_pb2.ListingContent
    slug: str
    use_cases: _containers.RepeatedScalarFieldContainer[str]
    data_access: DataAccess
    authentication: AuthenticationMode
    api_ownership: ApiOwnership
    health_data: bool
    sponsored_content: bool
    acknowledgements: Acknowledgements
    def __init__(self, server_url: _Optional[str] = ..., transport: _Optional[_Union[Transport, str]] = ..., listing: _Optional[_Union[_listing_content_pb2.ListingContent, _Mapping]] = ..., slug: _Optional[str] = ..., use_cases: _Optional[_Iterable[str]] = ..., data_access: _Optional[_Union[DataAccess, str]] = ..., authentication: _Optional[_Union[AuthenticationMode, str]] = ..., api_ownership: _Optional[_Union[ApiOwnership, str]] = ..., health_data: _Optional[bool] = ..., sponsored_content: _Optional[bool] = ..., acknowledgements: _Optional[_Union[Acknowledgements, _Mapping]] = ...) -> None: ...

class Acknowledgements(_message.Message):
    __slots__ = ("guidelines", "first_party_api", "financial_transactions", "ai_media_generation", "prompt_injection", "conversation_data", "public_documentation")
    GUIDELINES_FIELD_NUMBER: _ClassVar[int]
    FIRST_PARTY_API_FIELD_NUMBER: _ClassVar[int]
    FINANCIAL_TRANSACTIONS_FIELD_NUMBER: _ClassVar[int]
    AI_MEDIA_GENERATION_FIELD_NUMBER: _ClassVar[int]
    PROMPT_INJECTION_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_DATA_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_DOCUMENTATION_FIELD_NUMBER: _ClassVar[int]
    guidelines: bool
    first_party_api: bool
    financial_transactions: bool
    ai_media_generation: bool
    prompt_injection: bool
    conversation_data: bool
    public_documentation: bool
    def __init__(self, guidelines: _Optional[bool] = ..., first_party_api: _Optional[bool] = ..., financial_transactions: _Optional[bool] = ..., ai_media_generation: _Optional[bool] = ..., prompt_injection: _Optional[bool] = ..., conversation_data: _Optional[bool] = ..., public_documentation: _Optional[bool] = ...) -> None: ...

class ReviewerAccess(_message.Message):
    __slots__ = ("instructions", "credentials")
    INSTRUCTIONS_FIELD_NUMBER: _ClassVar[int]
    CREDENTIALS_FIELD_NUMBER: _ClassVar[int]
    instructions: str
    credentials: str
    def __init__(self, instructions: _Optional[str] = ..., credentials: _Optional[str] = ...) -> None: ...

class FieldProblem(_message.Message):
    __slots__ = ("field", "code", "message")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    field: str
    code: str
    message: str
    def __init__(self, field: _Optional[str] = ..., code: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class Finding(_message.Message):
    __slots__ = ("code", "grade", "field", "message")
    CODE_FIELD_NUMBER: _ClassVar[int]
    GRADE_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    code: str
    grade: FindingGrade
    field: str
    message: str
    def __init__(self, code: _Optional[str] = ..., grade: _Optional[_Union[FindingGrade, str]] = ..., field: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class Submission(_message.Message):
    __slots__ = ("submission_id", "organization_id", "kind", "state", "version", "form", "reviewer_access_provided", "problems", "findings", "moves", "display_name", "tagline", "created_at", "updated_at", "state_changed_at", "first_published_at", "submitted_at", "icon_id", "deprecation", "edit_pending", "edit_returned", "tool_changes_requested", "appeal_pending")
    SUBMISSION_ID_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    FORM_FIELD_NUMBER: _ClassVar[int]
    REVIEWER_ACCESS_PROVIDED_FIELD_NUMBER: _ClassVar[int]
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    MOVES_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    TAGLINE_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_FIELD_NUMBER: _ClassVar[int]
    STATE_CHANGED_AT_FIELD_NUMBER: _ClassVar[int]
    FIRST_PUBLISHED_AT_FIELD_NUMBER: _ClassVar[int]
    SUBMITTED_AT_FIELD_NUMBER: _ClassVar[int]
    ICON_ID_FIELD_NUMBER: _ClassVar[int]
    DEPRECATION_FIELD_NUMBER: _ClassVar[int]
    EDIT_PENDING_FIELD_NUMBER: _ClassVar[int]
    EDIT_RETURNED_FIELD_NUMBER: _ClassVar[int]
    TOOL_CHANGES_REQUESTED_FIELD_NUMBER: _ClassVar[int]
    APPEAL_PENDING_FIELD_NUMBER: _ClassVar[int]
    submission_id: str
    organization_id: str
    kind: SubmissionKind
    state: SubmissionState
    version: int
    form: SubmissionForm
    reviewer_access_provided: bool
    problems: _containers.RepeatedCompositeFieldContainer[FieldProblem]
    findings: _containers.RepeatedCompositeFieldContainer[Finding]
    moves: _containers.RepeatedScalarFieldContainer[Move]
    display_name: str
    tagline: str
    created_at: _timestamp_pb2.Timestamp
    updated_at: _timestamp_pb2.Timestamp
    state_changed_at: _timestamp_pb2.Timestamp
    first_published_at: _timestamp_pb2.Timestamp
    submitted_at: _timestamp_pb2.Timestamp
    icon_id: str
    deprecation: _deprecation_pb2.Deprecation
    edit_pending: bool
    edit_returned: bool
    tool_changes_requested: bool
    appeal_pending: bool
    def __init__(self, submission_id: _Optional[str] = ..., organization_id: _Optional[str] = ..., kind: _Optional[_Union[SubmissionKind, str]] = ..., state: _Optional[_Union[SubmissionState, str]] = ..., version: _Optional[int] = ..., form: _Optional[_Union[SubmissionForm, _Mapping]] = ..., reviewer_access_provided: _Optional[bool] = ..., problems: _Optional[_Iterable[_Union[FieldProblem, _Mapping]]] = ..., findings: _Optional[_Iterable[_Union[Finding, _Mapping]]] = ..., moves: _Optional[_Iterable[_Union[Move, str]]] = ..., display_name: _Optional[str] = ..., tagline: _Optional[str] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., updated_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., state_changed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., first_published_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., submitted_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., icon_id: _Optional[str] = ..., deprecation: _Optional[_Union[_deprecation_pb2.Deprecation, _Mapping]] = ..., edit_pending: _Optional[bool] = ..., edit_returned: _Optional[bool] = ..., tool_changes_requested: _Optional[bool] = ..., appeal_pending: _Optional[bool] = ...) -> None: ...

class ThreadEntry(_message.Message):
    __slots__ = ("entry_id", "position", "kind", "author_role", "author_name", "at", "body", "move", "state", "reason_code", "findings", "revision_id", "tool_changes", "tool_changes_left_out")
    ENTRY_ID_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_ROLE_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_NAME_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    MOVE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_CODE_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    REVISION_ID_FIELD_NUMBER: _ClassVar[int]
    TOOL_CHANGES_FIELD_NUMBER: _ClassVar[int]
    TOOL_CHANGES_LEFT_OUT_FIELD_NUMBER: _ClassVar[int]
    entry_id: str
    position: int
    kind: ThreadEntryKind
    author_role: ActorRole
    author_name: str
    at: _timestamp_pb2.Timestamp
    body: str
    move: Move
    state: SubmissionState
    reason_code: str
    findings: _containers.RepeatedCompositeFieldContainer[Finding]
    revision_id: str
    tool_changes: _containers.RepeatedCompositeFieldContainer[_tool_change_pb2.ToolChange]
    tool_changes_left_out: int
    def __init__(self, entry_id: _Optional[str] = ..., position: _Optional[int] = ..., kind: _Optional[_Union[ThreadEntryKind, str]] = ..., author_role: _Optional[_Union[ActorRole, str]] = ..., author_name: _Optional[str] = ..., at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., body: _Optional[str] = ..., move: _Optional[_Union[Move, str]] = ..., state: _Optional[_Union[SubmissionState, str]] = ..., reason_code: _Optional[str] = ..., findings: _Optional[_Iterable[_Union[Finding, _Mapping]]] = ..., revision_id: _Optional[str] = ..., tool_changes: _Optional[_Iterable[_Union[_tool_change_pb2.ToolChange, _Mapping]]] = ..., tool_changes_left_out: _Optional[int] = ...) -> None: ...

class ServerTool(_message.Message):
    __slots__ = ("name", "title", "description", "input_schema", "output_schema", "annotations", "read_only_hint", "destructive_hint")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    INPUT_SCHEMA_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_SCHEMA_FIELD_NUMBER: _ClassVar[int]
    ANNOTATIONS_FIELD_NUMBER: _ClassVar[int]
    READ_ONLY_HINT_FIELD_NUMBER: _ClassVar[int]
    DESTRUCTIVE_HINT_FIELD_NUMBER: _ClassVar[int]
    name: str
    title: str
    description: str
    input_schema: str
    output_schema: str
    annotations: str
    read_only_hint: bool
    destructive_hint: bool
    def __init__(self, name: _Optional[str] = ..., title: _Optional[str] = ..., description: _Optional[str] = ..., input_schema: _Optional[str] = ..., output_schema: _Optional[str] = ..., annotations: _Optional[str] = ..., read_only_hint: _Optional[bool] = ..., destructive_hint: _Optional[bool] = ...) -> None: ...

class Checks(_message.Message):
    __slots__ = ("running", "asked_at", "finished_at", "submission_version", "reach", "findings", "tools", "server_name", "server_version", "protocol_version", "again_at")
    RUNNING_FIELD_NUMBER: _ClassVar[int]
    ASKED_AT_FIELD_NUMBER: _ClassVar[int]
    FINISHED_AT_FIELD_NUMBER: _ClassVar[int]
    SUBMISSION_VERSION_FIELD_NUMBER: _ClassVar[int]
    REACH_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    TOOLS_FIELD_NUMBER: _ClassVar[int]
    SERVER_NAME_FIELD_NUMBER: _ClassVar[int]
    SERVER_VERSION_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_VERSION_FIELD_NUMBER: _ClassVar[int]
    AGAIN_AT_FIELD_NUMBER: _ClassVar[int]
    running: bool
    asked_at: _timestamp_pb2.Timestamp
    finished_at: _timestamp_pb2.Timestamp
    submission_version: int
    reach: ServerReach
    findings: _containers.RepeatedCompositeFieldContainer[Finding]
    tools: _containers.RepeatedCompositeFieldContainer[ServerTool]
    server_name: str
    server_version: str
    protocol_version: str
    again_at: _timestamp_pb2.Timestamp
    def __init__(self, running: _Optional[bool] = ..., asked_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., finished_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., submission_version: _Optional[int] = ..., reach: _Optional[_Union[ServerReach, str]] = ..., findings: _Optional[_Iterable[_Union[Finding, _Mapping]]] = ..., tools: _Optional[_Iterable[_Union[ServerTool, _Mapping]]] = ..., server_name: _Optional[str] = ..., server_version: _Optional[str] = ..., protocol_version: _Optional[str] = ..., again_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
