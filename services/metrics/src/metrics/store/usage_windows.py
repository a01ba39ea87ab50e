"""Reading the rollups of some servers, for a computation."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, text

from metrics.domain.server_figures import ServerUsage, Users
from metrics.domain.windows import LONGEST, CallSums, date_of, day_number


def usage_of(connection: Connection, server_ids: Sequence[str], as_of: int) -> list[ServerUsage]:
    """The rollups that the figures at the end of day `as_of` need; `connection` should see one moment."""
    span = {
        "ids": list(server_ids),
        "as_of": date_of(as_of),
        "month": date_of(as_of - LONGEST + 1),
        "week": date_of(as_of - 6),
    }

    def grouped(statement: str) -> dict[str, list[Row[Any]]]:
        rows = defaultdict(list)
        for row in connection.execute(text(statement), span):
            rows[str(row.server_id)].append(row)
        return rows

    days, error_types, products, tools, users = map(grouped, (_DAYS, _ERROR_TYPES, _PRODUCTS, _TOOLS, _USERS))
    return [
        ServerUsage(
            server_id,
            {day_number(row.day): _all_sums(row) for row in days[server_id]},
            [(day_number(row.day), row.error_type, row.calls) for row in error_types[server_id]],
            [(row.product, _sums(row), bytes(row.durations)) for row in products[server_id]],
            [(row.tool, _sums(row)) for row in tools[server_id]],
            _users(users[server_id][0], as_of) if users[server_id] else Users(),
        )
        for server_id in server_ids
    ]


def _all_sums(row: Row[Any]) -> CallSums:
    return CallSums(
        row.calls,
        row.tool_errors,
        row.request_errors,
        row.auth_rejected,
        row.http_4xx,
        row.http_5xx,
        row.messages,
    )


def _sums(row: Row[Any]) -> CallSums:
    return CallSums(int(row.calls), int(row.tool_errors), int(row.request_errors))


def _users(row: Row[Any], as_of: int) -> Users:
    by_day = {as_of - age: users for age, users in enumerate(row.by_day)}
    return Users(row.active_30, row.active_7, row.active_previous_7, row.any_message_30, row.disconnected_30, by_day)


_DAYS = """
    SELECT server_id, day, calls, tool_errors, request_errors, auth_rejected, http_4xx, http_5xx, messages
    FROM usage_server_days WHERE server_id = ANY(CAST(:ids AS uuid[])) AND day BETWEEN :month AND :as_of
"""
_ERROR_TYPES = """
    SELECT server_id, day, error_type, calls
    FROM usage_error_type_days WHERE server_id = ANY(CAST(:ids AS uuid[])) AND day BETWEEN :month AND :as_of
"""
_PRODUCTS = """
    SELECT server_id, product, sum(calls) AS calls, sum(tool_errors) AS tool_errors,
        sum(request_errors) AS request_errors, string_agg(durations, ''::bytea) AS durations
    FROM usage_product_days WHERE server_id = ANY(CAST(:ids AS uuid[])) AND day BETWEEN :week AND :as_of
    GROUP BY server_id, product
"""
_TOOLS = """
    SELECT server_id, tool, sum(calls) AS calls, sum(tool_errors) AS tool_errors,
        sum(request_errors) AS request_errors
    FROM usage_tool_days WHERE server_id = ANY(CAST(:ids AS uuid[])) AND day BETWEEN :week AND :as_of
    GROUP BY server_id, tool
"""


def _relative(name: str) -> str:
    """A day map turned so that bit k stands for k days before `as_of`. The shift to the right drags the sign along,
    but for 33 days at most it does not reach the 30 bits that are looked at."""
    return f"CASE WHEN last_day >= :as_of THEN {name} >> (last_day - :as_of) ELSE {name} << (:as_of - last_day) END"


_MONTH, _WEEK = (1 << LONGEST) - 1, (1 << 7) - 1
_BY_DAY = ", ".join(f"count(*) FILTER (WHERE called & {1 << age} <> 0)" for age in range(LONGEST))
_USERS = f"""
    SELECT server_id,
        count(*) FILTER (WHERE called & {_MONTH} <> 0) AS active_30,
        count(*) FILTER (WHERE called & {_WEEK} <> 0) AS active_7,
        count(*) FILTER (WHERE called & {_WEEK << 7} <> 0) AS active_previous_7,
        count(*) FILTER (WHERE active & {_MONTH} <> 0) AS any_message_30,
        count(*) FILTER (WHERE active & {_MONTH} <> 0 AND removed & {_MONTH} <> 0) AS disconnected_30,
        ARRAY[{_BY_DAY}] AS by_day
    FROM (
        SELECT server_id, {_relative("called")} AS called, {_relative("active")} AS active,
            {_relative("removed")} AS removed
        FROM server_accounts WHERE server_id = ANY(CAST(:ids AS uuid[])) AND last_day >= :month
    ) AS relative
    GROUP BY server_id
"""  # noqa: S608  # only constants
