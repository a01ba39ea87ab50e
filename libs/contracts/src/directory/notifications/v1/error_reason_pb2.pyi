from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class ErrorReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERROR_REASON_UNSPECIFIED: _ClassVar[ErrorReason]
    ERROR_REASON_SETTINGS_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_WEBHOOK_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_DELIVERY_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_VERSION_MISMATCH: _ClassVar[ErrorReason]
    ERROR_REASON_TOO_MANY_WEBHOOKS: _ClassVar[ErrorReason]
    ERROR_REASON_WEBHOOK_DISABLED: _ClassVar[ErrorReason]
    ERROR_REASON_DELIVERY_WAITING: _ClassVar[ErrorReason]
    ERROR_REASON_UNSUBSCRIBE_LINK_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_TESTS_TOO_OFTEN: _ClassVar[ErrorReason]
    ERROR_REASON_REDELIVERIES_TOO_OFTEN: _ClassVar[ErrorReason]
ERROR_REASON_UNSPECIFIED: ErrorReason
ERROR_REASON_SETTINGS_INVALID: ErrorReason
ERROR_REASON_WEBHOOK_NOT_FOUND: ErrorReason
ERROR_REASON_DELIVERY_NOT_FOUND: ErrorReason
ERROR_REASON_VERSION_MISMATCH: ErrorReason
ERROR_REASON_TOO_MANY_WEBHOOKS: ErrorReason
ERROR_REASON_WEBHOOK_DISABLED: ErrorReason
ERROR_REASON_DELIVERY_WAITING: ErrorReason
ERROR_REASON_UNSUBSCRIBE_LINK_INVALID: ErrorReason
ERROR_REASON_TESTS_TOO_OFTEN: ErrorReason
ERROR_REASON_REDELIVERIES_TOO_OFTEN: ErrorReason
