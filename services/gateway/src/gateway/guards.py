"""What happens before a view: request id, limits, who asks, CSRF, and for which organisation.

The order matters: an address is counted before its token is looked at, a visitor is refused before anything of the
request is judged, and another organisation's member is told 404, and not counted for it, before the body is read.
"""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, ExitStack
from typing import Any

from chassis import request_id
from chassis.errors import LimitExceeded, PermissionDenied
from chassis.rpc import client
from directory.authz.v1.organization_pb2 import Membership
from flask import Flask, current_app, g, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFError, CSRFProtect
from limits import RateLimitItem, RateLimitItemPerMinute

from gateway.bodies import allow_files, check_headers, check_json, check_text
from gateway.core import core
from gateway.limit_storage import SCHEME
from gateway.settings import Settings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CALLER_LIMITER = "gateway-caller-limiter"


def register(app: Flask, settings: Settings) -> None:
    """Bind what lasts for a request, count addresses and have CSRF tokens at hand."""
    app.before_request(_begin)
    app.teardown_request(_end)
    limiter = Limiter(
        get_remote_address,
        app=app,
        application_limits=[f"{settings.address_limit}/minute"],
        storage_uri=f"{SCHEME}://",
        strategy="moving-window",
        on_breach=_refuse,
    )
    limiter.exempt(app.view_functions["static"])
    app.extensions[CALLER_LIMITER] = limiter.limiter
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # as long as the session
    CSRFProtect(app)


def enter(context: AbstractContextManager[Any]) -> Any:
    """Hold a context manager open until the request ends; gives what it yields."""
    stack: ExitStack = g.held
    return stack.enter_context(context)


def signed_in() -> None:
    """Before a view for people: knows the caller, counts them, and asks browsers for the CSRF token."""
    caller = core().access.caller()
    _count(caller.key)
    if caller.by == "session" and request.method not in SAFE_METHODS:
        check_csrf()


def in_person() -> None:
    """Before a view of own access tokens: the caller signed in. Raises PermissionDenied (TOKEN_SCOPE)."""
    # Otherwise a token that leaks could make itself a successor before it is revoked.
    if core().access.caller().by == "access_token":
        raise PermissionDenied("TOKEN_SCOPE", "Sign in to work with access tokens; a token itself can't.")


def check_csrf() -> None:
    """Refuse a write of a browser that does not come from a page of ours: form field or X-CSRFToken header."""
    csrf: CSRFProtect = _extension("csrf")
    try:
        csrf.protect()
    except CSRFError as error:
        raise PermissionDenied("CSRF_FAILED", "Load the page again and repeat what you did.") from error


def count_address(action: str, limit: RateLimitItem) -> None:
    """Count what visitors can do without end, by address. Raises LimitExceeded (RATE_LIMITED)."""
    _hit(limit, action, get_remote_address())


def member() -> None:
    """Before a view below an organisation: the caller acts for it."""
    act(_organization_id())


def manager() -> None:
    """Before a view of the dashboard: the caller acts for the organisation and has directory management."""
    act(_organization_id(), managing=True)


def act(organization_id: str, *, managing: bool = False) -> Membership | None:
    """Hold the caller's acting for an organisation open, and count what its people and tokens do together: any number
    of callers must not cost more than a few. Gives the membership. Raises as `Access.acting` and `managing`, and
    LimitExceeded (RATE_LIMITED)."""
    access = core().access
    membership: Membership | None = enter((access.managing if managing else access.acting)(organization_id))
    # Not before: only its own people use up what an organisation has.
    _hit(RateLimitItemPerMinute(core().settings.organization_limit), "organization", organization_id)
    return membership


def desk() -> None:
    """Before a view of the review desk or of own tokens: the caller acts for no organisation."""
    enter(core().access.acting(""))


def body() -> None:
    """Before an API view: headers and body are such that the view can work with them."""
    check_headers()
    check_text()
    check_json()
    key = request.headers.get("Idempotency-Key")
    if key and request.method not in SAFE_METHODS:
        enter(client.idempotency_key(key))


def _begin() -> None:
    g.held = ExitStack()
    enter(request_id.bind(request.headers.get("X-Request-Id", "")))
    allow_files()


def _end(_: BaseException | None) -> None:
    held: ExitStack | None = g.pop("held", None)
    if held is not None:
        held.close()


def _organization_id() -> str:
    return str((request.view_args or {})["organization_id"])


def _count(key: str) -> None:
    _hit(RateLimitItemPerMinute(core().settings.caller_limit), "caller", key)


def _hit(limit: RateLimitItem, kind: str, key: str) -> None:
    strategy = _extension(CALLER_LIMITER)
    if not strategy.hit(limit, kind, key):
        raise _too_many(strategy.get_window_stats(limit, kind, key).reset_time)


def _refuse(breached: Any) -> None:
    raise _too_many(breached.reset_at)


def _too_many(reset_at: float) -> LimitExceeded:
    seconds = max(1, int(reset_at - time.time()) + 1)
    return LimitExceeded("RATE_LIMITED", f"Try again in {seconds} seconds.", retry_after_seconds=seconds)


def _extension(name: str) -> Any:
    return current_app.extensions[name]
