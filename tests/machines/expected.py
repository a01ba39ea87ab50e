"""What must be true, by product.md alone: the submission, its review items, the listing and its revisions.

Each half hears of the other only when an event is carried over. What a half tells waits in its `told`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from .people import OWN, other_than
from .statement import LEASES_A_DAY, OPEN_REVISION, OUTCOMES, REVISIONS, TRANSFERABLE, UNANSWERED, Row, possible_rows

Words = tuple[str, str]
"""Display name and tagline: what the walks edit of a listing's words."""


@dataclass(frozen=True)
class Item:
    """A review item. A claim counts while nobody let the time of a lease pass since `claimed_at`.

    `barred` rejected what it is about. Where it is open and `replied`, its publisher waits for an answer.
    """

    kind: str
    revision: int = 0
    state: str = "open"
    holder: str = ""
    claimed_at: int = 0
    barred: str = ""
    replied: bool = False

    def held_by(self, at: int) -> str:
        return self.holder if self.state == "open" and self.claimed_at == at else ""

    @property
    def for_leads(self) -> bool:
        return self.kind == "appeal"


@dataclass
class Submission:
    """Times are counted in leases."""

    state: str = "draft"
    owner: str = OWN
    offered: bool = False
    """Whether the other organisation can accept it now."""
    offered_by: set[str] = field(default_factory=set)
    """Organisations that offered it, whatever became of it."""
    ever_published: bool = False
    deprecated: bool = False
    rejected_by: str = ""
    """By whom the last time."""
    appealed: bool = False
    """Whether that rejection was appealed, whatever became of it."""
    at: int = 0
    looks: int = 0
    """Looks at the server in this round of checks that led nowhere."""
    next_look: int = 0
    thread: list[tuple[str, str, str, str]] = field(default_factory=list)
    """Role, move, words of a person, revision's number."""
    written_at: list[int] = field(default_factory=list)
    """When each entry of the thread was written."""
    audit: Counter[tuple[str, ...]] = field(default_factory=Counter)
    told: list[tuple] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)

    def possible_rows(self) -> list[Row]:
        """Rows that lead on from here."""
        unmet = {"never published"} if self.ever_published else set()
        unmet |= {"not appealed"} if self.appealed else set()
        unmet |= set() if self.deprecated else {"deprecated"}
        return possible_rows(self.state, unmet)

    def stated(self, move: str) -> Row | None:
        """The row of a move from here; None where there is none."""
        return next((row for row in self.possible_rows() if row.move == move), None)

    def possible(self, who: str) -> set[str]:
        """Moves that somebody can take now."""
        return {row.move for row in self.possible_rows() if row.who == who}

    def created(self, by: str) -> None:
        self._moved(Row("-", "create", "draft", "publisher", frozenset()), by, "")

    def moved(self, row: Row, by: str, comment: str = "", words: Words | None = None, slug: str = "") -> None:
        if not row.is_told:
            self.audit[row.move, by, row.source, row.target] += 1
            return
        self.state = row.target
        self.ever_published |= row.target == "published"
        self.deprecated = row.move == "deprecate" or (self.deprecated and row.move not in ("undeprecate", "delist"))
        if row.target == "checking":
            self.looks, self.next_look = 0, self.at
        self._items_follow(row)
        if row.move == "reject":
            self.rejected_by, self.appealed = by, False
        self.appealed |= row.move == "appeal"
        self._moved(row, by, comment, words, slug)

    def _items_follow(self, row: Row) -> None:
        if row.move in OUTCOMES["submission"] or row.move == "withdraw":
            self._closed_item("submission", "voided" if row.move == "withdraw" else "decided")
        if row.move in OUTCOMES["appeal"]:
            self._closed_item("appeal", "decided")
        if row.source == "not_approved" and row.target == "draft":
            self._closed_item("appeal", "voided")
        waits = (row.target in ("in_review", "-") or row.move == "appeal") and self._closed_item("reply", "voided")
        if row.move == "appeal":
            self.items.append(Item("appeal", barred=self.rejected_by))
        if row.target == "in_review":
            barred = self.rejected_by if row.move == "overturn" else ""
            self.items.append(Item("submission", barred=barred, replied=waits))

    def _moved(self, row: Row, by: str, comment: str, words: Words | None = None, slug: str = "") -> None:
        role = "reviewer" if row.who in ("holder", "lead") else row.who
        self.audit[row.move, by, row.source, row.target] += 1
        self._write((role, row.move, comment, ""))
        self.told.append(("moved", row.move, row.source, row.target, words, slug))

    def may_write(self, role: str) -> bool:
        """Of one side's messages of a day so many go unanswered."""
        other, unanswered = {"publisher": "reviewer", "reviewer": "publisher"}[role], 0
        for (by, move, *_), at in zip(reversed(self.thread), reversed(self.written_at), strict=True):
            if by == other:
                break
            unanswered += by == role and not move and self.at - at <= LEASES_A_DAY
        return unanswered < UNANSWERED

    def _write(self, entry: tuple[str, str, str, str]) -> None:
        self.thread.append(entry)
        self.written_at.append(self.at)

    def said(self, role: str, body: str, revision: str = "") -> None:
        self._write((role, "", body, revision))
        self.told.append(("message", role))

    def publisher_wrote(self, body: str) -> None:
        """What is open waits for an answer; where nothing is, the message does, but not in a draft."""
        self.said("publisher", body)
        if not any(item.state == "open" for item in self.items) and self.state != "draft":
            self.items.append(Item("reply"))
        self._wait_for_answer(True)

    def reviewer_wrote(self, body: str, revision: str) -> None:
        self.said("reviewer", body, revision)
        self._wait_for_answer(False)

    def _wait_for_answer(self, replied: bool) -> None:
        """A reply waits until it is decided."""
        for number, item in enumerate(self.items):
            if item.state == "open":
                self.items[number] = replace(item, replied=replied or item.kind == "reply")

    def claimed(self, number: int, by: str) -> None:
        self.items[number] = replace(self.items[number], holder=by, claimed_at=self.at)
        self.audit["claim", by] += 1

    def released(self, number: int, by: str) -> None:
        self.items[number] = replace(self.items[number], holder="")
        self.audit["release", by] += 1

    def revision_decided(self, number: int, by: str, decision: str, comment: str) -> None:
        revision = self.items[number].revision
        self._closed_item("revision", "decided", revision)
        self._write(("reviewer", decision, comment, str(revision)))
        self.audit[f"{decision}_revision", by] += 1
        self.told.append(("decided", revision, decision))

    def answered(self, by: str, comment: str) -> None:
        self._closed_item("reply", "decided")
        if comment:
            self.reviewer_wrote(comment, "")
        self.audit["answer", by] += 1

    def why_not_accept(self) -> str:
        revision_waits = any(item.state == "open" and item.kind == "revision" for item in self.items)
        return "" if self.state in TRANSFERABLE and not revision_waits else "TRANSFER_NOT_POSSIBLE"

    def offer_made(self, by: str) -> None:
        self.offered = True
        self.offered_by.add(self.owner)
        self._transfer(("offer_transfer",), by, "publisher", "offered", "Offered the server")

    def offer_closed(self, step: str, by: str) -> None:
        """Who of the other organisation declined is not told."""
        self.offered = False
        role, said = ("system", "The other") if step == "decline" else ("publisher", "Took the offer")
        self._transfer((f"{step}_transfer",), by, role, "declined" if step == "decline" else "canceled", said)

    def accepted(self, by: str) -> None:
        self.offered, self.owner = False, other_than(self.owner)
        self._transfer(("give_away", "take_over"), by, "publisher", "accepted", "Took the server over")

    def _transfer(self, audited: tuple[str, ...], by: str, role: str, state: str, said: str) -> None:
        self.audit.update((action, by) for action in audited)
        self._write((role, "", said, ""))
        self.told.append(("transfer", state, self.owner))

    def heard(self, event: tuple) -> None:
        """Takes what the listing told into account."""
        match event:
            case ("submitted", number, supersedes, message):
                for voided in filter(None, (supersedes, number)):
                    self._void(voided)
                self.items.append(Item("revision", number))
                self.audit["submit_revision", ""] += 1
                if message:
                    self.said("publisher", message, str(number))
            case ("closed", number, _):
                self._void(number)
            case ("voided", number, state):
                told = f"The decision on this change came too late: the change was {state.replace('_', ' ')} by then."
                self.said("system", f"{told} Nothing was applied.", str(number))

    def _void(self, revision: int) -> None:
        if self._closed_item("revision", "voided", revision):
            self.audit["void_review_item", ""] += 1

    def _closed_item(self, kind: str, state: str, revision: int = 0) -> bool:
        """Closes the open item of this kind, of a revision where there are several, if there is one."""
        for number, item in enumerate(self.items):
            if (item.state, item.kind, item.revision) == ("open", kind, revision):
                self.items[number] = replace(item, state=state, holder="", replied=False)
                return True
        return False


@dataclass(frozen=True)
class Revision:
    state: str
    words: Words
    unsent: Words | None = None

    @property
    def latest(self) -> Words:
        return self.unsent or self.words


@dataclass
class Listing:
    """`revisions` by number, from 1."""

    owner: str = OWN
    state: str = ""
    live: Words | None = None
    slug: str = ""
    ever_published: bool = False
    deprecated: bool = False
    revisions: list[Revision] = field(default_factory=list)
    told: list[tuple] = field(default_factory=list)

    @property
    def open(self) -> int:
        """Number of the open revision; 0 for none."""
        found = [number for number, each in enumerate(self.revisions, 1) if each.state in OPEN_REVISION]
        return found[0] if found else 0

    @property
    def edited(self) -> Words | None:
        return self.revisions[self.open - 1].latest if self.open else self.live

    def why_not_save(self) -> str:
        return "" if self.state == "live" else "NOT_EDITABLE"

    def why_not_submit(self) -> str:
        if self.state != "live":
            return "NOT_EDITABLE"
        if not self.open:
            return "NO_OPEN_REVISION"
        opened = self.revisions[self.open - 1]
        sent = opened.state == "pending" and opened.unsent is None
        return "NOTHING_TO_SUBMIT" if sent or opened.latest == self.live else ""

    def why_not_restore(self, number: int) -> str:
        if self.state != "live":
            return "NOT_EDITABLE"
        if self.open:
            return "REVISION_OPEN"
        asked = self.revisions[number - 1]
        return "NOT_RESTORABLE" if asked.state != "applied" or asked.words == self.live else ""

    def save(self, words: Words) -> None:
        if words == self.edited:
            return
        if not self.open:
            self.revisions.append(Revision("editing", words))
            return
        opened = self.revisions[self.open - 1]
        if opened.state == "editing":
            self._put(self.open, replace(opened, words=words))
        else:
            self._put(self.open, replace(opened, unsent=words if words != opened.words else None))

    def submit(self, message: str) -> None:
        number = self.open
        opened = self.revisions[number - 1]
        if opened.state == "editing":
            self._put(number, replace(opened, state="pending"))
            self.told.append(("submitted", number, 0, message))
            return
        self._close(number, "superseded")
        self.revisions.append(Revision("pending", opened.latest))
        self.told.append(("submitted", len(self.revisions), number, message))

    def restore(self, number: int) -> None:
        self.revisions.append(Revision("editing", self.revisions[number - 1].words))

    def discard(self) -> None:
        """What was given up stays readable as it was, unsent edits too."""
        number = self.open
        self._put(number, replace(self.revisions[number - 1], state="discarded"))
        self.told.append(("closed", number, "discarded"))

    def heard(self, event: tuple) -> None:
        """Takes what happened to the submission into account."""
        match event:
            case ("moved", "deprecate" | "undeprecate" as move, *_):
                self.deprecated = move == "deprecate"
            case ("moved", _, _, "approved", words, slug):
                self._approved(words, slug)
            case ("moved", _, _, "published", _, slug):
                if self.state != "live":
                    self.slug, self.ever_published = (self.slug if self.ever_published else slug), True
                    self._stands("live")
            case ("moved", _, _, "suspended" | "delisted" as state, _, _):
                self._taken_off(state)
            case ("moved", "delete", *_):
                self.state, self.live, self.slug, self.revisions = "", None, "", []
            case ("transfer", "accepted", owner):
                self.owner = owner
            case ("decided", number, decision):
                self._decided(number, decision)

    def _approved(self, words: Words, slug: str) -> None:
        if self.ever_published and self.state != "delisted":
            return
        if not self.state:
            self._stands("unpublished")
        if not self.ever_published:
            self.slug = slug
        if words != self.live:
            self.live = words
            self.revisions.append(Revision("applied", words))
            if self.ever_published:
                self.told.append(("closed", len(self.revisions), "applied"))

    def _taken_off(self, state: str) -> None:
        if self.state == state or not self.ever_published:
            return
        number = self.open
        if state == "delisted" and number and self.revisions[number - 1].state == "pending":
            latest = self.revisions[number - 1].latest
            self._close(number, "superseded")
            self.revisions.append(Revision("editing", latest))
        self.deprecated &= state != "delisted"
        self._stands(state)

    def _decided(self, number: int, decision: str) -> None:
        asked = self.revisions[number - 1]
        target = REVISIONS.get(asked.state, {}).get(decision)
        if target is None:
            self.told.append(("voided", number, asked.state))
            return
        self._put(number, replace(asked, state=target, unsent=asked.unsent if target in OPEN_REVISION else None))
        if target == "applied":
            self.live = asked.words
        if target not in OPEN_REVISION and asked.unsent not in (None, self.live):
            self.revisions.append(Revision("editing", asked.unsent))
        self.told.append(("closed", number, target))

    def _stands(self, state: str) -> None:
        self.state = state
        self.told.append(("state", state))

    def _close(self, number: int, state: str) -> None:
        self._put(number, replace(self.revisions[number - 1], state=state, unsent=None))
        self.told.append(("closed", number, state))

    def _put(self, number: int, revision: Revision) -> None:
        self.revisions[number - 1] = revision
