from datetime import UTC, datetime, timedelta

import pytest
from chassis.clock import after, seconds_to_room

NOW = datetime(2026, 1, 2, tzinfo=UTC)
DAY = timedelta(days=1)


def test_there_is_room_once_the_oldest_that_fills_it_is_a_day_old():
    times = [NOW - timedelta(hours=hours) for hours in (1, 2, 23)]
    assert seconds_to_room(times, 4, DAY, NOW) == 0
    assert seconds_to_room(times, 3, DAY, NOW) == 3601
    assert seconds_to_room(times, 2, DAY, NOW) == 22 * 3600 + 1  # a limit that was lowered
    assert seconds_to_room([NOW - DAY], 1, DAY, NOW) == 1


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "in 1 second"),
        (60, "in 60 seconds"),
        (61, "in 2 minutes"),
        (3600, "in 60 minutes"),
        (3601, "in 2 hours"),
        (86_400, "in 24 hours"),
    ],
)
def test_a_wait_is_told_in_words_and_is_never_too_short(seconds, words):
    assert after(seconds) == words
