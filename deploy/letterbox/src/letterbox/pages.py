"""The page: what came, and each message with its headers and text."""

from __future__ import annotations

import json
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from letterbox.folder import Folder, Kept

_HEADERS = ("Subject", "From", "To", "Date", "Message-ID", "References", "List-Unsubscribe")
_FRAME = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} · Letterbox</title></head><body>'
    "<main><h1>{title}</h1>{content}</main></body></html>"
)


def server(listen: tuple[str, int], folder: Folder) -> ThreadingHTTPServer:
    """Answers GET; bound to its port."""
    handler = type("Handler", (_Handler,), {"folder": folder})
    answering = ThreadingHTTPServer(listen, handler)
    answering.daemon_threads = True
    return answering


class _Handler(BaseHTTPRequestHandler):
    folder: Folder

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/":
            self._answer("text/html; charset=utf-8", _list(self.folder.all()))
        elif path == "/readyz":
            self._answer("text/plain", "ok\n")
        elif path == "/mails.json":
            self._answer("application/json", json.dumps([_as_json(kept) for kept in self.folder.all()]))
        elif path.startswith("/mails/"):
            self._mail(path.removeprefix("/mails/"))
        else:
            self.send_error(404)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the folder says what came."""

    def _mail(self, name: str) -> None:
        raw = self.folder.raw(name.removesuffix(".eml")) if name.endswith(".eml") else None
        kept = self.folder.find(name)
        if raw is not None:
            self._answer("message/rfc822", raw)
        elif kept is not None:
            self._answer("text/html; charset=utf-8", _whole(kept))
        else:
            self.send_error(404)

    def _answer(self, content_type: str, content: str | bytes) -> None:
        body = content.encode() if isinstance(content, str) else content
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(body)


def _list(mails: list[Kept]) -> str:
    rows = "".join(
        f"<tr><td>{escape(kept.header('Date'))}</td><td>{escape(kept.header('To'))}</td>"
        f'<td><a href="/mails/{kept.name}">{escape(kept.header("Subject")) or "(no subject)"}</a></td></tr>'
        for kept in mails
    )
    table = (
        f"<table><tr><th>Date</th><th>To</th><th>Subject</th></tr>{rows}</table>" if rows else "<p>Nothing came.</p>"
    )
    return _FRAME.format(title="E-mails", content=table)


def _whole(kept: Kept) -> str:
    headers = "".join(f"<dt>{name}</dt><dd>{escape(kept.header(name))}</dd>" for name in _HEADERS if kept.header(name))
    content = f'<dl>{headers}</dl><pre>{escape(kept.text)}</pre><p><a href="/mails/{kept.name}.eml">As it came</a></p>'
    return _FRAME.format(title=escape(kept.header("Subject")), content=f'<p><a href="/">All e-mails</a></p>{content}')


def _as_json(kept: Kept) -> dict[str, object]:
    return {
        "name": kept.name,
        "headers": {name.lower(): str(value) for name, value in kept.message.items()},
        "text": kept.text,
    }
