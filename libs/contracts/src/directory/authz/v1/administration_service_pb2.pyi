from directory.authz.v1 import organization_pb2 as _organization_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetOrganizationRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetOrganizationResponse(_message.Message):
    __slots__ = ("organization", "members", "custom_roles")
    ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    CUSTOM_ROLES_FIELD_NUMBER: _ClassVar[int]
    organization: _organization_pb2.Organization
    members: _containers.RepeatedCompositeFieldContainer[_organization_pb2.Member]
    custom_roles: _containers.RepeatedCompositeFieldContainer[_organization_pb2.CustomRole]
    def __init__(self, organization: _Optional[_Union[_organization_pb2.Organization, _Mapping]] = ..., members: _Optional[_Iterable[_Union[_organization_pb2.Member, _Mapping]]] = ..., custom_roles: _Optional[_Iterable[_Union[_organization_pb2.CustomRole, _Mapping]]] = ...) -> None: ...

class SetMemberRequest(_message.Message):
    __slots__ = ("email", "role", "custom_role_ids", "person_id", "only_add")
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    CUSTOM_ROLE_IDS_FIELD_NUMBER: _ClassVar[int]
    PERSON_ID_FIELD_NUMBER: _ClassVar[int]
    ONLY_ADD_FIELD_NUMBER: _ClassVar[int]
    email: str
    role: _organization_pb2.Role
    custom_role_ids: _containers.RepeatedScalarFieldContainer[str]
    person_id: str
    only_add: bool
    def __init__(self, email: _Optional[str] = ..., role: _Optional[_Union[_organization_pb2.Role, str]] = ..., custom_role_ids: _Optional[_Iterable[str]] = ..., person_id: _Optional[str] = ..., only_add: _Optional[bool] = ...) -> None: ...

class SetMemberResponse(_message.Message):
    __slots__ = ("member",)
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    member: _organization_pb2.Member
    def __init__(self, member: _Optional[_Union[_organization_pb2.Member, _Mapping]] = ...) -> None: ...

class RemoveMemberRequest(_message.Message):
    __slots__ = ("person_id",)
    PERSON_ID_FIELD_NUMBER: _ClassVar[int]
    person_id: str
    def __init__(self, person_id: _Optional[str] = ...) -> None: ...

class RemoveMemberResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class SetCustomRoleRequest(_message.Message):
    __slots__ = ("custom_role_id", "name", "permissions")
    CUSTOM_ROLE_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PERMISSIONS_FIELD_NUMBER: _ClassVar[int]
    custom_role_id: str
    name: str
    permissions: _containers.RepeatedScalarFieldContainer[_organization_pb2.Permission]
    def __init__(self, custom_role_id: _Optional[str] = ..., name: _Optional[str] = ..., permissions: _Optional[_Iterable[_Union[_organization_pb2.Permission, str]]] = ...) -> None: ...

class SetCustomRoleResponse(_message.Message):
    __slots__ = ("custom_role",)
    CUSTOM_ROLE_FIELD_NUMBER: _ClassVar[int]
    custom_role: _organization_pb2.CustomRole
    def __init__(self, custom_role: _Optional[_Union[_organization_pb2.CustomRole, _Mapping]] = ...) -> None: ...

class DeleteCustomRoleRequest(_message.Message):
    __slots__ = ("custom_role_id",)
    CUSTOM_ROLE_ID_FIELD_NUMBER: _ClassVar[int]
    custom_role_id: str
    def __init__(self, custom_role_id: _Optional[str] = ...) -> None: ...

class DeleteCustomRoleResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
