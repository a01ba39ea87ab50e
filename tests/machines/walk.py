"""Everybody tries everything, in any order; after each step the two services say what `expected` says.

Whatever is refused is refused with the right status and reason, and changes nothing.
"""

from __future__ import annotations

import itertools
from random import Random
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from . import agreement
from .desk_steps import DeskSteps
from .draws import TAGLINES
from .expected import Submission
from .expected_listing import Listing
from .lifecycle_steps import LifecycleSteps
from .people import PEOPLE, PUBLISHERS, REVIEWERS, refused_as_publisher
from .revision_steps import RevisionSteps
from .statement import DECISIONS, EVERY_TOOLS, LOOKED_AT, OUTCOMES, TRANSFERABLE, Tools, moves_of
from .together_steps import TogetherSteps
from .tool_steps import ToolSteps
from .transfer_steps import TransferSteps
from .two_services import TwoServices, status_of

# Where walks begin, told by the moves that lead there.
IN_REVIEW = ("submit", "pass_checks")
PUBLISHED = (*IN_REVIEW, "approve", "publish")
RELISTING = (*PUBLISHED, "delist", "relist", "pass_checks")
EDITED = (*PUBLISHED, "ask")
APPEALED = (*IN_REVIEW, "reject", "appeal")
OVERTURNED = (*APPEALED, "overturn")
TRANSFERRED = (*PUBLISHED, "offer", "accept")
DEPRECATED = (*PUBLISHED, "deprecate", "write")
DRIFTED = (*PUBLISHED, "tools archive")
STARTS = (
    *((), IN_REVIEW, PUBLISHED, EDITED, EDITED, (*EDITED, "ask"), RELISTING, (*EDITED, "delist", "relist")),
    *(APPEALED, OVERTURNED, DEPRECATED, (*PUBLISHED, "offer"), (*PUBLISHED, "ask", "offer"), TRANSFERRED),
    *(DRIFTED, (*DRIFTED, "ask"), (*DRIFTED, "decide request_changes"), (*DRIFTED, "offer", "accept")),
)
# Looks, told by what they bring.
TOOLS = {
    "tools plain": Tools(),
    "tools words": Tools("other"),
    "tools astray": Tools("steering"),
    "tools archive": Tools(archive=True),
    "tools safe": Tools(destructive=False),
}
REJECTED = tuple(kind for kind, outcomes in OUTCOMES.items() if "reject" in outcomes)
# Leads back to where a walk was already.
_BACK = ("save", "delete", "withdraw")

_walks = itertools.count(1)
# Of their numbers, so that no two walks have names that look alike: the checks would find that.
_SYLLABLES = ("bar", "den", "fil", "gop", "huk", "jam", "kes", "lur", "mot", "nix")


class Walk(LifecycleSteps, DeskSteps, TogetherSteps, ToolSteps, RevisionSteps, TransferSteps, RuleBasedStateMachine):
    services: TwoServices
    two_reject: bool
    """Whether a rejection needs a second reviewer."""

    @initialize(start=st.sampled_from(STARTS))
    def create(self, start: tuple[str, ...]) -> None:
        self.name = f"Acme {''.join(_SYLLABLES[int(digit)] for digit in str(next(_walks)))}"
        self.names = f"{self.name} Weather", f"{self.name} Rain"
        self.slugs = tuple(name.lower().replace(" ", "-") for name in self.names)
        self.submission, self.listing = Submission(), Listing()
        self.approved_words: set[Any] = set()
        self.item_ids: list[str] = []
        self.transfer_id, self.looked_after = "", 0
        self.submission_id = self.services.begin(self.slugs[0], (self.names[0], TAGLINES[0]))
        self.submission.created("ada")
        self.look()
        for move in start:
            self.go_on(move, Random(len(start)))
            self.everybody_hears()

    def expect(self, status: int, call: Any, reason: str = "") -> Any:
        got, answer = status_of(call)
        assert got == status, f"{got} instead of {status}: {answer}"
        if reason:
            assert answer.reason == reason
        return answer

    @rule(seed=st.integers(0, 1 << 32))
    def somebody_goes_on(self, seed: int, steps: int = 4) -> None:
        """Some moves that are stated, by somebody who may take them, and the life of a revision: so walks get far."""
        chance = Random(seed)
        for _ in range(steps):
            rows = [row for row in self.submission.possible_rows() if row.move not in _BACK]
            moves = [row.move for row in rows if row.who != "holder" or self.open_item(row.move) is not None]
            moves += ["write"]
            moves += ["offer"] if self.may_offer and self.submission.state in TRANSFERABLE else []
            moves += ["accept"] * 3 if self.submission.offered and not self.submission.why_not_accept() else []
            moves += ["look", "look"] if self.submission.state in LOOKED_AT else []
            if self.listing.state == "live":
                moves += ["ask", "ask", "ask", "save revision", "discard", "restore", "hear"]
            moves += ["approve together"] if self.submission.state == "in_review" else []
            moves += [] if self.open_item("answer") is None else ["answer"]
            items = self.edits_and_drifts()
            self.go_on(chance.choice(["hear", *moves, *["decide"] * 4 * len(items), *["assign"] * len(items)]), chance)

    def go_on(self, step: str, chance: Random) -> None:
        if step in ("ask", "save revision"):
            name, tagline = self.names.index(self.listing.edited[0]), TAGLINES.index(self.listing.edited[1])
            self.save_revision(self.editor, *chance.choice([(1 - name, tagline), (name, 1 - tagline)]), False)
            self.look()
            if step == "ask":
                self.submit_revision(self.editor, "Please look", False)
        elif step == "discard":
            self.discard_revision(self.editor, False)
        elif step == "restore":
            self.restore_revision(self.editor, chance.randrange(100), False)
        elif step == "save":
            self.save(self.publisher, "tagline", chance.randrange(2), False)
        elif step == "write":
            self.write(self.publisher)
        elif step == "offer":
            self.offer(self.publisher, False)
        elif step in ("accept", "decline", "cancel"):
            self.answer_offer(self.publisher if step == "cancel" else self.taker, step)
        elif step == "hear":
            self.everybody_hears()
        elif step in ("decide", *(f"decide {decision}" for decision in DECISIONS)):
            decisions = ["approve", *DECISIONS] if step == "decide" else [step.removeprefix("decide ")]
            self.decide_as_holder(chance.choice(self.edits_and_drifts()), chance.choice(decisions))
        elif step == "propose":
            number = next(each for each in self.open_items if self.submission.items[each].kind in REJECTED)
            self.decide(self.hold(number), number, "reject", comment="because", stale=False)
        elif step in ("confirm", "return"):
            number = next(each for each in self.open_items if self.submission.items[each].proposed)
            self.settle(self.hold(number), number, confirm=step == "confirm", comment="because", stale=False)
        elif step == "assign":
            self.assign_together("lea", self.all_items, chance.choice(REVIEWERS), False)
        elif step == "claim":
            self.claim("rita", self.open_items[0])
        elif step == "approve together":
            self.approve_together("rita", self.all_items, False, True)
        elif step in TOOLS or step == "look":
            self.look_by_hand(self.publisher, TOOLS.get(step) or chance.choice(EVERY_TOOLS))
        else:
            self.take(step)
        self.look()

    def others_try(self, chance: Random) -> None:
        """Somebody who may not at all, and somebody who may but not now."""
        moves = [move for move in moves_of("publisher") if move != "save"]
        outsiders = [who for who in PEOPLE if refused_as_publisher(who, self.submission.owner)]
        self.publisher_moves(chance.choice(outsiders), chance.choice(moves), "because", False)
        self.lead_moves(
            chance.choice([*REVIEWERS[:-1], *PUBLISHERS]), chance.choice(moves_of("lead")), "because", False
        )
        impossible = [move for move in moves if not self.submission.stated(move)]
        self.publisher_moves(self.publisher, chance.choice(impossible), "because", False)
        impossible = [move for move in moves_of("lead") if not self.submission.stated(move)]
        self.lead_moves("lea", chance.choice(impossible), "because", False)
        if self.open_items:
            self.approve_together(chance.choice(REVIEWERS), self.all_items, True, False)
            self.assign_together("rita", self.all_items, "ron", False)
        for number in self.open_items:
            if self.submission.items[number].proposed:
                self.try_to_settle(number)
        self.look()

    def take(self, move: str) -> None:
        row = self.submission.stated(move)
        if move == "answer" or row.who == "holder":
            self.decide_as_holder(self.open_item(move), move)
        elif row.who == "system":
            self.look_at_server("pass" if move == "pass_checks" else "block")
        else:
            self.move("lea" if row.who == "lead" else self.publisher, row.who, move, comment="because", stale=False)

    @property
    def all_items(self) -> list[int]:
        return list(range(len(self.item_ids)))

    @property
    def open_items(self) -> list[int]:
        return [number for number, item in enumerate(self.submission.items) if item.state == "open"]

    def edits_and_drifts(self) -> list[int]:
        """Open items that are decided without a move, by their numbers."""
        return [number for number in self.open_items if self.submission.items[number].kind in ("revision", "drift")]

    def open_item(self, decision: str) -> int | None:
        """The open item of the submission itself that is decided so, where somebody may, by its number."""
        kind = next(kind for kind, outcomes in OUTCOMES.items() if decision in outcomes)
        items = ((number, self.submission.items[number]) for number in self.open_items)
        return next((number for number, item in items if item.kind == kind and self.who_may_decide(item)), None)

    @rule()
    def time_passes(self) -> None:
        self.services.pass_time()
        self.submission.at += 1

    # The post

    @rule(many=st.integers(1, 4))
    def listings_hear(self, many: int) -> None:
        post = self.services.from_submissions
        for event in self.submission.told[post.carried :][:many]:
            post.carry()
            self.listing.heard(event)

    @rule(many=st.integers(1, 4))
    def submissions_hear(self, many: int) -> None:
        post = self.services.from_listings
        for event in self.listing.told[post.carried :][:many]:
            post.carry()
            self.submission.heard(event)

    @rule()
    def everybody_hears(self) -> None:
        while self.pending():
            self.listings_hear(100)
            self.submissions_hear(100)
        self.look()

    @rule(back=st.integers(1, 5))
    def the_post_comes_again(self, back: int) -> None:
        self.services.from_submissions.again(back)
        self.services.from_listings.again(back)

    # What holds after each step

    @invariant()
    def both_agree(self) -> None:
        if hasattr(self, "submission"):
            self.look()

    def look(self) -> None:
        """Looks again at what is done, unless nobody asked for anything since the last time."""
        if self.services.asked == self.looked_after:
            return
        agreement.submission(self)
        agreement.review_items(self)
        agreement.tools(self)
        agreement.listing(self)
        agreement.public(self)
        self.looked_after = self.services.asked

    def teardown(self) -> None:
        """In the end everybody hears everything, and the form says what is live."""
        if not hasattr(self, "submission"):
            return
        self.everybody_hears()
        if self.submission.state in ("published", "suspended", "delisted"):
            assert self.words_of_form() == self.listing.live

    def pending(self) -> bool:
        posts = (self.services.from_submissions, self.submission), (self.services.from_listings, self.listing)
        return any(post.carried < len(half.told) for post, half in posts)
