"""What must be true of the listing and its revisions, by product.md alone. See `expected`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from .people import OWN
from .statement import OPEN_REVISION, REVISIONS

Words = tuple[str, str]
"""Display name and tagline: what the walks edit of a listing's words."""


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
        renames = self.live is not None and opened.latest[0] != self.live[0]
        if opened.state == "editing":
            self._put(number, replace(opened, state="pending"))
            self.told.append(("submitted", number, 0, message, renames))
            return
        self._close(number, "superseded")
        self.revisions.append(Revision("pending", opened.latest))
        self.told.append(("submitted", len(self.revisions), number, message, renames))

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
