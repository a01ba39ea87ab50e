from contextlib import suppress
from datetime import UTC, datetime

import pytest
from chassis import paging
from chassis.errors import InvalidInput
from hypothesis import given
from hypothesis import strategies as st

VALUES = st.lists(
    st.one_of(st.text(), st.integers(), st.none(), st.floats(allow_nan=False, allow_infinity=False)), min_size=1
)


@given(VALUES)
def test_what_was_encoded_comes_back(values):
    assert paging.decode(paging.encode(*values)) == values


def test_no_token_is_the_first_page():
    assert paging.decode("", 2) == []


def test_datetimes_become_texts():
    assert paging.decode(paging.encode(datetime(2026, 1, 2, tzinfo=UTC))) == ["2026-01-02T00:00:00+00:00"]


@pytest.mark.parametrize("token", ["!", "abc", "e30", "W1tdXQ", "bnVsbA", "ü", "W10=", "//8", "W" * 100_000])
def test_foreign_tokens_are_refused(token):
    with pytest.raises(InvalidInput) as caught:
        paging.decode(token, 1)
    assert caught.value.reason == "PAGE_TOKEN_INVALID"


def refused(read, *values):
    with pytest.raises(InvalidInput) as caught:
        read(paging.encode(*values))
    return caught.value.reason == "PAGE_TOKEN_INVALID"


AT, ROW = datetime(2026, 1, 2, tzinfo=UTC), "0199a000-0000-7000-8000-000000000001"


def test_a_place_is_a_time_and_an_id():
    assert paging.place("") is None
    assert paging.place(paging.encode(AT, ROW)) == (AT, ROW)


@pytest.mark.parametrize(
    "values",
    [
        (AT,),
        (AT, ROW, 1),
        (ROW, AT),
        (AT, "a\0b"),
        (AT, 1),
        ("yesterday", ROW),
        (20260102, ROW),
        (None, ROW),
        (datetime(2026, 1, 2), ROW),  # noqa: DTZ001 -- without a zone it would mean another time elsewhere
    ],
)
def test_a_place_of_anything_else_is_refused(values):
    assert refused(paging.place, *values)


@pytest.mark.parametrize("number", [1, 2**63 - 1])
def test_a_number_fits_a_bigint(number):
    assert paging.number("") is None
    assert paging.number(paging.encode(number)) == number


@pytest.mark.parametrize("values", [(0,), (-1,), (True,), (2**63,), (1.5,), ("1",), (None,), (1, 2)])
def test_any_other_number_is_refused(values):
    assert refused(paging.number, *values)


@given(st.text(max_size=40))
def test_no_text_upsets_it(token):
    with suppress(InvalidInput):
        assert isinstance(paging.decode(token), list)


@pytest.mark.parametrize(("requested", "given_size"), [(0, 50), (-1, 50), (1, 1), (100, 100), (101, 100)])
def test_page_sizes(requested, given_size):
    assert paging.page_size(requested) == given_size
