"""Figures of a server, and each table of them as a file."""

from __future__ import annotations

from typing import Any, Literal

from directory.metrics.v1.metrics_service_pb2 import GetServerMetricsResponse
from flask import Response, json
from pydantic import BaseModel

from gateway import views
from gateway.api import blueprints
from gateway.api.answers import Answer
from gateway.api.paths import SubmissionPath
from gateway.api.schemas import answer
from gateway.core import core
from gateway.exports import TABLES, to_csv
from gateway.shapes import to_json

blueprint = blueprints.of_managers("metrics", __name__, below="/submissions/<uuid:submission_id>/metrics")


class TablePath(SubmissionPath):
    """A table of a submission's figures."""

    table: Literal["errors", "products", "tools", "daily"]


class Table(BaseModel):
    """A table as the page shows it; figures that are suppressed are not there."""

    as_of: str | None
    computed_at: str | None
    rows: list[dict[str, Any]]


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
        "rows": TABLES[path.table](figures),
    }
    return _file(json.dumps(body), path, figures, "json", "application/json")


@blueprint.get(
    "/<any(errors,products,tools,daily):table>.csv",
    responses={200: {"description": "The table", "content": {"text/csv": {"schema": {"type": "string"}}}}},
)
def get_table_csv(path: TablePath) -> Answer:
    """A table as CSV."""
    figures = _figures(path)
    text = to_csv(path.table, TABLES[path.table](figures))
    return _file(text, path, figures, "csv", "text/csv")


def _figures(path: SubmissionPath) -> GetServerMetricsResponse:
    return views.server_metrics(core(), str(path.submission_id))


def _file(text: str, path: TablePath, figures: GetServerMetricsResponse, ending: str, mimetype: str) -> Answer:
    day = figures.metrics.as_of or "none"
    name = f"{path.table}-{day}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, mimetype=mimetype, headers=headers)
