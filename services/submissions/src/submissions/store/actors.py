"""Who did something, as thread, audit and events remember it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """In which capacity somebody acts; the values are stored."""

    PUBLISHER = "publisher"
    REVIEWER = "reviewer"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Author:
    """A person, or the directory itself."""

    role: Role
    person_id: str
    name: str


SYSTEM = Author(Role.SYSTEM, "", "Automatic checks")
DIRECTORY = Author(Role.SYSTEM, "", "Directory")
