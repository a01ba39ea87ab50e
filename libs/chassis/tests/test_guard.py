"""Where connections to strangers' URLs may go. services/submissions has the long table of addresses."""

import pytest
from chassis.destinations import networks, refusal
from chassis.guard import Guard, RefusedError, guard


def test_one_address_inside_a_network_refuses_the_name() -> None:
    with pytest.raises(RefusedError) as refused:
        Guard(refusal, lambda host: ["1.1.1.1", "10.0.0.1"]).addresses("mixed.example")
    assert (refused.value.cause, refused.value.host) == ("address_refused", "mixed.example")


def test_a_name_without_an_address_is_unknown() -> None:
    with pytest.raises(RefusedError) as refused:
        Guard(refusal, lambda host: []).addresses("nowhere.example")
    assert refused.value.cause == "name_unknown"


def test_a_name_that_changes_its_mind_gains_nothing() -> None:
    answers = iter([["1.1.1.1"], ["127.0.0.1"]])
    once = Guard(refusal, lambda host: next(answers))
    assert [str(each) for each in once.addresses("A.example.")] == ["1.1.1.1"]
    assert [str(each) for each in once.addresses("a.example")] == ["1.1.1.1"]


def test_ipv4_comes_first_and_few_are_tried() -> None:
    found = Guard(refusal, lambda host: ["2606:4700::1111", "1.1.1.1", "8.8.8.8", "9.9.9.9"]).addresses("many.example")
    assert [str(each) for each in found] == ["1.1.1.1", "8.8.8.8", "9.9.9.9"]


def test_named_networks_take_addresses_in_them_alone_and_no_names() -> None:
    local = guard(networks("127.0.0.0/8"))
    assert local.plain_http
    assert [str(each) for each in local.addresses("127.0.0.1")] == ["127.0.0.1"]
    for host in ("1.1.1.1", "localhost", "[::1]"):
        with pytest.raises(RefusedError):
            local.addresses(host)
    assert not guard(()).plain_http
