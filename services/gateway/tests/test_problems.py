"""Errors as problem+json, and every reason of the contracts worded and documented."""

import ast
import importlib
import re
from pathlib import Path
from typing import Any

import pytest
from chassis import errors
from chassis.errors import Violation
from directory.listings.v1.listing_content_pb2 import ListingContent
from directory.submissions.v1.submission_pb2 import SubmissionForm
from gateway import problems
from gateway.api.document import _CODES
from gateway.reasons import TITLES
from gateway.save_conflict import save_conflict

ROOT = Path(__file__).parents[3]
DOCUMENTATION = ROOT / "docs" / "api.md"
SERVICES = ("authz", "submissions", "listings", "metrics", "notifications")


def reasons_of_contracts() -> list[str]:
    found = []
    for service in SERVICES:
        enum = importlib.import_module(f"directory.{service}.v1.error_reason_pb2").ErrorReason
        found += [name.removeprefix("ERROR_REASON_") for name, number in enum.items() if number]
    return sorted(set(found))


@pytest.mark.parametrize("reason", reasons_of_contracts())
def test_every_reason_of_the_contracts_has_a_title_and_is_documented(reason: str) -> None:
    assert reason in TITLES
    assert f"`{reason}`" in DOCUMENTATION.read_text()


def codes_of_fields() -> set[str]:
    """What the sources give to Violation as a code, where it is said on the spot, and what schemas are refused with."""
    found = set(_CODES.values())
    for file in [*ROOT.glob("services/*/src/**/*.py"), *ROOT.glob("libs/chassis/src/**/*.py")]:
        for call in ast.walk(ast.parse(file.read_text())):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Violation" and len(call.args) > 1:
                found |= {str(one.value) for one in ast.walk(call.args[1]) if isinstance(one, ast.Constant)}
    return {one for one in found if one.isupper()}


def test_every_code_of_a_field_is_documented() -> None:
    assert len(codes_of_fields()) > 25
    listed = DOCUMENTATION.read_text().partition("Codes of fields: ")[2].partition("\n\n")[0]
    assert codes_of_fields() <= set(re.findall(r"`([A-Z_]+)`", listed))


def test_the_table_of_codes_in_the_documentation_is_the_table_in_the_code() -> None:
    documented = re.findall(r"^\| `([A-Z_]+)` \|", DOCUMENTATION.read_text(), re.MULTILINE)
    assert sorted(documented) == sorted(TITLES)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.InvalidInput("FORM_INVALID", "x"), 422),
        (errors.InvalidInput("FORM_INCOMPLETE", "x"), 422),
        (errors.Conflict("FORM_INCOMPLETE", "x"), 422),
        (errors.InvalidInput("IF_MATCH_REQUIRED", "x"), 428),
        (errors.InvalidInput("PAGE_TOKEN_INVALID", "x"), 400),
        (errors.Unauthenticated("TOKEN_INVALID", "x"), 401),
        (errors.PermissionDenied("OWNER_REQUIRED", "x"), 403),
        (errors.NotFound("LISTING_NOT_FOUND", "x"), 404),
        (errors.Conflict("SLUG_TAKEN", "x"), 409),
        (errors.VersionMismatch("VERSION_MISMATCH", "x"), 412),
        (errors.LimitExceeded("DAILY_LIMIT", "x"), 429),
        (errors.Unavailable("UNAVAILABLE", "x"), 503),
        # A service that refuses the gateway's own grant is our fault, not the caller's.
        (errors.Unauthenticated("GRANT_INVALID", "x"), 503),
        (errors.PermissionDenied("PEER_NOT_ALLOWED", "x"), 503),
        (errors.Internal("INTERNAL", "x"), 500),
        (ZeroDivisionError("x"), 500),
    ],
)
def test_status_follows_kind_and_reason(error: Exception, status: int) -> None:
    assert problems.of(error).status == status


def test_a_problem_names_fields_and_possible_moves() -> None:
    violation = Violation("/listing/tagline", "TOO_LONG", "Use at most 200 characters.")
    document = document_of(errors.InvalidInput("FORM_INVALID", "Fields break their rules.", violations=[violation]))
    assert document["errors"] == [
        {"pointer": "/listing/tagline", "code": "TOO_LONG", "detail": "Use at most 200 characters."}
    ]
    conflict = errors.Conflict("MOVE_NOT_POSSIBLE", "No.", state="draft", move="publish", possible="submit,delete")
    document = document_of(conflict)
    assert document["possible_moves"] == ["submit", "delete"]
    assert document["parameters"] == {"state": "draft", "move": "publish"}
    assert document["type"] == "https://directory.example/api/v1/problems/MOVE_NOT_POSSIBLE"


def test_a_save_that_came_too_late_names_the_fields_that_differ() -> None:
    sent = SubmissionForm(slug="mine", listing=ListingContent(tagline="Mine", categories=["data"]))
    saved = SubmissionForm(slug="mine", listing=ListingContent(display_name="Theirs", categories=["legal"]))
    paths = ["slug", "listing.tagline", "listing.categories"]
    document = document_of(save_conflict(sent, saved, paths, version=7))
    assert (document["status"], document["code"]) == (412, "VERSION_MISMATCH")
    assert document["parameters"] == {"current_version": "7"}
    assert document["differences"] == [
        {"pointer": "/listing/tagline", "yours": "Mine", "current": None},
        {"pointer": "/listing/categories", "yours": ["data"], "current": ["legal"]},
    ]
    # Other refusals have no such member, and a save of nothing in the form none that differs.
    assert "differences" not in document_of(errors.VersionMismatch("VERSION_MISMATCH", "x"))
    assert document_of(save_conflict(sent, saved, [], version=7))["differences"] == []


def test_no_move_possible_is_an_empty_list() -> None:
    assert document_of(errors.Conflict("MOVE_NOT_POSSIBLE", "No.", possible=""))["possible_moves"] == []


def test_headers_say_how_to_go_on() -> None:
    limit = problems.of(errors.LimitExceeded("DAILY_LIMIT", "x", retry_after_seconds=70))
    assert limit.headers["Retry-After"] == "70"
    assert problems.of(errors.Unavailable("UNAVAILABLE", "x")).headers["Retry-After"] == "1"
    assert problems.of(errors.Unauthenticated("TOKEN_INVALID", "x")).headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("error", [RuntimeError("planted-secret"), errors.Internal("INTERNAL", "planted-secret")])
def test_the_text_of_an_unexpected_error_stays_inside(error: Exception) -> None:
    assert "planted-secret" not in str(document_of(error))


def document_of(error: Exception) -> dict[str, Any]:
    return problems.of(error).document("https://directory.example")
