"""What templates can use: filters, words and the person who looks at the page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID
from zlib import crc32

from chassis import clock, ids
from chassis.errors import DirectoryError
from directory.authz.v1.organization_pb2 import Membership
from directory.submissions.v1 import submission_pb2 as submissions
from directory.submissions.v1.submission_pb2 import Move, ServerTool, ThreadEntry
from flask import Flask, g, render_template, url_for
from jinja2 import StrictUndefined
from markupsafe import Markup

from gateway.core import core
from gateway.web import field_errors, field_words, figures, form_steps, forms, markdown, review_words, words
from gateway.web.field_errors import NO_ERRORS

_TINTS: Final = 6


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at the page; memberships are empty when authz does not answer."""

    name: str
    email: str
    memberships: Sequence[Membership] = ()
    staff_role: int = 0
    invitations: Sequence[Membership] = ()


def register(app: Flask) -> None:
    """Filters, globals and the viewer for every template; a name that is not there is an error, never a blank."""
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    environment.trim_blocks = True
    environment.lstrip_blocks = True
    environment.filters.update(_FILTERS)
    environment.globals.update(_GLOBALS)
    app.context_processor(_viewer_of_request)


def page(template: str, **values: Any) -> str:
    """A page by its template; the frame's values have defaults, the organisation is that of the request."""
    membership: Membership | None = g.get("membership")
    frame: dict[str, Any] = {
        "organization": membership.organization if membership else None,
        "membership": membership,
        "section": "",
        "crumbs": (),
        "errors": NO_ERRORS,
    }
    return render_template(template, **(frame | values))


def settings_crumbs(organization_id: object, *more: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """The breadcrumb of the dashboard, which stands under Admin settings > Directory."""
    directory = url_for("dashboard.submissions", organization_id=organization_id)
    return (("Admin settings", ""), ("Directory", directory if more else ""), *more)


def icon_url(icon_id: str) -> str:
    """Address of an icon's PNG, for what reads no WebP."""
    return f"/api/v1/icons/{icon_id}/64.png"


def icon_webps(icon_id: str) -> str:
    """An icon's WebPs as a srcset: for plain screens and for those with twice the pixels."""
    return f"/api/v1/icons/{icon_id}/64.webp, /api/v1/icons/{icon_id}/128.webp 2x"


def move_word(number: int, from_state: int) -> words.MoveWord | None:
    """Words of a move's button."""
    return words.move(number, from_state)


def is_web_address(value: str) -> bool:
    """Whether a stranger's address may become a link."""
    try:
        return urlsplit(value).scheme in ("https", "http")
    except ValueError:
        return False


def breaking(address: str) -> Markup:
    """An address that breaks behind the slashes of its path, rather than within a word."""
    scheme, mark, rest = address.partition("://")
    return Markup.escape(scheme + mark) + Markup("/<wbr>").join(rest.split("/"))


def is_uuid(value: str) -> bool:
    """Whether a value can stand in a path of ours as an id."""
    try:
        return str(UUID(value)) == value.lower()
    except ValueError:
        return False


def thread_action(entry: ThreadEntry) -> str:
    """What an entry of the thread did, after its author's name."""
    if entry.move:
        return words.MOVES_IN_THREAD.get(entry.move, "changed it")
    if entry.kind == submissions.THREAD_ENTRY_KIND_DECISION:
        return "decided on the tools"
    return "reported findings" if entry.kind == submissions.THREAD_ENTRY_KIND_FINDINGS else "wrote"


def thread_tone(entry: ThreadEntry) -> str:
    """Tone of an entry's box: decisions take that of the state they led to."""
    decided = entry.kind in (submissions.THREAD_ENTRY_KIND_DECISION, submissions.THREAD_ENTRY_KIND_FINDINGS)
    return words.state(entry.state).tone if decided and entry.state else ""


def tool_hints(tool: ServerTool) -> str:
    """What a tool says of itself: that it only reads, that it may destroy, or nothing."""
    if not tool.HasField("read_only_hint") and not tool.HasField("destructive_hint"):
        return "does not say what it does to data"
    if tool.read_only_hint:
        return "only reads"
    return "writes" if tool.HasField("destructive_hint") and not tool.destructive_hint else "writes, may destroy"


def _author_role(entry: ThreadEntry) -> str:
    roles = {submissions.ACTOR_ROLE_PUBLISHER: "publisher", submissions.ACTOR_ROLE_REVIEWER: "reviewer"}
    return roles.get(entry.author_role, "system")


def _viewer_of_request() -> dict[str, Any]:
    settings = core().settings
    return {"viewer": viewer(), "support_address": settings.support_address, "public_url": settings.public_url}


def viewer() -> Viewer | None:
    """Who is signed in, None for a visitor; never raises, since pages about errors need it too."""
    access = core().access
    try:
        caller = access.caller_or_none()
    except DirectoryError:
        return None
    if caller is None:
        return None
    try:
        known = access.memberships()
    except DirectoryError:
        return Viewer(caller.name, caller.email)
    return Viewer(caller.name, caller.email, known.memberships, known.person.staff_role, known.invitations)


_FILTERS: Final = {
    "markdown": markdown.on_page,
    "moment": figures.moment,
    "absolute": figures.absolute,
    "relative": lambda at: figures.relative(at, clock.now()),
    "by_the_hour": lambda at: figures.by_the_hour(at, clock.now()),
    "waiting": lambda at: figures.duration((clock.now() - at).total_seconds()),
    "count": figures.count,
    "rate": figures.rate,
    "day": figures.day,
    "days": lambda number: figures.plural(number, "day"),
    "tint": lambda name: crc32(name.encode()) % _TINTS,
    "is_web_address": is_web_address,
    "breaking": breaking,
    "is_uuid": is_uuid,
    "input_id": field_words.input_id,
    "field_label": field_words.label,
    "field_lead": field_words.lead,
    "form_order": lambda problems: field_errors.in_order((each.field, each.message) for each in problems),
    "left_words": form_steps.left,
    "left_in_short": form_steps.left_in_short,
    "step_of": form_steps.step_of,
    "value_at": forms.value_at,
    "limits_of": forms.limits,
    "use_case_inputs": forms.use_case_inputs,
    "category": words.category,
    "reason": review_words.reason,
    "advice": review_words.advice,
    "span": figures.duration,
    "is_past": lambda at: at < clock.now(),
    "author_role": _author_role,
    "thread_action": thread_action,
    "thread_tone": thread_tone,
    "tool_hints": tool_hints,
}
_GLOBALS: Final[Mapping[str, Any]] = {
    "words": words,
    "review_words": review_words,
    "named": lambda known: [(number, word.label) for number, word in known.items()],
    "people": review_words.people,
    "field_words": field_words,
    "no_errors": NO_ERRORS,
    "new_key": ids.new_id,
    "icon_url": icon_url,
    "icon_webps": icon_webps,
    "all_categories": words.categories,
    "choices_of": lambda pointer: field_words.CHOICES[pointer],
    "finding_grade": lambda grade: words.FINDING_GRADES.get(grade, words.Word("Note", "quiet")),
    "move_word": move_word,
    "move_name": Move.Name,
}
