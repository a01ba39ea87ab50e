"""The feed of an organization."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from chassis.errors import InvalidInput, PermissionDenied, Unauthenticated
from chassis.ids import new_id
from directory.notifications.v1 import activity_service_pb2 as pb
from directory.notifications.v1.activity_service_pb2_grpc import ActivityServiceStub
from directory.submissions.v1.server_probe_pb2 import EndpointHealth
from directory.submissions.v1.submission_events_pb2 import (
    EndpointHealthChanged,
    SubmissionEvent,
    ToolDriftDecided,
    ToolDriftFound,
    ToolDriftOutcome,
    TransferChanged,
)


def listed(directory: Any, organization_id: str = "", **fields: Any) -> Any:
    with directory.signed_in(*([organization_id] if organization_id else [])):
        return directory.activity.ListActivity(pb.ListActivityRequest(**fields))


def test_it_says_who_did_what_to_which_server_latest_first(directory: Any) -> None:
    submission_id = new_id()
    noon = datetime(2026, 11, 1, 12, tzinfo=UTC)
    by_ada = {"publisher_id": "ada", "publisher_name": "Ada"}
    directory.happens(directory.moved(submission_id, "SUBMIT", occurred_at=noon, **by_ada))
    directory.happens(
        directory.moved(submission_id, "REJECT", occurred_at=noon + timedelta(hours=1), comment="Not a server.")
    )
    found = listed(directory).activities
    assert [(each.summary, each.actor_name, each.comment) for each in found] == [
        ("Ledgerline is not approved", "", "Not a server."),
        ("Ada submitted Ledgerline for review", "Ada", ""),
    ]
    assert [each.actor for each in found] == [pb.ACTIVITY_ACTOR_REVIEWER, pb.ACTIVITY_ACTOR_PUBLISHER]
    assert {each.submission_id for each in found} == {submission_id}
    assert found[0].occurred_at.ToDatetime(tzinfo=UTC) == noon + timedelta(hours=1)


def test_pages_follow_one_another_also_within_one_moment(directory: Any) -> None:
    at = datetime(2026, 11, 1, 12, tzinfo=UTC)
    for _ in range(5):
        directory.happens(directory.moved(new_id(), "SUBMIT", occurred_at=at))
    seen, token = [], ""
    for _ in range(3):
        page = listed(directory, page_size=2, page_token=token)
        seen += [each.activity_id for each in page.activities]
        token = page.next_page_token
    assert (len(set(seen)), token) == (5, "")


def test_it_can_be_that_of_one_submission(directory: Any) -> None:
    submission_id = new_id()
    for one in (submission_id, new_id()):
        directory.happens(directory.moved(one, "SUBMIT"))
    assert [each.submission_id for each in listed(directory, submission_id=submission_id).activities] == [submission_id]
    assert list(listed(directory, submission_id="\0").activities) == []


def test_it_is_the_organizations_own(directory: Any) -> None:
    directory.happens(directory.moved(new_id(), "SUBMIT"))
    assert list(listed(directory, "another").activities) == []
    with directory.signed_in(allowed=False), pytest.raises(PermissionDenied):
        directory.activity.ListActivity(pb.ListActivityRequest())
    with pytest.raises(Unauthenticated):
        directory.activity.ListActivity(pb.ListActivityRequest())


@pytest.mark.parametrize("token", ["x", "WyJhIiwiYiJd", "WzFd"])
def test_a_token_of_somebody_else_is_refused(directory: Any, token: str) -> None:
    with pytest.raises(InvalidInput, match="PAGE_TOKEN_INVALID"):
        listed(directory, page_token=token)


def test_other_peers_are_refused(directory: Any) -> None:
    stub = ActivityServiceStub(directory.channel_of("submissions"))
    with directory.signed_in(), pytest.raises(PermissionDenied, match="PEER_NOT_ALLOWED"):
        stub.ListActivity(pb.ListActivityRequest())


ANSWERS = EndpointHealthChanged(to=EndpointHealth.ENDPOINT_HEALTH_UNREACHABLE, failures=3, remark="No answer.")
FOUND = ToolDriftFound(review_item_id="i", summary="`pay` is new.")
DECIDED = ToolDriftDecided(
    review_item_id="i", outcome=ToolDriftOutcome.TOOL_DRIFT_OUTCOME_CHANGES_REQUESTED, comment="Say why."
)


@pytest.mark.parametrize(
    ("event", "summary", "comment"),
    [
        ({"endpoint_health_changed": ANSWERS}, "The directory does not reach Ledgerline", "No answer."),
        ({"tool_drift_found": FOUND}, "The tools of Ledgerline are not as they were approved", "`pay` is new."),
        ({"tool_drift_decided": DECIDED}, "Reviewers request changes to the tools of Ledgerline", "Say why."),
    ],
    ids=["endpoint", "drift", "decided"],
)
def test_what_daily_looks_find_is_told(directory: Any, event: dict[str, Any], summary: str, comment: str) -> None:
    happened = directory.moved(new_id(), "PUBLISH")
    happened.MergeFrom(SubmissionEvent(**event))
    directory.happens(happened)
    (found,) = listed(directory, submission_id=happened.submission_id).activities
    assert (found.summary, found.comment) == (summary, comment)


def test_both_organizations_hear_of_an_offer_each_in_its_own_words(directory: Any) -> None:
    """Only its owner learns which submission it is; nobody learns the other side's people."""
    submission_id, other = new_id(), new_id()
    sides = {"from_organization_id": directory.organization, "to_organization_id": other}
    for state, owner in (("OFFERED", directory.organization), ("ACCEPTED", other)):
        event = directory.moved(submission_id, "PUBLISH", organization_id=owner, publisher_id="id-of-pat")
        changed = TransferChanged(transfer_id="t", state=f"TRANSFER_STATE_{state}", display_name="Ledgerline", **sides)
        event.transfer_changed.CopyFrom(changed)
        directory.happens(event)
    giving, receiving = listed(directory).activities[:2], listed(directory, other).activities
    assert [(each.summary, each.submission_id) for each in giving] == [
        ("Ledgerline belongs to the other organisation now", ""),
        ("Ledgerline is offered to another organisation", submission_id),
    ]
    assert [(each.summary, each.submission_id) for each in receiving] == [
        ("Ledgerline belongs to your organisation now", submission_id),
        ("Another organisation offers you Ledgerline", ""),
    ]
    assert {each.actor_name for each in (*giving, *receiving)} == {""}
    assert "id-of-pat" not in f"{giving}{receiving}"
