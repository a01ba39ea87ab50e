"""Markdown of publishers and reviewers as safe HTML, and no more of it than a page can bear."""

from collections.abc import Sequence
from typing import Final

import nh3
from flask import g
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, table
from markdown_it.token import Token
from markupsafe import Markup

_TAGS: Final = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES: Final = {"a": {"href", "title"}, "ol": {"start"}}
_SCHEMES: Final = {"https", "http", "mailto"}

# A stranger chooses the text. Its tables are filled up to whole rows and links repeat their address, so that 5,000
# characters can become a megabyte and take seconds.
_CELLS: Final = 1_000
_HTML_CHARACTERS: Final = 65_536
# A page has many texts, and even plain ones take milliseconds each.
_PAGE_CHARACTERS: Final = 100_000
_HTML_PER_CHARACTER: Final = 10


def on_page(text: str, *, start: int = 3) -> Markup:
    """`render`, while the page in hand has room for it; beyond that the text as it was written."""
    left: int = g.get("markdown_left", _PAGE_CHARACTERS)
    if len(text) > left:
        return _as_written(text)
    html = render(text, start=start)
    g.markdown_left = left - max(len(text), len(html) // _HTML_PER_CHARACTER)
    return html


def render(text: str, *, start: int = 3) -> Markup:
    """HTML of a Markdown text: no raw HTML, no images, links in three schemes and marked nofollow.

    `start` is the level of the text's highest heading; lower ones follow without a gap, whatever the text skips. Tables
    beyond 1,000 cells, and a text whose HTML is beyond 65,536 characters, stay as they were written.
    """
    tokens = _parser.parse(text, {})
    _set_levels(tokens, start)
    html = _parser.renderer.render(tokens, _parser.options, {})
    if len(html) > _HTML_CHARACTERS:
        return _as_written(text)
    clean = nh3.clean(
        html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="nofollow noopener noreferrer"
    )
    return Markup(clean)  # noqa: S704 — nh3 has just sanitised it


def _as_written(text: str) -> Markup:
    return Markup('<p class="as-written">{}</p>').format(text)


def _small_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if not table(state, start, end, True):
        return False
    if silent:
        return True
    # In each line a cell for each pipe of the first at most, and one more.
    columns = state.src.count("|", state.bMarks[start], state.eMarks[start]) + 1
    cells = state.env.get("cells", 0) + columns * (_end_of_table(state, start, end) - start)
    if cells > _CELLS:
        return False
    state.env["cells"] = cells
    return table(state, start, end, False)


def _end_of_table(state: StateBlock, start: int, end: int) -> int:
    """The line behind the last one that the table can have."""
    lines = range(start, end)
    return next((line for line in lines if state.isEmpty(line) or state.sCount[line] < state.blkIndent), end)


# Neither raw HTML nor images: an image of another host would tell it who reads the page.
_parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
_parser.block.ruler.at("table", _small_table, {"alt": ["paragraph", "reference"]})


def _set_levels(tokens: Sequence[Token], start: int) -> None:
    above: list[int] = []
    for token in tokens:
        if token.type == "heading_open":
            own = int(token.tag[1:])
            above = [level for level in above if level < own] + [own]
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(start + len(above) - 1, 6)}"
