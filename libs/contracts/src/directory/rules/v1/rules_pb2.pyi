from google.protobuf import descriptor_pb2 as _descriptor_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Format(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FORMAT_UNSPECIFIED: _ClassVar[Format]
    FORMAT_HTTPS_URL: _ClassVar[Format]
    FORMAT_EMAIL_OR_HTTPS_URL: _ClassVar[Format]
    FORMAT_SLUG: _ClassVar[Format]
    FORMAT_SERVER_URL: _ClassVar[Format]
    FORMAT_UUID: _ClassVar[Format]
    FORMAT_CATEGORY: _ClassVar[Format]
FORMAT_UNSPECIFIED: Format
FORMAT_HTTPS_URL: Format
FORMAT_EMAIL_OR_HTTPS_URL: Format
FORMAT_SLUG: Format
FORMAT_SERVER_URL: Format
FORMAT_UUID: Format
FORMAT_CATEGORY: Format
RULE_FIELD_NUMBER: _ClassVar[int]
rule: _descriptor.FieldDescriptor

class Rule(_message.Message):
    __slots__ = ("min_length", "max_length", "min_items", "max_items", "format", "required", "must_be_true")
    MIN_LENGTH_FIELD_NUMBER: _ClassVar[int]
    MAX_LENGTH_FIELD_NUMBER: _ClassVar[int]
    MIN_ITEMS_FIELD_NUMBER: _ClassVar[int]
    MAX_ITEMS_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    REQUIRED_FIELD_NUMBER: _ClassVar[int]
    MUST_BE_TRUE_FIELD_NUMBER: _ClassVar[int]
    min_length: int
    max_length: int
    min_items: int
    max_items: int
    format: Format
    required: bool
    must_be_true: bool
    def __init__(self, min_length: _Optional[int] = ..., max_length: _Optional[int] = ..., min_items: _Optional[int] = ..., max_items: _Optional[int] = ..., format: _Optional[_Union[Format, str]] = ..., required: _Optional[bool] = ..., must_be_true: _Optional[bool] = ...) -> None: ...
