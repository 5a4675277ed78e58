"""LCSQA: the daily « E2 » files, with SIMULATED fine particles: nothing here was measured.

No real value of the four stations is known: each day of each station is drawn from a fixed seed (winter higher, some
days of stagnant air shared by all, some hours missing, one station too often out of order to make a year), then
written as its 24 hours. Header and spelling are those of the two real lines known (contract §1.4). A line of another
pollutant and one of another region are there, as in the national files.
Not here: HTTP (`flows.portal.server`).
"""

from __future__ import annotations

import datetime as dt
import math
import random
import re
from collections.abc import Sequence

from flows.portal.answers import Answer, Ask, text_answer
from flows.portal.figures import Figures, Row, spec
from flows.portal.payloads import Cell, Csv, words

HOST = "files.data.gouv.fr"
TABLE = "lcsqa__particules_fines"
FIRST, LAST = dt.date(2025, 1, 1), dt.date(2026, 12, 31)
HEADER = words(
    "Date de début;Date de fin;Organisme;code zas;Zas;code site;nom site;type d'implantation;Polluant;"
    "type d'influence;discriminant;Réglementaire;type d'évaluation;procédure de mesure;type de valeur;valeur;"
    "valeur brute;unité de mesure;taux de saisie;couverture temporelle;couverture de données;code qualité;validité",
    ";",
)
# code → name, setting, influence, level beside the others, share of hours lost
_STATIONS = {
    "FR06001": ("Valenciennes Acacias", "Urbaine", "Fond", 1.00, 0.03),
    "FR06006": ("Valenciennes Wallon", "Urbaine", "Trafic", 1.18, 0.04),
    "FR06011": ("Denain Villars", "Urbaine", "Fond", 1.04, 0.05),
    "FR06134": ("Saint Amand", "Périurbaine", "Fond", 0.93, 0.24),
}


def simulated(figures: Figures) -> Sequence[Row]:
    """One row a station and a day: valid hours and the sum of their values, in tenths of µg/m³."""
    shared, rows, day = random.Random(f"{TABLE}/air"), [], FIRST
    draws = {code: random.Random(f"{TABLE}/{code}") for code in _STATIONS}
    stagnant = 0.0
    while day <= LAST:
        stagnant = 0.7 * stagnant + 0.7 * shared.gauss(0, 1)
        season = 10.0 + 4.5 * math.cos(2 * math.pi * (day.timetuple().tm_yday - 35) / 365.25)
        for code, (name, setting, influence, level, lost) in _STATIONS.items():
            draw = draws[code]
            hours = 24 - sum(draw.random() < lost for _ in range(24))
            mean = season * level * math.exp(0.42 * stagnant + 0.08 * draw.gauss(0, 1) - 0.1)
            rows.append(
                {
                    "code_site": code,
                    "nom_site": name,
                    "type_implantation": setting,
                    "type_influence": influence,
                    "jour": day.isoformat(),
                    "n_valides": str(hours),
                    "dixiemes": str(round(10 * mean * hours)),
                }
            )
        day += dt.timedelta(days=1)
    return rows


TABLES = {
    TABLE: spec(
        "code_site nom_site type_implantation type_influence jour n_valides dixiemes",
        "code_site",
        "dixiemes",
        None,
        simulated,
    ),
}


def answer(ask: Ask) -> Answer:
    """Answer of the file server to one request: the file of a day, or a 404 page."""
    found = re.fullmatch(r"/lcsqa/[a-z-]+/temps-reel/(\d{4})/FR_E2_(\d{4}-\d{2}-\d{2})\.csv", ask.path)
    day = found[2] if found and found[2].startswith(found[1]) and found[2] < ask.today.isoformat() else ""
    rows = _by_day(ask.view.figures).get(day, [])
    if not rows or ask.method not in ("GET", "HEAD"):
        return text_answer("<html><head><title>404 Not Found</title></head></html>\n", 404, content_type="text/html")
    lines = [line for row in ask.view.amend(TABLE, rows) for line in _hours(row, day)]
    lines.append(_line(day, 0, "ATMO GRAND EST", "FR01011", "Metz-Centre", "Urbaine", "Fond", "PM2.5", "9.1"))
    lines.append(_line(day, 0, "ATMO HAUTS DE FRANCE", "FR06011", "Denain Villars", "Urbaine", "Fond", "NO", "1.1"))
    return Answer(200, Csv(HEADER, lines, ";"), "text/csv; charset=utf-8", {}, "strong", "code site")


def _by_day(figures: Figures) -> dict[str, list[Row]]:
    def make() -> dict[str, list[Row]]:
        days: dict[str, list[Row]] = {}
        for row in figures.table(TABLE):
            days.setdefault(row["jour"], []).append(row)
        return days

    return figures.kept(f"{TABLE} by day", make)


def _hours(row: Row, day: str) -> list[list[Cell]]:
    """The 24 hours of a station: the valid ones share the sum of the day, to the tenth; the others have no value."""
    valid, tenths = int(row["n_valides"]), int(float(row["dixiemes"]))
    place = (row["code_site"], row["nom_site"], row["type_implantation"], row["type_influence"])
    lines = []
    for hour in range(24):
        value = ""
        if hour < valid:
            share = tenths * (hour + 1) // valid - tenths * hour // valid
            value = f"{share // 10}.{share % 10}"
        lines.append(_line(day, hour, "ATMO HAUTS DE FRANCE", *place, "PM2.5", value))
    return lines


def _line(
    day: str, hour: int, body: str, code: str, name: str, setting: str, influence: str, pollutant: str, value: str
) -> list[Cell]:
    date = dt.date.fromisoformat(day)
    start = dt.datetime(date.year, date.month, date.day, hour)
    cells: dict[str, Cell] = {
        "Date de début": f"{start:%Y/%m/%d %H:%M:%S}",
        "Date de fin": f"{start + dt.timedelta(hours=1):%Y/%m/%d %H:%M:%S}",
        "Organisme": body,
        "code site": code,
        "nom site": name,
        "type d'implantation": setting,
        "Polluant": pollutant,
        "type d'influence": influence,
        "discriminant": "A",
        "Réglementaire": "Oui",
        "type d'évaluation": "mesures fixes",
        "type de valeur": "moyenne horaire validée",
        "valeur": value,
        "valeur brute": value,
        "unité de mesure": "µg-m3",
        "code qualité": "A" if value else "N",
        "validité": "1" if value else "-1",
    }
    return [cells.get(title, "") for title in HEADER]


ROUTES = {HOST: answer}
