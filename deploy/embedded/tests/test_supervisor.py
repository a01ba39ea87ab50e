"""Small fake commands under the real supervisor."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from embedded import identify, log_files
from embedded.supervisor import Process, Supervisor, delay_after
from embedded.tether import tethered

STAY = "import time; print('here', flush=True); time.sleep(600)"
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('here', flush=True); time.sleep(600)"


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, told: list[str]) -> Iterator[Supervisor]:
    one = Supervisor(tmp_path / "logs", tell=told.append)
    yield one
    one.stop()


def process(name: str, code: str, **options: Any) -> Process:
    command = tethered([sys.executable, "-c", code], death_signal=signal.SIGKILL)
    return Process(name, command, dict(os.environ), **options)


def step_until(supervisor: Supervisor, check: Callable[[], Any], timeout: float = 10) -> None:
    deadline = time.monotonic() + timeout
    while not check():
        assert time.monotonic() < deadline
        supervisor.step()


def test_a_killed_process_is_started_again(supervisor: Supervisor, told: list[str]) -> None:
    supervisor.add(process("service", STAY))
    one = supervisor.all["service"]
    step_until(supervisor, lambda: "here" in log_files.last_lines(one.log_file, 1))
    first = one.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    step_until(supervisor, lambda: one.starts == 2 and one.is_alive())
    assert one.pid != first
    assert told == ["service ended (signal SIGKILL) and is started again"]


def test_delays_double_up_to_ten_seconds() -> None:
    assert [delay_after(failures) for failures in range(1, 9)] == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0]


def test_a_process_that_keeps_failing_is_explained_with_its_last_lines(
    supervisor: Supervisor, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("embedded.supervisor.FIRST_DELAY", 0.01)
    supervisor.add(process("service", "import sys; sys.exit('KAFKA_BOOTSTRAP_SERVERS is not set.')"))
    step_until(supervisor, supervisor.failing)
    assert "ended 5 times in a row (exit code 1)" in told[-1]
    assert "KAFKA_BOOTSTRAP_SERVERS is not set." in told[-1]


def test_a_long_life_makes_earlier_failures_forgotten(supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embedded.supervisor.STEADY_AFTER", 0.2)
    supervisor.add(process("service", STAY))
    one = supervisor.all["service"]
    one.failures = 3
    step_until(supervisor, lambda: one.failures == 0)


def test_stages_stop_one_after_the_other_and_the_stubborn_are_killed(supervisor: Supervisor, tmp_path: Path) -> None:
    ends = tmp_path / "ends"
    code = (
        "import signal, sys, time\n"
        "def end(*_):\n"
        f"    open({str(ends)!r}, 'a').write(sys.argv[1] + ' ')\n"
        "    sys.exit()\n"
        "signal.signal(15, end); print('here', flush=True); time.sleep(600)"
    )
    for stage, name in enumerate(["server", "service", "edge"]):
        command = tethered([sys.executable, "-c", code, name], death_signal=signal.SIGKILL)
        supervisor.add(Process(name, command, dict(os.environ), stage=stage))
    supervisor.add(process("stubborn", STUBBORN, stop_seconds=0.3))
    members = list(supervisor.all.values())
    step_until(supervisor, lambda: all(log_files.last_lines(one.log_file, 1) for one in members))
    supervisor.stop()
    assert ends.read_text().split() == ["edge", "service", "server"]
    assert not any(one.is_alive() for one in members)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can tie a child to its parent")
def test_nothing_outlives_a_supervisor_that_is_killed(tmp_path: Path, eventually: Callable[..., Any]) -> None:
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from embedded.supervisor import Process, Supervisor\n"
        "from embedded.tether import tethered\n"
        f"supervisor = Supervisor(Path({str(tmp_path)!r}))\n"
        f"command = tethered([sys.executable, '-c', {STUBBORN!r}], death_signal=signal.SIGKILL)\n"
        "supervisor.add(Process('service', command, dict(os.environ)))\n"
        "while True:\n"
        "    supervisor.step()\n"
        "    print(supervisor.all['service'].pid, flush=True)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout is not None
        pid = int(killed.stdout.readline())
        eventually(lambda: log_files.last_lines(tmp_path / "service.log", 1))
        killed.kill()
    eventually(lambda: identify.started_at(pid) is None)


def test_another_process_of_the_same_number_is_left_alone() -> None:
    with subprocess.Popen([sys.executable, "-c", STAY], stdout=subprocess.DEVNULL) as stranger:
        assert not identify.end(stranger.pid, "another mark")
        assert stranger.poll() is None
        mark = identify.started_at(stranger.pid)
        assert mark is not None
        assert identify.end(stranger.pid, mark)


def test_a_large_log_is_moved_aside_while_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "service.log"
    with file.open("ab", buffering=0) as writer:
        writer.write(b"old\n" * 100)
        log_files.rotate(file, largest=100)
        writer.write(b"new\n")
    assert file.read_text() == "new\n"
    assert (tmp_path / "service.log.1").read_text() == "old\n" * 100
