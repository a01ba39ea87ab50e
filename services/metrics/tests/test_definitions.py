"""The definitions, one border at a time."""

import random
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from metrics.domain.health import POLICIES, Health, HealthInputs
from metrics.domain.latency_histogram import buckets_of, compacted, packed, quantiles_us
from metrics.domain.poison import FloodGuard
from metrics.domain.ranking import Standings, ranks, trending
from metrics.domain.sequence_window import SequenceWindow
from metrics.domain.windows import CallSums, date_of, day_number


def standings(*rows):
    return Standings(*np.array(rows).reshape(-1, 3).T)


def test_days_have_numbers():
    assert date_of(day_number(date(2026, 3, 10))) == date(2026, 3, 10)
    assert day_number(date(1970, 1, 2)) == 1


def test_equal_counts_share_a_rank():
    assert ranks(standings((7, 0, 0), (9, 0, 0), (3, 0, 0), (7, 0, 0))).tolist() == [2, 1, 4, 2]
    assert ranks(standings()).tolist() == []


def test_trending_needs_growth_and_20_users_and_has_10_places():
    rows = [(30, 20 + n, 20) for n in range(13)]
    assert set(trending(standings(*rows)).tolist()) == set(range(3, 13))
    assert trending(standings((30, 19, 0), (30, 40, 40))).tolist() == []


def test_trending_ties_go_by_users_then_by_id():
    rows = [(30, 30, 20) for _ in range(10)]
    # growth of 0.5 as well, from more users
    assert set(trending(standings(*rows, (60, 60, 40))).tolist()) == {*range(9), 10}


@pytest.mark.parametrize(("gone", "health"), [(0, Health.HEALTHY), (5, Health.HEALTHY), (6, Health.DEGRADED)])
def test_five_percent_is_healthy(gone, health):
    inputs = HealthInputs(CallSums(calls=5), active_accounts=100, disconnected_accounts=gone)
    assert POLICIES["disconnect_rate"].health(inputs) is health


def test_four_calls_are_too_few_for_a_badge():
    inputs = HealthInputs(CallSums(calls=4, request_errors=4), active_accounts=100, disconnected_accounts=50)
    assert {policy.health(inputs) for policy in POLICIES.values()} == {Health.COLLECTING}


@pytest.mark.parametrize(
    ("errors", "health"),
    [(2, Health.HEALTHY), (3, Health.WORTH_A_LOOK), (5, Health.WORTH_A_LOOK), (6, Health.DEGRADED)],
)
def test_request_errors_have_two_limits(errors, health):
    inputs = HealthInputs(CallSums(calls=100, request_errors=errors - 1, auth_rejected=1), 0, 0)
    assert POLICIES["request_errors"].health(inputs) is health


durations = st.lists(st.integers(0, 2**50), min_size=1, max_size=60)


@given(durations, durations)
def test_quantiles_are_within_the_promise_and_merging_is_adding(first, second):
    def histogram(values):
        numbers = np.sort(buckets_of(np.array(values, np.uint64)))
        return packed(numbers, np.ones(len(numbers), np.int64))

    merged = histogram(first) + histogram(second)
    assert compacted(merged) == compacted(histogram(first + second))
    percents = (1, 50, 95, 99, 100)
    # many are found at once; none minds its neighbours
    found = quantiles_us([histogram(first), merged, histogram(second)], percents)
    for row, values in zip(found, (first, first + second, second), strict=True):
        wanted = [sorted(values)[-(-len(values) * percent // 100) - 1] for percent in percents]
        assert row == pytest.approx(wanted, rel=0.0055)


def test_there_may_be_no_histogram():
    assert quantiles_us([], (50, 99)).tolist() == []


@given(st.integers(0, 2**32))
def test_a_batch_counts_once_in_any_order_within_the_window(seed):
    chance = random.Random(seed)
    numbers = list(range(1, 200))
    sent = sorted(numbers * 2, key=lambda n: n + chance.random() * 40)
    window, counted = SequenceWindow(), []
    for number in sent:
        if not window.has(number):
            window = window.with_sequence(number)
            counted.append(number)
    assert sorted(counted) == numbers


def test_batches_far_behind_are_taken_as_seen():
    window = SequenceWindow().with_sequence(100)
    assert window.has(100 - 63)
    assert not window.has(100 - 62)
    assert window.is_behind(100 - 63)
    assert not window.is_behind(100 - 62)
    assert not SequenceWindow().has(1)


def test_a_flood_is_100_in_a_row_or_a_hundredth_of_10_000():
    guard = FloodGuard()
    assert [guard.dead() for _ in range(100)].index(True) == 99
    guard = FloodGuard()
    for number in range(10_000):
        flood = guard.dead() if number % 103 == 0 else guard.good()
    assert not flood
    stopped = [guard.dead() if number % 90 == 0 else guard.good() for number in range(10_000)]
    assert any(stopped)
