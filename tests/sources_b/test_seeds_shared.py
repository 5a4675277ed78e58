"""The stewards' first rows against the founding documents and the analysts' catalogue, when these are at hand."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from flows.sources import stewards
from flows.sources.stewards_columns import FORMES
from tests.sources_b.conftest import ROOT, SEEDS


@cache
def document(folder: Path, number: str) -> list[str]:
    (path,) = folder.glob(f"{number}_*.txt")
    return path.read_text(encoding="utf-8").split("\n")


def seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def entries(catalogue: dict[str, Any]) -> dict[str, tuple[str, dict[str, Any], str]]:
    """id → (type, entry, parent) of what the catalogue of the analysts lists."""
    found: dict[str, tuple[str, dict[str, Any], str]] = {}

    def put(kind: str, items: list[dict[str, Any]], parent: str) -> None:
        found.update({item["id"]: (kind, item, parent) for item in items})

    put("finalite", [catalogue["finalite"]], "")
    put("ambition", catalogue["ambitions"], "finalite")
    put("engagement", catalogue["engagements"], "finalite")
    for engagement in catalogue["engagements"]:
        put("champ", engagement["champs_intervention"], engagement["id"])
    for project in catalogue["projets_emblematiques"]:
        put("projet", [project], project["engagement"])
    put("critere", catalogue["criteres_environnement"], "")
    for group in catalogue["criteres_qualite_de_vie"].values():
        put("critere", group, "")
    wellbeing = catalogue["dimensions_bien_etre"]
    put("dimension", wellbeing["biens_communs"] + wellbeing["facteurs_bien_etre"], "")
    return found


def lines_of(src: str | list[str]) -> set[str]:
    """`001_….txt:193` or `…:67-68` → {"001:193"}…"""
    lines = set()
    for one in [src] if isinstance(src, str) else src:
        name, _, span = one.partition(":")
        first, _, last = span.partition("-")
        lines |= {f"{name[:3]}:{n}" for n in range(int(first), int(last or first) + 1)}
    return lines


SHAPES = {  # trajectories whose shape has another name with the analysts, or is said less than they read
    "renovations_energetiques_logements-2000": "rythme_annuel",
    "rehabilitations_parc_social-150": "rythme_annuel",
    "production_logements_sociaux-210": "rythme_annuel",
    "ecart_activite_femmes_hommes-egalite": "convergence",  # an indicator that is itself a gap: to zero, in a line
    "ecart_esperance_vie_france-rapprochement": "convergence",  # only a direction is written
    "acces_services_quinze_minutes-100": "convergence",
}
# Written figures that nobody committed to (« il faudrait », « devraient », say the analysts too): never a document.
WEAKER = {
    "renovations_energetiques_logements-2000": "besoin",
    "investissement_schema_cyclable-2040": "estimation",
}

# Slips of the documents that our labels correct; `citation` keeps them.
SLIPS = {"Equité": "Équité", "protection de espaces": "protection des espaces"}


def straight(text: str) -> str:
    return text.replace("’", "'")


def corrected(text: str) -> str:
    """The words of a document as our labels write them: straight apostrophes, known slips mended."""
    text = straight(text)
    for slip, right in SLIPS.items():
        text = text.replace(slip, right)
    return text


@pytest.mark.shared
def test_the_catalogue_is_that_of_the_documents(shared: Path) -> None:
    theirs = entries(yaml.safe_load((shared / "catalogue" / "CATALOGUE.yaml").read_text(encoding="utf-8")))
    ours = {row["id"]: row for row in seed("catalogue")}
    assert set(ours) == set(theirs)
    for identifier, (kind, entry, parent) in theirs.items():
        row = ours[identifier]
        assert (row["type"], row["parent"]) == (kind, parent), identifier
        assert straight(row["libelle"]) == corrected(entry["label"]), identifier
        assert row["source"] in lines_of(entry["src"]), identifier


@pytest.mark.shared
@pytest.mark.parametrize("row", seed("catalogue"), ids=lambda row: row["id"])
def test_every_citation_stands_in_its_line(shared: Path, row: dict[str, str]) -> None:
    number, _, line = row["source"].partition(":")
    assert row["citation"] in document(shared / "documents", number)[int(line) - 1]
    words = straight(row["libelle"]).lower()
    assert words.strip(".") in corrected(row["citation"]).replace("*", "").lower()


@pytest.mark.shared
@pytest.mark.parametrize("row", seed("trajectoires"), ids=lambda row: row["trajectoire"])
def test_every_trajectory_quotes_a_target_of_ours(shared: Path, row: dict[str, str]) -> None:
    number, line = row["origine_document"], row["origine_ligne"]
    assert row["citation"] in document(shared / "documents", number)[int(line) - 1]
    with (shared / "catalogue" / "TARGETS.csv").open(encoding="utf-8", newline="") as file:
        targets = [t for t in csv.DictReader(file) if t["file"].startswith(number) and t["line"] == line]
    quoted = [t for t in targets if t["exact_quote"] in row["citation"] or row["citation"] in t["exact_quote"]]
    # One line may give several figures, the neighbour's too: ours is the one for this indicator, and its value too.
    found = [t for t in quoted if t["applies_to_caph"] == "oui" and t["indicator_id"] == row["indicateur"]]
    assert found, f"no target of the analysts quotes {number}:{line} for {row['indicateur']}"
    values = {t["target_value"].split(" ")[0] for t in found}
    assert not row["cible_valeur"] or row["cible_valeur"] in values, values
    own = {"CAPH": "200042190", "France": "F"}
    assert {own[t["territory"]] for t in found} == {row["origine_territoire"]}


@pytest.mark.shared
def test_figures_of_trajectories_are_those_of_the_targets(shared: Path) -> None:
    with (shared / "catalogue" / "INDICATORS.yaml").open(encoding="utf-8") as file:
        known = {entry["id"]: entry for entry in yaml.safe_load(file)["indicators"]}
    for row in seed("trajectoires"):
        entry = known[row["indicateur"]]
        assert row["polarite"] == entry["polarity"]
        assert SHAPES.get(row["trajectoire"], row["forme"]) == entry["trajectory"]["shape"]
        assert row["unite"].replace("CO₂", "CO2") in entry["unit"]
        if row["cible_valeur"]:
            assert float(row["cible_valeur"]) == entry["trajectory"]["target"]
        whole = row["origine_statut"] == "document"
        if row["trajectoire"] in WEAKER:
            assert row["origine_statut"] == WEAKER[row["trajectoire"]]
        else:
            assert whole == (entry["trajectory"]["status"] == "document")
        assert whole == (not row["manque"]), "a trajectory that cannot give a status says what is missing"


def test_breaks_of_series_are_written_with_their_reason() -> None:
    rows = {(row["indicateur"], row["periode"]): row for row in seed("ruptures")}
    assert {
        ("consommation_energie_finale", "2022"),
        ("jours_air_degrade", "2021"),
        ("revenu_median_uc", "2023"),
        ("taux_pauvrete", "2023"),
    } <= set(rows)
    assert all(row["motif"] and row["source"] for row in rows.values())


def test_every_column_a_steward_fills_is_explained() -> None:
    text = "".join(p.read_text(encoding="utf-8") for p in sorted((ROOT / "docs").glob("sources*.md")))
    for column in stewards.TABLES["trajectoires"].columns:
        assert f"`{column.name}`" in text, f"docs/sources.md does not explain {column.name}"
    for forme in FORMES:
        assert f"`{forme}`" in text, f"docs/sources.md does not name the shape {forme}"
