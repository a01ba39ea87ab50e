import base64
import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from chassis import paging
from chassis.errors import InvalidInput
from directory.listings.v1.listings_service_pb2 import ListPublicListingsRequest as Request
from directory.listings.v1.listings_service_pb2 import ListVersionsRequest
from hypothesis import given
from hypothesis import strategies as st

VALUES = st.lists(
    st.one_of(st.text(), st.integers(), st.none(), st.floats(allow_nan=False, allow_infinity=False)), min_size=1
)


def asking(*values):
    """A request for the page behind these values."""
    return Request(page_token=paging.encode(Request(), *values))


@given(VALUES)
def test_what_was_encoded_comes_back(values):
    assert paging.decode(asking(*values)) == values


def test_no_token_is_the_first_page():
    assert paging.decode(Request(), 2) == []


def test_datetimes_become_texts():
    assert paging.decode(asking(datetime(2026, 1, 2, tzinfo=UTC))) == ["2026-01-02T00:00:00+00:00"]


def test_a_token_of_the_version_before_goes_on():
    assert paging.decode(Request(page_token="WyJhIiwxXQ"), 2) == ["a", 1]


ASKED = {"search": "led", "category": "data", "first": ["a", "b"], "page_size": 10}


@pytest.mark.parametrize("same", [{}, {"page_size": 20}, {"first": ["b"]}])
def test_the_size_of_pages_and_what_is_said_to_change_may_change(same):
    token = paging.encode(Request(**ASKED), 1, but=("first",))
    assert paging.decode(Request(**ASKED | same, page_token=token), 1, but=("first",)) == [1]


@pytest.mark.parametrize(
    "another",
    [
        Request(),
        Request(**ASKED | {"search": ""}),
        Request(**ASKED | {"category": "legal"}),
        Request(**ASKED | {"first": ["b"]}),
        ListVersionsRequest(search="led"),
    ],
)
def test_a_token_of_another_list_is_refused(another):
    another.page_token = paging.encode(Request(**ASKED), 1)
    with pytest.raises(InvalidInput, match="PAGE_TOKEN_INVALID"):
        paging.decode(another)


def test_a_token_of_an_empty_request_is_not_one_of_another_method():
    token = paging.encode(Request(), 1)
    with pytest.raises(InvalidInput, match="PAGE_TOKEN_INVALID"):
        paging.decode(ListVersionsRequest(page_token=token))


@pytest.mark.parametrize(
    "token", ["!", "abc", "e30", "W1tdXQ", "bnVsbA", "ü", "W10=", "//8", "W" * 100_000, ".", "x.", ".WzFd", "x.WzFd"]
)
def test_foreign_tokens_are_refused(token):
    with pytest.raises(InvalidInput) as caught:
        paging.decode(Request(page_token=token), 1)
    assert caught.value.reason == "PAGE_TOKEN_INVALID"


def refused(read, *values):
    with pytest.raises(InvalidInput) as caught:
        read(asking(*values))
    return caught.value.reason == "PAGE_TOKEN_INVALID"


AT, ROW = datetime(2026, 1, 2, tzinfo=UTC), "0199a000-0000-7000-8000-000000000001"


def test_a_place_is_a_time_and_an_id():
    assert paging.place(Request()) is None
    assert paging.place(asking(AT, ROW)) == (AT, ROW)


@pytest.mark.parametrize("values", [[True], [False], ["a", True], [1, False, None]])
def test_no_value_is_a_boolean(values):
    token = base64.urlsafe_b64encode(json.dumps(values).encode()).rstrip(b"=").decode()
    with pytest.raises(InvalidInput, match="PAGE_TOKEN_INVALID"):
        paging.decode(Request(page_token=token))


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
        ("9999-12-31T23:59:59-14:00", ROW),
        ("0001-01-01T00:00:00+14:00", ROW),
        (datetime(2026, 1, 2), ROW),  # noqa: DTZ001 -- without a zone it would mean another time elsewhere
    ],
)
def test_a_place_of_anything_else_is_refused(values):
    assert refused(paging.place, *values)


@pytest.mark.parametrize("number", [1, 2**63 - 1])
def test_a_number_fits_a_bigint(number):
    assert paging.number(Request()) is None
    assert paging.number(asking(number)) == number


@pytest.mark.parametrize("values", [(0,), (-1,), (True,), (2**63,), (1.5,), ("1",), (None,), (1, 2)])
def test_any_other_number_is_refused(values):
    assert refused(paging.number, *values)


@given(st.text(max_size=40))
def test_no_text_upsets_it(token):
    with suppress(InvalidInput):
        assert isinstance(paging.decode(Request(page_token=token)), list)


@pytest.mark.parametrize(("requested", "given_size"), [(0, 50), (-1, 50), (1, 1), (100, 100), (101, 100)])
def test_page_sizes(requested, given_size):
    assert paging.page_size(requested) == given_size
