"""Every reason of the contract is raised somewhere, and nothing else is."""

import ast
from collections.abc import Iterator
from pathlib import Path

import authz
from directory.authz.v1 import error_reason_pb2

KINDS = {"InvalidInput", "Unauthenticated", "PermissionDenied", "NotFound", "Conflict", "VersionMismatch"}
SOURCE = Path(str(authz.__file__)).parent
CONTRACT = {
    name.removeprefix("ERROR_REASON_")
    for name in error_reason_pb2.ErrorReason.DESCRIPTOR.values_by_name
    if "UNSPECIFIED" not in name
}


def nodes() -> Iterator[ast.AST]:
    for path in SOURCE.rglob("*.py"):
        yield from ast.walk(ast.parse(path.read_text()))


def test_every_raised_reason_is_in_the_contract() -> None:
    raised = {
        node.args[0].value
        for node in nodes()
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in KINDS
        and isinstance(node.args[0], ast.Constant)
    }
    assert raised
    assert raised <= CONTRACT


def test_every_reason_of_the_contract_is_used() -> None:
    used = {node.value for node in nodes() if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert used >= CONTRACT
