"""Every reason of the contract is raised somewhere, and nothing is raised that the contract does not know."""

import re
from pathlib import Path

import listings
from chassis import paging
from directory.listings.v1.error_reason_pb2 import ErrorReason

# What chassis.paging raises is raised by whoever gives pages.
FILES = [Path(paging.__file__), *Path(listings.__file__).parent.rglob("*.py")]
SOURCE = "\n".join(path.read_text() for path in FILES)
PREFIX = "ERROR_REASON_"
RAISED_BY_THE_CHASSIS = {"SERVICE_UNAVAILABLE"}
ONLY_IN_DEAD_LETTERS = {"EVENT_INVALID", "SLUG_TAKEN"}


def test_reasons_and_contract_agree() -> None:
    kinds = "InvalidInput|Conflict|NotFound|VersionMismatch|PermissionDenied|LimitExceeded|Unavailable"
    raised = set(re.findall(rf'(?:{kinds})\(\s*"([A-Z_]+)"', SOURCE))
    declared = {value.name.removeprefix(PREFIX) for value in ErrorReason.DESCRIPTOR.values} - {"UNSPECIFIED"}
    assert declared - raised == set()
    assert raised - declared == ONLY_IN_DEAD_LETTERS | RAISED_BY_THE_CHASSIS
