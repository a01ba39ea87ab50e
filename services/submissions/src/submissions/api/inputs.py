"""Reading requests: forms, texts and choices, each refused with the field's name where it breaks its rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from chassis import paging, rules
from chassis.destinations import Network, lies_within
from chassis.errors import Conflict, InvalidInput, Violation
from chassis.formats import is_https_url, is_uuid
from directory.submissions.v1 import review_service_pb2, submission_pb2
from directory.submissions.v1.review_desk_service_pb2 import SaveCannedResponseRequest
from directory.submissions.v1.submission_pb2 import ReviewerAccess, SubmissionForm
from google.protobuf.message import Message

from submissions.domain import placeholders
from submissions.domain.lifecycle import Move
from submissions.domain.review import Decision
from submissions.store.reviewer_access import SealingKeys
from submissions.store.submissions import Submission

MAX_TEXT = 5_000
MAX_URL = 2_048

_PLACEHOLDERS = ", ".join(f"{{{name}}}" for name in placeholders.NAMES)


def require_valid(form: SubmissionForm, access: ReviewerAccess, *, networks: Sequence[Network] = ()) -> None:
    """Raises InvalidInput FORM_INVALID that names every field that breaks its rule."""
    violations = broken(form, access, networks=networks)
    if violations:
        raise _invalid("Some fields break their rules; nothing was saved.", violations)


def broken(form: SubmissionForm, access: ReviewerAccess, *, networks: Sequence[Network] = ()) -> list[Violation]:
    """Every field that breaks its rule. Servers in the networks named for development may be given with plain http."""
    ruled = form
    if lies_within(form.server_url, networks) and form.server_url.startswith("http://"):
        ruled = SubmissionForm()
        ruled.CopyFrom(form)
        ruled.server_url = form.server_url.replace("http://", "https://", 1)
    return [*_broken(ruled, ""), *_broken(access, "/reviewer_access")]


def require_slug_kept(submission: Submission, form: SubmissionForm) -> None:
    """Raises Conflict SLUG_LOCKED when a submission that was ever published gets another slug."""
    if submission.ever_published and form.slug != submission.slug:
        message = "The slug is permanent since publication: it is part of the listing's address."
        violation = Violation("/slug", "SLUG_LOCKED", message)
        raise Conflict("SLUG_LOCKED", message, violations=[violation], slug=submission.slug or "")


def merged_access(before: ReviewerAccess, given: ReviewerAccess, paths: Sequence[str]) -> ReviewerAccess:
    """The access as it was, with the fields named in `paths` as they are given; with both where none is named.

    Raises InvalidInput FORM_INVALID for any other name.
    """
    names = [field.name for field in ReviewerAccess.DESCRIPTOR.fields]
    unknown = [path for path in paths if path not in names]
    if unknown:
        violations = [
            Violation(f"/reviewer_access/{path}", "UNKNOWN_FIELD", "There is no such field.") for path in unknown
        ]
        raise _invalid("Some fields break their rules; nothing was saved.", violations)
    chosen = paths or names
    return ReviewerAccess(**{name: getattr(given if name in chosen else before, name) for name in names})


def access_columns(keys: SealingKeys, submission_id: str, access: ReviewerAccess) -> dict[str, Any]:
    """Columns that hold the access for reviewers, sealed."""
    rules.trim(access)
    given = bool(access.instructions or access.credentials)
    return {
        "sealed_access": keys.seal(submission_id, access) if given else None,
        "has_instructions": bool(access.instructions),
        "has_credentials": bool(access.credentials),
    }


def text(value: str, field: str, *, needed: bool = False) -> str:
    """A comment or message, trimmed. Raises InvalidInput FORM_INVALID where it is too long, or empty but needed."""
    trimmed = value.strip()
    if needed and not trimmed:
        raise _invalid("Write something first.", [Violation(field, "REQUIRED", "Write something here.")])
    if len(trimmed) > MAX_TEXT:
        advice = f"Use at most {MAX_TEXT:,} characters; this has {len(trimmed):,}."
        raise _invalid("The text is too long.", [Violation(field, "TOO_LONG", advice)])
    if "\x00" in trimmed:
        violation = Violation(field, "CONTROL_CHARACTER", "Remove the invisible control character.")
        raise _invalid("The text is not plain text.", [violation])
    return trimmed


def search_text(value: str) -> str:
    """What to search for. Nothing stored contains a NUL character, and PostgreSQL takes none."""
    return value.strip().replace("\x00", "")


def move(number: int) -> Move:
    """The lifecycle's move of a contract's value. Raises InvalidInput FORM_INVALID for an unknown one."""
    name = choice(submission_pb2.Move.DESCRIPTOR, number, "MOVE_", "/move")
    return Move(name)


def choice(enum: Any, number: int, prefix: str, field: str) -> str:
    """The stored word of a contract's value. Raises InvalidInput FORM_INVALID for UNSPECIFIED or an unknown one."""
    value = enum.values_by_number.get(number)
    if number == 0 or value is None:
        violation = Violation(field, "UNKNOWN_VALUE", "Choose one of the list.")
        raise _invalid("This is not one of the choices.", [violation])
    return str(value.name).removeprefix(prefix).lower()


def reason_code(decision: Decision, rejection: int, change: int) -> str:
    """Name without prefix of the reason that goes with `decision`; empty where none was given.

    Raises InvalidInput FORM_INVALID for a reason that goes with another decision: it would be lost without a word.
    """
    given = (
        (Decision.REJECT, review_service_pb2.RejectionReason.DESCRIPTOR, rejection, "REJECTION_REASON_", "/reason"),
        (
            Decision.REQUEST_CHANGES,
            review_service_pb2.ChangeReason.DESCRIPTOR,
            change,
            "CHANGE_REASON_",
            "/change_reason",
        ),
    )
    code = ""
    for of_decision, enum, number, prefix, field in given:
        if number and decision is not of_decision:
            advice = f"This reason goes with the decision {of_decision} alone."
            raise _invalid("A reason does not go with the decision.", [Violation(field, "NOT_WITH_DECISION", advice)])
        if number:
            code = choice(enum, number, prefix, field).upper()
    return code


def canned_words(request: SaveCannedResponseRequest) -> tuple[str, str]:
    """Title and body, trimmed. Raises InvalidInput FORM_INVALID."""
    given = SaveCannedResponseRequest(title=request.title.strip(), body=request.body.strip())
    missing = [name for name in ("title", "body") if not getattr(given, name)]
    violations = [Violation(f"/{name}", "REQUIRED", "Write something here.") for name in missing]
    violations += _broken(given, "")
    violations += [
        Violation("/body", "UNKNOWN_PLACEHOLDER", f"{{{name}}} stands for nothing. Known: {_PLACEHOLDERS}.")
        for name in placeholders.unknown(given.body)
    ]
    if violations:
        raise _invalid("Some fields break their rules; nothing was saved.", violations)
    return given.title, given.body


def queue_position(request: review_service_pb2.ListReviewItemsRequest) -> tuple[bool, datetime, str] | None:
    """A place behind whether the items are with their publishers. Raises InvalidInput PAGE_TOKEN_INVALID."""
    match paging.decode(request, 3):
        case []:
            return None
        case [with_publisher, at, str(row_id)] if paging.is_number(with_publisher, 0, 1) and is_uuid(row_id):
            return with_publisher == 1, paging.moment(at), row_id
    raise paging.invalid()


def fetched_url(url: str, *, networks: Sequence[Network] = ()) -> str:
    """The address of a document to fetch. Raises InvalidInput FORM_INVALID for any but https."""
    trimmed = url.strip()
    plain = trimmed.startswith("http://") and lies_within(trimmed, networks)
    if len(trimmed) > MAX_URL or not (plain or is_https_url(trimmed)):
        advice = f"Give a full address that starts with https://, of at most {MAX_URL:,} characters."
        raise _invalid("This is no address to fetch.", [Violation("/url", "NOT_HTTPS_URL", advice)])
    return trimmed


def changed_fields(before: SubmissionForm, after: SubmissionForm) -> list[str]:
    """JSON Pointers of the fields that differ; for the audit, which remembers names and no values."""
    return list(_changed(before, after, ""))


def _changed(before: Any, after: Any, at: str) -> Iterator[str]:
    for field in before.DESCRIPTOR.fields:
        old, new = getattr(before, field.name), getattr(after, field.name)
        if field.message_type is not None:
            yield from _changed(old, new, f"{at}/{field.name}")
        elif old != new:
            yield f"{at}/{field.name}"


def _broken(message: Message, at: str) -> Iterator[Violation]:
    for violation in rules.check(message):
        yield Violation(at + violation.field, violation.code, violation.message)


def _invalid(message: str, violations: list[Violation]) -> InvalidInput:
    return InvalidInput("FORM_INVALID", message, violations=violations)
