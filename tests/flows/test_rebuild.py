"""Rebuilding under other code: what differs is told, and the code of the manifest gives every byte again."""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from flows.core.errors import ReleaseError
from flows.landing.land import Landing
from flows.past_code import commit_of, extract, require_code
from flows.warehouse.code import FILES, code_fingerprint
from flows.warehouse.releases import tree_digest
from tests.campaign.frozen import command
from tests.nights import observatory

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="no git on this machine")


def commit(root: Path, message: str) -> str:
    """Commit everything of `root`; returns the id of the commit."""
    who = ("-c", "user.name=essai", "-c", "user.email=essai@example.invalid", "-c", "commit.gpgsign=false")
    for arguments in (("init", "-q"), ("add", "-A"), (*who, "commit", "-q", "--no-verify", "-m", message)):
        subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True)
    told = subprocess.run(["git", "-C", str(root), "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    return told.stdout.strip()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The least that has a fingerprint."""
    root = tmp_path / "projet"
    for name in (
        "flows/a.py",
        "flows/b/c.py",
        "flows/b-d.py",
        "dbt_project/m.sql",
        "site/é.css",
        "prefect.yaml",
        *FILES,
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"# {name}\n", encoding="utf-8")
    return root


def test_the_fingerprint_is_of_names_and_bytes(project: Path) -> None:
    before = code_fingerprint(project)
    for ignored in ("flows/a.txt", "flows/__pycache__/a.py", "dbt_project/seeds/x.sql", "tests/t.py"):
        (project / ignored).parent.mkdir(parents=True, exist_ok=True)
        (project / ignored).write_text("x", encoding="utf-8")
    assert code_fingerprint(project) == before
    (project / "flows/b/c.py").rename(project / "flows/b/d.py")
    after = code_fingerprint(project)
    assert {part for part in after if after[part] != before[part]} == {"flows", "ensemble"}
    assert after["observatoire.toml"] == hashlib.sha256((project / "observatoire.toml").read_bytes()).hexdigest()


@needs_git
def test_the_code_of_a_manifest_is_found_in_the_history(project: Path, tmp_path: Path) -> None:
    wanted = code_fingerprint(project)
    assert commit_of(project, wanted) == "", "there is no history"
    first = commit(project, "premier")
    (project / "flows/a.py").write_text("# changed\n", encoding="utf-8")
    second = commit(project, "deuxième")
    assert commit_of(project, wanted) == first
    assert commit_of(project, code_fingerprint(project)) == second
    assert commit_of(project, wanted | {"ensemble": "0"}) == ""
    assert code_fingerprint(extract(project, first, tmp_path / "retrouvé")) == wanted


def test_another_code_than_the_manifest_s_is_refused(project: Path) -> None:
    wanted = code_fingerprint(project)
    with pytest.raises(ReleaseError, match="ne contient pas le programme"):
        require_code(project, {"id": "2026-11-20-00000000"}, wanted)
    (project / "flows/cli.py").write_text("", encoding="utf-8")
    with pytest.raises(ReleaseError, match="2026-11-20-00000000 : flows diffèrent"):
        require_code(project, {"id": "2026-11-20-00000000"}, wanted)


@needs_git
@pytest.mark.slow
def test_an_old_night_under_other_code_then_under_its_own(
    tmp_path: Path, small_code: Path, small_night: Path
) -> None:
    """The new code changes the population of one commune: that is told, nothing else; the old code undoes it.

    What was landed after the release, the same night, is not part of it.
    """
    root, warehouse = tmp_path / "programme", tmp_path / "entrepot"
    shutil.copytree(small_code, root, ignore=shutil.ignore_patterns("__pycache__", "demonstration"))
    shutil.copytree(small_night, warehouse, symlinks=True)
    old = commit(root, "celui du manifeste")
    model = root / "dbt_project/models/indicators/ind_population.sql"
    text = model.read_text(encoding="utf-8")
    model.write_text(text.replace("\n  valeur,", "\n  valeur + (code = '59491')::int as valeur,"), encoding="utf-8")
    assert text != model.read_text(encoding="utf-8")
    commit(root, "un autre calcul")

    built = observatory(warehouse)
    decisions = built.datasets["referentiel/decisions"]
    page = built.steward_page(decisions)
    late = replace(page, body=page.body + b"edition,ore/consommation,,ore_x,0123456789ab,accepter,m,a,2026-11-01\n")
    landing = Landing(built.log, built.cache, dt.date(2026, 11, 20), built.clock.now(), built.transport)
    assert landing.pages(decisions, "courant", [late]).state == "nouvelle"

    def rebuild(*more: str, as_of: str = "2026-11-20") -> tuple[int, str]:
        child = command(root, warehouse, "rebuild", "--as-of", as_of, *more)
        out, err = child.communicate(timeout=300)
        return child.returncode, out + ("" if child.returncode == 0 else err)

    code, told = rebuild(as_of="2020-01-01")
    assert code == 1 and "Aucune version" in told
    code, told = rebuild()
    assert code == 0 and "le programme a changé depuis" in told, told
    tables = [line.split()[1] for line in told.splitlines() if line.startswith("  table ")]
    assert tables == ["fct_observation"], told
    (changed,) = [line for line in told.splitlines() if "fichiers modifiés" in line]
    assert "communes/59491/index.html" in changed and "indicateurs/population/index.html" in changed
    assert "taux-pauvrete" not in changed and "accessibilite" not in changed, "what did not change is not told"
    assert "  population : 0 ajoutée(s), 0 retirée(s), 11 modifiée(s)" in told
    assert f"est le commit {old[:12]}" in told

    kept = tmp_path / "reconstruite"
    code, told = rebuild("--code", "manifeste", "--into", str(kept))
    assert code == 0 and "reconstruite à l'octet près" in told, told
    current = small_night / "current"
    assert (kept / "manifest.json").read_bytes() == (current / "manifest.json").read_bytes()
    assert [tree_digest(kept / part) for part in ("site", "etat")] == [
        tree_digest(current / part) for part in ("site", "etat")
    ]
    assert not list((warehouse / "candidates").glob(".en-cours-*")), "nothing is left of the other code"
