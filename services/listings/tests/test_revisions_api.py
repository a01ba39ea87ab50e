"""Saving, submitting, discarding and deciding, through the real server."""

from typing import Any

import pytest
from chassis.errors import Conflict, InvalidInput, VersionMismatch
from chassis.ids import new_id
from chassis.rpc import client
from directory.listings.v1 import listing_pb2
from directory.listings.v1 import listings_service_pb2 as pb

EDITING = listing_pb2.REVISION_STATE_EDITING
PENDING = listing_pb2.REVISION_STATE_PENDING
APPLIED = listing_pb2.REVISION_STATE_APPLIED
CHANGES_REQUESTED = listing_pb2.REVISION_STATE_CHANGES_REQUESTED


def test_saving_opens_a_revision_and_changes_nothing_live(publisher: Any) -> None:
    before = publisher.look()
    after = publisher.save(tagline="  New words ", categories=["travel"])
    assert after.live == before.live
    assert after.version == before.version + 1
    assert after.open_revision.state == EDITING
    assert after.open_revision.number == 2
    assert after.open_revision.content.tagline == "New words"
    assert after.open_revision.changed_fields == ["/categories", "/tagline"]
    assert after.open_revision.edited_by_name == "Ada"
    assert publisher.save(tagline="Newer words").open_revision.revision_id == after.open_revision.revision_id


def test_a_save_that_changes_nothing_leaves_the_version(publisher: Any) -> None:
    before = publisher.look()
    assert publisher.save(tagline=before.live.tagline) == before


def test_submit_and_approve_swap_the_whole_content_in(publisher: Any) -> None:
    publisher.save(tagline="New", display_name="New name")
    pending = publisher.submit(" Please look ")
    assert pending.open_revision.state == PENDING
    assert pending.live.tagline == "Tells the weather"
    sent = publisher.last_event()
    assert (sent.after.tagline, sent.before.tagline, sent.message) == ("New", "Tells the weather", "Please look")
    assert (sent.number, sent.submitted_by_name, sent.supersedes_revision_id) == (2, "Ada", "")

    after = publisher.decided(pending.open_revision.revision_id, "APPROVE", comment="Nice.")
    assert not after.HasField("open_revision")
    assert (after.live.tagline, after.live.display_name) == ("New", "New name")
    assert after.live_since.ToDatetime() > pending.live_since.ToDatetime()
    closed = publisher.last_event()
    assert (closed.state, closed.live) == (APPLIED, after.live)


def test_publishers_never_see_a_reviewers_name(publisher: Any) -> None:
    publisher.save(tagline="New")
    revision_id = publisher.submit().open_revision.revision_id
    back = publisher.decided(revision_id, "REQUEST_CHANGES", comment="Say more.", reason_code="POLICY")
    revision = back.open_revision
    assert (revision.state, revision.decided_by_name, revision.comment, revision.reason_code) == (
        CHANGES_REQUESTED,
        "Directory review",
        "Say more.",
        "POLICY",
    )
    assert b"Rea Viewer" not in back.SerializeToString()


def test_edits_of_a_pending_revision_are_kept_unsent_until_they_are_submitted(publisher: Any) -> None:
    publisher.save(tagline="First")
    first = publisher.submit().open_revision
    kept = publisher.save(tagline="Second").open_revision
    assert (kept.revision_id, kept.state) == (first.revision_id, PENDING)
    assert (kept.content.tagline, kept.unsent_edits.tagline) == ("First", "Second")
    second = publisher.submit().open_revision
    assert (second.state, second.content.tagline, second.number) == (PENDING, "Second", 3)
    assert publisher.last_event().supersedes_revision_id == first.revision_id
    # The decision on what was replaced comes too late.
    late = publisher.decided(first.revision_id, "APPROVE")
    assert late.live.tagline == "Tells the weather"
    assert late.open_revision == second
    assert publisher.last_event().state == listing_pb2.REVISION_STATE_SUPERSEDED


def test_unsent_edits_outlive_the_decision(publisher: Any) -> None:
    publisher.save(tagline="First")
    first = publisher.submit().open_revision
    publisher.save(tagline="Second")
    after = publisher.decided(first.revision_id, "APPROVE")
    assert after.live.tagline == "First"
    assert (after.open_revision.state, after.open_revision.content.tagline) == (EDITING, "Second")
    assert after.open_revision.changed_fields == ["/tagline"]


def test_a_revision_sent_back_is_edited_and_resubmitted(publisher: Any) -> None:
    publisher.save(tagline="First")
    first = publisher.submit().open_revision
    publisher.decided(first.revision_id, "REQUEST_CHANGES", comment="Why?")
    publisher.save(tagline="Because")
    second = publisher.submit().open_revision
    assert (second.content.tagline, second.state) == ("Because", PENDING)
    assert publisher.decided(second.revision_id, "REJECT", comment="No.").live.tagline == "Tells the weather"


def test_discarding_gives_up_everything_and_voids_the_decision(publisher: Any) -> None:
    publisher.save(tagline="First")
    first = publisher.submit().open_revision
    publisher.save(tagline="Second")
    assert not publisher.discard().HasField("open_revision")
    assert publisher.last_event().state == listing_pb2.REVISION_STATE_DISCARDED
    late = publisher.decided(first.revision_id, "APPROVE")
    assert late.live.tagline == "Tells the weather"
    voided = publisher.last_event()
    assert (voided.revision_id, voided.state) == (first.revision_id, listing_pb2.REVISION_STATE_DISCARDED)


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        (["submit"], "NO_OPEN_REVISION"),
        (["discard"], "NO_OPEN_REVISION"),
        (["save", "unsave", "submit"], "NOTHING_TO_SUBMIT"),
        (["save", "submit", "submit"], "NOTHING_TO_SUBMIT"),
    ],
)
def test_impossible_moves_say_why(publisher: Any, steps: list[str], reason: str) -> None:
    moves = {
        "save": lambda: publisher.save(tagline="New"),
        "unsave": lambda: publisher.save(tagline="Tells the weather"),
        "submit": publisher.submit,
        "discard": publisher.discard,
    }
    for step in steps[:-1]:
        moves[step]()
    with pytest.raises(Conflict) as refused:
        moves[steps[-1]]()
    assert refused.value.reason == reason


@pytest.mark.parametrize(("move", "state"), [("SUSPEND", "suspended"), ("DELIST", "delisted")])
def test_only_a_live_listing_is_edited(publisher: Any, move: str, state: str) -> None:
    publisher.save(tagline="New")
    publisher.directory.happens(publisher.directory.moved(publisher.listing_id, move))
    publisher.look()
    for act in (lambda: publisher.save(tagline="Newer"), publisher.submit):
        with pytest.raises(Conflict) as refused:
            act()
        assert (refused.value.reason, refused.value.metadata) == ("NOT_EDITABLE", {"state": state})
    assert not publisher.discard().HasField("open_revision")


@pytest.mark.parametrize("unsent", [False, True])
def test_delisting_gives_a_pending_revision_back_and_keeps_its_words(publisher: Any, unsent: bool) -> None:
    publisher.save(tagline="First")
    waiting = publisher.submit().open_revision
    if unsent:
        publisher.save(tagline="Second")
    publisher.directory.happens(publisher.directory.moved(publisher.listing_id, "DELIST"))
    back = publisher.look().open_revision
    assert (back.state, back.number, back.edited_by_name) == (EDITING, waiting.number + 1, "Ada")
    assert back.content.tagline == ("Second" if unsent else "First")
    closed = publisher.directory.events(publisher.listing_id)[-2].revision_closed
    assert (closed.revision_id, closed.state) == (waiting.revision_id, listing_pb2.REVISION_STATE_SUPERSEDED)
    # A reviewer who decided before hearing of it was too late.
    assert publisher.decided(waiting.revision_id, "APPROVE").live.tagline == "Tells the weather"
    assert publisher.last_event().state == listing_pb2.REVISION_STATE_SUPERSEDED


def test_an_old_version_is_refused_and_names_the_present_one(publisher: Any) -> None:
    old = publisher.version
    publisher.save(tagline="New")
    present = publisher.version
    for act in (lambda: publisher.save(tagline="Newer"), publisher.submit, publisher.discard):
        publisher.version = old
        with pytest.raises(VersionMismatch) as refused:
            act()
        assert refused.value.metadata["current_version"] == str(present)
    assert publisher.look().open_revision.content.tagline == "New"


@pytest.mark.parametrize(
    ("mask", "fields", "field", "code"),
    [
        ([], {"tagline": "x" * 201}, "/tagline", "TOO_LONG"),
        ([], {"display_name": "  "}, "/display_name", "TOO_SHORT"),
        ([], {"categories": ["nonsense"]}, "/categories/0", "UNKNOWN_CATEGORY"),
        ([], {"documentation_url": "http://x.example"}, "/documentation_url", "NOT_HTTPS_URL"),
        ([], {"support_contact": "nobody"}, "/support_contact", "NOT_EMAIL_OR_HTTPS_URL"),
        ([], {"description": "a\0b"}, "/description", "CONTROL_CHARACTER"),
        ([], {"icon_id": "0197f000-0000-7000-8000-000000000000"}, "/icon_id", "UNKNOWN_ICON"),
        ([], {"icon_id": "no-uuid"}, "/icon_id", "NOT_UUID"),
        (["tagline"], {}, "/tagline", "REQUIRED"),
        (["categories"], {}, "/categories", "TOO_FEW_ITEMS"),
        (["nonsense"], {}, "/nonsense", "UNKNOWN_FIELD"),
        (["tagline.deep"], {}, "/tagline/deep", "UNKNOWN_FIELD"),
    ],
)
def test_broken_fields_are_named(
    publisher: Any, mask: list[str], fields: dict[str, Any], field: str, code: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        publisher.save(mask, **fields)
    assert refused.value.reason == "CONTENT_INVALID"
    assert [(each.field, each.code) for each in refused.value.violations] == [(field, code)]
    assert not publisher.look().HasField("open_revision")


def test_an_icon_of_another_organization_is_unknown(publisher: Any) -> None:
    foreign = publisher.directory.icon("another organization")
    with pytest.raises(InvalidInput) as refused:
        publisher.save(icon_id=foreign)
    assert refused.value.violations[0].code == "UNKNOWN_ICON"


def test_an_incomplete_revision_is_not_submitted(directory: Any) -> None:
    publisher = directory.publisher(directory.published(icon_id=None))
    publisher.save(tagline="New")
    with pytest.raises(InvalidInput) as refused:
        publisher.submit()
    assert [(each.field, each.code) for each in refused.value.violations] == [("/icon_id", "REQUIRED")]
    publisher.save(icon_id=directory.icon())
    assert publisher.submit().open_revision.state == PENDING


@pytest.mark.parametrize("message", ["x" * 5001, "a\0b"])
def test_the_message_to_the_reviewer_has_rules_too(publisher: Any, message: str) -> None:
    publisher.save(tagline="New")
    with pytest.raises(InvalidInput) as refused:
        publisher.submit(message)
    assert refused.value.violations[0].field == "/message"


def test_history_is_paged_and_keeps_every_applied_revision(publisher: Any) -> None:
    for number in range(4):
        publisher.save(tagline=f"Words {number}")
        publisher.decided(publisher.submit().open_revision.revision_id, "APPROVE")
    request = pb.ListRevisionsRequest(listing_id=publisher.listing_id, page_size=2)
    found = []
    with publisher.directory.signed_in():
        while True:
            page = publisher.directory.listings.ListRevisions(request)
            found += [(each.number, each.content.tagline, each.edited_by_name) for each in page.revisions]
            if not page.next_page_token:
                break
            request.page_token = page.next_page_token
        request = pb.ListRevisionsRequest(listing_id=publisher.listing_id, states=[EDITING, PENDING])
        assert not publisher.directory.listings.ListRevisions(request).revisions
    assert found == [
        (5, "Words 3", "Ada"),
        (4, "Words 2", "Ada"),
        (3, "Words 1", "Ada"),
        (2, "Words 0", "Ada"),
        (1, "Tells the weather", ""),
    ]


@pytest.mark.parametrize(
    "token", ["x", "WyJhIl0", "WzEuNV0", "WzEsMl0", "WzFlNDAwXQ", "WzEwMDAwMDAwMDAwMDAwMDAwMDAwMF0"]
)
def test_foreign_page_tokens_are_refused(publisher: Any, token: str) -> None:
    with publisher.directory.signed_in(), pytest.raises(InvalidInput) as refused:
        publisher.directory.listings.ListRevisions(
            pb.ListRevisionsRequest(listing_id=publisher.listing_id, page_token=token)
        )
    assert refused.value.reason == "PAGE_TOKEN_INVALID"


def test_unknown_states_are_refused(publisher: Any) -> None:
    for state in (0, 99):
        with publisher.directory.signed_in(), pytest.raises(InvalidInput, match="CONTENT_INVALID"):
            publisher.directory.listings.ListRevisions(
                pb.ListRevisionsRequest(listing_id=publisher.listing_id, states=[state])
            )


def test_a_repeated_call_takes_effect_once(publisher: Any) -> None:
    old, key = publisher.version, new_id()
    with client.idempotency_key(key):
        first = publisher.save(tagline="New")
        publisher.version = old
        assert publisher.save(tagline="New") == first
    assert publisher.look() == first
