"""The gRPC server of a service: wiring, health, reflection, graceful stop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from chassis.grants import GrantVerifier
from chassis.logs import get_logger
from chassis.process import Stop
from chassis.rpc.client import METADATA_OPTIONS
from chassis.rpc.interception import CallInterceptor, HealthOnItsOwnThread
from chassis.rpc.tls import server_credentials
from chassis.setting_types import listening

WORKERS = 8
MOST_CALLS_AT_ONCE = 256
SECONDS_TO_FINISH = 10.0

ServicePart = tuple[Callable[[Any, grpc.Server], None], Any, Any]
"""The generated `add_XServicer_to_server`, the servicer, and `x_pb2.DESCRIPTOR.services_by_name["X"]`."""


class RpcSettings(Protocol):
    """The part of the settings that a server depends on."""

    @property
    def grpc_listen(self) -> str:
        """host:port."""

    @property
    def tls_dir(self) -> Path:
        """Folder with ca.pem, cert.pem, key.pem."""


class RpcServer:
    """A server that is bound to its port and waits for `serve`."""

    def __init__(self, server: grpc.Server, port: int, health_servicer: Any, names: Sequence[str]) -> None:
        self.port = port
        self.is_serving = False
        self._server = server
        self._health = health_servicer
        self._names = ("", *names)

    def serve(self, stop: Stop) -> None:
        """Answer calls until told to stop: health says so first, then calls in hand may finish."""
        self._server.start()
        self._say(health_pb2.HealthCheckResponse.SERVING)
        self.is_serving = True
        get_logger().info("gRPC server listens", port=self.port)
        stop.wait(None)
        self.is_serving = False
        self._health.enter_graceful_shutdown()
        self._server.stop(SECONDS_TO_FINISH).wait()

    def _say(self, status: Any) -> None:
        for name in self._names:
            self._health.set(name, status)


def build_server(
    settings: RpcSettings,
    services: Sequence[ServicePart],
    *,
    verifier: GrantVerifier,
    peers: Mapping[str, frozenset[str]],
    workers: int = WORKERS,
) -> RpcServer:
    """A server with mutual TLS whose calls are open to the listed peers alone.

    `peers` maps a service (`directory.x.v1.XService`) or one method of it (`directory.x.v1.XService/GetX`, which goes
    before the service) to the names of the peers that may call it; `*` stands for every peer with a certificate. What
    is not listed is refused for everybody. Raises ValueError for a name that no service has.
    """
    _refuse_unknown_names(peers, [descriptor for _, _, descriptor in services])
    server = grpc.server(
        ThreadPoolExecutor(workers, thread_name_prefix="rpc"),
        interceptors=[HealthOnItsOwnThread(), CallInterceptor(verifier, peers)],
        options=_options(),
        maximum_concurrent_rpcs=MOST_CALLS_AT_ONCE,
    )
    for add, servicer, _ in services:
        add(servicer, server)
    names = [descriptor.full_name for _, _, descriptor in services]
    health_servicer = health.HealthServicer()
    health_servicer.set("", health_pb2.HealthCheckResponse.NOT_SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(health_servicer, server)
    reflection.enable_server_reflection([*names, health.SERVICE_NAME, reflection.SERVICE_NAME], server)
    credentials = server_credentials(settings.tls_dir)
    with listening("GRPC_LISTEN", settings.grpc_listen):
        port = server.add_secure_port(settings.grpc_listen, credentials)
    return RpcServer(server, port, health_servicer, names)


def _options() -> list[tuple[str, Any]]:
    return [
        # Two processes on one port are a mistake to notice, not to balance.
        ("grpc.so_reuseport", 0),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", 5_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.max_receive_message_length", 16 * 1024 * 1024),
        *METADATA_OPTIONS,
    ]


def _refuse_unknown_names(peers: Mapping[str, frozenset[str]], descriptors: Sequence[Any]) -> None:
    known = {descriptor.full_name for descriptor in descriptors}
    known |= {f"{descriptor.full_name}/{method.name}" for descriptor in descriptors for method in descriptor.methods}
    if unknown := sorted(set(peers) - known):
        raise ValueError(f"peers names what no service has: {', '.join(unknown)}")
