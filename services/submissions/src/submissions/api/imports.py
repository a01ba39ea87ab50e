"""What an imported server.json brings into a form: each part is taken, left out, or gives way to what is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from chassis.destinations import Network
from chassis.errors import Violation
from directory.submissions.v1 import submissions_service_pb2 as contract
from directory.submissions.v1.submission_pb2 import ReviewerAccess, SubmissionForm, Transport

from submissions.api import inputs
from submissions.domain import server_document
from submissions.domain.server_document import Part

_SLUG_NOTE = "It becomes the listing's address, and is permanent once published: change it until then."
# One of the suggested slugs is free after so many, or the publisher chooses.
_MOST_SLUGS = 50


@dataclass(frozen=True, slots=True)
class Imported:
    """The form with what was taken, and what became of each part."""

    form: SubmissionForm
    parts: list[contract.ImportedPart]


def imported(
    document: str,
    remote: int | None,
    into: SubmissionForm,
    *,
    networks: Sequence[Network],
    slug_is_free: Callable[[str], bool],
) -> Imported:
    """Fill the empty fields of a form. Raises InvalidInput DOCUMENT_INVALID or REMOTE_NEEDED."""
    read = server_document.read(document)
    form = SubmissionForm()
    form.CopyFrom(into)
    found = server_document.parts(read, server_document.choose(read, remote))
    suggested = islice(server_document.slugs(read.name), _MOST_SLUGS)
    slug = form.slug or next((each for each in suggested if slug_is_free(each)), "")
    if slug:
        found.insert(0, Part(f"{read.at}/name", "/slug", slug, _SLUG_NOTE))
    return Imported(form, [_take(form, part, networks) for part in found])


def _take(form: SubmissionForm, part: Part, networks: Sequence[Network]) -> contract.ImportedPart:
    outcome, message = contract.IMPORT_OUTCOME_LEFT_OUT, part.message
    if part.field and (there := _value(form, part.field)):
        outcome = contract.IMPORT_OUTCOME_KEPT
        message = f"The form says {server_document.shortened(there)!r} already, which stays."
    elif part.field:
        broken = list(_broken(part, networks))
        if broken:
            message = broken[0].message
        else:
            _set(form, part)
            outcome = contract.IMPORT_OUTCOME_TAKEN
    return contract.ImportedPart(
        source=part.source,
        field=part.field,
        outcome=outcome,
        value=server_document.shortened(part.value),
        message=message,
    )


def _broken(part: Part, networks: Sequence[Network]) -> Iterator[Violation]:
    alone = SubmissionForm()
    _set(alone, part)
    yield from inputs.broken(alone, ReviewerAccess(), networks=networks)


def _value(form: SubmissionForm, pointer: str) -> str:
    owner, name = _place(form, pointer)
    if name == "transport":
        return (
            server_document.said(Transport.Name(form.transport).removeprefix("TRANSPORT_").lower())
            if form.transport
            else ""
        )
    return str(getattr(owner, name))


def _set(form: SubmissionForm, part: Part) -> None:
    owner, name = _place(form, part.field)
    setattr(owner, name, f"TRANSPORT_{part.value.upper()}" if name == "transport" else part.value)


def _place(form: SubmissionForm, pointer: str) -> tuple[object, str]:
    group, _, name = pointer.strip("/").rpartition("/")
    return (form.listing if group else form), name
