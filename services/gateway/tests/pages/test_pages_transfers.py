"""Deprecated servers and transfers on the pages, over services that answer with hand-made messages."""

import pytest
from chassis.errors import Conflict, InvalidInput, LimitExceeded, NotFound, Unavailable, Violation
from directory.listings.v1 import listings_service_pb2 as listing_calls
from directory.listings.v1.deprecation_pb2 import Deprecation
from directory.submissions.v1 import submission_pb2 as submissions
from directory.submissions.v1 import submissions_service_pb2 as calls
from directory.submissions.v1 import transfer_pb2 as transfers
from directory.submissions.v1 import transfers_service_pb2 as transfer_calls
from gateway.web import words

TRANSFER = "018f0000-0000-7000-8000-000000000007"
OTHER = "018f0000-0000-7000-8000-000000000008"
HOSTILE = "<script>alert(1)</script>\"'>{{7*7}}"
TOLD = Deprecation(message=f"We moved.\n{HOSTILE}", successor="other-server")


def transfer(samples, **changed):
    values = {
        "transfer_id": TRANSFER, "submission_id": samples.SUBMISSION, "state": transfers.TRANSFER_STATE_OFFERED,
        "side": transfers.TRANSFER_SIDE_RECEIVING, "from_organization_id": OTHER,
        "to_organization_id": samples.ORGANIZATION, "display_name": "Ledgerline", "slug": "ledgerline",
        "server_url": "https://mcp.ledgerline.example/mcp", "message": HOSTILE, "offered_by_name": "Ann Giver",
        "offered_at": samples.at(hours=3), "expires_at": samples.at(days=-14), "needs_reviewer_access": True,
    }  # fmt: skip
    return transfers.Transfer(**(values | changed))


@pytest.fixture
def page_of(samples):
    return f"{samples.DIRECTORY}/transfers/{TRANSFER}"


def answer_with(stage, one):
    stage.services.answers["ListTransfers"] = transfer_calls.ListTransfersResponse(transfers=[one])
    stage.services.answers["GetTransfer"] = transfer_calls.GetTransferResponse(transfer=one)


def show(stage, submission):
    stage.services.answers["GetSubmission"] = calls.GetSubmissionResponse(submission=submission)


def test_every_state_of_a_transfer_has_its_word():
    assert set(transfers.TransferState.values()) - {0} == set(words.TRANSFER_STATES)


@pytest.mark.parametrize(
    ("successor", "leads_on"),
    [
        (NotFound("LISTING_NOT_FOUND", "None."), False),
        (Unavailable("SERVICE_UNAVAILABLE", "Away."), True),
        (None, True),
    ],
)
def test_a_successor_leads_on_while_it_is_in_the_directory(stage, samples, text_of, successor, leads_on):
    deprecated = listing_calls.GetPublicListingResponse(listing=samples.listing(deprecation=TOLD))
    stage.services.answers["GetPublicListing"] = lambda asked: (
        (successor or deprecated) if asked.slug == "other-server" else deprecated
    )
    show(stage, samples.submission(deprecation=TOLD))
    for path in ("/directory/ledgerline", samples.PAGE):
        page = stage.get(path)
        assert ('href="/directory/other-server"' in page) is leads_on
        assert ("other-server (not in the directory at present)" in text_of(page)) is not leads_on


def test_a_deprecated_listing_has_a_banner_with_what_takes_its_place(stage, samples, text_of):
    answer = listing_calls.GetPublicListingResponse(listing=samples.listing(deprecation=TOLD))
    stage.services.answers["GetPublicListing"] = answer
    page = stage.get("/directory/ledgerline")
    assert "This server is deprecated We moved." in text_of(page)
    assert 'href="/directory/other-server"' in page
    assert "<script>alert" not in page
    answer.listing.deprecation.successor = "https://example.com/next"
    assert 'href="https://example.com/next" rel="nofollow noopener noreferrer"' in stage.get("/directory/ledgerline")
    answer.listing.ClearField("deprecation")
    assert "deprecated" not in stage.get("/directory/ledgerline")


def test_a_deprecated_listing_is_tagged_in_the_directory(stage, samples, text_of):
    found = [
        samples.listing(deprecation=TOLD),
        samples.listing(slug="other", live=samples.content(display_name="Other")),
    ]
    stage.services.answers["ListPublicListings"] = listing_calls.ListPublicListingsResponse(listings=found)
    text = text_of(stage.get("/directory"))
    assert text.count("Deprecated") == 1
    assert text.index("Deprecated") < text.index("Other")


def test_the_status_page_tells_of_the_deprecation_and_offers_to_change_it(stage, samples, text_of):
    moves = [submissions.MOVE_DEPRECATE, submissions.MOVE_UNDEPRECATE, submissions.MOVE_DELIST]
    show(stage, samples.submission(moves=moves, deprecation=TOLD))
    page = stage.get(samples.PAGE)
    text = text_of(page)
    assert "Deprecated: the listing tells people not to begin with it any more We moved." in text
    assert "Change the deprecation…" in text
    assert "End the deprecation" in text
    assert 'name="successor" value="other-server"' in page
    assert 'name="comment" rows="4" maxlength="500" required' in page


def test_deprecating_sends_message_and_successor_and_keeps_both_when_refused(stage, samples):
    show(stage, samples.submission(moves=[submissions.MOVE_DEPRECATE]))
    typed = {"move": "MOVE_DEPRECATE", "version": "7", "comment": "We moved.", "successor": "no-such"}
    stage.services.answers["MoveSubmission"] = calls.MoveSubmissionResponse()
    stage.post(f"{samples.PAGE}/moves", typed)
    asked = stage.services.last("MoveSubmission")
    assert (asked.move, asked.comment, asked.successor) == (submissions.MOVE_DEPRECATE, "We moved.", "no-such")
    violation = Violation("/successor", "UNKNOWN_SLUG", "There is no server in the directory under this slug.")
    stage.services.answers["MoveSubmission"] = InvalidInput("FORM_INVALID", "Not so.", violations=[violation])
    page = stage.post(f"{samples.PAGE}/moves", typed, status=422)
    assert '<a href="#field-successor">What takes its place</a>' in page
    assert 'name="successor" value="no-such"' in page
    assert 'aria-describedby="field-successor-hint field-successor-error1" aria-invalid="true"' in page


@pytest.mark.parametrize("state", list(words.STATES))
def test_what_can_change_hands_can_be_offered_on_its_page(stage, samples, text_of, state):
    show(stage, samples.submission(state))
    can = state in (submissions.SUBMISSION_STATE_PUBLISHED, submissions.SUBMISSION_STATE_DELISTED)
    assert ("Transfer to another organisation" in text_of(stage.get(samples.PAGE))) is can


def test_an_offer_is_sent_with_the_version_that_was_seen(stage, samples):
    stage.services.answers["OfferTransfer"] = transfer_calls.OfferTransferResponse()
    data = {"version": "7", "to_organization_id": f" {OTHER.upper()} ", "message": "Yours."}
    place = stage.post(f"{samples.PAGE}/transfer", data)
    assert place.endswith(f"{samples.SUBMISSION}#transfer")
    asked = stage.services.last("OfferTransfer")
    assert (asked.to_organization_id, asked.message, asked.version) == (OTHER, "Yours.", 7)


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (
            InvalidInput(
                "FORM_INVALID", "No.", violations=[Violation("/to_organization_id", "NOT_UUID", "Give the id.")]
            ),
            422,
            "Id of the other organisation : Give the id.",
        ),
        (
            Conflict("TRANSFER_OPEN", "The server is offered to an organisation already."),
            409,
            "offered to an organisation",
        ),
        (LimitExceeded("DAILY_LIMIT", "At most 10 servers.", retry_after_seconds=5), 429, "At most 10 servers."),
    ],
)
def test_a_refused_offer_keeps_what_was_typed(stage, samples, text_of, error, status, said):
    stage.services.answers["OfferTransfer"] = error
    data = {"version": "7", "to_organization_id": HOSTILE, "message": "Yours."}
    page = stage.post(f"{samples.PAGE}/transfer", data, status=status)
    assert said in text_of(page)
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert "Yours.</textarea>" in page


def test_an_open_offer_stands_on_the_page_and_can_be_taken_back(stage, samples, text_of):
    answer_with(stage, transfer(samples, side=transfers.TRANSFER_SIDE_GIVING, to_organization_id=OTHER))
    page = stage.get(samples.PAGE)
    assert f"Its id: {OTHER} ." in text_of(page)
    assert f'action="{samples.DIRECTORY}/transfers/{TRANSFER}/cancel"' in page
    assert "Offer it…" not in page
    asked = stage.services.last("ListTransfers")
    assert (asked.submission_id, asked.side) == (samples.SUBMISSION, transfers.TRANSFER_SIDE_GIVING)


def test_the_page_does_without_the_offer(stage, samples, text_of):
    stage.services.answers["ListTransfers"] = Unavailable("SERVICE_UNAVAILABLE", "Away.")
    assert "Whether it is offered to somebody is not known at present." in text_of(stage.get(samples.PAGE))
    stage.services.answers["ListSubmissions"] = calls.ListSubmissionsResponse()
    assert "other organisations offer you servers is not known" in text_of(stage.get(samples.DIRECTORY))


def test_offers_stand_on_the_dashboard_of_the_receiving_side(stage, samples, text_of, page_of):
    answer_with(stage, transfer(samples))
    stage.services.answers["ListSubmissions"] = calls.ListSubmissionsResponse()
    page = stage.get(samples.DIRECTORY)
    assert "Offers to you Ledgerline offered by Ann Giver" in text_of(page)
    assert f'href="{page_of}"' in page
    asked = stage.services.last("ListTransfers")
    assert (asked.side, list(asked.states)) == (
        transfers.TRANSFER_SIDE_RECEIVING,
        [transfers.TRANSFER_STATE_OFFERED],
    )


def test_the_receiving_side_sees_what_is_offered_and_by_whom(stage, samples, text_of, page_of):
    answer_with(stage, transfer(samples))
    page = stage.get(page_of)
    text = text_of(page)
    for shown in ("Ledgerline", "https://mcp.ledgerline.example/mcp", "Ann Giver", OTHER, "they need access of yours"):
        assert shown in text
    assert f'action="{page_of}/accept"' in page
    assert f'action="{page_of}/decline"' in page
    assert f'action="{page_of}/cancel"' not in page
    assert "<script>alert" not in page


@pytest.mark.parametrize("receiving", [True, False])
def test_one_s_own_organisation_is_named_and_the_other_s_is_not_looked_up(stage, samples, text_of, page_of, receiving):
    given = {} if receiving else {
        "side": transfers.TRANSFER_SIDE_GIVING, "from_organization_id": samples.ORGANIZATION,
        "to_organization_id": OTHER,
    }  # fmt: skip
    answer_with(stage, transfer(samples, **given))
    text = text_of(stage.get(page_of))
    sides = (f"the organisation {OTHER}", "Ledgerline GmbH")
    by, to = sides if receiving else sides[::-1]
    assert f"Offered by Ann Giver, of {by} To {to} Offered" in text
    assert samples.ORGANIZATION not in text


def test_access_is_asked_for_only_where_it_is_needed(stage, samples, page_of):
    answer_with(stage, transfer(samples, needs_reviewer_access=False))
    page = stage.get(page_of)
    assert "/reviewer_access/" not in page
    assert "Accept the server" in page


def test_accepting_leads_to_the_server_and_asks_for_a_look_at_its_words(stage, samples, text_of, page_of):
    answer_with(stage, transfer(samples))
    accepted = transfer(samples, state=transfers.TRANSFER_STATE_ACCEPTED)
    stage.services.answers["AcceptTransfer"] = transfer_calls.AcceptTransferResponse(transfer=accepted)
    access = {"/reviewer_access/instructions": "Ask Bob", "/reviewer_access/credentials": "secret"}
    assert stage.post(f"{page_of}/accept", access) == samples.PAGE
    asked = stage.services.last("AcceptTransfer").reviewer_access
    assert (asked.instructions, asked.credentials) == ("Ask Bob", "secret")
    assert "look at company, links and support contact" in text_of(stage.get(samples.PAGE))


def test_a_refused_acceptance_says_why_and_keeps_what_was_typed(stage, samples, text_of, page_of):
    answer_with(stage, transfer(samples))
    violation = Violation("/reviewer_access/credentials", "REQUIRED", "Reviewers need this.")
    stage.services.answers["AcceptTransfer"] = InvalidInput("FORM_INCOMPLETE", "Missing.", violations=[violation])
    page = stage.post(f"{page_of}/accept", {"/reviewer_access/instructions": "Ask Bob"}, status=422)
    assert "Reviewers need this." in text_of(page)
    assert "Ask Bob</textarea>" in page
    stage.services.answers["AcceptTransfer"] = Conflict("TRANSFER_NOT_POSSIBLE", "A change is with the reviewers.")
    assert "A change is with the reviewers." in text_of(stage.post(f"{page_of}/accept", {}, status=409))


@pytest.mark.parametrize("step", ["Decline", "Cancel"])
def test_an_offer_is_declined_or_taken_back(stage, samples, text_of, page_of, step):
    answer_with(stage, transfer(samples))
    stage.services.answers[f"{step}Transfer"] = getattr(transfer_calls, f"{step}TransferResponse")()
    assert stage.post(f"{page_of}/{step.lower()}") == f"{samples.DIRECTORY}/transfers"
    assert stage.services.last(f"{step}Transfer").transfer_id == TRANSFER
    stage.services.answers[f"{step}Transfer"] = Conflict("TRANSFER_CLOSED", "This offer is not open: it is expired.")
    assert "it is expired" in text_of(stage.post(f"{page_of}/{step.lower()}", status=409))


@pytest.mark.parametrize("side", [transfers.TRANSFER_SIDE_GIVING, transfers.TRANSFER_SIDE_RECEIVING])
@pytest.mark.parametrize("state", list(words.TRANSFER_STATES))
def test_a_transfer_that_ended_offers_no_step_and_leads_its_owner_to_the_server(stage, samples, page_of, state, side):
    answer_with(stage, transfer(samples, state=state, side=side))
    page = stage.get(page_of)
    is_open = state == transfers.TRANSFER_STATE_OFFERED
    assert ('<form method="post" action="' + page_of in page) is is_open
    accepted, receiving = state == transfers.TRANSFER_STATE_ACCEPTED, side == transfers.TRANSFER_SIDE_RECEIVING
    assert (f'href="{samples.PAGE}"' in page) is (accepted == receiving)


def test_the_list_shows_both_directions_and_the_id_to_give(stage, samples, text_of):
    given = transfer(samples, side=transfers.TRANSFER_SIDE_GIVING, state=transfers.TRANSFER_STATE_ACCEPTED,
                     closed_at=samples.at(hours=1))  # fmt: skip
    found = transfer_calls.ListTransfersResponse(transfers=[given, transfer(samples)], next_page_token="more")
    stage.services.answers["ListTransfers"] = found
    page = stage.get(f"{samples.DIRECTORY}/transfers")
    text = text_of(page)
    assert samples.ORGANIZATION in text
    assert "Ledgerline From you Transferred" in text
    assert "Ledgerline To you Offered" in text
    assert 'href="/organizations/' in page
    assert "page=more" in page
    stage.services.answers["ListTransfers"] = transfer_calls.ListTransfersResponse()
    assert "No server was offered" in text_of(stage.get(f"{samples.DIRECTORY}/transfers"))


def test_a_transfer_between_others_is_not_there(stage, page_of):
    stage.services.answers["GetTransfer"] = NotFound("TRANSFER_NOT_FOUND", "There is no such transfer.")
    stage.get(page_of, status=404)


@pytest.mark.parametrize("move", list(words.MOVES))
def test_every_button_says_what_it_does(stage, samples, text_of, move):
    show(stage, samples.submission(submissions.SUBMISSION_STATE_IN_REVIEW, moves=[move]))
    assert words.MOVES[move].effect in text_of(stage.get(samples.PAGE))
