"""The listing editor and the history."""

from typing import Any

from chassis.errors import Conflict, InvalidInput, NotFound, VersionMismatch, Violation
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


def test_pending_and_live_are_told_apart(stage, samples, text_of):
    show(stage, samples, open_revision=revision(samples, unsent_edits=samples.content(tagline="Saved later")))
    text = text_of(stage.get(f"{samples.PAGE}/listing"))
    assert "Pending review" in text
    assert "Live now" in text
    assert "Pending tagline" in text
    assert "Saved since, not submitted" in text
    assert "Discard the changes" in text


def test_feedback_of_the_review_stands_above_the_form(stage, samples, text_of):
    asked = revision(samples, listings.REVISION_STATE_CHANGES_REQUESTED, comment="Please **shorten** it.")
    show(stage, samples, open_revision=asked)
    text = text_of(stage.get(f"{samples.PAGE}/listing"))
    assert "Please shorten it." in text


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


def test_the_history_names_who_asked_and_who_decided(stage, samples, text_of):
    applied = revision(
        samples,
        listings.REVISION_STATE_APPLIED,
        edited_by_name="Olu",
        decided_by_name="Directory review",
        comment="Good.",
    )
    stage.services.answers["ListRevisions"] = calls.ListRevisionsResponse(revisions=[applied])
    text = text_of(stage.get(f"{samples.PAGE}/listing/history"))
    for shown in ("Revision 2", "Applied", "Live now", "Olu", "Directory review", "Good.", "Pending tagline"):
        assert shown in text
