"""The submission form in steps: which fields stand where, and what is missing or in the way on each."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from directory.submissions.v1 import submission_pb2 as messages
from directory.submissions.v1.submission_pb2 import FieldProblem, Submission

from gateway.web import field_errors, field_words
from gateway.web.field_errors import NO_ERRORS, FieldErrors
from gateway.web.field_words import Group

REVIEW: Final = "review"
# What is in the way whatever else is missing, and what does not say so itself: the rest is merely not filled in yet.
_TAKEN: Final = frozenset({"SLUG_TAKEN", "SERVER_URL_TAKEN"})
_MISSING: Final = "FORM_INCOMPLETE"


@dataclass(frozen=True, slots=True)
class Step:
    """A page of the form. `key` stands in its address."""

    key: str
    title: str
    groups: tuple[Group, ...]

    @property
    def pointers(self) -> tuple[str, ...]:
        """Of its fields; those of the access for reviewers are no fields of the form itself."""
        return tuple(field.pointer for group in self.groups for field in group.fields)

    @property
    def paths(self) -> list[str]:
        """Its fields of the form as a field mask names them."""
        return [one.strip("/").replace("/", ".") for one in self.pointers if not one.startswith("/reviewer_access")]

    def holds(self, pointer: str) -> bool:
        """Whether a field, or an entry of it, stands on this page."""
        return any(pointer == own or pointer.startswith(f"{own}/") for own in self.pointers)


def _step(*groups: Group, title: str = "") -> Step:
    return Step(groups[0].key, title or groups[0].title, groups)


STEPS: Final = (
    _step(field_words.CONNECTION),
    _step(field_words.LISTING),
    _step(field_words.USE),
    _step(field_words.COMPANY),
    _step(field_words.AUTHENTICATION, field_words.TEST, title="Authentication and test"),
    _step(field_words.DATA),
    _step(field_words.COMPLIANCE),
)
FIRST: Final = STEPS[0]
_BY_KEY: Final = {step.key: step for step in STEPS}
_KEYS: Final = (*_BY_KEY, REVIEW)


def step(key: str) -> Step | None:
    """The step of an address; None for any other word."""
    return _BY_KEY.get(key)


def step_of(pointer: str) -> str:
    """Key of the step on which a field stands; empty for what is no field of the form."""
    if pointer in ("/reviewer_access", "/acknowledgements"):
        pointer += "/"
    return next((step.key for step in STEPS if step.holds(pointer) or _is_stem(pointer, step)), "")


def neighbour(key: str, by: int) -> str:
    """Key of the step before or after; the first and the last have none beyond them and stay."""
    return _KEYS[min(max(_KEYS.index(key) + by, 0), len(_KEYS) - 1)]


def first_open(submission: Submission) -> str:
    """Where to go on: the first step on which something is missing, else the review."""
    left = missing(submission.problems)
    return next((key for key in _BY_KEY if left[key]), REVIEW)


def missing(problems: Iterable[FieldProblem]) -> dict[str, list[FieldProblem]]:
    """What is missing or in the way, by step."""
    found: dict[str, list[FieldProblem]] = {step.key: [] for step in STEPS}
    for problem in problems:
        found.get(step_of(problem.field), []).append(problem)
    return found


def left(problems: Iterable[FieldProblem]) -> str:
    """`2 still missing and 1 needs your attention`: what is not filled in, and what another submission has; empty for
    nothing."""
    lacking, taken = _counts(problems)
    parts = [f"{lacking:,} still missing"] if lacking else []
    if taken:
        parts.append(f"{taken:,} {'needs' if taken == 1 else 'need'} your attention")
    return " and ".join(parts)


def left_in_short(problems: Iterable[FieldProblem]) -> str:
    """`2 missing, 1 taken`: the same where there is room for few words."""
    lacking, taken = _counts(problems)
    parts = [f"{count:,} {name}" for count, name in ((lacking, "missing"), (taken, "taken")) if count]
    return ", ".join(parts)


def standing(submission: Submission, shown: Step, *, say_missing: bool) -> FieldErrors:
    """What stands beside the fields of a step though nothing was posted: what another submission has, what the last
    checks sent it back for, and where the reader came to see it, what is missing."""
    found = [
        (problem.field, problem.message)
        for problem in submission.problems
        if shown.holds(problem.field) and (say_missing or problem.code in _TAKEN)
    ]
    if submission.state == messages.SUBMISSION_STATE_CHANGES_REQUESTED:
        found += [
            (finding.field, f"The last checks say: {finding.message}")
            for finding in submission.findings
            if finding.grade == messages.FINDING_GRADE_BLOCK and finding.code != _MISSING and shown.holds(finding.field)
        ]
    if not found:
        return NO_ERRORS
    return FieldErrors("In the way of submitting:", field_errors.in_order(found), standing=True)


def _counts(problems: Iterable[FieldProblem]) -> tuple[int, int]:
    found = [problem.code in _TAKEN for problem in problems]
    return found.count(False), found.count(True)


def _is_stem(pointer: str, step: Step) -> bool:
    return pointer.endswith("/") and any(own.startswith(pointer) for own in step.pointers)
