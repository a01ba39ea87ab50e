"""What people would take for another organization's: the rule, and how it is found among what is published."""

import string
from typing import Any

import pytest
from directory.submissions.v1 import submission_pb2
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from submissions.domain import look_alikes
from submissions.domain.look_alikes import Likeness, Named, likeness

BLOCK, WARN = submission_pb2.FINDING_GRADE_BLOCK, submission_pb2.FINDING_GRADE_WARN
words = st.text(string.ascii_lowercase + "0157-", min_size=1, max_size=14)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("PayPal", "paypal"),
        ("PayPal", "Pay Pal"),
        ("pay-pal", "paypal"),
        ("paypal", "paypa1"),
        ("PayPal", "PayPaI"),
        ("github", "g1thub"),
        ("google", "g00gle"),
        ("PayPal", "P\u0430yPal"),
        ("MAPS", "\u041c\u0410PS"),
        ("Omega", "\u039fmega"),
        ("Café", "Cafe"),
        ("Slack", "\uff33lack"),
        ("Søren", "Soren"),
        ("modern", "modem"),
        ("vvindows", "windows"),
        ("Ca$h", "Cash"),
        ("Inbox", "inbox"),
        ("Inbox", "lnbox"),
        ("PayPal", "Pay\u200cPa\u200c1"),
    ],
)
def test_these_look_the_same(one: str, other: str) -> None:
    assert likeness(one, other) is Likeness.SAME
    assert likeness(other, one) is Likeness.SAME


@pytest.mark.parametrize(
    ("one", "other"),
    [("Northwind", "Northwynd"), ("Northwind", "Northwinds"), ("Northwind", "Nrthwind"), ("north-wind", "northwlnd")],
)
def test_long_ones_one_character_apart_are_near(one: str, other: str) -> None:
    assert likeness(one, other) is Likeness.NEAR
    assert likeness(other, one) is Likeness.NEAR


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mail", "mall"),
        ("acme", "acne"),
        ("Plan 4", "Plan A"),
        ("Northwind", "Southwind"),
        ("天気", "天文"),
        ("किताब", "कुतुब"),
        ("🙂", "🙃"),
        ("", ""),
    ],
)
def test_these_do_not(one: str, other: str) -> None:
    assert likeness(one, other) is None


@given(words, words, words, words)
def test_the_index_finds_everything_that_is_alike(slug: str, name: str, other_slug: str, other_name: str) -> None:
    mine, theirs = Named(slug, name), Named(other_slug, other_name)
    if likeness(slug, other_slug) or likeness(name, other_name):
        assert look_alikes.searched(mine) & look_alikes.keys(theirs)


@given(st.text(string.ascii_lowercase, min_size=8, max_size=20), st.data())
def test_the_index_finds_one_character_more_less_or_another(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from(string.ascii_lowercase))
    before, behind = word[:place], word[place + 1 :]
    for other in (before + behind, before + letter + word[place:], before + letter + behind):
        if likeness(word, other):
            assert look_alikes.searched(Named(word, "")) & look_alikes.keys(Named(other, ""))


def test_a_slug_that_looks_like_a_reserved_one_is_reserved() -> None:
    (finding,) = look_alikes.findings(Named("adm1n", "Acme"), [])
    assert (finding.code, finding.grade, finding.field) == ("SLUG_RESERVED", "block", "/slug")
    assert "'admin'" in finding.message
    # The reserved word itself is told by the other checks, once.
    assert list(look_alikes.findings(Named("admin", "Acme"), [])) == []


def test_many_are_counted_and_three_are_named() -> None:
    others = [Named(f"other-{number}", "ACME") for number in range(5)]
    (finding,) = look_alikes.findings(Named("mine", "Acme"), others)
    assert finding.code == "NAME_SHARED"
    assert finding.message.count("/directory/") == 3
    assert "and 2 more" in finding.message


def form(world: Any, slug: str, name: str) -> Any:
    made = world.complete_form(slug=slug)
    made.listing.display_name = name
    return made


def codes(submission: Any) -> list[tuple[str, int, str]]:
    """Of look-alikes; what the look at the server says stands beside them."""
    return [(each.code, each.grade, each.field) for each in submission.findings if each.code.endswith("_LOOKS_LIKE")]


def test_a_look_alike_of_a_published_server_is_sent_back_and_says_of_which(world: Any) -> None:
    world.published(world.owner(), form(world, "quillfeather", "Quillfeather"))
    back = world.in_review(world.owner(), form(world, "qui11feather", "Qui11 Feather"))
    assert back.state == submission_pb2.SUBMISSION_STATE_CHANGES_REQUESTED
    assert codes(back) == [
        ("SLUG_LOOKS_LIKE", BLOCK, "/slug"),
        ("NAME_LOOKS_LIKE", BLOCK, "/listing/display_name"),
    ]
    assert "'Quillfeather' (/directory/quillfeather)" in back.findings[1].message


@pytest.mark.parametrize("name", ["Tallowbrook", "TALLOWBROOK", "Tallow-Brook"])
def test_the_very_same_name_is_a_warning_for_the_reviewers(world: Any, name: str) -> None:
    """Nobody is misled about how it is spelled: a person judges whether both may bear it."""
    if not world.rows("SELECT 1 FROM submissions WHERE slug = 'tallowbrook'"):
        world.published(world.owner(), form(world, "tallowbrook", "Tallowbrook"))
    found = world.in_review(world.owner(), form(world, world.complete_form().slug, name))
    assert found.state == submission_pb2.SUBMISSION_STATE_IN_REVIEW
    (shared,) = [each for each in found.findings if each.code == "NAME_SHARED"]
    assert (shared.grade, shared.field) == (WARN, "/listing/display_name")
    assert "'Tallowbrook' (/directory/tallowbrook)" in shared.message


@pytest.mark.parametrize("name", ["Ta11owbrook", "T\u0430llowbrook", "\uff34allowbrook", "TaIlowbrook"])
def test_a_name_that_only_looks_the_same_is_refused(name: str) -> None:
    (finding,) = look_alikes.findings(Named("mine-alone", name), [Named("tallowbrook", "Tallowbrook")])
    assert (finding.code, finding.grade) == ("NAME_LOOKS_LIKE", "block")


def test_one_character_away_is_a_warning_for_the_reviewers(world: Any) -> None:
    world.published(world.owner(), form(world, "marshlantern", "Marshlantern"))
    found = world.in_review(world.owner(), form(world, "marshlanterns", "Marsh Lanterne"))
    assert found.state == submission_pb2.SUBMISSION_STATE_IN_REVIEW
    assert codes(found) == [
        ("SLUG_LOOKS_LIKE", WARN, "/slug"),
        ("NAME_LOOKS_LIKE", WARN, "/listing/display_name"),
    ]


def test_ones_own_and_what_was_never_published_do_not_count(world: Any) -> None:
    owner = world.owner()
    world.published(owner, form(world, "saltmeadow", "Saltmeadow"))
    world.in_review(world.owner(), form(world, "tidehollow", "Tidehollow"))
    own = world.in_review(owner, form(world, "salt-meadow", "Salt Meadow"))
    assert codes(own) == []
    other = world.in_review(world.owner(), form(world, "tide-hollow", "Tide Hollow"))
    assert codes(other) == []


def test_a_name_that_is_given_up_is_free_and_the_new_one_counts(world: Any) -> None:
    """Whatever code changes it: the keys follow the row."""
    submission = world.published(world.owner(), form(world, "brackenmoor", "Brackenmoor"))
    world.in_review(world.owner(), form(world, "unrelated-one", "Anything else"))  # the keys are made
    rename = "UPDATE submissions SET display_name = 'Heronsgate' WHERE submission_id = :id"
    world.execute(rename, id=submission.submission_id)
    assert codes(world.in_review(world.owner(), form(world, "unrelated-two", "Bracken M00r"))) == []
    back = world.in_review(world.owner(), form(world, "unrelated-three", "Her0nsgate"))
    assert [code for code, _, _ in codes(back)] == ["NAME_LOOKS_LIKE"]


def of_address(submission: Any) -> list[tuple[int, str, str]]:
    found = [each for each in submission.findings if each.code == "SERVER_URL_LOOKS_LIKE"]
    return [(each.grade, each.field, each.message.split(" but ")[0]) for each in found]


def test_an_address_that_a_slash_tells_from_another_is_a_warning_for_the_reviewers(world: Any) -> None:
    address, private = world.complete_form().server_url, world.complete_form().server_url
    public = world.published(world.owner(), world.complete_form(server_url=address))
    beside = world.in_review(world.owner(), world.complete_form(server_url=f"{address}/"))
    assert beside.state == submission_pb2.SUBMISSION_STATE_IN_REVIEW
    assert of_address(beside) == [(WARN, "/server_url", f"The server URL is that of /directory/{public.form.slug}")]
    # What the public never saw is not named.
    world.in_review(world.owner(), world.complete_form(server_url=f"{private}/"))
    beside = world.in_review(world.owner(), world.complete_form(server_url=private))
    assert of_address(beside) == [(WARN, "/server_url", "The server URL is another submission's")]


def test_drafts_and_other_addresses_do_not_count(world: Any) -> None:
    address = world.complete_form().server_url
    world.create(world.owner(), world.complete_form(server_url=f"{address}/"))
    assert of_address(world.in_review(world.owner(), world.complete_form(server_url=address))) == []
    for other in (f"{address}/deeper", f"{address}/?tenant=1"):
        assert of_address(world.in_review(world.owner(), world.complete_form(server_url=other))) == []


def test_it_is_found_through_the_index(world: Any) -> None:
    query = "SELECT slug FROM submissions WHERE first_published_at IS NOT NULL AND look_alike_keys && ARRAY['s=a']"
    with world.database.read() as connection:
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        plan = "\n".join(row[0] for row in connection.execute(text(f"EXPLAIN {query}")))
    assert "submissions_look_alike_keys" in plan
