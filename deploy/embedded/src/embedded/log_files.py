"""One log file a process: cut when it grows, read at its end."""

import shutil
from pathlib import Path

_LARGEST = 10_000_000
_TAIL_BYTES = 64_000


def rotate(file: Path, largest: int = _LARGEST) -> None:
    """Moves the content of a large file to `<file>.1`. The writer appends, so it goes on in the emptied file.

    Lines written between the copy and the cut are lost; for logs of a demo that is good enough.
    """
    if file.exists() and file.stat().st_size > largest:
        shutil.copyfile(file, file.with_name(file.name + ".1"))
        with file.open("r+b") as opened:
            opened.truncate(0)


def last_lines(file: Path, count: int) -> list[str]:
    """The last lines, as text."""
    if not file.exists():
        return []
    with file.open("rb") as opened:
        opened.seek(max(0, file.stat().st_size - _TAIL_BYTES))
        return opened.read().decode(errors="replace").splitlines()[-count:]
