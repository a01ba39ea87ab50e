import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from contextlib import suppress

import pytest
import structlog
from chassis import healthcheck, process, telemetry
from chassis.errors import Unavailable
from chassis.process import Stop
from chassis.rpc.breaker import FAILURES_TO_OPEN, SECONDS_OPEN, Breaker
from embedded.ports import any_free

TWO_LOOPS = r"""
import sys
from chassis import process
def loop(stop):
    sys.stdout.write("ready\n"); sys.stdout.flush()
    stop.wait(30)
    sys.stdout.write("ended\n"); sys.stdout.flush()
sys.exit(process.run({"a": loop, "b": loop}))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_every_loop(number):
    with subprocess.Popen([sys.executable, "-c", TWO_LOOPS], stdout=subprocess.PIPE, text=True) as child:
        assert [child.stdout.readline() for _ in range(2)] == ["ready\n", "ready\n"]
        os.kill(child.pid, number)
        assert child.stdout.read() == "ended\nended\n"
        assert child.wait(10) == 0


SIGNALLED_BESIDE_THE_MAIN_THREAD = r"""
import signal, sys, threading, time
from chassis import process
main = threading.get_ident()
def names(frame):
    return [frame.f_code.co_name, *names(frame.f_back)] if frame else []
def loop(stop):
    while names(sys._current_frames()[main])[:4] != ["wait", "wait", "wait", "run"]:
        time.sleep(0.01)
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
    assert stop.wait(20)
sys.exit(process.run({"a": loop}))
"""


def test_a_signal_is_heard_though_it_does_not_wake_the_main_thread():
    done = subprocess.run([sys.executable, "-c", SIGNALLED_BESIDE_THE_MAIN_THREAD], check=False, timeout=60)
    assert done.returncode == 0


HANGING = r"""
import sys, threading
from chassis import process
from concurrent.futures import ThreadPoolExecutor
pool = ThreadPoolExecutor()
pool.submit(threading.Event().wait)
def loop(stop):
    raise RuntimeError("broken")
sys.exit(process.run({"a": loop}))
"""


def test_a_process_ends_though_a_thread_of_a_pool_hangs():
    done = subprocess.run([sys.executable, "-c", HANGING], check=False, capture_output=True, timeout=60)
    assert done.returncode == 1


def run_in_thread(loops, stop):
    codes = []
    thread = threading.Thread(target=lambda: codes.append(process.run(loops, stop)))
    thread.start()
    thread.join(10)
    return codes


def test_the_first_failure_ends_all_with_code_1():
    ended = []

    def failing(stop):
        raise RuntimeError("broken")

    def patient(stop):
        stop.wait(None)
        ended.append(True)

    assert run_in_thread({"failing": failing, "patient": patient}, Stop()) == [1]
    assert ended == [True]


def test_a_stop_from_outside_ends_with_code_0():
    stop = Stop()
    stop.set()
    assert run_in_thread({"patient": lambda stop: stop.wait(None)}, stop) == [0]


class CountingStop(Stop):
    """Does not wait, and keeps for how long it should have; set when the steps are used up."""

    def __init__(self):
        super().__init__()
        self.waits = []

    def wait(self, seconds):
        self.waits.append(seconds)
        return self.is_set()


def take(steps, **how):
    """The waits of a loop that finds this, step by step; an error is raised."""
    stop, left = CountingStop(), list(steps)

    def step():
        found = left.pop(0)
        if not left:
            stop.set()
        if isinstance(found, Exception):
            raise found
        return found

    process.repeat(stop, step, waits="mails wait", **how)
    return stop.waits


AWAY = Unavailable("DATABASE_UNAVAILABLE", "Later.")


def test_a_loop_waits_only_where_it_found_nothing():
    assert take([True, 3, False, 0, True], idle=7) == [7, 7]


@pytest.mark.parametrize(
    ("more", "waited"), [({}, [7, 7]), ({"after_trouble": 60}, [60, 7]), ({"after_trouble": 0}, [0, 7])]
)
def test_a_loop_goes_on_where_a_part_is_away_and_says_which(more, waited):
    with structlog.testing.capture_logs() as lines:
        assert take([AWAY, True, False], idle=7, **more) == waited
    assert lines == [{"event": "mails wait", "reason": "DATABASE_UNAVAILABLE", "log_level": "warning"}]


def test_a_loop_ends_with_any_other_error():
    with pytest.raises(ZeroDivisionError):
        take([True, ZeroDivisionError(), True], idle=7)


def test_telemetry_that_gets_no_port_ends_the_process(telemetry_server):
    with pytest.raises(SystemExit, match="PROMETHEUS_LISTEN"):
        telemetry.loop(f"127.0.0.1:{telemetry_server.port}", dict)


def test_telemetry_answers_until_the_process_ends():
    port, answers = any_free(), []

    def asking(stop):
        while not answers and not stop.wait(0.01):
            with suppress(urllib.error.URLError), urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz") as answer:
                answers.append(answer.status)
        stop.set()

    loops = {"asking": asking, "telemetry": telemetry.loop(f"127.0.0.1:{port}", lambda: {"database": True})}
    assert run_in_thread(loops, Stop()) == [0]
    assert answers == [200]


@pytest.fixture
def parts():
    return {"database": True}


@pytest.fixture
def telemetry_server(parts):
    def readiness():
        if parts.get("broken"):
            raise RuntimeError("tr0ub4dor")
        return parts

    server = telemetry.serve("127.0.0.1:0", readiness)
    yield server
    server.close()


def get(server, path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_readiness_follows_its_parts(telemetry_server, parts):
    address = f"0.0.0.0:{telemetry_server.port}"
    assert get(telemetry_server, "/readyz") == (200, '{"ready": true, "parts": {"database": true}}')
    assert healthcheck.main([address]) == 0
    parts["database"] = False
    assert get(telemetry_server, "/readyz")[0] == 503
    assert healthcheck.main([address]) == 1
    assert get(telemetry_server, "/healthz")[0] == 200
    parts["broken"] = True
    status, body = get(telemetry_server, "/readyz")
    assert status == 503
    assert "tr0ub4dor" not in body


def test_metrics_are_shown(telemetry_server):
    status, body = get(telemetry_server, "/metrics")
    assert status == 200
    assert "grpc_server_handling_seconds" in body or "python_info" in body
    assert get(telemetry_server, "/other")[0] == 404


def test_a_process_that_is_gone_is_not_healthy():
    assert healthcheck.main(["127.0.0.1:1"]) == 1


def test_a_process_whose_public_port_does_not_answer_is_not_healthy(telemetry_server, monkeypatch):
    address = f"127.0.0.1:{telemetry_server.port}"
    monkeypatch.setenv("PROMETHEUS_LISTEN", address)
    assert healthcheck.main([]) == 0
    monkeypatch.setenv("HTTP_LISTEN", address)
    assert healthcheck.main([]) == 0
    monkeypatch.setenv("HTTP_LISTEN", "127.0.0.1:1")
    assert healthcheck.main([]) == 1


def test_the_breaker_opens_tries_one_call_and_closes():
    time = [0.0]
    breaker = Breaker(lambda: time[0])
    for _ in range(FAILURES_TO_OPEN):
        assert breaker.admits()
        breaker.failed()
    assert not breaker.admits()
    time[0] += SECONDS_OPEN
    assert breaker.admits()
    assert not breaker.admits()
    breaker.failed()
    assert not breaker.admits()
    time[0] += SECONDS_OPEN
    assert breaker.admits()
    breaker.succeeded()
    assert breaker.admits()


def test_failures_must_be_in_a_row():
    breaker = Breaker()
    for _ in range(FAILURES_TO_OPEN * 2):
        breaker.failed()
        breaker.succeeded()
    assert breaker.admits()
