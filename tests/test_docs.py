"""Docs cannot lie by omission: every command, setting, key and make target is documented."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import click
import pytest
import yaml

from flows.cli import main
from flows.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
DOCS = {path.name: path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.md"))}


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_and_option_is_documented(name: str) -> None:
    text = DOCS["commands.md"]
    assert f"`observatoire {name}" in text
    line = next(line for line in text.splitlines() if f"`observatoire {name}" in line)
    for parameter in main.commands[name].params:
        if isinstance(parameter, click.Option) and parameter.name != "help":
            option = max(parameter.opts, key=len)
            assert option in line, f"{option} of {name} is not documented"


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_documented(name: str) -> None:
    assert f"`OBSERVATOIRE_{name.upper()}`" in DOCS["settings.md"]


def test_no_setting_is_documented_that_does_not_exist() -> None:
    told = set(re.findall(r"^\| `OBSERVATOIRE_([A-Z_]+)`", DOCS["settings.md"], re.MULTILINE))
    assert told == {name.upper() for name in Settings.model_fields}


def test_every_key_of_the_territory_file_is_documented() -> None:
    value = tomllib.loads((ROOT / "observatoire.toml").read_text(encoding="utf-8"))
    keys = {key for part in value.values() for key in (part if isinstance(part, dict) else part[0])}
    for key in keys:
        assert key in DOCS["settings.md"], key


def test_every_make_target_is_documented() -> None:
    targets = re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for target in targets:
        if target != "help":
            assert f"`{target}`" in DOCS["commands.md"], target


def test_every_deployment_is_documented() -> None:
    value = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))
    for deployment in value["deployments"]:
        assert f"`{deployment['name']}`" in DOCS["operations.md"], deployment["name"]
        assert deployment["description"]


def test_every_suite_key_is_documented() -> None:
    from flows.quality.suites import Rule, Suite

    for model in (Suite, Rule):
        for key in model.model_fields:
            assert f"`{key}`" in DOCS["guide-intendant.md"], f"key {key} of a suite"


def test_every_run_record_key_is_documented(tmp_path: Path) -> None:
    import datetime as dt

    from flows.record import RunRecord

    record = RunRecord.start(
        tmp_path, kind="nightly", mode="demonstration", nuit=dt.date(2026, 11, 20), now=dt.datetime.now(dt.UTC)
    )
    for key in record.value:
        assert f"`{key}" in DOCS["run-record.md"], key


def test_links_between_docs_resolve() -> None:
    for path in [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md"]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"
