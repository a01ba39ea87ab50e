"""`python -m identity serve`"""

import os
import sys
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from identity import keys, settings
from identity.pages import create_app


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, app: Flask, options: dict[str, Any]) -> None:
        self._app = app
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app


@click.group()
def main() -> None:
    """A development identity provider: OpenID Connect with a sign-in page and a few ready people."""


@main.command()
def serve() -> None:
    """Answer until stopped. One process: authorization codes are kept in its memory."""
    try:
        read = settings.load(os.environ)
    except settings.SettingsError as error:
        sys.exit(f"identity: {error}")
    app = create_app(read, keys.load_or_create(read.key_file))
    options = {
        "bind": f"{read.host}:{read.port}",
        "workers": 1,
        "worker_class": "gthread",
        "threads": 8,
        "graceful_timeout": 5,
        "worker_tmp_dir": "/dev/shm" if os.path.isdir("/dev/shm") else None,  # noqa: S108  # heartbeat file of gunicorn
        "control_socket_disable": True,
    }
    _Server(app, options).run()


if __name__ == "__main__":
    main()
