"""`python -m letterbox`"""

import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from letterbox.folder import Folder
from letterbox.pages import server


class Keeping:
    """What aiosmtpd asks to do with each message."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        """Keeps it."""
        self._folder.keep(envelope.content)
        return "250 kept"


def main() -> None:
    """Answers until stopped."""
    if os.environ.get("ENVIRONMENT", "production") != "development":
        sys.exit("letterbox: it sends no e-mail to anybody, so it starts with ENVIRONMENT=development only.")
    if "LETTERBOX_FOLDER" not in os.environ:
        sys.exit("letterbox: LETTERBOX_FOLDER is not set.")
    folder = Folder(Path(os.environ["LETTERBOX_FOLDER"]))
    host, port = _listen("LETTERBOX_SMTP_LISTEN", "0.0.0.0:8025")
    smtp = Controller(Keeping(folder), hostname=host, port=port, server_kwargs={"enable_SMTPUTF8": True})
    stopped: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: stopped.append(number))
    smtp.start()
    pages = server(_listen("LETTERBOX_HTTP_LISTEN", "0.0.0.0:8091"), folder)
    threading.Thread(target=pages.serve_forever, name="pages", daemon=True).start()
    while not stopped:  # not one wait without end: a signal just before it would not end it
        time.sleep(0.5)
    pages.shutdown()
    smtp.stop()


def _listen(variable: str, otherwise: str) -> tuple[str, int]:
    host, _, port = os.environ.get(variable, otherwise).rpartition(":")
    if not host or not port.isdigit():
        sys.exit(f"letterbox: {variable} must be host:port.")
    return host, int(port)


if __name__ == "__main__":
    main()
