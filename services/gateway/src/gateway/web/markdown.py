"""Markdown of publishers and reviewers as safe HTML."""

from collections.abc import Sequence
from typing import Final

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

_TAGS: Final = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES: Final = {"a": {"href", "title"}, "ol": {"start"}}
_SCHEMES: Final = {"https", "http", "mailto"}

# Neither raw HTML nor images: an image of another host would tell it who reads the page.
_parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def render(text: str, *, start: int = 3) -> Markup:
    """HTML of a Markdown text: no raw HTML, no images, links in three schemes and marked nofollow.

    `start` is the level of the text's highest heading; lower ones follow without a gap, whatever the text skips.
    """
    tokens = _parser.parse(text)
    _set_levels(tokens, start)
    html = _parser.renderer.render(tokens, _parser.options, {})
    clean = nh3.clean(
        html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="nofollow noopener noreferrer"
    )
    return Markup(clean)  # noqa: S704 — nh3 has just sanitised it


def _set_levels(tokens: Sequence[Token], start: int) -> None:
    above: list[int] = []
    for token in tokens:
        if token.type == "heading_open":
            own = int(token.tag[1:])
            above = [level for level in above if level < own] + [own]
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(start + len(above) - 1, 6)}"
