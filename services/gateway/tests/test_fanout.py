import threading
from collections.abc import Iterator
from typing import NoReturn

import pytest
from chassis import request_id
from chassis.errors import Internal, NotFound, PermissionDenied, Unauthenticated, Unavailable
from gateway.fanout import Fanout


@pytest.fixture
def fanout() -> Iterator[Fanout]:
    made = Fanout(threads=4)
    yield made
    made.close()


def raising(error: Exception) -> NoReturn:
    raise error


def test_calls_run_at_the_same_time_in_the_callers_context(fanout: Fanout) -> None:
    meeting = threading.Barrier(3, timeout=5)

    def call(_: float) -> str:
        meeting.wait()
        return request_id.current()

    with request_id.bind("one-request"):
        found = fanout.gather({"a": call, "b": call, "c": call})
    assert [section.value for section in found.values()] == ["one-request"] * 3


def test_an_outage_is_a_section_of_its_own(fanout: Fanout) -> None:
    found = fanout.gather({"good": lambda _: 1, "bad": lambda _: raising(Unavailable("SERVICE_UNAVAILABLE", "x"))})
    assert found["good"].need() == 1
    assert (found["bad"].status, found["bad"].reason) == ("unavailable", "SERVICE_UNAVAILABLE")
    with pytest.raises(Unavailable):
        found["bad"].need()


@pytest.mark.parametrize("refusal", [PermissionDenied("X", "x"), Unauthenticated("X", "x")])
def test_a_refusal_is_never_partial(fanout: Fanout, refusal: Exception) -> None:
    with pytest.raises(type(refusal)):
        fanout.gather({"good": lambda _: 1, "bad": lambda _: raising(refusal)})


def test_an_unexpected_error_is_an_outage_without_its_text(fanout: Fanout) -> None:
    for error in (ZeroDivisionError("secret"), Internal("INTERNAL", "secret")):
        found = fanout.gather({"bad": lambda _, error=error: raising(error)})  # type: ignore[misc]
        assert (found["bad"].status, found["bad"].reason) == ("unavailable", "INTERNAL")


def test_what_is_absent_is_left_to_the_view(fanout: Fanout) -> None:
    found = fanout.gather({"listing": lambda _: raising(NotFound("LISTING_NOT_FOUND", "x"))})
    assert found["listing"].reason == "LISTING_NOT_FOUND"


def test_a_call_that_hangs_costs_no_more_than_the_deadline(fanout: Fanout) -> None:
    end = threading.Event()
    found = fanout.gather({"good": lambda _: 1, "slow": lambda _: end.wait(10)}, seconds=0.2)
    end.set()
    assert found["good"].value == 1
    assert found["slow"].reason == "DEADLINE_EXCEEDED"


def test_calls_are_told_how_long_they_may_take(fanout: Fanout) -> None:
    found = fanout.gather({"a": lambda left: left}, seconds=2)
    assert 1.5 < found["a"].need() <= 2
