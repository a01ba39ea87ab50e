"""Channels to other services: mutual TLS, deadlines, request ids, grants, retries of reads, and a breaker.

Calls raise the kinds of `chassis.errors`, never `grpc.RpcError`.
"""

from __future__ import annotations

import random
import time
from collections import namedtuple
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import grpc

from chassis import request_id
from chassis.errors import Unavailable
from chassis.rpc import deadline
from chassis.rpc.breaker import Breaker
from chassis.rpc.renewal import RenewedChannel
from chassis.rpc.status import from_rpc_error
from chassis.rpc.tls import channel_credentials, stamps

DEFAULT_TIMEOUT_SECONDS = 5.0
READ_ATTEMPTS = 3
GRANT_KEY = "grant"
IDEMPOTENCY_KEY = "idempotency-key"
# Violations of a long form exceed gRPC's default of 8 KiB.
METADATA_OPTIONS = [("grpc.max_metadata_size", 128 * 1024), ("grpc.absolute_max_metadata_size", 256 * 1024)]

_READS = ("Get", "List", "BatchGet")
_UNANSWERED = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
_grant: ContextVar[str] = ContextVar("outgoing_grant", default="")
_idempotency_key: ContextVar[str] = ContextVar("outgoing_idempotency_key", default="")


@contextmanager
def grant(token: str) -> Iterator[None]:
    """Calls inside the block carry this grant. A server binds the incoming one: calls for a call carry it too."""
    bound = _grant.set(token)
    try:
        yield
    finally:
        _grant.reset(bound)


@contextmanager
def idempotency_key(key: str) -> Iterator[None]:
    """Writes inside the block carry this key and take effect once."""
    bound = _idempotency_key.set(key)
    try:
        yield
    finally:
        _idempotency_key.reset(bound)


def channel(address: str, service_name: str, tls_dir: Path) -> grpc.Channel:
    """A channel to a service at `host:port`, which must show the certificate of `service_name`. One a process."""
    options: list[tuple[str, Any]] = [
        ("grpc.ssl_target_name_override", service_name),
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.min_reconnect_backoff_ms", 2_000),  # what a connection may take, TLS included; no pause between two
        ("grpc.max_reconnect_backoff_ms", 1_000),
        ("grpc.keepalive_time_ms", 20_000),
        ("grpc.keepalive_timeout_ms", 5_000),
        ("grpc.max_receive_message_length", 16 * 1024 * 1024),
        *METADATA_OPTIONS,
    ]
    plain = RenewedChannel(
        lambda: grpc.secure_channel(address, channel_credentials(tls_dir), options=options), lambda: stamps(tls_dir)
    )
    return grpc.intercept_channel(plain, _CallInterceptor(service_name))


_CallDetails = namedtuple("_CallDetails", "method timeout metadata credentials wait_for_ready compression")


class _Details(_CallDetails, grpc.ClientCallDetails):
    pass


class _CallInterceptor(grpc.UnaryUnaryClientInterceptor):
    def __init__(self, service_name: str) -> None:
        self._service_name = service_name
        self._breaker = Breaker()

    def intercept_unary_unary(self, continuation: Callable[..., Any], details: Any, request: Any) -> Any:
        """1. Deadline and metadata. 2. Up to three attempts for reads. 3. What failed, as a kind of error."""
        timeout = deadline.call_timeout(details.timeout or DEFAULT_TIMEOUT_SECONDS)
        ends = time.monotonic() + timeout
        metadata = [*(details.metadata or ()), *_metadata()]
        attempts = READ_ATTEMPTS if _is_read(details.method) else 1
        for attempt in range(1, attempts + 1):
            call = self._attempt(continuation, details, request, metadata, ends)
            error = call.exception()
            if error is None:
                return call
            if not isinstance(error, grpc.RpcError):
                raise error
            if attempt == attempts or call.code() is not grpc.StatusCode.UNAVAILABLE or not _back_off(attempt, ends):
                raise from_rpc_error(error) from error
        raise AssertionError("unreachable")

    def _attempt(
        self, continuation: Callable[..., Any], details: Any, request: Any, metadata: list[Any], ends: float
    ) -> Any:
        if not self._breaker.admits():
            raise Unavailable(
                "SERVICE_UNAVAILABLE", "A part of the directory does not answer.", service=self._service_name
            )
        left = ends - time.monotonic()
        if left < deadline.LEAST_SECONDS:
            raise deadline.too_late()
        call = continuation(
            _Details(
                details.method,
                left,
                metadata,
                details.credentials,
                details.wait_for_ready,
                details.compression,
            ),
            request,
        )
        if call.exception() is not None and call.code() in _UNANSWERED:
            self._breaker.failed()
        else:
            self._breaker.succeeded()
        return call


def _metadata() -> Iterator[tuple[str, str]]:
    if bound := request_id.current():
        yield request_id.METADATA_KEY, bound
    if token := _grant.get():
        yield GRANT_KEY, token
    if key := _idempotency_key.get():
        yield IDEMPOTENCY_KEY, key


def _is_read(method: str | bytes) -> bool:
    text = method.decode() if isinstance(method, bytes) else method
    return text.rpartition("/")[2].startswith(_READS)


def _back_off(attempt: int, ends: float) -> bool:
    pause = 0.05 * 2**attempt * random.uniform(0.5, 1.0)  # noqa: S311  # jitter, no secret
    if time.monotonic() + pause + deadline.LEAST_SECONDS > ends:
        return False
    time.sleep(pause)
    return True
