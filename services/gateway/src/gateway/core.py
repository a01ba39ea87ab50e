"""What every request works with, built once a process by wiring and found in the Flask application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from chassis.sql.database import Database
from flask import current_app

from gateway.access import Access
from gateway.backends import Backends
from gateway.fanout import Fanout
from gateway.identity_provider import IdentityProvider
from gateway.ranking import Ranking
from gateway.settings import Settings

EXTENSION = "gateway"


@dataclass(frozen=True)
class Core:
    """Explicit parts of the process; no part is a module-level object."""

    settings: Settings
    backends: Backends
    access: Access
    fanout: Fanout
    database: Database
    provider: IdentityProvider
    ranking: Ranking


def core() -> Core:
    """The core of the application that answers the present request."""
    return cast(Core, current_app.extensions[EXTENSION])
