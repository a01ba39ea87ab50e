"""The lifecycle against an independent statement of it: product page, section 2, typed in once more by state."""

from pathlib import Path

import pytest
from chassis.errors import Conflict, InvalidInput
from hypothesis import given
from hypothesis import strategies as st
from submissions.domain.lifecycle import (
    ITEM_MOVES,
    LEAD_REVIEWER_MOVES,
    LIVE,
    TABLE,
    Actor,
    Move,
    State,
    possible,
    require_words,
    step,
)

P, R, H, L, S = Actor.PUBLISHER, Actor.REVIEWER, Actor.HOLDER, Actor.LEAD_REVIEWER, Actor.SYSTEM

STATED = {
    "draft": {("save", P): "draft", ("delete", P): None, ("submit", P): "checking"},
    "checking": {
        ("pass_checks", S): "in_review",
        ("fail_checks", S): "changes_requested",
        ("withdraw", P): "withdrawn",
    },
    "in_review": {
        ("claim", R): "in_review",
        ("release", H): "in_review",
        ("request_changes", H): "changes_requested",
        ("reject", H): "not_approved",
        ("approve", H): "approved",
        ("withdraw", P): "withdrawn",
    },
    "changes_requested": {("save", P): "changes_requested", ("submit", P): "checking"},
    "not_approved": {
        ("save", P): "draft",
        ("appeal", P): "not_approved",
        ("uphold", H): "not_approved",
        ("overturn", H): "in_review",
    },
    "approved": {("publish", P): "published", ("save", P): "draft", ("revoke", L): "changes_requested"},
    "published": {
        ("delist", P): "delisted",
        ("suspend", L): "suspended",
        ("deprecate", P): "published",
        ("undeprecate", P): "published",
    },
    "suspended": {("reinstate", L): "published"},
    "delisted": {("relist", P): "checking"},
    "withdrawn": {("reopen", P): "draft"},
}
# Told to thread, audit and events although the state stays.
TOLD = {"deprecate", "undeprecate", "appeal", "uphold"}
COMMENTED = {"request_changes", "reject", "revoke", "delist", "suspend", "deprecate", "appeal", "uphold", "overturn"}


def stated_moves(state, actors, *, ever_published, deprecated):
    """What the statement knows from here: moves by name, and where they lead."""
    kept_back = {"delete"} if ever_published else set()
    kept_back |= set() if deprecated else {"undeprecate"}
    return {
        name: target for (name, actor), target in STATED[state].items() if actor in actors and name not in kept_back
    }


actors_of_a_call = st.sets(st.sampled_from(list(Actor)), max_size=5)


@given(st.lists(st.tuples(st.sampled_from(list(Move)), actors_of_a_call), max_size=60))
def test_random_walks_go_where_the_statement_says_and_nowhere_else(attempts):
    state, ever_published, deprecated = State.DRAFT, False, False
    for move, actors in attempts:
        known = {"ever_published": ever_published, "deprecated": deprecated}
        stated = stated_moves(state.value, actors, **known)
        if move.value not in stated:
            with pytest.raises(Conflict) as refusal:
                step(state, move, actors=actors, **known)
            assert refusal.value.reason == "MOVE_NOT_POSSIBLE"
            listed = [name for name in refusal.value.metadata["possible"].split(",") if name]
            assert set(listed) == set(stated)
            assert refusal.value.metadata["state"] == state.value
            assert refusal.value.metadata["move"] == move.value
            continue
        row = step(state, move, actors=actors, **known)
        target = stated[move.value]
        assert row.target == (State(target) if target else None)
        assert row.is_told is (row.target is not state or move.value in TOLD)
        if row.target is None:
            return
        state = row.target
        ever_published = ever_published or state is State.PUBLISHED
        deprecated = move is Move.DEPRECATE or (deprecated and move not in (Move.UNDEPRECATE, Move.DELIST))


def test_the_table_has_no_row_that_is_not_stated():
    rows = {
        (row.source.value, row.move.value, row.actor, row.target and row.target.value) for row in TABLE if row.source
    }
    stated = {
        (state, move, actor, target) for state, moves in STATED.items() for (move, actor), target in moves.items()
    }
    assert rows == stated
    assert [row.target for row in TABLE if row.source is None] == [State.DRAFT]


def test_a_rejection_is_appealed_once():
    assert Move.APPEAL in possible(State.NOT_APPROVED, {P}, ever_published=False)
    assert Move.APPEAL not in possible(State.NOT_APPROVED, {P}, ever_published=False, appealed=True)
    with pytest.raises(Conflict) as refusal:
        step(State.NOT_APPROVED, Move.APPEAL, actors={P}, ever_published=False, appealed=True)
    assert refusal.value.reason == "APPEALED_BEFORE"


def test_a_published_submission_is_never_deleted():
    assert Move.DELETE in possible(State.DRAFT, {P}, ever_published=False)
    assert Move.DELETE not in possible(State.DRAFT, {P}, ever_published=True)


@pytest.mark.parametrize("row", [row for row in TABLE if row.source], ids=lambda row: f"{row.source}-{row.move}")
def test_words_are_needed_where_stated(row):
    require_words(row, comment="because", reason_code="POLICY")
    if row.move.value in COMMENTED:
        with pytest.raises(InvalidInput) as refusal:
            require_words(row, comment="  ", reason_code="POLICY")
        assert refusal.value.reason == "COMMENT_REQUIRED"
        assert refusal.value.violations[0].field == "/comment"
    else:
        require_words(row, comment="")
    if row.move is Move.REJECT:
        with pytest.raises(InvalidInput) as refusal:
            require_words(row, comment="because")
        assert refusal.value.reason == "REASON_REQUIRED"


def test_live_states_and_special_moves():
    assert {state.value for state in LIVE} == {
        "checking", "in_review", "changes_requested", "approved", "published", "suspended", "delisted",
    }  # fmt: skip
    assert {move.value for move in LEAD_REVIEWER_MOVES} == {"revoke", "suspend", "reinstate"}
    assert {Move.CLAIM, Move.RELEASE} == ITEM_MOVES


def test_the_readme_shows_the_same_table():
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    section = readme.split("## The life of a submission")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    shown = set()
    for line in lines:
        sources, move, target, actor, needs = (cell.strip() for cell in line.strip("|").split("|"))
        for source in sources.split(", "):
            shown.add((source, move, target, actor, frozenset(filter(None, needs.split(", ")))))
    table = {
        (row.source or "-", row.move, row.target or "-", row.actor, frozenset(need.value for need in row.needs))
        for row in TABLE
    }
    assert shown == {tuple(map(_text, row)) for row in table}


def _text(cell):
    return cell if isinstance(cell, frozenset) else str(cell)
