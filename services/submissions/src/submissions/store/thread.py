"""The thread of a submission: entries are added at its end and never change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from chassis.ids import new_id
from sqlalchemy import Connection, Row, func, insert, select

from submissions.domain.checks import Finding
from submissions.domain.lifecycle import Move, State
from submissions.domain.tool_drift import ToolChange
from submissions.store.actors import Author, Role
from submissions.store.submissions import findings_json, read_findings, touch
from submissions.store.tables import thread_entries as table
from submissions.store.tool_changes import read_tool_changes, tool_changes_json


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
    tool_changes: tuple[ToolChange, ...]
    tool_changes_left_out: int


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
    tool_changes: Sequence[ToolChange] = (),
) -> Entry:
    """Adds an entry at the end; of `tool_changes` as much as a page can show.

    Holds the submission's row lock from here to the end of the transaction.
    """
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
        "tool_changes": tool_changes_json(tool_changes) if tool_changes else None,
    }
    return _read(connection.execute(insert(table).values(values).returning(*table.c)).one())


def unanswered(connection: Connection, submission_id: str, by: Role, *, since: datetime) -> Sequence[datetime]:
    """When publishers, or reviewers, wrote messages since then that the other side said nothing after, latest first.

    The caller holds the submission's lock, so that two cannot count the same.
    """
    others = Role.PUBLISHER if by is Role.REVIEWER else Role.REVIEWER
    here, at = table.c.submission_id == submission_id, table.c.position
    last_word = select(func.max(at)).where(here, table.c.author_role == others.value).scalar_subquery()
    mine = (table.c.kind == EntryKind.MESSAGE.value, table.c.author_role == by.value, table.c.at > since)
    query = select(table.c.at).where(here, at > func.coalesce(last_word, 0), *mine)
    return connection.execute(query.order_by(at.desc())).scalars().all()


def page(
    connection: Connection, submission_id: str, *, size: int, after: int | None = None, newest_first: bool = False
) -> list[Entry]:
    """At most `size` entries behind position `after`, oldest or newest first."""
    query, at = select(table).where(table.c.submission_id == submission_id), table.c.position
    if after is not None:
        query = query.where(at < after if newest_first else at > after)
    rows = connection.execute(query.order_by(at.desc() if newest_first else at).limit(size))
    return [_read(row) for row in rows]


def _read(row: Row[Any]) -> Entry:
    values = row._mapping
    tool_changes, left_out = read_tool_changes(values["tool_changes"])
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
        tool_changes=tool_changes,
        tool_changes_left_out=left_out,
    )
