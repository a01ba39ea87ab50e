from directory.rules.v1 import rules_pb2 as _rules_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class Category(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CATEGORY_UNSPECIFIED: _ClassVar[Category]
    CATEGORY_COMMUNICATION: _ClassVar[Category]
    CATEGORY_CUSTOMER_SUPPORT: _ClassVar[Category]
    CATEGORY_DATA: _ClassVar[Category]
    CATEGORY_DESIGN: _ClassVar[Category]
    CATEGORY_DEVELOPER_TOOLS: _ClassVar[Category]
    CATEGORY_EDUCATION: _ClassVar[Category]
    CATEGORY_FINANCE: _ClassVar[Category]
    CATEGORY_HEALTH: _ClassVar[Category]
    CATEGORY_LEGAL: _ClassVar[Category]
    CATEGORY_LIFE_SCIENCES: _ClassVar[Category]
    CATEGORY_MARKETING: _ClassVar[Category]
    CATEGORY_MEDIA: _ClassVar[Category]
    CATEGORY_PRODUCTIVITY: _ClassVar[Category]
    CATEGORY_SALES: _ClassVar[Category]
    CATEGORY_SECURITY: _ClassVar[Category]
    CATEGORY_TRAVEL: _ClassVar[Category]
CATEGORY_UNSPECIFIED: Category
CATEGORY_COMMUNICATION: Category
CATEGORY_CUSTOMER_SUPPORT: Category
CATEGORY_DATA: Category
CATEGORY_DESIGN: Category
CATEGORY_DEVELOPER_TOOLS: Category
CATEGORY_EDUCATION: Category
CATEGORY_FINANCE: Category
CATEGORY_HEALTH: Category
CATEGORY_LEGAL: Category
CATEGORY_LIFE_SCIENCES: Category
CATEGORY_MARKETING: Category
CATEGORY_MEDIA: Category
CATEGORY_PRODUCTIVITY: Category
CATEGORY_SALES: Category
CATEGORY_SECURITY: Category
CATEGORY_TRAVEL: Category

class ListingContent(_message.Message):
    __slots__ = ("display_name", "tagline", "description", "categories", "documentation_url", "privacy_policy_url", "support_contact", "icon_id", "company_name", "company_website")
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    TAGLINE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    CATEGORIES_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTATION_URL_FIELD_NUMBER: _ClassVar[int]
    PRIVACY_POLICY_URL_FIELD_NUMBER: _ClassVar[int]
    SUPPORT_CONTACT_FIELD_NUMBER: _ClassVar[int]
    ICON_ID_FIELD_NUMBER: _ClassVar[int]
    COMPANY_NAME_FIELD_NUMBER: _ClassVar[int]
    COMPANY_WEBSITE_FIELD_NUMBER: _ClassVar[int]
    display_name: str
    tagline: str
    description: str
    categories: _containers.RepeatedScalarFieldContainer[str]
    documentation_url: str
    privacy_policy_url: str
    support_contact: str
    icon_id: str
    company_name: str
    company_website: str
    def __init__(self, display_name: _Optional[str] = ..., tagline: _Optional[str] = ..., description: _Optional[str] = ..., categories: _Optional[_Iterable[str]] = ..., documentation_url: _Optional[str] = ..., privacy_policy_url: _Optional[str] = ..., support_contact: _Optional[str] = ..., icon_id: _Optional[str] = ..., company_name: _Optional[str] = ..., company_website: _Optional[str] = ...) -> None: ...
