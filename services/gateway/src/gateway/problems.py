"""Errors as people and programs outside see them: problem+json (RFC 9457) by kind and reason.

This is the only place that words an error for the outside. What is not a DirectoryError or an HTTPException is
logged under the request id and told as INTERNAL, without a word of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from chassis import logs, request_id
from chassis.errors import (
    Conflict,
    DirectoryError,
    Internal,
    InvalidInput,
    LimitExceeded,
    NotFound,
    PermissionDenied,
    Unauthenticated,
    Unavailable,
    VersionMismatch,
    Violation,
)
from flask import Flask, Response, json, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from gateway import registry
from gateway.reasons import TITLES
from gateway.save_conflict import SaveConflict

MEDIA_TYPE = "application/problem+json"
_REGISTRY = f"{registry.PREFIX}/"

_STATUS: tuple[tuple[type[DirectoryError], int], ...] = (
    (InvalidInput, 422),
    (Unauthenticated, 401),
    (PermissionDenied, 403),
    (NotFound, 404),
    (Conflict, 409),
    (VersionMismatch, 412),
    (LimitExceeded, 429),
    (Unavailable, 503),
)
# Reasons that HTTP has a better status for than their kind's.
_STATUS_OF_REASON = {
    "FORM_INCOMPLETE": 422,
    "COMMENT_REQUIRED": 422,
    "REASON_REQUIRED": 422,
    "IF_MATCH_REQUIRED": 428,
    "JSON_MALFORMED": 400,
    "JSON_TOO_DEEP": 400,
    "HEADER_INVALID": 400,
    "PAGE_TOKEN_INVALID": 400,
    "IDEMPOTENCY_KEY_INVALID": 400,
}
# The services' refusals of the gateway itself are no fault of the caller's.
_OURS = frozenset({"GRANT_INVALID", "GRANT_REQUIRED", "PEER_NOT_ALLOWED"})
_CODE_OF_STATUS = {
    400: "BAD_REQUEST",
    404: "ROUTE_NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    413: "BODY_TOO_LARGE",
    415: "CONTENT_TYPE_UNSUPPORTED",
    429: "RATE_LIMITED",
    503: "UNAVAILABLE",
}


@dataclass(frozen=True)
class Problem:
    """An error, worded. `possible` are the moves that can be taken instead, where that is known."""

    status: int
    code: str
    title: str
    detail: str
    request_id: str
    errors: tuple[Violation, ...] = ()
    possible: tuple[str, ...] = ()
    parameters: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    differences: tuple[tuple[str, Any, Any], ...] | None = None
    """Of a save that came too late: pointer, what was sent, what is saved."""

    def document(self, public_url: str) -> dict[str, Any]:
        """The members of the JSON document."""
        document: dict[str, Any] = {
            "type": f"{public_url}/api/v1/problems/{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "request_id": self.request_id,
        }
        if self.errors:
            document["errors"] = [
                {"pointer": error.field, "code": error.code, "detail": error.message} for error in self.errors
            ]
        if self.possible or "possible" in self.parameters:
            document["possible_moves"] = list(self.possible)
        if self.differences is not None:
            document["differences"] = [
                {"pointer": pointer, "yours": yours, "current": current} for pointer, yours, current in self.differences
            ]
        rest = {name: value for name, value in self.parameters.items() if name != "possible"}
        if rest:
            document["parameters"] = rest
        return document


def of(error: Exception) -> Problem:
    """The problem that an error is for the outside."""
    if isinstance(error, DirectoryError) and not isinstance(error, Internal):
        return _of_directory_error(error)
    if isinstance(error, HTTPException):
        return _of_http_exception(error)
    logs.get_logger().error("unexpected error", exc_info=error)
    detail = "The error was logged under the request id; support can find it there."
    return Problem(500, "INTERNAL", TITLES["INTERNAL"], detail, request_id.current())


def register(app: Flask, *, public_url: str, page: Callable[[Problem], ResponseReturnValue] | None) -> None:
    """Answer every error of the APIs as problem+json and elsewhere by `page`."""

    def answer(error: Exception) -> ResponseReturnValue:
        original = getattr(error, "original_exception", None) or error
        response = getattr(original, "response", None)
        if isinstance(original, HTTPException) and response is not None:
            return response  # type: ignore[no-any-return]  # abort(response): worded already
        problem = of(original)
        if page is None or is_program(request.path):
            return response_of(problem, public_url=public_url)
        return page(problem)

    app.register_error_handler(DirectoryError, answer)
    app.register_error_handler(HTTPException, answer)
    app.register_error_handler(Exception, answer)


def is_program(path: str) -> bool:
    """Whether programs rather than people read what is at this path."""
    return path.startswith(("/api/", _REGISTRY))


def response_of(problem: Problem, *, public_url: str) -> Response:
    """The problem as an answer."""
    document = problem.document(public_url)
    if request.path.startswith(_REGISTRY):
        # The registry's description names this member, its implementation answers problem+json: clients know either.
        document["error"] = problem.detail
    body = json.dumps(document, ensure_ascii=False)
    response = Response(body, status=problem.status, mimetype=MEDIA_TYPE)
    response.headers.update(problem.headers)
    response.headers["Cache-Control"] = "no-store"
    return response


def _of_directory_error(error: DirectoryError) -> Problem:
    if error.reason in _OURS:
        logs.get_logger().error("a service refused the gateway", reason=error.reason, detail=error.message)
        error = Unavailable("UNAVAILABLE", "The request could not be authorised just now. Try again.")
    status = _STATUS_OF_REASON.get(error.reason) or next(
        (status for kind, status in _STATUS if isinstance(error, kind)), 500
    )
    if error.reason not in TITLES:
        logs.get_logger().error("unknown reason", reason=error.reason, detail=error.message)
    possible = tuple(move for move in error.metadata.get("possible", "").split(",") if move)
    return Problem(
        status=status,
        code=error.reason,
        title=TITLES.get(error.reason, "The request failed"),
        detail=error.message,
        request_id=request_id.current(),
        errors=error.violations,
        possible=possible,
        parameters=dict(error.metadata),
        headers=_headers(status, error.metadata),
        differences=tuple(error.differences) if isinstance(error, SaveConflict) else None,
    )


def _of_http_exception(error: HTTPException) -> Problem:
    status = error.code or 500
    code = _CODE_OF_STATUS.get(status, "BAD_REQUEST" if status < 500 else "INTERNAL")
    headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    if status in (429, 503):
        headers.setdefault("Retry-After", "1")
    return Problem(status, code, TITLES[code], f"{TITLES[code]}.", request_id.current(), headers=headers)


def _headers(status: int, metadata: dict[str, str]) -> dict[str, str]:
    if status == 401:
        return {"WWW-Authenticate": 'Bearer realm="directory"'}
    if status in (429, 503):
        return {"Retry-After": metadata.get("retry_after_seconds", "1")}
    return {}
