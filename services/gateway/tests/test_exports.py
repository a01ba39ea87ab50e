import csv
import io

import pytest
from directory.metrics.v1.metrics_service_pb2 import GetServerHistoryResponse, GetServerMetricsResponse
from directory.metrics.v1.server_metrics_pb2 import HEALTH_COLLECTING, HEALTH_HEALTHY
from gateway.exports import COLUMNS, TABLES, history, to_csv
from hypothesis import given
from hypothesis import strategies as st


def figures() -> GetServerMetricsResponse:
    answer = GetServerMetricsResponse()
    answer.products.add(key="claude_ai", name="Claude.ai")
    window = answer.metrics.windows.add(days=7, calls=100, error_rate=0.25)
    window.top_error_types.add(error_type="-32602", count=3)
    window.top_error_types.add(error_type="timeout", count=1)
    answer.metrics.products.add(product="claude_ai", calls=80, p50_ms=12.5)
    answer.metrics.products.add(product="gone", calls=60)
    answer.metrics.tools.add(tool="=HYPERLINK(1)", calls=9)
    answer.metrics.daily.add(day="2026-11-20", calls=7, active_users=3, error_rate=0.0)
    answer.metrics.daily.add(day="2026-11-21", rank=4)
    return answer


def read(table: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(to_csv(table, TABLES[table](figures())))))


def test_each_table_has_its_columns() -> None:
    for table, rows_of in TABLES.items():
        for row in rows_of(figures()):
            assert tuple(row) == COLUMNS[table]


def test_the_history_has_its_columns_and_empty_cells_where_it_was_suppressed() -> None:
    answer = GetServerHistoryResponse()
    answer.shown.add(as_of="2026-11-20", health=HEALTH_HEALTHY, rank=3, calls=90, error_rate=0.01, ranked_servers=7)
    answer.shown.add(as_of="2026-11-21", health=HEALTH_COLLECTING)
    assert {frozenset(row) for row in history(answer)} == {frozenset(COLUMNS["history"])}
    first, second = csv.DictReader(io.StringIO(to_csv("history", history(answer))))
    assert (first["day"], first["health"], first["rank"], first["calls"]) == ("2026-11-20", "healthy", "3", "90")
    assert (second["health"], second["rank"], second["calls"], second["error_rate"]) == ("collecting", "", "", "")


def test_rows_of_errors_and_products() -> None:
    assert read("errors")[0]["top_error_types"] == "'-32602 3; timeout 1"
    assert [row["name"] for row in read("products")] == ["Claude.ai", "gone"]


def test_what_is_suppressed_is_empty_and_not_zero() -> None:
    first, second = read("daily")
    assert (first["calls"], first["error_rate"], first["rank"]) == ("7", "0.0", "")
    assert (second["calls"], second["rank"]) == ("", "4")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "|cmd", "\r=1"])
def test_a_tool_name_cannot_be_a_formula(name: str) -> None:
    answer = GetServerMetricsResponse()
    answer.metrics.tools.add(tool=name, calls=9)
    row = next(csv.DictReader(io.StringIO(to_csv("tools", TABLES["tools"](answer)), newline="")))
    assert row["tool"] == f"'{name}"


@given(st.text(min_size=1, max_size=30).filter(lambda text: "\x00" not in text))
def test_any_tool_name_comes_back(name: str) -> None:
    answer = GetServerMetricsResponse()
    answer.metrics.tools.add(tool=name, calls=9)
    row = next(csv.DictReader(io.StringIO(to_csv("tools", TABLES["tools"](answer)), newline="")))
    assert row["tool"].removeprefix("'") == name.removeprefix("'")
