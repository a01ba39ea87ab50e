"""The review desk, tokens, and joining."""

import re
from typing import Any

import pytest
from chassis.errors import Conflict, InvalidInput, LimitExceeded, PermissionDenied, VersionMismatch
from directory.authz.v1 import access_service_pb2 as access
from directory.authz.v1 import organization_pb2 as authz
from directory.submissions.v1 import review_service_pb2 as reviews
from directory.submissions.v1 import submission_pb2 as submissions
from directory.submissions.v1 import submissions_service_pb2 as submission_calls

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def desk(stage: Any) -> Any:
    stage.people.person.staff_role = authz.STAFF_ROLE_LEAD_REVIEWER
    return stage


def show(stage: Any, samples: Any, *, moves: tuple[int, ...] = (), item: Any = None, **changed: Any) -> None:
    values: dict[str, Any] = {
        "item": item or samples.review_item(),
        "submission": samples.submission(submissions.SUBMISSION_STATE_IN_REVIEW, moves=moves),
        "thread": samples.thread(),
        "can_decide": True,
        "decisions": [reviews.DECISION_APPROVE, reviews.DECISION_REQUEST_CHANGES, reviews.DECISION_REJECT],
    }
    stage.services.answers["GetReviewItem"] = reviews.GetReviewItemResponse(**(values | changed))


def mine(samples: Any, **changed: Any) -> reviews.ReviewItem:
    return samples.review_item(
        claimed_by=samples.PERSON, claimed_by_name="Olu", claim_expires_at=samples.at(hours=-1), **changed
    )


def test_the_queue_shows_waiting_time_and_holder(desk, samples, text_of):
    items = [samples.review_item(display_name=HOSTILE), mine(samples)]
    desk.services.answers["ListReviewItems"] = reviews.ListReviewItemsResponse(items=items, open_count=2)
    page = desk.get("/review?kind=1&search=led&whose=mine")
    text = text_of(page)
    assert HOSTILE not in page
    assert "2 open" in text
    assert "1 day" in text
    assert "Free" in text
    assert "You" in text
    asked = desk.services.last("ListReviewItems")
    assert (asked.kind, asked.state, asked.search, asked.mine) == (1, 1, "led", True)


def test_an_item_shows_everything_but_the_access(desk, samples, text_of):
    show(desk, samples)
    text = text_of(desk.get(f"/review/{samples.ITEM}"))
    for shown in ("Which invoices are overdue?", "OAuth with dynamic client registration", "Claim", "Reveal", "Thread"):
        assert shown in text
    assert not [name for name, _ in desk.services.asked if name == "GetReviewerAccess"]


def test_the_access_is_revealed_on_demand_alone(desk, samples, text_of):
    show(desk, samples)
    secret = submissions.ReviewerAccess(instructions="**Sign in**", credentials=f"pw {HOSTILE}")
    desk.services.answers["GetReviewerAccess"] = reviews.GetReviewerAccessResponse(access=secret)
    page = desk.post(f"/review/{samples.ITEM}/access", status=200)
    assert f"pw {HOSTILE}" in text_of(page)
    assert HOSTILE not in page


def test_the_access_of_a_draft_is_not_opened(desk, samples, text_of):
    over = samples.review_item(state=reviews.REVIEW_ITEM_STATE_DECIDED, decision=reviews.DECISION_APPROVE)
    drafted = samples.submission(submissions.SUBMISSION_STATE_DRAFT)
    show(desk, samples, item=over, submission=drafted, can_decide=False)
    page = text_of(desk.get(f"/review/{samples.ITEM}"))
    assert "It is the publisher’s alone until the submission is handed in again." in page
    assert "As it was handed in for this review." in page
    assert "Reveal" not in page
    refusal = Conflict("NOT_SUBMITTED", "The submission is not handed in at present.", state="draft")
    desk.services.answers["GetReviewerAccess"] = refusal
    refused = text_of(desk.post(f"/review/{samples.ITEM}/access", status=409))
    assert "Not done: the submission is not handed in at present." in refused


def test_only_the_holder_gets_the_decision_form(desk, samples):
    show(desk, samples)
    assert 'name="decision"' not in desk.get(f"/review/{samples.ITEM}")
    show(desk, samples, item=mine(samples))
    assert 'name="decision"' in desk.get(f"/review/{samples.ITEM}")


def test_an_item_of_one_s_own_organisation_has_no_form(desk, samples, text_of):
    show(desk, samples, can_decide=False, cannot_decide_reason="OWN_ORGANIZATION")
    page = desk.get(f"/review/{samples.ITEM}")
    assert "A reviewer never decides on an item of their own organisation." in text_of(page)
    assert ">Claim</button>" not in page


def test_a_revision_is_shown_field_by_field(desk, samples, text_of):
    item = samples.review_item(kind=reviews.REVIEW_ITEM_KIND_REVISION, revision_id=samples.REVISION)
    show(desk, samples, item=item, before=samples.content(), after=samples.content(display_name="New name"))
    text = text_of(desk.get(f"/review/{samples.ITEM}"))
    assert "1 field differs from what is live" in text
    assert "Display name" in text
    assert "New name" in text


def test_a_revision_is_shown_with_its_own_findings(desk, samples, text_of):
    item = samples.review_item(kind=reviews.REVIEW_ITEM_KIND_REVISION, revision_id=samples.REVISION, blocks=1)
    old = samples.submission(findings=[samples.finding(message="Of the submission, long ago.")])
    own = samples.finding(code="LINK_NOT_PUBLIC", field="/listing/documentation_url", message=f"Not public {HOSTILE}")
    show(desk, samples, item=item, submission=old, findings=[own])
    page = desk.get(f"/review/{samples.ITEM}")
    text = text_of(page)
    assert "Findings of the automatic checks In the words that this edit changes." in text
    assert "LINK_NOT_PUBLIC" in text
    assert "1 blocking" in text
    assert "long ago" not in text
    assert HOSTILE not in page
    show(desk, samples, item=item, submission=old)
    assert "Findings of the automatic checks" not in text_of(desk.get(f"/review/{samples.ITEM}"))


def test_a_decision_is_sent_with_its_version(desk, samples):
    desk.services.answers |= {
        "DecideReviewItem": reviews.DecideReviewItemResponse(item=samples.review_item()),
        "ListReviewItems": reviews.ListReviewItemsResponse(),
    }
    data = {"version": "2", "decision": "3", "reason": "3", "comment": "Unsafe."}
    assert "Ledgerline: not approved." in desk.get(desk.post(f"/review/{samples.ITEM}/decide", data))
    asked = desk.services.last("DecideReviewItem")
    assert (asked.version, asked.decision, asked.reason, asked.comment) == (2, 3, 3, "Unsafe.")


@pytest.mark.parametrize(
    ("error", "status", "shown"),
    [
        (InvalidInput("COMMENT_REQUIRED", "Say why."), 422, "Say why."),
        (Conflict("NOT_CLAIMED", "Claim it first."), 409, "Claim it first."),
        (VersionMismatch("VERSION_MISMATCH", "x"), 412, "The item changed meanwhile"),
        (PermissionDenied("OWN_ORGANIZATION", "Not yours."), 403, "Not yours."),
    ],
)
def test_a_refused_decision_keeps_the_comment(desk, samples, text_of, error, status, shown):
    show(desk, samples, item=mine(samples))
    desk.services.answers["DecideReviewItem"] = error
    data = {"version": "2", "decision": "2", "comment": f"kept {HOSTILE}"}
    page = desk.post(f"/review/{samples.ITEM}/decide", data, status=status)
    assert shown in text_of(page)
    assert "kept &lt;script&gt;" in page


def test_a_message_too_many_is_refused_in_words_and_kept(desk, samples, text_of):
    show(desk, samples)
    said = "Nobody has answered your last 20 messages yet."
    desk.services.answers["PostReviewMessage"] = LimitExceeded("TOO_MANY_MESSAGES", said, retry_after_seconds=60)
    page = desk.post(f"/review/{samples.ITEM}/write", {"body": "kept <b>words"}, status=429)
    assert said in text_of(page)
    assert "kept &lt;b&gt;words</textarea>" in page


def test_no_decision_is_an_error_of_the_form(desk, samples, text_of):
    show(desk, samples, item=mine(samples))
    assert "Choose a decision." in text_of(desk.post(f"/review/{samples.ITEM}/decide", {"version": "2"}, status=422))


def test_a_lead_reviewer_suspends_with_a_comment(desk, samples):
    show(desk, samples, moves=(submissions.MOVE_SUSPEND,))
    assert "Lead reviewer" in desk.get(f"/review/{samples.ITEM}")
    desk.services.answers["MoveSubmission"] = submission_calls.MoveSubmissionResponse()
    desk.post(f"/review/{samples.ITEM}/move", {"move": "MOVE_SUSPEND", "version": "7", "comment": "Down for days."})
    asked = desk.services.last("MoveSubmission")
    assert (asked.submission_id, asked.move) == (samples.SUBMISSION, submissions.MOVE_SUSPEND)


def test_a_token_s_secret_is_on_one_page_alone(stage, samples):
    made = authz.AccessToken(
        access_token_id=samples.ICON, name="CI", organization_id=samples.ORGANIZATION, prefix="dir_1"
    )
    stage.services.answers |= {
        "CreateAccessToken": access.CreateAccessTokenResponse(access_token=made, secret="dir_1secret"),
        "ListAccessTokens": access.ListAccessTokensResponse(access_tokens=[made]),
        "RevokeAccessToken": access.RevokeAccessTokenResponse(),
    }
    address = f"/organizations/{samples.ORGANIZATION}/tokens"
    assert "dir_1secret" in stage.post(address, {"name": "CI", "days": "30"}, status=201)
    assert "dir_1secret" not in stage.get(address)
    stage.post(f"{address}/{samples.ICON}/revoke")
    assert stage.services.last("RevokeAccessToken").access_token_id == samples.ICON


def test_a_person_with_as_many_tokens_as_can_be_is_told_what_to_do(stage, samples, text_of):
    stage.services.answers |= {
        "CreateAccessToken": Conflict("TOO_MANY_ACCESS_TOKENS", "A person can have 50 access tokens.", limit=50),
        "ListAccessTokens": access.ListAccessTokensResponse(),
    }
    address = f"/organizations/{samples.ORGANIZATION}/tokens"
    page = stage.post(address, {"name": "One more", "days": "30"}, status=409)
    assert "No token was made. A person can have 50 access tokens." in text_of(page)
    assert 'value="One more"' in page


def test_a_token_of_another_organisation_is_not_listed_here(stage, samples, text_of):
    elsewhere = authz.AccessToken(access_token_id=samples.ICON, name="Other", organization_id=samples.ITEM)
    stage.services.answers["ListAccessTokens"] = access.ListAccessTokensResponse(access_tokens=[elsewhere])
    assert "Other" not in text_of(stage.get(f"/organizations/{samples.ORGANIZATION}/tokens"))


@pytest.mark.parametrize("place", ["/organizations/{ORGANIZATION}", "/review"])
def test_last_use_is_shown_by_the_hour_and_never_before_the_token_was_made(desk, samples, text_of, place):
    def token(name: str, **values: Any) -> authz.AccessToken:
        organization_id = samples.ORGANIZATION if "organ" in place else ""
        return authz.AccessToken(
            access_token_id=samples.ICON, name=name, organization_id=organization_id, prefix="mcpd_1",
            expires_at=samples.at(days=-9), **values
        )  # fmt: skip

    desk.services.answers["ListAccessTokens"] = access.ListAccessTokensResponse(
        access_tokens=[
            token("New", created_at=samples.at(minutes=1.5), last_used_at=samples.at(minutes=47)),
            token("Made before the hour", created_at=samples.at(minutes=66), last_used_at=samples.at(minutes=119)),
            token("Old", created_at=samples.at(days=3), last_used_at=samples.at(hours=5.5)),
            token("Unused", created_at=samples.at(days=3)),
        ]
    )
    page = desk.get(place.format(ORGANIZATION=samples.ORGANIZATION) + "/tokens")
    used = [text_of(cell).strip() for cell in re.findall('data-label="Last used">(.*?)</td>', page)]
    assert used == ["within the last hour", "about 1 hour ago", "about 5 hours ago", "never"]


@pytest.mark.parametrize("place", ["/organizations/{ORGANIZATION}", "/review"])
def test_a_token_makes_sees_and_ends_no_tokens(stage, samples, place):
    stage.people.by = "access_token"
    address = place.format(ORGANIZATION=samples.ORGANIZATION) + "/tokens"
    stage.get(address, status=403)
    stage.post(address, {"name": "Successor", "days": "30"}, status=403)
    stage.post(f"{address}/{samples.ICON}/revoke", status=403)
    assert not stage.services.asked


def test_a_reviewer_joins_an_organisation_by_their_own_word(stage, samples, text_of):
    stage.people.person.staff_role = authz.STAFF_ROLE_REVIEWER
    assert stage.get("/").count("Waiting for you") == 0
    organization = authz.Organization(organization_id=samples.ITEM, name=HOSTILE)
    stage.people.invitations = [authz.Membership(organization=organization, role=authz.ROLE_OWNER)]
    page = stage.get("/")
    assert HOSTILE not in page
    assert "Waiting for you" in text_of(page)
    assert f"/organizations/{samples.ITEM}" not in page
    address = f"/invitations/{samples.ITEM}/accept"
    assert f'action="{address}"' in page
    assert stage.browser.post(address).status_code == 403  # from a page that is not ours
    assert stage.people.accepted == []
    assert stage.post(address) == "/"
    assert stage.people.accepted == [samples.ITEM]


def test_a_reviewer_sees_the_server_as_the_checks_saw_it(desk, samples, text_of):
    tool = submissions.ServerTool(
        name=HOSTILE, description="Deletes it all.", input_schema="{}", read_only_hint=False, destructive_hint=True
    )
    checks = submissions.Checks(
        finished_at=samples.at(minutes=1), reach=submissions.SERVER_REACH_ALIVE_OPEN, tools=[tool], server_name="ledger"
    )
    show(desk, samples, checks=checks)
    page = desk.get(f"/review/{samples.ITEM}")
    assert HOSTILE not in page
    assert "writes, may destroy Deletes it all." in text_of(page)
    show(desk, samples, checks=submissions.Checks())
    assert "as the checks saw it" not in text_of(desk.get(f"/review/{samples.ITEM}"))
