"""Insee, census tables as Melodi serves them; three of them simulated, because no figure of ours is known.

Simulated, and marked so in every answer made of them: activity of each sex in communes, families by composition,
people of 75 and over living outside households. They are drawn for each commune from a seed of its own, from its
population and from levels that a French commune may have; nothing is to be read into them.

Reconstructed, never recorded: every dimension and code of these tables, the single years of the table of ages (each
band is spread evenly: only sums over a band mean anything) and the catalogue records but their titles.
Not here: Melodi's answers (`flows.portal.melodi`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence

from flows.portal.figures import Figures, Row, spec
from flows.portal.melodi_catalogue import Melodi

COG = "2026"
YEARS = ("2012", "2017", "2023")
_START, _END = "geo_millesime geo_niveau geo_code time_period", "measure value conf_status obs_status"
_COMMUNES = ("geo_niveau", "COM")


def _row(level: str, code: str, year: str, measure: str, value: float, **dimensions: str) -> dict[str, str]:
    start = {"geo_millesime": COG, "geo_niveau": level, "geo_code": code, "time_period": year}
    end = {"measure": measure, "value": f"{value:.1f}", "conf_status": "F", "obs_status": "A"}
    return {**start, **dimensions, **end}


def _places(figures: Figures) -> Iterator[tuple[str, str, float]]:
    """(level, code, inhabitants): every commune, then the département and the region, at their newest population."""
    for code, commune in figures.communes.items():
        yield "COM", code, float(commune["population"])
    newest: dict[tuple[str, str], Row] = {}
    for row in figures.table("insee__populations"):
        place = (row["geo_niveau"], row["geo_code"])
        if row["geo_niveau"] in ("DEP", "REG") and row["measure"] == "PMUN":
            newest[place] = max(newest.get(place, row), row, key=lambda r: r["time_period"])
    for (level, code), row in sorted(newest.items()):
        yield level, code, float(row["value"])


def activity_by_sex(figures: Figures) -> list[Row]:
    """SIMULATED people of 15 to 64 of each sex, employed and unemployed, in each commune and vintage."""
    rows: list[Row] = []
    for code, commune in figures.communes.items():
        draw = random.Random(f"insee__rp_activite_sexe/{code}")
        people = float(commune["population"])
        gap, place = draw.uniform(4.0, 13.0), draw.uniform(-5.0, 5.0)
        for rank, year in enumerate(YEARS):
            for sex, rate in (("F", 62.0 + 2.2 * rank + place), ("M", 62.0 + 1.6 * rank + place + gap)):
                adults = people * draw.uniform(0.305, 0.325)
                active = adults * (rate + draw.uniform(-1.0, 1.0)) / 100
                out_of_work = active * draw.uniform(0.09, 0.19)
                for status, value in (("_T", adults), ("1", active - out_of_work), ("2", out_of_work)):
                    rows.append(_row("COM", code, year, "POP", value, sex=sex, empsta_enq=status))
    return rows


def families(figures: Figures) -> list[Row]:
    """SIMULATED families by composition: one parent, couple without child, couple with children; their sum."""
    rows: list[Row] = []
    for level, code, people in _places(figures):
        draw = random.Random(f"insee__rp_familles/{level}-{code}")
        place = draw.uniform(-0.05, 0.05) if level == "COM" else draw.uniform(-0.01, 0.01)
        for rank, year in enumerate(YEARS):
            count = people * draw.uniform(0.26, 0.28)
            alone = round(count * (0.15 + 0.015 * rank + place), 1)
            childless = round(count * draw.uniform(0.38, 0.46), 1)
            parts = {"1": alone, "21": childless, "22": round(count, 1) - alone - childless}
            for kind, value in {**parts, "_T": round(count, 1)}.items():
                rows.append(_row(level, code, year, "NBFAM", value, tfn=kind))
    return rows


def outside_households(figures: Figures) -> list[Row]:
    """SIMULATED people of 75 and over, and those of them who live outside households (more in towns with a home)."""
    rows: list[Row] = []
    for level, code, people in _places(figures):
        draw = random.Random(f"insee__rp_cohabitation/{level}-{code}")
        home = level != "COM" or (people > 2500 and draw.random() < 0.7)
        for year in YEARS:
            old = people * draw.uniform(0.07, 0.09)
            away = old * (draw.uniform(0.08, 0.13) if home else draw.uniform(0.0, 0.02))
            for kind, value in (("_T", old), ("40", away)):
                rows.append(_row(level, code, year, "POP", value, har=kind))
    return rows


def single_years(rows: Sequence[Row]) -> list[Row]:
    """Five-year bands as the years and the total of the publisher's own table, in the order of the bands."""
    out: list[Row] = []
    totals: dict[tuple[str, ...], tuple[Mapping[str, str], float]] = {}
    for row in rows:
        first, _, last = row["age"].removeprefix("Y").removeprefix("_GE").partition("T")
        ages = [f"Y{age}" for age in range(int(first), int(last or 99) + 1)] + ([] if last else ["Y_GE100"])
        share = repr(float(row["value"]) / len(ages))
        out += [{**row, "age": age, "value": share} for age in ages]
        place = (row["geo_niveau"], row["geo_code"], row["time_period"], row["sex"])
        totals[place] = (row, totals.get(place, (row, 0.0))[1] + float(row["value"]))
    return [*out, *({**row, "age": "_T", "value": f"{total:.1f}"} for row, total in totals.values())]


TABLES = {
    "insee__rp_activite": spec(f"{_START} sex empsta_enq {_END}", "geo_code", "value", _COMMUNES),
    "insee__rp_activite_sexe": spec(
        f"{_START} sex empsta_enq {_END}", "geo_code", "value", _COMMUNES, simulate=activity_by_sex
    ),
    "insee__rp_ages": spec(f"{_START} sex age {_END}", "geo_code", "value", _COMMUNES),
    "insee__rp_cohabitation": spec(
        f"{_START} har {_END}", "geo_code", "value", _COMMUNES, simulate=outside_households
    ),
    "insee__rp_diplomes": spec(f"{_START} educ {_END}", "geo_code", "value", _COMMUNES),
    "insee__rp_familles": spec(f"{_START} tfn {_END}", "geo_code", "value", _COMMUNES, simulate=families),
    "insee__rp_logements": spec(f"{_START} ocs {_END}", "geo_code", "value", _COMMUNES),
    "insee__rp_navettes": spec(f"{_START} trans work_area {_END}", "geo_code", "value", _COMMUNES),
}


def _melodi(
    name: str,
    table: str,
    title: str,
    measure: str,
    dimensions: str,
    constants: Mapping[str, str],
    more: tuple[str, ...] = (),
    unfold: Callable[[Sequence[Row]], Sequence[Row]] | None = None,
) -> Melodi:
    return Melodi(
        name=name,
        table=table,
        measure="RP_MEASURE",
        measures=frozenset({measure}),
        title={"fr": title, "en": title},
        uri=f"http://id.insee.fr/catalogues/jeuDeDonnees/{name.lower()}",
        issued="2026-06-30T12:00:00",
        modified="2026-06-30T12:00:00",
        product=f"{name}_2023_CSV_FR",
        byte_size=1_000_000,
        constants={**constants, "FREQ": "A"},
        dimensions={dimension: dimension.lower() for dimension in dimensions.split()},
        attributes=True,
        more=more,
        unfold=unfold,
    )


_DWELLING = "TDW TSH L_STAY NRG_SRC CARS CARPARK NOR BUILD_END TOH UFS"

MELODI = (
    _melodi(
        "DS_RP_EMPLOI_LR_PRINC",
        "insee__rp_activite",
        "Population active et chômage",
        "POP",
        "SEX EMPSTA_ENQ",
        constants={"AGE": "Y15T64", "EDUC": "_T"},
        more=("insee__rp_activite_sexe",),
    ),
    _melodi(
        "DS_RP_TD_POPULATION_AGESEX_PRINC",
        "insee__rp_ages",
        "Population détaillée par sexe et âge",
        "POP",
        "SEX AGE",
        constants={},
        unfold=single_years,
    ),
    _melodi(
        "DS_RP_TD_POPULATION_AGEHARSEX_PRINC",
        "insee__rp_cohabitation",
        "Population par sexe, âge et mode de cohabitation",
        "POP",
        "HAR",
        constants={"AGE": "Y_GE75", "SEX": "_T"},
    ),
    _melodi(
        "DS_RP_DIPLOMES_PRINC",
        "insee__rp_diplomes",
        "Diplômes et Formation",
        "POP",
        "EDUC",
        constants={"AGE": "Y_GE15", "SEX": "_T"},
    ),
    _melodi("DS_RP_FAMILLE_COMP", "insee__rp_familles", "Famille", "NBFAM", "TFN", constants={"NCH": "_T"}),
    _melodi(
        "DS_RP_LOGEMENT_PRINC",
        "insee__rp_logements",
        "Logements",
        "DWELLINGS",
        "OCS",
        constants=dict.fromkeys(_DWELLING.split(), "_T"),
    ),
    _melodi(
        "DS_RP_NAVETTES_PRINC",
        "insee__rp_navettes",
        "Déplacements domicile-travail",
        "POP",
        "TRANS WORK_AREA",
        constants={"AGE": "Y_GE15", "EMPSTA_ENQ": "1"},
    ),
)
