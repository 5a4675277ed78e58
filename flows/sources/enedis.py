"""Enedis: electricity produced by commune, voltage domain and filière, on the distribution network, one CSV export.

Not here: what is renewable, sums, and what a commune without a line means (the warehouse). Source of the method: the
export of 2015-2016, whose label header is known; the keys of the fields are not, so nothing is filtered on the
server: the national export is read and the département of the territory kept. A commune with few sites has no line
at all (secrecy), which is not a zero; an empty cell is absent too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources import explore
from flows.sources.decoding import csv_rows, require, table
from flows.sources.decoding import text_of as utf8_of
from flows.sources.reading import commune_of, number_of, object_of, one, text_of, whole_of, wrong

HOST = "data.enedis.fr"
SLUG = "production-electrique-par-filiere-a-la-maille-commune"

# landed suffix → name of the filière in the headers
FILIERES = {
    "photovoltaique": "Photovoltaïque",
    "eolien": "Eolien",
    "hydraulique": "Hydraulique",
    "bio_energie": "Bio Energie",
    "cogeneration": "Cogénération",
    "autres": "Autres filières",
}
_TEXTS = {
    "code_commune": "Code commune",
    "nom_commune": "Nom commune",
    "code_epci": "Code EPCI",
    "code_departement": "Code département",
    "domaine_de_tension": "Domaine de tension",
}
FIGURES = {
    **{f"nb_sites_{key}": f"Nb sites {name} Enedis" for key, name in FILIERES.items()},
    **{f"mwh_{key}": f"Energie produite annuelle {name} Enedis (MWh)" for key, name in FILIERES.items()},
}
SCHEMA = pa.schema(
    [("annee", pa.int64()), *((name, pa.string()) for name in _TEXTS), *((name, pa.float64()) for name in FIGURES)]
)


def fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """The metadata, the count of lines (`count`) and the whole export with its labels (`data`)."""
    yield explore.metadata(ctx.http, HOST, SLUG)
    url = explore.base(HOST, SLUG)
    yield ctx.http.get(f"{url}/records", params=[("limit", "0")], expect="json", name="count")
    yield ctx.http.get(f"{url}/exports/csv", params=[("use_labels", "true")], expect="csv", name="data")


def probe(ctx: FetchContext, partition: Partition) -> str:
    """Instant of the last change of the dataset."""
    return explore.default_meta(explore.metadata(ctx.http, HOST, SLUG), "modified")


def decode(pages: Sequence[Page], departement: str) -> pa.Table:
    """One row a year, commune of the département and voltage domain: sites and MWh of each filière, null when absent.

    Raises:
        DecodeError: a missing column (named), a row cut short, fewer lines than counted, a doubled key, an unreadable
            year or figure, no commune of the département.
    """
    page = one(pages, "data")
    lines = csv_rows(utf8_of(page.body, page.address), delimiter=";", where=page.address)
    require(lines[0] if lines else (), ("Année", *_TEXTS.values(), *FIGURES.values()), page.address)
    due = object_of(one(pages, "count")).get("total_count")
    if due != len(lines):
        raise wrong(f"L'export a {len(lines)} lignes au lieu des {due} comptées.", page)
    rows: list[dict[str, object]] = []
    for number, cells in enumerate(lines, start=2):
        if (text_of(cells["Code département"]) or "").zfill(2) != departement:
            continue
        year = whole_of(cells["Année"], page, f"ligne {number}, Année")
        if year is None or not 2000 <= year <= 2100:
            raise wrong(f"« {cells['Année']} » n'est pas une année.", page, f"ligne {number}")
        row: dict[str, object] = {name: text_of(cells[head]) for name, head in _TEXTS.items()}
        row |= {"annee": year, "code_commune": commune_of(cells["Code commune"]), "code_departement": departement}
        for name, head in FIGURES.items():
            row[name] = number_of(cells[head], page, f"ligne {number}, {head}")
        rows.append(row)
    if not rows:
        raise wrong(f"Aucune commune du département {departement} dans le fichier.", page)
    if len({(r["annee"], r["code_commune"], r["domaine_de_tension"]) for r in rows}) != len(rows):
        raise wrong("Une commune est écrite deux fois pour la même année et le même domaine de tension.", page)
    return table(SCHEMA, rows, ("annee", "code_commune", "domaine_de_tension"))


def datasets(territory: Territory) -> list[Dataset]:
    """`enedis/production`."""
    return [
        Dataset(
            id="enedis/production",
            titre="Production électrique par filière à la maille commune",
            editeur="Enedis",
            licence="lov2",
            attribution="Enedis, production électrique par filière à la maille commune",
            page=f"https://{HOST}/explore/dataset/{SLUG}/",
            periodicite="annuelle",
            periode_mois=12,
            delai_mois=12,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("commune",),
            cog_year=2017,
            schema=SCHEMA,
            decoder_version=1,
            partitions=lambda ctx: [Partition("courant")],
            fetch=fetch,
            decode=lambda pages: decode(pages, territory.departement),
            absences=(
                "Une commune où trop peu d'installations produisent n'a pas de ligne : ce n'est pas un zéro. Seul le "
                "réseau de distribution d'Enedis est décrit."
            ),
            probe=probe,
            switched_off=(
                "Adresse à confirmer : depuis le regroupement des données à l'Agence ORE, la présence de ce jeu sur "
                "data.enedis.fr et les noms de ses colonnes n'ont pas été revus."
            ),
        )
    ]
