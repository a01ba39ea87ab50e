import filecmp
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
BIN = ROOT / ".venv" / "bin"


def files_below(folder: Path) -> set[str]:
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_committed_stubs_are_what_the_protos_say(tmp_path: Path) -> None:
    subprocess.run([ROOT / "libs/contracts/generate", tmp_path], check=True, capture_output=True)
    committed = ROOT / "libs/contracts/src/directory"
    names = files_below(tmp_path / "directory")
    assert files_below(committed) == names
    _, different, errors = filecmp.cmpfiles(committed, tmp_path / "directory", sorted(names), shallow=False)
    assert (different, errors) == ([], [])


def test_protos_are_clean_and_formatted() -> None:
    subprocess.run([BIN / "buf", "lint", "proto"], cwd=ROOT, check=True)
    subprocess.run([BIN / "buf", "format", "--diff", "--exit-code", "proto"], cwd=ROOT, check=True)


def test_protos_only_grow_within_v1() -> None:
    """Against proto/released.binpb: what clients may already rely on. `make released` takes additions over."""
    subprocess.run([BIN / "buf", "breaking", "proto", "--against", "proto/released.binpb"], cwd=ROOT, check=True)
