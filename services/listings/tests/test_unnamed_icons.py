"""An operator removes icons that nothing names; nobody loses one that they need."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from chassis.errors import NotFound
from chassis.ids import new_id
from click.testing import CliRunner
from directory.listings.v1 import listings_service_pb2 as pb
from listings.__main__ import main
from listings.store import unnamed_icons
from sqlalchemy import text

_shades = count(1)


@pytest.fixture
def purge(directory: Any) -> Any:
    """purge(*icon_ids, read=..., dry_run=...): the exit code and words of the command where submissions names them."""
    settings = directory.settings
    environment = {
        "TLS_DIR": str(settings.tls_dir),
        "GRANT_KEYS_FILE": str(settings.grant_keys_file),
        "KAFKA_BOOTSTRAP_SERVERS": "none:1",
        "DATABASE_URL_LISTINGS": settings.database_url_listings.get_secret_value(),
    }

    def run(*icon_ids: str, read: timedelta = timedelta(), dry_run: bool = False) -> tuple[int, str]:
        named = {"read_at": (datetime.now(UTC) - read).isoformat(), "icon_ids": icon_ids}
        arguments = ["purge-icons", "-", *(["--dry-run"] if dry_run else [])]
        done = CliRunner().invoke(main, arguments, env=environment, input=json.dumps(named))
        return done.exit_code, done.output

    return run


def upload(directory: Any, image: bytes | None = None, **whose: Any) -> str:
    """An icon that nobody uploaded before, last used long ago."""
    shade = next(_shades)
    image = image or directory.icon_file(f"#{shade:06x}")
    with directory.signed_in(**whose):
        icon_id: str = directory.icons.UploadIcon(pb.UploadIconRequest(image=image)).icon.icon_id
    age(directory, icon_id)
    return icon_id


def age(directory: Any, icon_id: str, days: int = 31) -> None:
    with directory.database.transaction() as uow:
        then = {"icon_id": icon_id, "at": datetime.now(UTC) - timedelta(days=days)}
        uow.execute(text("UPDATE icons SET used_at = :at WHERE icon_id = :icon_id"), then)
        uow.commit()


def is_there(directory: Any, icon_id: str) -> bool:
    try:
        return bool(directory.icons.GetIconImage(pb.GetIconImageRequest(icon_id=icon_id, size=64)).png)
    except NotFound:
        return False


def test_what_nothing_names_goes_and_what_submissions_names_stays(directory: Any, purge: Any) -> None:
    unnamed, in_a_draft = upload(directory), upload(directory)
    assert purge(in_a_draft, dry_run=True) == (0, "1 icons would be removed.\n")
    assert is_there(directory, unnamed)
    assert purge(in_a_draft) == (0, "1 icons were removed.\n")
    assert not is_there(directory, unnamed)
    assert is_there(directory, in_a_draft)
    with directory.signed_in(), pytest.raises(NotFound, match="ICON_NOT_FOUND"):
        directory.icons.GetIcon(pb.GetIconRequest(icon_id=unnamed))


def test_an_icon_of_the_history_stays_since_it_can_be_restored(directory: Any, purge: Any) -> None:
    icon_ids = first, second, thrown_away, open_edit, unsent = [upload(directory) for _ in range(5)]
    publisher = directory.publisher(directory.published(icon_id=first))
    publisher.save(icon_id=second)
    revision = publisher.submit().open_revision.revision_id
    publisher.decided(revision, "APPROVE")
    publisher.save(icon_id=thrown_away)
    publisher.discard()
    publisher.save(icon_id=open_edit)
    publisher.submit()
    publisher.save(icon_id=unsent)
    for icon_id in icon_ids:
        age(directory, icon_id)
    assert purge(upload(directory))[0] == 0
    assert all(is_there(directory, icon_id) for icon_id in icon_ids)


def test_an_icon_that_was_used_lately_stays(directory: Any, purge: Any) -> None:
    """Whoever is about to name it was not yet seen by submissions."""
    named, asked_for, again = upload(directory), upload(directory), directory.icon_file("#abcdef")
    uploaded_again, gone = upload(directory, again), upload(directory)
    with directory.signed_in():
        directory.icons.GetIcon(pb.GetIconRequest(icon_id=asked_for))
        directory.icons.UploadIcon(pb.UploadIconRequest(image=again))
    assert purge(named)[0] == 0
    assert [is_there(directory, each) for each in (named, asked_for, uploaded_again, gone)] == [True, True, True, False]


def test_a_new_owner_s_use_counts_too(directory: Any, purge: Any) -> None:
    icon_id, named = upload(directory), upload(directory)
    with directory.database.transaction() as uow:
        values = {"icon_id": icon_id, "organization_id": "new owner"}
        uow.execute(text("INSERT INTO shared_icons VALUES (:icon_id, :organization_id)"), values)
        uow.commit()
    with directory.signed_in("new owner"):
        directory.icons.GetIcon(pb.GetIconRequest(icon_id=icon_id))
    assert purge(named)[0] == 0
    assert is_there(directory, icon_id)
    age(directory, icon_id)
    assert purge(named)[0] == 0
    assert not is_there(directory, icon_id)


def test_whoever_asks_for_it_at_this_very_moment_keeps_it(directory: Any, eventually: Any) -> None:
    icon_id, since = upload(directory), datetime.now(UTC) - timedelta(days=30)

    def remove() -> int:
        return int(directory.database.run(lambda uow: unnamed_icons.remove(uow, [icon_id], unused_since=since)))

    with ThreadPoolExecutor(1) as pool, directory.database.transaction() as uow:
        uow.execute(text("UPDATE icons SET used_at = now() WHERE icon_id = :id"), {"id": icon_id})
        removing = pool.submit(remove)
        eventually(lambda: removing.done() or waits_for_a_row(directory))
        uow.commit()
        assert removing.result(timeout=20) == 0
    assert is_there(directory, icon_id)


def test_whoever_asks_too_late_is_told_so(directory: Any, eventually: Any) -> None:
    icon_id, since = upload(directory), datetime.now(UTC) - timedelta(days=30)

    def ask() -> None:
        with directory.signed_in():
            directory.icons.GetIcon(pb.GetIconRequest(icon_id=icon_id))

    with ThreadPoolExecutor(1) as pool, directory.database.transaction() as uow:
        assert unnamed_icons.remove(uow, [icon_id], unused_since=since) == 1
        asking = pool.submit(ask)
        eventually(lambda: asking.done() or waits_for_a_row(directory))
        uow.commit()
        with pytest.raises(NotFound, match="ICON_NOT_FOUND"):
            asking.result(timeout=20)


def test_what_submissions_said_is_of_this_installation_and_of_today(directory: Any, purge: Any) -> None:
    unnamed, named = upload(directory), upload(directory)
    for said in (purge(), purge(new_id()), purge(named, read=timedelta(hours=25))):
        assert said[0] == 1, said
    assert is_there(directory, unnamed)
    assert purge(named, read=timedelta(hours=23))[0] == 0
    assert not is_there(directory, unnamed)


def test_a_time_before_all_times_is_refused() -> None:
    done = CliRunner().invoke(main, ["purge-icons", "-", "--unused-days", "99999999999"], input="{}")
    assert done.exit_code == 2
    assert "--unused-days" in done.output


def waits_for_a_row(directory: Any) -> bool:
    with directory.database.read() as connection:
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype IN ('transactionid', 'tuple') AND NOT granted"
        return bool(connection.execute(text(waiting)).scalar_one())
