"""Files of stewards' tables as tests write them, and what is read of them."""

from __future__ import annotations

import csv
import io
from typing import Any

from flows.core.datasets import Page, Territory
from flows.sources import stewards
from tests.sources_b.conftest import SEEDS, make_territory

NAMES = tuple(stewards.TABLES)
TERRITORY = make_territory()
TRAJECTORIES = list(csv.DictReader(io.StringIO((SEEDS / "trajectoires.csv").read_text(encoding="utf-8"))))

WHOLE: dict[str, str] = {
    "trajectoire": "taux_vacance-2030",
    "indicateur": "taux_vacance",
    "territoire_niveau": "epci",
    "territoire_code": "200042190",
    "forme": "lineaire",
    "unite": "%",
    "polarite": "baisse",
    "base_valeur": "10",
    "base_annee": "2020",
    "cible_valeur": "8.5",
    "cible_annee": "2030",
    "origine_statut": "document",
    "origine_document": "001",
    "origine_ligne": "426",
    "origine_territoire": "200042190",
    "citation": "Réduire le nombre de logements vacants",
    "auteur": "Service habitat",
    "date": "2026-11-20",
    "valide_du": "2024-01-01",
}


def written(name: str, rows: list[dict[str, str]], separator: str = ",", end: str = "\n", bom: bool = False) -> bytes:
    columns = [c.name for c in stewards.TABLES[name].columns]
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator, lineterminator=end)
    writer.writerow(columns)
    writer.writerows([[row.get(c, "") for c in columns] for row in rows])
    return out.getvalue().encode("utf-8-sig" if bom else "utf-8")


def decoded(name: str, body: bytes, territory: Territory = TERRITORY) -> list[dict[str, Any]]:
    return stewards.decode(name, [Page(stewards.ADDRESS.format(name=name), body)], territory).to_pylist()
