"""Events as an instrumented proxy would tell them: spans of OpenTelemetry's own SDK."""

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import SpanKind, Status, StatusCode

from .accounts import account_hash
from .collector_under_test import KEY

OK, TOOL_ERROR, REQUEST_ERROR, AUTH_REJECTED = 1, 2, 3, 4


def provider(processor, **resource):
    """An SDK that hands spans to one processor."""
    made = TracerProvider(resource=Resource({"service.name": "mcp-proxy", **resource}), shutdown_on_exit=False)
    made.add_span_processor(processor)
    return made


def sayable(event):
    """The event as far as spans can tell it: no unknown kinds, an error where the status is one, ids for accounts."""
    event = dict(event)
    if event["kind"] not in (1, 2, 3) or (event["kind"] == 1 and event["outcome"] not in (1, 2, 3, 4)):
        return None
    if event["account"]:
        event["account_id"] = f"account-{event['account']}"
        event["account"] = account_hash(event["account_id"], KEY)
    if event["kind"] != 1:
        return event
    match event["outcome"]:
        case 1:
            event["http_status"] = min(event["http_status"], 399)
        case 2:
            event |= {"error_type": "tool_error", "http_status": 200}
        case 3 if event["error_type"] == "tool_error":
            event["error_type"] = "timeout"
        case 4:
            event["http_status"] = 401
    return event


def tell(tracer, event):
    """Starts and ends the event's span."""
    began = event["time_us"] * 1_000
    attributes = {
        "mcpdir.server.id": event["server_id"],
        "mcpdir.client.product": event["product"],
        "enduser.pseudo.id": event.get("account_id", ""),
    }
    if event["synthetic"]:
        attributes["user_agent.synthetic.type"] = "bot"
    if event["kind"] == 3:
        span = tracer.start_span("disconnect", attributes=_given(attributes), start_time=began)
        removal = {"mcpdir.connection.state": "disconnected", "mcpdir.connection.reason": "user_removed"}
        span.add_event("mcpdir.connection", removal, timestamp=began)
        span.end(began)
        return
    attributes["mcp.method.name"] = "tools/call" if event["kind"] == 1 else "tools/list"
    if event["kind"] == 1:
        attributes |= {
            "gen_ai.tool.name": event["tool"],
            "error.type": event["error_type"],
            "http.response.status_code": event["http_status"],
        }
    span = tracer.start_span("mcp", kind=SpanKind.CLIENT, attributes=_given(attributes), start_time=began)
    if event["outcome"] in (2, 3):
        span.set_status(Status(StatusCode.ERROR))
    span.end(began + event["duration_us"] * 1_000)


def _given(attributes):
    return {name: value for name, value in attributes.items() if value}
