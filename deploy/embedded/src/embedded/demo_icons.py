"""Icons of the example servers: two initials on a coloured ground, drawn by lines, since icons may hold no text."""

import colorsys
import zlib

_EDGE = 256
# Letters on a ground of 4 x 6 units; C, D, G and the like are rounded by quadratic curves.
_LETTERS = {
    "A": "M0 6L2 0L4 6M.8 4H3.2",
    "B": "M0 0V6H2.4Q4 6 4 4.5T2.4 3H0M2.4 3Q3.7 3 3.7 1.5T2.4 0H0",
    "C": "M4 1.2Q3.4 0 2.1 0Q0 0 0 3T2.1 6Q3.4 6 4 4.8",
    "D": "M0 0V6H1.6Q4 6 4 3T1.6 0Z",
    "E": "M4 0H0V6H4M0 3H3.2",
    "F": "M4 0H0V6M0 3H3.2",
    "G": "M4 1.2Q3.4 0 2.1 0Q0 0 0 3T2.1 6Q4 6 4 3.4H2.4",
    "H": "M0 0V6M4 0V6M0 3H4",
    "I": "M2 0V6M.8 0H3.2M.8 6H3.2",
    "J": "M3.4 0V4.2Q3.4 6 1.8 6Q.6 6 0 5",
    "K": "M0 0V6M4 0L0 3.4M1.4 2.3L4 6",
    "L": "M0 0V6H3.8",
    "M": "M0 6V0L2 3.6L4 0V6",
    "N": "M0 6V0L4 6V0",
    "O": "M2 0Q0 0 0 3T2 6Q4 6 4 3T2 0Z",
    "P": "M0 6V0H2.4Q4 0 4 1.7T2.4 3.4H0",
    "Q": "M2 0Q0 0 0 3T2 6Q4 6 4 3T2 0ZM2.5 4.4L4 6.4",
    "R": "M0 6V0H2.4Q4 0 4 1.7T2.4 3.4H0M2.2 3.4L4 6",
    "S": "M3.8 1Q3.2 0 2 0Q.2 0 .2 1.5T2 3Q3.9 3 3.9 4.5T2 6Q.6 6 0 5",
    "T": "M0 0H4M2 0V6",
    "U": "M0 0V4Q0 6 2 6T4 4V0",
    "V": "M0 0L2 6L4 0",
    "W": "M0 0L1 6L2 2.4L3 6L4 0",
    "X": "M0 0L4 6M4 0L0 6",
    "Y": "M0 0L2 3L4 0M2 3V6",
    "Z": "M0 0H4L0 6H4",
}


def icon(name: str) -> bytes:
    """An SVG for a server of that name: the same name, the same picture."""
    letters = _initials(name)
    scale = 15 if len(letters) == 2 else 19
    width = len(letters) * 4 + (len(letters) - 1) * 1.6
    left, top = (_EDGE - width * scale) / 2, (_EDGE - 6 * scale) / 2
    strokes = "".join(
        f'<path d="{_LETTERS[letter]}" transform="translate({left + place * 5.6 * scale:g} {top:g}) scale({scale})"/>'
        for place, letter in enumerate(letters)
    )
    hue = zlib.crc32(name.encode()) % 360 / 360
    # Plain colours: a gradient doubles the time that the listings service needs to make its pictures.
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_EDGE} {_EDGE}">'
        f'<defs><clipPath id="ground"><rect width="{_EDGE}" height="{_EDGE}" rx="56"/></clipPath></defs>'
        f'<g clip-path="url(#ground)"><rect width="{_EDGE}" height="{_EDGE}" fill="{_hex(hue, 0.36)}"/>'
        f'<circle cx="210" cy="30" r="150" fill="{_hex((hue + 0.05) % 1, 0.42)}"/></g>'
        '<g fill="none" stroke="#fff" stroke-width="0.8" stroke-linecap="round" stroke-linejoin="round">'
        f"{strokes}</g></svg>"
    ).encode()


def _initials(name: str) -> str:
    words = ["".join(c for c in word.upper() if c in _LETTERS) for word in name.replace(".", " ").split()]
    return "".join(word[0] for word in words if word)[:2] or "X"


def _hex(hue: float, lightness: float) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in colorsys.hls_to_rgb(hue, lightness, 0.55))
