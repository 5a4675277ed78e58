"""`observatoire check`: every declaration read and compared with the others, before any night does.

Each problem is a French sentence with its file and line. Not here: what a night checks of figures (flows.quality) and
the rules of one file, which live with their reader (catalogue, suites, stewards' tables).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from flows.core import yamls
from flows.core.datasets import Dataset, Territory
from flows.core.errors import ObservatoireError
from flows.quality.suites import load_suite
from flows.settings import Paths
from flows.sources import registry
from flows.sources.stewards import TABLES, decode, read_page
from flows.warehouse.catalogue import Indicator, indicators_table, read_indicators
from flows.warehouse.positions import where

_DEPOSITS = re.compile(r"{{-?\s*(avec_saisies|observations_saisies|saisies_rapportees)\(")


@dataclass(frozen=True, order=True)
class Problem:
    """Something to mend: where it is, what it is, what to do. Sorted by place."""

    where: str
    what: str
    todo: str = ""

    def in_french(self) -> str:
        return f"{self.where} : {self.what}" + (f" ({self.todo})" if self.todo else "")


def check(paths: Paths, territory: Territory) -> list[Problem]:
    """Every problem of the declarations, sorted; empty when all of them hold together."""
    problems: list[Problem] = []
    indicators: list[Indicator] = []
    datasets: dict[str, Dataset] = {}
    try:
        indicators = read_indicators(paths.dbt_project / "models" / "indicators")
    except ObservatoireError as error:
        problems.append(_problem(error, "dbt_project/models/indicators"))
    try:
        datasets = registry(territory)
    except ObservatoireError as error:
        problems.append(_problem(error, "flows/sources"))
    problems += _seeds(paths, territory)
    problems += _suites(paths, datasets)
    problems += _crossed(paths, territory, indicators, datasets)
    problems += _staging(paths, datasets)
    problems += _words(paths)
    return sorted(set(problems))


def _problem(error: ObservatoireError, place: str) -> Problem:
    return Problem(error.where or place, error.what, error.todo)


def _seeds(paths: Paths, territory: Territory) -> Iterator[Problem]:
    for name in sorted(TABLES):
        try:
            decode(name, [read_page(paths.seeds / f"{name}.csv", name)], territory)
        except ObservatoireError as error:
            yield _problem(error, f"dbt_project/seeds/{name}.csv")


def _suites(paths: Paths, datasets: dict[str, Dataset]) -> Iterator[Problem]:
    tables = {dataset.table_name: dataset for dataset in datasets.values()}
    for path in sorted(paths.expectations.glob("*.yml")):
        try:
            suite = load_suite(path)
        except ObservatoireError as error:
            yield _problem(error, f"expectations/{path.name}")
            continue
        if suite.etape == "edition" and datasets and path.stem not in tables:
            yield Problem(
                f"expectations/{path.name}", "Aucun jeu de données ne porte ce nom.", "renommer ou retirer la suite"
            )
    for name, dataset in sorted(tables.items()):
        if not dataset.steward and not (paths.expectations / f"{name}.yml").exists():
            yield Problem(
                f"expectations/{name}.yml",
                f"Le jeu {dataset.id} n’a pas de suite : toutes ses éditions seraient refusées.",
                "écrire la suite",
            )


def _crossed(
    paths: Paths, territory: Territory, indicators: list[Indicator], datasets: dict[str, Dataset]
) -> Iterator[Problem]:
    """What an indicator says of other declarations: datasets, catalogue, references to models."""
    try:
        catalogue = decode("catalogue", [read_page(paths.seeds / "catalogue.csv", "catalogue")], territory)
        rows = catalogue.to_pylist()
    except ObservatoireError:
        rows = []  # told already by the seeds
    for indicator in indicators:
        try:
            indicators_table([indicator], territory, rows)
        except ObservatoireError as error:
            yield _problem(error, indicator.path.name)
        for jeu in indicator.words.jeux:
            if datasets and jeu not in datasets:
                yield Problem(
                    where(indicator.path, ("jeux",)),
                    f"L’indicateur {indicator.indicateur} lit le jeu « {jeu} », qui n’existe pas.",
                    "choisir un jeu déclaré dans flows/sources",
                )
        sql = indicator.path.with_suffix(".sql")
        if indicator.calcule and indicator.words.saisie != "non" and not _DEPOSITS.search(sql.read_text("utf-8")):
            yield Problem(
                sql.name,
                "Les dépôts de cet indicateur sont acceptés, mais sa requête ne les lit pas.",
                "terminer par avec_saisies (docs/indicators.md), ou retirer « saisie » du yml",
            )
        for level in indicator.words.comparaisons:
            known = {niveau for niveau, _, _ in territory.references} | {"epci", "groupe", "bassin_de_vie"}
            if level not in known:
                yield Problem(
                    where(indicator.path, ("comparaisons",)),
                    f"Le niveau de comparaison « {level} » n’a pas de territoire dans observatoire.toml.",
                    "ajouter une référence ou retirer ce niveau",
                )


def _staging(paths: Paths, datasets: dict[str, Dataset]) -> Iterator[Problem]:
    """Staging models and datasets name each other by their path."""
    folder = paths.dbt_project / "models" / "staging"
    known = {dataset.table_name for dataset in datasets.values()}
    for path in sorted(folder.glob("*/stg_*.sql")) if datasets else ():
        name = path.stem.removeprefix("stg_")
        if name not in known:
            yield Problem(
                path.relative_to(paths.root).as_posix(),
                f"Ce modèle lit un jeu « {name.replace('__', '/')} » qui n’est pas déclaré.",
                "déclarer le jeu dans flows/sources, ou renommer le modèle",
            )


def _words(paths: Paths) -> Iterator[Problem]:
    """Interface words are YAML; a page that misses one says so by its tests."""
    path: Path = paths.site / "words.yml"
    try:
        yamls.load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        yield Problem(
            "site/words.yml", f"Le fichier des mots ne se lit pas ({type(error).__name__}).", "le restaurer"
        )
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        yield Problem(
            f"site/words.yml, ligne {line}", f"Le YAML est mal écrit : {error.problem}.", "corriger la ligne"
        )
