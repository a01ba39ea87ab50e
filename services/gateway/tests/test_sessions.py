"""Sessions on a real database."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from chassis.errors import Unavailable
from chassis.sql import migrations
from chassis.sql.database import Database
from flask import Flask, session
from flask.typing import ResponseReturnValue
from gateway import sessions as stored
from gateway.sessions import ServerSession, StoredSessions, check_readable, metadata, renew
from gateway.sessions import sessions as table
from sqlalchemy import insert, select


class Ticking:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module")
def url(new_database: Callable[[str], str]) -> str:
    made = new_database("gateway")
    migrations.upgrade("gateway", made)
    return made


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = Database(url, "gateway-tests", pool_size=2)
    yield opened
    opened.run(lambda uow: uow.execute(table.delete()))
    opened.dispose()


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


@pytest.fixture
def app(database: Database, clock: Ticking) -> Flask:
    made = Flask(__name__)
    made.session_interface = StoredSessions(database, secure=False, clock=clock)

    @made.get("/put/<value>")
    def put(value: str) -> ResponseReturnValue:
        session["value"] = value
        return "ok"

    @made.get("/get")
    def get() -> ResponseReturnValue:
        return str(session.get("value"))

    @made.get("/renew")
    def renewed() -> ResponseReturnValue:
        renew(session)
        session["value"] = "after"
        return "ok"

    @made.get("/end")
    def end() -> ResponseReturnValue:
        renew(session)
        return "ok"

    return made


def rows(database: Database) -> list[object]:
    return database.run_read(lambda connection: list(connection.execute(select(table))))


def test_migrations_and_table_agree(url: str) -> None:
    assert migrations.check(metadata, url) == []


def test_a_visitor_who_puts_nothing_in_has_no_session(app: Flask, database: Database) -> None:
    response = app.test_client().get("/get")
    assert "Set-Cookie" not in response.headers
    assert rows(database) == []


def test_a_value_comes_back_and_the_id_is_not_in_the_database(app: Flask, database: Database) -> None:
    client = app.test_client()
    cookie = client.get("/put/one").headers["Set-Cookie"]
    assert client.get("/get").text == "one"
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    session_id = cookie.split(";")[0].split("=")[1]
    assert session_id.encode() not in rows(database)[0].id_hash  # type: ignore[attr-defined]


def test_cookies_on_https_are_bound_to_the_host(app: Flask, database: Database, clock: Ticking) -> None:
    app.session_interface = StoredSessions(database, secure=True, clock=clock)
    cookie = app.test_client().get("/put/one").headers["Set-Cookie"]
    assert cookie.startswith("__Host-directory=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_signing_in_changes_the_id_and_ends_the_old_one(app: Flask, database: Database) -> None:
    client = app.test_client()
    client.get("/put/planted")
    planted = client.get_cookie("directory_session")
    assert planted is not None
    client.get("/renew")
    present = client.get_cookie("directory_session")
    assert present is not None
    assert present.value != planted.value
    assert client.get("/get").text == "after"
    thief = app.test_client()
    thief.set_cookie("directory_session", planted.value)
    assert thief.get("/get").text == "None"
    assert len(rows(database)) == 1


def test_signing_out_leaves_nothing(app: Flask, database: Database) -> None:
    client = app.test_client()
    client.get("/put/one")
    client.get("/end")
    assert rows(database) == []
    assert client.get_cookie("directory_session") is None


def test_a_session_ends_when_idle_and_in_any_case(app: Flask, clock: Ticking) -> None:
    client = app.test_client()
    client.get("/put/one")
    clock.now += timedelta(hours=7, minutes=59)
    assert client.get("/get").text == "one"
    clock.now += timedelta(hours=8, minutes=1)
    assert client.get("/get").text == "None"
    client.get("/put/two")
    for _ in range(24):
        clock.now += timedelta(hours=6.9)
        assert client.get("/get").text == "two"
    clock.now += timedelta(hours=6.9)
    assert client.get("/get").text == "None"


def test_a_session_that_was_ended_elsewhere_does_not_come_back(app: Flask, database: Database, clock: Ticking) -> None:
    client = app.test_client()
    client.get("/put/one")
    interface = app.session_interface
    with app.test_request_context(
        headers={"Cookie": f"directory_session={client.get_cookie('directory_session').value}"}
    ):  # type: ignore[union-attr]
        session["value"] = "late"
        database.run(lambda uow: uow.execute(table.delete()))
        interface.save_session(app, session._get_current_object(), app.response_class())  # type: ignore[attr-defined]
    assert rows(database) == []


def test_a_page_that_changes_nothing_leaves_what_another_one_changed_meanwhile(app: Flask, clock: Ticking) -> None:
    browser = app.test_client()

    @app.get("/slow")
    def slow() -> ResponseReturnValue:
        read = session["value"]
        browser.get("/put/meanwhile")
        return str(read)

    browser.get("/put/before")
    clock.now += timedelta(minutes=2)
    other_tab = app.test_client()
    other_tab.set_cookie("directory_session", browser.get_cookie("directory_session").value)  # type: ignore[union-attr]
    assert other_tab.get("/slow").text == "before"
    assert browser.get("/get").text == "meanwhile"


def test_a_new_session_survives_a_connection_that_ends_while_it_is_stored(
    app: Flask, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = ["once"]

    def end_connections_once(made: object) -> object:
        if left:
            left.clear()
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                    " WHERE application_name = 'gateway-tests'"
                )
        return insert(table)

    monkeypatch.setattr(stored, "insert", end_connections_once)
    browser = app.test_client()
    browser.get("/put/kept")
    assert not left
    assert browser.get("/get").text == "kept"


def test_a_session_that_could_not_be_read_is_left_as_it_is(app: Flask, database: Database, url: str) -> None:
    client = app.test_client()
    client.get("/put/one")
    kept, away = app.session_interface, Database("postgresql://nobody:nothing@127.0.0.1:9/none", "gateway-tests")
    app.session_interface = StoredSessions(away, secure=False, clock=lambda: datetime(2026, 11, 22, 12, tzinfo=UTC))
    for place in ("/get", "/put/two", "/end"):
        answer = client.get(place)
        assert (answer.status_code, "Set-Cookie" in answer.headers) == (200, False)
    with app.test_request_context(headers={"Cookie": "directory_session=any"}), pytest.raises(Unavailable):
        check_readable(session)
    app.session_interface = kept
    assert client.get("/get").text == "one"


def test_what_cannot_be_stored_is_told_once_and_being_seen_is_no_reason(app: Flask, clock: Ticking) -> None:
    away = Database("postgresql://nobody:nothing@127.0.0.1:9/none", "gateway-tests")
    interface = StoredSessions(away, secure=False, clock=clock)
    opened = ServerSession({"value": "one"}, session_id="id", created_at=clock.now, last_seen_at=clock.now)
    clock.now += timedelta(minutes=2)
    interface.save_session(app, opened, app.response_class())
    opened = ServerSession({}, session_id="", created_at=clock.now, last_seen_at=clock.now)
    opened["value"] = "new"
    with pytest.raises(Unavailable):
        interface.save_session(app, opened, app.response_class())
    interface.save_session(app, opened, app.response_class())


def test_ended_sessions_are_purged(app: Flask, database: Database, clock: Ticking) -> None:
    app.test_client().get("/put/old")
    clock.now += timedelta(hours=8, minutes=1)
    app.test_client().get("/put/new")
    interface = app.session_interface
    assert isinstance(interface, StoredSessions)
    assert interface.purge() == 1
    assert len(rows(database)) == 1
