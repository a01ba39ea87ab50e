"""Characters that nobody sees, or that turn the direction of text: words with them read otherwise than they look."""

from __future__ import annotations

import unicodedata

# Controls, formats, private use, not assigned, halves of a pair.
_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cn", "Cs"})
# Formats that writing needs: Persian and scripts of India join and part letters with them, emoji are made with them.
JOINERS = frozenset("\u200c\u200d")


def has_invisible(text: str, *, allowed: str = "") -> bool:
    """Whether a character of `text` is of that kind; those in `allowed` are not counted."""
    return any(
        unicodedata.category(character) in _INVISIBLE and character not in JOINERS and character not in allowed
        for character in text
    )
