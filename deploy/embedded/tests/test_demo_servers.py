"""The committed example servers keep the rules of the directory, with the registry's entries and without."""

import json
from pathlib import Path

import pytest
from chassis import rules
from directory.submissions.v1.submission_pb2 import SubmissionForm
from embedded import demo_icons, demo_servers
from embedded.demo_servers import DemoServer
from gateway.shapes import fill
from listings.domain.icons import images_of
from submissions.domain.checks import RESERVED_SLUGS
from submissions.domain.server_url import normalised

DEMO = demo_servers.FOLDER.parent
END = {
    "submit": "in_review",
    "claim": "in_review",
    "say": "",
    "reviewer_says": "",
    "request_changes": "changes_requested",
    "reject": "not_approved",
    "approve": "approved",
    "publish": "published",
    "suspend": "suspended",
    "delist": "delisted",
    "withdraw": "withdrawn",
}


@pytest.fixture(params=["own", "registry"])
def servers(request: pytest.FixtureRequest, tmp_path: Path) -> list[DemoServer]:
    if request.param == "own":
        return demo_servers.load(registry=tmp_path / "none.json")
    if not demo_servers.REGISTRY.exists():
        pytest.skip("../shared/vectors/remote-servers.json is not there")
    return demo_servers.load()


def end_of(server: DemoServer) -> str:
    return next((END[step.do] for step in reversed(server.steps) if END[step.do]), "draft")


def test_every_form_keeps_the_rules(servers: list[DemoServer]) -> None:
    for server in servers:
        told = {**server.form}
        told.pop("reviewer_access", None)
        form = fill(SubmissionForm(), told)
        assert rules.check(form) == [], server.slug
        lacking = {violation.field for violation in rules.missing(form)}
        begun = "use_cases" not in told
        assert begun or lacking == {"/listing/icon_id"}, server.slug
        assert not (begun and server.steps), server.slug


def test_slugs_and_addresses_are_taken_once(servers: list[DemoServer]) -> None:
    assert len({server.slug for server in servers}) == len(servers)
    assert not {server.slug for server in servers} & RESERVED_SLUGS
    assert len({normalised(server.form["server_url"]) for server in servers}) == len(servers)


def test_every_state_that_lasts_occurs(servers: list[DemoServer]) -> None:
    assert {end_of(server) for server in servers} == set(END.values()) - {""} | {"draft"}
    published = [server for server in servers if end_of(server) == "published"]
    assert len(published) >= 10
    assert len({server.organization for server in published}) == 4
    ends = {edit.end for server in servers for edit in server.edits}
    assert ends == {"editing", "pending", "applied", "rejected", "changes_requested", "discarded"}


def test_every_organisation_may_still_start_a_few(servers: list[DemoServer]) -> None:
    for organization in {server.organization for server in servers}:
        assert sum(server.organization == organization for server in servers) <= 7


def test_people_and_organisations_are_known(servers: list[DemoServer]) -> None:
    content = json.loads((DEMO / "organizations.json").read_text())
    members = {one["name"]: {each["email"] for each in one["members"]} for one in content["organizations"]}
    staff = {one["email"] for one in content["staff"]}
    people = {one["email"] for one in json.loads((DEMO / "people.json").read_text())}
    assert people == staff.union(*members.values())
    for server in servers:
        assert server.owner in members[server.organization]
        reviewers = {step.by for step in server.steps if step.by} | {edit.by for edit in server.edits if edit.by}
        assert reviewers <= staff - members[server.organization]


def test_messages_of_a_story_differ(servers: list[DemoServer]) -> None:
    # what was said already is recognised by its text
    for server in servers:
        said = [step.text for step in server.steps if step.do in ("say", "reviewer_says")]
        assert len(set(said)) == len(said)


def test_entries_of_the_registry_that_break_rules_are_passed_over(tmp_path: Path) -> None:
    name = "com.mermaidchart/mermaid-mcp"
    for url in ("http://plain.example/mcp", "https://a:b@c.example/", "https://c.example/#x", "https://{host}/mcp"):
        entry = {"server": {"name": name, "description": "Words", "remotes": [{"type": "sse", "url": url}]}}
        file = tmp_path / "registry.json"
        file.write_text(json.dumps({"servers": [entry]}))
        assert demo_servers.load(registry=file) == demo_servers.load(registry=tmp_path / "none.json")


def test_descriptions_end_with_a_whole_sentence() -> None:
    assert demo_servers._whole_sentences("Search it. Uncover MeSH ter…") == "Search it."
    assert demo_servers._whole_sentences("Official server.") == "Official server."


def test_icons_differ(servers: list[DemoServer]) -> None:
    assert len({demo_icons.icon(server.display_name) for server in servers}) == len(servers)


@pytest.mark.parametrize("name", ["Harbor", "Xylo Quartz", "2go.dev", "漢字"])
def test_icons_are_accepted(name: str) -> None:
    assert [image.size for image in images_of(demo_icons.icon(name))] == [64, 128, 256, 512]


def test_every_letter_is_a_path() -> None:
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        assert demo_icons.icon(letter).count(b"<path") == 1
