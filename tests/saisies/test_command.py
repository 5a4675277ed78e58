"""`observatoire saisie …` and what a whole night does of a good and a bad deposit."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from flows.cli import main
from flows.sources import saisies
from tests.nights import ROOT, Small, observatory
from tests.saisies.deposits import csv_of, row

NUIT = dt.date(2026, 11, 21)


def cli(warehouse: Path, *arguments: str) -> Result:
    settings = {"OBSERVATOIRE_ROOT": str(ROOT), "OBSERVATOIRE_WAREHOUSE": str(warehouse)}
    return CliRunner().invoke(main, ["saisie", *arguments], env=settings)


def test_a_template_is_a_deposit_once_filled(tmp_path: Path) -> None:
    done = cli(tmp_path / "w", "modele", "tous", "--into", str(tmp_path / "modeles"))
    assert done.exit_code == 0, done.output
    names = sorted(p.name for p in (tmp_path / "modeles").iterdir())
    assert "saisie-service-habitat.csv" in names and "saisie-service-habitat.xlsx" in names
    for name in ("saisie-service-habitat.csv", "saisie-service-habitat.xlsx"):
        done = cli(tmp_path / "w", "verifier", str(tmp_path / "modeles" / name))
        assert done.exit_code == 1 and "aucune ligne n’est renseignée" in done.output  # blank, and nothing else wrong
    text = (tmp_path / "modeles" / "saisie-service-habitat.csv").read_text(encoding="utf-8-sig")
    line = next(line for line in text.splitlines() if line.startswith("rehabilitations_parc_social;epci"))
    filled = line.replace("2025;;", "2024;412;").replace(";;;Service", ";definitif;bilan;Service")
    filled = filled.removesuffix(";;") + ";31/03/2025;"
    path = tmp_path / "rempli.csv"
    path.write_text(text.replace(line, filled), encoding="utf-8-sig")
    done = cli(tmp_path / "w", "deposer", str(path))
    assert done.exit_code == 0 and (tmp_path / "w" / "inbox" / "rempli.csv").exists(), done.output
    assert cli(tmp_path / "w", "deposer", str(path)).exit_code == 0
    assert (tmp_path / "w" / "inbox" / "rempli (2).csv").exists()


def test_a_template_gives_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        assert cli(tmp_path / "w", "modele", "service-habitat", "--into", str(tmp_path / folder)).exit_code == 0
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes(), file.name


def test_a_wrong_service_or_file_says_what_to_do(tmp_path: Path) -> None:
    done = cli(tmp_path / "w", "modele", "inconnu")
    assert done.exit_code == 2
    path = tmp_path / "x.csv"
    path.write_bytes(csv_of(row(indicateur_id="rehabilitations_parc_social", valeur="beaucoup")))
    assert "Ligne 2, colonne « valeur »" in cli(tmp_path / "w", "verifier", str(path)).output
    assert cli(tmp_path / "w", "deposer", str(path)).exit_code == 1
    assert not list((tmp_path / "w").glob("inbox/*.csv"))


@pytest.mark.slow
def test_a_whole_night_takes_one_and_refuses_one(small: Small) -> None:
    warehouse = small.warehouse
    bodies = {
        "bon.csv": csv_of(
            row(indicateur_id="rehabilitations_parc_social"),
            *(
                row(indicateur_id="usagers_actifs_lecture_publique", unite="usagers", valeur=str(value),
                    territoire_type=kind, territoire_code=code)
                for kind, code, value in (("epci", "200042190", 12_000), ("commune", "59172", 3),
                                          ("commune", "59002", 800), ("commune", "59526", 900))
            ),
        ),
        "mauvais.csv": csv_of(row(indicateur_id="rehabilitations_parc_social", unite="m²", saisi_par="a@b.fr")),
    }  # fmt: skip
    for name, body in bodies.items():
        path = warehouse / "inbox" / name
        path.write_bytes(body)
        os.utime(path, (1_000_000_000, 1_000_000_000))
    value = small.night("nightly", "--nuit", NUIT.isoformat())
    assert value["exit_code"] == 0 and value["release"]["published"], value["summary"]
    assert [(d["fichier"], d["etat"]) for d in value["deposits"]] == [
        ("bon.csv", "accepte"),
        ("mauvais.csv", "refuse"),
    ]
    with duckdb.connect(str(warehouse / "current" / "observatoire.duckdb"), read_only=True) as base:
        query = """select territoire_code, valeur, statut, nature from fct_observation
            where indicateur = 'usagers_actifs_lecture_publique' and ventilation = 'usagers' order by 1"""
        assert base.execute(query).fetchall() == [
            ("200042190", 12000.0, "definitif", "saisi"),
            ("59002", None, "secret", "saisi"),
            ("59172", None, "secret", "saisi"),
            ("59526", 900.0, "definitif", "saisi"),
        ]
        query = "select raison from fct_status where indicateur in ('part_deliberations_rattachees')"
        assert base.execute(query).fetchall() == [("saisie_attendue",)]
    site = warehouse / "current" / "site"
    assert "Saisie attendue" in (site / "indicateurs/part-deliberations-rattachees/index.html").read_text("utf-8")
    page = (site / "indicateurs/rehabilitations-parc-social/index.html").read_text("utf-8")
    assert "412" in page and "saisi par les services" in page
    sha = observatory(warehouse).log.of(saisies.ID)[0].pages[0]["sha256"]
    assert [p for p in site.glob(f"brut/{sha}*") if p.read_bytes() == bodies["bon.csv"]] == []
    report = (warehouse / "runs" / value["id"] / "rapport.html").read_text("utf-8")
    assert "Les dépôts des services" in report and "mauvais.csv" in report and "adresse électronique" in report
    told = json.loads(next((warehouse / "inbox" / "refused").glob("*.json")).read_text("utf-8"))
    assert {p["colonne"] for p in told["problemes"]} == {"unite", "saisi_par"}
