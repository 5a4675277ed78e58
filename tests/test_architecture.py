"""The house's rules on imports and files, held on the code itself (docs/architecture.md)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FLOWS = ROOT / "flows"
MIDDLE = {"landing", "sources", "warehouse", "quality", "publishing", "alerts", "portal"}
# The flow files (one a deployment) and what they share.
PREFECT_FILES = {"tracked.py", "nightly.py", "yearly.py", "inbox.py", "alerting.py", "rebuild.py", "doctor.py"}
# library → where it may be imported
ONLY_IN = {
    "prefect": lambda p: p.parent == FLOWS and p.name in PREFECT_FILES,
    "duckdb": lambda p: p.parent.name in {"warehouse", "landing"},
    "requests": lambda p: p == FLOWS / "sources" / "http.py",
    "great_expectations": lambda p: p.parent.name == "quality",
    "smtplib": lambda p: p.parent.name == "alerts",
    "dbt": lambda p: p.parent.name == "warehouse",
}
FILES = sorted(FLOWS.rglob("*.py"))


def imports(path: Path) -> set[str]:
    """Full names of every module a file imports, wherever the import stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return found


def room(path: Path) -> str:
    parts = path.relative_to(FLOWS).parts
    return parts[0] if len(parts) > 1 else ""


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(FLOWS)))
def test_imports_point_one_way(path: Path) -> None:
    mine = room(path)
    for name in imports(path):
        parts = name.split(".")
        if parts[0] != "flows" or len(parts) < 2:
            continue
        other = parts[1]
        if mine == "core":
            assert other == "core", f"core imports {name}"
        elif mine in MIDDLE:
            assert other in {mine, "core", "files", "failpoints"}, (
                f"{mine} imports {name}: rooms of the middle floor do not meet"
            )
        if path.name not in {"settings.py", "cli.py"} and other == "settings":
            assert mine == "", f"{path} reads the settings: only flows and cli do"
        if mine == "" and path.name != "cli.py":
            assert other != "cli", f"{path} imports the command line"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(FLOWS)))
def test_libraries_stay_in_their_room(path: Path) -> None:
    for name in imports(path):
        library = name.split(".")[0]
        if library in ONLY_IN:
            assert ONLY_IN[library](path), f"{path.relative_to(ROOT)} imports {library}"


def test_core_is_pure() -> None:
    forbidden = {"os", "pathlib", "socket", "time", "subprocess", "tempfile", "shutil", "random", "urllib.request"}
    for path in sorted((FLOWS / "core").glob("*.py")):
        assert not imports(path) & forbidden, f"{path.name} touches the outside world"


def test_files_stay_small_and_well_named() -> None:
    suffixes = {".py", ".sql", ".css", ".js", ".j2", ".html"}
    folders = ("flows", "dbt_project/models", "dbt_project/macros", "site", "tests")
    long = {
        str(path.relative_to(ROOT)): count
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in suffixes and (count := len(path.read_text(encoding="utf-8").splitlines())) > 310
    }
    assert not long, f"over about 300 lines: {long}"
    assert not [p for p in FILES if p.stem in {"utils", "util", "helpers", "misc", "common"}]


def test_every_module_says_what_it_does() -> None:
    for path in FILES:
        doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
        assert doc, f"{path.relative_to(ROOT)} has no module docstring"


def test_help_is_light() -> None:
    """`observatoire --help` imports none of the heavy libraries."""
    import subprocess
    import sys

    code = (
        "import sys; from click.testing import CliRunner; from flows.cli import main; "
        "assert CliRunner().invoke(main, ['--help']).exit_code == 0; "
        "heavy = {'prefect', 'dbt', 'great_expectations', 'pandas', 'duckdb', 'altair'} & set(sys.modules); "
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_no_machine_is_named() -> None:
    """Nothing in the project names a workplace, a path of a machine or a registry's host."""
    words = ["/wo" + "rk/", "index" + "-url=", "index" + "-url http", "/ro" + "ot/"]
    for path in sorted(ROOT.rglob("*")):
        relative = path.relative_to(ROOT)
        if not path.is_file() or relative.parts[0] in {".git", ".venv", "planches", ".ruff_cache", ".hypothesis"}:
            continue
        if relative.parts[0] == "warehouse" and relative.parts[1:2] != ("demonstration",):
            continue
        if path.suffix in {".py", ".md", ".toml", ".yml", ".yaml", ".sh", ".csv", ".lock", ".j2", ".html", ""}:
            text = path.read_text(encoding="utf-8", errors="ignore")
            assert not [w for w in words if w in text], f"{relative} names a machine"
