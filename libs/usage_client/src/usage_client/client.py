"""What a proxy calls."""

import atexit
import os
import re
import socket
import threading
import time
import weakref
from collections.abc import Mapping
from datetime import datetime, timedelta
from logging import ERROR
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from uuid import uuid4

from usage_client import events, trouble
from usage_client.accounts import AccountHashes
from usage_client.batcher import Batcher
from usage_client.broker import Broker
from usage_client.counts import Counts, UsageStats
from usage_client.events import Outcome, Row
from usage_client.line import Line
from usage_client.sender import Sender
from usage_client.spill import ProducerFolder, Room
from usage_client.trouble import warn

TOPIC: Final = "directory.usage.v1"
_LONGEST_HOST: Final = 31
_LEAST_SECONDS_TO_END: Final = 1.0
_MOST_SECONDS_BETWEEN_LOOKS: Final = 0.1


class UsageClient:
    """Records what happens at a proxy, and brings it to the directory in the background.

    Recording takes microseconds, is safe for threads, and raises for nothing but a wrong argument (InvalidEvent): what
    the broker does not take waits in memory for a second and then on disk. A forked process is a client of its own.

    Args:
        bootstrap_servers: `host:port`, several with commas between them.
        account_keys: the installation's ACCOUNT_KEYS, `HEX,YYYY-MM-DD:HEX,...`: accounts leave this process hashed.
        spill_folder: a folder on a local disk, made where there is none. Several processes may use the same one.
        kafka_settings: of kafka-python's KafkaProducer, for TLS and SASL.
        spill_bytes: how much may lie there for this process. New batches are dropped when it is full.
        durable: every batch is on disk before it is sent, so that kill -9 loses no more than the last 100 ms.
        topic: another one than the directory's, for tests.
    """

    def __init__(
        self,
        *,
        bootstrap_servers: str,
        account_keys: str,
        spill_folder: str | Path,
        kafka_settings: Mapping[str, object] | None = None,
        spill_bytes: int = 1024**3,
        durable: bool = False,
        topic: str = TOPIC,
    ) -> None:
        self._accounts = AccountHashes(account_keys)
        self._spill_folder = Path(spill_folder).absolute()
        self._spill_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(self._spill_folder, os.R_OK | os.W_OK | os.X_OK):
            raise PermissionError(f"spill_folder: {self._spill_folder} cannot be written")
        self._broker = Broker(bootstrap_servers, topic, kafka_settings or {})
        self._spill_bytes, self._durable = spill_bytes, durable
        self._closed = False
        self._begin()
        self._start()
        _clients.add(self)
        atexit.register(self.close)

    def tool_call(
        self,
        *,
        server_id: str,
        product: str,
        tool: str,
        account_id: str | None,
        outcome: Outcome,
        duration: float | timedelta,
        http_status: int = 0,
        error_type: str = "",
        at: datetime | None = None,
        synthetic: bool = False,
    ) -> None:
        """One `tools/call` request has ended. Raises InvalidEvent.

        Args:
            server_id: the server's UUID in the directory.
            product: key of the product that called, `claude_ai`.
            tool: its name, as the request said.
            account_id: who called, in the proxy's own words; None for nobody.
            outcome: `ok`; `tool_error`: a result with `isError`; `request_error`: JSON-RPC error, HTTP failure,
                timeout, broken connection; `auth_rejected`: HTTP 401 or 403.
            duration: in seconds, or as a timedelta.
            http_status: of the server's answer; 0 where there was none.
            error_type: `timeout`, a JSON-RPC code, an HTTP status, or another short word; for errors.
            at: when, with a time zone; now.
            synthetic: bots and tests, which count nowhere.
        """
        time_us = events.moment(at)
        self._record(
            (
                events.TOOL_CALL,
                time_us,
                events.server(server_id),
                events.product(product),
                events.name("tool", tool),
                self._accounts.of(account_id, time_us),
                events.outcome(outcome),
                events.name("error_type", error_type),
                events.status(http_status),
                events.microseconds(duration),
                bool(synthetic),
            )
        )

    def message(
        self, *, server_id: str, account_id: str | None, at: datetime | None = None, synthetic: bool = False
    ) -> None:
        """Any other MCP message than a tool call went through. Raises InvalidEvent."""
        self._record(self._without_call(events.MESSAGE, server_id, account_id, at, synthetic))

    def connector_removed(
        self, *, server_id: str, account_id: str, at: datetime | None = None, synthetic: bool = False
    ) -> None:
        """The account removed the connector. Raises InvalidEvent."""
        self._record(self._without_call(events.CONNECTOR_REMOVED, server_id, account_id, at, synthetic))

    def stats(self) -> UsageStats:
        """What became of the events so far."""
        return self._counts.snapshot(lambda: self._batcher.recorded, self._room.taken)

    def flush(self, timeout: float) -> bool:
        """Waits until the broker has acknowledged what this process recorded; whether it has within so many seconds."""
        self._batcher.seal()
        return self._line.wait_until_empty(timeout)

    def close(self, timeout: float = 5.0) -> None:
        """Sends what there is for so many seconds, leaves the rest on disk for the next run, and ends.

        What is recorded later is dropped, and counted as such.
        """
        with self._starting:
            if self._closed:
                return
            self._closed = True
            self._batcher.close()
        atexit.unregister(self.close)
        if not self._started:
            return
        deadline, dropped = time.monotonic() + timeout, self._counts.dropped
        self._batcher.stop(timeout)
        while not self._sender.is_troubled and not self._line.wait_until_empty(_MOST_SECONDS_BETWEEN_LOOKS):
            if time.monotonic() >= deadline:
                break
        self._sender.stop(max(_LEAST_SECONDS_TO_END, deadline - time.monotonic()))
        self._line.leave()
        self._folder.close()
        if lost := self._counts.dropped - dropped:
            warn("usage events are dropped at the end", self._folder.producer_id, lost, level=ERROR)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _record(self, row: Row) -> None:
        if not self._started:
            self._start()
        self._batcher.record(row)

    def _without_call(
        self, kind: int, server_id: str, account_id: str | None, at: datetime | None, synthetic: bool
    ) -> Row:
        time_us = events.moment(at)
        account = self._accounts.of(account_id, time_us)
        return (kind, time_us, events.server(server_id), "", "", account, 0, "", 0, 0, bool(synthetic))

    def _begin(self) -> None:
        """A run of its own: without threads and files yet, so that it may happen in a process that was just forked."""
        self._starting, self._started = threading.Lock(), False
        self._counts, self._room = Counts(), Room(self._spill_bytes)
        self._folder = ProducerFolder(self._spill_folder, _new_producer_id())
        self._line = Line(self._folder, self._room, self._counts)
        self._sender = Sender(self._broker, self._line, self._spill_folder, self._room, self._counts)
        self._batcher = Batcher(self._line, self._counts, self._sender.wake, durable=self._durable)
        if self._closed:  # in a child that was forked afterwards
            self._batcher.close()

    def _start(self) -> None:
        with self._starting:
            if not self._started and not self._closed:
                self._sender.start()
                self._batcher.start()
            self._started = True

    def _begin_in_child(self) -> None:
        self._sender.forget()
        self._folder.leave()
        self._begin()


_clients: "weakref.WeakSet[UsageClient]" = weakref.WeakSet()


def _begin_in_child() -> None:
    trouble.forget()
    for client in list(_clients):
        client._begin_in_child()


os.register_at_fork(after_in_child=_begin_in_child)


def _new_producer_id() -> str:
    host = re.sub(r"[^A-Za-z0-9-]+", "-", socket.gethostname()).strip("-")[:_LONGEST_HOST] or "host"
    return f"{host}-{uuid4().hex}"
