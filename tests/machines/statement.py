"""What product.md says of the two machines, written down a second time: no line here comes from the services.

A new move of the lifecycle is a new row of LIFECYCLE and a step of ROUNDS: publishers' and lead reviewers' moves are
tried by everybody, through MoveSubmission; one that has a request of its own needs a line in `lifecycle_steps`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

# from | move | to | who | needs: the table of section 2. What a review item alone shows (claim, release) is not in it.
LIFECYCLE = """
draft not_approved approved | save            | draft             | publisher |
changes_requested           | save            | changes_requested | publisher |
draft                       | delete          | -                 | publisher | never published
draft changes_requested     | submit          | checking          | publisher | complete form
checking                    | pass_checks     | in_review         | system    |
checking                    | fail_checks     | changes_requested | system    |
in_review                   | request_changes | changes_requested | holder    | comment
in_review                   | reject          | not_approved      | holder    | comment, reason
in_review                   | approve         | approved          | holder    |
in_review checking          | withdraw        | withdrawn         | publisher |
approved                    | publish         | published         | publisher |
not_approved                | appeal          | not_approved      | publisher | comment, not appealed
not_approved                | uphold          | not_approved      | holder    | comment
not_approved                | overturn        | in_review         | holder    | comment
approved                    | revoke          | changes_requested | lead      | comment
published                   | deprecate       | published         | publisher | comment
published                   | undeprecate     | published         | publisher | deprecated
published                   | delist          | delisted          | publisher | comment
published                   | suspend         | suspended         | lead      | comment
suspended                   | reinstate       | published         | lead      |
delisted                    | relist          | checking          | publisher |
withdrawn                   | reopen          | draft             | publisher |
"""

# Section 4. `submit` of a changed revision replaces the one before it.
REVISIONS = {
    "pending": {"approve": "applied", "reject": "rejected", "request_changes": "changes_requested"},
}
OPEN_REVISION = ("editing", "pending", "changes_requested")

DECISIONS = ("approve", "request_changes", "reject")
# How items of each kind are decided.
OUTCOMES = {
    "submission": DECISIONS,
    "revision": DECISIONS,
    "drift": ("approve", "request_changes"),
    "appeal": ("uphold", "overturn"),
    "reply": ("answer",),
}
# Where publishers may ask for a look at their server. Daily ones are at what is published.
LOOKED_AT = ("published", "suspended")
# What may change hands, while no revision of it is with the reviewers.
TRANSFERABLE = ("published", "delisted")
# Messages of one side that go unanswered in a day, which is as many whole leases.
UNANSWERED, LEASES_A_DAY = 20, 46
# Told in thread and events although the state stays.
TOLD = ("deprecate", "undeprecate", "appeal", "uphold")


@dataclass(frozen=True)
class Row:
    source: str
    move: str
    target: str
    who: str
    needs: frozenset[str]

    @property
    def is_told(self) -> bool:
        return self.source != self.target or self.move in TOLD


def _rows() -> list[Row]:
    found = []
    for line in LIFECYCLE.strip().splitlines():
        sources, move, target, who, needs = (cell.strip() for cell in line.split("|"))
        wanted = frozenset(filter(None, (need.strip() for need in needs.split(","))))
        found += [Row(source, move, target, who, wanted) for source in sources.split()]
    return found


ROWS = _rows()


def possible_rows(state: str, unmet: set[str]) -> list[Row]:
    """Rows that lead on from a state where these needs are not met."""
    return [row for row in ROWS if row.source == state and not unmet & row.needs]


def moves_of(who: str) -> list[str]:
    """Every move of a capacity, whatever the state."""
    return list(dict.fromkeys(row.move for row in ROWS if row.who == who))


@dataclass(frozen=True)
class Tools:
    """What a server offers: two tools, whose words and promises may be others, and perhaps a third.

    `words`: plain, other, or steering, in which the checks find something.
    """

    words: str = "plain"
    archive: bool = False
    destructive: bool = True


EVERY_TOOLS = [
    Tools(words, archive, destructive)
    for words in ("plain", "other", "steering")
    for archive in (False, True)
    for destructive in (True, False)
]


def judge_of(approved: Tools | None, offered: Tools) -> str:
    """Who looks at the tools of a published server: nobody, a reviewer, or a lead reviewer.

    Words may change without a person, if the checks find nothing in them; so may be what nobody has seen yet. A promise
    of less danger is for a lead reviewer.
    """
    if approved is not None and approved.destructive and not offered.destructive:
        return "lead reviewer"
    if approved is not None and replace(approved, words=offered.words) != offered:
        return "reviewer"
    astray = offered.words == "steering" and (approved is None or approved.words != offered.words)
    return "reviewer" if astray else "nobody"
