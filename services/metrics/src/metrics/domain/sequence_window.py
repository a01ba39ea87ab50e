"""Which batches of a producer were counted already (the anti-replay window of RFC 4303, appendix A2)."""

from dataclasses import dataclass

REACH = 63


@dataclass(frozen=True)
class SequenceWindow:
    """The highest sequence seen, and a map of the ones just below: bit k stands for `highest - k`.

    A mark alone would lose a batch that is sent again after a later one got through; one that is more than 62 below the
    highest is left out, seen or not.
    """

    highest: int = 0
    seen: int = 0

    def is_behind(self, sequence: int) -> bool:
        """Whether a number is so far below the highest that nothing tells whether its batch was counted."""
        return self.highest - sequence >= REACH

    def has(self, sequence: int) -> bool:
        """Whether a batch of that number was counted, or is too old to tell."""
        below = self.highest - sequence
        return self.is_behind(sequence) or (below >= 0 and bool(self.seen >> below & 1))

    def with_sequence(self, sequence: int) -> "SequenceWindow":
        """The window after counting that batch."""
        ahead = sequence - self.highest
        mask = (1 << REACH) - 1
        if ahead > 0:
            return SequenceWindow(sequence, ((self.seen << ahead) & mask if ahead < REACH else 0) | 1)
        return SequenceWindow(self.highest, self.seen | 1 << -ahead)
