"""What the world may rely on: addresses, columns, words and exit codes, held on a real release.

The lists below are the contract itself, written a second time on purpose: a change of the code that changes one of
them must change this file too, in the open.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from flows.core import words
from flows.core.periods import end_of
from flows.core.tables import TABLES

COLUMNS = [
    "indicateur", "territoire_niveau", "territoire_code", "territoire", "periode", "ventilation", "valeur", "unite",
    "borne_basse", "borne_haute", "statut", "nature", "note", "millesime", "source", "licence",
]  # fmt: skip
KEY = ("territoire_niveau", "territoire_code", "periode", "ventilation")
LEVELS = {
    "commune", "bassin_de_vie", "epci", "arrondissement", "zone_emploi", "departement", "region",
    "france_metropolitaine", "france", "groupe",
}  # fmt: skip
PAGES = (
    "", "engagements/", "indicateurs/", "communes/", "qualite/", "sources/", "methodes/", "journal/", "alertes/",
    "telechargements/", "glossaire/", "accessibilite/", "mentions-legales/", "couverture/", "bien-etre/",
    "recherche/",
)  # fmt: skip
# Addresses of the contract whose pages belong to later work: the test says so when one appears, so that it is added.
LATER = ("barometre/", "etapes/", "crte/", "bassins/")


@pytest.fixture(scope="module")
def site(night_folder: Path) -> Path:
    return night_folder / "current" / "site"


@pytest.fixture(scope="module")
def slugs(released) -> list[str]:  # type: ignore[no-untyped-def]
    return sorted(released.table("dim_indicator").column("indicateur").to_pylist())


@pytest.mark.parametrize("address", PAGES)
def test_addresses_of_the_site(site: Path, address: str) -> None:
    assert (site / address / "index.html").is_file()


def test_home_page_stays_short_whatever_the_number_of_indicators(site: Path) -> None:
    assert (site / "index.html").stat().st_size <= 60_000


def test_addresses_of_later_work_are_not_promised_early(site: Path) -> None:
    appeared = [address for address in LATER if (site / address).exists()]
    assert not appeared, f"now published, so add to PAGES: {appeared}"


def test_addresses_made_of_ids_use_dashes(site: Path, released, slugs: list[str]) -> None:  # type: ignore[no-untyped-def]
    due = [f"indicateurs/{slug.replace('_', '-')}/" for slug in slugs]
    families = {"ambition": "ambitions", "engagement": "engagements", "champ": "champs", "projet": "projets",
                "critere": "criteres"}  # fmt: skip
    for row in released.table("dim_engagement").to_pylist():
        if row["type"] in families:
            due.append(f"{families[row['type']]}/{row['id'].replace('_', '-')}/")
    for row in released.table("dim_territory").to_pylist():
        if row["role"] in ("territoire", "voisin", "membre", "membre_voisin"):
            due.append(f"{'communes' if row['niveau'] == 'commune' else 'epci'}/{row['code']}/")
    missing = [address for address in due if not (site / address / "index.html").is_file()]
    assert not missing
    assert len([a for a in due if a.startswith("communes/")]) == 82
    assert not [p for p in site.rglob("*") if p.is_dir() and "_" in p.name]


def test_figures_and_charts_of_each_page(site: Path, slugs: list[str]) -> None:
    for slug in slugs:
        for kind in ("csv", "json", "parquet", "svg", "png"):
            path = site / "indicateurs" / f"{slug.replace('_', '-')}.{kind}"
            assert path.is_file() and path.stat().st_size, path.name


def test_the_csv_is_the_contract(site: Path, released, slugs: list[str]) -> None:  # type: ignore[no-untyped-def]
    published = released.table("fct_observation").to_pylist()
    for slug in slugs:
        raw = (site / "indicateurs" / f"{slug.replace('_', '-')}.csv").read_bytes()
        assert raw.decode("utf-8") and not raw.startswith(b"\xef\xbb\xbf")
        rows = list(csv.DictReader(io.StringIO(raw.decode(), newline="")))
        header = raw.decode().splitlines()[0].split(",")
        assert header == COLUMNS
        due = [row for row in published if row["indicateur"] == slug]
        assert len(rows) == len(due)
        keys = [tuple(row[name] for name in KEY) for row in rows]
        assert len(set(keys)) == len(keys)
        for row in rows:
            assert row["territoire_niveau"] in LEVELS
            end_of(row["periode"])
            assert row["statut"] in set(words.Statut) and row["nature"] in set(words.Nature)
            assert (row["valeur"] == "") == (row["statut"] in ("secret", "manquant")), row
            if row["valeur"]:
                float(row["valeur"])
            assert row["unite"] and row["source"] and row["licence"] and row["territoire"]


def test_the_parquet_holds_the_same_columns(site: Path, slugs: list[str]) -> None:
    for slug in slugs:
        names = pq.read_schema(site / "indicateurs" / f"{slug.replace('_', '-')}.parquet").names
        assert names == COLUMNS


def test_raw_bytes_are_at_their_digest(site: Path, released) -> None:  # type: ignore[no-untyped-def]
    import hashlib

    files = [p for p in (site / "brut").iterdir() if re.fullmatch(r"[0-9a-f]{64}", p.name)]
    assert files
    for path in files:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name
    public = {row["sha256"]: row["brut_public"] for row in released.table("dim_edition").to_pylist()}
    assert all(public[path.name] for path in files), "bytes published against their source's declaration"


def test_words_are_closed_lists() -> None:
    assert {str(v) for v in words.Niveau} == LEVELS
    assert [str(v) for v in words.Etat] == [
        "atteint", "en_avance", "sur_trajectoire", "a_surveiller", "derive", "non_evaluable", "trajectoire_a_fixer",
        "sans_objet",
    ]  # fmt: skip
    assert [str(v) for v in words.Statut] == ["definitif", "provisoire", "estime", "secret", "manquant"]
    assert [str(v) for v in words.Nature] == ["publie", "recalcule", "saisi", "simule"]


def test_states_and_natures_published_are_of_the_lists(released) -> None:  # type: ignore[no-untyped-def]
    assert set(released.table("fct_status").column("etat").to_pylist()) <= set(words.Etat)
    assert set(released.table("fct_observation").column("nature").to_pylist()) <= set(words.Nature)


def test_exit_codes() -> None:
    code = words.ExitCode
    assert (code.OK, code.FAILURE, code.USAGE, code.PARTIAL, code.REJECTED, code.LOCKED) == (0, 1, 2, 3, 4, 5)


def test_the_contract_columns_are_those_of_the_table() -> None:
    assert set(COLUMNS) <= set(TABLES["fct_observation"].names)
