"""A real server whose tools change between two looks, as when its publisher deploys; through the real worker."""

import httpx2
import pytest
from chassis.destinations import networks
from directory.submissions.v1 import server_probe_pb2 as contract
from directory.submissions.v1 import tool_change_pb2
from submissions.probe.process import look

HERE = networks("127.0.0.0/8")


@pytest.fixture
def published(world, server, mcp_server):
    """The owner and the published submission of a server that becomes(kind) another one, and is looked at."""
    address = mcp_server("changing")

    def becomes(kind):
        httpx2.post(address.replace("/mcp", "/become"), params={"kind": kind}).raise_for_status()

    becomes("good")
    server(lambda url, transport: look(address, transport, networks=HERE, seconds=12.0))
    person = world.owner()
    submission = world.published(person, world.complete_form(authentication="AUTHENTICATION_MODE_NONE"))

    def look_at(kind):
        becomes(kind)
        world.look()
        return world.probe(person, submission)

    yield person, submission, look_at
    world.execute("UPDATE submissions SET state = 'delisted' WHERE state = 'published'")


def test_a_deployed_change_is_found_described_and_decided_on(world, published):
    person, submission, look_at = published
    same = look_at("good")
    assert (same.health, same.tools_count, same.HasField("drift")) == (contract.ENDPOINT_HEALTH_ALIVE, 2, False)

    reworded = look_at("reworded")
    assert not reworded.HasField("drift")
    assert "Other words: `find_parcel`." in world.thread(person, submission.submission_id)[-1].body

    steering = look_at("steering").drift
    assert [finding.code for finding in steering.findings] == ["TOOL_TEXT_STEERS_MODEL"]

    loosened = look_at("loosened").drift
    assert loosened.review_item_id == steering.review_item_id
    (gives_back,) = (change for change in loosened.changes if change.name == "return_parcel")
    assert gives_back.loosens_hints
    assert [(field.field, field.before, field.after) for field in gives_back.fields] == [
        ("/annotations/destructiveHint", "true", "false")
    ]
    assert loosened.lead_reviewer

    extended = look_at("extended").drift
    assert [change.name for change in extended.changes if change.kind == tool_change_pb2.TOOL_CHANGE_KIND_ADDED] == [
        "cancel_parcel"
    ]
    assert len(extended.steps) == 3
    decided = world.decide(world.reviewer(), submission.submission_id, "APPROVE")
    assert decided.review_item_id == extended.review_item_id
    assert not look_at("extended").HasField("drift")
