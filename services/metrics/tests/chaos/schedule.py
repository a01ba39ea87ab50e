"""What happens in a round, decided by its seed alone."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from .moments import ANSWER, COMMIT, LETTERS, OF_A_COMPUTATION, OF_A_FLUSH

WORKERS = ("one", "two")
BURSTS = 6

# How often each thing happens. What takes long (a broker needs 8 s to come back) happens seldom.
_WEIGHTS = {
    "kill": 20,
    "freeze": 16,
    "cut database": 12,
    "lose answer": 10,
    "crossroads": 10,
    "compute": 10,
    "cut broker": 6,
    "kill backend": 6,
    "kill postgres": 5,
    "terminate": 4,
    "hold": 4,
    "make topic anew": 4,
    "kill broker": 2,
    "freeze until forgotten": 1,
}
KINDS = tuple(_WEIGHTS)
_MOMENTS = {
    "kill": ("", *OF_A_FLUSH, COMMIT, ANSWER),
    "freeze": ("", *OF_A_FLUSH),
    "cut database": ("", *OF_A_FLUSH, COMMIT),
    "lose answer": (ANSWER,),
    "compute": OF_A_COMPUTATION,
    "kill backend": OF_A_FLUSH,
    "kill postgres": ("", *OF_A_FLUSH),
    "hold": OF_A_FLUSH[:-1],
}
_OFTEN = ("copy", "fenced", "claim", "commit", "answer")


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong. Without a moment, after `wait` seconds."""

    kind: str
    door: str
    moment: str = ""
    nth: int = 1
    wait: float = 0.0
    hold: float = 0.0

    def __str__(self) -> str:
        when = f"at {self.moment} {self.nth}" if self.moment else f"after {self.wait:.2f} s"
        return f"{self.kind} {self.door} {when} for {self.hold:.2f} s"


@dataclass(frozen=True)
class Schedule:
    """A round."""

    seed: int
    faults: Sequence[Fault]
    poison: int
    flood: bool
    reports: int
    pace: float

    def __str__(self) -> str:
        also = f"{self.poison} poison" + ", a flood" * self.flood + f", {self.reports} reports" * bool(self.reports)
        return f"seed {self.seed}: " + "; ".join(map(str, self.faults)) + f" ({also})"


def schedule_of(seed: int, kinds: Sequence[str] = KINDS) -> Schedule:
    """The same for the same seed; of `kinds` alone, for looking into one of them."""
    chance = random.Random(f"schedule {seed}")
    weights = [_WEIGHTS[kind] for kind in kinds]
    faults = [_fault(chance, chance.choices(kinds, weights)[0]) for _ in range(chance.choice([1, 2, 2, 3]))]
    return Schedule(
        seed,
        faults,
        poison=8 if any(fault.moment == LETTERS for fault in faults) else chance.choice([0, 0, 3, 8]),
        flood=chance.random() < 0.12,
        reports=chance.choice([0, 0, 0, 0, 6]),
        pace=chance.choice([0.05, 0.15, 0.3]),
    )


def _fault(chance: random.Random, kind: str) -> Fault:
    moment = chance.choice(_MOMENTS.get(kind, ("",)))
    return Fault(
        kind,
        chance.choice(WORKERS),
        moment,
        nth=chance.choice([1, 2, 3]) if moment in _OFTEN else 1,
        wait=chance.random() * 0.6,
        hold=chance.choice([0.1, 0.4, 1.0]),
    )
