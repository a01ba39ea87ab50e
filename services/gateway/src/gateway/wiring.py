"""The process, put together: one readable function, every part an explicit argument of the next."""

from __future__ import annotations

import threading
from typing import Any

from chassis import clock, logs, telemetry
from chassis.kafka import consumer
from chassis.process import Stop
from chassis.sql.database import Database
from directory.authz.v1.organization_events_pb2 import OrganizationEvent
from flask import Response, json
from flask_openapi.openapi import OpenAPI
from werkzeug.middleware.proxy_fix import ProxyFix

from gateway import api, guards, headers, measurements, problems, signin, web
from gateway.access import Access
from gateway.backends import Backends, connect
from gateway.bearer_tokens import BearerTokens
from gateway.bodies import MAX_BODY
from gateway.core import EXTENSION, Core
from gateway.fanout import Fanout
from gateway.identity_provider import IdentityProvider
from gateway.ranking import Ranking
from gateway.sessions import StoredSessions
from gateway.settings import Settings

SERVICE = "gateway"
AUTHZ_TOPIC = "directory.authz.v1"
PURGE_EVERY = 3600.0


def create_app(settings: Settings, *, backends: Backends, database: Database, provider: IdentityProvider) -> OpenAPI:
    """The HTTP application. Call it after fork: its parts hold threads and connections."""
    bearer_tokens = BearerTokens(backends=backends, provider=provider, clock=clock.now)
    access = Access(backends=backends, bearer_tokens=bearer_tokens, clock=clock.now)
    core = Core(
        settings=settings,
        backends=backends,
        access=access,
        fanout=Fanout(),
        database=database,
        provider=provider,
        ranking=Ranking(backends),
    )
    app = api.application(SERVICE)
    app.extensions[EXTENSION] = core
    app.secret_key = settings.session_key.get_secret_value()
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = MAX_BODY
    app.session_interface = StoredSessions(database, secure=settings.is_https, clock=clock.now)
    # 1. Measuring comes first, so that refusals are measured too.
    measurements.register(app)
    guards.register(app, settings)
    headers.register(app, settings)
    _register_probes(app, database)
    # 2. What people reach.
    app.register_blueprint(signin.blueprint)
    api.register(app)
    page = web.register(app)
    problems.register(app, public_url=settings.public_url, page=page)
    # 3. What stands in front.
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def serve_requests(settings: Settings, stop: Stop) -> OpenAPI:
    """The application with its own channels, pool and threads."""
    database = Database(settings.database_url, SERVICE, pool_size=8)
    app = create_app(settings, backends=connect(settings), database=database, provider=IdentityProvider(settings))
    telemetry.serve(settings.prometheus_listen, lambda: {"database": database.is_up()})
    core: Core = app.extensions[EXTENSION]
    _start("authz-events", _follow, settings, core, stop)
    _start("purge-sessions", _purge, app.session_interface, stop)
    return app


def _follow(settings: Settings, core: Core, stop: Stop) -> None:
    """Drop kept answers of authz as its events come. Without Kafka they end by themselves within a minute."""
    while not stop.is_set():
        try:
            consumer.follow(settings.kafka, {AUTHZ_TOPIC: OrganizationEvent}, core.access.forget, stop)
        except Exception:  # the page must not depend on the broker
            logs.get_logger().exception("following authz events failed")
            stop.wait(5)


def _purge(sessions: StoredSessions, stop: Stop) -> None:
    while not stop.wait(PURGE_EVERY):
        try:
            logs.get_logger().info("sessions purged", count=sessions.purge())
        except Exception:  # tried again in an hour
            logs.get_logger().exception("purging sessions failed")


def _start(name: str, target: Any, *arguments: Any) -> None:
    threading.Thread(target=target, args=arguments, name=name, daemon=True).start()


def _register_probes(app: OpenAPI, database: Database) -> None:
    @app.get("/healthz", doc_ui=False)
    def healthz() -> Response:
        return Response("ok\n", mimetype="text/plain")

    @app.get("/readyz", doc_ui=False)
    def readyz() -> Response:
        ready = {"database": database.is_up()}
        body = json.dumps(ready) + "\n"
        return Response(body, status=200 if all(ready.values()) else 503, mimetype="application/json")
