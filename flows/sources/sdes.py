"""SDES (DiDo): heat delivered by district networks, commune by commune, among the local energy data.

Not here: sums and secrecy (the warehouse). Identifiers of DiDo move, so the dataset is found by its title among all,
and its file by the title of the datafile; the millésime is pinned at each request. Envelope, paging and CSV are known
(an empty string ends the paging; a suppressed value is the text `secret`, in numeric columns too); the columns of
this very file are not, so the dataset is switched off until they are confirmed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Http, Page, Partition, Territory
from flows.core.errors import SourceContentError
from flows.core.words import Accumulation, Cycle
from flows.sources.decoding import csv_rows, require, table
from flows.sources.decoding import text_of as utf8_of
from flows.sources.reading import commune_of, number_of, object_of, one, plain, text_of, whole_of, wrong

HOST = "data.statistiques.developpement-durable.gouv.fr"
BASE = f"https://{HOST}/dido/api/v1"
TITLE, FILE = r"donnees locales de consommation d'energie", r"reseaux? de chaleur"
SECRET = "secret"
_COLUMNS = ("ANNEE", "COMMUNE_CODE", "COMMUNE_LIBELLE", "LIVRAISON_MWH", "NB_RESEAUX")

SCHEMA = pa.schema(
    [
        ("annee", pa.int64()),
        ("commune_code", pa.string()),
        ("commune_libelle", pa.string()),
        ("livraison_brute", pa.string()),
        ("nb_reseaux", pa.int64()),
    ]
)


def datafile(http: Http) -> tuple[Page, dict[str, Any]]:
    """The page that lists every dataset, and the one datafile wanted, with its millésimes.

    Raises:
        SourceContentError: no dataset or file of that title, or several; the titles seen are in the message.
        DecodeError: not a DiDo list, or shorter than it announces.
    """
    page = http.get(f"{BASE}/datasets", params=[("pageSize", "all")], expect="json", name="metadata")
    answer = object_of(page)
    listed = answer.get("data")
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise wrong("La réponse n'a pas de liste « data ».", page)
    if answer.get("total") != len(listed):
        raise wrong(f"{len(listed)} jeux listés au lieu des {answer.get('total')} annoncés.", page)
    found = _titled(listed, TITLE, "jeu", page)
    files = found.get("datafiles")
    if not isinstance(files, list) or not all(isinstance(item, dict) for item in files):
        raise wrong("Le jeu n'a pas de liste « datafiles ».", page)
    return page, _titled(files, FILE, "fichier", page)


def _titled(items: Sequence[dict[str, Any]], title: str, what: str, page: Page) -> dict[str, Any]:
    found = [item for item in items if re.search(title, plain(str(item.get("title") or "")))]
    if len(found) != 1:
        seen = sorted({str(item.get("title") or "") for item in items})
        raise SourceContentError(
            f"{len(found)} {what} DiDo au lieu d'un porte le titre cherché ; titres vus : {' ; '.join(seen[:10])}.",
            where=page.address,
            todo="ouvrir le catalogue DiDo, repérer le nouveau titre et corriger flows/sources/sdes.py.",
        )
    return found[0]


def vintage(file: Mapping[str, Any], page: Page) -> Mapping[str, Any]:
    """The newest millésime of a datafile (`millesime` « 2025-09 », `rows`, `columns`).

    Raises:
        DecodeError: no millésime, or one that is not a year and a month.
    """
    listed = file.get("millesimes")
    if not isinstance(listed, list) or not listed or not all(isinstance(item, dict) for item in listed):
        raise wrong("Le fichier n'a aucun millésime.", page)
    newest: Mapping[str, Any] = max(listed, key=lambda item: str(item.get("millesime")))
    if not re.fullmatch(r"\d{4}-\d{2}", str(newest.get("millesime"))):
        raise wrong(f"Le millésime « {newest.get('millesime')} » n'est pas une année et un mois.", page)
    return newest


def fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """The list of datasets, then the lines of the département in the newest millésime (`data`)."""
    page, file = datafile(ctx.http)
    yield page
    identifier = str(file.get("rid") or "")
    if not re.fullmatch(r"[0-9a-f-]{8,40}", identifier):
        raise wrong(f"L'identifiant de fichier « {identifier} » n'en est pas un.", page)
    params = [
        ("millesime", str(vintage(file, page)["millesime"])),
        ("withColumnName", "true"),
        ("withColumnDescription", "false"),
        ("withColumnUnit", "false"),
        ("COMMUNE_CODE", f"startsWith:{ctx.territory.departement}"),
    ]
    yield ctx.http.get(f"{BASE}/datafiles/{identifier}/csv", params=params, expect="csv", name="data")


def probe(ctx: FetchContext, partition: Partition) -> str:
    """The newest millésime and its date of diffusion."""
    page, file = datafile(ctx.http)
    newest = vintage(file, page)
    return f"{newest['millesime']} {newest.get('date_diffusion', '')}"


def decode(pages: Sequence[Page], departement: str) -> pa.Table:
    """One row a year and a commune of the département: MWh delivered as written (`secret` stays a text), networks.

    Raises:
        DecodeError: a missing column, a commune of another département or written twice in a year, a delivery that is
            neither a number nor `secret`, no line at all.
    """
    page = one(pages, "data")
    lines = csv_rows(utf8_of(page.body, page.address), delimiter=";", where=page.address)
    require(lines[0] if lines else (), _COLUMNS, page.address)
    rows = []
    for number, cells in enumerate(lines, start=2):
        where = f"ligne {number}"
        code = commune_of(cells["COMMUNE_CODE"])
        if code is None or not code.startswith(departement):
            raise wrong(f"La commune « {code} » n'est pas du département demandé.", page, where)
        year = whole_of(cells["ANNEE"], page, f"{where}, ANNEE")
        if year is None or not 2000 <= year <= 2100:
            raise wrong(f"« {cells['ANNEE']} » n'est pas une année.", page, where)
        delivered = text_of(cells["LIVRAISON_MWH"])
        if delivered != SECRET:
            number_of(delivered, page, f"{where}, LIVRAISON_MWH")
        networks = text_of(cells["NB_RESEAUX"])
        rows.append(
            {
                "annee": year,
                "commune_code": code,
                "commune_libelle": text_of(cells["COMMUNE_LIBELLE"]),
                "livraison_brute": delivered,
                "nb_reseaux": None if networks == SECRET else whole_of(networks, page, f"{where}, NB_RESEAUX"),
            }
        )
    if len({(row["annee"], row["commune_code"]) for row in rows}) != len(rows):
        raise wrong("Une commune est écrite deux fois la même année.", page)
    return table(SCHEMA, rows, ("annee", "commune_code"))


def datasets(territory: Territory) -> list[Dataset]:
    """`sdes/chaleur`."""
    return [
        Dataset(
            id="sdes/chaleur",
            titre="Données locales de consommation d'énergie : chaleur livrée par les réseaux",
            editeur="Service des données et études statistiques (SDES)",
            licence="lov2",
            attribution="SDES, données locales de consommation d'énergie",
            page="https://www.statistiques.developpement-durable.gouv.fr/",
            periodicite="annuelle",
            periode_mois=12,
            delai_mois=10,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("commune",),
            cog_year=None,
            schema=SCHEMA,
            decoder_version=1,
            partitions=lambda ctx: [Partition("courant")],
            fetch=fetch,
            decode=lambda pages: decode(pages, territory.departement),
            absences="Une commune sans réseau de chaleur n'a pas de ligne ; « secret » n'est pas zéro.",
            probe=probe,
            switched_off=(
                "À confirmer : le titre du fichier « réseaux de chaleur » des données locales du SDES et les noms de "
                "ses colonnes, jamais vus."
            ),
        )
    ]
