"""Insee, census of population through the Melodi API: activity, commuting, families, ages, diplomas, dwellings.

Not here: the protocol (melodi.py), jobs at the place of work (`insee/comparateur`, insee_files.py) and every share
(the warehouse divides). Counts are estimates: a vintage gathers five years of surveys centred on it, so that they
carry decimals, and two vintages are compared only when their five years have none in common. Insee publishes three
vintages at a time, five or six years apart, on the communes of the day.

The names of the dimensions and their codes were read in several public programs that read the same tables, never in a
recorded answer: each dataset says so in `reserve`. A code that were wrong gives no observation, hence an error.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources import melodi
from flows.sources.decoding import fail, table
from flows.sources.melodi import Query

LEVELS = (
    "epci", "arrondissement", "zone_emploi", "departement", "region", "france_metropolitaine", "france",
)  # fmt: skip
_ALL = "_T"

ACTIVITE = Query(
    "DS_RP_EMPLOI_LR_PRINC",
    "RP_MEASURE",
    ("POP",),
    LEVELS,
    kept=(("SEX", (_ALL, "F", "M")), ("EMPSTA_ENQ", (_ALL, "1", "2"))),
    fixed=(("AGE", "Y15T64"), ("EDUC", _ALL)),
)
NAVETTES = Query(
    "DS_RP_NAVETTES_PRINC",
    "RP_MEASURE",
    ("POP",),
    LEVELS,
    kept=(
        ("TRANS", (_ALL, "1", "2", "3", "4", "5", "6")),
        ("WORK_AREA", (_ALL, "10", "21", "22", "23", "24T30")),
    ),
    fixed=(("AGE", "Y_GE15"), ("EMPSTA_ENQ", "1")),
)
FAMILLES = Query(
    "DS_RP_FAMILLE_COMP",
    "RP_MEASURE",
    ("NBFAM",),
    LEVELS,
    kept=(("TFN", (_ALL, "1", "21", "22")),),
    fixed=(("NCH", _ALL),),
)
DIPLOMES = Query(
    "DS_RP_DIPLOMES_PRINC",
    "RP_MEASURE",
    ("POP",),
    LEVELS,
    kept=(("EDUC", ("001T100_RP", "200_RP", "300_RP", "350T351_RP", "500_RP", "600_RP", "700_RP")),),
    fixed=(("AGE", "Y_GE15"), ("SEX", _ALL)),
)
LOGEMENTS = Query(
    "DS_RP_LOGEMENT_PRINC",
    "RP_MEASURE",
    ("DWELLINGS",),
    LEVELS,
    kept=(("OCS", (_ALL, "DW_MAIN", "DW_VAC", "DW_SEC_DW_OCC")),),
    fixed=tuple(
        (name, _ALL)
        for name in ("TDW", "TSH", "L_STAY", "NRG_SRC", "CARS", "CARPARK", "NOR", "BUILD_END", "TOH", "UFS")
    ),
)
# Every age is asked for, one by one at the publisher: codes would make an address of a thousand signs.
AGES = Query(
    "DS_RP_TD_POPULATION_AGESEX_PRINC", "RP_MEASURE", ("POP",), LEVELS, kept=(("SEX", ("F", "M")), ("AGE", ()))
)
COHABITATION = Query(
    "DS_RP_TD_POPULATION_AGEHARSEX_PRINC",
    "RP_MEASURE",
    ("POP",),
    LEVELS,
    kept=(("HAR", (_ALL, "40")),),
    fixed=(("AGE", "Y_GE75"), ("SEX", _ALL)),
)

_OLDEST = 95  # the last band: 95 and over
BANDS = (*(f"Y{start}T{start + 4}" for start in range(0, _OLDEST, 5)), f"Y_GE{_OLDEST}")

_READ = (
    "Les dimensions et les codes de ce jeu Melodi sont ceux que plusieurs programmes publics lisent dans le fichier "
    "de l'Insee ; aucune réponse n'en a été enregistrée ici."
)
_UNSURE = (
    "Jeu Melodi à confirmer : le catalogue relevé le 6 janvier 2026 ne le liste pas, et ses modalités (mode de "
    "cohabitation, âges regroupés) n'ont été lues nulle part. Les relever dans /range, puis brancher."
)


def datasets(territory: Territory) -> list[Dataset]:
    """The `insee/rp_…` datasets: activite, ages, cohabitation, diplomes, familles, logements, navettes."""
    return [
        _dataset("rp_activite", "Population active de 15 à 64 ans, par sexe", ACTIVITE, partitions=by_sex),
        _dataset("rp_ages", "Population par sexe et par âge", AGES, decode=decode_ages, schema=AGES.schema),
        _dataset("rp_cohabitation", "Personnes de 75 ans et plus vivant hors ménage", COHABITATION, off=_UNSURE),
        _dataset("rp_diplomes", "Diplôme le plus élevé de la population non scolarisée", DIPLOMES),
        _dataset("rp_familles", "Familles selon leur composition", FAMILLES),
        _dataset("rp_logements", "Logements par catégorie", LOGEMENTS),
        _dataset("rp_navettes", "Déplacements domicile-travail des actifs occupés", NAVETTES),
    ]


def by_sex(ctx: FetchContext) -> Iterable[Partition]:
    """Both sexes together and each sex are two questions: the publisher has more history of the first."""
    for partition in melodi.partitions(ctx):
        if partition.key == "references":
            yield partition
            continue
        yield Partition(partition.key, {**partition.params, "only": {"SEX": (_ALL,)}})
        yield Partition(f"{partition.key}-sexe", {**partition.params, "only": {"SEX": ("F", "M")}})


def decode_ages(pages: Sequence[Page]) -> pa.Table:
    """Population by sex and five-year band (`BANDS`), summed from single years and checked against their total.

    A band of which an age is missing or without figure has no figure.

    Raises:
        DecodeError: as `melodi.decode`; an age that is neither a year nor the last, open one; ages that do not add up
            to their total within 0.5.
    """
    where = pages[-1].address if pages else melodi.BASE
    places: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in melodi.decode(pages, query=AGES).to_pylist():
        places[row["geo_millesime"], row["geo_niveau"], row["geo_code"], row["time_period"], row["sex"]].append(row)
    out = []
    for place, rows in places.items():
        bands: dict[str, list[dict[str, Any]]] = {band: [] for band in BANDS}
        for row in rows:
            if row["age"] != _ALL:
                bands[_band(row["age"], where)].append(row)
        summed = [_summed(band, members) for band, members in bands.items() if members]
        out += summed
        total = next((row["value"] for row in rows if row["age"] == _ALL), None)
        known = [row["value"] for row in summed if row["value"] is not None]
        if total is not None and len(known) == len(BANDS) and abs(math.fsum(known) - total) > 0.5:
            fail(
                f"Les âges de {place[1]}-{place[2]} font {math.fsum(known):.1f} pour un total de {total:.1f}.", where
            )
    return table(AGES.schema, out, ("geo_niveau", "geo_code", "time_period", "sex", "age"))


def _summed(band: str, members: list[dict[str, Any]]) -> dict[str, Any]:
    """One row of a band; rounded past the publisher's decimals, so that the order of addition leaves no trace."""
    whole = len(members) >= 5 and all(member["value"] is not None for member in members)
    value = round(math.fsum(member["value"] for member in members), 6) if whole else None
    secret = next((member["conf_status"] for member in members if member["conf_status"] == "C"), None)
    return {**members[0], "age": band, "value": value, "conf_status": secret or members[0]["conf_status"]}


def _band(age: str, where: str) -> str:
    """`Y37` → `Y35T39`, `Y_GE100` → `Y_GE95`."""
    digits = age.removeprefix("Y").removeprefix("_GE")
    if not age.startswith("Y") or not digits.isdigit():
        fail(f"L'âge « {age} » n'est ni une année ni la dernière classe ouverte.", where)
    return BANDS[min(int(digits) // 5, len(BANDS) - 1)]


def _dataset(name: str, titre: str, query: Query, *, off: str = "", **given: Any) -> Dataset:
    return Dataset(
        id=f"insee/{name}",
        titre=f"{titre} (recensement)",
        editeur="Insee",
        licence="lov2",
        attribution="Insee, recensement de la population",
        page=f"https://catalogue-donnees.insee.fr/fr/catalogue/recherche/{query.dataset}",
        periodicite="annuelle",
        periode_mois=12,
        delai_mois=30,  # the vintage 2023 came out on 30 June 2026
        cycle=Cycle.ANNUEL,
        accumulation=Accumulation.INSTANTANE,
        niveaux=("commune", *query.levels),
        cog_year=None,  # re-published on the current COG each year; each row carries its own (geo_millesime)
        schema=given.get("schema", query.schema),
        decoder_version=1,
        partitions=given.get("partitions", melodi.partitions),
        fetch=partial(melodi.fetch, query),
        decode=given.get("decode", partial(melodi.decode, query=query)),
        probe=partial(melodi.probe, query),
        # Of the comparison territories only: no answer at all for our own communes is refused by `fetch`.
        empty_expected=True,
        absences=(
            "Trois millésimes à la fois, de cinq ou six ans en cinq ou six ans. Un territoire de comparaison ou un "
            "millésime ancien peut manquer."
        ),
        reserve="" if off else _READ,
        switched_off=off,
    )
