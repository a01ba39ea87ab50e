"""Logs: one JSON line an event, a fixed message plus fields, with the service's name and the request id."""

from __future__ import annotations

import logging
import sys
from typing import Any, Protocol

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from chassis import request_id


class LogSettings(Protocol):
    """The part of the settings that logs depend on."""

    @property
    def log_format(self) -> str:
        """`json`, or `console` for people."""


def configure(service: str, settings: LogSettings) -> None:
    """Send everything, the libraries' logs too, to standard output in one shape."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _Context(service),
        structlog.processors.StackInfoRenderer(),
    ]
    console = settings.log_format == "console"
    last: list[Processor] = (
        # Plain tracebacks: the default ones show local variables, and those may be secrets.
        [structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty(), exception_formatter=structlog.dev.plain_traceback)]
        if console
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, structlog.stdlib.ExtraAdder(), *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    for chatty in ("kafka", "alembic.runtime.plugins"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # It warns of every tenth of a second that the machine gave to others.
    logging.getLogger("kafka.net.selector").setLevel(logging.ERROR)


def get_logger() -> Any:
    """A structlog logger: `get_logger().info("published", listing_id=...)`. Fixed message, variable fields."""
    return structlog.get_logger()


class _Context:
    def __init__(self, service: str) -> None:
        self._service = service

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["service"] = self._service
        if bound := request_id.current():
            event.setdefault("request_id", bound)
        return event
