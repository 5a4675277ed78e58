"""National series of the demonstration, against the texts of the pages they were transcribed from: another path.

Not here: the byte-for-byte carrying over (test_demonstration_shared_insee.py).
"""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

pytestmark = pytest.mark.shared
# … threshold at 60 %, thousands of poor persons, rate; then the same at 70 %, unknown in the oldest years.
_AT_70 = r"(?:\d\d \d{3} \d\d,\d|nd nd)"
_THRESHOLD = re.compile(rf"^(\d{{4}})( \[\d\])? .*? (\d{{3}}|1 0\d\d) \d \d{{3}} \d\d,\d {_AT_70}$", re.M)


def page(shared_data, name: str) -> str:
    return (shared_data / "insee_pages" / f"{name}.txt").read_text(encoding="utf-8")


def numbers(line: str) -> list[Decimal]:
    """Figures of a line of a page, thousands separated by a blank: « 23 100 | 23 690 »."""
    return [Decimal(found.replace(" ", "")) for found in re.findall(r"\d{1,3}(?: \d{3})+", line)]


def series(table, measure: str) -> dict[str, Decimal]:
    rows = table("insee__niveau_vie_national")
    return {r["time_period"]: Decimal(r["value"]) for r in rows if r["measure"] == measure}


def test_medians_are_those_of_the_pages(shared_data, table, compare):
    found = series(table, "MED_SL")
    text = page(shared_data, "insee_2491918_niveau_de_vie_inegalites_1975_2022")
    published = numbers(next(line for line in text.splitlines() if line.startswith("Niveau de vie médian")))
    assert len(published) == 6  # 2018, 2019, 2020 twice, 2021, 2022
    del published[2]  # the older method of 2020
    years = [str(year) for year in range(2018, 2023)]
    compare("insee__niveau_vie_national", {y: found[y] for y in years}, dict(zip(years, published, strict=True)))
    # In euros of 2018, the older edition: the ratio of a year to 2018 does not depend on the euro of the table.
    text = page(shared_data, "insee_2491918_niveau_de_vie_2013_2018_edition2020")
    older = numbers(next(line for line in text.splitlines() if line.startswith("Niveau de vie médian")))
    assert len(older) == 6
    for year, value in zip(range(2013, 2019), older, strict=True):
        assert found[str(year)] / found["2018"] == pytest.approx(value / older[-1], rel=Decimal("1e-6"))


def test_old_medians_follow_the_poverty_threshold(shared_data, table):
    found = series(table, "MED_SL")
    text = page(shared_data, "cnle_seuils_taux_pauvrete_1975_2014")
    checked = 0
    for year, marked, threshold in _THRESHOLD.findall(text):
        if int(year) > 2012 or (year in ("2010", "2012") and not marked):
            continue
        # Constant euros of another year, and a threshold rounded to the euro: levels relative to 2014 are the same.
        relative = Decimal(threshold.replace(" ", "")) / (Decimal("0.6") * 20150 / 12)
        assert found[year] / found["2014"] == pytest.approx(relative, rel=Decimal("0.001")), year
        checked += 1
    assert checked >= 15


def test_thresholds_are_60_percent_and_give_the_deflator(shared_data, table):
    medians, constant, current = (series(table, m) for m in ("MED_SL", "PT_MD60_CONST_PR", "PT_MD60_CURR_PR"))
    assert constant.keys() == medians.keys()
    for year, value in constant.items():
        assert value * 20 == pytest.approx(medians[year], abs=Decimal("0.11"))
    assert constant["2022"] == current["2022"], "the euros of the series are those of its last year"
    factors = [constant[year] / current[year] for year in sorted(current)]
    assert factors == sorted(factors, reverse=True), "prices rise: an older euro is worth more"
    quoted = page(shared_data, "insee_niveaux_de_vie_medians_courants")
    assert "2019: 22 040 €" in quoted and current["2019"] * 20 == 22040


def test_activity_rates_are_those_of_one_revised_edition(shared_data, table, compare):
    rows = {(r["time_period"], r["sex"]): Decimal(r["value"]) for r in table("insee__activite_nationale")}
    text = page(shared_data, "insee_7659132_population_active_1975_2022")
    years = re.search(r"^Caractéristiques (.*)$", text, re.M)[1].split()
    block = text[text.index("Taux d’activité des 15-64 ans") :]
    for sex, start in (("_T", "Taux d’activité des 15-64 ans (en %)"), ("F", "Femmes"), ("M", "Hommes")):
        line = next(x for x in block.splitlines() if x.startswith(start))
        published = [Decimal(x.replace(",", ".")) for x in line.removeprefix(start).split()]
        expected = dict(zip(years, published, strict=True))
        compare("insee__activite_nationale", {year: rows[(year, sex)] for year in years}, expected)
    assert {year for year, _ in rows} == set(years)
