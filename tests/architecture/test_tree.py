import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = ("authz", "submissions", "listings", "metrics", "notifications", "gateway")


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, check=True, capture_output=True, text=True)
    return [ROOT / line for line in listed.stdout.splitlines()]


def test_imports_keep_the_architecture() -> None:
    subprocess.run([ROOT / ".venv/bin/lint-imports", "--config", ".importlinter"], cwd=ROOT, check=True)


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_is_deployable_alone(service: str) -> None:
    folder = ROOT / "services" / service
    for part in ("README.md", "pyproject.toml", "requirements.lock", "Dockerfile", f"src/{service}/__main__.py"):
        assert (folder / part).stat().st_size > 0, part
    assert list((folder / f"src/{service}/migrations/versions").glob("*.py")), "no migration"


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_declares_what_it_imports(service: str) -> None:
    """The shared environment of the tests would hide a missing declaration."""
    declared = {
        re.split(r"[\[>=<~! ]", line)[0].lower().replace("-", "_")
        for project in (ROOT / "services" / service, ROOT / "libs/chassis", ROOT / "libs/contracts")
        for line in tomllib.loads((project / "pyproject.toml").read_text())["project"]["dependencies"]
    }
    distributions = {
        "google": "protobuf",
        "grpc": "grpcio",
        "grpc_health": "grpcio_health_checking",
        "grpc_reflection": "grpcio_reflection",
        "grpc_status": "grpcio_status",
        "kafka": "kafka_python",
        "chassis": "directory_chassis",
        "directory": "directory_contracts",
        "PIL": "pillow",
        "resvg_py": "resvg_py",
        "opentelemetry": "opentelemetry_proto",
        "markdown_it": "markdown_it_py",
        "flask_openapi": "flask_openapi",
        "flask_wtf": "flask_wtf",
        "jinja2": "flask",
        "markupsafe": "flask",
        "wtforms": "flask_wtf",
        "uuid_utils": "uuid_utils",
    }
    import sys

    missing = {}
    for path in (ROOT / "services" / service / "src").rglob("*.py"):
        for name in re.findall(r"^\s*(?:from|import) ([a-zA-Z_0-9]+)", path.read_text(), re.MULTILINE):
            known = name in sys.stdlib_module_names or name == service
            if not known and distributions.get(name, name.lower()) not in declared:
                missing[name] = str(path.relative_to(ROOT))
    assert missing == {}


def test_no_file_names_a_registry_host() -> None:
    # Written in pieces so that this file keeps the rule itself.
    hosts = "|".join((r"py" + r"pi\.org", r"python" + r"hosted\.org", r"registry\.npm" + r"js", r"repo1?\.maven"))
    offenders = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if path.is_file() and re.search(hosts, path.read_text(errors="ignore"))
    ]
    assert offenders == []


def test_names_say_something() -> None:
    vague = {"util", "utils", "helper", "helpers", "common", "base", "misc", "manager"}
    assert [str(path) for path in tracked("*.py") if path.stem in vague or vague & set(path.parts)] == []


@pytest.mark.parametrize("document", sorted(path.name for path in (ROOT / "docs").glob("*.md")) or ["architecture.md"])
def test_documents_name_files_that_exist(document: str) -> None:
    text = (ROOT / "docs" / document).read_text()
    named = set(re.findall(r"`((?:services|libs|deploy|proto|tests|benchmarks|docs)/[\w./-]+)`", text))
    assert [name for name in sorted(named) if not (ROOT / name.rstrip("/")).exists()] == []
