"""Decorators of servicer methods: one transaction a call, or one SELECT.

class SubmissionsApi(SubmissionsServiceServicer):
    def __init__(self, database: Database) -> None:
        self.database = database

    @read
    def GetSubmission(self, request, connection): ...

    @write
    def CreateSubmission(self, request, uow): ...
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from typing import Protocol, TypeVar, cast

import grpc
from google.protobuf import message_factory
from google.protobuf.descriptor_pool import Default
from google.protobuf.message import Message
from sqlalchemy import Connection, text

from chassis.errors import Conflict, InvalidInput
from chassis.rpc.caller import caller_if_any, peer
from chassis.rpc.client import IDEMPOTENCY_KEY
from chassis.sql.database import Database, UnitOfWork

_LONGEST_KEY = 255


class _HasDatabase(Protocol):
    database: Database


Service = TypeVar("Service", bound=_HasDatabase)
Request = TypeVar("Request", bound=Message)
Response = TypeVar("Response", bound=Message)
Method = Callable[[Service, Request, grpc.ServicerContext], Response]


def read(method: Callable[[Service, Request, Connection], Response]) -> Method[Service, Request, Response]:
    """The method gets a read-only connection that sees one moment of the database."""

    @functools.wraps(method)
    def wrapped(self: Service, request: Request, _context: grpc.ServicerContext) -> Response:
        return self.database.run_read(lambda connection: method(self, request, connection))

    return wrapped


def lookup(method: Callable[[Service, Request, Connection], Response]) -> Method[Service, Request, Response]:
    """The method gets a connection for a single SELECT: as `read`, but half as dear where reads are many and short."""

    @functools.wraps(method)
    def wrapped(self: Service, request: Request, _context: grpc.ServicerContext) -> Response:
        return self.database.run_read(lambda connection: method(self, request, connection), single=True)

    return wrapped


def write(method: Callable[[Service, Request, UnitOfWork], Response]) -> Method[Service, Request, Response]:
    """The method gets a unit of work, committed when it returns; an error undoes everything.

    A call with an idempotency key takes effect once: the answer is stored in the same transaction and given again to
    the same request; another request under the same key is a Conflict IDEMPOTENCY_KEY_REUSED.
    """

    @functools.wraps(method)
    def wrapped(self: Service, request: Request, context: grpc.ServicerContext) -> Response:
        key = _idempotency_key(context)

        def work(uow: UnitOfWork) -> Response:
            if not key:
                return method(self, request, uow)
            return _once(uow, key, request, lambda: method(self, request, uow))

        return self.database.run(work)

    return wrapped


def _once(uow: UnitOfWork, key: str, request: Message, work: Callable[[], Response]) -> Response:
    person, fingerprint = _whose(), _fingerprint(request)
    row = {"person_id": person, "key": key, "fingerprint": fingerprint}
    # A concurrent duplicate waits here until the first one commits, and then finds its answer.
    if uow.execute(_CLAIM, row).rowcount:
        response = work()
        stored = {"response": response.SerializeToString(), "response_type": response.DESCRIPTOR.full_name}
        uow.execute(_STORE, {"person_id": person, "key": key, **stored})
        return response
    found = uow.execute(_FIND, {"person_id": person, "key": key}).one()
    if bytes(found.fingerprint) != fingerprint:
        raise Conflict("IDEMPOTENCY_KEY_REUSED", "This idempotency key was used for another request. Use a new one.")
    response_class = message_factory.GetMessageClass(Default().FindMessageTypeByName(found.response_type))
    return cast(Response, response_class.FromString(bytes(found.response)))


def _idempotency_key(context: grpc.ServicerContext) -> str:
    for name, value in context.invocation_metadata():
        if name == IDEMPOTENCY_KEY and isinstance(value, str):
            if len(value) > _LONGEST_KEY:
                raise InvalidInput("IDEMPOTENCY_KEY_INVALID", f"Use at most {_LONGEST_KEY} characters.")
            return value
    return ""


def _whose() -> str:
    grant = caller_if_any()
    return grant.person_id if grant else f"peer:{peer()}"


def _fingerprint(request: Message) -> bytes:
    grant = caller_if_any()
    # Rights belong to it: who lost them since is not given the stored answer.
    rights = (grant.organization_id, grant.directory_management, grant.owner, grant.staff_role) if grant else ()
    # The request's type is its method: no two methods share one.
    head = f"{request.DESCRIPTOR.full_name}\n{rights}\n".encode()
    return hashlib.sha256(head + request.SerializeToString(deterministic=True)).digest()


_CLAIM = text(
    "INSERT INTO idempotency_keys (person_id, key, fingerprint) VALUES (:person_id, :key, :fingerprint)"
    " ON CONFLICT DO NOTHING"
)
_STORE = text(
    "UPDATE idempotency_keys SET response = :response, response_type = :response_type"
    " WHERE person_id = :person_id AND key = :key"
)
_FIND = text(
    "SELECT fingerprint, response, response_type FROM idempotency_keys WHERE person_id = :person_id AND key = :key"
)
