"""Two real ends of gRPC with mutual TLS: errors, deadlines, peers, grants, health."""

import socket
import threading
import time
from datetime import timedelta
from types import SimpleNamespace

import grpc
import pytest
from chassis import clock, errors, request_id
from chassis.errors import Violation
from chassis.grants import GrantSigner
from chassis.rpc import client, deadline
from chassis.rpc.caller import caller, caller_if_any, peer
from chassis.rpc.server import build_server
from chassis.rpc.tls import FILES, channel_credentials
from directory.authz.v1 import access_service_pb2 as messages
from directory.authz.v1 import access_service_pb2_grpc as stubs
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_status import rpc_status

SERVICE = "directory.authz.v1.AccessTokenService"
LIST = messages.ListAccessTokensRequest()
KINDS = [
    errors.InvalidInput,
    errors.Unauthenticated,
    errors.PermissionDenied,
    errors.NotFound,
    errors.Conflict,
    errors.VersionMismatch,
    errors.LimitExceeded,
    errors.Unavailable,
]


class Api:
    """A servicer of one method that a test fills in."""

    def __init__(self, answer=lambda: None):
        self.answer = answer
        self.calls = 0

    def ListAccessTokens(self, request, context):
        self.calls += 1
        self.answer()
        return messages.ListAccessTokensResponse()

    CreateAccessToken = RevokeAccessToken = ListAccessTokens


def raising(error):
    def answer():
        raise error

    return answer


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_crosses_the_wire_whole(running, kind):
    violations = [
        Violation(f"/listing/{number}", "TOO_LONG", "Use at most 200 characters; this has 231.") for number in range(90)
    ]
    error = kind(
        "SLUG_TAKEN", "Another submission has “this” slug.", violations=violations, slug="a-b", current_version=3
    )

    with pytest.raises(kind) as caught:
        running(Api(raising(error))).stub.CreateAccessToken(messages.CreateAccessTokenRequest())

    assert type(caught.value) is kind
    assert caught.value.reason == "SLUG_TAKEN"
    assert caught.value.message == "Another submission has “this” slug."
    assert caught.value.metadata == {"slug": "a-b", "current_version": "3"}
    assert caught.value.violations == tuple(violations)


def test_when_to_come_back_is_told_as_other_clients_read_it(running):
    error = errors.LimitExceeded("DAILY_LIMIT", "Tomorrow.", retry_after_seconds=7)

    with pytest.raises(errors.LimitExceeded) as caught:
        running(Api(raising(error))).stub.CreateAccessToken(messages.CreateAccessTokenRequest())

    told = caught.value.__cause__
    wanted, infos = error_details_pb2.RetryInfo(retry_delay=Duration(seconds=7)), []
    for detail in rpc_status.from_call(told).details:
        detail.Unpack(info := error_details_pb2.RetryInfo())
        infos.append(info)
    assert wanted in infos
    assert dict(told.trailing_metadata())["google.rpc.retryinfo-bin"] == wanted.SerializeToString()
    assert caught.value.metadata == {"retry_after_seconds": "7"}


def test_a_server_too_busy_for_a_quick_handshake_is_waited_for(building):
    api = Api()
    part = building(api)
    start = threading.Timer(0.5, part.start)  # until then connections are taken, and nobody shakes hands
    start.start()
    try:
        part.stub.CreateAccessToken(messages.CreateAccessTokenRequest())
    finally:
        start.join()
    assert api.calls == 1


def test_a_secret_in_an_unexpected_error_stays_in_the_log(running, capsys):
    part = running(Api(raising(RuntimeError("password=tr0ub4dor"))))

    with request_id.bind("request-7"), pytest.raises(errors.Internal) as caught:
        part.stub.CreateAccessToken(messages.CreateAccessTokenRequest())

    assert caught.value.message == "internal error"
    assert caught.value.metadata == {"request_id": "request-7"}
    told = caught.value.__cause__
    assert "tr0ub4dor" not in f"{told} {told.details()} {told.debug_error_string()} {told.trailing_metadata()}"
    assert "tr0ub4dor" in capsys.readouterr().out


def test_the_request_id_is_handed_on(running):
    seen = []
    part = running(Api(lambda: seen.append(request_id.current())))

    with request_id.bind("request-8"):
        part.stub.ListAccessTokens(LIST)

    assert seen == ["request-8"]


def test_the_deadline_is_handed_on_and_shortened(running):
    seen = []
    part = running(Api(lambda: seen.append(deadline.remaining())))

    part.stub.ListAccessTokens(LIST)
    with deadline.bind(2.0):
        part.stub.ListAccessTokens(LIST)

    assert 4.0 < seen[0] <= 5.0
    assert 1.0 < seen[1] < 2.0


def test_a_call_that_cannot_be_answered_in_time_is_not_made(running):
    part = running(api := Api())

    with deadline.bind(0.02), pytest.raises(errors.Unavailable) as caught:
        part.stub.ListAccessTokens(LIST)

    assert caught.value.reason == "DEADLINE_EXCEEDED"
    assert api.calls == 0


def test_a_slow_answer_ends_at_the_deadline(running):
    part = running(Api(lambda: time.sleep(0.5)))

    with deadline.bind(0.2), pytest.raises(errors.Unavailable) as caught:
        part.stub.ListAccessTokens(LIST)

    assert caught.value.reason == "DEADLINE_EXCEEDED"


def test_reads_are_tried_again_and_writes_are_not(running):
    part = running(api := Api(raising(errors.Unavailable("DATABASE_UNAVAILABLE", "no"))))

    with pytest.raises(errors.Unavailable):
        part.stub.ListAccessTokens(LIST)
    assert api.calls == 3

    with pytest.raises(errors.Unavailable):
        part.stub.CreateAccessToken(messages.CreateAccessTokenRequest())
    assert api.calls == 4


def test_the_breaker_leaves_a_silent_part_alone_and_comes_back(running, eventually):
    trouble = [errors.Unavailable("DATABASE_UNAVAILABLE", "no")]

    def answer():
        if trouble:
            raise trouble[0]

    part = running(api := Api(answer))
    for _ in range(2):
        with pytest.raises(errors.Unavailable):
            part.stub.ListAccessTokens(LIST)
    assert api.calls == 5

    with pytest.raises(errors.Unavailable) as caught:
        part.stub.ListAccessTokens(LIST)
    assert caught.value.reason == "SERVICE_UNAVAILABLE"
    assert api.calls == 5

    trouble.clear()
    eventually(lambda: part.stub.ListAccessTokens(LIST) is not None, timeout=5)


@pytest.mark.parametrize(
    ("peers", "allowed"),
    [
        ({SERVICE: frozenset({"gateway"})}, True),
        ({SERVICE: frozenset({"metrics"})}, False),
        ({SERVICE: frozenset({"metrics"}), f"{SERVICE}/ListAccessTokens": frozenset({"gateway"})}, True),
        ({SERVICE: frozenset({"gateway"}), f"{SERVICE}/ListAccessTokens": frozenset({"metrics"})}, False),
        ({SERVICE: frozenset({"*"})}, True),
        ({f"{SERVICE}/CreateAccessToken": frozenset({"*"})}, False),
        ({}, False),
    ],
)
def test_only_listed_peers_may_call(running, peers, allowed):
    seen = []
    part = running(Api(lambda: seen.append(peer())), peers=peers)

    if allowed:
        part.stub.ListAccessTokens(LIST)
        assert seen == ["gateway"]
    else:
        with pytest.raises(errors.PermissionDenied) as caught:
            part.stub.ListAccessTokens(LIST)
        assert caught.value.reason == "PEER_NOT_ALLOWED"
        assert seen == []


def test_a_client_without_certificate_gets_no_connection(running, certificates):
    part = running(Api())
    ca = (certificates / "authz" / "ca.pem").read_bytes()
    for credentials in (grpc.ssl_channel_credentials(ca), None):
        address, options = f"127.0.0.1:{part.port}", [("grpc.ssl_target_name_override", "authz")]
        channel = (
            grpc.secure_channel(address, credentials, options)
            if credentials
            else grpc.insecure_channel(address, options)
        )
        with channel, pytest.raises(grpc.RpcError) as caught:
            channel.unary_unary(f"/{SERVICE}/ListAccessTokens")(b"", timeout=2)
        assert caught.value.code() == grpc.StatusCode.UNAVAILABLE


def test_a_server_with_another_name_is_not_believed(running, certificates):
    part = running(Api())
    with client.channel(f"127.0.0.1:{part.port}", "submissions", certificates / "gateway") as channel:
        call = channel.unary_unary(f"/{SERVICE}/ListAccessTokens")
        with pytest.raises(errors.Unavailable):
            call(b"", timeout=1)


def test_a_grant_reaches_the_method_and_is_handed_on(running, grant, grant_keys):
    seen = []
    part = running(Api(lambda: seen.append((caller(), client._grant.get()))))
    token = GrantSigner(grant_keys.signing_key).sign(mine := grant(person_id="person-9"))

    with client.grant(token):
        part.stub.ListAccessTokens(LIST)

    assert seen[0][0].person_id == mine.person_id
    assert seen[0][1] == token


def test_without_a_grant_the_method_decides(running):
    part = running(Api(lambda: caller_if_any() or caller()))

    with pytest.raises(errors.Unauthenticated) as caught:
        part.stub.ListAccessTokens(LIST)

    assert caught.value.reason == "GRANT_REQUIRED"


def test_a_bad_grant_never_reaches_the_method(running, grant, grant_keys):
    part = running(api := Api())
    expired = GrantSigner(grant_keys.signing_key).sign(grant(expires_at=clock.now() - timedelta(minutes=1)))

    for token in (expired, "nonsense", "a.b.c"):
        with client.grant(token), pytest.raises(errors.Unauthenticated) as caught:
            part.stub.ListAccessTokens(LIST)
        assert caught.value.reason == "GRANT_INVALID"
    assert api.calls == 0


def test_health_answers_while_every_worker_is_busy(running, certificates):
    free = threading.Event()
    part = running(Api(lambda: free.wait(10)), workers=1)
    busy = threading.Thread(target=lambda: part.stub.ListAccessTokens(LIST))
    busy.start()
    try:
        with client.channel(f"127.0.0.1:{part.port}", "authz", certificates / "metrics") as channel:
            answer = health_pb2_grpc.HealthStub(channel).Check(
                health_pb2.HealthCheckRequest(service=SERVICE), timeout=2
            )
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
    finally:
        free.set()
        busy.join()


def test_a_call_in_hand_is_finished_before_the_end(running):
    entered, free = threading.Event(), threading.Event()

    def answer():
        entered.set()
        free.wait(5)

    part = running(Api(answer))
    outcome = []
    call = threading.Thread(target=lambda: outcome.append(part.stub.ListAccessTokens(LIST)))
    call.start()
    entered.wait(5)
    part.stop.set()
    free.set()
    call.join(5)

    assert outcome == [messages.ListAccessTokensResponse()]
    assert not part.server.is_serving


def test_new_certificates_are_taken_without_a_restart(running, certificates, tmp_path):
    """The server's folder gets another CA's files: old clients are refused, new ones are not."""
    _copy(certificates / "authz", tmp_path)
    settings = SimpleNamespace(grpc_listen="127.0.0.1:0", tls_dir=tmp_path)
    server = build_server(settings, [], verifier=SimpleNamespace(), peers={})
    server._server.start()
    address = f"127.0.0.1:{server.port}"
    try:
        assert _health(address, certificates / "gateway") is not None
        (tmp_path / "ca.pem").write_bytes((certificates / "authz" / "cert.pem").read_bytes())
        with pytest.raises(grpc.RpcError):
            _health(address, certificates / "gateway")
    finally:
        server._server.stop(None).wait()


def test_a_client_shows_its_new_certificate_without_a_restart(running, certificates, tmp_path, eventually):
    seen = []
    part = running(Api(lambda: seen.append(peer())), peers={SERVICE: frozenset({"*"})})
    _copy(certificates / "gateway", tmp_path)
    with client.channel(f"127.0.0.1:{part.port}", "authz", tmp_path) as channel:
        stub = stubs.AccessTokenServiceStub(channel)
        stub.ListAccessTokens(LIST)
        _copy(certificates / "metrics", tmp_path)
        eventually(lambda: stub.ListAccessTokens(LIST) is not None and seen[-1] == "metrics", timeout=5)
    assert seen[0] == "gateway"


def test_a_port_that_is_in_use_is_one_sentence(certificates):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        settings = SimpleNamespace(grpc_listen=address, tls_dir=certificates / "authz")
        with pytest.raises(SystemExit, match=f"^GRPC_LISTEN is wrong: nothing can listen at {address}.$"):
            build_server(settings, [], verifier=SimpleNamespace(), peers={})


def test_a_name_in_peers_that_no_service_has_is_a_mistake(certificates):
    settings = SimpleNamespace(grpc_listen="127.0.0.1:0", tls_dir=certificates / "authz")
    with pytest.raises(ValueError, match="GetTypo"):
        build_server(settings, [], verifier=SimpleNamespace(), peers={"directory.authz.v1.X/GetTypo": frozenset("*")})


def _copy(source, target):
    for name in FILES:
        (target / name).write_bytes((source / name).read_bytes())


def _health(address, tls_dir):
    options = [("grpc.ssl_target_name_override", "authz"), ("grpc.use_local_subchannel_pool", 1)]
    with grpc.secure_channel(address, channel_credentials(tls_dir), options) as channel:
        return health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=2)
