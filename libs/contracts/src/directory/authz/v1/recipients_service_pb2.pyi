from directory.authz.v1 import organization_pb2 as _organization_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListDirectoryManagersRequest(_message.Message):
    __slots__ = ("organization_id",)
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    organization_id: str
    def __init__(self, organization_id: _Optional[str] = ...) -> None: ...

class ListDirectoryManagersResponse(_message.Message):
    __slots__ = ("organization", "persons")
    ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    PERSONS_FIELD_NUMBER: _ClassVar[int]
    organization: _organization_pb2.Organization
    persons: _containers.RepeatedCompositeFieldContainer[_organization_pb2.Person]
    def __init__(self, organization: _Optional[_Union[_organization_pb2.Organization, _Mapping]] = ..., persons: _Optional[_Iterable[_Union[_organization_pb2.Person, _Mapping]]] = ...) -> None: ...
