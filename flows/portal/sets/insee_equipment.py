"""Insee, Melodi: SIMULATED counts of public services (DS_BPE) and of tourist accommodation (DS_TOUR_CAP).

Counts of services by commune are those of the simulated facilities of `insee_places`, when it draws their type; the
others, and the levels above, follow inhabitants at a plausible level. Identifiers, dates and sizes of the catalogue
records are those recorded on 6 January 2026; the codes of the dimensions are those read by public clients.

Not here: Melodi's answers (`flows.portal.melodi`).
"""

from __future__ import annotations

from collections import Counter, defaultdict

from flows.portal.drawing import chance, count, places
from flows.portal.figures import Figures, Row, spec
from flows.portal.melodi_catalogue import Melodi
from flows.portal.sets.insee_places import FACILITIES

_HEAD = "geo_millesime geo_niveau geo_code time_period"
_TAIL = "measure value conf_status obs_status"
# Orders of magnitude of the populations above the EPCI.
_WHOLE = {("DEP", "59"): 2_615_000, ("REG", "32"): 6_000_000, ("FRANCE", "F"): 68_600_000}
# Public services that are not located in `insee_places`: inhabitants for one.
_OTHERS = {"A101": 60000, "A104": 22000, "A207": 9000, "C301": 34000, "C302": 70000, "C303": 90000}
_SERVICES = (*_OTHERS, "A128", "A129", "A206", "A208", "C107", "C108", "C109", "C201", "F307")


def equipment(figures: Figures) -> list[Row]:
    """One row a territory and a type of service; a commune without any has no row for it."""
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in figures.table("insee__bpe_points"):
        if row["typequ"] in _SERVICES:
            counts["COM", row["depcom"]][row["typequ"]] += 1
    for place in places(figures):
        draw = chance("insee__bpe", place.code)
        for kind, per in _OTHERS.items():
            counts["COM", place.code][kind] += count(place.population, per, draw)
        counts["EPCI", place.epci].update(counts["COM", place.code])
    for where, inhabitants in _WHOLE.items():
        for kind in _SERVICES:
            per = _OTHERS.get(kind) or (4300 if kind == "A129" else FACILITIES[kind][0])
            counts[where][kind] = round(inhabitants / per)
    return [
        _row(level, code, "2024", str(number), facility_type=kind, measure="FACILITIES")
        for (level, code), kinds in sorted(counts.items())
        for kind, number in sorted(kinds.items())
        if number
    ]


def tourism(figures: Figures) -> list[Row]:
    """One row a territory, an activity and a measure, zeros included, at 1 January 2025."""
    counts: dict[tuple[str, str], Counter[tuple[str, str]]] = defaultdict(Counter)
    for place in places(figures):
        draw = chance("insee__hebergement_touristique", place.code)
        mine = counts["COM", place.code]
        for activity, per, size in (("I551", 16000, 38), ("I552", 45000, 55), ("I553", 12000, 70)):
            units = count(place.population, per, draw)
            offered = sum(round(size * draw.uniform(0.4, 1.8)) for _ in range(units))
            mine[activity, "UNIT_LOC"] = units
            mine[activity, "PLACE"] = offered if activity != "I552" else round(offered / 2.5)
            mine[activity, "BEDPLACE"] = offered if activity == "I552" else 0
        counts["EPCI", place.epci].update(mine)
    for where, inhabitants in _WHOLE.items():
        for activity, per, size in (("I551", 6500, 40), ("I552", 30000, 90), ("I553", 14000, 110)):
            units = round(inhabitants / per)
            counts[where][activity, "UNIT_LOC"] = units
            counts[where][activity, "PLACE"] = units * size if activity != "I552" else round(units * size / 2.5)
            counts[where][activity, "BEDPLACE"] = units * size if activity == "I552" else 0
    return [
        _row(level, code, "2025", str(figures_of[activity, measure]), activity=activity, measure=measure)
        for (level, code), figures_of in sorted(counts.items())
        for activity in ("I551", "I552", "I553")
        for measure in ("BEDPLACE", "PLACE", "UNIT_LOC")
    ]


def _row(level: str, code: str, period: str, value: str, **more: str) -> Row:
    head = {"geo_millesime": "2025", "geo_niveau": level, "geo_code": code, "time_period": period}
    return {**head, **more, "value": value, "conf_status": "F", "obs_status": "A"}


TABLES = {
    "insee__bpe": spec(
        f"{_HEAD} facility_type {_TAIL}", "geo_code", "value", ("geo_niveau", "COM"), simulate=equipment
    ),
    "insee__hebergement_touristique": spec(
        f"{_HEAD} activity {_TAIL}", "geo_code", "value", ("geo_niveau", "COM"), simulate=tourism
    ),
}

MELODI = (
    Melodi(
        name="DS_BPE",
        table="insee__bpe",
        measure="BPE_MEASURE",
        measures=frozenset({"FACILITIES"}),
        title={
            "fr": "Dénombrement des équipements (commerce, sport, services, santé…)",
            "en": "Number of facilities (commerce, services, health, etc.)",
        },
        uri="http://id.insee.fr/catalogues/jeuDeDonnees/e0d4ab75-c84c-49a1-83b8-357fa465d36f",
        issued="2025-07-09T11:36:55",
        modified="2025-07-10T14:00:49",
        product="DS_BPE_2024_CSV_FR",
        byte_size=13_000_000,
        dimensions={"FACILITY_TYPE": "facility_type"},
        attributes=True,
    ),
    Melodi(
        name="DS_TOUR_CAP",
        table="insee__hebergement_touristique",
        measure="TOUR_MEASURE",
        measures=frozenset({"UNIT_LOC", "PLACE", "BEDPLACE"}),
        title={"fr": "Capacités d'hébergements touristiques", "en": "Tourism capacities"},
        uri="http://id.insee.fr/catalogues/jeuDeDonnees/acc4fa69-d5f8-44c3-a8b8-b04cbc80675c",
        issued="2025-06-16T14:14:55",
        modified="2025-11-21T14:31:04",
        product="DS_TOUR_CAP_2025_CSV_FR",
        byte_size=10_713_708,
        constants={"UNIT_LOC_RANKING": "_T", "L_STAY": "_T"},
        dimensions={"ACTIVITY": "activity"},
        attributes=True,
    ),
)
