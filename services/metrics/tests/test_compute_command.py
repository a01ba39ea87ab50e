"""Which days `compute` is asked for: what it cannot do is said, not done in another way."""

from datetime import UTC, date, datetime, timedelta

import pytest
from click.testing import CliRunner
from metrics import wiring
from metrics.__main__ import main

TODAY = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def compute(monkeypatch, grant_keys, certificates):
    """compute("--once") -> (exit code, what it said, the days that it computed; None for the daemon)."""
    asked = []
    monkeypatch.setattr("chassis.clock.now", lambda: TODAY)
    monkeypatch.setattr(wiring, "compute_days", lambda _, days: asked.append(days))
    monkeypatch.setattr(wiring, "compute", lambda _: asked.append(None))
    variables = {
        "TLS_DIR": str(certificates / "metrics"),
        "GRANT_KEYS_FILE": str(grant_keys.public_keys),
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "DATABASE_URL_METRICS": "postgresql://nowhere",
    }

    def run(*arguments):
        done = CliRunner().invoke(main, ["compute", *arguments], env=variables)
        return done.exit_code, done.output, asked

    return run


@pytest.mark.parametrize(
    ("arguments", "days"),
    [
        ([], None),
        (["--once"], [date(2026, 3, 9)]),
        (["--day", "2026-02-05"], [date(2026, 2, 5)]),
        (["--from", "2026-03-08"], [date(2026, 3, 8), date(2026, 3, 9)]),
        (["--from", "2026-02-27", "--to", "2026-03-01"], [date(2026, 2, 27) + timedelta(days=n) for n in range(3)]),
    ],
)
def test_days_that_can_be_computed(compute, arguments, days):
    code, _, asked = compute(*arguments)
    assert (code, asked) == (0, [days])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--day", "2026-02-04"], "Give days from 2026-02-05 to 2026-03-09"),
        (["--day", "2026-03-10"], "Give days from"),
        (["--day", "2027-01-01"], "Give days from"),
        (["--from", "2026-03-10"], "Give days from"),
        (["--from", "2026-01-01", "--to", "2026-03-01"], "Give days from"),
        (["--from", "2026-03-01", "--to", "2026-03-10"], "Give days from"),
        (["--from", "2026-03-05", "--to", "2026-03-04"], "is after --to 2026-03-04"),
        (["--to", "2026-03-04"], "give that too"),
        (["--day", "2026-03-04", "--to", "2026-03-05"], "give that too"),
        (["--once", "--day", "2026-03-04"], "not two of them"),
        (["--day", "2026-03-04", "--from", "2026-03-04"], "not two of them"),
    ],
)
def test_what_cannot_be_computed_is_said_and_nothing_is(compute, arguments, said):
    code, output, asked = compute(*arguments)
    assert (code, asked) == (2, [])
    assert said in " ".join(output.split())
