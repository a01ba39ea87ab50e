"""What happens around every call on a server, before and after the method itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
from grpc_status import rpc_status
from prometheus_client import Histogram

from chassis import request_id
from chassis.errors import DirectoryError, PermissionDenied
from chassis.grants import Grant, GrantVerifier
from chassis.logs import get_logger
from chassis.rpc import caller, client, deadline
from chassis.rpc.status import internal, to_grpc
from chassis.rpc.tls import peer_name

ANY_PEER = "*"
_HEALTH_CHECK = "/grpc.health.v1.Health/Check"
# Open to every peer with a certificate: whether a service answers, and what it offers, is no secret among them.
_OPEN = ("/grpc.health.v1.Health/", "/grpc.reflection.v1alpha.ServerReflection/")

CALLS = Histogram(
    "grpc_server_handling_seconds",
    "How long calls took on the server, by method and outcome.",
    ["method", "code"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)

Behavior = Callable[[Any, grpc.ServicerContext], Any]


class CallInterceptor(grpc.ServerInterceptor):
    """Around every call with one answer: request id, time measured, errors as statuses, peer, grant, deadline."""

    def __init__(self, verifier: GrantVerifier, peers: Mapping[str, frozenset[str]]) -> None:
        self._verifier = verifier
        self._peers = peers

    def intercept_service(self, continuation: Callable[..., Any], details: Any) -> Any:
        """The handler of a call, wrapped. Methods whose answer streams are none of ours: they are not answered."""
        handler = continuation(details)
        if handler is None or details.method.startswith(_OPEN):
            return handler
        for kind in ("unary_unary", "stream_unary"):
            if inner := getattr(handler, kind):
                return handler._replace(**{kind: self._around(details.method, inner)})
        return None

    def _around(self, method: str, inner: Behavior) -> Behavior:
        def call(request: Any, context: grpc.ServicerContext) -> Any:
            metadata = {key: value for key, value in context.invocation_metadata() if isinstance(value, str)}
            started = time.perf_counter()
            status: Any = None
            with request_id.bind(metadata.get(request_id.METADATA_KEY, "")) as bound:
                try:
                    with self._admitted(method, context, metadata):
                        return inner(request, context)
                except DirectoryError as error:
                    get_logger().info("call refused", method=method, reason=error.reason, peer=peer_name(context))
                    status = to_grpc(error)
                except Exception:
                    get_logger().exception("call failed", method=method, peer=peer_name(context))
                    status = rpc_status.to_status(internal(bound))
                finally:
                    code = status.code if status else grpc.StatusCode.OK
                    CALLS.labels(method, code.name).observe(time.perf_counter() - started)
            return context.abort_with_status(status)

        return call

    @contextmanager
    def _admitted(self, method: str, context: grpc.ServicerContext, metadata: Mapping[str, str]) -> Iterator[None]:
        peer = peer_name(context)
        self._refuse_wrong_peer(method, peer)
        token = metadata.get(client.GRANT_KEY, "")
        grant: Grant | None = self._verifier.verify(token) if token else None
        with caller.bind(grant=grant, peer=peer), client.grant(token), deadline.bind(context.time_remaining()):
            yield

    def _refuse_wrong_peer(self, method: str, peer: str) -> None:
        name = method.removeprefix("/")
        allowed = self._peers.get(name, self._peers.get(name.rpartition("/")[0], frozenset()))
        if not peer or (peer not in allowed and ANY_PEER not in allowed):
            raise PermissionDenied("PEER_NOT_ALLOWED", "This service may not call this method.", peer=peer)


class HealthOnItsOwnThread(grpc.ServerInterceptor):
    """Health answers even when every worker is busy: otherwise a loaded server would be taken for a dead one."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="health")

    def intercept_service(self, continuation: Callable[..., Any], details: Any) -> Any:
        """The handler; that of the health check runs on a thread of its own."""
        handler = continuation(details)
        if handler is None or details.method != _HEALTH_CHECK:
            return handler

        def check(request: Any, context: grpc.ServicerContext) -> Any:
            return handler.unary_unary(request, context)

        check.experimental_thread_pool = self._thread  # type: ignore[attr-defined]
        return handler._replace(unary_unary=check)
