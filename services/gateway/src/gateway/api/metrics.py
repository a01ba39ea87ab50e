"""Figures of a server, and each table of them as a file."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from directory.metrics.v1.metrics_service_pb2 import GetServerHistoryResponse, GetServerMetricsResponse
from flask import Response, json
from pydantic import BaseModel, BeforeValidator, Field

from gateway import views
from gateway.api import blueprints
from gateway.api.answers import Answer
from gateway.api.paths import SubmissionPath
from gateway.api.schemas import Query, answer
from gateway.core import core
from gateway.exports import TABLES, history, to_csv
from gateway.shapes import to_json

blueprint = blueprints.of_managers("metrics", __name__, below="/submissions/<uuid:submission_id>/metrics")


def _as_written(text: object) -> object:
    """Pydantic alone would take seconds since 1970 and times of day too."""
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        raise ValueError("give a day as YYYY-MM-DD")
    return text


Day = Annotated[date, BeforeValidator(_as_written)]


class TablePath(SubmissionPath):
    """A table of a submission's figures."""

    table: Literal["errors", "products", "tools", "daily"]


class Table(BaseModel):
    """A table as the page shows it; figures that are suppressed are not there."""

    as_of: str | None
    computed_at: str | None
    days_behind: int
    incomplete: bool
    rows: list[dict[str, Any]]


class HistoryQuery(Query):
    """Which days: at most 400, the last 30 unless said."""

    first: Day | None = Field(default=None, alias="from", description="The first day; 29 days before the last.")
    last: Day | None = Field(default=None, alias="to", description="The last day; the newest snapshot's.")


@blueprint.get("", responses={200: answer(GetServerMetricsResponse.DESCRIPTOR, name="ServerMetricsAnswer")})
def get_metrics(path: SubmissionPath) -> Answer:
    """Everything about one server, as the last snapshot says it."""
    return to_json(_figures(path))


@blueprint.get("/<any(errors,products,tools,daily):table>.json", responses={200: Table})
def get_table(path: TablePath) -> Answer:
    """A table as JSON."""
    figures = _figures(path)
    metrics = figures.metrics
    body = {
        "as_of": metrics.as_of or None,
        "computed_at": metrics.computed_at.ToJsonString() if metrics.HasField("computed_at") else None,
        "days_behind": metrics.days_behind,
        "incomplete": metrics.incomplete,
        "rows": TABLES[path.table](figures),
    }
    return _file(json.dumps(body), path.table, metrics.as_of, "json", "application/json")


_CSV: dict[str, Any] = {"description": "The table", "content": {"text/csv": {"schema": {"type": "string"}}}}


@blueprint.get("/<any(errors,products,tools,daily):table>.csv", responses={200: _CSV})
def get_table_csv(path: TablePath) -> Answer:
    """A table as CSV."""
    figures = _figures(path)
    text = to_csv(path.table, TABLES[path.table](figures))
    return _file(text, path.table, figures.metrics.as_of, "csv", "text/csv")


@blueprint.get("/history", responses={200: answer(GetServerHistoryResponse.DESCRIPTOR, name="ServerHistory")})
def get_history(path: SubmissionPath, query: HistoryQuery) -> Answer:
    """What was shown on each day of a range, and the lines over it."""
    return to_json(_history(path, query))


@blueprint.get("/history.csv", responses={200: _CSV})
def get_history_csv(path: SubmissionPath, query: HistoryQuery) -> Answer:
    """What was shown on each day of a range, as CSV."""
    found = _history(path, query)
    return _file(to_csv("history", history(found)), "history", found.as_of, "csv", "text/csv")


def _figures(path: SubmissionPath) -> GetServerMetricsResponse:
    return views.server_metrics(core(), str(path.submission_id))


def _history(path: SubmissionPath, query: HistoryQuery) -> GetServerHistoryResponse:
    first, last = (day.isoformat() if day else "" for day in (query.first, query.last))
    return views.server_history(core(), str(path.submission_id), first=first, last=last)


def _file(text: str, table: str, as_of: str, ending: str, mimetype: str) -> Answer:
    name = f"{table}-{as_of or 'none'}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, mimetype=mimetype, headers=headers)
