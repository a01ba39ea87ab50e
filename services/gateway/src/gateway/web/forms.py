"""HTML form <-> protobuf form. An input's name is the field's JSON Pointer, the same that violations carry, so that
an error finds its input without a table of names."""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from chassis.rules import rule_of
from directory.listings.v1.listing_content_pb2 import ListingContent
from directory.submissions.v1 import submission_pb2 as submissions
from directory.submissions.v1.submission_pb2 import ReviewerAccess, SubmissionForm
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import DecodeError, Message
from werkzeug.datastructures import MultiDict

AnyMessage = TypeVar("AnyMessage", bound=Message)


# What a posted form offers.
Fields = MultiDict[str, str]


@dataclass(frozen=True, slots=True)
class Limits:
    """What the contract says of a field, for attributes of its input."""

    max_length: int
    min_items: int
    max_items: int
    required: bool


REMOVE_ACCESS: Final = "remove_access"
_ACCESS: Final = [field.name for field in ReviewerAccess.DESCRIPTOR.fields]
_EXTRA_USE_CASES: Final = 2


def submission_form(posted: Fields) -> SubmissionForm:
    """The whole form as posted, trimmed; blank fields stay unset, wrong values stay as they were typed."""
    form = SubmissionForm()
    _fill(form, posted, "")
    return form


def listing_content(posted: Fields) -> ListingContent:
    """The listing editor's fields as posted."""
    content = ListingContent()
    _fill(content, posted, "")
    return content


def reviewer_access(posted: Fields) -> ReviewerAccess:
    """Access for reviewers as posted."""
    texts = {name: clean(posted.get(f"/reviewer_access/{name}")) for name in _ACCESS}
    return ReviewerAccess(**texts)


def access_paths(posted: Fields) -> list[str]:
    """Fields of the access for reviewers that are replaced: a blank one stays, unless what is stored is to go."""
    removes = bool(posted.get(REMOVE_ACCESS))
    return [name for name in _ACCESS if removes or clean(posted.get(f"/reviewer_access/{name}"))]


def clean(text: str | None) -> str:
    """Text as people mean it: trimmed, with the line ends of the web's forms made single."""
    return (text or "").replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").strip()


def whole_mask(descriptor: Any) -> FieldMask:
    """A mask of every field below a message, so that saving a page also clears what the person emptied."""
    return FieldMask(paths=[path.strip("/").replace("/", ".") for path, _ in leaves(descriptor)])


def leaves(descriptor: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every field that an input stands for, as (JSON Pointer, field)."""
    for field in descriptor.fields:
        path = f"{prefix}/{field.name}"
        if field.type == FieldDescriptor.TYPE_MESSAGE and field.message_type is not None:
            yield from leaves(field.message_type, path)
        else:
            yield path, field


def limits(message: Message, pointer: str) -> Limits:
    """The contract's limits of a field below a message."""
    found = dict(leaves(message.DESCRIPTOR))[pointer]
    rule = rule_of(found)
    return Limits(
        max_length=rule.max_length, min_items=rule.min_items, max_items=rule.max_items, required=rule.required
    )


def value_at(message: Message, pointer: str) -> object:
    """A field's value as the templates need it: text, bool or None, an enum value's name or "", a list of texts."""
    *parents, name = pointer.strip("/").split("/")
    for parent in parents:
        message = getattr(message, parent)
    field = message.DESCRIPTOR.fields_by_name[name]
    value = getattr(message, name)
    if field.is_repeated:
        return list(value)
    if field.has_presence and not message.HasField(name):
        return None if field.type == FieldDescriptor.TYPE_BOOL else ""
    if field.enum_type is not None:
        return field.enum_type.values_by_number[value].name if value else ""
    return value


def use_case_inputs(form: SubmissionForm) -> list[str]:
    """The use cases with blank inputs after them: at least three, always room for more, never beyond the limit."""
    allowed = limits(form, "/use_cases")
    wanted = max(allowed.min_items, len(form.use_cases) + _EXTRA_USE_CASES)
    room = min(wanted, allowed.max_items) - len(form.use_cases)
    return [*form.use_cases, *[""] * max(room, 0)]


def packed(message: Message) -> str:
    """A message as text for a hidden input: what the page showed when it was opened."""
    return message.SerializeToString(deterministic=True).hex()


def unpacked(kind: type[AnyMessage], text: str) -> AnyMessage | None:
    """The message of `packed`, None where the text is no such thing."""
    try:
        return kind.FromString(bytes.fromhex(text))
    except (ValueError, DecodeError):
        return None


def move_of(name: str, allowed: Container[int]) -> Any:
    """The move of a button's value; UNSPECIFIED for any that the page has not, which its service refuses in words."""
    known = submissions.Move.DESCRIPTOR.values_by_name.get(name)
    return known.number if known and known.number in allowed else submissions.MOVE_UNSPECIFIED


def known_number(text: str | None, allowed: Container[int]) -> Any:
    """The number of an enum that an input or a query gives; 0 for anything that is not allowed."""
    number = int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else 0
    return number if number in allowed else 0


def version_of(posted: Fields) -> int:
    """The version that the page showed; 0, which never matches, for anything else."""
    text = posted.get("version")
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else 0


def _fill(message: Message, posted: Fields, prefix: str) -> None:
    for field in message.DESCRIPTOR.fields:
        path = f"{prefix}/{field.name}"
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            _fill(getattr(message, field.name), posted, path)
        elif field.is_repeated:
            texts = (clean(text) for text in posted.getlist(path))
            getattr(message, field.name).extend(text for text in texts if text)
        elif (value := _scalar(field, clean(posted.get(path)))) is not None:
            setattr(message, field.name, value)


def _scalar(field: Any, text: str) -> str | int | bool | None:
    if not text:
        return None
    if field.type == FieldDescriptor.TYPE_BOOL:
        return {"true": True, "false": False}.get(text)
    if field.enum_type is not None:
        known = field.enum_type.values_by_name.get(text)
        return int(known.number) if known else None
    return text
