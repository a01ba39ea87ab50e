"""The way to the SMTP server, and which of its refusals are for good."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Final, Literal

_SECONDS: Final = 30.0


class RefusedForGoodError(Exception):
    """The server will never take this message (5xx)."""


class NotTakenError(Exception):
    """The message was not taken now; another time it may be."""


class SessionLostError(NotTakenError):
    """Nothing more can be sent in this session, if there was one."""


@dataclass(frozen=True)
class SmtpServer:
    """Where it is and how clients show who they are."""

    host: str
    port: int
    security: Literal["starttls", "tls", "plain"]
    username: str = ""
    password: str = field(default="", repr=False)

    @contextmanager
    def session(self) -> Iterator[smtplib.SMTP]:
        """A session, signed in. Raises SessionLostError where there is none to be had."""
        try:
            session = self._open()
        except (OSError, smtplib.SMTPException) as error:
            raise SessionLostError(f"no session with the SMTP server: {_words(error)}") from error
        try:
            yield session
        finally:
            try:
                session.quit()
            except (OSError, smtplib.SMTPException):
                session.close()

    def _open(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.security == "tls":
            session: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=_SECONDS, context=context)
        else:
            session = smtplib.SMTP(self.host, self.port, timeout=_SECONDS)
        try:
            if self.security == "starttls":
                session.starttls(context=context)
            if self.username:
                session.login(self.username, self.password)
        except BaseException:
            session.close()
            raise
        return session


def send(session: smtplib.SMTP, message: EmailMessage) -> None:
    """Hands a message over. Raises RefusedForGoodError, NotTakenError or SessionLostError."""
    try:
        session.send_message(message)
    except smtplib.SMTPNotSupportedError as error:
        raise RefusedForGoodError(_words(error)) from error
    except smtplib.SMTPRecipientsRefused as error:
        [(code, text)] = error.recipients.values()
        raise _refusal(code, text) from error
    except smtplib.SMTPResponseException as error:
        raise _refusal(error.smtp_code, error.smtp_error) from error
    except (OSError, smtplib.SMTPException) as error:
        raise SessionLostError(_words(error)) from error


def _refusal(code: int, text: bytes | str) -> Exception:
    said = f"{code} {text.decode('utf-8', 'replace') if isinstance(text, bytes) else text}"
    return RefusedForGoodError(said) if 500 <= code < 600 else NotTakenError(said)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
