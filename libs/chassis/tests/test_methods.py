"""One transaction a call, and idempotency keys, on a real PostgreSQL."""

import threading
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from chassis.errors import Conflict, InvalidInput, NotFound
from chassis.ids import new_id
from chassis.rpc import caller
from chassis.rpc.methods import read, write
from directory.authz.v1 import access_service_pb2 as messages
from sqlalchemy import text


class Api:
    def __init__(self, database, after=lambda uow: None):
        self.database = database
        self.after = after
        self.runs = 0

    @write
    def CreateAccessToken(self, request, uow):
        self.runs += 1
        uow.execute(text("INSERT INTO things (id, note) VALUES (:id, :note)"), {"id": new_id(), "note": request.name})
        self.after(uow)
        return messages.CreateAccessTokenResponse(secret=new_id())

    @read
    def ListAccessTokens(self, request, connection):
        assert connection.execute(text("SHOW transaction_read_only")).scalar_one() == "on"
        assert connection.execute(text("SHOW transaction_isolation")).scalar_one() == "repeatable read"
        return messages.ListAccessTokensResponse()


@pytest.fixture
def as_person(grant):
    @contextmanager
    def bound(**changes):
        with caller.bind(grant=grant(**changes), peer="gateway"):
            yield

    return bound


def context(key=""):
    return SimpleNamespace(invocation_metadata=lambda: [("idempotency-key", key)] if key else [])


def create(api, name, key=""):
    return api.CreateAccessToken(messages.CreateAccessTokenRequest(name=name), context(key))


def effects(database, name):
    with database.read() as connection:
        return connection.execute(text("SELECT count(*) FROM things WHERE note = :note"), {"note": name}).scalar_one()


def test_a_read_cannot_write_and_sees_one_moment(database):
    Api(database).ListAccessTokens(messages.ListAccessTokensRequest(), context())


def test_a_write_is_saved_when_the_method_returns(database):
    create(Api(database), "saved")
    assert effects(database, "saved") == 1


def test_an_error_undoes_everything(database, as_person):
    def fail(uow):
        raise NotFound("THING_NOT_FOUND", "no")

    with as_person(), pytest.raises(NotFound):
        create(Api(database, fail), "undone", key="k0")
    assert effects(database, "undone") == 0
    with as_person():
        create(Api(database), "undone", key="k0")
    assert effects(database, "undone") == 1


def test_the_same_key_takes_effect_once_and_gives_the_same_bytes(database, as_person):
    api = Api(database)
    with as_person():
        first = create(api, "once", key="k1")
        second = create(api, "once", key="k1")
    assert first.SerializeToString() == second.SerializeToString()
    assert (api.runs, effects(database, "once")) == (1, 1)


def test_the_same_key_for_another_request_is_a_conflict(database, as_person):
    api = Api(database)
    with as_person():
        create(api, "first", key="k2")
        with pytest.raises(Conflict) as caught:
            create(api, "second", key="k2")
    assert caught.value.reason == "IDEMPOTENCY_KEY_REUSED"
    with as_person(organization_id="organization-2"), pytest.raises(Conflict):
        create(api, "first", key="k2")
    assert effects(database, "second") == 0


def test_keys_of_two_people_have_nothing_to_do_with_each_other(database, as_person):
    api = Api(database)
    for person in ("one", "two"):
        with as_person(person_id=person):
            create(api, "people", key="k3")
    assert effects(database, "people") == 2


def test_concurrent_duplicates_take_effect_once(database, as_person):
    together = threading.Barrier(4)
    answers = []

    def call():
        together.wait(5)
        with as_person():
            answers.append(create(api, "together", key="k4").secret)

    api = Api(database)
    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(answers) == 4
    assert len(set(answers)) == 1
    assert effects(database, "together") == 1


def test_the_longest_key_counts_and_a_longer_one_is_refused(database, as_person):
    with as_person():
        first, second = (create(Api(database), "longest", key="x" * 255) for _ in range(2))
        with pytest.raises(InvalidInput):
            create(Api(database), "monster", key="x" * 256)
    assert first.secret == second.secret


@pytest.mark.parametrize("cause", ["connection lost", "deadlock"])
def test_the_whole_transaction_is_repeated(database, cause):
    """A backend that is killed, or a deadlock that PostgreSQL ends, before the commit: once more from the start."""

    def trouble(uow):
        if api.runs > 1:
            return
        if cause == "deadlock":
            uow.execute(text("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40P01'; END $$"))
        mine = uow.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with database.read() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": mine})
        uow.execute(text("SELECT 1"))

    api = Api(database, trouble)
    create(api, cause)
    assert (api.runs, effects(database, cause)) == (2, 1)
