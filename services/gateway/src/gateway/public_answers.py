"""Answers that are the same for everybody: kept by caches for a minute, and sent again only where they changed."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request

MINUTE = "public, max-age=60"


def publicly(document: dict[str, Any]) -> Response:
    """The document with its entity tag, or 304 where If-None-Match names that."""
    return conditional(jsonify(document))


def conditional(response: Response, *, kept: str = MINUTE) -> Response:
    """As `publicly`, of an answer that is made already."""
    response.headers["Cache-Control"] = kept
    response.add_etag()
    response.make_conditional(request)
    return response
