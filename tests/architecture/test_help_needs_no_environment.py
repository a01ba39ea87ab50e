import importlib
import os
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

SERVICES = ("authz", "submissions", "listings", "metrics", "notifications", "gateway")


@pytest.mark.parametrize("service", SERVICES)
def test_every_command_explains_itself_before_anything_is_set(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        monkeypatch.delenv(name)
    main: click.Group = importlib.import_module(f"{service}.__main__").main
    commands = list(_commands(main))
    assert ["migrate"] in commands
    for command in commands:
        done = CliRunner().invoke(main, [*command, "--help"])
        assert (done.exit_code, done.output.startswith("Usage:")) == (0, True), f"{command}: {done.output}"


@pytest.mark.parametrize("service", SERVICES)
def test_so_it_does_as_a_process(service: str) -> None:
    arguments = [sys.executable, "-m", service, "migrate", "--help"]
    done = subprocess.run(arguments, env={}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage:")


def _commands(group: click.Group) -> Iterator[list[str]]:
    for name, command in group.commands.items():
        yield [name]
        if isinstance(command, click.Group):
            yield from ([name, *rest] for rest in _commands(command))
