from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class ErrorReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERROR_REASON_UNSPECIFIED: _ClassVar[ErrorReason]
    ERROR_REASON_SUBMISSION_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_REVIEW_ITEM_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_FORM_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_FORM_INCOMPLETE: _ClassVar[ErrorReason]
    ERROR_REASON_MOVE_NOT_POSSIBLE: _ClassVar[ErrorReason]
    ERROR_REASON_VERSION_MISMATCH: _ClassVar[ErrorReason]
    ERROR_REASON_SLUG_LOCKED: _ClassVar[ErrorReason]
    ERROR_REASON_SLUG_TAKEN: _ClassVar[ErrorReason]
    ERROR_REASON_SERVER_URL_TAKEN: _ClassVar[ErrorReason]
    ERROR_REASON_DAILY_LIMIT: _ClassVar[ErrorReason]
    ERROR_REASON_COMMENT_REQUIRED: _ClassVar[ErrorReason]
    ERROR_REASON_REASON_REQUIRED: _ClassVar[ErrorReason]
    ERROR_REASON_CLAIMED: _ClassVar[ErrorReason]
    ERROR_REASON_NOT_CLAIMED: _ClassVar[ErrorReason]
    ERROR_REASON_ALREADY_DECIDED: _ClassVar[ErrorReason]
    ERROR_REASON_OWN_ORGANIZATION: _ClassVar[ErrorReason]
    ERROR_REASON_STAFF_REQUIRED: _ClassVar[ErrorReason]
    ERROR_REASON_LEAD_REVIEWER_REQUIRED: _ClassVar[ErrorReason]
    ERROR_REASON_PAGE_TOKEN_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_CHECKS_NOT_POSSIBLE: _ClassVar[ErrorReason]
    ERROR_REASON_CHECKS_TOO_OFTEN: _ClassVar[ErrorReason]
ERROR_REASON_UNSPECIFIED: ErrorReason
ERROR_REASON_SUBMISSION_NOT_FOUND: ErrorReason
ERROR_REASON_REVIEW_ITEM_NOT_FOUND: ErrorReason
ERROR_REASON_FORM_INVALID: ErrorReason
ERROR_REASON_FORM_INCOMPLETE: ErrorReason
ERROR_REASON_MOVE_NOT_POSSIBLE: ErrorReason
ERROR_REASON_VERSION_MISMATCH: ErrorReason
ERROR_REASON_SLUG_LOCKED: ErrorReason
ERROR_REASON_SLUG_TAKEN: ErrorReason
ERROR_REASON_SERVER_URL_TAKEN: ErrorReason
ERROR_REASON_DAILY_LIMIT: ErrorReason
ERROR_REASON_COMMENT_REQUIRED: ErrorReason
ERROR_REASON_REASON_REQUIRED: ErrorReason
ERROR_REASON_CLAIMED: ErrorReason
ERROR_REASON_NOT_CLAIMED: ErrorReason
ERROR_REASON_ALREADY_DECIDED: ErrorReason
ERROR_REASON_OWN_ORGANIZATION: ErrorReason
ERROR_REASON_STAFF_REQUIRED: ErrorReason
ERROR_REASON_LEAD_REVIEWER_REQUIRED: ErrorReason
ERROR_REASON_PAGE_TOKEN_INVALID: ErrorReason
ERROR_REASON_CHECKS_NOT_POSSIBLE: ErrorReason
ERROR_REASON_CHECKS_TOO_OFTEN: ErrorReason
