"""The JSON API under /api/v1 and /v0.1: one module a noun, and the document that describes it."""

from __future__ import annotations

from flask_openapi.openapi import OpenAPI

from gateway.api import (
    activity,
    dashboard,
    desk,
    desk_running,
    document,
    icons,
    imports,
    invitations,
    listings,
    me,
    metrics,
    organizations,
    preferences,
    probes,
    public,
    registry,
    submissions,
    tokens,
    transfers,
    vocabulary,
    webhooks,
)

_NOUNS = (
    me,
    invitations,
    organizations,
    dashboard,
    submissions,
    transfers,
    imports,
    probes,
    listings,
    metrics,
    icons,
    activity,
    preferences,
    webhooks,
    desk,
    desk_running,
    tokens,
    vocabulary,
    public,
    registry,
)


def application(name: str) -> OpenAPI:
    """A Flask application that can describe its API."""
    return document.application(name)


def register(app: OpenAPI) -> None:
    """Add every noun's routes, and the document of them all."""
    for noun in _NOUNS:
        app.register_api(noun.blueprint)
    document.register(app)
