"""`python -m gateway serve | migrate`."""

from __future__ import annotations

from typing import Any

import click
from chassis import logs
from chassis.process import Stop
from chassis.settings import load, split_listen
from chassis.sql import migrations
from gunicorn.app.base import BaseApplication

from gateway import wiring
from gateway.settings import Settings

THREADS = 16


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn without a configuration file: one process, so that limits and caches are counted once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stop = Stop()
        super().__init__()

    def load_config(self) -> None:
        host, port = split_listen(self._settings.http_listen)
        options: dict[str, Any] = {
            "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": THREADS,
            "graceful_timeout": 20,
            "keepalive": 15,
            "limit_request_line": 8190,
            "worker_tmp_dir": "/dev/shm",  # noqa: S108  # gunicorn's heartbeat file must not be on a disk
            "control_socket_disable": True,
            "worker_exit": lambda arbiter, worker: self._stop.set(),
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        # Runs in the worker: channels and pools are made after fork.
        return wiring.serve_requests(self._settings, self._stop)


@click.group()
def main() -> None:
    """The HTTP edge: pages and the JSON API."""


@main.command()
def serve() -> None:
    """Answer HTTP until SIGTERM."""
    settings = load(Settings)
    logs.configure(wiring.SERVICE, settings)
    _Server(settings).run()


@main.command()
def migrate() -> None:
    """Bring the database of sessions up to date."""
    settings = load(Settings)
    logs.configure(wiring.SERVICE, settings)
    migrations.upgrade("gateway", settings.database_url)


if __name__ == "__main__":
    main()
