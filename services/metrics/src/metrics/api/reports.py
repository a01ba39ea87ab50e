"""Reading a report, refusing what breaks its rules, and making of it the one record that the topic takes."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from chassis.errors import InvalidInput, Violation
from directory.metrics.v1.usage_collector_pb2 import ReportRequest
from google.protobuf.message import DecodeError

from metrics.domain.account_hash import AccountHashes
from metrics.domain.screening import Screened, screen
from metrics.domain.usage_columns import Names, UsageColumns
from metrics.domain.usage_events import columns_of
from metrics.domain.usage_wire import Accounts, Report, TooManyEvents, read_report
from metrics.domain.vocabulary import Vocabularies

MOST_EVENTS = 50_000
LONGEST_PRODUCER_ID = 64


@dataclass(frozen=True)
class Screening:
    """What stands between events as they come and columns as they are written."""

    accounts: AccountHashes
    now_us: Callable[[], int]
    # Held while a batch is read and screened: side by side, threads only take the interpreter from each other, which
    # costs a fifth more processor time.
    one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    def of(self, columns: UsageColumns, accounts: Accounts) -> Screened:
        """The events that count, their accounts hashed."""
        hashed = self.accounts.of(accounts.codes, accounts.ids, columns.time)
        # an id goes before the sender's own hash
        account = np.where(hashed, hashed, columns.account)
        return screen(Vocabularies().coded(replace(columns, account=account)), self.now_us())


def report_of(raw: bytes) -> Report:
    """The report of those bytes. Raises InvalidInput TOO_MANY, FIELDS_INVALID."""
    try:
        report = read_report(raw, MOST_EVENTS) or read_slowly(raw)
    except TooManyEvents as error:
        raise InvalidInput("TOO_MANY", f"Hand in at most {MOST_EVENTS} events.", limit=MOST_EVENTS) from error
    _check_number(report)
    return report


def read_slowly(raw: bytes) -> Report:
    """What the quick reader leaves: fields out of order or repeated, long texts, what is not protobuf at all."""
    try:
        request = ReportRequest.FromString(raw)
    except DecodeError as error:
        raise InvalidInput("FIELDS_INVALID", "The message is no ReportRequest.") from error
    if len(request.events) > MOST_EVENTS:
        raise TooManyEvents
    ids = Names.of([event.account_id for event in request.events])
    accounts = Accounts(ids.codes, [text.encode() for text in ids.values])
    return Report(request.producer_id, request.sequence, columns_of(request.events), accounts)


def _check_number(report: Report) -> None:
    producer_id = report.producer_id
    if not producer_id:
        return
    violations = []
    if len(producer_id) > LONGEST_PRODUCER_ID or not (producer_id.isascii() and producer_id.isprintable()):
        words = f"Use at most {LONGEST_PRODUCER_ID} printable ASCII characters."
        violations.append(Violation("/producer_id", "TOO_LONG", words))
    if not 0 < report.sequence < 2**63:
        violations.append(Violation("/sequence", "REQUIRED", "Number the batches from 1."))
    if violations:
        raise InvalidInput("FIELDS_INVALID", "The batch is not numbered as it should be.", violations=violations)
