"""The thread of a submission: entries are added at its end and never change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from chassis.ids import new_id
from sqlalchemy import Connection, Row, insert, select

from submissions.domain.checks import Finding
from submissions.domain.lifecycle import Move, State
from submissions.store.actors import Author, Role
from submissions.store.submissions import findings_json, read_findings, touch
from submissions.store.tables import thread_entries as table


class EntryKind(StrEnum):
    """What an entry is; the values are stored."""

    MESSAGE = "message"
    DECISION = "decision"
    FINDINGS = "findings"
    MOVE = "move"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, with the author's true name."""

    entry_id: str
    position: int
    kind: EntryKind
    author_role: Role
    author_name: str
    at: datetime
    body: str
    move: Move | None
    state: State | None
    reason_code: str
    findings: tuple[Finding, ...]
    revision_id: str | None


def append(
    connection: Connection,
    submission_id: str,
    *,
    kind: EntryKind,
    author: Author,
    now: datetime,
    body: str = "",
    move: Move | None = None,
    state: State | None = None,
    reason_code: str = "",
    findings: Sequence[Finding] = (),
    revision_id: str | None = None,
) -> Entry:
    """Adds an entry at the end. Holds the submission's row lock from here to the end of the transaction."""
    values = {
        "entry_id": new_id(),
        "submission_id": submission_id,
        "position": touch(connection, submission_id, now=now),
        "kind": kind.value,
        "author_role": author.role.value,
        "author_id": author.person_id,
        "author_name": author.name,
        "at": now,
        "body": body,
        "move": move.value if move else None,
        "state": state.value if state else None,
        "reason_code": reason_code,
        "findings": findings_json(findings),
        "revision_id": revision_id,
    }
    return _read(connection.execute(insert(table).values(values).returning(*table.c)).one())


def page(connection: Connection, submission_id: str, *, after: int, size: int) -> list[Entry]:
    """At most `size` entries behind position `after`, oldest first."""
    query = select(table).where(table.c.submission_id == submission_id, table.c.position > after)
    return [_read(row) for row in connection.execute(query.order_by(table.c.position).limit(size))]


def latest(connection: Connection, submission_id: str, *, size: int) -> list[Entry]:
    """The last `size` entries, oldest first."""
    query = select(table).where(table.c.submission_id == submission_id)
    rows = connection.execute(query.order_by(table.c.position.desc()).limit(size)).all()
    return [_read(row) for row in reversed(rows)]


def _read(row: Row[Any]) -> Entry:
    values = row._mapping
    return Entry(
        entry_id=values["entry_id"],
        position=values["position"],
        kind=EntryKind(values["kind"]),
        author_role=Role(values["author_role"]),
        author_name=values["author_name"],
        at=values["at"],
        body=values["body"],
        move=Move(values["move"]) if values["move"] else None,
        state=State(values["state"]) if values["state"] else None,
        reason_code=values["reason_code"],
        findings=read_findings(values["findings"]),
        revision_id=values["revision_id"],
    )
