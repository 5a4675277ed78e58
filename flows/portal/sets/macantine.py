"""SIMULATED canteens and their declared purchases, CSV files behind data.gouv.fr.

Columns are those of the published schemas, the useful ones filled; titles and identifiers of the files are
reconstructed. No figure is real: one canteen for about 2,000 inhabitants, at least one in a commune of more than 500,
drawn from a fixed seed; about half declare. Not here: discovery (`flows.portal.datagouv`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

from flows.portal.datagouv_files import File
from flows.portal.figures import Figures, Row, View, spec
from flows.portal.payloads import Cell, Csv, words

YEARS = ("2022", "2023", "2024")
DECLARED = words(
    "id applicant_id teledeclaration_mode creation_date year version canteen_id canteen_siret canteen_name "
    "canteen_central_kitchen_siret canteen_city_insee_code canteen_epci canteen_department canteen_region "
    "canteen_economic_model canteen_management_type canteen_production_type canteen_sectors "
    "teledeclaration_ratio_bio teledeclaration_ratio_egalim_hors_bio"
)
REGISTER = words(
    "id name siret city city_insee_code postal_code sectors daily_meal_count yearly_meal_count management_type "
    "production_type economic_model department region"
)


def _canteens(figures: Figures) -> Iterator[tuple[str, str, int, random.Random]]:
    """(identifier, commune, meals a year, draw) of each canteen."""
    for code, commune in figures.communes.items():
        people = int(commune["population"] or 0)
        for rank in range(max(round(people / 2000), int(people > 500))):
            draw = random.Random(f"observatoire-2044/macantine/{code}/{rank}")
            yield f"9{code}{rank:02d}", code, draw.randrange(60, 320) * 140, draw


def register(figures: Figures) -> Sequence[Row]:
    """One row a canteen."""
    return [
        {
            "id": ident,
            "city_insee_code": code,
            "production_type": draw.choice(("site", "site", "site_cooked_elsewhere")),
            "yearly_meal_count": str(meals) if draw.random() > 0.05 else "",
        }
        for ident, code, meals, draw in _canteens(figures)
    ]


def declared(figures: Figures) -> Sequence[Row]:
    """One row a canteen that declared, by year; one in eight has no share of its own."""
    rows = []
    for ident, code, _, draw in _canteens(figures):
        organic, other, habit = draw.uniform(0.03, 0.28), draw.uniform(0.05, 0.22), draw.random()
        for place, year in enumerate(YEARS):
            if habit > 0.35 + 0.1 * place:
                continue
            own = draw.random() > 0.125
            rows.append(
                {
                    "year": year,
                    "canteen_id": ident,
                    "canteen_city_insee_code": code,
                    "teledeclaration_ratio_bio": f"{organic + 0.01 * place:.4f}" if own else "",
                    "teledeclaration_ratio_egalim_hors_bio": f"{other + 0.015 * place:.4f}" if own else "",
                }
            )
    return rows


TABLES = {
    "macantine__registre": spec(
        "id city_insee_code production_type yearly_meal_count",
        "city_insee_code",
        "yearly_meal_count",
        simulate=register,
    ),
    "macantine__teledeclarations": spec(
        "year canteen_id canteen_city_insee_code teledeclaration_ratio_bio teledeclaration_ratio_egalim_hors_bio",
        "canteen_city_insee_code",
        "teledeclaration_ratio_bio",
        simulate=declared,
    ),
}


def _register(view: View) -> Csv:
    lines: list[list[Cell]] = []
    for row in view.rows("macantine__registre"):
        place = view.figures.communes.get(row["city_insee_code"], {})
        cells = {**row, "name": f"Cantine de démonstration {row['id']}", "city": place.get("nom", "")}
        lines.append([cells.get(name, "") for name in REGISTER])
    return Csv(REGISTER, lines)


def _campaign(year: str) -> Callable[[View], Csv]:
    def payload(view: View) -> Csv:
        lines: list[list[Cell]] = []
        for number, row in enumerate(view.rows("macantine__teledeclarations"), start=1):
            if row["year"] != year:
                continue
            place = view.figures.communes.get(row["canteen_city_insee_code"], {})
            cells = {**row, "id": str(number), "canteen_epci": place.get("code_epci", "")}
            cells["teledeclaration_mode"] = "SITE" if row["teledeclaration_ratio_bio"] else "SATELLITE_WITHOUT_APPRO"
            lines.append([cells.get(name, "") for name in DECLARED])
        return Csv(DECLARED, lines)

    return payload


FILES = (
    File(
        dataset="62b1c5a7d4e8f90316a2b3c4",
        slug="registre-national-des-cantines",
        dataset_title="Registre national des cantines",
        organisation="Ministère de l'agriculture",
        licence="lov2",
        frequency="daily",
        resource="408dc7f0-5a3e-4b1d-9c62-e7f80a1b2c3d",
        title="Registre des cantines",
        name="registre_cantines.csv",
        modified="2026-11-10T04:00:00",
        main="city_insee_code",
        payload=_register,
    ),
    *(
        File(
            dataset="62b1c5a7d4e8f90316a2b3c5",
            slug="resultats-de-campagnes-de-teledeclaration-des-cantines",
            dataset_title="Résultats des campagnes de télédéclaration des cantines",
            organisation="Ministère de l'agriculture",
            licence="lov2",
            frequency="annual",
            resource=f"51f8e2a6-{year}-4c7b-8d90-1e2f3a4b5c6d",
            title=f"Campagne {int(year) + 1} (données {year})",
            name=f"campagne_td_{int(year) + 1}.csv",
            modified=f"{int(year) + 1}-09-30T04:00:00",
            main="canteen_id",
            payload=_campaign(year),
        )
        for year in YEARS
    ),
)
