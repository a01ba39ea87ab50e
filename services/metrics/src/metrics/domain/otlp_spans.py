"""Spans of MCP operations as usage events (docs/opentelemetry.md).

One operation has two spans where a proxy records both of its sides: SERVER towards the client, CLIENT towards the MCP
server. One side counts, or every call would count twice.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from metrics.domain import otlp_attributes as attribute
from metrics.domain.otlp_attributes import read_attributes
from metrics.domain.usage_columns import (
    AUTH_REJECTED,
    CONNECTOR_REMOVED,
    MESSAGE,
    OK,
    REQUEST_ERROR,
    TOOL_CALL,
    TOOL_ERROR,
    Names,
    UsageColumns,
)
from metrics.domain.usage_wire import Accounts

# opentelemetry.proto.trace.v1.Span.SpanKind and Status.StatusCode
SPAN_KINDS = {"server": 2, "client": 3}
_STATUS_ERROR = 2
_CALL_METHOD = "tools/call"
_CONNECTION_EVENT = "mcpdir.connection"
_REMOVED = {attribute.STATE: "disconnected", attribute.REASON: "user_removed"}
_NO_ERROR = ("", "0", "OK", "ok")
_UNSPECIFIC = ("", "_OTHER")
_NANOSECONDS = 1_000  # in a microsecond
_STATUS_DIGITS = 3


class _Row(NamedTuple):
    kind: int
    time: int
    server: str
    product: str
    tool: str
    account: str
    outcome: int
    error_type: str
    http_status: int
    duration_us: int
    synthetic: bool


@dataclass
class SpanEvents:
    """What an export holds: `ignored` spans tell of the other side of operations; `rejected` ones, by reason, are MCP
    operations that cannot be counted. Spans of other things are not mentioned."""

    columns: UsageColumns
    accounts: Accounts
    ignored: int = 0
    rejected: Counter[str] = field(default_factory=Counter)


def read_spans(request: Any, counted_side: str) -> SpanEvents:
    """Reads an opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest.

    Args:
        request: the message.
        counted_side: a key of SPAN_KINDS, whose spans count; those of neither side count too, those of the other not.
    """
    other_side = next(kind for side, kind in SPAN_KINDS.items() if side != counted_side)
    rows: list[_Row] = []
    ignored, rejected = 0, Counter[str]()
    for resource_spans in request.resource_spans:
        beneath = read_attributes(resource_spans.resource.attributes, {})
        for scope_spans in resource_spans.scope_spans:
            for span in scope_spans.spans:
                attributes = read_attributes(span.attributes, beneath)
                is_operation = attribute.METHOD in attributes
                if is_operation and span.kind == other_side:
                    ignored += 1
                    is_operation = False
                told = [_operation(span, attributes)] if is_operation else []
                told += _removals(span.events, attributes)
                countable = [row for row in told if row.server]
                if len(countable) < len(told):
                    rejected["no_server_id"] += 1
                rows += countable
    columns, accounts = _columns(rows)
    return SpanEvents(columns, accounts, ignored, rejected)


def _operation(span: Any, attributes: Mapping[str, str]) -> _Row:
    began, get = span.start_time_unix_nano, attributes.get
    is_call = attributes[attribute.METHOD] == _CALL_METHOD
    status = _http_status(get(attribute.HTTP_STATUS, ""))
    outcome, error = _outcome(attributes, status, span.status.code == _STATUS_ERROR) if is_call else (0, "")
    return _Row(
        kind=TOOL_CALL if is_call else MESSAGE,
        time=began // _NANOSECONDS,
        server=get(attribute.SERVER, ""),
        product=get(attribute.PRODUCT, ""),
        tool=get(attribute.TOOL, "") if is_call else "",
        account=get(attribute.ACCOUNT, ""),
        outcome=outcome,
        error_type=error,
        http_status=status,
        duration_us=max(0, span.end_time_unix_nano - began) // _NANOSECONDS if is_call else 0,
        synthetic=attribute.SYNTHETIC in attributes,
    )


def _outcome(attributes: Mapping[str, str], status: int, failed: bool) -> tuple[int, str]:
    """How a call ended, and its error type; as the client sees it: every JSON-RPC error code is an error."""
    error = attributes.get(attribute.ERROR, "")
    code = attributes.get(attribute.RPC_STATUS, "")
    if status in (401, 403) or (not status and error in ("401", "403")):
        return AUTH_REJECTED, ""
    if error == "tool_error":
        return TOOL_ERROR, error
    named = error
    if error in _UNSPECIFIC:
        named = "" if code in _NO_ERROR else code
    if error or named or failed or status >= 400:
        return REQUEST_ERROR, named
    return OK, ""


def _removals(events: Iterable[Any], beneath: Mapping[str, str]) -> Iterator[_Row]:
    for event in events:
        if event.name != _CONNECTION_EVENT:
            continue
        own = read_attributes(event.attributes, {})
        if all(own.get(name) == wanted for name, wanted in _REMOVED.items()):
            yield _removal(event, {**beneath, **own})


def _removal(event: Any, attributes: Mapping[str, str]) -> _Row:
    return _Row(
        kind=CONNECTOR_REMOVED,
        time=event.time_unix_nano // _NANOSECONDS,
        server=attributes.get(attribute.SERVER, ""),
        product=attributes.get(attribute.PRODUCT, ""),
        tool="",
        account=attributes.get(attribute.ACCOUNT, ""),
        outcome=0,
        error_type="",
        http_status=0,
        duration_us=0,
        synthetic=attribute.SYNTHETIC in attributes,
    )


def _http_status(text: str) -> int:
    return int(text) if len(text) == _STATUS_DIGITS and text.isascii() and text.isdigit() else 0


def _columns(rows: list[_Row]) -> tuple[UsageColumns, Accounts]:
    columns = _Row(*zip(*rows, strict=True)) if rows else _Row(*((),) * len(_Row._fields))  # type: ignore[arg-type]
    account = Names.of(columns.account)
    ids = [name.encode() for name in account.values]
    made = UsageColumns(
        kind=np.array(columns.kind, np.uint8),
        time=np.array(columns.time, np.int64),
        server=Names.of(columns.server),
        product=Names.of(columns.product),
        tool=Names.of(columns.tool),
        account=np.zeros(len(rows), np.uint64),
        outcome=np.array(columns.outcome, np.uint8),
        error_type=Names.of(columns.error_type),
        http_status=np.array(columns.http_status, np.uint16),
        duration_us=np.array(columns.duration_us, np.uint64),
        synthetic=np.array(columns.synthetic, np.bool_),
    )
    return made, Accounts(account.codes, ids)
