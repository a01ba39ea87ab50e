"""The listing of a server over its life: edits stay readable, an earlier one comes back, look-alikes are told."""

from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import httpx
import pytest
from embedded.directory_client import DirectoryClient, RefusedError, wait_for


@pytest.mark.timeout(120)
def test_an_operator_asks_which_icons_nothing_names(whole_system: Any, story: ModuleType, tmp_path: Path) -> None:
    """What one service prints, the other one reads."""
    [token] = whole_system.tokens(("olivia@northwind.example", "Northwind Tools"))
    with DirectoryClient(whole_system.url, token) as owner:
        owner.organization = owner.read("/me")["organizations"][0]["organization"]["organization_id"]
        icon_id = owner.upload_icon(story.png(64))
        owner.create(story.example_form(f"icons-{uuid4().hex[:8]}", icon_id))
    named = tmp_path / "named.json"
    named.write_text(whole_system.command("submissions", "icons"))
    assert icon_id in named.read_text()
    said = whole_system.command("listings", "purge-icons", str(named), "--dry-run")
    assert said == "0 icons would be removed.\n"


@pytest.mark.timeout(240)
def test_an_edit_is_applied_and_an_earlier_revision_restored(whole_system: Any, story: ModuleType) -> None:
    owner_token, reviewer_token, other_token = whole_system.tokens(
        ("olivia@northwind.example", "Northwind Tools"),
        ("omar@directory.example", ""),
        ("priya@harbor.example", "Harbor Analytics"),
    )
    slug = f"history-{uuid4().hex[:8]}"
    with (
        DirectoryClient(whole_system.url, owner_token) as owner,
        DirectoryClient(whole_system.url, reviewer_token) as reviewer,
        DirectoryClient(whole_system.url, other_token) as other,
        httpx.Client(base_url=whole_system.url, timeout=30, trust_env=False) as public,
    ):
        for one in (owner, other):
            one.organization = one.read("/me")["organizations"][0]["organization"]["organization_id"]
        form = story.example_form(slug, owner.upload_icon(story.png(128)))
        submission_id = owner.create(form)["submission_id"]
        owner.move(submission_id, "submit")
        reviewer.decide(submission_id, "approve")
        owner.wait_for_state(submission_id, "approved")
        owner.move(submission_id, "publish")

        def tagline() -> str:
            answer = public.get(f"/api/v1/directory/{slug}")
            return str(answer.json()["live"]["tagline"]) if answer.is_success else ""

        first = form["listing"]["tagline"]
        wait_for(lambda: tagline() == first, "the listing")

        # 1. An edit is saved, submitted and applied; until then nothing live changes.
        owner.edit_listing(submission_id, {"tagline": "Second words"})
        owner.submit_listing(submission_id, "Better words")
        assert tagline() == first
        reviewer.decide(submission_id, "approve", "Better indeed.")
        wait_for(lambda: tagline() == "Second words", "the edit")

        # 2. The history says who asked and who decided, latest first.
        below = owner.below(f"/submissions/{submission_id}/listing")
        told = owner.read(f"{below}/revisions")["revisions"]
        assert [(one["number"], one["state"]) for one in told] == [(2, "applied"), (1, "applied")]
        assert [one["pointer"] for one in told[0]["changes"]] == ["/tagline"]

        # 3. The first one is restored as a new revision, which goes through review as every other.
        etag = owner.call("GET", below).headers["ETag"]
        revision_id = told[1]["revision_id"]
        restored = owner.call("POST", f"{below}/revisions/{revision_id}/restore", headers={"If-Match": etag}).json()
        assert (restored["open_revision"]["number"], restored["open_revision"]["state"]) == (3, "editing")
        assert tagline() == "Second words"
        owner.submit_listing(submission_id)
        reviewer.decide(submission_id, "approve")
        wait_for(lambda: tagline() == first, "the words of before")
        numbers = [one["number"] for one in owner.read(f"{below}/revisions")["revisions"]]
        assert numbers == [3, 2, 1]

        # 4. The icon is served in sizes, as PNG and as WebP, for ever.
        icon = f"/api/v1/icons/{form['listing']['icon_id']}/64"
        for ending, start in (("png", b"\x89PNG"), ("webp", b"RIFF")):
            picture = public.get(f"{icon}.{ending}").raise_for_status()
            assert (picture.headers["content-type"], picture.content[:4]) == (f"image/{ending}", start)
            assert "immutable" in picture.headers["cache-control"]

        # 5. Somebody else's server with a slug that looks like it comes back from the checks.
        alike = story.example_form(slug.replace("i", "1"), other.upload_icon(story.png(96)))
        copied = other.create(alike)["submission_id"]
        other.move(copied, "submit")
        other.wait_for_state(copied, "changes_requested")
        codes = {one["code"] for one in other.submission(copied)["findings"] if one["grade"] == "block"}
        assert "SLUG_LOOKS_LIKE" in codes

        # 6. One that is taken is told beside its field.
        with pytest.raises(RefusedError) as refusal:
            other.save(copied, {"slug": slug})
        assert refusal.value.code == "SLUG_TAKEN"
        assert [one["pointer"] for one in refusal.value.problem["errors"]] == ["/slug"]
