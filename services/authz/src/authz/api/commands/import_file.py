"""The file of `import`: organizations with plans, custom roles and members, and staff; checked as a whole.

{
  "organizations": [
    {
      "organization_id": "0193...",          (optional; otherwise the organization is known by its name)
      "name": "Acme", "plan": "enterprise",
      "custom_roles": [{"name": "Publishers", "permissions": ["directory_management"]}],
      "members": [
        {"email": "olivia@acme.example", "role": "primary_owner"},
        {"email": "mo@acme.example", "role": "member", "custom_roles": ["Publishers"]}
      ]
    }
  ],
  "staff": [{"email": "rosa@directory.example", "role": "reviewer"}]
}
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Self
from uuid import UUID

from chassis.errors import InvalidInput, Violation
from chassis.formats import is_email
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError, model_validator

from authz.api.fields import MAX_CUSTOM_ROLE_NAME, MAX_ORGANIZATION_NAME
from authz.domain.access import Permission, Plan, Role, StaffRole
from authz.domain.persons import normal_address
from authz.domain.policy import PLANS_WITH_CUSTOM_ROLES


def _address(text: str) -> str:
    address = normal_address(text)
    if not is_email(address):
        raise ValueError("this is not an e-mail address")
    return address


def _name(maximum: int) -> Any:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=maximum)


Address = Annotated[str, AfterValidator(_address)]
CustomRoleName = Annotated[str, _name(MAX_CUSTOM_ROLE_NAME)]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CustomRoleEntry(_Entry):
    """A custom role, known by its name in any case."""

    name: CustomRoleName
    permissions: frozenset[Permission]


class MemberEntry(_Entry):
    """A member with all custom roles, by name."""

    email: Address
    role: Role
    custom_roles: tuple[CustomRoleName, ...] = ()


class OrganizationEntry(_Entry):
    """An organization."""

    organization_id: UUID | None = None
    name: Annotated[str, _name(MAX_ORGANIZATION_NAME)]
    plan: Plan
    custom_roles: tuple[CustomRoleEntry, ...] = ()
    members: tuple[MemberEntry, ...]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if sum(member.role is Role.PRIMARY_OWNER for member in self.members) != 1:
            raise ValueError("members: exactly one has the role primary_owner")
        if self.custom_roles and self.plan not in PLANS_WITH_CUSTOM_ROLES:
            raise ValueError(f"custom_roles: the {self.plan} plan has none, enterprise has")
        _refuse_twice("members: the address", (member.email for member in self.members))
        _refuse_twice("custom_roles: the name", (role.name.casefold() for role in self.custom_roles))
        known = {role.name.casefold() for role in self.custom_roles}
        for member in self.members:
            for name in member.custom_roles:
                if name.casefold() not in known:
                    raise ValueError(f"members: the custom role {name!r} of {member.email} is not in custom_roles")
        return self


class StaffEntry(_Entry):
    """Somebody who works on the review desk."""

    email: Address
    role: StaffRole


class ImportFile(_Entry):
    """The whole file."""

    organizations: tuple[OrganizationEntry, ...] = ()
    staff: tuple[StaffEntry, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        _refuse_twice("organizations: the name", (entry.name.casefold() for entry in self.organizations))
        _refuse_twice("staff: the address", (entry.email for entry in self.staff))
        return self


def read_import_file(text: str) -> ImportFile:
    """The file's content. Raises FIELDS_INVALID naming each place in the file by its JSON Pointer."""
    try:
        return ImportFile.model_validate_json(text)
    except ValidationError as error:
        violations = [
            Violation("/" + "/".join(map(str, problem["loc"])), "UNKNOWN_VALUE", problem["msg"])
            for problem in error.errors(include_url=False, include_input=False)
        ]
        raise InvalidInput("FIELDS_INVALID", "The file is not in order.", violations=violations) from error


def _refuse_twice(what: str, values: Iterable[str]) -> None:
    seen = set()
    for value in values:
        if value in seen:
            raise ValueError(f"{what} {value!r} stands there twice")
        seen.add(value)
