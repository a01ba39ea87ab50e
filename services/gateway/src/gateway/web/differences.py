"""Two versions of a message, field by field and word by word."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from itertools import accumulate

from google.protobuf.message import Message

from gateway.web import field_words, forms, words

# Beyond these sizes of a side the comparison would cost more than it says; the texts then stand whole. What a person
# posted is shown before the contract's limits were applied to it, so its length says nothing yet.
_MOST_CHARACTERS = 10_000
_MOST_WORDS = 1_000
# The matcher is cubic for texts made to be so: this many looks at a pair of words, a tenth of a second, are enough
# for texts that people wrote.
_MOST_LOOKS = 500_000


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that differs; both sides as (kind, text) runs: kind is `same`, `del` or `ins`."""

    pointer: str
    label: str
    before: tuple[tuple[str, str], ...]
    after: tuple[tuple[str, str], ...]
    before_text: str
    after_text: str

    @property
    def is_icon(self) -> bool:
        """Whether the values are ids of icons."""
        return self.pointer.endswith("icon_id")

    @property
    def is_markdown(self) -> bool:
        """Whether the values are shown rendered too."""
        return self.pointer.endswith("/description")


def between(before: Message, after: Message) -> list[Difference]:
    """The fields in which two messages of one kind differ, in the contract's order."""
    pointers = (pointer for pointer, _ in forms.leaves(before.DESCRIPTOR))
    return [
        of_texts(pointer, said(before, pointer), said(after, pointer))
        for pointer in pointers
        if forms.value_at(before, pointer) != forms.value_at(after, pointer)
    ]


def of_texts(pointer: str, before: str, after: str, *, label: str = "", whole: bool = False) -> Difference:
    """The difference of two texts of one field, word by word unless `whole`; `label` names a field that is none of the
    form's."""
    left, right = _whole(before, after) if whole else _runs(before, after)
    return Difference(pointer, label or field_words.label(pointer), left, right, before, after)


def said(message: Message, pointer: str) -> str:
    """A field's value as text for reading."""
    value = forms.value_at(message, pointer)
    if isinstance(value, list):
        named = (words.category(item) if pointer.endswith("categories") else item for item in value)
        return ", ".join(named) if pointer.endswith("categories") else "\n".join(named)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    text = str(value or "")
    return field_words.CHOICES.get(pointer, {}).get(text, text)


def copy_field(target: Message, source: Message, pointer: str) -> None:
    """Makes a field of one message what it is in another of the same kind, set or unset."""
    *parents, name = pointer.strip("/").split("/")
    for parent in parents:
        target, source = getattr(target, parent), getattr(source, parent)
    target.ClearField(name)
    value = getattr(source, name)
    field = source.DESCRIPTOR.fields_by_name[name]
    if field.is_repeated:
        getattr(target, name).extend(value)
    elif not field.has_presence or source.HasField(name):
        setattr(target, name, value)


def _runs(before: str, after: str) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    whole = _whole(before, after)
    if max(len(before), len(after)) > _MOST_CHARACTERS:
        return whole
    left, right = _words(before), _words(after)
    if max(len(left), len(right)) > _MOST_WORDS:
        return whole
    try:
        found = _Matcher(left, right).get_opcodes()
    except _TooManyLooksError:
        return whole
    before_runs, after_runs = [], []
    for kind, start, end, other_start, other_end in found:
        same = kind == "equal"
        before_runs.append(("same" if same else "del", "".join(left[start:end])))
        after_runs.append(("same" if same else "ins", "".join(right[other_start:other_end])))
    return _filled(before_runs), _filled(after_runs)


def _whole(before: str, after: str) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    return _filled([("del", before)]), _filled([("ins", after)])


class _TooManyLooksError(Exception):
    pass


class _Matcher(SequenceMatcher[str]):
    """Gives up where a comparison costs more than `_MOST_LOOKS`."""

    def __init__(self, left: list[str], right: list[str]) -> None:
        super().__init__(a=left, b=right)
        places: dict[str, list[int]] = vars(self)["b2j"]  # documented by difflib, unknown to its type stub
        self._looks_before = [0, *accumulate(1 + len(places.get(word, ())) for word in left)]
        self._looks = 0

    def find_longest_match(self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None) -> Match:
        self._looks += self._looks_before[-1 if ahi is None else ahi] - self._looks_before[alo]
        if self._looks > _MOST_LOOKS:
            raise _TooManyLooksError
        return super().find_longest_match(alo, ahi, blo, bhi)


def _words(text: str) -> list[str]:
    return re.findall(r"\s+|\w+|[^\w\s]", text)


def _filled(runs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(run for run in runs if run[1])
