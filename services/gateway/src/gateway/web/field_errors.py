"""Errors of a posted form: beside the fields and as a summary on top."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from chassis.errors import DirectoryError, Violation

from gateway.web import field_words
from gateway.web.field_words import input_id


@dataclass(frozen=True, slots=True)
class FieldErrors:
    """What is wrong with a form; falsy when nothing is. An error without a pointer stands in the summary alone."""

    title: str = ""
    all: Sequence[tuple[str, str]] = ()
    standing: bool = False
    """Whether they stood there before anything was posted: then they are not read out as news."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """What the page calls fields that have other names elsewhere."""

    def __bool__(self) -> bool:
        return bool(self.all)

    def lead(self, pointer: str) -> str:
        """The name of a field in the summary, before a colon."""
        return self.labels.get(pointer, "").rstrip("?.") or field_words.lead(pointer)

    def messages(self, pointer: str) -> list[str]:
        """The messages of one field."""
        return [message for field, message in self.all if field == pointer]

    def ids(self, pointer: str, *, hint: bool) -> str:
        """Ids of the elements that describe a field, for aria-describedby."""
        own = input_id(pointer)
        errors = [f"{own}-error{number}" for number, _ in enumerate(self.messages(pointer), start=1)]
        return " ".join(([f"{own}-hint"] if hint else []) + errors)


NO_ERRORS = FieldErrors()

# Refusals that are about one field but come without a list of fields.
_FIELD_OF_REASON = {
    "SLUG_LOCKED": "/slug",
    "SLUG_TAKEN": "/slug",
    "SERVER_URL_TAKEN": "/server_url",
    "COMMENT_REQUIRED": "/comment",
    "REASON_REQUIRED": "/reason",
    "NAME_TAKEN": "/name",
    "ALREADY_A_MEMBER": "/email",
}


def of(error: DirectoryError, *, title: str = "", undone: str = "saved", icon_field: str = "") -> FieldErrors:
    """The errors that a refusal carries; one without fields is an error of its reason's field or of the whole form.

    `undone` is what did not happen, in the title that says how many fields are wrong.
    """
    if error.violations:
        return of_violations(error.violations, title=title, undone=undone)
    pointer = _FIELD_OF_REASON.get(error.reason, "")
    if error.reason.startswith("ICON_"):
        pointer = icon_field
    return FieldErrors(title or "This could not be saved.", [(pointer, error.message)])


def in_order(errors: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Pointers and messages as their fields stand in the form; where one is of no form, all stay as they came."""
    found = list(errors)
    places = {pointer: field_words.place(pointer) for pointer, _ in found}
    return found if None in places.values() else sorted(found, key=lambda one: places[one[0]] or (0, 0))


def of_violations(violations: Iterable[Violation], *, title: str = "", undone: str = "saved") -> FieldErrors:
    """Errors of fields, one line each; a field may have several."""
    found = in_order((violation.field, violation.message) for violation in violations)
    fields = len({pointer for pointer, _ in found})
    number = "one field needs" if fields == 1 else f"{fields} fields need"
    return FieldErrors(title or f"Not {undone}: {number} your attention.", found)
