"""Versions of listings as entries of an MCP registry."""

from typing import Any

import pytest
from directory.listings.v1.deprecation_pb2 import Deprecation
from directory.listings.v1.listing_content_pb2 import ListingContent
from directory.listings.v1.listing_pb2 import LISTING_STATE_DELISTED, LISTING_STATE_SUSPENDED
from gateway import registry
from gateway.settings import Settings
from pydantic import ValidationError


@pytest.mark.parametrize(
    ("public_url", "namespace"),
    [
        ("https://directory.example.com", "com.example.directory"),
        ("https://Directory.Example.com:8443/below", "com.example.directory"),
        ("https://müller.example", "example.xn--mller-kva"),
        ("http://127.0.0.1:8080", "local.directory"),
        ("http://[::1]:8080", "local.directory"),
        ("http://localhost:8080", "local.directory"),
        ("http://under_score.example", "local.directory"),
    ],
)
def test_the_namespace_is_the_host_turned_round(edge_settings: Any, public_url: str, namespace: str) -> None:
    settings: Settings = edge_settings(public_url=public_url)
    assert settings.namespace == namespace
    assert registry.is_namespace(settings.namespace)


def test_an_operator_may_name_another_namespace(edge_settings: Any) -> None:
    assert edge_settings(registry_namespace="com.example.mcp").namespace == "com.example.mcp"


@pytest.mark.parametrize(
    "value", ["example", "com/example", "com..example", ".com", "com.-x", "com.x_y", "a." + "x" * 140]
)
def test_a_namespace_that_names_cannot_have_is_refused(edge_settings: Any, value: str) -> None:
    with pytest.raises(ValidationError, match="registry_namespace"):
        edge_settings(registry_namespace=value)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Short", "Short"),
        ("x" * 100, "x" * 100),
        ("x" * 101, "x" * 99 + "…"),
        ("word " * 30, "word " * 19 + "word…"),
        ("One sentence, " + "and another " * 10, "One sentence, " + "and another " * 6 + "and another…"),
        ("y" * 98 + ", and more", "y" * 98 + "…"),
    ],
)
def test_a_long_text_is_cut_after_a_word(text: str, shown: str) -> None:
    cut = registry.shortened(text, 100)
    assert cut == shown
    assert len(cut) <= 100


def test_versions_are_numbers_of_the_third_place() -> None:
    assert registry.version_text(12) == "1.0.12"
    assert registry.version_number("1.0.12") == 12
    for text in (
        "",
        "latest",
        "1.0.0",
        "1.0.01",
        "1.0.-1",
        "1.1.1",
        "1.0.1 ",
        "1.0.1+build",
        "1.0.१",
        "1.0." + "9" * 19,
    ):
        assert registry.version_number(text) is None, text


def test_icons_are_named_where_they_are_reached_by_https(version_of: Any) -> None:
    version = version_of()
    assert "icons" not in registry.entry(version, namespace="com.example", public_url="http://localhost")["server"]
    icons = registry.entry(version, namespace="com.example", public_url="https://example.com")["server"]["icons"]
    assert icons == [
        {
            "src": f"https://example.com/api/v1/icons/{version.content.icon_id}/64.png",
            "mimeType": "image/png",
            "sizes": ["64x64"],
        }
    ]


def test_an_address_is_no_template(version_of: Any) -> None:
    version = version_of(server_url="https://example.com/{tenant}/mcp?x={y}")
    remotes = registry.entry(version, namespace="com.example", public_url="https://example.com")["server"]["remotes"]
    assert remotes == [{"type": "streamable-http", "url": "https://example.com/%7Btenant%7D/mcp?x=%7By%7D"}]


HARD = ListingContent(
    display_name="n" * 100,
    tagline="é" * 200,
    description="x",
    categories=["data"],
    documentation_url="https://exämple.com/ä?q=ö#ü",
    privacy_policy_url="https://example.com",
    support_contact="a@example.com",
    company_name="C",
    company_website="https://example.com",
)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"transport": "sse"},
        {"deprecation": Deprecation(message="word " * 100, successor="other-server")},
        {"state": LISTING_STATE_DELISTED, "state_message": "word " * 400, "is_latest": False},
        {"content": HARD, "server_url": "https://exämple.com/ä{b}", "slug": "x" * 60, "number": 10**17},
    ],
)
def test_every_entry_has_the_form_of_the_schema(
    version_of: Any, server_schema: Any, check_entry: Any, changes: dict[str, Any]
) -> None:
    entry = registry.entry(version_of(**changes), namespace="com.example.d", public_url="https://d.example.com")
    assert entry["server"]["$schema"] == server_schema["$id"]
    check_entry(entry)


@pytest.mark.parametrize(
    ("successor", "told"),
    [
        ("other-server", "com.example/other-server"),
        ("https://example.com/next", "https://example.com/next"),
        ("", None),
    ],
)
def test_a_deprecated_server_says_so_and_what_takes_its_place(
    version_of: Any, successor: str, told: str | None
) -> None:
    version = version_of(deprecation=Deprecation(message="We moved.", successor=successor))
    entry = registry.entry(version, namespace="com.example", public_url="https://example.com")
    standing = entry["_meta"][registry.OFFICIAL]
    assert (standing["status"], standing["statusMessage"]) == ("deprecated", "We moved.")
    assert entry["_meta"]["com.example/listing"].get("successor") == told
    assert entry["server"]["remotes"][0]["url"] == version.server_url


def test_a_deprecated_server_that_was_taken_off_is_deleted(version_of: Any) -> None:
    version = version_of(deprecation=Deprecation(message="We moved."), state=LISTING_STATE_SUSPENDED)
    standing = registry.entry(version, namespace="com.example", public_url="https://e.example")["_meta"][
        registry.OFFICIAL
    ]
    assert standing["status"] == "deleted"
    assert "statusMessage" not in standing
