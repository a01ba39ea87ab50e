"""Headers that go with every answer."""

from __future__ import annotations

from urllib.parse import urlsplit

from chassis import request_id
from flask import Flask, Response, request

from gateway import registry
from gateway.problems import is_program
from gateway.settings import Settings

_API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
# Clients in browsers read the registry from wherever they are; nothing there depends on who asks.
_OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Authorization, Content-Type, If-None-Match",
    "Access-Control-Expose-Headers": "ETag, Retry-After, X-Request-Id",
    "Access-Control-Max-Age": "86400",
}


def register(app: Flask, settings: Settings) -> None:
    """Set them after every request; what a view has set itself stays."""
    policy = page_policy(settings)

    def secure(response: Response) -> Response:
        headers = response.headers
        is_api = is_program(request.path)
        headers.setdefault("Content-Security-Policy", _API_POLICY if is_api else policy)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("X-Frame-Options", "DENY")
        # Pages name their origin to themselves only; Flask-WTF compares it on https.
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        if request.endpoint != "static":
            headers.setdefault("Cache-Control", "no-store" if not is_api else "private, no-cache")
        if settings.is_https:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.path.startswith(f"{registry.PREFIX}/"):
            headers.update(_OPEN)
        headers["X-Request-Id"] = request_id.current()
        return response

    app.after_request(secure)


def page_policy(settings: Settings) -> str:
    """The content security policy of pages: own files only, no inline script or style."""
    issuer = urlsplit(settings.oidc_issuer)
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            # Signing out posts here and goes on to the provider.
            f"form-action 'self' {issuer.scheme}://{issuer.netloc}",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )
