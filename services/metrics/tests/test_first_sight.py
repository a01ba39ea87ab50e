"""What a worker need not write again: it may forget, but it must not take anything new for known."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from metrics.domain.first_sight import FirstSight

MARKS = 3
accounts = st.one_of(st.integers(1, 4), st.sampled_from([2**64 - 1, 2**63, 2**63 + 1]))
things = st.integers(0, 3)
marks = st.integers(1, 7)


@given(batches=st.lists(st.lists(st.tuples(accounts, things, marks), max_size=20), max_size=10))
def test_every_mark_is_said_to_be_new_before_it_is_left_out(batches):
    sight = FirstSight(MARKS, places_bits=2)
    said = set()
    for batch in batches:
        account = np.array([a for a, _, _ in batch], np.uint64)
        words = np.array([thing << MARKS | mark for _, thing, mark in batch], np.uint64)
        new = sight.new(account, words).tolist()
        said |= {(batch[row][0], batch[row][1], bit) for row in new for bit in (1, 2, 4) if batch[row][2] & bit}
        for a, thing, mark in batch:
            assert {(a, thing, bit) for bit in (1, 2, 4) if mark & bit} <= said


def test_repeats_are_left_out():
    sight = FirstSight(MARKS)
    account = np.arange(1, 1001, dtype=np.uint64)
    words = np.full(1000, 5 << MARKS | 3, np.uint64)
    assert len(sight.new(account, words)) == 1000
    assert len(sight.new(account, words)) < 10  # those whose places were taken
    assert len(sight.new(account, words ^ np.uint64(1))) < 10  # fewer marks than known
    assert len(sight.new(account, words | np.uint64(4))) == 1000
