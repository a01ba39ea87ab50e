"""Runs the commands of docs/api.md as a reader would: one after the other, filling in what is in <angle brackets>."""

import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from embedded.directory_client import wait_for

GUIDE = Path(__file__).parents[2] / "docs/api.md"
_READS = re.compile(r"(?!.*(-X|--data))", re.DOTALL)
# The reader's curl, but one that fails loudly.
_PREAMBLE = 'curl() { command curl --fail-with-body "$@"; }\n'


@dataclass
class Reader:
    """Follows the guide in a folder of their own."""

    folder: Path
    environment: dict[str, str]
    fill_in: Callable[[str, str], str]
    """What stands for a placeholder in a command."""

    def __post_init__(self) -> None:
        self._setting = _PREAMBLE

    def do(self, command: str) -> str:
        """Run one command; what it printed. Definitions hold for all later ones."""
        filled = re.sub(r"<(\w+)>", lambda found: self.fill_in(found[1], command), command)
        if re.match(r"export |\w+\(\) ", filled):
            self._setting += filled + "\n"
            return ""
        done = self._run(filled)
        # Publication reaches the listings by an event: who reads at once may have to read again, as the guide says.
        if done.returncode and _READS.match(filled):
            wait_for(lambda: self._run(filled).returncode == 0, filled)
            done = self._run(filled)
        assert done.returncode == 0, f"{filled}\n{done.stdout}{done.stderr}"
        return done.stdout

    def _run(self, command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", self._setting + command],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


def steps(begin: str = "## The story of a server", end: str = "## What holds everywhere") -> Iterator[list[str]]:
    """The commands of each block between two headings."""
    text = GUIDE.read_text()
    story = text[text.index(begin) : text.index(end)]
    for block in re.findall(r"```sh\n(.*?)```", story, re.DOTALL):
        yield [
            command.strip()
            for command in re.split(r"(?m)^(?=export|curl|publisher|reviewer|receiver)", block)
            if command.strip()
        ]
