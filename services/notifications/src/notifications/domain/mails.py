"""E-mails: plain text and simple HTML of one happening, with the headers that group and stop them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from html import escape
from typing import Any, Final

from notifications.domain.happenings import WEBHOOK_DISABLED, Happening
from notifications.domain.words import summary

RETRIES: Final = tuple(timedelta(seconds=seconds) for seconds in (60, 300, 900, 3600, 10_800, 21_600, 43_200, 86_400))
"""Pauses after the first failed attempt, the second, and so on: 1 min to 24 h, two days together."""
_MOST_QUOTED: Final = 2_000


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom an e-mail goes to, and for which organisation."""

    person_id: str
    address: str
    organization_name: str


@dataclass(frozen=True, slots=True)
class Post:
    """What every e-mail of the installation shares: the sender's address and where links lead."""

    sender: str
    public_url: str

    @property
    def domain(self) -> str:
        """Of ids of messages."""
        return parseaddr(self.sender)[1].rpartition("@")[2]


class _Policy(EmailPolicy):
    """Addresses and ids in angle brackets stay whole: the library makes encoded words of long ones, without meaning
    there (RFC 2047, 5), so that mail programs would offer no unsubscribing."""

    _WHOLE = frozenset({"message-id", "in-reply-to", "references", "list-unsubscribe"})

    def fold(self, name: str, value: Any) -> str:
        if name.lower() in self._WHOLE:
            return f"{name}: {value}{self.linesep}"
        folded: str = super().fold(name, value)
        return folded

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name.lower() in self._WHOLE:
            return self.fold(name, value).encode()
        folded: bytes = super().fold_binary(name, value)
        return folded


def compose(
    post: Post, recipient: Recipient, happening: Happening, *, mail_id: str, unsubscribe_token: str, now: datetime
) -> EmailMessage:
    """The message. E-mails about one submission refer to the same thread; `mail_id` makes retries the same message."""
    said = summary(happening)
    unsubscribe = f"{post.public_url}/unsubscribe/{unsubscribe_token}"
    message = EmailMessage(policy=_Policy())
    message["Subject"] = said
    message["From"] = post.sender
    message["To"] = recipient.address
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{mail_id}@{post.domain}>"
    if happening.submission_id:
        thread = f"<submission.{happening.submission_id}@{post.domain}>"
        message["In-Reply-To"] = thread
        message["References"] = thread
    message["List-Unsubscribe"] = f"<{unsubscribe}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_text(post, recipient, happening, said, unsubscribe))
    message.add_alternative(_html(post, recipient, happening, said, unsubscribe), subtype="html")
    return message


def link(post: Post, happening: Happening) -> str:
    """The page on which the reader can act."""
    place = f"{post.public_url}/organizations/{happening.organization_id}"
    if happening.type == WEBHOOK_DISABLED:
        return f"{place}/webhooks"
    if not happening.submission_id:  # an offer, to whoever does not own the server
        return f"{place}/directory/transfers"
    return f"{place}/directory/submissions/{happening.submission_id}"


def _text(post: Post, recipient: Recipient, happening: Happening, said: str, unsubscribe: str) -> str:
    reason = _reason(happening)
    quoted = [f"> {line}" for line in _comment(happening).splitlines()]
    return "\n".join(
        (
            f"{said}.",
            "",
            *([reason, ""] if reason else ()),
            *([*quoted, ""] if quoted else ()),
            f"See it: {link(post, happening)}",
            "",
            f"You get this because you manage the directory for {recipient.organization_name}.",
            f"Choose what you get: {_preferences(post, happening)}",
            f"No more e-mails about this: {unsubscribe}",
            "",
        )
    )


def _html(post: Post, recipient: Recipient, happening: Happening, said: str, unsubscribe: str) -> str:
    reason = escape(_reason(happening))
    explained = f"<p>{reason}</p>" if reason else ""
    comment = escape(_comment(happening)).replace("\n", "<br>")
    quoted = f"<blockquote>{comment}</blockquote>" if comment else ""
    return (
        '<!doctype html><html lang="en"><body>'
        f"<p>{escape(said)}.</p>{explained}{quoted}"
        f'<p><a href="{escape(link(post, happening))}">See it in the directory</a></p>'
        f"<p><small>You get this because you manage the directory for {escape(recipient.organization_name)}. "
        f'<a href="{escape(_preferences(post, happening))}">Choose what you get</a> or '
        f'<a href="{escape(unsubscribe)}">stop e-mails about this</a>.</small></p></body></html>'
    )


def _preferences(post: Post, happening: Happening) -> str:
    return f"{post.public_url}/organizations/{happening.organization_id}/notifications"


def _reason(happening: Happening) -> str:
    reason = happening.reason
    return f"Reason: {reason.label}. {reason.advice}" if reason else ""


def _comment(happening: Happening) -> str:
    comment = happening.comment.strip()
    return comment if len(comment) <= _MOST_QUOTED else f"{comment[:_MOST_QUOTED]}…"
