from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class ErrorReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERROR_REASON_UNSPECIFIED: _ClassVar[ErrorReason]
    ERROR_REASON_LISTING_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_CONTENT_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_VERSION_MISMATCH: _ClassVar[ErrorReason]
    ERROR_REASON_NOT_EDITABLE: _ClassVar[ErrorReason]
    ERROR_REASON_NOTHING_TO_SUBMIT: _ClassVar[ErrorReason]
    ERROR_REASON_NO_OPEN_REVISION: _ClassVar[ErrorReason]
    ERROR_REASON_ICON_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_ICON_TOO_LARGE: _ClassVar[ErrorReason]
    ERROR_REASON_ICON_NOT_SQUARE: _ClassVar[ErrorReason]
    ERROR_REASON_ICON_SIZE: _ClassVar[ErrorReason]
    ERROR_REASON_ICON_FORMAT: _ClassVar[ErrorReason]
    ERROR_REASON_PAGE_TOKEN_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_REVISION_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_REVISION_OPEN: _ClassVar[ErrorReason]
    ERROR_REASON_NOT_RESTORABLE: _ClassVar[ErrorReason]
    ERROR_REASON_ICON_DAILY_LIMIT: _ClassVar[ErrorReason]
ERROR_REASON_UNSPECIFIED: ErrorReason
ERROR_REASON_LISTING_NOT_FOUND: ErrorReason
ERROR_REASON_CONTENT_INVALID: ErrorReason
ERROR_REASON_VERSION_MISMATCH: ErrorReason
ERROR_REASON_NOT_EDITABLE: ErrorReason
ERROR_REASON_NOTHING_TO_SUBMIT: ErrorReason
ERROR_REASON_NO_OPEN_REVISION: ErrorReason
ERROR_REASON_ICON_NOT_FOUND: ErrorReason
ERROR_REASON_ICON_TOO_LARGE: ErrorReason
ERROR_REASON_ICON_NOT_SQUARE: ErrorReason
ERROR_REASON_ICON_SIZE: ErrorReason
ERROR_REASON_ICON_FORMAT: ErrorReason
ERROR_REASON_PAGE_TOKEN_INVALID: ErrorReason
ERROR_REASON_REVISION_NOT_FOUND: ErrorReason
ERROR_REASON_REVISION_OPEN: ErrorReason
ERROR_REASON_NOT_RESTORABLE: ErrorReason
ERROR_REASON_ICON_DAILY_LIMIT: ErrorReason
