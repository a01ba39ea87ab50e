"""Sends e-mails in line: several in one session, tried again with growing pauses, given up on 5xx."""

from __future__ import annotations

import smtplib
from datetime import timedelta
from functools import partial
from typing import Final

from chassis import clock
from chassis.logs import get_logger
from chassis.process import Stop, repeat
from chassis.sql.database import Database
from directory.authz.v1.recipients_service_pb2_grpc import RecipientsServiceStub
from prometheus_client import Counter

from notifications.domain import words
from notifications.domain.mails import RETRIES, Post, compose
from notifications.processes.addressing import wanting
from notifications.processes.smtp import NotTakenError, RefusedForGoodError, SessionLostError, SmtpServer, send
from notifications.store import mails
from notifications.store.mails import Mail
from notifications.store.secrets import SealingKeys

MAILS = Counter("mails_total", "E-mails, by what became of an attempt.", ["outcome"])
# There from the start: what appears when it is first counted has not increased.
for _outcome in ("sent", "put_off", "failed", "dropped"):
    MAILS.labels(_outcome)

_IN_ONE_SESSION: Final = 10
_LONGEST_SESSION: Final = mails.LEASE / 2  # the last e-mail needs time, too
_FRESH: Final = timedelta(minutes=5)  # since it was asked who wants it
_MOST_ERROR: Final = 500
_IDLE_SECONDS: Final = 1.0
_SECONDS_AFTER_TROUBLE: Final = 5.0


class MailSender:
    """`run` is a loop for process.run; any number of them may run."""

    def __init__(
        self,
        database: Database,
        recipients: RecipientsServiceStub,
        server: SmtpServer,
        post: Post,
        keys: SealingKeys,
        *,
        now: clock.Clock = clock.now,
    ) -> None:
        self._database = database
        self._recipients = recipients
        self._server = server
        self._post = post
        self._keys = keys
        self._now = now

    def run(self, stop: Stop) -> None:
        """Until told to stop; outages of the database and of authz are waited for."""
        step = partial(self.send_some, stop)
        repeat(stop, step, idle=_IDLE_SECONDS, waits="e-mails wait", after_trouble=_SECONDS_AFTER_TROUBLE)

    def send_some(self, stop: Stop) -> int:
        """Some e-mails that are due, in one session, until told to stop; how many were taken into hand."""
        began = self._now()
        taken = self._database.run(lambda uow: mails.take(uow, now=began, most=_IN_ONE_SESSION))
        if not taken:
            return 0
        left = [mail for mail in taken if self._is_wanted_still(mail)]
        if not left:
            return len(taken)
        try:
            with self._server.session() as session:
                # What is left, by a slow server say, is due again when the lease ends: nothing is sent twice at a time.
                while left and not stop.is_set() and self._now() - began < _LONGEST_SESSION:
                    self._send_one(session, left[0])
                    left.pop(0)
        except SessionLostError as error:
            # The session is of no use any more: what is left waits as if each had been tried.
            for mail in left:
                self._put_off(mail, str(error))
        return len(taken)

    def _is_wanted_still(self, mail: Mail) -> bool:
        """What waited may be for somebody who has left or wants no more by now: it is dropped. Raises Unavailable."""
        if self._now() - mail.in_line_since < _FRESH:
            return True
        with self._database.read() as connection:
            people = wanting(connection, self._recipients, mail.happening)
        if any(one.person_id == mail.recipient.person_id for one in people):
            return True
        self._give_up(mail, "no recipient any more", outcome="dropped")
        return False

    def _send_one(self, session: smtplib.SMTP, mail: Mail) -> None:
        """Raises SessionLostError."""
        happening, recipient = mail.happening, mail.recipient
        token = self._keys.unsubscribe_token(recipient.person_id, happening.organization_id, words.row(happening).topic)
        message = compose(
            self._post, recipient, happening, mail_id=mail.mail_id, unsubscribe_token=token, now=self._now()
        )
        try:
            send(session, message)
        except RefusedForGoodError as error:
            get_logger().warning("e-mail refused for good", mail_id=mail.mail_id)
            self._give_up(mail, str(error))
            return
        except SessionLostError:
            raise
        except NotTakenError as error:
            self._put_off(mail, str(error))
            return
        MAILS.labels("sent").inc()
        self._database.run(lambda uow: mails.sent(uow, mail, now=self._now()))

    def _put_off(self, mail: Mail, error: str) -> None:
        if mail.attempts >= len(RETRIES):
            self._give_up(mail, error)
            return
        now = self._now()
        following = now + RETRIES[mail.attempts]
        MAILS.labels("put_off").inc()
        self._database.run(
            lambda uow: mails.failed(uow, mail, error=error[:_MOST_ERROR], next_attempt_at=following, now=now)
        )

    def _give_up(self, mail: Mail, error: str, *, outcome: str = "failed") -> None:
        now = self._now()
        MAILS.labels(outcome).inc()
        self._database.run(
            lambda uow: mails.failed(uow, mail, error=error[:_MOST_ERROR], next_attempt_at=None, now=now)
        )
