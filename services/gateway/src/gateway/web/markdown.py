"""Markdown of publishers and reviewers as safe HTML."""

from typing import Final

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_TAGS: Final = {
    "a", "blockquote", "br", "code", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES: Final = {"a": {"href", "title"}, "ol": {"start"}}
_SCHEMES: Final = {"https", "http", "mailto"}

# Pages have their own h1 and h2, so that headings of a text start below them.
_LOWERED: Final = {"h1": "h3", "h2": "h4", "h3": "h5", "h4": "h6", "h5": "h6"}

# Neither raw HTML nor images: an image of another host would tell it who reads the page.
_parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def render(text: str) -> Markup:
    """HTML of a Markdown text: no raw HTML, no images, links in three schemes and marked nofollow."""
    tokens = _parser.parse(text)
    for token in tokens:
        token.tag = _LOWERED.get(token.tag, token.tag)
    html = _parser.renderer.render(tokens, _parser.options, {})
    clean = nh3.clean(
        html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="nofollow noopener noreferrer"
    )
    return Markup(clean)  # noqa: S704 — nh3 has just sanitised it
