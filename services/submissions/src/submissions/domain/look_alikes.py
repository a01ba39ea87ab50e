"""Slugs and display names that people would take for another organization's.

Two texts look alike when their skeletons are the same: that is the idea of Unicode Technical Standard 39, section 4.
The table below holds the letters of alphabets in everyday use that its confusables.txt
(https://www.unicode.org/Public/security/latest/confusables.txt) leads to a-z, and is wider where this directory is
stricter: case, accents, spaces and hyphens do not count, nor do digits that stand for letters inside a word.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from submissions.domain.checks import RESERVED_SLUGS, Finding, Grade
from submissions.domain.invisible import JOINERS

LONG = 8
"""From this many characters of a skeleton on, one that is added, left out or another makes no difference to the eye."""
_MOST_NAMED = 3

# The letters, and what each of them looks like.
_CYRILLIC = ("аеорсухѕіјԁԛԝһѵгькүѡҽ", "aeopcyxsijdqwhvrbkywe")
_CYRILLIC_CAPITALS = ("АВЕЗКМНОРСТХУЅЈҮԌ", "ABE3KMHOPCTXYSJYG")
_GREEK = ("αορνικυγτσϳ", "aopvikuytoj")
_GREEK_CAPITALS = ("ΑΒΕΖΗΚΜΝΟΡΤΥΧ", "ABEZHKMNOPTYX")
_ARMENIAN = ("օսհոզցռաՏ", "ouhnqgnwS")
_LATIN = ("ıɑɡɩɪʏɯʋɣᴏᴄᴜᴠᴡᴢꜱøđłħŧðþƒ", "iagiiywuyocuvwzsodlhtdpf")  # those that no decomposition leads to a-z
_SIGNS = ("|$@", "lsa")
_LETTERS = {
    ord(letter): seen
    for letters, as_seen in (_CYRILLIC, _CYRILLIC_CAPITALS, _GREEK, _GREEK_CAPITALS, _ARMENIAN, _LATIN, _SIGNS)
    for letter, seen in zip(letters, as_seen, strict=True)
}
# Seen as an i and as an l.
_CAPITAL_I = "IІΙӀӏ"
_DIGITS = "0134578"
_PAIRS = (("rn", "m"), ("vv", "w"))


class Kind(StrEnum):
    """What is compared; the values are part of what is stored."""

    SLUG = "s"
    NAME = "n"


class Likeness(StrEnum):
    """How alike two texts are."""

    SAME = "same"
    NEAR = "near"


@dataclass(frozen=True, slots=True)
class Named:
    """The slug and the display name of a submission."""

    slug: str
    display_name: str


def skeletons(text: str) -> frozenset[str]:
    """What of a text meets the eye. Two, because a capital I and the digit 1 are taken for an i and for an l."""
    decomposed = unicodedata.normalize("NFKD", text)
    return frozenset({_skeleton(decomposed, "i"), _skeleton(decomposed, "l")} - {""})


def likeness(one: str, other: str) -> Likeness | None:
    """How alike two slugs or two names are; None where nobody would take one for the other."""
    mine, theirs = skeletons(one), skeletons(other)
    if mine & theirs:
        return Likeness.SAME
    near = any(_one_apart(left, right) for left in mine for right in theirs)
    return Likeness.NEAR if near else None


def plain(text: str) -> str:
    """A name as it is spelled: case, spaces and punctuation make no difference, letters do."""
    composed = unicodedata.normalize("NFC", text).casefold()
    return "".join(
        character for character in composed if character.isalnum() or unicodedata.category(character)[0] == "M"
    )


def keys(named: Named) -> frozenset[str]:
    """What is stored of a published submission, so that an index finds those that are perhaps alike.

    Two long texts that are one character apart share one of the texts that leaving a character out of them makes.
    """
    return frozenset(key for kind, skeleton in _parts(named) for key in _stored(kind, skeleton))


def searched(named: Named) -> frozenset[str]:
    """The keys of which everything that is alike has at least one; what it has beside them is for `likeness`."""
    found = set(keys(named))
    for kind, skeleton in _parts(named):
        if len(skeleton) >= LONG - 1:
            found.add(_without(kind, skeleton))
        if len(skeleton) > LONG:
            found |= {_whole(kind, shorter) for shorter in _shorter(skeleton)}
    return frozenset(found)


def findings(named: Named, others: Iterable[Named]) -> Iterator[Finding]:
    """What the checks and the reviewers are told of a slug and a name, given those of other organizations."""
    others = list(others)
    if (kept := _reserved(named.slug)) is not None:
        text = (
            f"The slug {named.slug!r} looks like {kept!r}, which is kept for the directory itself. Choose another one."
        )
        yield Finding("SLUG_RESERVED", Grade.BLOCK, "/slug", text)
    yield from _alike("SLUG_LOOKS_LIKE", "/slug", "slug", named.slug, [(other.slug, other) for other in others])
    mine = plain(named.display_name)
    same = [other for other in others if mine and plain(other.display_name) == mine]
    names = [(other.display_name, other) for other in others if other not in same]
    yield from _same(named.display_name, same)
    yield from _alike("NAME_LOOKS_LIKE", "/listing/display_name", "display name", named.display_name, names)


def address_finding(published: str) -> Finding:
    """What is said where another live submission's server URL differs from one's own by a slash alone.

    `published` is its slug; empty where the public has never seen it.
    """
    whose = f"that of /directory/{published}" if published else "another submission's"
    text = (
        f"The server URL is {whose} but for a slash at the end, and most servers answer to both as one. Give your "
        "server an address of its own, or tell the reviewers why they are two."
    )
    return Finding("SERVER_URL_LOOKS_LIKE", Grade.WARN, "/server_url", text)


def _same(name: str, others: list[Named]) -> Iterator[Finding]:
    if others:
        cited = _listed([_cited(other.display_name, other) for other in others])
        text = (
            f"The display name {name!r} is also that of {cited} of another organisation. Tell the reviewers why "
            "both bear it, or choose one that tells them apart."
        )
        yield Finding("NAME_SHARED", Grade.WARN, "/listing/display_name", text)


def _alike(code: str, field: str, what: str, mine: str, others: list[tuple[str, Named]]) -> Iterator[Finding]:
    found: dict[Likeness, list[str]] = {Likeness.SAME: [], Likeness.NEAR: []}
    for theirs, other in others:
        if (how := likeness(mine, theirs)) is not None:
            found[how].append(_cited(theirs, other))
    if same := found[Likeness.SAME]:
        text = (
            f"The {what} {mine!r} looks like {_listed(same)} of another organisation, and people would take one for "
            "the other. Choose another one."
        )
        yield Finding(code, Grade.BLOCK, field, text)
    elif near := found[Likeness.NEAR]:
        text = (
            f"The {what} {mine!r} is one character away from {_listed(near)} of another organisation. Choose another "
            "one, or tell the reviewers why it is yours."
        )
        yield Finding(code, Grade.WARN, field, text)


def _cited(text: str, named: Named) -> str:
    return f"{text!r} (/directory/{named.slug})"


def _listed(named: list[str]) -> str:
    more = len(named) - _MOST_NAMED
    return ", ".join(named[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _reserved(slug: str) -> str | None:
    if slug in RESERVED_SLUGS:  # said already, as what it is
        return None
    mine = skeletons(slug)
    return next((word for word in sorted(RESERVED_SLUGS) if mine & _RESERVED[word]), None)


def _skeleton(decomposed: str, one: str) -> str:
    capitals = str.maketrans(_CAPITAL_I, one * len(_CAPITAL_I))
    letters = decomposed.translate(capitals).translate(_LETTERS).casefold().translate(_LETTERS)
    words = "".join(_kept(character) for character in letters).split()
    digits = str.maketrans(_DIGITS, f"o{one}eastb")
    joined = "".join(word if word.isdigit() else word.translate(digits) for word in words)
    for pair, letter in _PAIRS:
        joined = joined.replace(pair, letter)
    return joined


def _kept(character: str) -> str:
    # Accents; the vowels of other scripts are marks too, and stay. A joiner parts no words that the eye sees parted.
    if "\u0300" <= character <= "\u036f" or character in JOINERS:
        return ""
    return character if character.isalnum() or unicodedata.category(character).startswith("M") else " "


def _parts(named: Named) -> Iterator[tuple[Kind, str]]:
    for kind, text in ((Kind.SLUG, named.slug), (Kind.NAME, named.display_name)):
        for skeleton in skeletons(text):
            yield kind, skeleton


def _stored(kind: Kind, skeleton: str) -> Iterator[str]:
    yield _whole(kind, skeleton)
    if len(skeleton) >= LONG:
        for shorter in _shorter(skeleton):
            yield _without(kind, shorter)


def _whole(kind: Kind, skeleton: str) -> str:
    return f"{kind}={skeleton}"


def _without(kind: Kind, skeleton: str) -> str:
    return f"{kind}-{skeleton}"


def _shorter(skeleton: str) -> set[str]:
    """Every text that leaving one character out makes."""
    return {skeleton[:place] + skeleton[place + 1 :] for place in range(len(skeleton))}


def _one_apart(left: str, right: str) -> bool:
    short, long = sorted((left, right), key=len)
    if len(short) < LONG or len(long) - len(short) > 1:
        return False
    if len(short) == len(long):
        return sum(one != other for one, other in zip(short, long, strict=True)) == 1
    return short in _shorter(long)


_RESERVED = {word: skeletons(word) for word in RESERVED_SLUGS}
