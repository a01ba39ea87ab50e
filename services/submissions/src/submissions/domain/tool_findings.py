"""What is found in a server's tools. Names and descriptions are a stranger's words and are treated as such.

Sources: the directory's guidelines for tools (names of at most 64 characters, titles, safety hints, declared reads and
writes), the protocol's characters of names, and known ways of hiding instructions to the model in descriptions.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from submissions.domain.checks import Finding, Grade
from submissions.domain.invisible import has_invisible
from submissions.domain.probe_report import Tool

MAX_NAME = 64
MANY_TOOLS = 100
_NAMED = 5
_DATA_ACCESS = "/data_access"

_NAME = re.compile(r"[A-Za-z0-9_.-]*")
# Instructions that no description of a tool needs.
_INSTRUCTS = re.compile(
    r"(?is)\b(ignore|disregard|forget|override)\b.{0,40}\b(previous|prior|above|earlier|system)\b.{0,40}"
    r"\b(instructions?|prompts?|guidelines?)\b"
    r"|\b(ignore|disregard|forget)\b.{0,10}\b(all|your|any other)\b.{0,10}\binstructions?\b"
    r"|<\s*(?:/\s*)?(system|important|instructions?|secret|hidden|assistant|admin)\s*>"
    r"|\b(do not|don't|never|without)\b.{0,20}\b(tell(ing)?|inform(ing)?)\b.{0,15}\b(user|human)\b"
    r"|\b(do not|don't|never|without)\b.{0,20}\b(mention(ing)?|reveal(ing)?|disclos(e|ing))\b.{0,40}"
    r"\bto (the |any )?(user|human)s?\b"
    r"|\byou are now\b"
    r"|\b(send|pass|forward|attach|upload|include)\b.{0,40}\b(entire|whole|full)\b.{0,10}\b(conversation|chat|context)\b"
    r"|\b(send|pass|forward|attach|upload)\b.{0,60}(\bid_rsa\b|\.ssh/|\.env\b)"
)
# Words that push the tool before others: harmless in places, so a reviewer looks.
_STEERS = re.compile(
    r"(?is)\b(you )?(must|should) always (use|call|prefer|run|invoke)\b"
    r"|\balways (use|call|prefer|run|invoke) this (tool|server)\b"
    r"|\bbefore (using|calling|running) any other\b|\binstead of (any|all|every) other\b"
    r"|\b(never|do not|don't) (use|call) (any )?other (tools?|servers?)\b"
)
_LINES = "\n\r\t"


def tool_findings(tools: Sequence[Tool], *, complete: bool, data_access: str) -> list[Finding]:
    """Everything found in the tools; each finding names the first few tools that it is about."""
    return [
        *_list(tools, complete),
        *_names(tools),
        *_words(tools),
        *_hints(tools),
        *_declared(tools, data_access),
    ]


def word_findings(tools: Sequence[Tool]) -> list[Finding]:
    """What is found in the words of the tools alone: instructions to the model, steering, what nobody sees."""
    return list(_words(tools))


def _list(tools: Sequence[Tool], complete: bool) -> Iterator[Finding]:
    if not complete:
        text = (
            f"The list of tools is longer than clients take; {len(tools)} were looked at. Offer fewer tools, and "
            "shorten their descriptions and schemas."
        )
        yield Finding("TOOLS_LIST_TOO_LONG", Grade.BLOCK, "", text)
    elif not tools:
        text = "The server offers no tools. Tell the reviewer what people get from it."
        yield Finding("TOOLS_NONE", Grade.WARN, "", text)
    if len(tools) > MANY_TOOLS:
        text = (
            f"The server offers {len(tools)} tools; models choose badly among so many. Offer fewer, or several servers."
        )
        yield Finding("TOOLS_MANY", Grade.WARN, "", text)
    counted = Counter(tool.name for tool in tools)
    yield from _about(
        "TOOL_DUPLICATE",
        Grade.BLOCK,
        "More than one tool has this name: {tools}. Give each a name of its own.",
        (name for name, count in counted.items() if count > 1),
    )


def _names(tools: Sequence[Tool]) -> Iterator[Finding]:
    yield from _about(
        "TOOL_NAME_TOO_LONG",
        Grade.BLOCK,
        f"Names of tools may have {MAX_NAME} characters. Shorten {{tools}}.",
        (tool.name for tool in tools if len(tool.name) > MAX_NAME),
    )
    yield from _about(
        "TOOL_NAME_CHARACTERS",
        Grade.BLOCK,
        "Names of tools are made of letters, digits, _, - and . alone, and are not empty. Rename {tools}.",
        (tool.name for tool in tools if not tool.name or not _NAME.fullmatch(tool.name)),
    )
    yield from _about(
        "TOOL_TITLE_MISSING",
        Grade.WARN,
        "Tools need a title for people. Give one to {tools}.",
        (tool.name for tool in tools if not _title(tool)),
    )
    yield from _about(
        "TOOL_DESCRIPTION_MISSING",
        Grade.WARN,
        "Tools need a description, by which models choose them. Write one for {tools}.",
        (tool.name for tool in tools if not tool.description.strip()),
    )


def _words(tools: Sequence[Tool]) -> Iterator[Finding]:
    said = [(tool.name, list(_texts(tool))) for tool in tools]
    yield from _about(
        "TOOL_TEXT_INVISIBLE_CHARACTERS",
        Grade.BLOCK,
        "Names and descriptions contain characters that nobody sees. Write these tools' words again without them: "
        "{tools}.",
        (name for name, texts in said if any(has_invisible(text, allowed=_LINES) for text in texts)),
    )
    yield from _about(
        "TOOL_TEXT_INSTRUCTS_MODEL",
        Grade.BLOCK,
        "The words of a tool give the model instructions beyond its use. Describe only what it does: {tools}.",
        (name for name, texts in said if any(_INSTRUCTS.search(text) for text in texts)),
    )
    yield from _about(
        "TOOL_TEXT_STEERS_MODEL",
        Grade.WARN,
        "The words of a tool push it before others. Describe what it does and leave the choice to the model: {tools}.",
        (name for name, texts in said if any(_STEERS.search(text) for text in texts)),
    )


def _hints(tools: Sequence[Tool]) -> Iterator[Finding]:
    yield from _about(
        "TOOL_HINT_MISSING",
        Grade.BLOCK,
        "Each tool says whether it only reads or may destroy. Set readOnlyHint or destructiveHint on {tools}.",
        (tool.name for tool in tools if tool.hint("readOnlyHint") is None and tool.hint("destructiveHint") is None),
    )
    yield from _about(
        "TOOL_HINTS_CONTRADICT",
        Grade.WARN,
        "A tool that only reads destroys nothing. Correct readOnlyHint or destructiveHint of {tools}.",
        (tool.name for tool in tools if tool.hint("readOnlyHint") and tool.hint("destructiveHint")),
    )


def _declared(tools: Sequence[Tool], data_access: str) -> Iterator[Finding]:
    hinted = [
        tool for tool in tools if tool.hint("readOnlyHint") is not None or tool.hint("destructiveHint") is not None
    ]
    readers = [tool.name for tool in hinted if tool.hint("readOnlyHint")]
    writers = [tool.name for tool in hinted if not tool.hint("readOnlyHint")]
    if data_access == "read":
        yield from _about(
            "DATA_ACCESS_WRITES",
            Grade.BLOCK,
            "The form says that the server only reads, and by their hints these tools write: {tools}. Correct the form "
            "or the hints.",
            writers,
            field=_DATA_ACCESS,
        )
    elif data_access in ("write", "both") and hinted and not writers:
        text = (
            "The form says that the server writes, and by their hints all of its tools only read. Correct the form or "
            "the hints."
        )
        yield Finding("DATA_ACCESS_NO_WRITES", Grade.WARN, _DATA_ACCESS, text)
    if data_access == "write":
        yield from _about(
            "DATA_ACCESS_READS",
            Grade.WARN,
            "The form says that the server only writes, and by their hints these tools read: {tools}. Correct the form "
            "or the hints.",
            readers,
            field=_DATA_ACCESS,
        )


def _about(code: str, grade: Grade, text: str, names: Iterable[str], *, field: str = "") -> Iterator[Finding]:
    found = list(names)
    if found:
        shown = ", ".join(shown_name(name) for name in found[:_NAMED])
        more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        yield Finding(code, grade, field, text.replace("{tools}", shown + more))


def shown_name(name: str) -> str:
    """A tool's name for people: what cannot be seen is spelled out, what is too long is cut."""
    cut = name if len(name) <= MAX_NAME else name[:MAX_NAME] + "…"
    spelled = "".join(character if character.isprintable() else f"\\u{ord(character):04x}" for character in cut)
    return f"“{spelled}”"


def _title(tool: Tool) -> str:
    annotated = tool.annotations.get("title")
    return tool.title.strip() or (annotated.strip() if isinstance(annotated, str) else "")


def _texts(tool: Tool) -> Iterator[str]:
    yield from (tool.name, tool.title, tool.description)
    for value in (tool.annotations, tool.input_schema, tool.output_schema or {}):
        yield from _strings(value)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
