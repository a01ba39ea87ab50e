"""What must be true of the submission, its review items and its tools, by product.md alone.

The listing is the other half (`expected_listing`). Each half hears of the other only when an event is carried over.
What a half tells waits in its `told`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from .expected_listing import Words
from .people import OWN, other_than
from .statement import LEASES_A_DAY, OUTCOMES, TRANSFERABLE, UNANSWERED, Row, Tools, judge_of, possible_rows


@dataclass(frozen=True)
class Item:
    """A review item. A claim counts while nobody let the time of a lease pass since `claimed_at`.

    `barred` rejected what it is about. `proposed` by one reviewer, in words `said`, its rejection waits for another.
    Where it is open and `replied`, its publisher waits for an answer. `renames`: a revision gives another name. Of
    drift: the tools `offered`, whether lead reviewers alone decide (`lead`), and whether changes were `asked` for.
    `assigned` is whose work it is, which gives no right.
    """

    kind: str
    revision: int = 0
    state: str = "open"
    holder: str = ""
    claimed_at: int = 0
    barred: tuple[str, ...] = ()
    proposed: str = ""
    said: str = ""
    replied: bool = False
    renames: bool = False
    offered: Tools | None = None
    lead: bool = False
    asked: bool = False
    assigned: str = ""

    def held_by(self, at: int) -> str:
        return self.holder if self.state == "open" and self.claimed_at == at else ""

    @property
    def for_leads(self) -> bool:
        return self.lead or self.kind == "appeal"

    @property
    def with_publisher(self) -> bool:
        """Changes of tools were asked for, and the publisher has not said a word since."""
        return self.state == "open" and self.asked and not self.replied

    @property
    def alone(self) -> bool:
        """It needs a look of its own, and is not approved together with others."""
        return self.renames or bool(self.proposed) or "reject" not in OUTCOMES[self.kind]


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
    rejected_by: tuple[str, ...] = ()
    """By whom the last time: one, or two where a second one confirmed it."""
    appealed: bool = False
    """Whether that rejection was appealed, whatever became of it."""
    at: int = 0
    looks: int = 0
    """Looks at the server in this round of checks that led nowhere."""
    next_look: int = 0
    checked: Tools | None = None
    """What the last checks that ended saw; None where the server showed no tools."""
    approved: Tools | None = None
    """What later looks are compared with."""
    thread: list[tuple[str, str, str, str]] = field(default_factory=list)
    """Role, move, words of a person, revision's number."""
    written_at: list[int] = field(default_factory=list)
    """When each entry of the thread was written."""
    audit: Counter[tuple[str, ...]] = field(default_factory=Counter)
    told: list[tuple] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)

    @property
    def concerned(self) -> set[str]:
        """Organisations whose members do not decide: the owner, and whom it is offered to."""
        return {self.owner, other_than(self.owner)} if self.offered else {self.owner}

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
        if row.move == "approve":
            self.approved = self.checked
        if row.move == "delist" and self._closed_item("drift", "voided"):
            self.audit["void_review_item", by] += 1
        if row.move == "reject":
            proposed = {item.proposed for item in self.items if (item.kind, item.state) == ("submission", "open")}
            self.rejected_by, self.appealed = tuple(sorted({by, *proposed} - {""})), False
        self._items_follow(row)
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
            barred = self.rejected_by if row.move == "overturn" else ()
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

    def assigned(self, number: int, to: str, by: str) -> None:
        self.items[number] = replace(self.items[number], assigned=to)
        self.audit["assign", by] += 1

    def rejection_proposed(self, number: int, by: str, comment: str) -> None:
        """Nobody but reviewers hears of it."""
        self.items[number] = replace(self.items[number], holder="", proposed=by, said=comment)
        self.audit["propose_rejection", by] += 1

    def rejection_returned(self, number: int, by: str) -> None:
        self.items[number] = replace(self.items[number], holder="", proposed="", said="")
        self.audit["return_rejection", by] += 1

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

    def looked(self, offered: Tools) -> None:
        """A look at the server found these tools. The item is one, whatever comes after; the state stays."""
        judge = judge_of(self.approved, offered)
        if judge != "nobody":
            self._drifts(offered, lead=judge == "lead reviewer")
            return
        if self._closed_item("drift", "voided"):
            self._of_tools("resolve_tool_drift", "", "system", "resolved", "The server offers the approved tools again")
        if offered != self.approved:
            first = self.approved is None
            self.audit["take_over_first_tools" if first else "take_over_tool_words", ""] += 1
            self.said("system", "The server showed its tools" if first else "Titles or descriptions of tools changed")
            self.approved = offered

    def _drifts(self, offered: Tools, *, lead: bool) -> None:
        number = self.drift
        if number is None:
            self.items.append(Item("drift", offered=offered, lead=lead))
            self._of_tools("find_tool_drift", "", "system", ("found", lead), "The server’s tools are not as")
            return
        item = self.items[number]
        if item.offered == offered:
            return
        after = replace(item, offered=offered, lead=lead, asked=False)
        # Who had it may not be one who decides now.
        self.items[number] = replace(after, holder="", assigned="") if lead and not item.lead else after
        self._of_tools("change_tool_drift", "", "system", ("again", lead), "The tools changed again")

    def drift_decided(self, number: int, by: str, decision: str, comment: str) -> None:
        item = self.items[number]
        if decision == "approve":
            self._closed_item("drift", "decided")
            self.approved = item.offered
            action, outcome, said = "accept_tools", "accepted", "are accepted."
        else:
            self.items[number] = replace(item, holder="", replied=False, asked=True)
            action, outcome, said = "request_tool_changes", "changes_requested", "are not accepted; please change them."
        self._of_tools(action, by, "reviewer", outcome, f"The tools as they are now {said}\n\n{comment}".strip())

    @property
    def drift(self) -> int | None:
        """The open item of kind drift, by its number."""
        items = enumerate(self.items)
        return next((number for number, item in items if (item.kind, item.state) == ("drift", "open")), None)

    def _of_tools(self, action: str, by: str, role: str, told: object, said: str) -> None:
        self.audit[action, by] += 1
        self._write((role, "", said, ""))
        self.told.append(("tools", told))

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
            case ("submitted", number, supersedes, message, renames):
                for voided in filter(None, (supersedes, number)):
                    self._void(voided)
                self.items.append(Item("revision", number, renames=renames))
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
                self.items[number] = replace(item, state=state, holder="", proposed="", said="", replied=False)
                return True
        return False
