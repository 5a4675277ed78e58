"""The demonstration figures as typed Arrow tables, one a dataset, for the tests of suites.

Not here: the decoders (tests/sources) nor any figure: everything is read from `warehouse/demonstration`.
"""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pyarrow as pa

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "warehouse" / "demonstration"
INTS = {
    "geo_millesime", "annee", "nb_sites", "nombre_de_mailles_secretisees", "n_lignes", "n_avec_energie", "nombre",
    "ordre", "population",
}  # fmt: skip
TEXTS = {
    "code", "nom", "siren", "code_epci", "code_departement", "code_region", "geometry", "geo_niveau", "geo_code",
    "time_period", "measure", "conf_status", "obs_status", "niveau", "codgeo", "mesure", "valeur_brute", "ze2020",
    "libze2020", "reg", "periode", "libelle", "variable", "code_commune", "nom_commune", "operateur", "filiere",
    "code_grand_secteur", "code_categorie_consommation", "codeinseecommune", "commune", "code_insee_ban",
    "etiquette_dpe", "idcom", "idcomtxt", "epci25", "id_pdc_itinerance", "id_station_itinerance",
    "code_insee_commune", "date_mise_en_service", "date_maj", "insee_commune",
}  # fmt: skip


def demonstration(name: str) -> pa.Table:
    """The table `name` (`insee__filosofi`) with the column types of docs/architecture.md; empty cells are null."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    columns = {}
    for column in rows[0]:
        cells = [row[column] or None for row in rows]
        if column == "date_etat":
            columns[column] = pa.array([c and dt.date.fromisoformat(c) for c in cells], pa.date32())
        elif column in INTS:
            columns[column] = pa.array([c and int(float(c)) for c in cells], pa.int64())
        elif column in TEXTS:
            columns[column] = pa.array(cells, pa.string())
        else:
            columns[column] = pa.array([c and float(c) for c in cells], pa.float64())
    return pa.table(columns)


def names() -> list[str]:
    """Tables of the demonstration that are datasets, sorted."""
    return sorted(path.stem for path in FOLDER.glob("*__*.csv"))


def communes() -> dict[str, str]:
    table = demonstration("geo__communes")
    return dict(zip(table["code"].to_pylist(), table["code_epci"].to_pylist(), strict=True))


def partitions(name: str, table: pa.Table) -> dict[str, pa.Table]:
    """Editions as the source cuts them: by EPCI, by year, or whole."""
    import pyarrow.compute as pc

    sirens = sorted(set(communes().values()))
    if name in ("geo__communes", "geo__contours"):
        owner = communes()
        keys = pa.array([owner[c] for c in table["code"].to_pylist()])
        return {siren: table.filter(pc.equal(keys, siren)) for siren in sirens}
    if {"geo_niveau", "geo_code"} <= set(table.column_names):  # Melodi
        owner = communes()
        keys = pa.array([owner.get(c, "") for c in table["geo_code"].to_pylist()])
        out = {f"communes-{siren}": table.filter(pc.equal(keys, siren)) for siren in sirens}
        return {**out, "references": table.filter(pc.equal(keys, ""))}
    if name in ("insee__filosofi_fichiers", "ore__consommation"):
        years = sorted(set(table["annee"].to_pylist()))
        return {str(year): table.filter(pc.equal(table["annee"], year)) for year in years}
    return {"courant": table}
