"""How many requests, how long they take, and one log line for each."""

from __future__ import annotations

import time

from chassis import logs
from flask import Flask, Response, g, request
from prometheus_client import Histogram

_SECONDS = Histogram(
    "http_request_seconds",
    "Duration of HTTP requests by route.",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def register(app: Flask) -> None:
    """Measure every request; routes are counted by their rule, never by address, so labels stay few."""

    def begin() -> None:
        g.began = time.perf_counter()

    def measure(response: Response) -> Response:
        seconds = time.perf_counter() - g.get("began", time.perf_counter())
        route = request.url_rule.rule if request.url_rule else "none"
        method = request.method if request.method in _METHODS else "other"
        _SECONDS.labels(method, route, str(response.status_code)).observe(seconds)
        if route not in ("/healthz", "/readyz", "/static/<path:filename>"):
            caller = g.get("caller")
            logs.get_logger().info(
                "request",
                method=method,
                route=route,
                status=response.status_code,
                milliseconds=round(seconds * 1000, 1),
                person_id=caller.person_id if caller else "",
            )
        return response

    app.before_request(begin)
    app.after_request(measure)
