from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ToolChangeKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TOOL_CHANGE_KIND_UNSPECIFIED: _ClassVar[ToolChangeKind]
    TOOL_CHANGE_KIND_ADDED: _ClassVar[ToolChangeKind]
    TOOL_CHANGE_KIND_REMOVED: _ClassVar[ToolChangeKind]
    TOOL_CHANGE_KIND_CHANGED: _ClassVar[ToolChangeKind]
TOOL_CHANGE_KIND_UNSPECIFIED: ToolChangeKind
TOOL_CHANGE_KIND_ADDED: ToolChangeKind
TOOL_CHANGE_KIND_REMOVED: ToolChangeKind
TOOL_CHANGE_KIND_CHANGED: ToolChangeKind

class ToolFieldChange(_message.Message):
    __slots__ = ("field", "before", "after", "words_only")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    WORDS_ONLY_FIELD_NUMBER: _ClassVar[int]
    field: str
    before: str
    after: str
    words_only: bool
    def __init__(self, field: _Optional[str] = ..., before: _Optional[str] = ..., after: _Optional[str] = ..., words_only: _Optional[bool] = ...) -> None: ...

class ToolChange(_message.Message):
    __slots__ = ("name", "kind", "fields", "loosens_hints", "fields_left_out")
    NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    LOOSENS_HINTS_FIELD_NUMBER: _ClassVar[int]
    FIELDS_LEFT_OUT_FIELD_NUMBER: _ClassVar[int]
    name: str
    kind: ToolChangeKind
    fields: _containers.RepeatedCompositeFieldContainer[ToolFieldChange]
    loosens_hints: bool
    fields_left_out: int
    def __init__(self, name: _Optional[str] = ..., kind: _Optional[_Union[ToolChangeKind, str]] = ..., fields: _Optional[_Iterable[_Union[ToolFieldChange, _Mapping]]] = ..., loosens_hints: _Optional[bool] = ..., fields_left_out: _Optional[int] = ...) -> None: ...
