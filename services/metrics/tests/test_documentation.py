"""The documents say what the code does."""

import re
from pathlib import Path

from metrics.domain.arrow_limits import RecordLimits
from metrics.domain.screening import screen
from metrics.domain.usage_columns import SCHEMA, decode_arrow
from metrics.domain.vocabulary import Vocabularies

ROOT = Path(__file__).parents[3]
EVENTS = (ROOT / "docs" / "usage-events.md").read_text()


def test_the_example_counts():
    (example,) = re.findall(r"```python\n(.*?)```", EVENTS, re.DOTALL)
    made = {}
    exec(example, made)
    columns = decode_arrow(made["value"], RecordLimits())
    screened = screen(Vocabularies().coded(columns), 1_773_000_001_000_000)
    assert len(screened.columns) == 1
    assert columns.server.values[0] == "0198c0de-0000-7000-8000-000000000001"


def test_all_columns_are_documented():
    assert re.findall(r"^\| `(\w+)` \| (?:uint|int|dict|bool)", EVENTS, re.MULTILINE) == SCHEMA.names


def test_all_reasons_are_documented():
    source = Path(ROOT / "services" / "metrics" / "src" / "metrics")
    code = "".join((source / place).read_text() for place in _READING)
    reasons = set(re.findall(r'UnreadableRecord\(\s*"(\w+)"', code)) | set(re.findall(r'yield "(\w+)"', code))
    assert {"late", "column_missing", "bad_headers", "raw_account"} <= reasons
    assert {reason for reason in reasons if f"`{reason}`" not in EVENTS} == set()


_READING = ("domain/arrow_limits.py", "domain/usage_columns.py", "domain/screening.py", "consumers/usage_records.py")
