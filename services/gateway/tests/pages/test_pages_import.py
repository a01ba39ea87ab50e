"""Importing a server.json by page, and the preview of what is not public yet."""

import io
from typing import Any

import pytest
from chassis.errors import InvalidInput, LimitExceeded, NotFound, VersionMismatch, Violation
from directory.listings.v1 import listings_service_pb2 as listing_calls
from directory.listings.v1.listing_pb2 import REVISION_STATE_EDITING, Revision
from directory.submissions.v1 import review_service_pb2 as reviews
from directory.submissions.v1 import submission_pb2 as submissions
from directory.submissions.v1 import submissions_service_pb2 as calls
from submissions.domain.server_document import MAX_BYTES

DOCUMENT = '{"name": "com.acme/find-orders"}'


@pytest.fixture
def importing(stage: Any, samples: Any) -> Any:
    part = calls.ImportedPart
    parts = [
        part(source="/title", field="/listing/display_name", outcome=calls.IMPORT_OUTCOME_TAKEN, value="Acme <b>"),
        part(source="/name", field="/slug", outcome=calls.IMPORT_OUTCOME_KEPT, value="acme", message="It stays."),
        part(source="/packages", outcome=calls.IMPORT_OUTCOME_LEFT_OUT, value="1", message="Remote servers alone."),
    ]
    made = samples.submission(submissions.SUBMISSION_STATE_DRAFT)
    stage.services.answers |= {
        "ImportServerDocument": calls.ImportServerDocumentResponse(submission=made, parts=parts),
        "FetchServerDocument": calls.FetchServerDocumentResponse(document=DOCUMENT),
        "GetSubmission": calls.GetSubmissionResponse(submission=made),
    }
    return stage


def test_a_pasted_document_becomes_a_draft_with_a_report(importing: Any, samples: Any, text_of: Any) -> None:
    importing.get(f"{samples.DIRECTORY}/submissions/import")
    page = importing.post(f"{samples.DIRECTORY}/submissions/import", {"document": DOCUMENT}, status=200)
    assert importing.services.last("ImportServerDocument").document == DOCUMENT
    text = text_of(page)
    assert "/title Imported Display name Acme <b>" in text
    assert "/name Not needed URL slug acme It stays." in text
    assert "/packages Left out 1 Remote servers alone." in text
    assert f'href="{samples.PAGE}/edit/listing?missing#field-slug"' in page


def test_a_file_and_an_address_will_do_too(importing: Any, samples: Any) -> None:
    path = f"{samples.DIRECTORY}/submissions/import"
    importing.post(path, {"file": (io.BytesIO(DOCUMENT.encode()), "server.json")}, status=200)
    assert not [name for name, _ in importing.services.asked if name == "FetchServerDocument"]
    importing.post(path, {"url": "https://acme.com/server.json"}, status=200)
    assert importing.services.last("FetchServerDocument").url == "https://acme.com/server.json"
    assert importing.services.last("ImportServerDocument").document == DOCUMENT


def test_an_existing_draft_is_filled_at_its_version(importing: Any, samples: Any, text_of: Any) -> None:
    page = importing.get(f"{samples.PAGE}/import")
    assert "what the form says already stays" in text_of(page)
    assert 'name="version" value="7"' in page
    importing.post(f"{samples.PAGE}/import", {"document": DOCUMENT, "version": "7"}, status=200)
    asked = importing.services.last("ImportServerDocument")
    assert (asked.submission_id, asked.version, asked.HasField("remote")) == (samples.SUBMISSION, 7, False)
    importing.services.answers["ImportServerDocument"] = VersionMismatch("VERSION_MISMATCH", "Changed.")
    importing.post(f"{samples.PAGE}/import", {"document": DOCUMENT, "version": "7"}, status=412)


def test_one_of_several_remotes_is_chosen(importing: Any, samples: Any) -> None:
    choices = [
        Violation(f"/document/remotes/{number}", "CHOICE", f"Streamable HTTP: https://{number}") for number in (0, 2)
    ]
    imported = importing.services.answers["ImportServerDocument"]
    importing.services.answers["ImportServerDocument"] = InvalidInput("REMOTE_NEEDED", "Which?", violations=choices)
    page = importing.post(f"{samples.DIRECTORY}/submissions/import", {"url": "https://acme.com"}, status=422)
    assert '<input type="radio" name="remote" value="2"><span>Streamable HTTP: https://2</span>' in page
    assert "com.acme/find-orders" in page  # what was fetched is not fetched again
    importing.services.answers["ImportServerDocument"] = imported
    importing.post(f"{samples.DIRECTORY}/submissions/import", {"document": DOCUMENT, "remote": "2"}, status=200)
    assert importing.services.last("ImportServerDocument").remote == 2


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (
            InvalidInput("DOCUMENT_INVALID", "No.", violations=[Violation("/document/name", "X", "A text.")]),
            422,
            "The document : /name: A text.",
        ),
        (LimitExceeded("DAILY_LIMIT", "At most 10.", retry_after_seconds=9), 429, "At most 10."),
    ],
)
def test_a_refused_document_says_why_and_is_kept(
    importing: Any, samples: Any, text_of: Any, error: Exception, status: int, said: str
) -> None:
    importing.services.answers["ImportServerDocument"] = error
    page = importing.post(f"{samples.DIRECTORY}/submissions/import", {"document": DOCUMENT}, status=status)
    assert said in text_of(page)
    assert "com.acme/find-orders" in page


def test_an_address_that_gives_nothing_is_an_error_of_its_field(importing: Any, samples: Any) -> None:
    wrong = [Violation("/url", "UNREACHABLE", "There was no answer in time.")]
    importing.services.answers["FetchServerDocument"] = InvalidInput("DOCUMENT_UNREACHABLE", "No.", violations=wrong)
    page = importing.post(f"{samples.DIRECTORY}/submissions/import", {"url": "https://acme.com"}, status=422)
    assert 'id="field-url-error1"' in page
    assert 'value="https://acme.com"' in page
    nothing = importing.post(f"{samples.DIRECTORY}/submissions/import", {}, status=422)
    assert 'id="field-document-error1"' in nothing


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"file": b"x" * (2 * 1024 * 1024)}, "file", "This is too large: give at most 256 KiB."),
        ({"document": "x" * (2 * 1024 * 1024)}, "document", "This is too large: give at most 256 KiB."),
        ({"file": b"\x89PNG\r\n\x1a\n\0\0"}, "file", "This file is no text. Choose the server.json itself."),
        ({"file": b" "}, "file", "Paste the document, choose its file, or give its URL."),
        ({"document": DOCUMENT, "url": "https://acme.com/x"}, "url", "one of them, and leave the others empty."),
        ({"document": DOCUMENT, "file": b"{}"}, "file", "one of them, and leave the others empty."),
    ],
)
def test_what_can_be_no_document_is_an_error_of_its_field(
    importing: Any, samples: Any, given: dict[str, Any], field: str, said: str
) -> None:
    pasted = given.get("document", "")
    if "file" in given:
        given = given | {"file": (io.BytesIO(given["file"]), "server.json")}
    page = importing.post(f"{samples.DIRECTORY}/submissions/import", given, status=422)
    assert f'id="field-{field}-error1"' in page
    assert said in page
    assert "\ufffd" not in page
    assert ("com.acme/find-orders" in page) is (pasted == DOCUMENT)
    assert not importing.services.asked or importing.services.asked[-1][0] != "ImportServerDocument"
    assert f'data-max-bytes="{MAX_BYTES}"' in page


def test_a_draft_is_previewed_as_the_public_page_and_not_indexed(stage: Any, samples: Any, text_of: Any) -> None:
    draft = samples.submission(submissions.SUBMISSION_STATE_DRAFT)
    stage.services.answers |= {
        "GetSubmission": calls.GetSubmissionResponse(submission=draft),
        "GetListing": NotFound("LISTING_NOT_FOUND", "None."),
    }
    answer = stage.browser.get(f"{samples.PAGE}/preview")
    text = text_of(answer.text)
    assert "Preview Only its publisher and the directory’s reviewers see this page." in text
    assert "Ask about open invoices" in text
    assert "https://mcp.ledgerline.example/mcp" in text
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex' in answer.text
    stage.services.answers["GetSubmission"] = calls.GetSubmissionResponse(
        submission=samples.submission(submissions.SUBMISSION_STATE_DRAFT, form=submissions.SubmissionForm())
    )
    stage.get(f"{samples.PAGE}/preview")


def test_an_edit_is_previewed_over_what_is_live(stage: Any, samples: Any, text_of: Any) -> None:
    revision = Revision(state=REVISION_STATE_EDITING, content=samples.content(tagline="Words to come"))
    edited = samples.listing(open_revision=revision)
    stage.services.answers["GetListing"] = listing_calls.GetListingResponse(listing=edited)
    assert "Words to come" in text_of(stage.get(f"{samples.PAGE}/preview"))


def test_a_reviewer_previews_what_approving_would_show(stage: Any, samples: Any, text_of: Any) -> None:
    def shown(**values: Any) -> str:
        stage.services.answers["GetReviewItem"] = reviews.GetReviewItemResponse(
            submission=samples.submission(submissions.SUBMISSION_STATE_IN_REVIEW), **values
        )
        return text_of(stage.get(f"/review/{samples.ITEM}/preview"))

    assert "Invoices, payments and ledgers" in shown(item=samples.review_item())
    item = samples.review_item(revision_id=samples.REVISION)
    assert "Words to come" in shown(item=item, after=samples.content(tagline="Words to come"))


def test_only_who_may_see_the_submission_sees_its_preview(stage: Any, samples: Any) -> None:
    stage.services.answers["GetSubmission"] = NotFound("SUBMISSION_NOT_FOUND", "None.")
    stage.get(f"{samples.PAGE}/preview", status=404)
    stage.people.signed_in = False
    assert stage.browser.get(f"{samples.PAGE}/preview").status_code == 302
    assert stage.browser.get(f"/review/{samples.ITEM}/preview").status_code == 302


def test_the_list_says_where_an_edit_is_pending(stage: Any, samples: Any, text_of: Any) -> None:
    rows = [samples.submission(edit_pending=True), samples.submission(submission_id=samples.ITEM)]
    stage.services.answers |= {
        "ListSubmissions": calls.ListSubmissionsResponse(submissions=rows),
        "BatchGetServerSummaries": NotFound("X", "None."),
    }
    assert text_of(stage.get(samples.DIRECTORY)).count("Edit pending") == 1
