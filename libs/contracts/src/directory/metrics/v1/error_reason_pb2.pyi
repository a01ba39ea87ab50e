from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class ErrorReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERROR_REASON_UNSPECIFIED: _ClassVar[ErrorReason]
    ERROR_REASON_SERVER_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_TOO_MANY: _ClassVar[ErrorReason]
    ERROR_REASON_BROKER_SLOW: _ClassVar[ErrorReason]
    ERROR_REASON_USAGE_WRITE_REQUIRED: _ClassVar[ErrorReason]
    ERROR_REASON_FIELDS_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_BROKER_AWAY: _ClassVar[ErrorReason]
    ERROR_REASON_TOO_MANY_STREAMS: _ClassVar[ErrorReason]
ERROR_REASON_UNSPECIFIED: ErrorReason
ERROR_REASON_SERVER_NOT_FOUND: ErrorReason
ERROR_REASON_TOO_MANY: ErrorReason
ERROR_REASON_BROKER_SLOW: ErrorReason
ERROR_REASON_USAGE_WRITE_REQUIRED: ErrorReason
ERROR_REASON_FIELDS_INVALID: ErrorReason
ERROR_REASON_BROKER_AWAY: ErrorReason
ERROR_REASON_TOO_MANY_STREAMS: ErrorReason
