"""A gRPC server that reads reports as protobuf messages and does nothing with them: the limit of every collector that
does the same. `python -m benchmarks.bare_receiver TLS_DIR PORT`, ended by SIGTERM."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
from chassis.rpc.tls import server_credentials
from directory.metrics.v1.usage_collector_pb2 import ReportRequest, ReportResponse
from directory.metrics.v1.usage_collector_pb2_grpc import UsageCollectorServicer, add_UsageCollectorServicer_to_server


class Bare(UsageCollectorServicer):
    """Says how many events it saw."""

    def Report(self, request: ReportRequest, context: grpc.ServicerContext) -> ReportResponse:  # noqa: N802
        """As named in the proto."""
        return ReportResponse(accepted=len(request.events))


def main(tls_dir: str, port: str) -> None:
    """Serves until it is ended."""
    options = [("grpc.max_receive_message_length", 16 * 1024 * 1024)]
    server = grpc.server(ThreadPoolExecutor(24), options=options)
    add_UsageCollectorServicer_to_server(Bare(), server)
    server.add_secure_port(f"127.0.0.1:{port}", server_credentials(Path(tls_dir)))
    server.start()
    threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
