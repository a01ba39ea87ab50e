import datetime

from directory.authz.v1 import organization_pb2 as _organization_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class OrganizationEvent(_message.Message):
    __slots__ = ("event_id", "occurred_at", "organization_id", "organization_changed", "member_changed", "custom_role_changed", "staff_changed", "access_token_revoked")
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_CHANGED_FIELD_NUMBER: _ClassVar[int]
    MEMBER_CHANGED_FIELD_NUMBER: _ClassVar[int]
    CUSTOM_ROLE_CHANGED_FIELD_NUMBER: _ClassVar[int]
    STAFF_CHANGED_FIELD_NUMBER: _ClassVar[int]
    ACCESS_TOKEN_REVOKED_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    occurred_at: _timestamp_pb2.Timestamp
    organization_id: str
    organization_changed: OrganizationChanged
    member_changed: MemberChanged
    custom_role_changed: CustomRoleChanged
    staff_changed: StaffChanged
    access_token_revoked: AccessTokenRevoked
    def __init__(self, event_id: _Optional[str] = ..., occurred_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., organization_id: _Optional[str] = ..., organization_changed: _Optional[_Union[OrganizationChanged, _Mapping]] = ..., member_changed: _Optional[_Union[MemberChanged, _Mapping]] = ..., custom_role_changed: _Optional[_Union[CustomRoleChanged, _Mapping]] = ..., staff_changed: _Optional[_Union[StaffChanged, _Mapping]] = ..., access_token_revoked: _Optional[_Union[AccessTokenRevoked, _Mapping]] = ...) -> None: ...

class OrganizationChanged(_message.Message):
    __slots__ = ("organization",)
    ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    organization: _organization_pb2.Organization
    def __init__(self, organization: _Optional[_Union[_organization_pb2.Organization, _Mapping]] = ...) -> None: ...

class MemberChanged(_message.Message):
    __slots__ = ("person_id", "role")
    PERSON_ID_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    person_id: str
    role: _organization_pb2.Role
    def __init__(self, person_id: _Optional[str] = ..., role: _Optional[_Union[_organization_pb2.Role, str]] = ...) -> None: ...

class CustomRoleChanged(_message.Message):
    __slots__ = ("custom_role_id",)
    CUSTOM_ROLE_ID_FIELD_NUMBER: _ClassVar[int]
    custom_role_id: str
    def __init__(self, custom_role_id: _Optional[str] = ...) -> None: ...

class StaffChanged(_message.Message):
    __slots__ = ("person_id", "staff_role")
    PERSON_ID_FIELD_NUMBER: _ClassVar[int]
    STAFF_ROLE_FIELD_NUMBER: _ClassVar[int]
    person_id: str
    staff_role: _organization_pb2.StaffRole
    def __init__(self, person_id: _Optional[str] = ..., staff_role: _Optional[_Union[_organization_pb2.StaffRole, str]] = ...) -> None: ...

class AccessTokenRevoked(_message.Message):
    __slots__ = ("access_token_id", "person_id")
    ACCESS_TOKEN_ID_FIELD_NUMBER: _ClassVar[int]
    PERSON_ID_FIELD_NUMBER: _ClassVar[int]
    access_token_id: str
    person_id: str
    def __init__(self, access_token_id: _Optional[str] = ..., person_id: _Optional[str] = ...) -> None: ...
