"""`python -m embedded`: the whole system on this machine."""

import os
import subprocess
import sys
import time
from pathlib import Path

import click

from embedded import identify, log_files
from embedded.databases import SERVICES
from embedded.errors import EmbeddedError
from embedded.processes import Plan
from embedded.state import Report, State
from embedded.steps import say, step
from embedded.system import System

_STOP_SECONDS = 90.0
_UP_SECONDS = 900.0


@click.group(help=__doc__)
@click.option("--state", "folder", type=click.Path(path_type=Path), default=Path(".local"), help="Where data are kept.")
@click.pass_context
def main(context: click.Context, folder: Path) -> None:
    """The command line."""
    context.obj = State(folder)


@main.command()
@click.pass_obj
def run(state: State) -> None:
    """Start everything, stay until Ctrl-C, stop everything."""
    System(state).run()


@main.command()
@click.pass_obj
def up(state: State) -> None:
    """Start everything in the background; return when everything answers."""
    if not state.is_held():
        state.make()
        state.set_up_log.unlink(missing_ok=True)
        _start_in_background(state)
    _follow_set_up(state)
    say("It runs in the background: `make demo-down` stops it.")


@main.command()
@click.pass_obj
def down(state: State) -> None:
    """Stop everything; the data stay."""
    if not _stop(state):
        say("Nothing was running.")


@main.command()
@click.pass_obj
def reset(state: State) -> None:
    """Stop everything and delete all data."""
    _stop(state)
    with step("Deleting the data"):
        state.delete()
    if any(name.startswith("DATABASE_URL_") for name in os.environ) or "KAFKA_BOOTSTRAP_SERVERS" in os.environ:
        say("Databases and brokers of your own were left as they are.")


@main.command()
@click.pass_obj
def status(state: State) -> None:
    """Show what runs, and where."""
    report = state.read()
    if not state.is_held():
        say("Nothing runs here.")
        sys.exit(1)
    say(f"{report.phase}")
    for one in report.processes:
        runs = one.pid is not None and identify.started_at(one.pid) == one.mark
        times = "" if one.starts <= 1 else f", started {one.starts} times"
        say(f"  {one.name:<18} {f'process {one.pid}' if runs else 'not running'}{times}")
    for title, address in report.addresses.items():
        say(f"  {title:<18} {address}")


@main.command()
@click.argument("name", required=False)
@click.option("-f", "--follow", is_flag=True, help="Go on with new lines until Ctrl-C.")
@click.pass_obj
def logs(state: State, name: str | None, follow: bool) -> None:
    """Show the last lines of every log, or more of one."""
    files = sorted(state.logs.glob(f"{name or '*'}.log"))
    if not files:
        raise EmbeddedError(f"There is no log {name or ''} in {state.logs}.")
    for file in files:
        lines = log_files.last_lines(file, 200 if name else 8)
        say("\n".join([f"==> {file.name}", *lines]))
    if follow:
        tail = ["tail", "-q", "-n0", "-F", *map(str, files)]
        os.execvp("tail", tail)  # noqa: S606


@main.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("service", type=click.Choice(SERVICES))
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def call(state: State, service: str, arguments: tuple[str, ...]) -> None:
    """Run an operator's command of a service here: call authz org list."""
    command = [sys.executable, "-P", "-m", service, *arguments]
    os.execve(command[0], command, Plan.remembered(state).environment(service))  # noqa: S606


def _start_in_background(state: State) -> None:
    with state.set_up_log.open("ab") as log:
        subprocess.Popen(
            [sys.executable, "-m", "embedded", "--state", str(state.folder), "run"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    deadline = time.monotonic() + 20
    while not state.is_held() and "failed" not in state.set_up_log.read_text():
        if time.monotonic() > deadline:
            raise EmbeddedError(f"The supervisor did not start; see {state.set_up_log}.")
        time.sleep(0.05)  # a poll with a deadline


def _follow_set_up(state: State) -> None:
    """Shows what the supervisor prints until it is ready. Raises EmbeddedError when it gives up."""
    deadline = time.monotonic() + _UP_SECONDS
    shown = 0
    while True:
        is_held, report = state.is_held(), state.read()
        text = state.set_up_log.read_text(errors="replace") if state.set_up_log.exists() else ""
        click.echo(text[shown:], nl=False)
        shown = len(text)
        if is_held and report.phase == "ready" and _is_at_work(report):
            return
        if not is_held:
            sys.exit(1)  # it printed why
        if time.monotonic() > deadline:
            raise EmbeddedError(f"Not ready after {_UP_SECONDS:g} s; see {state.logs}.")
        time.sleep(0.1)  # a poll with a deadline


def _is_at_work(report: Report) -> bool:
    """Whether the report is of a supervisor that lives: an earlier one may have left it."""
    return report.supervisor is not None and identify.started_at(report.supervisor[0]) == report.supervisor[1]


def _stop(state: State) -> bool:
    """Whether anything ran. Raises EmbeddedError when it does not stop."""
    if not state.is_held():
        if not state.folder.exists():
            return False
        with state.held():
            return bool(state.end_left_over())
    supervisor = state.read().supervisor
    with step("Stopping"):
        if supervisor is None or not identify.end(*supervisor, seconds=_STOP_SECONDS):
            raise EmbeddedError(f"The supervisor of {state.folder} is unknown: end it by hand.")
    return True


def _main() -> None:
    try:
        main(standalone_mode=True)
    except EmbeddedError as error:
        print(f"\n{error}", file=sys.stderr, flush=True)
        sys.exit(1)


if __name__ == "__main__":
    _main()
