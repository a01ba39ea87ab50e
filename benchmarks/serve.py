"""Reading snapshots over gRPC: p50, p99 and p99.9 of `metrics serve` as it runs in production (mutual TLS, a grant with
every call), at a constant rate, beside two limits measured in the same run: the same server with a handler that does
nothing, and the bare row read by SQL.

Latency counts from the moment when a request should have left, so that a server that stalls cannot hide it."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import grpc
import psycopg
from chassis.grants import Grant, GrantSigner, GrantVerifier
from chassis.process import Stop
from chassis.rpc.server import build_server
from chassis.rpc.tls import channel_credentials
from directory.metrics.v1 import metrics_service_pb2 as pb
from directory.metrics.v1 import ranking_service_pb2
from directory.metrics.v1.metrics_service_pb2_grpc import (
    MetricsServiceStub,
    add_MetricsServiceServicer_to_server,
)
from directory.metrics.v1.ranking_service_pb2_grpc import RankingServiceStub
from embedded import ports
from embedded.certificates import make_certificates
from embedded.keys import make_grant_keys

from benchmarks import snapshot_rows
from benchmarks.constant_rate import Latencies, blocking, row, run
from benchmarks.measuring import processor_time, report
from benchmarks.servers import fresh_database, servers

SERVERS_EACH = 50
DAYS, WITH_HISTORY = 400, 1_000
SERVICE = pb.DESCRIPTOR.services_by_name["MetricsService"]


class Nothing:
    """Answers of the usual size, made beforehand."""

    def __init__(self) -> None:
        self._answer = pb.GetServerMetricsResponse(metrics=snapshot_rows.figures("0" * 36, date(2026, 1, 1), 1))

    def GetServerMetrics(self, *_: object) -> pb.GetServerMetricsResponse:  # noqa: N802  # as in the contract
        """Always the same."""
        return self._answer

    BatchGetServerSummaries = GetServerHistory = GetServerMetrics


class Load:
    """Requests for the servers of a directory, each with its organisation's grant."""

    def __init__(self, found: snapshot_rows.Directory, signer: GrantSigner, folder: Path) -> None:
        self._owned = found.owned
        self._organizations = found.organizations
        self._grants = {each: (("grant", signer.sign(_grant(each))),) for each in found.organizations}
        self._credentials = channel_credentials(folder / "gateway")

    def channel(self, port: int) -> grpc.Channel:
        """To a server on this machine."""
        options = [("grpc.ssl_target_name_override", "metrics"), ("grpc.use_local_subchannel_pool", 1)]
        made = grpc.secure_channel(f"127.0.0.1:{port}", self._credentials, options=options)
        grpc.channel_ready_future(made).result(60)
        return made

    def metrics(self, channel: grpc.Channel) -> Callable[[int], Any]:
        """GetServerMetrics of one server after the other, in an order that jumps."""
        call = MetricsServiceStub(channel).GetServerMetrics

        def send(number: int) -> Any:
            organization, server = self._owned[number * 7919 % len(self._owned)]
            return call.future(pb.GetServerMetricsRequest(server_id=server), metadata=self._grants[organization])

        return send

    def summaries(self, channel: grpc.Channel) -> Callable[[int], Any]:
        """BatchGetServerSummaries of all servers of an organisation."""
        call, organizations = MetricsServiceStub(channel).BatchGetServerSummaries, list(self._organizations)

        def send(number: int) -> Any:
            organization = organizations[number * 7919 % len(organizations)]
            request = pb.BatchGetServerSummariesRequest(server_ids=self._organizations[organization])
            return call.future(request, metadata=self._grants[organization])

        return send

    def history(self, channel: grpc.Channel) -> Callable[[int], Any]:
        """GetServerHistory of 400 days."""
        call = MetricsServiceStub(channel).GetServerHistory
        first = (datetime.now(UTC).date() - timedelta(days=DAYS)).isoformat()

        def send(number: int) -> Any:
            organization, server = self._owned[number * 7919 % WITH_HISTORY]
            request = pb.GetServerHistoryRequest(server_id=server, **{"from": first})
            return call.future(request, metadata=self._grants[organization])

        return send

    def ranking(self, channel: grpc.Channel) -> Callable[[int], Any]:
        """The first 100 servers by rank."""
        call = RankingServiceStub(channel).ListServersByRank
        return lambda _: call.future(ranking_service_pb2.ListServersByRankRequest())


def _grant(organization_id: str) -> Grant:
    return Grant(
        person_id=organization_id,
        name="Ada",
        organization_id=organization_id,
        directory_management=True,
        denied_reason="",
        owner=True,
        staff_role="",
        organizations=frozenset({organization_id}),
        expires_at=datetime.now(UTC) + timedelta(hours=1),
    )


@contextmanager
def serving(arguments: list[str], folder: Path, url: str) -> Iterator[tuple[int, int]]:
    """A server process: its port and process id."""
    port = ports.any_free()
    environment = {
        **os.environ,
        "GRPC_LISTEN": f"127.0.0.1:{port}",
        "PROMETHEUS_LISTEN": f"127.0.0.1:{ports.any_free()}",
        "TLS_DIR": str(folder / "metrics"),
        "GRANT_KEYS_FILE": str(folder / "grant-keys.json"),
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "DATABASE_URL_METRICS": url,
    }
    child = subprocess.Popen([sys.executable, *arguments], env=environment, stderr=subprocess.DEVNULL)
    try:
        yield port, child.pid
    finally:
        child.terminate()
        child.wait(30)


def bare_sql(url: str, found: snapshot_rows.Directory) -> tuple[psycopg.Connection[Any], Callable[[int], object]]:
    """The row read by its key, prepared, without a transaction, a check or an answer around it."""
    connection = psycopg.connect(url, autocommit=True, prepare_threshold=0)
    [generation] = connection.execute("SELECT max(generation) FROM snapshots").fetchone() or (0,)
    owned = found.owned

    def work(number: int) -> object:
        statement = (
            "SELECT row.*, figures FROM server_snapshots AS row JOIN server_figures USING (generation, server_id)"
            " WHERE generation = %s AND server_id = %s"
        )
        return connection.execute(statement, (generation, owned[number * 7919 % len(owned)][1])).fetchone()

    return connection, work


@click.group(invoke_without_command=True)
@click.option("--servers", "count", default=20_000, show_default=True, help="Servers with a snapshot row.")
@click.option("--rate", default=500, show_default=True, help="GetServerMetrics a second.")
@click.option("--seconds", default=4.0, show_default=True, help="Of each measurement.")
@click.option("--rounds", default=5, show_default=True, help="Measurements of each kind, in turn.")
@click.pass_context
def main(context: click.Context, count: int, rate: int, seconds: float, rounds: int) -> None:
    """Measure and print."""
    if context.invoked_subcommand:
        return
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="benchmark-serve-")))
        make_certificates(folder)
        signer = GrantSigner(make_grant_keys(folder).signing_key)
        url = stack.enter_context(fresh_database(stack.enter_context(servers(kafka=False))))
        found = snapshot_rows.directory(count, SERVERS_EACH)
        snapshot_rows.fill(url, found, days=DAYS, with_history=WITH_HISTORY)
        load = Load(found, signer, folder)
        port, pid = stack.enter_context(serving(["-m", "metrics", "serve"], folder, url))
        idle_port, idle_pid = stack.enter_context(serving(["-m", "benchmarks.serve", "nothing"], folder, url))
        ours, idle = stack.enter_context(load.channel(port)), stack.enter_context(load.channel(idle_port))
        connection, work = bare_sql(url, found)
        stack.callback(connection.close)
        kinds: dict[str, Callable[[], Latencies]] = {
            "GetServerMetrics": lambda: run(load.metrics(ours), per_second=rate, seconds=seconds),
            "a handler that does nothing": lambda: run(load.metrics(idle), per_second=rate, seconds=seconds),
            "bare SQL": lambda: blocking(work, per_second=rate, seconds=seconds),
            "BatchGetServerSummaries of 50": lambda: run(load.summaries(ours), per_second=rate / 5, seconds=seconds),
            "GetServerHistory of 400 days": lambda: run(load.history(ours), per_second=20, seconds=seconds),
            "ListServersByRank, 100": lambda: run(load.ranking(ours), per_second=10, seconds=seconds),
        }
        watched = {"GetServerMetrics": pid, "a handler that does nothing": idle_pid}
        tell(*measure(kinds, watched, rounds), rate)


def measure(
    kinds: dict[str, Callable[[], Latencies]], watched: dict[str, int], rounds: int
) -> tuple[dict[str, Latencies], dict[str, float]]:
    """All latencies of each kind, and the server's processor milliseconds a request where it is watched."""
    for warm_up in kinds.values():
        warm_up()
    found, used = {name: Latencies() for name in kinds}, dict.fromkeys(watched, 0.0)
    for _ in range(rounds):
        for name, kind in kinds.items():
            before = processor_time(watched[name]) if name in watched else 0.0
            found[name].add(kind())
            if name in watched:
                used[name] += processor_time(watched[name]) - before
    if failed := {name: each.failed for name, each in found.items() if each.failed}:
        raise SystemExit(f"requests failed: {failed}")
    return found, {name: used[name] * 1000 / len(found[name].milliseconds) for name in used}


def tell(found: dict[str, Latencies], processor: dict[str, float], rate: int) -> None:
    """The table and the line for programs."""
    head = ("milliseconds", "p50", "p99", "p99.9", "worst", "processor")
    rows = [head, *(row(name, each, processor.get(name, "")) for name, each in found.items())]
    ours, idle, sql = (found[name] for name in list(found)[:3])
    report(
        f"GetServerMetrics, p99 at {rate}/s",
        ours.at(99),
        "ms",
        {
            "idle_handler": ours.at(99) / idle.at(99),
            "bare_sql": ours.at(99) / sql.at(99),
            "idle_handler_p50": ours.at(50) / idle.at(50),
            "bare_sql_p50": ours.at(50) / sql.at(50),
        },
        rows,
        p50=round(ours.at(50), 2),
        p999=round(ours.at(99.9), 2),
        processor_ms=round(processor["GetServerMetrics"], 3),
        summaries_p99=round(found["BatchGetServerSummaries of 50"].at(99), 2),
    )


@main.command(hidden=True)
def nothing() -> None:
    """The server whose handler does nothing, for `main`."""
    settings = SimpleNamespace(grpc_listen=os.environ["GRPC_LISTEN"], tls_dir=Path(os.environ["TLS_DIR"]))
    server = build_server(
        settings,
        [(add_MetricsServiceServicer_to_server, Nothing(), SERVICE)],
        verifier=GrantVerifier(Path(os.environ["GRANT_KEYS_FILE"])),
        peers={SERVICE.full_name: frozenset({"gateway"})},
    )
    server.serve(Stop())


if __name__ == "__main__":
    main()
