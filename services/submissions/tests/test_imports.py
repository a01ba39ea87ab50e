"""A server.json becomes a draft: what is taken, what is not and why, and that nothing is fetched that must not be."""

import json
import threading
from itertools import islice
from pathlib import Path
from typing import Any

import anyio
import pytest
from chassis.destinations import networks
from chassis.errors import Conflict, InvalidInput, LimitExceeded, NotFound, VersionMismatch
from chassis.rpc import client
from directory.submissions.v1 import submission_pb2
from directory.submissions.v1 import submissions_service_pb2 as contract
from submissions.api.fetching import AT_ONCE, Fetching
from submissions.api.imports import imported
from submissions.domain import server_document
from submissions.domain.probe_report import Cause
from submissions.probe import documents
from submissions.probe.documents import Fetched
from submissions.probe.guard import Guard

REGISTRY = Path(__file__).parents[4] / "shared/vectors/remote-servers.json"
TAKEN, KEPT, LEFT_OUT = contract.IMPORT_OUTCOME_TAKEN, contract.IMPORT_OUTCOME_KEPT, contract.IMPORT_OUTCOME_LEFT_OUT
STREAMABLE, SSE = submission_pb2.TRANSPORT_STREAMABLE_HTTP, submission_pb2.TRANSPORT_SSE


def document(**changes: Any) -> dict[str, Any]:
    whole = {
        "$schema": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
        "name": "com.acme/find-orders",
        "title": "Acme Orders",
        "description": "Finds orders and parcels",
        "version": "1.4.0",
        "websiteUrl": "https://acme.com/mcp",
        "repository": {"url": "https://github.com/acme/mcp", "source": "github"},
        "icons": [{"src": "https://acme.com/icon.png"}],
        "remotes": [{"type": "streamable-http", "url": "https://mcp.acme.com/mcp"}],
        "packages": [{"registryType": "npm", "identifier": "@acme/mcp", "transport": {"type": "stdio"}}],
    }
    return {name: value for name, value in (whole | changes).items() if value is not None}


def brought(given: Any, remote: int | None = None, into: Any = None, **how: Any) -> Any:
    text = given if isinstance(given, str) else json.dumps(given)
    rest = {"networks": (), "slug_is_free": lambda slug: True} | how
    return imported(text, remote, into or submission_pb2.SubmissionForm(), **rest)


def outcomes(found: Any) -> dict[tuple[str, str], int]:
    return {(part.source, part.field): part.outcome for part in found.parts}


def wrong(given: Any, remote: int | None = None) -> InvalidInput:
    with pytest.raises(InvalidInput) as refused:
        brought(given, remote)
    return refused.value


def test_every_part_is_taken_or_said_why_not() -> None:
    found = brought(document())
    form = found.form
    assert (form.slug, form.server_url, form.transport) == ("find-orders", "https://mcp.acme.com/mcp", STREAMABLE)
    assert form.listing.display_name == "Acme Orders"
    assert form.listing.tagline == form.listing.description == "Finds orders and parcels"
    assert form.listing.documentation_url == "https://acme.com/mcp"
    assert outcomes(found) == {
        ("/name", "/slug"): TAKEN,
        ("/title", "/listing/display_name"): TAKEN,
        ("/description", "/listing/tagline"): TAKEN,
        ("/description", "/listing/description"): TAKEN,
        ("/version", ""): LEFT_OUT,
        ("/websiteUrl", "/listing/documentation_url"): TAKEN,
        ("/repository/url", ""): LEFT_OUT,
        ("/icons/0", ""): LEFT_OUT,
        ("/remotes/0/type", "/transport"): TAKEN,
        ("/remotes/0/url", "/server_url"): TAKEN,
        ("/packages", ""): LEFT_OUT,
    }
    assert all(part.message for part in found.parts if part.outcome == LEFT_OUT)


def test_what_the_form_says_stays() -> None:
    into = submission_pb2.SubmissionForm(slug="our-own", transport=SSE)
    into.listing.tagline = "Our own words"
    found = brought(document(), into=into)
    assert (found.form.slug, found.form.listing.tagline, found.form.transport) == ("our-own", "Our own words", SSE)
    kept = {part.field: part.message for part in found.parts if part.outcome == KEPT}
    assert set(kept) == {"/slug", "/listing/tagline", "/transport"}
    assert "'Our own words'" in kept["/listing/tagline"]


def test_a_value_that_breaks_a_rule_is_left_out_with_the_rule() -> None:
    remotes = [{"type": "sse", "url": "http://mcp.acme.com/sse"}]
    found = brought(document(websiteUrl="http://acme.com", title="x" * 101, remotes=remotes))
    left = {part.field: part.message for part in found.parts if part.outcome == LEFT_OUT and part.field}
    assert set(left) == {"/listing/documentation_url", "/listing/display_name", "/server_url"}
    assert "https://" in left["/server_url"]
    assert not found.form.HasField("server_url")


def test_an_entry_of_a_registry_s_answer_is_read_too() -> None:
    found = brought({"server": document(), "_meta": {}})
    assert found.form.slug == "find-orders"
    assert ("/server/title", "/listing/display_name") in outcomes(found)


@pytest.mark.parametrize(
    ("remotes", "taken"),
    [
        ([("sse", "https://a.acme.com/sse")], ("https://a.acme.com/sse", SSE)),
        (
            [("sse", "https://a.acme.com/sse"), ("streamable-http", "https://a.acme.com/mcp")],
            ("https://a.acme.com/mcp", STREAMABLE),
        ),
        (
            [("streamable-http", "https://{tenant}.acme.com/mcp"), ("sse", "https://a.acme.com/sse")],
            ("https://a.acme.com/sse", SSE),
        ),
        (
            [("streamable-http", "https://a.acme.com/"), ("streamable-http", "https://a.acme.com/")],
            ("https://a.acme.com/", STREAMABLE),
        ),
        ([("streamable-http", "https://{tenant}.acme.com/mcp")], ("", 0)),
        ([], ("", 0)),
    ],
)
def test_one_remote_is_taken_where_one_can_be(remotes: Any, taken: Any) -> None:
    found = brought(document(remotes=[{"type": kind, "url": url} for kind, url in remotes]))
    assert (found.form.server_url, found.form.transport) == taken
    assert [
        part.message for part in found.parts if part.source.startswith("/remotes") and part.outcome == LEFT_OUT
    ] or taken[0]


def test_of_several_one_has_to_be_chosen() -> None:
    remotes = [{"type": "streamable-http", "url": f"https://{region}.acme.com/mcp"} for region in ("eu", "us")]
    error = wrong(document(remotes=remotes))
    assert error.reason == "REMOTE_NEEDED"
    assert [(each.field, each.message) for each in error.violations] == [
        ("/document/remotes/0", "Streamable HTTP: https://eu.acme.com/mcp"),
        ("/document/remotes/1", "Streamable HTTP: https://us.acme.com/mcp"),
    ]
    assert brought(document(remotes=remotes), 1).form.server_url == "https://us.acme.com/mcp"
    assert [each.field for each in wrong(document(remotes=remotes), 2).violations] == ["/remote"]


def test_a_document_of_many_wrong_or_many_good_remotes_is_answered_within_reason() -> None:
    many = [{"type": "sse", "url": f"https://{number}.acme.com/"} for number in range(3000)]
    assert len(wrong(document(remotes=many)).violations) == 50
    assert wrong(document(remotes=many)).violations[0].field == "/document/remotes/0"
    assert len(wrong(document(remotes=[{"type": "x", "url": "y"}] * 3000)).violations) == 50
    found = brought(document(remotes=many, icons=[{"src": "x"}] * 3000), 2999)
    assert found.form.server_url == "https://2999.acme.com/"
    assert len(found.parts) < 70
    assert found.parts[-1].value == "5,952 more parts"


def test_templates_and_headers_are_said_with_what_to_do() -> None:
    headers = [{"name": "Authorization", "isSecret": True}, {"name": "X-Tenant"}]
    remotes = [
        {"type": "streamable-http", "url": "https://mcp.acme.com/mcp", "headers": headers},
        {"type": "streamable-http", "url": "https://{tenant}.acme.com/{region}"},
    ]
    left = {part.source: part for part in brought(document(remotes=remotes)).parts if part.outcome == LEFT_OUT}
    assert left["/remotes/0/headers"].value == "Authorization, X-Tenant"
    assert "say under Authentication how people sign in" in left["/remotes/0/headers"].message
    assert "variables (tenant, region)" in left["/remotes/1/url"].message


@pytest.mark.parametrize(
    ("given", "pointers"),
    [
        ("{", {"/document"}),
        ("[" * 100_000, {"/document"}),
        ("[]", {"/document"}),
        (json.dumps(document(title="\ud800")), {"/document"}),
        ('{"servers": []}', {"/document"}),
        ("x" * (server_document.MAX_BYTES + 1), {"/document"}),
        (json.dumps({}), {"/document/name", "/document/description"}),
        (json.dumps(document(name="no slash", title=7)), {"/document/name", "/document/title"}),
        (json.dumps(document(repository="x", icons="x")), {"/document/repository", "/document/icons"}),
        (json.dumps(document(remotes=[{"type": "stdio", "url": "https://a"}])), {"/document/remotes/0/type"}),
        (json.dumps(document(remotes=[{"type": "sse"}])), {"/document/remotes/0/url"}),
        (json.dumps({"server": document(description="  ")}), {"/document/server/description"}),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else "",
)
def test_what_is_no_server_json_is_refused_part_by_part(given: str, pointers: set[str]) -> None:
    error = wrong(given)
    assert error.reason == "DOCUMENT_INVALID"
    assert {each.field for each in error.violations} == pointers


def test_a_part_that_is_wrong_is_told_what_to_do() -> None:
    told = {each.field: each.message for each in wrong(json.dumps(document(description=" ", title=7))).violations}
    assert told == {
        "/document/description": 'Add "description" with a text: every server.json has one.',
        "/document/title": "Make this a text, in quotation marks.",
    }


@pytest.mark.parametrize(
    ("name", "people", "slugs"),
    [
        ("com.acme/find-orders", "Find Orders", ["find-orders", "acme-find-orders", "find-orders-2"]),
        ("co.contraption/mcp", "Contraption", ["contraption", "contraption-mcp", "contraption-2"]),
        ("com.ivisa.www/mcp", "Ivisa", ["ivisa", "ivisa-mcp", "ivisa-2"]),
        ("com.monday/monday.com", "Monday Com", ["monday-com", "monday-monday-com", "monday-com-2"]),
        ("ai.x/status", "Status", ["x-status", "status-2", "status-3"]),
        ("ai.x/ab", "Ab", ["ab-mcp", "x-ab", "ab-mcp-2"]),
    ],
)
def test_names_for_people_and_slugs_come_of_the_name(name: str, people: str, slugs: list[str]) -> None:
    assert server_document.called(name) == people
    assert list(islice(server_document.slugs(name), 3)) == slugs


def test_real_entries_of_the_registry_are_read() -> None:
    if not REGISTRY.exists():
        pytest.skip("../shared/vectors/remote-servers.json is not there")
    taken = sum(bool(read_whole(entry).form.server_url) for entry in json.loads(REGISTRY.read_text())["servers"])
    assert taken >= 145


def read_whole(entry: dict[str, Any]) -> Any:
    """What an entry brings, by its first remote where one has to be chosen."""
    name = entry["server"]["name"]
    try:
        found = brought(entry)
    except InvalidInput as error:
        needed = error
    else:
        assert all((found.form.slug, found.form.listing.display_name, found.form.listing.tagline)), name
        return found
    assert needed.reason == "REMOTE_NEEDED", name
    return brought(entry, int(needed.violations[0].field.rpartition("/")[2]))


def test_an_import_makes_a_draft_once(world: Any) -> None:
    person = world.owner()
    with client.idempotency_key("import-1"):
        first = world.publish_call(person, "ImportServerDocument", document=json.dumps(document()))
        again = world.publish_call(person, "ImportServerDocument", document=json.dumps(document()))
    assert first == again
    submission = world.get(person, first.submission.submission_id)
    assert submission.state == submission_pb2.SUBMISSION_STATE_DRAFT
    assert submission.form.listing.display_name == "Acme Orders"
    assert {problem.field for problem in submission.problems} >= {"/listing/icon_id", "/use_cases"}
    assert len(world.publish_call(person, "ListSubmissions").submissions) == 1


def test_an_import_fills_what_is_empty_at_the_version_that_was_seen(world: Any) -> None:
    person = world.owner()
    draft = world.create(person, submission_pb2.SubmissionForm(slug="kept-as-it-is"))
    asked = {"document": json.dumps(document()), "submission_id": draft.submission_id}
    with pytest.raises(VersionMismatch):
        world.publish_call(person, "ImportServerDocument", version=draft.version + 1, **asked)
    with pytest.raises(NotFound):
        world.publish_call(world.owner(), "ImportServerDocument", version=draft.version, **asked)
    filled = world.publish_call(person, "ImportServerDocument", version=draft.version, **asked).submission
    assert (filled.form.slug, filled.form.listing.tagline) == ("kept-as-it-is", "Finds orders and parcels")
    assert filled.reviewer_access_provided
    again = world.publish_call(person, "ImportServerDocument", version=filled.version, **asked)
    assert {part.outcome for part in again.parts if part.field} == {KEPT}
    assert again.submission.form == filled.form


def test_a_slug_that_somebody_has_is_not_suggested(world: Any) -> None:
    world.in_review(world.owner(), world.complete_form(slug="taken-by-acme"))
    given = json.dumps(document(name="com.other/taken-by-acme"))
    made = world.publish_call(world.owner(), "ImportServerDocument", document=given).submission
    assert made.form.slug == "other-taken-by-acme"


def test_imports_count_as_new_submissions_and_the_limit_can_be_raised_for_one(world: Any) -> None:
    usual, raised = world.owner(), world.owner()
    world.settings.daily_limits[raised.organization_id] = 12
    for person, limit in ((usual, 10), (raised, 12)):
        for _ in range(limit):
            world.publish_call(person, "ImportServerDocument", document=json.dumps(document()))
        with pytest.raises(LimitExceeded) as refused:
            world.publish_call(person, "ImportServerDocument", document=json.dumps(document()))
        assert (refused.value.reason, refused.value.metadata["limit"]) == ("DAILY_LIMIT", str(limit))


def test_what_another_submission_has_is_told_from_the_save_on(world: Any) -> None:
    held = world.in_review(world.owner())
    person = world.owner()
    draft = world.create(person, world.complete_form(slug=held.form.slug, server_url=held.form.server_url))
    found = [(problem.field, problem.code) for problem in world.get(person, draft.submission_id).problems]
    assert found == [("/slug", "SLUG_TAKEN"), ("/server_url", "SERVER_URL_TAKEN")]
    with pytest.raises(Conflict) as refused:
        world.move(person, draft, "SUBMIT")
    assert [(each.field, each.code) for each in refused.value.violations] == found
    missing = world.save(person, draft, update_mask={"paths": ["use_cases"]})
    with pytest.raises(InvalidInput) as incomplete:
        world.move(person, missing, "SUBMIT")
    assert {each.field for each in incomplete.value.violations} == {"/use_cases", "/slug", "/server_url"}


@pytest.mark.parametrize(
    ("status", "body", "cause"),
    [
        (200, b'{"name": "a"}', Cause.NONE),
        (302, b"", Cause.REDIRECT),
        (404, b"", Cause.SERVER_ERROR),
        (200, b" " * (server_document.MAX_BYTES + 1), Cause.TOO_LARGE),
    ],
)
def test_a_document_is_fetched_within_limits(answering: Any, status: int, body: bytes, cause: Cause) -> None:
    url = answering(lambda *asked: (status, {"Location": "http://127.0.0.1:1/"} if status == 302 else {}, body))
    fetched = documents.fetch(f"{url}/server.json", allowed=networks("127.0.0.0/8"))
    assert fetched.cause is cause
    assert fetched.text == (body.decode() if cause is Cause.NONE else "")


def test_a_certificate_that_nobody_signed_is_told(answering: Any, certificates: Path) -> None:
    url = answering(lambda *asked: (200, {}, b"{}"), certificates / "gateway")
    assert documents.fetch(f"{url}/", allowed=networks("127.0.0.0/8")).cause is Cause.TLS


def test_nothing_is_fetched_from_inside_a_network(answering: Any) -> None:
    asked: list[str] = []
    port = answering(lambda method, path, body: asked.append(path) or (200, {}, b"{}")).rpartition(":")[2]
    for host in ("127.0.0.1", "localhost", "2130706433", "[::1]", "[::ffff:127.0.0.1]"):
        fetched = documents.fetch(f"https://{host}:{port}/server.json")
        assert fetched.cause in (Cause.ADDRESS_REFUSED, Cause.NAME_UNKNOWN), host
    assert documents.fetch(f"http://127.0.0.1:{port}/", allowed=networks("10.0.0.0/8")).cause is Cause.ADDRESS_REFUSED
    assert asked == []


def test_a_slow_host_is_given_up(answering: Any) -> None:
    over = threading.Event()
    url = answering(lambda *asked: (over.wait(20), (200, {}, b""))[1])
    guarded = Guard(lambda address: "", lambda host: (), plain_http=True)
    fetched = anyio.run(lambda: documents.get(f"{url}/", guarded, seconds=0.3))
    over.set()
    assert fetched.cause is Cause.TIMEOUT


@pytest.mark.parametrize(
    "url", ["http://acme.com/server.json", "file:///etc/passwd", "https://user:pass@acme.com/", "", "x"]
)
def test_only_https_is_fetched(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Fetching(lambda url: Fetched("never")).text(url, "acme")
    assert [each.field for each in refused.value.violations] == ["/url"]


def test_a_few_at_a_time_and_failures_in_words() -> None:
    fetching = Fetching(lambda url: Fetched(cause=Cause.SERVER_ERROR, status=418))
    with pytest.raises(InvalidInput, match="status 418") as refused:
        fetching.text("https://acme.com/server.json", "acme")
    assert (refused.value.reason, refused.value.metadata["cause"]) == ("DOCUMENT_UNREACHABLE", "server_error")

    def nested(url: str) -> Fetched:
        depth.append(url)
        return Fetched(busy.text(url, f"organization {len(depth)}")) if len(depth) <= AT_ONCE else Fetched("never")

    depth: list[str] = []
    busy = Fetching(nested)
    with pytest.raises(LimitExceeded) as full:
        busy.text("https://acme.com/", "acme")
    assert (full.value.reason, len(depth)) == ("FETCHES_BUSY", AT_ONCE)
    assert full.value.metadata["retry_after_seconds"] == "8", "whole seconds, as the header has them"


def test_an_organization_has_one_document_fetched_at_a_time() -> None:
    def again(url: str) -> Fetched:
        return Fetched(busy.text(url, "acme")) if url.endswith("/first") else Fetched("second")

    busy = Fetching(again)
    with pytest.raises(LimitExceeded, match="FETCHES_BUSY"):
        busy.text("https://acme.com/first", "acme")
    assert busy.text("https://acme.com/second", "acme") == "second", "it is free again, whatever went wrong"


def test_where_networks_are_named_nothing_else_is_fetched() -> None:
    named = Fetching(lambda url: Fetched("here"), networks=networks("127.0.0.0/8"))
    assert named.text("http://127.0.0.1:8000/server.json", "acme") == "here"
    with pytest.raises(InvalidInput, match="networks named for development alone"):
        named.text("https://acme.com/server.json", "acme")


def test_the_fetching_rpc_is_for_publishers_and_gives_the_text(world: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        world.publish_call(world.owner(), "FetchServerDocument", url="https://127.0.0.1/server.json")
    assert refused.value.reason == "DOCUMENT_UNREACHABLE"
