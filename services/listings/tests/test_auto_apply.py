"""Edits of little risk of a trusted publisher go live at once, where the setting says so; nothing else does."""

from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner
from directory.listings.v1 import listing_pb2
from listings.__main__ import main
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

AUTO_APPLY_FIELDS = "support_contact, documentation_url"
PENDING = listing_pb2.REVISION_STATE_PENDING
BECAUSE = ["--by", "Lea Lead", "--reason", "Two years without a complaint"]


@pytest.fixture
def command(directory: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """command(*arguments): what `python -m listings` prints, with its exit code."""
    for other in ("TLS_DIR", "GRANT_KEYS_FILE", "KAFKA_BOOTSTRAP_SERVERS"):
        monkeypatch.delenv(other, raising=False)
    environment = {"DATABASE_URL_LISTINGS": directory.settings.database_url}

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, arguments, env=environment)
        return done.exit_code, done.output

    return run


@pytest.fixture
def trusted(directory: Any, publisher: Any, command: Any) -> Iterator[Any]:
    """The publisher, trusted."""
    assert command("trust", directory.organization, *BECAUSE)[0] == 0
    yield publisher
    command("untrust", directory.organization, "--by", "Lea Lead", "--reason", "The test is over")


def test_low_risk_edits_of_a_trusted_publisher_go_live_at_once(trusted: Any) -> None:
    assert trusted.look().without_review == ["/documentation_url", "/support_contact"], "it is said beforehand"
    saved = trusted.save(support_contact="new@example.com", documentation_url="https://example.com/new")
    assert saved.live.support_contact == "help@example.com", "saving changes nothing live"
    after = trusted.submit("We moved.")
    assert not after.HasField("open_revision")
    assert after.live.support_contact == "new@example.com"
    assert after.live_since.ToDatetime() > saved.live_since.ToDatetime()
    told = trusted.history()[0]
    assert (told.state, told.applied_by_setting, told.decided_by_name) == (
        listing_pb2.REVISION_STATE_APPLIED,
        True,
        "",
    )
    assert (told.submitted_by_name, told.message) == ("Ada", "We moved.")


def test_nobody_is_asked_and_the_event_says_why(trusted: Any) -> None:
    before = trusted.look().live
    trusted.save(support_contact="new@example.com")
    trusted.submit("We moved.")
    closed = trusted.last_event()
    assert (closed.state, closed.live.support_contact) == (listing_pb2.REVISION_STATE_APPLIED, "new@example.com")
    told = closed.applied_by_setting
    assert (told.before, told.number, told.message) == (before, 2, "We moved.")
    assert (told.submitted_by_id, told.submitted_by_name) == ("ada", "Ada")
    kinds = [event.WhichOneof("event") for event in trusted.directory.events(trusted.listing_id)]
    assert "revision_submitted" not in kinds


@pytest.mark.parametrize(
    "also", [{"display_name": "New name"}, {"tagline": "New"}, {"categories": ["travel"]}, {"company_name": "New"}]
)
def test_any_other_field_takes_all_of_it_to_a_reviewer(trusted: Any, also: dict[str, Any]) -> None:
    trusted.save(support_contact="new@example.com", **also)
    pending = trusted.submit()
    assert pending.open_revision.state == PENDING
    assert pending.live.support_contact == "help@example.com"


@pytest.mark.parametrize(
    "links",
    [
        {"documentation_url": "https://intranet.local/x"},
        {"documentation_url": "https://10.0.0.1/x"},
        {"support_contact": "https://db.INTERNAL./help"},
        {"documentation_url": "https://bücher.example.com/x"},
        {"documentation_url": "https://example.com/privacy"},
    ],
)
def test_links_that_the_checks_speak_against_are_for_a_reviewer(trusted: Any, links: dict[str, str]) -> None:
    assert trusted.look().live.privacy_policy_url == "https://example.com/privacy"
    trusted.save(**links)
    pending = trusted.submit()
    assert pending.open_revision.state == PENDING
    assert pending.live == trusted.look().live


def test_what_reviewers_have_in_hand_stays_theirs(trusted: Any) -> None:
    trusted.save(tagline="New")
    trusted.submit()
    trusted.save(tagline="Tells the weather", support_contact="new@example.com")
    pending = trusted.submit()
    assert pending.open_revision.state == PENDING
    assert pending.live.support_contact == "help@example.com"


def test_without_trust_everything_is_reviewed(publisher: Any) -> None:
    assert not publisher.look().without_review
    publisher.save(support_contact="new@example.com")
    assert publisher.submit().open_revision.state == PENDING


def test_trust_that_is_taken_away_is_gone_at_once(trusted: Any, command: Any) -> None:
    trusted.save(support_contact="new@example.com")
    assert command("untrust", trusted.directory.organization, "--by", "Lea", "--reason", "A complaint")[0] == 0
    assert trusted.submit().open_revision.state == PENDING


def test_restored_words_of_little_risk_follow_the_same_rule(trusted: Any) -> None:
    first = trusted.history()[-1].revision_id
    trusted.save(support_contact="new@example.com")
    trusted.submit()
    restored = trusted.restore(first)
    assert restored.live.support_contact == "new@example.com"
    assert trusted.submit().live.support_contact == "help@example.com"


def test_who_gave_and_took_trust_is_kept_for_ever(directory: Any, publisher: Any, command: Any) -> None:
    organization = directory.organization
    assert command("trust", organization, *BECAUSE) == (0, f"{organization} is trusted now.\n")
    assert command("trust", organization, *BECAUSE) == (0, f"{organization} was trusted before.\n")
    code, told = command("trusted")
    assert (code, told.count("\n")) == (0, 1)
    assert told.startswith(f"{organization}  trusted ")
    assert told.endswith("by Lea Lead: Two years without a complaint\n")
    command("untrust", organization, "--by", "Lea Lead", "--reason", "Sold to others")
    assert command("trusted") == (0, "")
    assert "untrusted" in command("trusted", "--changes")[1].splitlines()[-1]
    for statement in ("DELETE FROM trust_changes", "UPDATE trust_changes SET by_name = 'Nobody'"):
        with pytest.raises(IntegrityError, match="only ever added"), directory.database.transaction() as uow:
            uow.execute(text(statement))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["0197f000-0000-7000-8000-00000000ffff", *BECAUSE], "No listing belongs to this organization."),
        (["northwind", *BECAUSE], "is not a valid UUID"),
        (["0197f000-0000-7000-8000-0000000000a1", "--by", " ", "--reason", "x"], "need words"),
        (["0197f000-0000-7000-8000-0000000000a1", "--by", "Lea"], "--reason"),
    ],
)
def test_slips_of_the_operator_are_told(publisher: Any, command: Any, arguments: list[str], said: str) -> None:
    code, told = command("trust", *arguments)
    assert code != 0
    assert said in told


def test_a_setting_that_names_more_is_refused_when_the_process_starts(directory: Any) -> None:
    values = directory.settings.model_dump() | {"auto_apply_fields": "support_contact,display_name"}
    with pytest.raises(ValidationError, match="display_name: only"):
        type(directory.settings)(**values)
