"""Looks at real servers: the SDK's own as processes of their own, and bad ones; through the real worker process."""

import gzip
import json
import socket
import subprocess
import sys
import threading

import httpx2
import pytest
from chassis.destinations import networks
from submissions.domain.probe_findings import probe_findings
from submissions.domain.probe_report import Cause, Gate, Reach
from submissions.probe.guarded_http import _name
from submissions.probe.process import look

HERE = networks("127.0.0.0/8")
SECONDS = 12.0
JSON = {"Content-Type": "application/json"}


def at(url, transport="streamable_http", seconds=SECONDS):
    return look(url, transport, networks=HERE, seconds=seconds)


def reply(request, result=None, error=None):
    body = {"jsonrpc": "2.0", "id": request["id"], **({"error": error} if error else {"result": result})}
    return 200, JSON, json.dumps(body).encode()


def mcp_that(answers):
    """A server of the handshake's era that answers methods by `answers`: request -> result, or an error's number."""

    def respond(method, path, body):
        if method != "POST":
            return 405, {}, b""
        request = json.loads(body)
        if "id" not in request:
            return 202, {}, b""
        if request["method"] == "initialize":
            version = request["params"]["protocolVersion"]
            started = {
                "protocolVersion": version,
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "x", "version": "1"},
            }
            return reply(request, started)
        answer = answers.get(request["method"], -32601)
        if isinstance(answer, int):
            return reply(request, error={"code": answer, "message": "no"})
        return reply(request, answer(request))

    return respond


def test_a_good_server_over_streamable_http(mcp_server):
    report = at(mcp_server("good"))
    assert (report.reach, report.cause, report.detail) == (Reach.ALIVE_OPEN, Cause.NONE, "")
    assert (report.server_name, report.server_version, report.tools_complete) == ("Parcels", "2.1", True)
    assert report.protocol_version.startswith("202")
    find, give_back = report.tools
    assert (find.name, find.title, find.description) == (
        "find_parcel",
        "Find a parcel",
        "Finds where a parcel is.",
    )
    assert find.input_schema["required"] == ["number"]
    assert find.hint("readOnlyHint") is True
    assert (give_back.hint("readOnlyHint"), give_back.hint("destructiveHint")) == (False, True)
    assert give_back.output_schema is not None
    declared = {"transport": "streamable_http", "authentication": "none", "data_access": "both"}
    assert probe_findings(report, **declared) == []


def test_a_good_server_over_sse(mcp_server):
    report = at(mcp_server("sse"), "sse")
    assert report.reach is Reach.ALIVE_OPEN
    assert [tool.name for tool in report.tools] == ["find_parcel", "return_parcel"]


@pytest.mark.parametrize(
    ("kind", "declared", "spoken"), [("good", "sse", "streamable_http"), ("sse", "streamable_http", "sse")]
)
def test_another_transport_than_the_declared_one(mcp_server, kind, declared, spoken):
    report = at(mcp_server(kind), declared)
    assert (report.reach, report.spoken_transport) == (Reach.WRONG_TRANSPORT, spoken)


def test_a_server_without_tools(mcp_server):
    report = at(mcp_server("bare"))
    assert (report.reach, report.tools, report.tools_unreadable) == (Reach.ALIVE_OPEN, (), False)


def test_hostile_tools_are_read_and_found_out(mcp_server):
    report = at(mcp_server("hostile"))
    declared = {"transport": "streamable_http", "authentication": "none", "data_access": "read"}
    codes = {finding.code for finding in probe_findings(report, **declared)}
    assert codes == {
        "TOOL_NAME_TOO_LONG",
        "TOOL_NAME_CHARACTERS",
        "TOOL_TITLE_MISSING",
        "TOOL_TEXT_INVISIBLE_CHARACTERS",
        "TOOL_TEXT_INSTRUCTS_MODEL",
        "TOOL_HINT_MISSING",
    }


def test_a_gated_server_of_the_sdk_is_followed_to_its_metadata(mcp_server):
    report = at(mcp_server("gated"))
    assert report.reach is Reach.ALIVE_GATED
    # The metadata of the resource is right; nobody runs the authorization server that it names.
    assert (report.authorization.gate, report.authorization.detail) == (Gate.SERVER_METADATA_UNREADABLE, "HTTP 404")


WELL_KNOWN = "/.well-known/oauth-protected-resource"


def gate(answering, challenge="{here}/prm", at=("/prm",), resource="{here}/mcp", servers=("{here}/as",), **metadata):
    """A gated server with its metadata at the first of the paths `at`, and at the others that of another resource.

    None leaves a member of the authorization server's out, and texts may name {here}.
    """
    here = ""

    def put(value):
        return value.replace("{here}", here) if isinstance(value, str) else value

    def respond(method, path, body):
        authorization = {
            "issuer": f"{here}/as",
            "authorization_endpoint": f"{here}/as/authorize",
            "token_endpoint": f"{here}/as/token",
            "code_challenge_methods_supported": ["plain", "S256"],
            **{name: put(value) for name, value in metadata.items()},
        }
        about = dict.fromkeys(at, "https://mcp.acme.com/mcp") | {at[0]: put(resource)}
        named = [put(server) for server in servers]
        documents = {
            **{place: {"resource": each, "authorization_servers": named} for place, each in about.items()},
            "/.well-known/openid-configuration/as": {k: v for k, v in authorization.items() if v is not None},
            "/list": [],
            "/empty": {},
        }
        if path in documents:
            return 200, JSON, json.dumps(documents[path]).encode()
        if path.partition("?")[0].rstrip("/") == "/mcp":
            named_there = f', resource_metadata="{put(challenge)}"' if challenge else ""
            return 401, {"WWW-Authenticate": f'Bearer error="invalid_token"{named_there}'}, b""
        return 404, {}, b""

    here = answering(respond)
    return here


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, Gate.GOOD),
        ({"challenge": ""}, Gate.NO_RESOURCE_METADATA),
        ({"challenge": "{here}/elsewhere"}, Gate.METADATA_UNREADABLE),
        ({"challenge": "{here}/list"}, Gate.METADATA_UNREADABLE),
        ({"challenge": "http://10.0.0.1/prm"}, Gate.METADATA_UNREADABLE),
        ({"challenge": "file:///etc/passwd"}, Gate.METADATA_UNREADABLE),
        ({"challenge": "nonsense"}, Gate.METADATA_UNREADABLE),
        ({"resource": "{here}/other"}, Gate.OTHER_RESOURCE),
        ({"resource": "https://mcp.acme.com/mcp"}, Gate.OTHER_RESOURCE),
        ({"resource": 5}, Gate.OTHER_RESOURCE),
        ({"resource": "{here}/mc"}, Gate.OTHER_RESOURCE),
        ({"resource": "{here}/mcp/deeper"}, Gate.OTHER_RESOURCE),
        ({"challenge": "{here}/empty"}, Gate.NO_AUTHORIZATION_SERVER),
        ({"servers": ()}, Gate.NO_AUTHORIZATION_SERVER),
        ({"servers": (7,)}, Gate.NO_AUTHORIZATION_SERVER),
        ({"servers": ("{here}/nobody",)}, Gate.SERVER_METADATA_UNREADABLE),
        ({"servers": ("http://169.254.169.254/latest",)}, Gate.SERVER_METADATA_UNREADABLE),
        ({"servers": ("http://[broken",)}, Gate.SERVER_METADATA_UNREADABLE),
        ({"issuer": "https://other.acme.com"}, Gate.OTHER_ISSUER),
        ({"token_endpoint": None}, Gate.SERVER_METADATA_UNREADABLE),
        ({"code_challenge_methods_supported": None}, Gate.NO_PKCE),
        ({"code_challenge_methods_supported": ["plain"]}, Gate.NO_PKCE),
    ],
)
def test_what_a_gated_server_says_about_authentication(answering, changes, found):
    report = at(f"{gate(answering, **changes)}/mcp")
    assert (report.reach, report.authorization.gate) == (Reach.ALIVE_GATED, found)


@pytest.mark.parametrize(
    ("changes", "only_well_known"),
    [
        ({"at": ("/prm", f"{WELL_KNOWN}/mcp", WELL_KNOWN)}, False),
        ({"challenge": "", "at": (f"{WELL_KNOWN}/mcp", WELL_KNOWN)}, True),
        ({"challenge": "", "at": (WELL_KNOWN,)}, True),
        ({"challenge": "{here}/elsewhere", "at": (WELL_KNOWN,)}, True),
        ({"challenge": "{here}/empty", "at": (f"{WELL_KNOWN}/mcp",)}, True),
    ],
)
def test_metadata_is_found_where_clients_look_and_in_their_order(answering, changes, only_well_known):
    found = at(f"{gate(answering, **changes)}/mcp").authorization
    assert (found.gate, found.only_well_known) == (Gate.GOOD, only_well_known)


@pytest.mark.parametrize(
    ("path", "resource", "wider"),
    [
        ("/mcp", "{here}/mcp/", False),
        ("/mcp/", "{here}/mcp", False),
        ("/mcp", "{here}", True),
        ("/mcp", "{here}/", True),
        ("/mcp?tenant=1", "{here}/mcp", True),
    ],
)
def test_a_resource_that_the_official_client_takes_for_the_servers(answering, path, resource, wider):
    found = at(f"{gate(answering, resource=resource)}{path}").authorization
    assert (found.gate, found.wider_resource) == (Gate.GOOD, wider)


def test_how_clients_may_register(answering):
    known = {"registration_endpoint": "{here}/as/register", "client_id_metadata_document_supported": True}
    report = at(f"{gate(answering, **known)}/mcp")
    assert report.authorization.registers_clients
    assert report.authorization.reads_client_documents
    plain = at(f"{gate(answering)}/mcp").authorization
    assert (plain.registers_clients, plain.reads_client_documents) == (False, False)


@pytest.mark.parametrize(
    ("answer", "reach", "cause", "detail"),
    [
        ((200, {"Content-Type": "text/html"}, b"<h1>Welcome</h1>"), Reach.NOT_MCP, Cause.NONE, ""),
        ((200, JSON, b'{"hello": "world"}'), Reach.NOT_MCP, Cause.NONE, ""),
        ((200, JSON, b"{"), Reach.NOT_MCP, Cause.NONE, ""),
        ((200, {}, b""), Reach.NOT_MCP, Cause.NONE, ""),
        ((404, {}, b""), Reach.NOT_MCP, Cause.NONE, ""),
        ((501, {}, b""), Reach.NOT_MCP, Cause.NONE, ""),
        ((403, {}, b""), Reach.UNREACHABLE, Cause.SERVER_ERROR, "403"),
        ((500, {}, b""), Reach.UNREACHABLE, Cause.SERVER_ERROR, "500"),
        ((503, {"Retry-After": "3"}, b""), Reach.UNREACHABLE, Cause.SERVER_ERROR, "503"),
        ((429, {}, b""), Reach.UNREACHABLE, Cause.SERVER_ERROR, "429"),
        ((307, {"Location": "https://other.acme.com/mcp"}, b""), Reach.UNREACHABLE, Cause.REDIRECT, "other.acme.com"),
        ((200, JSON, b" " * 3_000_000 + b"{}"), Reach.UNREACHABLE, Cause.TOO_LARGE, ""),
        (
            (200, {**JSON, "Content-Encoding": "gzip"}, gzip.compress(b" " * 50_000_000)),
            Reach.UNREACHABLE,
            Cause.TOO_LARGE,
            "",
        ),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_what_answers_is_told_apart(answering, answer, reach, cause, detail):
    report = at(f"{answering(lambda *asked: answer)}/mcp")
    assert (report.reach, report.cause, report.detail) == (reach, cause, detail)


def test_a_redirect_to_another_host_is_not_followed(answering):
    visited = []

    def canary(*asked):
        visited.append(asked)
        return 200, JSON, b"{}"

    elsewhere = answering(canary)
    report = at(f"{answering(lambda *asked: (307, {'Location': f'{elsewhere}/mcp'}, b''))}/mcp")
    assert report.cause is Cause.REDIRECT
    assert visited == []


def test_a_redirect_to_a_name_that_cannot_be_is_one_to_another_host(answering):
    assert at(f"{answering(lambda *asked: (302, {'Location': 'https://xn--a..b/'}, b''))}/mcp").cause is Cause.REDIRECT


def test_the_name_that_is_looked_up_is_the_one_in_the_host_header():
    request = httpx2.Request("GET", "https://stra\u00dfe.example/mcp")
    assert _name(request) == request.headers["Host"] == "xn--strae-oqa.example"


def test_a_redirect_that_stays_on_the_host_is_followed(answering):
    good = mcp_that({"tools/list": lambda request: {"tools": []}})

    def respond(method, path, body):
        return good(method, path, body) if path == "/mcp/" else (307, {"Location": "/mcp/"}, b"")

    assert at(f"{answering(respond)}/mcp").reach is Reach.ALIVE_OPEN


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    report = at(f"http://127.0.0.1:{port}/mcp")
    assert (report.reach, report.cause) == (Reach.UNREACHABLE, Cause.CONNECTION)


def test_a_server_that_does_not_answer_in_time(answering):
    over = threading.Event()

    def respond(*asked):
        over.wait(30)
        return 200, {}, b""

    report = at(f"{answering(respond)}/mcp", seconds=2)
    over.set()
    assert (report.reach, report.cause) == (Reach.UNREACHABLE, Cause.TIMEOUT)


def test_a_gated_server_whose_metadata_does_not_come_in_time_is_a_gated_server(answering):
    over = threading.Event()

    def respond(method, path, body):
        if path != "/mcp":
            over.wait(30)
        return 401, {}, b""

    report = at(f"{answering(respond)}/mcp", seconds=8)
    over.set()
    assert (report.reach, report.authorization.gate) == (Reach.ALIVE_GATED, Gate.METADATA_UNREADABLE)


def test_a_certificate_that_nobody_vouches_for(answering, certificates):
    address = answering(lambda *asked: (200, {}, b""), certificates / "gateway")
    report = at(f"{address}/mcp")
    assert (report.reach, report.cause) == (Reach.UNREACHABLE, Cause.TLS)
    assert "certificate" in report.detail


def test_plain_http_behind_https(answering):
    address = answering(lambda *asked: (200, {}, b"")).replace("http://", "https://")
    report = at(f"{address}/mcp")
    assert (report.reach, report.cause) == (Reach.UNREACHABLE, Cause.TLS)


def test_a_list_of_tools_that_cannot_be_read(answering):
    for answer in (-32603, lambda request: {"tools": "many"}, lambda request: {"tools": [{"title": "No name"}]}):
        report = at(f"{answering(mcp_that({'tools/list': answer}))}/mcp")
        assert (report.reach, report.tools_unreadable) == (Reach.ALIVE_OPEN, True)


def test_pages_of_tools_are_read_to_the_end_and_endless_ones_are_not(answering):
    def page(request):
        number = int((request.get("params") or {}).get("cursor") or 0)
        tools = [{"name": f"tool_{number}", "inputSchema": {"type": "object"}, "unknown": "kept or ignored"}]
        return {"tools": tools, "nextCursor": str(number + 1)} if number < last else {"tools": tools}

    last = 3
    report = at(f"{answering(mcp_that({'tools/list': page}))}/mcp")
    assert ([tool.name for tool in report.tools], report.tools_complete) == ([f"tool_{n}" for n in range(4)], True)
    last = 1_000_000
    report = at(f"{answering(mcp_that({'tools/list': page}))}/mcp")
    assert (report.reach, report.tools_complete) == (Reach.ALIVE_OPEN, False)
    assert 0 < len(report.tools) <= 40


def test_a_look_that_runs_out_of_its_own_seconds_is_unfinished(answering):
    """The process is ended from outside too, however busy it is: here before it has even started to look."""
    report = at(f"{answering(lambda *asked: (200, {}, b''))}/mcp", seconds=-3.95)
    assert (report.reach, report.cause) == (Reach.UNREACHABLE, Cause.UNFINISHED)


@pytest.mark.parametrize(
    "harm",
    ["bytearray(3 << 30)", "[open('/dev/null') for _ in range(100)]", "open(sys.argv[1], 'wb', 0).write(b'x')"],
)
def test_the_worker_cannot_have_more_than_its_limits(harm, tmp_path):
    said = f"""
import sys
from submissions.probe import worker
worker.limit(30)
try:
    {harm}
except (MemoryError, OSError):
    print("refused")
"""
    command = [sys.executable, "-c", said, str(tmp_path / "file")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "refused\n", done.stderr


@pytest.mark.parametrize(
    ("url", "named", "cause"),
    [
        ("https://mcp.acme.example/mcp", (), Cause.RESERVED_NAME),
        ("https://mcp.acme.example.com/mcp", (), Cause.RESERVED_NAME),
        ("https://mcp.acme.com/mcp", HERE, Cause.OTHER_NETWORK),
        ("https://8.8.8.8/mcp", HERE, Cause.OTHER_NETWORK),
    ],
)
def test_nobody_speaks_to_servers_that_are_left_out(url, named, cause, monkeypatch):
    monkeypatch.setattr("subprocess.run", lambda *words, **options: pytest.fail("a process was started"))
    report = look(url, "streamable_http", networks=named)
    assert (report.reach, report.cause) == (Reach.LEFT_OUT, cause)
