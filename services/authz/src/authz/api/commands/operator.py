"""What every operator's command needs: the database, the moment, and words for what went wrong."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, TypeVar

import click
from chassis.clock import Clock
from chassis.errors import DirectoryError
from chassis.sql.database import Database
from sqlalchemy import Connection

from authz.domain.access import Organization, Person
from authz.domain.organizations import organization_not_found, person_not_found
from authz.store import organizations, persons
from authz.store.change import Change

Result = TypeVar("Result")
Parameters = ParamSpec("Parameters")


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator at work on the database."""

    database: Database
    clock: Clock
    new_id: Callable[[], str]

    def change(self, work: Callable[[Change], Result]) -> Result:
        """`work` in one transaction."""
        return self.database.run(lambda uow: work(Change(uow, self.clock(), self.new_id)))

    def read(self, work: Callable[[Connection], Result]) -> Result:
        """`work` on a read-only connection."""
        return self.database.run_read(work)


def with_operator(command: Callable[Concatenate[Operator, Parameters], Result]) -> Callable[Parameters, Result]:
    """Gives a command the operator, and says errors of the service as sentences.

    The context's object connects, so that `--help` needs no database.
    """

    @functools.wraps(command)
    def connected(*arguments: Parameters.args, **options: Parameters.kwargs) -> Result:
        connect: Callable[[], Operator] = click.get_current_context().obj
        operator = connect()
        with operator.database:
            try:
                return command(operator, *arguments, **options)
            except DirectoryError as error:
                details = "".join(f"\n  {each.field}: {each.message}" for each in error.violations)
                raise click.ClickException(f"{error.message} ({error.reason}){details}") from error

    return connected


def named_organization(connection: Connection, name_or_id: str) -> Organization:
    """The organization that a command names. Raises ORGANIZATION_NOT_FOUND."""
    organization = organizations.find(connection, name_or_id)
    if organization is None:
        raise organization_not_found()
    return organization


def named_person(connection: Connection, email: str) -> Person:
    """The person whom a command names. Raises PERSON_NOT_FOUND."""
    person = persons.holding(connection, email)
    if person is None:
        raise person_not_found()
    return person
