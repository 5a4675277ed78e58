"""A small observatory: a frozen copy of the code that keeps a dozen indicators and what they need, nothing else.

What a killed night, a full disk or a broken source must not do is a matter of the machinery, and a night of the
whole catalogue costs more than twice as much: `make test` tries them here, `make campaign` on the whole code. What
stays is worked out from the models themselves (marts, then every `ref` and `landed` upstream), so that nothing here
lists tables.
Not here: freezing (`frozen`) and any trial.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection
from pathlib import Path

import yaml

from tests.campaign.frozen import freeze

# One or more of each protocol and of each host that the faults break; real, simulated and deposited figures.
INDICATORS = (
    "apl_medecins_generalistes",
    "consommation_enaf",
    "consommation_energie_finale",
    "emissions_ges",
    "jours_air_degrade",
    "part_deliberations_rattachees",
    "part_logements_dpe_fg",
    "points_recharge_irve",
    "population",
    "rehabilitations_parc_social",
    "revenu_median_uc",
    "taux_pauvrete",
    "usagers_actifs_lecture_publique",
)
_REF = re.compile(r"\bref\(\s*['\"](\w+)['\"]\s*\)")
_LANDED = re.compile(r"\b(?:landed|newest_per_key)\(\s*['\"](\w+)['\"]\s*,\s*['\"](\w+)['\"]")
_ALWAYS = ("stewards", "saisies", "saisies_reponses")
_SHARED = ("referentiel", "saisies")  # every observatory has its stewards' tables and its deposits


def freeze_small(target: Path, indicators: Collection[str] = INDICATORS) -> Path:
    """Freeze the code into `target`, cut it down to `indicators`, and return it."""
    freeze(target)
    models = {path.stem: path for path in (target / "dbt_project/models").rglob("*.sql")}
    macros = "".join(path.read_text("utf-8") for path in (target / "dbt_project/macros").glob("*.sql"))
    kept = _upstream(models, _REF.findall(macros), indicators)
    tables = {"__".join(found) for name in kept for found in _LANDED.findall(models[name].read_text("utf-8"))}
    for name, path in models.items():
        if name not in kept:
            path.unlink()
    for path in (target / "dbt_project/models").rglob("*.yml"):
        _declare_only(path, kept)
    for path in (target / "expectations").glob("*__*.yml"):
        if path.stem not in tables and not path.stem.startswith(_SHARED):
            path.unlink()
    _drop_sources(target, tables)
    for name in ("trajectoires", "ruptures"):
        _rows_about(target / "dbt_project/seeds" / f"{name}.csv", indicators)
    return target


def _upstream(models: dict[str, Path], by_macros: list[str], indicators: Collection[str]) -> set[str]:
    wanted = by_macros + [name for name, path in models.items() if path.parent.name == "marts"]
    wanted += [f"ind_{name}" for name in indicators]
    seen: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name not in seen:
            seen.add(name)
            wanted += _REF.findall(models[name].read_text("utf-8"))
    return seen


def _declare_only(path: Path, kept: set[str]) -> None:
    """Keep what a yml says of the models that stay; unit tests are the business of `make test` on the whole code."""
    told = yaml.safe_load(path.read_text("utf-8")) or {}
    if path.parent.name == "indicators" and path.stem not in kept:
        path.unlink()
        return
    told.pop("unit_tests", None)
    if "models" in told:
        told["models"] = [model for model in told["models"] if model["name"] in kept]
    path.write_text(yaml.safe_dump(told, allow_unicode=True, sort_keys=False), encoding="utf-8")


def _drop_sources(target: Path, tables: set[str]) -> None:
    """Remove the providers that no kept table comes from (a module may give several datasets: it stays whole)."""
    for path in (target / "flows/sources").glob("*.py"):
        text = path.read_text("utf-8")
        if "\ndef datasets(" not in text:
            continue
        ids = set(re.findall(r"['\"]([a-z_0-9]+)/([a-z_0-9]+)['\"]", text))
        if not {"__".join(found) for found in ids} & tables and path.stem not in _ALWAYS:
            path.unlink()


def _rows_about(path: Path, indicators: Collection[str]) -> None:
    """Keep the rows of a steward's table that are about the kept indicators."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = [row for row in reader if row["indicateur"] in indicators]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, reader.fieldnames or [], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
