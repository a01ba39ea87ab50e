"""Messages as files, named by when they came."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

MOST = 500
_NAME = re.compile(r"[0-9]{8}T[0-9]{12}-[0-9]{6}")


@dataclass(frozen=True)
class Kept:
    """A message and the name of its file, without suffix."""

    name: str
    message: EmailMessage

    @property
    def text(self) -> str:
        """The plain part."""
        part = self.message.get_body(("plain",))
        return str(part.get_content()) if part is not None else ""

    def header(self, name: str) -> str:
        """A header's value, empty where it has none."""
        return str(self.message.get(name, ""))


class Folder:
    """Keeps the latest MOST messages."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        self._number = itertools.count()

    def keep(self, content: bytes) -> None:
        """Adds a message: whole or not at all."""
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{next(self._number) % 1_000_000:06}"
        unfinished = self.path / f"{name}.part"
        unfinished.write_bytes(content)
        unfinished.rename(self.path / f"{name}.eml")
        for old in sorted(self.path.glob("*.eml"))[:-MOST]:
            old.unlink(missing_ok=True)

    def all(self) -> list[Kept]:
        """Latest first."""
        return [kept for file in sorted(self.path.glob("*.eml"), reverse=True) if (kept := self.find(file.stem))]

    def find(self, name: str) -> Kept | None:
        """One message; None for a name that is none of ours."""
        content = self.raw(name)
        return None if content is None else Kept(name, message_from_bytes(content, policy=default))

    def raw(self, name: str) -> bytes | None:
        """A message as it came; None for a name that is none of ours."""
        file = self.path / f"{name}.eml"
        return file.read_bytes() if _NAME.fullmatch(name) and file.exists() else None
