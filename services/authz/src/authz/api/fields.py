"""Rules of the fields that people fill in, for RPCs and commands alike."""

from __future__ import annotations

from collections.abc import Iterable

from chassis.errors import InvalidInput, Violation
from chassis.formats import is_email
from directory.authz.v1 import organization_pb2 as contract

from authz.domain.access import Permission, Role
from authz.domain.persons import normal_address
from authz.domain.tokens import MAX_DAYS
from authz.store.enumerations import permission_of, role_of

MAX_ORGANIZATION_NAME = 200
MAX_CUSTOM_ROLE_NAME = 100


class Fields:
    """Reads the fields of one request, remembers all that break their rules, and names them at once.

    Each method answers the value in normal form; answers for broken fields are not to be used, `require` sees to it.
    """

    def __init__(self) -> None:
        self._violations: list[Violation] = []

    def require(self) -> None:
        """Raises FIELDS_INVALID with every violation, if there is any."""
        if self._violations:
            raise InvalidInput("FIELDS_INVALID", "Some fields break their rules.", violations=self._violations)

    def name(self, field: str, text: str, *, maximum: int) -> str:
        """1 to `maximum` characters after trimming, on one line."""
        text = text.strip()
        if not text:
            self._break(field, "REQUIRED", "Fill this in.")
        elif len(text) > maximum:
            self._break(field, "TOO_LONG", f"Use at most {maximum} characters.")
        elif not text.isprintable():
            self._break(field, "UNKNOWN_VALUE", "Use printable characters on one line.")
        return text

    def email(self, field: str, text: str) -> str:
        """An e-mail address."""
        text = normal_address(text)
        if not text:
            self._break(field, "REQUIRED", "Fill this in.")
        elif not is_email(text):
            self._break(field, "NOT_EMAIL", "Enter an e-mail address such as ada@example.com.")
        return text

    def address_unless_id(self, email: str, *, person_id: str) -> str:
        """The e-mail address of a person who is named by that or by id; empty where it is the id."""
        if not person_id:
            return self.email("/email", email)
        if email:
            self._break("/email", "AMBIGUOUS", "Name the person by id or by e-mail address, not by both.")
        return ""

    def role(self, field: str, value: contract.Role) -> Role:
        """A role that this version knows."""
        role = role_of(value)
        if role is None:
            self._break(field, "UNKNOWN_VALUE", "Choose primary owner, owner, admin or member.")
        return role or Role.MEMBER

    def permissions(self, field: str, values: Iterable[contract.Permission]) -> frozenset[Permission]:
        """Permissions that this version knows."""
        permissions = [permission_of(value) for value in values]
        if None in permissions:
            self._break(field, "UNKNOWN_VALUE", "Choose directory management or libraries.")
        return frozenset(permission for permission in permissions if permission)

    def days(self, field: str, days: int) -> int:
        """How long a token lasts; 0 stands for the default."""
        if not 0 <= days <= MAX_DAYS:
            self._break(field, "UNKNOWN_VALUE", f"Choose 1 to {MAX_DAYS} days.")
        return days

    def _break(self, field: str, code: str, message: str) -> None:
        self._violations.append(Violation(field, code, message))
