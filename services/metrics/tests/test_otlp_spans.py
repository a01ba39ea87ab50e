"""What of a span counts, and as what: every name that senders use."""

from pathlib import Path

import pytest
from metrics.api import otlp_exports
from metrics.domain import export_lanes, otlp_attributes
from metrics.domain.otlp_spans import SPAN_KINDS, read_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

DOCUMENTATION = (Path(__file__).parents[3] / "docs" / "opentelemetry.md").read_text()
SERVER = "0198c0de-0000-7000-8000-000000000001"
CALL = {"mcp.method.name": "tools/call", "mcpdir.server.id": SERVER}
INTERNAL, SERVER_SIDE, CLIENT_SIDE = Span.SPAN_KIND_INTERNAL, Span.SPAN_KIND_SERVER, Span.SPAN_KIND_CLIENT


def value(given):
    match given:
        case bool():
            return AnyValue(bool_value=given)
        case int():
            return AnyValue(int_value=given)
        case float():
            return AnyValue(double_value=given)
        case str():
            return AnyValue(string_value=given)
    return AnyValue(array_value=ArrayValue(values=[value(each) for each in given]))


def pairs(attributes):
    return [KeyValue(key=key, value=value(given)) for key, given in attributes.items()]


def span(attributes, *, kind=CLIENT_SIDE, began=2_000_000, ended=5_000_999, status=0, events=()):
    return Span(
        kind=kind,
        start_time_unix_nano=began,
        end_time_unix_nano=ended,
        attributes=pairs(attributes),
        status=Status(code=status),
        events=[Span.Event(name=name, time_unix_nano=began, attributes=pairs(more)) for name, more in events],
    )


def read(*spans, resource=None, side="client"):
    request = ExportTraceServiceRequest()
    added = request.resource_spans.add()
    added.resource.attributes.extend(pairs(resource or {}))
    added.scope_spans.add().spans.extend(spans)
    return read_spans(request, side)


def row(found, number=0):
    columns = found.columns
    names = ("server", "product", "tool", "error_type")
    told = {name: getattr(columns, name).values[getattr(columns, name).codes[number]] for name in names}
    numbers = ("kind", "time", "outcome", "http_status", "duration_us", "synthetic")
    told |= {name: getattr(columns, name)[number].item() for name in numbers}
    return told | {"account": found.accounts.ids[found.accounts.codes[number]].decode()}


def test_a_call_with_everything():
    found = read(
        span(
            CALL
            | {
                "gen_ai.tool.name": "search",
                "gen_ai.operation.name": "execute_tool",
                "enduser.pseudo.id": "ada",
                "mcpdir.client.product": "claude_ai",
                "http.response.status_code": 200,
                "gen_ai.tool.call.arguments": '{"secret": 1}',
                "server.address": "mcp.example.com",
            }
        )
    )
    assert row(found) == {
        "kind": 1,
        "time": 2_000,
        "server": SERVER,
        "product": "claude_ai",
        "tool": "search",
        "account": "ada",
        "outcome": 1,
        "error_type": "",
        "http_status": 200,
        "duration_us": 3_000,
        "synthetic": False,
    }
    assert (found.ignored, found.rejected) == (0, {})


@pytest.mark.parametrize(
    ("attributes", "field", "wanted"),
    [
        ({"mcp.tool.name": "search"}, "tool", "search"),
        ({"gen_ai.tool.name": "new", "mcp.tool.name": "old"}, "tool", "new"),
        ({"mcp.tool.name": "old", "gen_ai.tool.name": "new"}, "tool", "new"),
        ({"mcp.tool.name": "old", "gen_ai.tool.name": ""}, "tool", "old"),
        ({"user.hash": "h"}, "account", "h"),
        ({"user.id": "u"}, "account", "u"),
        ({"user.id": 17}, "account", "17"),
        ({"user.id": "u", "user.hash": "h", "enduser.pseudo.id": "p"}, "account", "p"),
        ({"user.id": "u", "user.hash": "h"}, "account", "h"),
        ({"user.email": "ada@example.com", "enduser.id": "ada", "user.name": "Ada"}, "account", ""),
        ({"user.id": ["a", "b"]}, "account", ""),
        ({"http.status_code": 404}, "http_status", 404),
        ({"http.response.status_code": "503"}, "http_status", 503),
        ({"http.response.status_code": 503.0}, "http_status", 503),
        ({"http.response.status_code": float("inf")}, "http_status", 0),
        ({"http.response.status_code": "9" * 5_000}, "http_status", 0),
        ({"http.response.status_code": -200}, "http_status", 0),
        ({"user_agent.synthetic.type": "bot"}, "synthetic", True),
        ({"user_agent.synthetic.type": "test"}, "synthetic", True),
        ({"mcp.method.name": "tools/list"}, "kind", 2),
        ({"mcp.method.name": "notifications/initialized"}, "kind", 2),
    ],
)
def test_names_of_attributes(attributes, field, wanted):
    assert row(read(span(CALL | attributes)))[field] == wanted


OK, TOOL_ERROR, REQUEST_ERROR, AUTH_REJECTED = 1, 2, 3, 4


@pytest.mark.parametrize(
    ("attributes", "failed", "outcome", "error_type"),
    [
        ({}, False, OK, ""),
        ({"http.response.status_code": 204}, False, OK, ""),
        ({"rpc.response.status_code": "0"}, False, OK, ""),
        ({"error.type": "tool_error"}, True, TOOL_ERROR, "tool_error"),
        ({"error.type": "tool_error", "http.response.status_code": 200}, True, TOOL_ERROR, "tool_error"),
        ({"error.type": "timeout"}, True, REQUEST_ERROR, "timeout"),
        ({"error.type": "-32602", "rpc.response.status_code": "-32602"}, True, REQUEST_ERROR, "-32602"),
        ({"rpc.response.status_code": "-32602"}, False, REQUEST_ERROR, "-32602"),
        ({"rpc.status_code": -32000}, False, REQUEST_ERROR, "-32000"),
        ({"rpc.jsonrpc.error_code": -32601}, False, REQUEST_ERROR, "-32601"),
        ({"error.type": "_OTHER", "rpc.status_code": "-32603"}, True, REQUEST_ERROR, "-32603"),
        ({"error.type": "_OTHER"}, False, REQUEST_ERROR, ""),
        ({"error.type": "_OTHER", "http.response.status_code": 502}, True, REQUEST_ERROR, ""),
        ({"http.response.status_code": 500}, False, REQUEST_ERROR, ""),
        ({"http.response.status_code": 429, "error.type": "429"}, True, REQUEST_ERROR, "429"),
        ({}, True, REQUEST_ERROR, ""),
        ({"http.response.status_code": 401, "error.type": "401"}, True, AUTH_REJECTED, ""),
        ({"http.response.status_code": 403}, False, AUTH_REJECTED, ""),
        ({"error.type": "403"}, True, AUTH_REJECTED, ""),
    ],
)
def test_outcomes(attributes, failed, outcome, error_type):
    found = row(read(span(CALL | attributes, status=Status.STATUS_CODE_ERROR if failed else 0)))
    assert (found["outcome"], found["error_type"]) == (outcome, error_type)


def test_what_is_no_call_has_no_outcome():
    found = row(read(span(CALL | {"mcp.method.name": "initialize", "error.type": "timeout"}, status=2)))
    assert (found["outcome"], found["error_type"], found["duration_us"], found["tool"]) == (0, "", 0, "")


def test_a_resource_speaks_for_its_spans_and_a_span_for_itself():
    other = SERVER.replace("1", "2")
    resource = {"mcpdir.server.id": SERVER, "mcpdir.client.product": "cowork"}
    plain = {"mcp.method.name": "tools/call"}
    found = read(span(plain), span(plain | {"mcpdir.server.id": other}), resource=resource)
    assert [row(found, n)["server"] for n in (0, 1)] == [SERVER, other]
    assert [row(found, n)["product"] for n in (0, 1)] == ["cowork", "cowork"]


def test_other_spans_are_none_of_ours():
    found = read(span({"http.request.method": "POST"}), span({"mcpdir.server.id": SERVER}))
    assert (len(found.columns), found.ignored, found.rejected) == (0, 0, {})


def test_an_operation_without_a_server_is_rejected():
    found = read(span({"mcp.method.name": "tools/call"}), span(CALL), span(CALL | {"mcpdir.server.id": ""}))
    assert (len(found.columns), found.rejected) == (1, {"no_server_id": 2})


@pytest.mark.parametrize(
    ("side", "counted"), [("client", (CLIENT_SIDE, INTERNAL)), ("server", (SERVER_SIDE, INTERNAL))]
)
def test_one_side_of_an_operation_counts(side, counted):
    found = read(*(span(CALL, kind=kind) for kind in (CLIENT_SIDE, SERVER_SIDE, INTERNAL)), side=side)
    assert (len(found.columns), found.ignored) == (2, 1)
    assert [len(read(span(CALL, kind=kind), side=side).columns) for kind in counted] == [1, 1]


def test_a_span_that_ends_before_it_begins_took_no_time():
    assert row(read(span(CALL, began=9_000_000, ended=1)))["duration_us"] == 0


REMOVED = {"mcpdir.connection.state": "disconnected", "mcpdir.connection.reason": "user_removed"}


def test_a_removal_is_an_event_on_any_span():
    about = {"mcpdir.server.id": SERVER, "enduser.pseudo.id": "ada", "mcpdir.client.product": "cowork"}
    found = read(span(about, events=[("mcpdir.connection", REMOVED)]))
    told = row(found)
    assert (told["kind"], told["time"], told["account"], told["product"]) == (3, 2_000, "ada", "cowork")


def test_a_removal_names_its_own_account():
    found = read(span(CALL, events=[("mcpdir.connection", REMOVED | {"enduser.pseudo.id": "bob"})]))
    assert [row(found, n)["kind"] for n in (0, 1)] == [1, 3]
    assert [row(found, n)["account"] for n in (0, 1)] == ["", "bob"]


def test_a_removal_names_its_own_server():
    other = SERVER.replace("1", "2")
    found = read(span({}, events=[("mcpdir.connection", REMOVED | {"mcpdir.server.id": SERVER})]))
    assert (row(found)["server"], found.rejected) == (SERVER, {})
    found = read(span(CALL, events=[("mcpdir.connection", REMOVED | {"mcpdir.server.id": other})]))
    assert [row(found, n)["server"] for n in (0, 1)] == [SERVER, other]
    found = read(
        span(
            {"mcp.method.name": "tools/list"},
            events=[("mcpdir.connection", REMOVED), ("mcpdir.connection", REMOVED | {"mcpdir.server.id": SERVER})],
        )
    )
    assert (len(found.columns), found.rejected) == (1, {"no_server_id": 1})


def test_a_removal_counts_on_whichever_side_it_is_told():
    found = read(span(CALL, kind=SERVER_SIDE, events=[("mcpdir.connection", REMOVED)]))
    assert (len(found.columns), row(found)["kind"], found.ignored) == (1, 3, 1)


@pytest.mark.parametrize(
    "event",
    [
        ("mcpdir.connection", {"mcpdir.connection.state": "connected"}),
        ("mcpdir.connection", REMOVED | {"mcpdir.connection.reason": "token_revoked"}),
        ("mcpdir.connection", REMOVED | {"mcpdir.connection.reason": "expired"}),
        ("exception", REMOVED),
    ],
)
def test_other_events_are_no_removals(event):
    assert len(read(span({"mcpdir.server.id": SERVER}, events=[event])).columns) == 0


def test_a_removal_without_a_server_is_rejected():
    assert read(span({}, events=[("mcpdir.connection", REMOVED)])).rejected == {"no_server_id": 1}


def test_the_document_has_every_name_and_limit():
    names = [name for each in otlp_attributes._NAMES.values() for name in each]
    words = [*names, *otlp_exports._WHAT_TO_DO, "OTLP_SPAN_KIND=server"]
    assert [word for word in words if f"`{word}`" not in DOCUMENTATION] == []
    assert set(SPAN_KINDS) == {"client", "server"}
    assert f"the last {export_lanes.MOST_REMEMBERED:,} " in DOCUMENTATION
    assert f"at most {otlp_exports.LARGEST_EXPORT // 1024**2} MiB" in DOCUMENTATION
