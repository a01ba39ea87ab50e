"""Every reason of the contract is raised somewhere, and nothing is raised that the contract does not know."""

import re
from pathlib import Path

import notifications
from directory.notifications.v1.error_reason_pb2 import ErrorReason

SOURCE = "\n".join(path.read_text() for path in Path(notifications.__file__).parent.rglob("*.py"))
PREFIX = "ERROR_REASON_"
OF_THE_CHASSIS = {"PAGE_TOKEN_INVALID"}


def test_reasons_and_contract_agree() -> None:
    kinds = "InvalidInput|Conflict|NotFound|VersionMismatch|PermissionDenied|LimitExceeded|Unavailable"
    raised = set(re.findall(rf'(?:{kinds})\(\s*"([A-Z_]+)"', SOURCE))
    declared = {value.name.removeprefix(PREFIX) for value in ErrorReason.DESCRIPTOR.values} - {"UNSPECIFIED"}
    assert declared - raised == set()
    assert raised - declared == OF_THE_CHASSIS
