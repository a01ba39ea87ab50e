"""Operators' commands, on the real database."""

import json
from pathlib import Path
from typing import Any

import pytest
from chassis.ids import new_id

FILE = {
    "organizations": [
        {
            "name": "Acme",
            "plan": "enterprise",
            "custom_roles": [
                {"name": "Publishers", "permissions": ["directory_management"]},
                {"name": "Librarians", "permissions": ["libraries"]},
            ],
            "members": [
                {"email": "mo@acme.example", "role": "member", "custom_roles": ["publishers", "Librarians"]},
                {"email": "Olivia@acme.example", "role": "primary_owner"},
                {"email": "ada@acme.example", "role": "admin"},
            ],
        },
        {
            "organization_id": "0193a3f0-0000-7000-8000-000000000001",
            "name": "Basic",
            "plan": "pro",
            "members": [{"email": "olivia@acme.example", "role": "primary_owner"}],
        },
    ],
    "staff": [
        {"email": "rosa@directory.example", "role": "reviewer"},
        {"email": "lea@directory.example", "role": "lead_reviewer"},
    ],
}


def changed(**changes: Any) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(FILE))
    for place, value in changes.items():
        *path, last = place.split("__")
        target: Any = copy
        for step in path:
            target = target[int(step) if step.isdigit() else step]
        if isinstance(target, list):
            target[int(last)] = value
        else:
            target[last] = value
    return copy


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def to_file(content: Any) -> str:
        path = tmp_path / "organizations.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return str(path)

    return to_file


def test_importing_twice_changes_nothing_the_second_time(service: Any, write: Any) -> None:
    said = "2 organizations with 4 members, 2 staff."
    first = service.new_events(lambda: service.command("import", write(FILE)))
    assert len(first) == 2 + 4 + 2 + 2
    shown = service.command("org", "show", "acme")
    assert "custom role  Publishers: directory_management" in shown
    assert "member         mo@acme.example  (Librarians, Publishers)" in shown
    assert "primary_owner  olivia@acme.example" in shown
    again = []
    assert service.new_events(lambda: again.append(service.command("import", write(FILE)))) == []
    assert again == [said]
    assert service.command("org", "show", "0193a3f0-0000-7000-8000-000000000001").endswith("olivia@acme.example")
    assert service.command("staff", "list").split() == [
        *("lead_reviewer", "lea@directory.example"),
        *("reviewer", "rosa@directory.example"),
    ]


def test_importing_a_changed_file_changes_what_it_mentions(service: Any, write: Any) -> None:
    service.command("import", write(FILE))
    handed_over = changed(
        organizations__0__members=[
            {"email": "olivia@acme.example", "role": "admin"},
            {"email": "ada@acme.example", "role": "primary_owner"},
        ]
    )
    service.command("import", write(handed_over))
    shown = service.command("org", "show", "Acme")
    assert "primary_owner  ada@acme.example" in shown
    assert "admin          olivia@acme.example" in shown
    assert "member         mo@acme.example  (Librarians, Publishers)" in shown
    service.command("import", write(FILE))


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (changed(organizations__0__plan="gold"), "/organizations/0/plan"),
        (changed(organizations__0__members__2__role="boss"), "/organizations/0/members/2/role"),
        (changed(organizations__0__members__0__email="mo"), "/organizations/0/members/0/email"),
        (changed(organizations__1__members=[]), "/organizations/1: "),
        (changed(organizations__0__members__0__custom_roles=["Nobody"]), "/organizations/0: "),
        (changed(organizations__1__custom_roles=[{"name": "X", "permissions": []}]), "/organizations/1: "),
        (changed(organizations__1__name="ACME"), "/: "),
        (changed(staff__1__email="rosa@directory.example"), "/: "),
        (changed(staff__0__salary=1), "/staff/0/salary"),
        (changed(organizations__1__organization_id="1"), "/organizations/1/organization_id"),
        ("[]", "/: "),
        ("{", "/: "),
    ],
)
def test_a_file_out_of_order_is_refused_with_the_place(service: Any, write: Any, content: Any, place: str) -> None:
    def refused() -> None:
        result = service.run("import", write(content))
        assert result.exit_code == 1
        assert "FIELDS_INVALID" in result.output
        assert f"\n  {place}" in result.output

    assert service.new_events(refused) == []


def test_a_file_that_is_not_utf_8_is_refused(service: Any, tmp_path: Path) -> None:
    path = tmp_path / "organizations.json"
    path.write_bytes('{"organizations": [{"name": "Käse"}]}'.encode("latin-1"))
    result = service.run("import", str(path))
    assert (result.exit_code, result.output) == (1, f"Error: {path} is not UTF-8.\n")


def test_an_import_is_all_or_nothing(service: Any, write: Any) -> None:
    service.command("org", "create", "Taken", "--plan", "free", "--primary-owner", "tom@taken.example")
    content = {
        "organizations": [
            {"name": "Fine", "plan": "team", "members": [{"email": "fi@fine.example", "role": "primary_owner"}]},
            {
                "organization_id": new_id(),
                "name": "taken",
                "plan": "team",
                "members": [{"email": "tom@taken.example", "role": "primary_owner"}],
            },
        ]
    }
    result = service.run("import", write(content))
    assert result.exit_code == 1
    assert "'taken'" in result.output
    assert "NAME_TAKEN" in result.output
    assert "Fine" not in service.command("org", "list")


def test_organizations_are_made_listed_and_change_plans(service: Any) -> None:
    organization_id = service.command(
        "org", "create", " Listed ", "--plan", "free", "--primary-owner", "lia@listed.example"
    )
    assert f"{organization_id}  free            1  Listed" in service.command("org", "list")
    assert service.command("org", "plan", "listed", "enterprise") == f"{organization_id}  enterprise  Listed"
    assert service.new_events(lambda: service.command("org", "plan", "listed", "enterprise")) == []
    for arguments, reason in (
        (["org", "create", "LISTED", "--plan", "free", "--primary-owner", "a@b.example"], "NAME_TAKEN"),
        (["org", "create", "", "--plan", "free", "--primary-owner", "a@b.example"], "FIELDS_INVALID"),
        (["org", "create", "X", "--plan", "free", "--primary-owner", "nobody"], "FIELDS_INVALID"),
        (["org", "plan", "Nowhere", "team"], "ORGANIZATION_NOT_FOUND"),
        (["org", "show", new_id()], "ORGANIZATION_NOT_FOUND"),
    ):
        result = service.run(*arguments)
        assert result.exit_code == 1
        assert reason in result.output


def test_members_come_and_go_under_the_same_rules(service: Any) -> None:
    service.command("org", "create", "Rules", "--plan", "team", "--primary-owner", "pia@rules.example")
    service.command("member", "add", "Rules", "max@rules.example", "--role", "owner")
    for arguments, reason in (
        (["member", "add", "Rules", "pia@rules.example", "--role", "member"], "PRIMARY_OWNER_REQUIRED"),
        (["member", "remove", "Rules", "pia@rules.example"], "PRIMARY_OWNER_REQUIRED"),
        (["member", "remove", "Rules", "nobody@rules.example"], "PERSON_NOT_FOUND"),
        (["member", "add", "Rules", "max@rules.example", "--custom-role", "None"], "CUSTOM_ROLE_NOT_FOUND"),
        (["role", "set", "Rules", "Publishers"], "PLAN_WITHOUT_CUSTOM_ROLES"),
        (["role", "remove", "Rules", "Publishers"], "CUSTOM_ROLE_NOT_FOUND"),
    ):
        result = service.run(*arguments)
        assert result.exit_code == 1
        assert reason in result.output
    service.command("member", "add", "Rules", "max@rules.example", "--role", "primary_owner")
    assert "owner          pia@rules.example" in service.command("org", "show", "Rules")
    service.command("member", "remove", "Rules", "pia@rules.example")
    assert "MEMBER_NOT_FOUND" in service.run("member", "remove", "Rules", "pia@rules.example").output


def test_custom_roles_are_set_by_name(service: Any) -> None:
    service.command("org", "create", "Custom", "--plan", "enterprise", "--primary-owner", "cy@custom.example")
    service.command("role", "set", "Custom", "Publishers", "--permission", "libraries")
    changed_events = service.new_events(lambda: service.command("role", "set", "Custom", "publishers"))
    assert len(changed_events) == 1
    assert "custom role  publishers: nothing" in service.command("org", "show", "Custom")
    service.command("role", "remove", "Custom", "PUBLISHERS")
    assert "custom role" not in service.command("org", "show", "Custom")


def test_staff_come_and_go(service: Any) -> None:
    (event,) = service.new_events(lambda: service.command("staff", "add", "sam@directory.example"))
    assert event[0] == event[1].staff_changed.person_id
    assert service.new_events(lambda: service.command("staff", "add", "sam@directory.example")) == []
    service.command("staff", "remove", "sam@directory.example")
    assert "sam@" not in service.command("staff", "list")
    assert "PERSON_NOT_FOUND" in service.run("staff", "remove", "nobody@directory.example").output
