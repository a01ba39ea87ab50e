"""Servers that others published, as they come from the Python index and from npm: the checks see what each of them is.

`make published-servers` fetches them and runs this. Every server is a process of its own on 127.0.0.1.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from chassis.destinations import networks
from embedded.ports import any_free
from submissions.domain.checks import Grade
from submissions.domain.probe_findings import probe_findings
from submissions.domain.probe_report import Gate, Reach, Report
from submissions.probe.process import look

HERE = Path(__file__).parent
NPM = HERE / "node_modules"
EXAMPLES = NPM / "@modelcontextprotocol/sdk/dist/esm/examples/server"
EVERYTHING = NPM / "@modelcontextprotocol/server-everything/dist/index.js"
OUT_OF_STDIO = NPM / "supergateway/dist/index.js"

Address = Callable[[list[str], str], str]


def node(script: Path, *arguments: str) -> list[str]:
    return ["node", "--import", str(HERE / "loopback.mjs"), str(script), *arguments]


def python(script: str, *arguments: str) -> list[str]:
    return [str(HERE / ".venv/bin" / script), *arguments]


@pytest.fixture
def serve(tmp_path: Path, eventually: Callable[..., Any]) -> Iterator[Address]:
    """serve(command, path) -> the address of the server that `command` starts; {port} in it is its port."""
    processes: list[subprocess.Popen[bytes]] = []

    def start(command: list[str], path: str) -> str:
        port = any_free()
        environment = os.environ | {"PORT": str(port), "MCP_PORT": str(port), "MCP_AUTH_PORT": str(any_free())}
        said = tmp_path / f"server-{port}.txt"
        with said.open("wb") as output:
            processes.append(
                subprocess.Popen(
                    [word.replace("{port}", str(port)) for word in command],
                    env=environment,
                    cwd=tmp_path,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                )
            )

        def listens() -> bool:
            assert processes[-1].poll() is None, said.read_text()
            with closing(socket.create_connection(("127.0.0.1", port), timeout=1)):
                return True

        eventually(listens)
        return f"http://127.0.0.1:{port}{path}"

    yield start
    for process in processes:
        process.terminate()
        process.wait()


def seen(url: str, transport: str) -> Report:
    return look(url, transport, networks=networks("127.0.0.0/8"))


def findings(report: Report, transport: str, *, authentication: str = "none") -> dict[str, Grade]:
    declared = {"transport": transport, "authentication": authentication, "data_access": "both"}
    return {finding.code: finding.grade for finding in probe_findings(report, **declared)}


HTTP, SSE = "streamable_http", "sse"

OPEN = {
    "npm: everything": (node(EVERYTHING, "streamableHttp"), "/mcp", HTTP, 13, set()),
    "npm: everything over SSE": (node(EVERYTHING, "sse"), "/sse", SSE, 13, set()),
    "npm: the SDK's example with sessions": (
        node(EXAMPLES / "simpleStreamableHttp.js"),
        "/mcp",
        HTTP,
        7,
        {"DATA_ACCESS_NO_WRITES", "TOOL_HINT_MISSING", "TOOL_TITLE_MISSING"},
    ),
    "npm: the SDK's example without sessions": (
        node(EXAMPLES / "simpleStatelessStreamableHttp.js"),
        "/mcp",
        HTTP,
        1,
        {"TOOL_HINT_MISSING", "TOOL_TITLE_MISSING"},
    ),
    "npm: the SDK's example that answers in plain JSON": (
        node(EXAMPLES / "jsonResponseStreamableHttp.js"),
        "/mcp",
        HTTP,
        2,
        {"TOOL_HINT_MISSING", "TOOL_TITLE_MISSING"},
    ),
    "npm: the SDK's example of 2024-11-05": (
        node(EXAMPLES / "simpleSseServer.js"),
        "/mcp",
        SSE,
        1,
        {"TOOL_HINT_MISSING", "TOOL_TITLE_MISSING"},
    ),
    "npm: the SDK's example on Hono": (
        node(EXAMPLES / "honoWebStandardStreamableHttp.js"),
        "/mcp",
        HTTP,
        1,
        {"TOOL_HINT_MISSING"},
    ),
    "Python: DuckDuckGo": (
        python("duckduckgo-mcp-server", "--transport", "streamable-http", "--host", "127.0.0.1", "--port", "{port}"),
        "/mcp",
        HTTP,
        3,
        {"TOOL_HINT_MISSING", "TOOL_TITLE_MISSING"},
    ),
    "Python: DuckDuckGo over SSE": (
        python("duckduckgo-mcp-server", "--transport", "sse", "--host", "127.0.0.1", "--port", "{port}"),
        "/sse",
        SSE,
        3,
        {"TOOL_HINT_MISSING", "TOOL_TITLE_MISSING"},
    ),
    "Python: Excel": (
        python("excel-mcp-server", "streamable-http", "--host", "127.0.0.1", "--port", "{port}"),
        "/mcp",
        HTTP,
        46,
        set(),
    ),
    "Python: time, through supergateway of npm": (
        node(OUT_OF_STDIO, "--outputTransport", "streamableHttp", "--stdio", *python("mcp-server-time")),
        "/mcp",
        HTTP,
        2,
        {"DATA_ACCESS_NO_WRITES", "TOOL_TITLE_MISSING"},
    ),
}


@pytest.mark.parametrize(("command", "path", "transport", "tools", "found"), OPEN.values(), ids=OPEN)
def test_a_server_is_read_to_its_tools(
    serve: Address, command: list[str], path: str, transport: str, tools: int, found: set[str]
) -> None:
    report = seen(serve(command, path), transport)
    assert (report.reach, report.detail, len(report.tools)) == (Reach.ALIVE_OPEN, "", tools)
    assert report.tools_complete
    assert report.server_name
    assert set(findings(report, transport)) == found


@pytest.mark.parametrize(
    ("started_as", "path", "declared", "spoken"), [("streamableHttp", "/mcp", SSE, HTTP), ("sse", "/sse", HTTP, SSE)]
)
def test_a_server_that_speaks_the_other_transport(
    serve: Address, started_as: str, path: str, declared: str, spoken: str
) -> None:
    report = seen(serve(node(EVERYTHING, started_as), path), declared)
    assert (report.reach, report.spoken_transport) == (Reach.WRONG_TRANSPORT, spoken)
    assert findings(report, declared) == {"TRANSPORT_WRONG": Grade.BLOCK}


def test_one_address_with_both_transports(serve: Address) -> None:
    command = node(EXAMPLES / "sseAndStreamableHttpCompatibleServer.js")
    new = serve(command, "/mcp")
    assert seen(new, HTTP).reach is Reach.ALIVE_OPEN
    assert seen(new.replace("/mcp", "/sse"), SSE).reach is Reach.ALIVE_OPEN


def test_a_gated_server_leads_to_where_clients_register(serve: Address) -> None:
    url = serve([*python("python"), str(HERE / "gated_server.py"), "{port}"], "/mcp")
    report = seen(url, HTTP)
    assert report.reach is Reach.ALIVE_GATED
    assert report.authorization is not None
    assert (report.authorization.gate, report.authorization.registers_clients) == (Gate.GOOD, True)
    assert findings(report, HTTP, authentication="oauth_dcr") == {"TOOLS_NOT_SEEN": Grade.NOTE}


def test_a_gated_server_that_is_known_by_another_name(serve: Address) -> None:
    """The SDK's example leads to `localhost`, which nothing looks up where networks are named.

    At its well-known address it says that it is `localhost`, and clients that came by another name refuse that.
    """
    report = seen(serve(node(EXAMPLES / "simpleStreamableHttp.js", "--oauth"), "/mcp"), HTTP)
    assert report.reach is Reach.ALIVE_GATED
    assert findings(report, HTTP, authentication="oauth_dcr") == {
        "AUTHENTICATION_METADATA_NOT_NAMED": Grade.NOTE,
        "AUTHENTICATION_RESOURCE_DIFFERS": Grade.BLOCK,
        "TOOLS_NOT_SEEN": Grade.NOTE,
    }


def test_a_bridge_whose_server_ends_at_once(serve: Address) -> None:
    command = node(OUT_OF_STDIO, "--outputTransport", "streamableHttp", "--stdio", "false")
    assert findings(seen(serve(command, "/mcp"), HTTP), HTTP) == {"SERVER_NOT_MCP": Grade.BLOCK}


def test_a_web_site(serve: Address) -> None:
    command = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "{port}"]
    assert findings(seen(serve(command, "/"), HTTP), HTTP) == {"SERVER_NOT_MCP": Grade.BLOCK}
