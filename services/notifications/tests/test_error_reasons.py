"""Every reason of the contract is raised somewhere, and nothing is raised that the contract does not know."""

import re
from pathlib import Path

import notifications
from chassis import paging
from directory.notifications.v1.error_reason_pb2 import ErrorReason

# What chassis.paging raises is raised by whoever gives pages.
FILES = [Path(paging.__file__), *Path(notifications.__file__).parent.rglob("*.py")]
SOURCE = "\n".join(path.read_text() for path in FILES)
PREFIX = "ERROR_REASON_"
OF_THE_CHASSIS = {"PAGE_TOKEN_INVALID"}


def test_reasons_and_contract_agree() -> None:
    kinds = "InvalidInput|Conflict|NotFound|VersionMismatch|PermissionDenied|LimitExceeded|Unavailable"
    raised = set(re.findall(rf'(?:{kinds})\(\s*"([A-Z_]+)"', SOURCE))
    declared = {value.name.removeprefix(PREFIX) for value in ErrorReason.DESCRIPTOR.values} - {"UNSPECIFIED"}
    assert declared - raised == set()
    assert raised - declared == OF_THE_CHASSIS
