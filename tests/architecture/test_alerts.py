"""Alerts that operators load rest on what processes really export, from their start."""

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

ROOT = Path(__file__).parents[2]
GROUPS = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text())["groups"]
RULES = {rule["alert"]: rule for group in GROUPS for rule in group["rules"]}
# Names with an underscore that are not called: functions and `and on (instance)` have none, or are.
_SELECTOR = re.compile(r"\b([a-z]+(?:_[a-z]+)+)\b(?!\s*\()(?:\{([^}]*)\})?")
_LABEL = re.compile(r'(\w+)="([^"]*)"')
_EXPORT = """
import importlib, sys
from prometheus_client import generate_latest
for module in sys.argv[1:]:
    importlib.import_module(module)
print(generate_latest().decode())
"""


def measuring():
    """The modules that measure anything."""
    sources = [path for path in ROOT.glob("*/*/src/**/*.py") if "from prometheus_client import" in path.read_text()]
    return tuple(".".join(path.with_suffix("").parts[len(ROOT.parts) + 3 :]) for path in sources)


@cache
def exported(modules):
    """Names of the families, and samples with their labels, of a process in which nothing has happened yet."""
    process = subprocess.run([sys.executable, "-c", _EXPORT, *modules], check=True, capture_output=True, text=True)
    families = list(text_string_to_metric_families(process.stdout))
    return {family.name for family in families}, [(s.name, s.labels) for family in families for s in family.samples]


@pytest.mark.parametrize("alert", RULES)
def test_what_an_alert_rests_on_is_there_from_the_start(alert):
    """Or its absence fires the alert, and it is at least known by that name."""
    families, samples = exported(measuring())
    expression = RULES[alert]["expr"]
    selectors = _SELECTOR.findall(expression)
    assert selectors
    for name, labels in selectors:
        wanted = _LABEL.findall(labels)
        if f"absent({name})" in expression:
            assert name in families
        else:
            assert any(name == other and dict(wanted).items() <= known.items() for other, known in samples), name


def test_where_a_measurement_is_missed_no_other_process_stands_in_for_it():
    """What every process of metrics has from its start would never be missed."""
    missed = {name for rule in RULES.values() for name in re.findall(r"absent\((\w+)\)", rule["expr"])}
    assert missed
    assert missed & {name for name, _ in exported(("metrics.__main__",))[1]} == set()


def test_rules_are_such_as_prometheus_takes_and_each_is_explained():
    explained = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/operations.md").read_text(), re.MULTILINE)
    assert sorted(set(explained) & set(RULES)) == sorted(RULES)
    assert len(RULES) == sum(len(group["rules"]) for group in GROUPS)
    for rule in RULES.values():
        assert rule.keys() - {"for"} == {"alert", "expr", "annotations"}
        assert re.fullmatch(r"\d+[smhd]", rule.get("for", "1m"))
