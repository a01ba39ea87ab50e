"""The HTTP server: gunicorn without a configuration file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chassis.settings import split_listen
from gunicorn.app.base import BaseApplication

from gateway.http_worker import Worker

THREADS = 16
# Each is a file of the process, which may have 1,024 of them.
_CONNECTIONS = 512


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """One worker process, so that limits and caches are counted once.

    `make_application` runs in the worker, since channels and pools are made after fork; `on_exit` as it ends.
    """

    def __init__(
        self,
        listen: str,
        make_application: Callable[[], Any],
        *,
        on_exit: Callable[[], None] = lambda: None,
        worker: type[Worker] = Worker,
    ) -> None:
        self._listen = listen
        self._make_application = make_application
        self._on_exit = on_exit
        self._worker = worker
        super().__init__()

    def load_config(self) -> None:
        """What BaseApplication asks for its settings."""
        host, port = split_listen(self._listen)
        options: dict[str, Any] = {
            "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            "workers": 1,
            "worker_class": self._worker,
            "threads": THREADS,
            "worker_connections": _CONNECTIONS,
            "graceful_timeout": 20,
            "keepalive": 15,
            "limit_request_line": 8190,
            "sendfile": False,  # a file too leaves by the worker's loop
            "worker_tmp_dir": "/dev/shm",  # noqa: S108  # gunicorn's heartbeat file must not be on a disk
            "control_socket_disable": True,
            "worker_exit": lambda arbiter, worker: self._on_exit(),
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """What BaseApplication asks for the application."""
        return self._make_application()
