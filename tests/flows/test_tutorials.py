"""docs/tutorials.md, followed word for word in a copy of the project; and what `check` and `new` refuse."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from flows.cli import main
from flows.declaring import check
from flows.documenting import documents
from flows.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("dbt_project", "expectations", "site", "docs", "flows", "prefect.yaml", "observatoire.toml")


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "target"))
        else:
            shutil.copy(ROOT / name, tmp_path / name)
    monkeypatch.setenv("OBSERVATOIRE_ROOT", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str):
    return CliRunner().invoke(main, list(words), catch_exceptions=False)


def test_the_declarations_of_the_project_hold_together():
    settings = load_settings(root=ROOT)
    assert [p.in_french() for p in check(settings.paths, settings.territory)] == []


def test_what_follows_from_declarations_is_up_to_date():
    settings = load_settings(root=ROOT)
    stale = [
        path.name
        for path, text in documents(settings.paths, settings.territory).items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    assert not stale, "run: observatoire document"


def test_every_tutorial_is_true(copy: Path):
    text = (copy / "docs" / "tutorials.md").read_text(encoding="utf-8")
    steps = re.findall(r"^    \$ observatoire ([^\n]+)$|^```\w+ file=(\S+)\n(.*?)^```$", text, re.M | re.S)
    assert len(steps) >= 9
    for command, path, body in steps:
        if path:
            assert (copy / path).exists(), path
            (copy / path).write_text(body, encoding="utf-8")
            continue
        done = run(*command.split())
        # The module of a source written a moment ago is not importable here: the program runs from its own folder.
        told = [line for line in done.output.splitlines() if "essai__mesures" not in line]
        assert done.exit_code == 0 or command == "check", done.output
        assert not [line for line in told if line.startswith(("ind_", "dbt_project", "expectations", "flows"))], told
    indicators = {p.name for p in (copy / "dbt_project" / "models" / "indicators").glob("ind_*essai*")}
    assert len(indicators) == 5  # one file declared, two computed, two deposited
    assert (copy / "flows" / "sources" / "essai.py").exists()
    compile((copy / "flows" / "sources" / "essai.py").read_text(encoding="utf-8"), "essai.py", "exec")


def test_what_exists_is_never_overwritten(copy: Path):
    path = copy / "dbt_project" / "models" / "indicators" / "ind_population.yml"
    before = path.read_bytes()
    done = run("new", "indicator", "population")
    assert done.exit_code == 2 and "existe déjà" in done.output and path.read_bytes() == before


@pytest.mark.parametrize(
    "words", [("source", "essai"), ("indicator", "Été"), ("saisie", "../x"), ("source", "a/../b")]
)
def test_a_name_that_is_no_address_is_refused(copy: Path, words: tuple[str, str]):
    done = run("new", *words)
    assert done.exit_code == 2 and "Que faire" in done.output


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("dbt_project/models/indicators/ind_population.yml", "jeux: [", "jeux: [rien/du_tout, ", "rien/du_tout"),
        ("dbt_project/models/indicators/ind_population.yml", "titre_court:", "titre_cour:", "titre_cour"),
        ("dbt_project/models/indicators/ind_population.yml", "sert: [", "sert: [e9_inconnu, ", "e9_inconnu"),
        ("dbt_project/seeds/ruptures.csv", ",2022,", ",22,", "ruptures.csv"),
        ("expectations/geo__communes.yml", "severite: bloquant", "severite: bloquante", "geo__communes.yml"),
        ("site/words.yml", "accueil:", "accueil: [", "words.yml"),
    ],
)
def test_a_mistake_is_told_with_its_file(copy: Path, file: str, old: str, new: str, told: str):
    path = copy / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    settings = load_settings(root=copy)
    problems = check(settings.paths, settings.territory)
    assert problems and any(told in problem.in_french() for problem in problems), problems
