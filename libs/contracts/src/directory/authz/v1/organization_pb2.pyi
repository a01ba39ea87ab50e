import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Plan(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PLAN_UNSPECIFIED: _ClassVar[Plan]
    PLAN_FREE: _ClassVar[Plan]
    PLAN_PRO: _ClassVar[Plan]
    PLAN_TEAM: _ClassVar[Plan]
    PLAN_ENTERPRISE: _ClassVar[Plan]

class Role(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROLE_UNSPECIFIED: _ClassVar[Role]
    ROLE_PRIMARY_OWNER: _ClassVar[Role]
    ROLE_OWNER: _ClassVar[Role]
    ROLE_ADMIN: _ClassVar[Role]
    ROLE_MEMBER: _ClassVar[Role]

class Permission(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PERMISSION_UNSPECIFIED: _ClassVar[Permission]
    PERMISSION_DIRECTORY_MANAGEMENT: _ClassVar[Permission]
    PERMISSION_LIBRARIES: _ClassVar[Permission]

class StaffRole(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STAFF_ROLE_UNSPECIFIED: _ClassVar[StaffRole]
    STAFF_ROLE_REVIEWER: _ClassVar[StaffRole]
    STAFF_ROLE_LEAD_REVIEWER: _ClassVar[StaffRole]
PLAN_UNSPECIFIED: Plan
PLAN_FREE: Plan
PLAN_PRO: Plan
PLAN_TEAM: Plan
PLAN_ENTERPRISE: Plan
ROLE_UNSPECIFIED: Role
ROLE_PRIMARY_OWNER: Role
ROLE_OWNER: Role
ROLE_ADMIN: Role
ROLE_MEMBER: Role
PERMISSION_UNSPECIFIED: Permission
PERMISSION_DIRECTORY_MANAGEMENT: Permission
PERMISSION_LIBRARIES: Permission
STAFF_ROLE_UNSPECIFIED: StaffRole
STAFF_ROLE_REVIEWER: StaffRole
STAFF_ROLE_LEAD_REVIEWER: StaffRole

class Organization(_message.Message):
    __slots__ = ("organization_id", "name", "plan")
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    organization_id: str
    name: str
    plan: Plan
    def __init__(self, organization_id: _Optional[str] = ..., name: _Optional[str] = ..., plan: _Optional[_Union[Plan, str]] = ...) -> None: ...

class Person(_message.Message):
    __slots__ = ("person_id", "email", "name", "staff_role")
    PERSON_ID_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    STAFF_ROLE_FIELD_NUMBER: _ClassVar[int]
    person_id: str
    email: str
    name: str
    staff_role: StaffRole
    def __init__(self, person_id: _Optional[str] = ..., email: _Optional[str] = ..., name: _Optional[str] = ..., staff_role: _Optional[_Union[StaffRole, str]] = ...) -> None: ...

class Member(_message.Message):
    __slots__ = ("person", "role", "custom_role_ids")
    PERSON_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    CUSTOM_ROLE_IDS_FIELD_NUMBER: _ClassVar[int]
    person: Person
    role: Role
    custom_role_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, person: _Optional[_Union[Person, _Mapping]] = ..., role: _Optional[_Union[Role, str]] = ..., custom_role_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class CustomRole(_message.Message):
    __slots__ = ("custom_role_id", "name", "permissions")
    CUSTOM_ROLE_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PERMISSIONS_FIELD_NUMBER: _ClassVar[int]
    custom_role_id: str
    name: str
    permissions: _containers.RepeatedScalarFieldContainer[Permission]
    def __init__(self, custom_role_id: _Optional[str] = ..., name: _Optional[str] = ..., permissions: _Optional[_Iterable[_Union[Permission, str]]] = ...) -> None: ...

class Membership(_message.Message):
    __slots__ = ("organization", "role", "directory_management", "denied_reason")
    ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    DIRECTORY_MANAGEMENT_FIELD_NUMBER: _ClassVar[int]
    DENIED_REASON_FIELD_NUMBER: _ClassVar[int]
    organization: Organization
    role: Role
    directory_management: bool
    denied_reason: str
    def __init__(self, organization: _Optional[_Union[Organization, _Mapping]] = ..., role: _Optional[_Union[Role, str]] = ..., directory_management: _Optional[bool] = ..., denied_reason: _Optional[str] = ...) -> None: ...

class AccessToken(_message.Message):
    __slots__ = ("access_token_id", "name", "organization_id", "prefix", "created_at", "expires_at", "last_used_at")
    ACCESS_TOKEN_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    PREFIX_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    LAST_USED_AT_FIELD_NUMBER: _ClassVar[int]
    access_token_id: str
    name: str
    organization_id: str
    prefix: str
    created_at: _timestamp_pb2.Timestamp
    expires_at: _timestamp_pb2.Timestamp
    last_used_at: _timestamp_pb2.Timestamp
    def __init__(self, access_token_id: _Optional[str] = ..., name: _Optional[str] = ..., organization_id: _Optional[str] = ..., prefix: _Optional[str] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_used_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
