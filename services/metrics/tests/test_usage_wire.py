"""The quick reader of reports against protobuf itself."""

import dataclasses

import numpy as np
import pytest
from chassis.errors import InvalidInput
from directory.metrics.v1.usage_collector_pb2 import ReportRequest
from directory.usage.v1.usage_event_pb2 import UsageEvent
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st
from metrics.api.reports import MOST_EVENTS, report_of
from metrics.domain.usage_columns import Names
from metrics.domain.usage_events import columns_of
from metrics.domain.usage_wire import TooManyEvents, read_report

SHORT = st.one_of(st.text(max_size=30), st.sampled_from(["", "claude_ai", "a" * 127]))
USUAL = st.builds(
    UsageEvent,
    kind=st.sampled_from([0, 1, 2, 3, 4, 127, 128, 255, 256, 2**31 - 1]),
    time_us=st.one_of(st.integers(0, 2**56 - 1), st.just(1_773_000_000_000_000)),
    server_id=SHORT,
    product=SHORT,
    tool=SHORT,
    account_hash=st.integers(0, 2**64 - 1),
    account_id=SHORT,
    outcome=st.sampled_from([0, 1, 2, 3, 4, 300]),
    error_type=SHORT,
    http_status=st.one_of(st.integers(0, 2**32 - 1), st.just(200)),
    duration_us=st.integers(0, 2**56 - 1),
    synthetic=st.booleans(),
)
UNUSUAL = st.builds(
    UsageEvent,
    kind=st.sampled_from([1, -1, -(2**31)]),
    time_us=st.sampled_from([5, -1, 2**56, 2**63 - 1]),
    tool=st.sampled_from(["search", "a" * 128, "é" * 64]),
    outcome=st.sampled_from([1, -7]),
    duration_us=st.sampled_from([0, 2**56, 2**64 - 1]),
)


def reports(events):
    return st.builds(
        ReportRequest,
        producer_id=st.text(max_size=70),
        sequence=st.integers(0, 2**56 - 1),
        events=st.lists(events, max_size=10),
    )


def texts(names):
    return [names.values[code] for code in names.codes.tolist()]


def plain(columns):
    values = {f.name: getattr(columns, f.name) for f in dataclasses.fields(columns)}
    return {name: texts(v) if isinstance(v, Names) else (v.dtype, v.tolist()) for name, v in values.items()}


def agrees(report, request):
    assert (report.producer_id, report.sequence) == (request.producer_id, request.sequence)
    assert plain(report.columns) == plain(columns_of(request.events))
    ids = [report.accounts.ids[code] for code in report.accounts.codes.tolist()]
    assert ids == [event.account_id.encode() for event in request.events]


@settings(max_examples=100)
@given(reports(USUAL))
def test_what_it_reads_is_what_protobuf_reads(request_):
    agrees(read_report(request_.SerializeToString(), MOST_EVENTS), request_)


@settings(max_examples=50)
@given(reports(st.one_of(USUAL, UNUSUAL)))
def test_whichever_way_it_is_read_it_is_the_same(request_):
    report = read_report(request_.SerializeToString(), MOST_EVENTS)
    if report is not None:
        agrees(report, request_)


@settings(max_examples=100)
@given(reports(USUAL), st.data())
def test_bytes_that_are_changed_are_read_alike_or_left_to_protobuf(request_, data):
    raw = bytearray(request_.SerializeToString())
    for _ in range(data.draw(st.integers(1, 3))):
        if raw:
            place = data.draw(st.integers(0, len(raw) - 1))
            if data.draw(st.booleans()):
                raw[place] = data.draw(st.integers(0, 255))
            else:
                del raw[place]
    report = read_report(bytes(raw), MOST_EVENTS)
    if report is not None:
        agrees(report, ReportRequest.FromString(bytes(raw)))


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_alike_or_refused(raw):
    try:
        wanted = ReportRequest.FromString(raw)
    except DecodeError:
        assert read_report(raw, MOST_EVENTS) is None
        with pytest.raises(InvalidInput):
            report_of(raw)
        return
    report = read_report(raw, MOST_EVENTS)
    if report is not None:
        agrees(report, wanted)


def usual(number):
    return UsageEvent(
        kind=1,
        time_us=1_773_000_000_000_000 + number,
        server_id="0198c0de-0000-7000-8000-000000000001",
        product="claude_ai" if number % 3 else "",
        tool=f"tool-{number % 7}",
        account_id=f"ada-{number}" if number % 5 else "",
        account_hash=0 if number % 5 else number,
        outcome=1 + number % 4,
        error_type="timeout" if number % 4 == 2 else "",
        http_status=200,
        duration_us=number**3,
        synthetic=number % 11 == 0,
    )


def test_usual_reports_are_read_quickly():
    request = ReportRequest(producer_id="proxy-7", sequence=9, events=[usual(n) for n in range(1_000)])
    report = read_report(request.SerializeToString(), MOST_EVENTS)
    assert report is not None
    agrees(report, request)
    assert len(report.columns.server.values) == 1


@pytest.mark.parametrize(
    "unusual",
    [
        UsageEvent(kind=1).SerializeToString() + b"\x08\x02",  # a field twice
        b"\x10\x07" + UsageEvent(kind=1).SerializeToString(),  # out of order
        UsageEvent(kind=1).SerializeToString() + b"\xfa\x01\x01x",  # unknown to us
        UsageEvent(tool="x" * 200).SerializeToString(),
        UsageEvent(time_us=-1).SerializeToString(),
    ],
)
def test_what_is_right_but_unusual_is_read_slowly(unusual):
    raw = b"".join(b"\x1a" + bytes([len(event)]) + event for event in (unusual,) if len(event) < 128)
    if not raw:
        raw = b"\x1a" + bytes([len(unusual) & 127 | 128, len(unusual) >> 7]) + unusual
    assert read_report(raw, MOST_EVENTS) is None
    agrees(report_of(raw), ReportRequest.FromString(raw))


def test_more_events_than_allowed_are_not_read():
    raw = b"\x1a\x00" * 11
    with pytest.raises(TooManyEvents):
        read_report(raw, 10)
    assert len(read_report(raw, 11).columns) == 11
    with pytest.raises(InvalidInput, match="TOO_MANY"):
        report_of(b"\x1a\x00" * (MOST_EVENTS + 1))
    with pytest.raises(InvalidInput, match="TOO_MANY"):
        report_of(b"\x1a\x02\x72\x00" * (MOST_EVENTS + 1))


def test_an_empty_report_is_one():
    report = report_of(b"")
    assert (report.producer_id, report.sequence, len(report.columns)) == ("", 0, 0)
    assert report.columns.time.dtype == np.int64
