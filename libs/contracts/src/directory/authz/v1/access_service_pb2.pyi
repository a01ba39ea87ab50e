import datetime

from directory.authz.v1 import organization_pb2 as _organization_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ResolvePersonRequest(_message.Message):
    __slots__ = ("issuer", "subject", "email", "email_verified", "name")
    ISSUER_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    EMAIL_VERIFIED_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    issuer: str
    subject: str
    email: str
    email_verified: bool
    name: str
    def __init__(self, issuer: _Optional[str] = ..., subject: _Optional[str] = ..., email: _Optional[str] = ..., email_verified: _Optional[bool] = ..., name: _Optional[str] = ...) -> None: ...

class ResolvePersonResponse(_message.Message):
    __slots__ = ("person",)
    PERSON_FIELD_NUMBER: _ClassVar[int]
    person: _organization_pb2.Person
    def __init__(self, person: _Optional[_Union[_organization_pb2.Person, _Mapping]] = ...) -> None: ...

class ResolveAccessTokenRequest(_message.Message):
    __slots__ = ("secret",)
    SECRET_FIELD_NUMBER: _ClassVar[int]
    secret: str
    def __init__(self, secret: _Optional[str] = ...) -> None: ...

class ResolveAccessTokenResponse(_message.Message):
    __slots__ = ("person", "access_token")
    PERSON_FIELD_NUMBER: _ClassVar[int]
    ACCESS_TOKEN_FIELD_NUMBER: _ClassVar[int]
    person: _organization_pb2.Person
    access_token: _organization_pb2.AccessToken
    def __init__(self, person: _Optional[_Union[_organization_pb2.Person, _Mapping]] = ..., access_token: _Optional[_Union[_organization_pb2.AccessToken, _Mapping]] = ...) -> None: ...

class ListMembershipsRequest(_message.Message):
    __slots__ = ("person_id",)
    PERSON_ID_FIELD_NUMBER: _ClassVar[int]
    person_id: str
    def __init__(self, person_id: _Optional[str] = ...) -> None: ...

class ListMembershipsResponse(_message.Message):
    __slots__ = ("person", "memberships", "invitations")
    PERSON_FIELD_NUMBER: _ClassVar[int]
    MEMBERSHIPS_FIELD_NUMBER: _ClassVar[int]
    INVITATIONS_FIELD_NUMBER: _ClassVar[int]
    person: _organization_pb2.Person
    memberships: _containers.RepeatedCompositeFieldContainer[_organization_pb2.Membership]
    invitations: _containers.RepeatedCompositeFieldContainer[_organization_pb2.Membership]
    def __init__(self, person: _Optional[_Union[_organization_pb2.Person, _Mapping]] = ..., memberships: _Optional[_Iterable[_Union[_organization_pb2.Membership, _Mapping]]] = ..., invitations: _Optional[_Iterable[_Union[_organization_pb2.Membership, _Mapping]]] = ...) -> None: ...

class AcceptMembershipRequest(_message.Message):
    __slots__ = ("person_id", "organization_id")
    PERSON_ID_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    person_id: str
    organization_id: str
    def __init__(self, person_id: _Optional[str] = ..., organization_id: _Optional[str] = ...) -> None: ...

class AcceptMembershipResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class IssueGrantRequest(_message.Message):
    __slots__ = ("person_id", "organization_id")
    PERSON_ID_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    person_id: str
    organization_id: str
    def __init__(self, person_id: _Optional[str] = ..., organization_id: _Optional[str] = ...) -> None: ...

class IssueGrantResponse(_message.Message):
    __slots__ = ("grant", "expires_at", "membership")
    GRANT_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    MEMBERSHIP_FIELD_NUMBER: _ClassVar[int]
    grant: str
    expires_at: _timestamp_pb2.Timestamp
    membership: _organization_pb2.Membership
    def __init__(self, grant: _Optional[str] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., membership: _Optional[_Union[_organization_pb2.Membership, _Mapping]] = ...) -> None: ...

class ListOrganizationNamesRequest(_message.Message):
    __slots__ = ("organization_ids",)
    ORGANIZATION_IDS_FIELD_NUMBER: _ClassVar[int]
    organization_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, organization_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class ListOrganizationNamesResponse(_message.Message):
    __slots__ = ("names",)
    class NamesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    NAMES_FIELD_NUMBER: _ClassVar[int]
    names: _containers.ScalarMap[str, str]
    def __init__(self, names: _Optional[_Mapping[str, str]] = ...) -> None: ...

class CreateAccessTokenRequest(_message.Message):
    __slots__ = ("name", "days")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DAYS_FIELD_NUMBER: _ClassVar[int]
    name: str
    days: int
    def __init__(self, name: _Optional[str] = ..., days: _Optional[int] = ...) -> None: ...

class CreateAccessTokenResponse(_message.Message):
    __slots__ = ("access_token", "secret")
    ACCESS_TOKEN_FIELD_NUMBER: _ClassVar[int]
    SECRET_FIELD_NUMBER: _ClassVar[int]
    access_token: _organization_pb2.AccessToken
    secret: str
    def __init__(self, access_token: _Optional[_Union[_organization_pb2.AccessToken, _Mapping]] = ..., secret: _Optional[str] = ...) -> None: ...

class ListAccessTokensRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListAccessTokensResponse(_message.Message):
    __slots__ = ("access_tokens",)
    ACCESS_TOKENS_FIELD_NUMBER: _ClassVar[int]
    access_tokens: _containers.RepeatedCompositeFieldContainer[_organization_pb2.AccessToken]
    def __init__(self, access_tokens: _Optional[_Iterable[_Union[_organization_pb2.AccessToken, _Mapping]]] = ...) -> None: ...

class RevokeAccessTokenRequest(_message.Message):
    __slots__ = ("access_token_id",)
    ACCESS_TOKEN_ID_FIELD_NUMBER: _ClassVar[int]
    access_token_id: str
    def __init__(self, access_token_id: _Optional[str] = ...) -> None: ...

class RevokeAccessTokenResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
