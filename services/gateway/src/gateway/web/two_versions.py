"""A form that two people saved: both versions field by field, and the choice between them.

The form below the versions holds the merge: what only the other person changed is taken over, everything else is as
it was typed. A choice in a field's versions replaces what the form says of it, so that the page works without scripts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from google.protobuf.message import Message

from gateway.web import differences, field_words, forms
from gateway.web.differences import Difference

AnyMessage = TypeVar("AnyMessage", bound=Message)

SAVE_MINE: Final = "save_mine"
"""Value of the button that saves everything as it was typed, on top of what the other person saved."""
MINE: Final = "mine"
THEIRS: Final = "theirs"
BOTH, THEM, YOU = "both", "them", "you"


@dataclass(frozen=True, slots=True)
class FieldVersions:
    """A field that is saved otherwise than it was typed. `theirs` and `mine` say what each made of `before`."""

    pointer: str
    label: str
    changed_by: str
    before: str
    theirs: Difference
    mine: Difference


@dataclass(frozen=True, slots=True)
class TwoVersions:
    """Every such field, and the whole of what was typed, as a hidden input keeps it."""

    fields: tuple[FieldVersions, ...]
    typed: str
    saved_by: str


def merged(
    base: AnyMessage,
    mine: AnyMessage,
    theirs: AnyMessage,
    *,
    saved_by: str = "",
    only: Callable[[str], bool] = lambda pointer: True,
) -> tuple[AnyMessage, TwoVersions]:
    """The form's content after `theirs` was saved in between, and the versions to choose from; `base` was on the page
    when its person began to type. `only` says which fields stood there."""
    result = type(mine)()
    result.CopyFrom(mine)
    fields = []
    for pointer, _ in forms.leaves(mine.DESCRIPTOR):
        was, my, their = (forms.value_at(message, pointer) for message in (base, mine, theirs))
        if my == their or not only(pointer):
            continue
        changed_by = THEM if my == was else YOU if their == was else BOTH
        if changed_by == THEM:
            differences.copy_field(result, theirs, pointer)
        before, typed, saved = (differences.said(message, pointer) for message in (base, mine, theirs))
        fields.append(
            FieldVersions(
                pointer=pointer,
                label=field_words.label(pointer),
                changed_by=changed_by,
                before=before,
                theirs=differences.of_texts(pointer, before, saved),
                mine=differences.of_texts(pointer, before, typed),
            )
        )
    return result, TwoVersions(tuple(fields), forms.packed(mine), saved_by)


def choose(content: AnyMessage, posted: forms.Fields) -> None:
    """Applies the choices that a page with two versions was posted with to the content of its form."""
    if "typed" not in posted:
        return
    typed = forms.unpacked(type(content), posted["typed"])
    saved = forms.unpacked(type(content), posted.get("seen", ""))
    if typed is None or saved is None:
        return
    for pointer, _ in forms.leaves(content.DESCRIPTOR):
        chosen = posted.get(f"choice:{pointer}")
        untouched = forms.value_at(content, pointer) == forms.value_at(saved, pointer)
        if chosen == MINE or (posted.get("action") == SAVE_MINE and untouched):
            differences.copy_field(content, typed, pointer)
        elif chosen == THEIRS and posted.get("action") != SAVE_MINE:
            differences.copy_field(content, saved, pointer)
