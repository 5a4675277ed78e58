"""CNAF (data.caf.fr, Explore): households receiving the RSA by commune, childcare coverage at the levels published.

Not here: rates, the meaning of a rounded or hidden number, sums (the warehouse). `s_ben_com_f` is a photograph of
each December; CNAF rounds every number to 5 there, and a 0 may stand for one to four households. It covers the CAF
scheme only, not the agricultural one (MSA). The coverage rates are published by commune for those above 10,000
inhabitants, by EPCI, by département and for France; a code made of X is a placeholder, not a territory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources import explore
from flows.sources.decoding import table
from flows.sources.reading import commune_of, number_of, one, text_of, whole_of, wrong

HOST = "data.caf.fr"
BENEFITS = "s_ben_com_f"
_DECEMBER = re.compile(r"([0-9]{4})-12(-[0-9]{2}.*)?")

PRESTATIONS = pa.schema(
    [
        ("annee", pa.int64()),
        ("numcomdo", pa.string()),
        ("nomcom", pa.string()),
        ("indfoy_ndur", pa.float64()),
        ("indnbp_ndur", pa.float64()),
        ("indfoy_rsa", pa.float64()),
        ("indnbp_rsa", pa.float64()),
    ]
)
_ASKED = ("dtreffre", "numcomdo", "nomcom", "indfoy_ndur", "indnbp_ndur", "indfoy_rsa")
# Persons covered by the RSA: in the publisher's file by type of RSA for certain, here when the metadata declare it.
_OPTIONAL = ("indnbp_rsa",)

# landed column → stem of the publisher's column, before the suffix of the level
MODES = {
    "taux_global": "txcouv_",
    "taux_eaje": "txcouv_eaje_",
    "taux_assistantes_maternelles": "txcouv_am_ind_",
    "taux_prescolarisation": "txcouv_prescol_",
    "taux_garde_domicile": "txcouv_gad_ind_",
}
ACCUEIL = pa.schema(
    [
        ("niveau", pa.string()),
        ("code", pa.string()),
        ("nom", pa.string()),
        ("annee", pa.int64()),
        *((name, pa.float64()) for name in MODES),
    ]
)
# level → (dataset, suffix of its columns, column of the code, column of the name)
LEVELS = {
    "commune": ("txcouv_pe_com", "com", "numcom", "nomcom"),
    "epci": ("txcouv_pe_epci", "epci", "numepci", "nomepci"),
    "departement": ("txcouv_pe_dep", "dep", "numdep", "nomdep"),
    "france": ("txcouv_pe_nat", "nat", "", "national"),
}
_PLACEHOLDER = re.compile(r"X+")


def fetch_benefits(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """The metadata, the count and the lines of the communes of the territory, every December published.

    Raises:
        SourceContentError: a needed field is not declared any more, or the export is not whole.
    """
    metadata = explore.metadata(ctx.http, HOST, BENEFITS)
    declared = explore.fields(metadata)
    if missing := [name for name in _ASKED if name not in declared]:
        raise wrong(f"Le jeu n'a plus les champs {', '.join(missing)}.", metadata)
    select = [*_ASKED, *(name for name in _OPTIONAL if name in declared)]
    where = explore.one_of("numcomdo", ctx.communes)
    counted = explore.count(ctx.http, HOST, BENEFITS, where, "count")
    export = explore.export(ctx.http, HOST, BENEFITS, select=select, where=where, name="export")
    explore.listed_rows(export, counted)
    yield metadata
    yield counted
    yield export


def probe_benefits(ctx: FetchContext, partition: Partition) -> str:
    """Instant of the last change of the dataset."""
    return explore.default_meta(explore.metadata(ctx.http, HOST, BENEFITS), "modified")


def decode_benefits(pages: Sequence[Page]) -> pa.Table:
    """One row a commune and a December; numbers of households (`indfoy_`) and of persons (`indnbp_`), rounded to 5.

    Raises:
        DecodeError: another month than December, a doubled commune, unreadable figures.
        SourceContentError: an export that is not whole.
    """
    export = one(pages, "export")
    rows: dict[tuple[int, str], dict[str, Any]] = {}
    for record in explore.listed_rows(export, one(pages, "count")):
        code = commune_of(record.get("numcomdo"))
        if code is None:
            continue  # households that CNAF cannot place in a commune
        found = _DECEMBER.fullmatch(str(record.get("dtreffre") or ""))
        if found is None:
            raise wrong(f"La date « {record.get('dtreffre')} » n'est pas un mois de décembre.", export, code)
        year = int(found[1])
        figures = {name: number_of(record.get(name), export, f"{code}, {name}") for name in PRESTATIONS.names[3:]}
        if (year, code) in rows:
            raise wrong("Une commune est écrite deux fois la même année.", export, f"{code}, {year}")
        rows[year, code] = {"annee": year, "numcomdo": code, "nomcom": text_of(record.get("nomcom")), **figures}
    if not rows:
        raise wrong("Aucune commune dans l'export.", export)
    return table(PRESTATIONS, rows.values(), PRESTATIONS.names)


def fetch_childcare(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """For each level, the count and the lines of our territories (`count-<niveau>`, `export-<niveau>`).

    Raises:
        SourceContentError: an export that is not whole, or a level without a line.
    """
    place = ctx.territory
    wheres = {
        "commune": explore.one_of("numcom", ctx.communes),
        "epci": explore.one_of("numepci", place.epcis_compares),
        "departement": explore.one_of("numdep", (place.departement,)),
        "france": "",
    }
    for level, (dataset, suffix, code, name) in LEVELS.items():
        select = [
            "annee",
            *(column for column in (code, name) if column),
            *(stem + suffix for stem in MODES.values()),
        ]
        counted = explore.count(ctx.http, HOST, dataset, wheres[level], f"count-{level}")
        export = explore.export(ctx.http, HOST, dataset, select=select, where=wheres[level], name=f"export-{level}")
        explore.listed_rows(export, counted)
        yield counted
        yield export


def probe_childcare(ctx: FetchContext, partition: Partition) -> str:
    """Instant of the last change of the EPCI file; the four files are published together."""
    return explore.default_meta(explore.metadata(ctx.http, HOST, LEVELS["epci"][0]), "modified")


def decode_childcare(pages: Sequence[Page]) -> pa.Table:
    """One row a territory and a year; places for 100 children under three, in all and by kind of care.

    Raises:
        DecodeError: no year, a rate that is not a number, a doubled territory.
        SourceContentError: an export that is not whole.
    """
    rows: dict[tuple[str, str, int], dict[str, Any]] = {}
    for level, (_, suffix, code_column, name_column) in LEVELS.items():
        export = one(pages, f"export-{level}")
        for record in explore.listed_rows(export, one(pages, f"count-{level}")):
            code = "F" if level == "france" else text_of(record.get(code_column))
            if code is None or _PLACEHOLDER.fullmatch(code):
                continue
            # A number in the local files, a date in the national one: both begin with the year.
            year = whole_of(str(record.get("annee") or "")[:4], export, f"{code}, annee")
            if year is None:
                raise wrong("Une ligne n'a pas d'année.", export, code)
            if (level, code, year) in rows:
                raise wrong("Un territoire est écrit deux fois la même année.", export, f"{code}, {year}")
            rows[level, code, year] = {
                "niveau": level,
                "code": code,
                "nom": text_of(record.get(name_column)),
                "annee": year,
                **{
                    name: number_of(record.get(stem + suffix), export, f"{code}, {stem + suffix}")
                    for name, stem in MODES.items()
                },
            }
    if not rows:
        raise wrong("Aucun territoire dans les exports.", pages[0])
    return table(ACCUEIL, rows.values(), ("niveau", "code", "annee"))


def datasets(territory: Territory) -> list[Dataset]:
    """`caf/prestations`, `caf/accueil_jeune_enfant`."""
    return [
        Dataset(
            id="caf/prestations",
            titre="Foyers allocataires des CAF par commune, au mois de décembre",
            editeur="Caisse nationale des allocations familiales (Cnaf)",
            licence="lov2",
            attribution="Cnaf, allocataires des caisses d'allocations familiales",
            page=f"https://{HOST}/explore/dataset/{BENEFITS}/",
            periodicite="annuelle",
            periode_mois=12,
            delai_mois=10,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("commune",),
            cog_year=2024,
            schema=PRESTATIONS,
            decoder_version=1,
            partitions=lambda ctx: [Partition("courant")],
            fetch=fetch_benefits,
            decode=decode_benefits,
            absences=(
                "Chaque nombre est arrondi à 5 par la Cnaf ; un 0 peut cacher de un à quatre foyers. Les foyers sans "
                "commune connue et le régime agricole (MSA) n'y sont pas."
            ),
            probe=probe_benefits,
            reserve="Nom du jeu et champs vus dans des projets publics ; à confirmer à la première réception réelle.",
        ),
        Dataset(
            id="caf/accueil_jeune_enfant",
            titre="Taux de couverture de l'accueil du jeune enfant",
            editeur="Caisse nationale des allocations familiales (Cnaf)",
            licence="lov2",
            attribution="Cnaf, taux de couverture global par les modes d'accueil formels",
            page=f"https://{HOST}/explore/dataset/{LEVELS['epci'][0]}/",
            periodicite="annuelle",
            periode_mois=12,
            delai_mois=25,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("commune", "epci", "departement", "france"),
            cog_year=2024,
            schema=ACCUEIL,
            decoder_version=1,
            partitions=lambda ctx: [Partition("courant")],
            fetch=fetch_childcare,
            decode=decode_childcare,
            absences="Par commune, seules celles de plus de 10 000 habitants sont publiées.",
            probe=probe_childcare,
            reserve="Jeux et champs vus dans des projets publics ; à confirmer à la première réception réelle.",
        ),
    ]
