"""The two Explore datasets the portal serves: the production registry (ODRÉ) and the APL workbook (DREES).

Registry: the demonstration has one row a (commune, filière) with counts and sums; it is unfolded into `n_lignes`
records of the real 51 fields, of which `n_avec_energie` carry an energy, whose sums give the row back exactly. The
split between the records is an artefact: only sums and counts mean anything.
APL: one sheet a year, eight title rows, the header on row 9, a row of units, columns named as the publisher does.

Not here: queries and answers (`flows.portal.explore`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flows.portal.answers import Answer, Ask
from flows.portal.figures import View, number
from flows.portal.geo import DEPARTEMENTS, EPCI, REGIONS
from flows.portal.payloads import Book, Cell, Sheet

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Attached:
    """One attachment: its title, its type, its file."""

    title: str
    mime: str
    file: Callable[[Ask], Answer]


@dataclass(frozen=True)
class Explored:
    """One dataset. `fields` (name → type) is empty when it has attachments only."""

    host: str
    ident: str
    main: str
    publisher: str
    title: Callable[[Ask], str]
    modified: Callable[[Ask], str]
    read: Callable[[View, bool], list[dict[str, Any]]]
    fields: Mapping[str, str] = field(default_factory=dict)
    attachments: Mapping[str, Attached] = field(default_factory=dict)

    def records(self, view: View, *, repeat: bool = True) -> list[dict[str, Any]]:
        return self.read(view, repeat)


_TEXT_FIELDS = (
    "nominstallation codeeicresourceobject codeiris codeinseecommune commune codeepci epci codedepartement "
    "departement coderegion region codeiriscommuneimplantation codeinseecommuneimplantation codes3renr "
    "dateraccordement datederaccordement datemiseenservice datedebutversion postesource tensionraccordement "
    "moderaccordement codefiliere filiere codecombustible combustible codescombustiblessecondaires "
    "combustiblessecondaires codetechnologie technologie typestockage"
)
_NUMBER_FIELDS = (
    "puismaxinstallee puismaxraccharge puismaxcharge puismaxrac puismaxinstalleedischarge nbgroupes nbinstallations "
    "regime energiestockable capacitereservoir hauteurchute productible debitmaximal codegestionnaire gestionnaire "
    "energieannuelleglissanteinjectee energieannuelleglissanteproduite energieannuelleglissantesoutiree "
    "energieannuelleglissantestockee maxpuis datemiseenservice_date"
)
_WORDS = frozenset({"regime", "codegestionnaire", "gestionnaire", "datemiseenservice_date"})
REGISTRY_FIELDS = {
    name: "text" if name in _TEXT_FIELDS.split() or name in _WORDS else "double"
    for name in (*_TEXT_FIELDS.split(), *_NUMBER_FIELDS.split())
}


def _registry(view: View, repeat: bool) -> list[dict[str, Any]]:
    records = []
    for row in view.rows("odre__registre", repeat=repeat):
        place = view.figures.communes.get(row["codeinseecommune"])
        base: dict[str, Any] = dict.fromkeys(REGISTRY_FIELDS)
        base |= {
            "nominstallation": "Confidentiel",
            "codeinseecommune": row["codeinseecommune"],
            "commune": row["commune"],
            "filiere": row["filiere"],
            "regime": "En service",
        }
        if place:
            base |= {
                "codeepci": place["code_epci"],
                "epci": EPCI[place["code_epci"]][0] if place["code_epci"] in EPCI else None,
                "codedepartement": place["code_departement"],
                "departement": DEPARTEMENTS.get(place["code_departement"]),
                "coderegion": place["code_region"],
                "region": REGIONS.get(place["code_region"]),
            }
        lines = max(int(row["n_lignes"] or 1), 1)
        powers = _shares(number(row["puissance_kw"]), lines)
        plants = _shares(number(row["nb_installations"]), lines)
        energies = _shares(number(row["energie_injectee_kwh"]), int(row["n_avec_energie"] or 0))
        for i in range(lines):
            records.append(
                base
                | {
                    "puismaxinstallee": None if powers[i] is None else float(powers[i] or 0.0),
                    "maxpuis": None if powers[i] is None else float(powers[i] or 0.0),
                    "nbinstallations": plants[i],
                    "energieannuelleglissanteinjectee": energies[i] if i < len(energies) else None,
                }
            )
    return records


def _shares(total: float | int | None, parts: int) -> list[float | int | None]:
    """`total` in `parts` whole parts that add up to it exactly: all of it but the whole shares goes to the first."""
    if parts <= 0:
        return []
    if total is None:
        return [None] * parts
    share = int(total // parts)
    first = total - share * (parts - 1)
    return [round(first, 6) if isinstance(first, float) else first, *([share] * (parts - 1))]


def _altered(ask: Ask, host: str, ident: str, leaves: tuple[str, ...]) -> bool:
    base = f"/api/explore/v2.1/catalog/datasets/{ident}"
    return any(ask.view.at(host, f"{base}/{leaf}").altered for leaf in leaves)


def _state(ask: Ask) -> dt.date:
    return max(dt.date.fromisoformat(row["date_etat"]) for row in ask.view.figures.table("odre__registre"))


def _registry_modified(ask: Ask) -> str:
    if _altered(ask, ODRE.host, ODRE.ident, ("records", "exports/json", "exports/csv")):
        return f"{ask.today}T03:00:00+00:00"
    return f"{_state(ask) + dt.timedelta(days=12)}T08:15:42+00:00"


def _drees_modified(ask: Ask) -> str:
    if _altered(ask, DREES.host, DREES.ident, (f"attachments/{APL}",)):
        return f"{ask.today}T03:00:00+00:00"
    return "2026-02-17T10:24:05+00:00"


def apl_book(view: View) -> Book:
    """The APL workbook: a readme sheet, then one sheet a year found in the table."""
    sheets = [Sheet("Lisez-moi", [["Accessibilité potentielle localisée (APL) aux médecins généralistes"]])]
    rows = view.rows("drees__apl_generalistes")
    for year in sorted({row["annee"] for row in rows}):
        header: list[Cell] = [
            "Code commune INSEE",
            "Commune",
            "APL aux médecins généralistes",
            "APL aux médecins généralistes de 65 ans et moins ",
            f"Population standardisée {_before(year)} pour la médecine générale",
            f"Population totale {_before(year)}",
        ]
        unit = "nombre de consultations/visites accessibles par an par habitant standardisé"
        units: list[Cell] = ["", "", unit, unit, "habitants", "habitants"]
        lines: list[list[Cell]] = [
            [f"Accessibilité potentielle localisée aux médecins généralistes en {year}"],
            [],
            ["Champ : France hors Mayotte."],
            ["Sources : Cnam, SNDS ; Insee ; Drees."],
            [],
            [],
            [],
            [],
            header,
            units,
        ]
        for row in rows:
            if row["annee"] == year:
                figures = ("apl", "apl_65", "population_standardisee", "population_totale")
                lines.append([row["code_commune"], row["commune"], *(number(row[name]) for name in figures)])
        sheets.append(Sheet(f"APL {year}", lines, codes=8))
    return Book(sheets)


def _before(year: str) -> str:
    return str(int(year) - 2)


def _apl_answer(ask: Ask) -> Answer:
    name = "Indicateur d'accessibilité potentielle localisée (APL) aux médecins généralistes.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name.encode("ascii", "ignore").decode()}"'}
    return Answer(200, apl_book(ask.view), XLSX, headers, main="Code commune INSEE")


APL = "indicateur_d_apl_aux_medecins_generalistes_xlsx"
ODRE = Explored(
    host="odre.opendatasoft.com",
    ident="registre-national-installation-production-stockage-electricite-agrege",
    main="codeinseecommune",
    publisher="RTE, Enedis, EDF SEI, ELD",
    title=lambda ask: (
        f"Registre national des installations de production et de stockage d'électricité (au {_state(ask):%d/%m/%Y})"
    ),
    modified=_registry_modified,
    read=_registry,
    fields=REGISTRY_FIELDS,
)
DREES = Explored(
    host="data.drees.solidarites-sante.gouv.fr",
    ident="530_l-accessibilite-potentielle-localisee-apl",
    main="attachments",
    publisher="DREES",
    title=lambda ask: "L'accessibilité potentielle localisée (APL)",
    modified=_drees_modified,
    read=lambda view, repeat: [],
    attachments={APL: Attached("Indicateur d'APL aux médecins généralistes.xlsx", XLSX, _apl_answer)},
)
