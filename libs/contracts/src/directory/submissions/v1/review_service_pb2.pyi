import datetime

from directory.listings.v1 import listing_content_pb2 as _listing_content_pb2
from directory.submissions.v1 import server_probe_pb2 as _server_probe_pb2
from directory.submissions.v1 import submission_pb2 as _submission_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ReviewItemKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REVIEW_ITEM_KIND_UNSPECIFIED: _ClassVar[ReviewItemKind]
    REVIEW_ITEM_KIND_SUBMISSION: _ClassVar[ReviewItemKind]
    REVIEW_ITEM_KIND_REVISION: _ClassVar[ReviewItemKind]
    REVIEW_ITEM_KIND_DRIFT: _ClassVar[ReviewItemKind]
    REVIEW_ITEM_KIND_APPEAL: _ClassVar[ReviewItemKind]
    REVIEW_ITEM_KIND_REPLY: _ClassVar[ReviewItemKind]

class ReviewItemState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REVIEW_ITEM_STATE_UNSPECIFIED: _ClassVar[ReviewItemState]
    REVIEW_ITEM_STATE_OPEN: _ClassVar[ReviewItemState]
    REVIEW_ITEM_STATE_DECIDED: _ClassVar[ReviewItemState]
    REVIEW_ITEM_STATE_VOIDED: _ClassVar[ReviewItemState]

class Decision(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DECISION_UNSPECIFIED: _ClassVar[Decision]
    DECISION_APPROVE: _ClassVar[Decision]
    DECISION_REQUEST_CHANGES: _ClassVar[Decision]
    DECISION_REJECT: _ClassVar[Decision]
    DECISION_ANSWER: _ClassVar[Decision]
    DECISION_UPHOLD: _ClassVar[Decision]
    DECISION_OVERTURN: _ClassVar[Decision]

class RejectionReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REJECTION_REASON_UNSPECIFIED: _ClassVar[RejectionReason]
    REJECTION_REASON_POLICY: _ClassVar[RejectionReason]
    REJECTION_REASON_NOT_WORKING: _ClassVar[RejectionReason]
    REJECTION_REASON_SECURITY: _ClassVar[RejectionReason]
    REJECTION_REASON_PRIVACY: _ClassVar[RejectionReason]
    REJECTION_REASON_OWNERSHIP: _ClassVar[RejectionReason]
    REJECTION_REASON_DUPLICATE: _ClassVar[RejectionReason]
    REJECTION_REASON_OTHER: _ClassVar[RejectionReason]

class ChangeReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHANGE_REASON_UNSPECIFIED: _ClassVar[ChangeReason]
    CHANGE_REASON_LISTING_WORDS: _ClassVar[ChangeReason]
    CHANGE_REASON_LISTING_DETAILS: _ClassVar[ChangeReason]
    CHANGE_REASON_ICON: _ClassVar[ChangeReason]
    CHANGE_REASON_TOOL_WORDS: _ClassVar[ChangeReason]
    CHANGE_REASON_TOOL_DESIGN: _ClassVar[ChangeReason]
    CHANGE_REASON_AUTHENTICATION: _ClassVar[ChangeReason]
    CHANGE_REASON_REVIEWER_ACCESS: _ClassVar[ChangeReason]
    CHANGE_REASON_SERVER_ERRORS: _ClassVar[ChangeReason]
    CHANGE_REASON_DOCUMENTATION: _ClassVar[ChangeReason]
    CHANGE_REASON_PRIVACY_POLICY: _ClassVar[ChangeReason]
    CHANGE_REASON_DECLARATIONS: _ClassVar[ChangeReason]

class ReviewOrder(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REVIEW_ORDER_UNSPECIFIED: _ClassVar[ReviewOrder]
    REVIEW_ORDER_OLDEST: _ClassVar[ReviewOrder]
    REVIEW_ORDER_NEWEST: _ClassVar[ReviewOrder]
REVIEW_ITEM_KIND_UNSPECIFIED: ReviewItemKind
REVIEW_ITEM_KIND_SUBMISSION: ReviewItemKind
REVIEW_ITEM_KIND_REVISION: ReviewItemKind
REVIEW_ITEM_KIND_DRIFT: ReviewItemKind
REVIEW_ITEM_KIND_APPEAL: ReviewItemKind
REVIEW_ITEM_KIND_REPLY: ReviewItemKind
REVIEW_ITEM_STATE_UNSPECIFIED: ReviewItemState
REVIEW_ITEM_STATE_OPEN: ReviewItemState
REVIEW_ITEM_STATE_DECIDED: ReviewItemState
REVIEW_ITEM_STATE_VOIDED: ReviewItemState
DECISION_UNSPECIFIED: Decision
DECISION_APPROVE: Decision
DECISION_REQUEST_CHANGES: Decision
DECISION_REJECT: Decision
DECISION_ANSWER: Decision
DECISION_UPHOLD: Decision
DECISION_OVERTURN: Decision
REJECTION_REASON_UNSPECIFIED: RejectionReason
REJECTION_REASON_POLICY: RejectionReason
REJECTION_REASON_NOT_WORKING: RejectionReason
REJECTION_REASON_SECURITY: RejectionReason
REJECTION_REASON_PRIVACY: RejectionReason
REJECTION_REASON_OWNERSHIP: RejectionReason
REJECTION_REASON_DUPLICATE: RejectionReason
REJECTION_REASON_OTHER: RejectionReason
CHANGE_REASON_UNSPECIFIED: ChangeReason
CHANGE_REASON_LISTING_WORDS: ChangeReason
CHANGE_REASON_LISTING_DETAILS: ChangeReason
CHANGE_REASON_ICON: ChangeReason
CHANGE_REASON_TOOL_WORDS: ChangeReason
CHANGE_REASON_TOOL_DESIGN: ChangeReason
CHANGE_REASON_AUTHENTICATION: ChangeReason
CHANGE_REASON_REVIEWER_ACCESS: ChangeReason
CHANGE_REASON_SERVER_ERRORS: ChangeReason
CHANGE_REASON_DOCUMENTATION: ChangeReason
CHANGE_REASON_PRIVACY_POLICY: ChangeReason
CHANGE_REASON_DECLARATIONS: ChangeReason
REVIEW_ORDER_UNSPECIFIED: ReviewOrder
REVIEW_ORDER_OLDEST: ReviewOrder
REVIEW_ORDER_NEWEST: ReviewOrder

class ReviewItem(_message.Message):
    __slots__ = ("review_item_id", "kind", "state", "submission_id", "revision_id", "organization_id", "display_name", "opened_at", "claimed_by", "claimed_by_name", "claim_expires_at", "decision", "decided_by_name", "decided_at", "comment", "reason_code", "version", "warnings", "blocks", "due_at", "assigned_to", "assigned_to_name", "replied_at", "proposed_by", "proposed_by_name", "proposed_at", "returned_by_name", "returned_comment", "appealed", "company_name", "server_url", "slug")
    REVIEW_ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    SUBMISSION_ID_FIELD_NUMBER: _ClassVar[int]
    REVISION_ID_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    OPENED_AT_FIELD_NUMBER: _ClassVar[int]
    CLAIMED_BY_FIELD_NUMBER: _ClassVar[int]
    CLAIMED_BY_NAME_FIELD_NUMBER: _ClassVar[int]
    CLAIM_EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    DECIDED_BY_NAME_FIELD_NUMBER: _ClassVar[int]
    DECIDED_AT_FIELD_NUMBER: _ClassVar[int]
    COMMENT_FIELD_NUMBER: _ClassVar[int]
    REASON_CODE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    BLOCKS_FIELD_NUMBER: _ClassVar[int]
    DUE_AT_FIELD_NUMBER: _ClassVar[int]
    ASSIGNED_TO_FIELD_NUMBER: _ClassVar[int]
    ASSIGNED_TO_NAME_FIELD_NUMBER: _ClassVar[int]
    REPLIED_AT_FIELD_NUMBER: _ClassVar[int]
    PROPOSED_BY_FIELD_NUMBER: _ClassVar[int]
    PROPOSED_BY_NAME_FIELD_NUMBER: _ClassVar[int]
    PROPOSED_AT_FIELD_NUMBER: _ClassVar[int]
    RETURNED_BY_NAME_FIELD_NUMBER: _ClassVar[int]
    RETURNED_COMMENT_FIELD_NUMBER: _ClassVar[int]
    APPEALED_FIELD_NUMBER: _ClassVar[int]
    COMPANY_NAME_FIELD_NUMBER: _ClassVar[int]
    SERVER_URL_FIELD_NUMBER: _ClassVar[int]
    SLUG_FIELD_NUMBER: _ClassVar[int]
    review_item_id: str
    kind: ReviewItemKind
    state: ReviewItemState
    submission_id: str
    revision_id: str
    organization_id: str
    display_name: str
    opened_at: _timestamp_pb2.Timestamp
    claimed_by: str
    claimed_by_name: str
    claim_expires_at: _timestamp_pb2.Timestamp
    decision: Decision
    decided_by_name: str
    decided_at: _timestamp_pb2.Timestamp
    comment: str
    reason_code: str
    version: int
    warnings: int
    blocks: int
    due_at: _timestamp_pb2.Timestamp
    assigned_to: str
    assigned_to_name: str
    replied_at: _timestamp_pb2.Timestamp
    proposed_by: str
    proposed_by_name: str
    proposed_at: _timestamp_pb2.Timestamp
    returned_by_name: str
    returned_comment: str
    appealed: bool
    company_name: str
    server_url: str
    slug: str
    def __init__(self, review_item_id: _Optional[str] = ..., kind: _Optional[_Union[ReviewItemKind, str]] = ..., state: _Optional[_Union[ReviewItemState, str]] = ..., submission_id: _Optional[str] = ..., revision_id: _Optional[str] = ..., organization_id: _Optional[str] = ..., display_name: _Optional[str] = ..., opened_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., claimed_by: _Optional[str] = ..., claimed_by_name: _Optional[str] = ..., claim_expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., decision: _Optional[_Union[Decision, str]] = ..., decided_by_name: _Optional[str] = ..., decided_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., comment: _Optional[str] = ..., reason_code: _Optional[str] = ..., version: _Optional[int] = ..., warnings: _Optional[int] = ..., blocks: _Optional[int] = ..., due_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., assigned_to: _Optional[str] = ..., assigned_to_name: _Optional[str] = ..., replied_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., proposed_by: _Optional[str] = ..., proposed_by_name: _Optional[str] = ..., proposed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., returned_by_name: _Optional[str] = ..., returned_comment: _Optional[str] = ..., appealed: _Optional[bool] = ..., company_name: _Optional[str] = ..., server_url: _Optional[str] = ..., slug: _Optional[str] = ...) -> None: ...

class PresentReviewer(_message.Message):
    __slots__ = ("person_id", "name")
    PERSON_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    person_id: str
    name: str
    def __init__(self, person_id: _Optional[str] = ..., name: _Optional[str] = ...) -> None: ...

class FieldDifference(_message.Message):
    __slots__ = ("field", "before", "after")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    field: str
    before: str
    after: str
    def __init__(self, field: _Optional[str] = ..., before: _Optional[str] = ..., after: _Optional[str] = ...) -> None: ...

class ListReviewItemsRequest(_message.Message):
    __slots__ = ("kind", "state", "search", "mine", "page_size", "page_token", "unclaimed", "held_by", "organization_id", "category", "overdue", "appealed", "replied", "proposed", "order", "with_publisher")
    KIND_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    SEARCH_FIELD_NUMBER: _ClassVar[int]
    MINE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    UNCLAIMED_FIELD_NUMBER: _ClassVar[int]
    HELD_BY_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    OVERDUE_FIELD_NUMBER: _ClassVar[int]
    APPEALED_FIELD_NUMBER: _ClassVar[int]
    REPLIED_FIELD_NUMBER: _ClassVar[int]
    PROPOSED_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    WITH_PUBLISHER_FIELD_NUMBER: _ClassVar[int]
    kind: ReviewItemKind
    state: ReviewItemState
    search: str
    mine: bool
    page_size: int
    page_token: str
    unclaimed: bool
    held_by: str
    organization_id: str
    category: str
    overdue: bool
    appealed: bool
    replied: bool
    proposed: bool
    order: ReviewOrder
    with_publisher: bool
    def __init__(self, kind: _Optional[_Union[ReviewItemKind, str]] = ..., state: _Optional[_Union[ReviewItemState, str]] = ..., search: _Optional[str] = ..., mine: _Optional[bool] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., unclaimed: _Optional[bool] = ..., held_by: _Optional[str] = ..., organization_id: _Optional[str] = ..., category: _Optional[str] = ..., overdue: _Optional[bool] = ..., appealed: _Optional[bool] = ..., replied: _Optional[bool] = ..., proposed: _Optional[bool] = ..., order: _Optional[_Union[ReviewOrder, str]] = ..., with_publisher: _Optional[bool] = ...) -> None: ...

class ListReviewItemsResponse(_message.Message):
    __slots__ = ("items", "next_page_token", "open_count", "overdue_count", "unclaimed_count", "mine_count", "with_publisher_count")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    OPEN_COUNT_FIELD_NUMBER: _ClassVar[int]
    OVERDUE_COUNT_FIELD_NUMBER: _ClassVar[int]
    UNCLAIMED_COUNT_FIELD_NUMBER: _ClassVar[int]
    MINE_COUNT_FIELD_NUMBER: _ClassVar[int]
    WITH_PUBLISHER_COUNT_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[ReviewItem]
    next_page_token: str
    open_count: int
    overdue_count: int
    unclaimed_count: int
    mine_count: int
    with_publisher_count: int
    def __init__(self, items: _Optional[_Iterable[_Union[ReviewItem, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., open_count: _Optional[int] = ..., overdue_count: _Optional[int] = ..., unclaimed_count: _Optional[int] = ..., mine_count: _Optional[int] = ..., with_publisher_count: _Optional[int] = ...) -> None: ...

class GetReviewItemRequest(_message.Message):
    __slots__ = ("review_item_id",)
    REVIEW_ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    review_item_id: str
    def __init__(self, review_item_id: _Optional[str] = ...) -> None: ...

class GetReviewItemResponse(_message.Message):
    __slots__ = ("item", "submission", "thread", "before", "after", "differences", "can_decide", "cannot_decide_reason", "checks", "drift", "present", "decisions", "rejection_needs_second", "before_form", "after_form", "findings")
    ITEM_FIELD_NUMBER: _ClassVar[int]
    SUBMISSION_FIELD_NUMBER: _ClassVar[int]
    THREAD_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCES_FIELD_NUMBER: _ClassVar[int]
    CAN_DECIDE_FIELD_NUMBER: _ClassVar[int]
    CANNOT_DECIDE_REASON_FIELD_NUMBER: _ClassVar[int]
    CHECKS_FIELD_NUMBER: _ClassVar[int]
    DRIFT_FIELD_NUMBER: _ClassVar[int]
    PRESENT_FIELD_NUMBER: _ClassVar[int]
    DECISIONS_FIELD_NUMBER: _ClassVar[int]
    REJECTION_NEEDS_SECOND_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FORM_FIELD_NUMBER: _ClassVar[int]
    AFTER_FORM_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    item: ReviewItem
    submission: _submission_pb2.Submission
    thread: _containers.RepeatedCompositeFieldContainer[_submission_pb2.ThreadEntry]
    before: _listing_content_pb2.ListingContent
    after: _listing_content_pb2.ListingContent
    differences: _containers.RepeatedCompositeFieldContainer[FieldDifference]
    can_decide: bool
    cannot_decide_reason: str
    checks: _submission_pb2.Checks
    drift: _server_probe_pb2.ToolDrift
    present: _containers.RepeatedCompositeFieldContainer[PresentReviewer]
    decisions: _containers.RepeatedScalarFieldContainer[Decision]
    rejection_needs_second: bool
    before_form: _submission_pb2.SubmissionForm
    after_form: _submission_pb2.SubmissionForm
    findings: _containers.RepeatedCompositeFieldContainer[_submission_pb2.Finding]
    def __init__(self, item: _Optional[_Union[ReviewItem, _Mapping]] = ..., submission: _Optional[_Union[_submission_pb2.Submission, _Mapping]] = ..., thread: _Optional[_Iterable[_Union[_submission_pb2.ThreadEntry, _Mapping]]] = ..., before: _Optional[_Union[_listing_content_pb2.ListingContent, _Mapping]] = ..., after: _Optional[_Union[_listing_content_pb2.ListingContent, _Mapping]] = ..., differences: _Optional[_Iterable[_Union[FieldDifference, _Mapping]]] = ..., can_decide: _Optional[bool] = ..., cannot_decide_reason: _Optional[str] = ..., checks: _Optional[_Union[_submission_pb2.Checks, _Mapping]] = ..., drift: _Optional[_Union[_server_probe_pb2.ToolDrift, _Mapping]] = ..., present: _Optional[_Iterable[_Union[PresentReviewer, _Mapping]]] = ..., decisions: _Optional[_Iterable[_Union[Decision, str]]] = ..., rejection_needs_second: _Optional[bool] = ..., before_form: _Optional[_Union[_submission_pb2.SubmissionForm, _Mapping]] = ..., after_form: _Optional[_Union[_submission_pb2.SubmissionForm, _Mapping]] = ..., findings: _Optional[_Iterable[_Union[_submission_pb2.Finding, _Mapping]]] = ...) -> None: ...

class ClaimReviewItemRequest(_message.Message):
    __slots__ = ("review_item_id",)
    REVIEW_ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    review_item_id: str
    def __init__(self, review_item_id: _Optional[str] = ...) -> None: ...

class ClaimReviewItemResponse(_message.Message):
    __slots__ = ("item",)
    ITEM_FIELD_NUMBER: _ClassVar[int]
    item: ReviewItem
    def __init__(self, item: _Optional[_Union[ReviewItem, _Mapping]] = ...) -> None: ...

class ReleaseReviewItemRequest(_message.Message):
    __slots__ = ("review_item_id",)
    REVIEW_ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    review_item_id: str
    def __init__(self, review_item_id: _Optional[str] = ...) -> None: ...

class ReleaseReviewItemResponse(_message.Message):
    __slots__ = ("item",)
    ITEM_FIELD_NUMBER: _ClassVar[int]
    item: ReviewItem
    def __init__(self, item: _Optional[_Union[ReviewItem, _Mapping]] = ...) -> None: ...

class DecideReviewItemRequest(_message.Message):
    __slots__ = ("review_item_id", "version", "decision", "comment", "reason", "change_reason", "in_bulk")
    REVIEW_ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    COMMENT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CHANGE_REASON_FIELD_NUMBER: _ClassVar[int]
    IN_BULK_FIELD_NUMBER: _ClassVar[int]
    review_item_id: str
    version: int
    decision: Decision
    comment: str
    reason: RejectionReason
    change_reason: ChangeReason
    in_bulk: bool
    def __init__(self, review_item_id: _Optional[str] = ..., version: _Optional[int] = ..., decision: _Optional[_Union[Decision, str]] = ..., comment: _Optional[str] = ..., reason: _Optional[_Union[RejectionReason, str]] = ..., change_reason: _Optional[_Union[ChangeReason, str]] = ..., in_bulk: _Optional[bool] = ...) -> None: ...

class DecideReviewItemResponse(_message.Message):
    __slots__ = ("item",)
    ITEM_FIELD_NUMBER: _ClassVar[int]
    item: ReviewItem
    def __init__(self, item: _Optional[_Union[ReviewItem, _Mapping]] = ...) -> None: ...

class SettleRejectionRequest(_message.Message):
    __slots__ = ("review_item_id", "version", "confirm", "comment")
    REVIEW_ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CONFIRM_FIELD_NUMBER: _ClassVar[int]
    COMMENT_FIELD_NUMBER: _ClassVar[int]
    review_item_id: str
    version: int
    confirm: bool
    comment: str
    def __init__(self, review_item_id: _Optional[str] = ..., version: _Optional[int] = ..., confirm: _Optional[bool] = ..., comment: _Optional[str] = ...) -> None: ...

class SettleRejectionResponse(_message.Message):
    __slots__ = ("item",)
    ITEM_FIELD_NUMBER: _ClassVar[int]
    item: ReviewItem
    def __init__(self, item: _Optional[_Union[ReviewItem, _Mapping]] = ...) -> None: ...

class PostReviewMessageRequest(_message.Message):
    __slots__ = ("review_item_id", "body")
    REVIEW_ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    review_item_id: str
    body: str
    def __init__(self, review_item_id: _Optional[str] = ..., body: _Optional[str] = ...) -> None: ...

class PostReviewMessageResponse(_message.Message):
    __slots__ = ("entry",)
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    entry: _submission_pb2.ThreadEntry
    def __init__(self, entry: _Optional[_Union[_submission_pb2.ThreadEntry, _Mapping]] = ...) -> None: ...

class GetReviewerAccessRequest(_message.Message):
    __slots__ = ("review_item_id",)
    REVIEW_ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    review_item_id: str
    def __init__(self, review_item_id: _Optional[str] = ...) -> None: ...

class GetReviewerAccessResponse(_message.Message):
    __slots__ = ("access",)
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    access: _submission_pb2.ReviewerAccess
    def __init__(self, access: _Optional[_Union[_submission_pb2.ReviewerAccess, _Mapping]] = ...) -> None: ...
