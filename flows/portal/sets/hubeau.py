"""SIMULATED drinking-water services in the form of hubeau.eaufrance.fr, a paged JSON API.

The address, its parameters and the fields of a service are those of third-party clients; the names of services, their
perimeters and every figure are drawn from a fixed seed: about one service for ten communes of an EPCI, some of which
do not declare a year. Not here: the other routes of Hub'Eau.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from urllib.parse import urlencode

from flows.portal.answers import Answer, Ask, json_answer
from flows.portal.figures import Figures, Row, number, spec
from flows.portal.geo import EPCI

HOST = "hubeau.eaufrance.fr"
PATH = "/api/v0/indicateurs_services/services"
YEARS = range(2019, 2025)
AROUND = 10  # communes of a service
CODES = {"rendement_pct": "P104.3", "volume_m3": "VP.234", "abonnes": "VP.056", "conso_par_abonne_m3": "VP.231"}
_SIZE, _MOST, _DEPTH = 5_000, 20_000, 20_000


def simulated(figures: Figures) -> Sequence[Row]:
    """One row a service, a commune and a year."""
    rows: list[Row] = []
    by_epci: dict[str, list[str]] = {}
    for code, commune in figures.communes.items():
        by_epci.setdefault(commune["code_epci"], []).append(code)
    for epci, codes in sorted(by_epci.items()):
        for rank, start in enumerate(range(0, len(codes), AROUND), start=1):
            rows += _service(figures, epci, rank, codes[start : start + AROUND])
    return rows


def _service(figures: Figures, epci: str, rank: int, codes: list[str]) -> Iterable[Row]:
    draw = random.Random(f"observatoire-2044/hubeau__services_eau/{epci}/{rank}")
    people = sum(int(figures.communes[code]["population"] or 0) for code in codes)
    subscribers = round(people / draw.uniform(2.1, 2.5))
    used, efficiency, slope = draw.uniform(95, 125), draw.uniform(76, 88), draw.uniform(-0.2, 0.6)
    name = f"Service de démonstration {rank} ({EPCI.get(epci, (epci,))[0]})"
    for year in YEARS:
        declared = draw.random() > 0.12
        value = efficiency + slope * (year - YEARS[0]) + draw.uniform(-0.8, 0.8)
        volume = subscribers * used / (value / 100)
        figures_of = {
            "rendement_pct": f"{value:.2f}",
            "volume_m3": f"{volume:.0f}",
            "abonnes": str(subscribers + 40 * (year - YEARS[0])),
            "conso_par_abonne_m3": f"{used + draw.uniform(-1, 1):.1f}",
        }
        for code in codes:
            yield {
                "code_service": f"{epci[-4:]}{rank:02d}",
                "nom_service": name,
                "code_commune": code,
                "annee": str(year),
                **(figures_of if declared else dict.fromkeys(CODES, "")),
            }


TABLES = {
    "hubeau__services_eau": spec(
        f"code_service nom_service code_commune annee {' '.join(CODES)}",
        "code_commune",
        "rendement_pct volume_m3",
        simulate=simulated,
    ),
}


def answer(ask: Ask) -> Answer:
    """The services of some communes, page by page; 206 says that other pages follow."""
    if ask.path != PATH or ask.method not in ("GET", "HEAD"):
        return json_answer({"code": "NotFound", "message": "Not Found", "field_errors": None}, status=404)
    asked = {code for code in ask.get("code_commune").split(",") if code}
    size, page = ask.get("size") or str(_SIZE), ask.get("page") or "1"
    if not size.isdigit() or not page.isdigit() or not 0 < int(size) <= _MOST or int(size) * int(page) > _DEPTH * 2:
        return json_answer({"code": "ValidatePath", "message": "size ou page hors des bornes"}, status=400)
    if not asked or len(asked) > 200 or ask.get("type_service") not in ("", "AEP"):
        return json_answer({"code": "ValidatePath", "message": "code_commune ou type_service refusé"}, status=400)
    services: dict[tuple[str, str], dict[str, object]] = {}
    found: dict[tuple[str, str], set[str]] = {}
    for row in ask.view.rows("hubeau__services_eau"):
        key = (row["code_service"], row["annee"])
        entry = services.setdefault(
            key,
            {
                "code_service": int(row["code_service"]),
                "nom_service": row["nom_service"],
                "codes_commune": [],
                "annee": int(row["annee"]),
                "indicateurs": {sispea: number(row[name]) for name, sispea in CODES.items() if row[name] != ""},
            },
        )
        entry["codes_commune"].append(row["code_commune"])  # type: ignore[attr-defined]
        found.setdefault(key, set()).add(row["code_commune"])
    kept = [services[key] for key in sorted(services) if found[key] & asked]
    start = (int(page) - 1) * int(size)
    shown = kept[start : start + int(size)]
    more = start + len(shown) < len(kept)
    pairs = [(name, value) for name, value in ask.params if name != "page"]
    link = f"https://{HOST}{PATH}?{urlencode([*pairs, ('page', str(int(page) + 1))])}"
    value = {
        "count": len(kept),
        "first": None,
        "last": None,
        "prev": None,
        "next": link if more else None,
        "api_version": "0.3.1",
        "data": shown,
    }
    return json_answer(value, status=206 if more else 200, main="code_service")


ROUTES = {HOST: answer}
