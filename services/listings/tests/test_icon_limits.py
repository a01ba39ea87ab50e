"""How many icons an organization may upload in a day."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from chassis.errors import LimitExceeded
from chassis.ids import new_id
from directory.listings.v1 import listings_service_pb2 as pb
from listings.store import icons
from sqlalchemy import text

LIMIT = 50
_FILL = text(
    "INSERT INTO icons (icon_id, organization_id, sha256, uploaded_by, created_at)"
    " SELECT gen_random_uuid(), :organization_id, decode(md5(random()::text), 'hex'), 'ada',"
    " now() - make_interval(secs => :age) FROM generate_series(1, :number)"
)


def fill(directory: Any, organization_id: str, number: int, *, age: float) -> None:
    """As if so many had been uploaded so many seconds ago."""
    with directory.database.transaction() as uow:
        uow.execute(_FILL, {"organization_id": organization_id, "number": number, "age": age})
        uow.commit()


def upload(directory: Any, organization_id: str, color: str) -> str:
    with directory.signed_in(organization_id):
        answer = directory.icons.UploadIcon(pb.UploadIconRequest(image=directory.icon_file(color)))
    return str(answer.icon.icon_id)


def test_as_many_as_the_limit_a_day_and_no_more(directory: Any) -> None:
    organization_id = new_id()
    fill(directory, organization_id, 10, age=25 * 3600)
    fill(directory, organization_id, LIMIT - 1, age=23 * 3600)
    last = upload(directory, organization_id, "red")
    with pytest.raises(LimitExceeded, match="ICON_DAILY_LIMIT") as refused:
        upload(directory, organization_id, "blue")
    assert refused.value.metadata["limit"] == "50"
    # The oldest of them is a day old in an hour.
    assert re.search(r"in 24 hours\. Try again in (59 minutes|60 minutes|2 hours)\.$", refused.value.message)
    assert 3500 < int(refused.value.metadata["retry_after_seconds"]) <= 3601
    # The same file is no new icon, and another organization has its own days.
    assert upload(directory, organization_id, "red") == last
    assert upload(directory, new_id(), "blue")


def test_an_upload_waits_for_another_one_to_be_counted(directory: Any, eventually: Any) -> None:
    organization_id = new_id()
    fill(directory, organization_id, LIMIT - 1, age=60)
    with ThreadPoolExecutor(1) as pool, directory.database.transaction() as uow:
        icons.lock_uploads(uow, organization_id)
        uow.execute(_FILL, {"organization_id": organization_id, "number": 1, "age": 0})
        late = pool.submit(upload, directory, organization_id, "red")
        eventually(lambda: late.done() or waits_for_a_lock(directory))
        uow.commit()
        with pytest.raises(LimitExceeded, match="ICON_DAILY_LIMIT"):
            late.result(timeout=20)


def waits_for_a_lock(directory: Any) -> bool:
    with directory.database.read() as connection:
        waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return bool(connection.execute(waiting).scalar_one())
