from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class ErrorReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERROR_REASON_UNSPECIFIED: _ClassVar[ErrorReason]
    ERROR_REASON_ORGANIZATION_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_PERSON_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_PLAN_WITHOUT_DASHBOARD: _ClassVar[ErrorReason]
    ERROR_REASON_DIRECTORY_MANAGEMENT_REQUIRED: _ClassVar[ErrorReason]
    ERROR_REASON_OWNER_REQUIRED: _ClassVar[ErrorReason]
    ERROR_REASON_PLAN_WITHOUT_CUSTOM_ROLES: _ClassVar[ErrorReason]
    ERROR_REASON_PRIMARY_OWNER_REQUIRED: _ClassVar[ErrorReason]
    ERROR_REASON_TOKEN_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_ACCESS_TOKEN_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_MEMBER_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_CUSTOM_ROLE_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_FIELDS_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_NAME_TAKEN: _ClassVar[ErrorReason]
    ERROR_REASON_TOO_MANY_MEMBERS: _ClassVar[ErrorReason]
ERROR_REASON_UNSPECIFIED: ErrorReason
ERROR_REASON_ORGANIZATION_NOT_FOUND: ErrorReason
ERROR_REASON_PERSON_NOT_FOUND: ErrorReason
ERROR_REASON_PLAN_WITHOUT_DASHBOARD: ErrorReason
ERROR_REASON_DIRECTORY_MANAGEMENT_REQUIRED: ErrorReason
ERROR_REASON_OWNER_REQUIRED: ErrorReason
ERROR_REASON_PLAN_WITHOUT_CUSTOM_ROLES: ErrorReason
ERROR_REASON_PRIMARY_OWNER_REQUIRED: ErrorReason
ERROR_REASON_TOKEN_INVALID: ErrorReason
ERROR_REASON_ACCESS_TOKEN_NOT_FOUND: ErrorReason
ERROR_REASON_MEMBER_NOT_FOUND: ErrorReason
ERROR_REASON_CUSTOM_ROLE_NOT_FOUND: ErrorReason
ERROR_REASON_FIELDS_INVALID: ErrorReason
ERROR_REASON_NAME_TAKEN: ErrorReason
ERROR_REASON_TOO_MANY_MEMBERS: ErrorReason
