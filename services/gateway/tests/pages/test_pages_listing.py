"""The listing editor and the history."""

import io
import re
from typing import Any

import pytest
from chassis.errors import Conflict, InvalidInput, LimitExceeded, NotFound, VersionMismatch, Violation
from chassis.reasons import REASONS
from directory.listings.v1 import listing_pb2 as listings
from directory.listings.v1 import listings_service_pb2 as calls
from directory.listings.v1.listing_content_pb2 import ListingContent
from gateway.web import forms

HOSTILE = "<script>alert(1)</script>"


def revision(samples: Any, state: int = listings.REVISION_STATE_PENDING, **changed: Any) -> listings.Revision:
    values: dict[str, Any] = {"number": 2, "state": state, "content": samples.content(tagline="Pending tagline")}
    return listings.Revision(revision_id=samples.REVISION, **(values | changed))


def show(stage: Any, samples: Any, **changed: Any) -> None:
    stage.services.answers["GetListing"] = calls.GetListingResponse(listing=samples.listing(**changed))


def posted(samples: Any, **changed: Any) -> dict[str, Any]:
    content = samples.content()
    data: dict[str, Any] = {"version": "4", "seen": forms.packed(content), "action": "save"}
    for pointer, _ in forms.leaves(ListingContent.DESCRIPTOR):
        data[pointer] = forms.value_at(content, pointer)
    return data | changed


def test_the_editor_explains_slug_name_and_other_edits(stage, samples, text_of):
    text = text_of(stage.get(f"{samples.PAGE}/listing"))
    assert "it’s permanent after publication, since it determines your listing URL" in text
    assert "Changing the name of a published server affects the people who use it" in text
    assert "For other edits or escalations, write to directory@example.org" in text


def test_the_editor_says_how_a_server_moves_to_another_address(stage, samples, text_of):
    page = text_of(stage.get(f"{samples.PAGE}/listing"))
    assert "delist it, relist it, withdraw it and reopen it; then change the address in the form" in page


def test_pending_and_live_are_told_apart(stage, samples, text_of):
    show(stage, samples, open_revision=revision(samples, unsent_edits=samples.content(tagline="Saved later")))
    text = text_of(stage.get(f"{samples.PAGE}/listing"))
    assert "Pending review" in text
    assert "Live now" in text
    assert "Pending tagline" in text
    assert "Saved since, not submitted" in text
    assert "Discard the changes" in text


def test_feedback_of_the_review_stands_above_the_form(stage, samples, text_of):
    asked = revision(
        samples,
        listings.REVISION_STATE_CHANGES_REQUESTED,
        comment="Please **shorten** it.",
        reason_code="LISTING_WORDS",
        unsent_edits=samples.content(tagline="Shorter"),
    )
    show(stage, samples, open_revision=asked)
    text = text_of(stage.get(f"{samples.PAGE}/listing"))
    assert "Please shorten it." in text
    assert f"Reason: {REASONS['LISTING_WORDS'].label}. {REASONS['LISTING_WORDS'].advice}" in text
    assert "Submitting again sends these instead of what came back." in text
    assert "replaces the pending changes" not in text


def test_saving_changes_nothing_live_and_says_so(stage, samples):
    stage.services.answers |= {
        "GetIcon": calls.GetIconResponse(),
        "SaveRevision": calls.SaveRevisionResponse(listing=samples.listing(version=5)),
    }
    location = stage.post(f"{samples.PAGE}/listing", posted(samples, **{"/tagline": "New"}))
    assert "Saved. Nothing live has changed." in stage.get(location)
    asked = stage.services.last("SaveRevision")
    assert (asked.version, asked.content.tagline) == (4, "New")


def test_save_and_submit_hands_the_new_version_on(stage, samples):
    stage.services.answers |= {
        "GetIcon": calls.GetIconResponse(),
        "SaveRevision": calls.SaveRevisionResponse(listing=samples.listing(version=5)),
        "SubmitRevision": calls.SubmitRevisionResponse(),
    }
    stage.post(f"{samples.PAGE}/listing", posted(samples, **{"/tagline": "New", "action": "submit", "message": "Hi"}))
    asked = stage.services.last("SubmitRevision")
    assert (asked.version, asked.message) == (5, "Hi")


@pytest.mark.parametrize("reason", ["NO_OPEN_REVISION", "NOTHING_TO_SUBMIT"])
def test_submitting_nothing_is_told_and_leaves_nothing_unsaved(stage, samples, text_of, reason):
    stage.services.answers["SubmitRevision"] = Conflict(reason, "There is no open revision.")
    page = stage.post(f"{samples.PAGE}/listing", posted(samples, action="submit"), status=409)
    assert "Not submitted. Nothing changed, so there is nothing to submit." in text_of(page)
    assert 'data-guard=""' in page
    page = stage.post(f"{samples.PAGE}/listing", posted(samples, action="submit", message="Look"), status=409)
    assert 'data-guard="dirty"' in page
    page = stage.post(f"{samples.PAGE}/listing/submit", {"version": "4"}, status=409)
    assert "Nothing changed, so there is nothing to submit." in text_of(page)


def test_saving_nothing_asks_no_service(stage, samples):
    location = stage.post(f"{samples.PAGE}/listing", posted(samples))
    assert "Nothing changed" in stage.get(location)


def test_errors_keep_the_entries(stage, samples):
    wrong = InvalidInput("CONTENT_INVALID", "x", violations=[Violation("/tagline", "TOO_LONG", "At most 200.")])
    stage.services.answers |= {"GetIcon": calls.GetIconResponse(), "SaveRevision": wrong}
    page = stage.post(f"{samples.PAGE}/listing", posted(samples, **{"/tagline": HOSTILE}), status=422)
    assert '<a href="#field-tagline">Tagline</a>: At most 200.' in page
    assert "&lt;script&gt;" in page
    assert HOSTILE not in page


def test_one_icon_too_many_today_keeps_the_entries(stage, samples):
    stage.services.answers["UploadIcon"] = LimitExceeded("ICON_DAILY_LIMIT", "Try again later.", limit=50)
    icon = (io.BytesIO(b"x"), "icon.png")
    data = posted(samples, **{"/tagline": "What I wrote", "icon": icon})
    page = stage.post(f"{samples.PAGE}/listing", data, status=429)
    assert '<a href="#field-icon-id">Icon</a>: Try again later.' in page
    assert "What I wrote" in page


def test_a_bad_icon_hides_no_other_error(stage, samples):
    large = (io.BytesIO(b"x" * (2 * 1024 * 1024)), "icon.png")
    data = posted(samples, **{"/tagline": "x" * 500, "/support_contact": "", "icon": large})
    page = stage.post(f"{samples.PAGE}/listing", data, status=422)
    assert '<a href="#field-icon-id">Icon</a>: This is too large: give at most 512 KiB.' in page
    assert 'id="field-tagline-error1"' in page
    assert 'id="field-support-contact-error1"' in page


def test_a_lost_race_keeps_both(stage, samples, text_of):
    show(stage, samples, version=6, open_revision=revision(samples, listings.REVISION_STATE_EDITING))
    stage.services.answers |= {
        "GetIcon": calls.GetIconResponse(),
        "SaveRevision": VersionMismatch("VERSION_MISMATCH", "x"),
    }
    page = stage.post(f"{samples.PAGE}/listing", posted(samples, **{"/tagline": "Mine"}), status=412)
    assert "Pending tagline" in text_of(page)
    assert 'value="Mine"' in page
    assert 'name="version" value="6"' in page


def lost_race(stage: Any, samples: Any, **mine: Any) -> str:
    """The page after a save that came second: the other person changed tagline and company."""
    theirs = samples.content(tagline="Their tagline", company_name="Their company")
    opened = revision(samples, listings.REVISION_STATE_EDITING, content=theirs, edited_by_name="Ada")
    show(stage, samples, version=6, open_revision=opened)
    stage.services.answers |= {
        "GetIcon": calls.GetIconResponse(),
        "SaveRevision": VersionMismatch("VERSION_MISMATCH", "x", current_version=6),
    }
    return str(stage.post(f"{samples.PAGE}/listing", posted(samples, **mine), status=412))


def test_both_versions_stand_field_by_field(stage, samples, text_of):
    page = lost_race(stage, samples, **{"/tagline": f"Mine {HOSTILE}", "/support_contact": "me@ledgerline.example"})
    text = text_of(page)
    assert "Ada saved this meanwhile" in text
    assert HOSTILE not in page
    order = (
        "Both versions | Tagline Changed by both of you. Before: Invoices | Saved meanwhile | Their tagline | "
        "Yours | Mine <script> | Support contact Changed by you alone. | Yours me @ledgerline.example | "
        "Company name Changed by the other person alone. | Their company | Save with these choices | "
        "Save all of yours over it"
    )
    place = 0
    for shown in order.split(" | "):
        assert shown in text[place:], (shown, text[place:])
        place = text.index(shown, place)
    # The form goes on with the merge, against the version that is saved.
    assert 'name="/company_name" value="Their company"' in page
    assert 'name="version" value="6"' in page


def test_what_is_chosen_is_saved_against_the_current_version(stage, samples):
    page = lost_race(stage, samples, **{"/tagline": "Mine"})
    typed = re.search(r'name="typed" value="([0-9a-f]+)"', page)[1]
    seen = re.search(r'name="seen" value="([0-9a-f]+)"', page)[1]
    stage.services.answers["SaveRevision"] = calls.SaveRevisionResponse(listing=samples.listing(version=7))
    merged = {"/tagline": "Mine", "/company_name": "Their company", "version": "6", "typed": typed, "seen": seen}
    choices = {"choice:/tagline": "theirs", "choice:/company_name": "mine"}
    stage.post(f"{samples.PAGE}/listing", posted(samples, **merged, **choices))
    asked = stage.services.last("SaveRevision")
    assert (asked.version, asked.content.tagline, asked.content.company_name) == (6, "Their tagline", "Ledgerline GmbH")
    stage.post(f"{samples.PAGE}/listing", posted(samples, **merged, action="save_mine"))
    asked = stage.services.last("SaveRevision")
    assert (asked.content.tagline, asked.content.company_name) == ("Mine", "Ledgerline GmbH")


def test_discard_and_its_refusal(stage, samples, text_of):
    stage.services.answers["DiscardRevision"] = calls.DiscardRevisionResponse()
    stage.post(f"{samples.PAGE}/listing/discard", {"version": "4"})
    stage.services.answers["DiscardRevision"] = Conflict("NO_OPEN_REVISION", "There is no open revision.")
    page = stage.post(f"{samples.PAGE}/listing/discard", {"version": "4"}, status=409)
    assert "There is no open revision." in text_of(page)


def test_before_the_approval_there_is_no_editor(stage, samples):
    stage.services.answers["GetListing"] = NotFound("LISTING_NOT_FOUND", "no")
    assert stage.browser.get(f"{samples.PAGE}/listing").status_code == 303


def test_a_delisted_listing_is_not_edited(stage, samples, text_of):
    show(stage, samples, state=listings.LISTING_STATE_DELISTED, state_message=f"Moved {HOSTILE}")
    page = stage.get(f"{samples.PAGE}/listing")
    assert "The listing can’t be edited now" in text_of(page)
    assert 'name="/tagline"' not in page
    assert HOSTILE not in page


@pytest.mark.parametrize(
    ("state", "first"),
    [
        (listings.LISTING_STATE_DELISTED, "Relist it first; your edits are kept."),
        (listings.LISTING_STATE_SUSPENDED, "A lead reviewer has to reinstate it first; your edits are kept."),
    ],
)
def test_edits_of_a_listing_that_was_taken_off_wait_and_offer_no_button_that_fails(
    stage, samples, text_of, state, first
):
    kept = revision(samples, listings.REVISION_STATE_EDITING)
    show(stage, samples, state=state, open_revision=kept)
    text = text_of(stage.get(f"{samples.PAGE}/listing"))
    assert first in text
    assert "Pending tagline" in text
    assert "Submit what is saved" not in text
    assert "Discard the changes" in text
    show(stage, samples, open_revision=kept)
    assert "Submit what is saved" in text_of(stage.get(f"{samples.PAGE}/listing"))


def test_the_history_names_who_asked_and_who_decided(stage, samples, text_of):
    applied = revision(
        samples,
        listings.REVISION_STATE_APPLIED,
        edited_by_name="Olu",
        decided_by_name="Directory review",
        comment="Good.",
    )
    applied.before.CopyFrom(samples.content(tagline="Older words"))
    show(stage, samples, live=applied.content)
    stage.services.answers["ListRevisions"] = calls.ListRevisionsResponse(revisions=[applied])
    text = text_of(stage.get(f"{samples.PAGE}/listing/history"))
    for shown in ("Revision 2", "Applied", "Live now", "Olu", "Directory review", "Good.", "Pending", "Older words"):
        assert shown in text
    assert "Restore revision" not in text


def old(samples: Any, **changed: Any) -> listings.Revision:
    """An applied revision that is live no more."""
    values = {"number": 1, "content": samples.content(tagline="Old words"), **changed}
    return revision(samples, listings.REVISION_STATE_APPLIED, **values)


def test_the_history_tells_what_went_live_without_a_person(stage, samples, text_of):
    by_setting = old(samples, applied_by_setting=True, submitted_by_name="Olu", message="We **moved**.")
    stage.services.answers["ListRevisions"] = calls.ListRevisionsResponse(revisions=[by_setting, old(samples)])
    text = text_of(stage.get(f"{samples.PAGE}/listing/history"))
    assert "Decided by The directory’s setting, without a review" in text
    assert "Message We moved" in text
    assert "Decided by The approval of the submission" in text


def test_an_applied_revision_is_restored_from_the_history(stage, samples, text_of):
    stage.services.answers |= {
        "ListRevisions": calls.ListRevisionsResponse(revisions=[old(samples)]),
        "RestoreRevision": calls.RestoreRevisionResponse(
            listing=samples.listing(
                version=5, open_revision=revision(samples, listings.REVISION_STATE_EDITING, number=3, restores_number=1)
            )
        ),
    }
    assert "Restore revision 1" in text_of(stage.get(f"{samples.PAGE}/listing/history"))
    location = stage.post(f"{samples.PAGE}/listing/history/{samples.REVISION}/restore", {"version": "4"})
    asked = stage.services.last("RestoreRevision")
    assert (asked.listing_id, asked.version, asked.revision_id) == (samples.SUBMISSION, 4, samples.REVISION)
    assert "Revision 1 is restored as revision 3: saved, not submitted." in text_of(stage.get(location))


def test_while_a_revision_is_open_the_history_says_what_to_do_first(stage, samples, text_of):
    show(stage, samples, open_revision=revision(samples))
    stage.services.answers |= {
        "ListRevisions": calls.ListRevisionsResponse(revisions=[old(samples)]),
        "RestoreRevision": Conflict("REVISION_OPEN", "Revision 2 is open. Discard it; then restore."),
    }
    text = text_of(stage.get(f"{samples.PAGE}/listing/history"))
    assert (
        "Revision 2 is open: Pending review To restore an earlier one, wait for the decision, or discard it in the "
        "editor ." in text
    )
    assert "Restore revision" not in text
    page = stage.post(f"{samples.PAGE}/listing/history/{samples.REVISION}/restore", {"version": "4"}, status=409)
    assert "This could not be restored. Revision 2 is open. Discard it; then restore." in text_of(page)


@pytest.mark.parametrize(
    ("state", "first"),
    [
        (listings.REVISION_STATE_EDITING, "submit it and wait for the decision, or discard it, in the editor"),
        (listings.REVISION_STATE_CHANGES_REQUESTED, "discard it, or submit it again and wait for the decision, in the"),
    ],
)
def test_what_comes_before_restoring_goes_by_the_state_of_what_is_open(stage, samples, text_of, state, first):
    show(stage, samples, open_revision=revision(samples, state))
    stage.services.answers["ListRevisions"] = calls.ListRevisionsResponse(revisions=[old(samples)])
    assert f"To restore an earlier one, {first}" in text_of(stage.get(f"{samples.PAGE}/listing/history"))


def test_history_and_revision_name_their_server(stage, samples):
    stage.services.answers |= {
        "ListRevisions": calls.ListRevisionsResponse(revisions=[old(samples)]),
        "GetRevision": calls.GetRevisionResponse(revision=old(samples)),
    }
    for path in ("history", f"history/{samples.REVISION}"):
        assert f'<li><a href="{samples.PAGE}">Ledgerline</a></li>' in stage.get(f"{samples.PAGE}/listing/{path}")


def test_one_revision_is_shown_whole(stage, samples, text_of):
    whole = old(samples, before=samples.content(tagline="Older words"), comment=HOSTILE)
    stage.services.answers["GetRevision"] = calls.GetRevisionResponse(revision=whole)
    page = stage.get(f"{samples.PAGE}/listing/history/{samples.REVISION}")
    text = text_of(page)
    for shown in ("Revision 1", "What it changed", "Older words", "Old words", "What it says", "Ledgerline GmbH"):
        assert shown in text
    assert HOSTILE not in page
    stage.services.answers["GetRevision"] = NotFound("REVISION_NOT_FOUND", "There is no such revision.")
    stage.get(f"{samples.PAGE}/listing/history/{samples.REVISION}", status=404)


def test_what_needs_no_review_is_said_beforehand(stage, samples, text_of):
    assert "no review is needed" not in text_of(stage.get(f"{samples.PAGE}/listing"))
    show(stage, samples, without_review=["/categories", "/documentation_url", "/support_contact"])
    text = text_of(stage.get(f"{samples.PAGE}/listing"))
    assert "nothing but categories, documentation link or support contact, no review is needed" in text


def test_what_went_live_at_once_is_said_after_submitting(stage, samples):
    stage.services.answers["SubmitRevision"] = calls.SubmitRevisionResponse(listing=samples.listing(version=5))
    location = stage.post(f"{samples.PAGE}/listing/submit", {"version": "4"})
    assert "this change needs no review" in stage.get(location)
