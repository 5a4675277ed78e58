"""Insee's national series: median standard of living since 1975 in euros of 2022, activity rates by sex.

Not here: any year that no page states. The long series at constant scope (DS_ERFS_CHAMP_CONST_SL) is not among the
reference figures: the headline ERFS series stands in for it, chained between three bases of constant euros on a year
that both sides state; thresholds are 60 % of the median, by definition.
"""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

from tests.demonstration.carry.contract import Contract, columns
from tests.demonstration.carry.reading import CarryError, Row, indexed, rows

_PLACE = "geo_millesime int, geo_niveau, geo_code, time_period"
_VALUE = "measure, value double, conf_status, obs_status"
_KEY = ("geo_niveau", "geo_code", "time_period")
CONTRACTS = {
    "insee__niveau_vie_national": Contract(
        columns(f"{_PLACE}, {_VALUE}"), (*_KEY, "measure"), optional=("geo_millesime",)
    ),
    "insee__activite_nationale": Contract(
        columns(f"{_PLACE}, sex, age, {_VALUE}"), (*_KEY, "sex", "age", "measure"), optional=("geo_millesime",)
    ),
}

MONTHLY_THRESHOLD = Decimal("0.6") / 12
_CURRENT = re.compile(r"^(\d{4}): ([\d ]+) €", re.M)
_SEXES = (("_T", "ensemble"), ("F", "femmes"), ("M", "hommes"))


def _row(nation: str, year: str, measure: str, value: str, **further: str) -> Row:
    """A row of a dataset without a GEO dimension: no vintage of the geography."""
    place = {"geo_millesime": "", "geo_niveau": "FRANCE", "geo_code": nation, "time_period": year}
    return place | further | {"measure": measure, "value": value, "conf_status": "F", "obs_status": "A"}


def _cents(value: Decimal) -> str:
    return str(value.quantize(Decimal("0.01")))


def medians(shared: Path) -> dict[str, Decimal]:
    """Median standard of living of metropolitan France by year, euros of 2022 a year.

    1975–2012 from the poverty threshold in euros of 2014 (rounded to the euro a month, so ± 10 € a year), 2013–2017
    from the edition in euros of 2018, 2018–2022 as published. A year given twice is that of the newer method.

    Raises:
        CarryError: a year that two bases should share is missing.
    """
    national = shared / "national"
    pages = rows(national / "france_metro_niveau_de_vie_median_euros_constants.csv", ";")
    old = {r["annee"]: Decimal(r["mediane"]) for r in pages if r["unite"] == "euros constants 2018"}
    new = {
        r["annee"]: Decimal(r["mediane"])
        for r in pages
        if r["unite"] in ("euros constants 2022", "euros constants 2022 (new chain)")
    }
    thresholds: dict[str, Decimal] = {}
    for row in rows(national / "france_metro_seuil_pauvrete_et_mediane_derivee_1975_2014.csv", ";"):
        if row["rupture_serie"] or row["annee"] not in thresholds:
            thresholds[row["annee"]] = Decimal(row["seuil60_eur2014_mois"])
    current = currents(shared)
    if not ("2018" in old and "2018" in new and "2014" in old and "2014" in current):
        raise CarryError("two bases of constant euros have no year in common")
    from_2018 = new["2018"] / old["2018"]
    from_2014 = old["2014"] / current["2014"] * from_2018
    result = {year: value / MONTHLY_THRESHOLD * from_2014 for year, value in thresholds.items()}
    result |= {year: value * from_2018 for year, value in old.items()}
    return result | new


def currents(shared: Path) -> dict[str, Decimal]:
    """Medians in euros of their own year: those quoted by Insee's pages, and the last year of each edition."""
    text = (shared / "insee_pages/insee_niveaux_de_vie_medians_courants.txt").read_text(encoding="utf-8")
    found = {year: Decimal(value.replace(" ", "")) for year, value in _CURRENT.findall(text)}
    if not found:
        raise CarryError("no median in current euros is quoted")
    pages = rows(shared / "national/france_metro_niveau_de_vie_median_euros_constants.csv", ";")
    own = {r["annee"]: Decimal(r["mediane"]) for r in pages if r["unite"] == f"euros constants {r['annee']}"}
    return found | own


def twice(shared: Path) -> set[str]:
    """Years that the long table gives by two methods: a median of their time would be compared with the other one."""
    table = rows(shared / "national/france_metro_seuil_pauvrete_et_mediane_derivee_1975_2014.csv", ";")
    return {row["annee"] for row in table if row["rupture_serie"]}


def niveau_vie_national(shared: Path) -> list[Row]:
    """insee__niveau_vie_national: median (€ a year) and threshold (€ a month), constant and current euros."""
    result = []
    for year, value in medians(shared).items():
        result.append(_row("FM", year, "MED_SL", _cents(value)))
        result.append(_row("FM", year, "PT_MD60_CONST_PR", _cents(value * MONTHLY_THRESHOLD)))
    current = {year: value for year, value in currents(shared).items() if year not in twice(shared)}
    return result + [_row("FM", y, "PT_MD60_CURR_PR", _cents(v * MONTHLY_THRESHOLD)) for y, v in current.items()]


def activite_nationale(shared: Path) -> list[Row]:
    """insee__activite_nationale: activity rate of the 15-64 (%), seven years of one revised series."""
    table = rows(shared / "national/france_taux_activite_15_64_enquete_emploi.csv", ";")
    # 2011 is of an older series, which the revision replaced: the two do not mix.
    series = indexed((r for r in table if r["source"] == "insee 7659132"), "annee")
    return [
        _row("F", year, "ACTRATE", row[column], sex=sex, age="Y15T64")
        for year, row in series.items()
        for sex, column in _SEXES
    ]


CARRIERS = {
    "insee__niveau_vie_national": niveau_vie_national,
    "insee__activite_nationale": activite_nationale,
}
