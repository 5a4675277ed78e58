"""What a release would publish, worked out from the demonstration tables with plain arithmetic, for this room.

It lets every row of tests/officiel.csv be tried without a pipeline, and shows a wrong row before a wrong release.
Not here: the release itself. It shares no code with dbt; rounding is left out (decimals are given as 6).
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Value = Decimal | None
LEVELS = {
    "COM": "commune",
    "EPCI": "epci",
    "DEP": "departement",
    "REG": "region",
    "METROPOLE": "france_metropolitaine",
}
UNITS = {
    "apl_medecins_generalistes": "consultations par an et par habitant",
    "consommation_enaf": "ha/an",
    "consommation_energie_finale": "GWh par an",
    "emissions_ges": "ktCO₂e/an",
    "points_recharge_irve": "stations",
    "population": "habitants",
    "production_enr": "GWh",
    "revenu_median_uc": "€ par an et par unité de consommation",
}  # the others are rates, in %
RENEWABLE = {"Solaire": "solaire", "Eolien": "eolien", "Bioénergies": "bioenergies"}
OUTSIDE_TOTAL = {"autres_transports_international", "co2_biomasse_hors_total"}


class StandIn:
    """Builds the rows of the three tables from a folder of demonstration tables."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.epci = {row["code"]: row["code_epci"] for row in self.rows("geo__communes")}
        self.observations: list[Row] = []
        for build in (self._people, self._incomes, self._jobless, self._energy, self._land, self._others):
            build()

    def rows(self, name: str) -> list[dict[str, str]]:
        with (self.folder / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    @property
    def territories(self) -> list[Row]:
        return [{"niveau": "commune", "code": code, "epci": epci} for code, epci in self.epci.items()]

    @property
    def indicators(self) -> list[Row]:
        return [{"indicateur": name, "decimales": 6} for name in sorted({r["indicateur"] for r in self.observations})]

    def put(
        self, indicator: str, level: str, code: str, period: str, value: Value, part: str = "", secret=False
    ) -> None:
        self.observations.append(
            {
                "indicateur": indicator,
                "territoire_niveau": level,
                "territoire_code": code,
                "periode": period,
                "ventilation": part,
                "unite": UNITS.get(indicator, "%"),
                "valeur": None if value is None else float(value),
                "statut": "secret" if secret else "manquant" if value is None else "definitif",
            }
        )

    def places(self, code: str) -> Iterator[tuple[str, str]]:
        yield "commune", code
        yield "epci", self.epci[code]

    def sums(self, indicator: str, cells: Iterable[tuple[str, str, str, Decimal]]) -> dict[tuple[str, ...], Decimal]:
        """(commune, period, part, value) summed by place, published and returned."""
        total: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
        for code, period, part, value in cells:
            for place in self.places(code):
                total[(*place, period, part)] += value
        for (level, place, period, part), value in total.items():
            self.put(indicator, level, place, period, value, part)
        return total

    def _people(self) -> None:
        rows = [r for r in self.rows("insee__populations") if r["measure"] == "PMUN"]
        self.sums(
            "population",
            ((r["geo_code"], r["time_period"], "", Decimal(r["value"])) for r in rows if r["geo_niveau"] == "COM"),
        )
        for r in rows:
            if r["geo_niveau"] != "COM":
                self.put("population", LEVELS[r["geo_niveau"]], r["geo_code"], r["time_period"], Decimal(r["value"]))

    def _incomes(self) -> None:
        names = {"MED": "revenu_median_uc", "TP60": "taux_pauvrete"}
        names |= {"MED_SL": "revenu_median_uc", "PR_MD60": "taux_pauvrete"}
        for r in self.rows("insee__filosofi"):
            value = Decimal(r["value"]) if r["value"] else None
            secret = r["conf_status"] == "C"
            self.put(
                names[r["measure"]], LEVELS[r["geo_niveau"]], r["geo_code"], r["time_period"], value, secret=secret
            )
        for r in self.rows("insee__filosofi_fichiers"):
            written, code = r["valeur_brute"], "FM" if r["niveau"] == "METROPOLE" else r["codgeo"]
            secret = written == "s" or (written == "" and r["annee"] <= "2019")
            value = None if written in ("s", "") else Decimal(written.replace(",", "."))
            self.put(names[r["mesure"]], LEVELS[r["niveau"]], code, r["annee"], value, secret=secret)

    def _jobless(self) -> None:
        name = "taux_chomage_zone_emploi"
        for r in self.rows("insee__chomage_ze"):
            self.put(name, "zone_emploi", r["ze2020"], r["periode"], Decimal(r["taux"]))
        for r in self.rows("insee__chomage_departement"):
            self.put(name, "departement", r["code"], r["periode"], Decimal(r["taux"]))

    def _energy(self) -> None:
        cells = []
        for r in self.rows("ore__consommation"):
            if not r["conso_totale_mwh"]:
                continue
            value = Decimal(r["conso_totale_mwh"]) / 1000
            part = {"Gaz": "gaz", "Electricité": "electricite"}[r["filiere"]]
            if r["code_commune"] == "59092" and part == "gaz" and r["code_grand_secteur"] != "RESIDENTIEL":
                part = "gaz_centrale_exclue"
            else:
                cells.append((r["code_commune"], r["annee"], "", value))
            cells.append((r["code_commune"], r["annee"], part, value))
        self.sums("consommation_energie_finale", cells)
        made = [
            (r["codeinseecommune"], r["date_etat"][:7], part, Decimal(r["energie_injectee_kwh"]) / 10**6)
            for r in self.rows("odre__registre")
            if r["filiere"] in RENEWABLE and r["energie_injectee_kwh"]
            for part in ("", RENEWABLE[r["filiere"]])
        ]
        self.sums("production_enr", made)

    def _land(self) -> None:
        cells = []
        rows = self.rows("cerema__consommation_enaf")
        for r in rows:
            hectares = Decimal(r["naf_m2"]) / 10_000
            cells.append((r["idcom"], r["annee"], "", hectares))
            cells += [
                (r["idcom"], str(year), "cumul_2021", hectares)
                for year in range(2021, 2025)
                if "2021" <= r["annee"] <= str(year)
            ]
        self.sums("consommation_enaf", cells)

    def _others(self) -> None:
        self.sums(
            "emissions_ges",
            [
                (r["insee_commune"], "2016", part, Decimal(r[column]) / 1000)
                for r in self.rows("ges__inventaire_communal")
                for column in r
                if column not in OUTSIDE_TOTAL | {"insee_commune", "commune"} and r[column]
                for part in ("", column)
            ],
        )
        self._ratio(
            "part_logements_dpe_fg",
            "2026-06",
            [
                (r["code_insee_ban"], Decimal(r["nombre"]) * (r["etiquette_dpe"] in "FG"), Decimal(r["nombre"]))
                for r in self.rows("ademe_dpe__etiquettes")
            ],
            100,
        )
        vacant = {
            (r["codgeo"], r["variable"]): Decimal(r["valeur_brute"])
            for r in self.rows("insee__comparateur")
            if r["variable"] in ("P18_LOG", "P18_LOGVAC")
        }
        self._ratio(
            "taux_vacance",
            "2018",
            [(c, vacant[(c, "P18_LOGVAC")], vacant[(c, "P18_LOG")]) for c in self.epci],
            100,
        )
        for year in ("2022", "2023", "2024"):
            rows = [r for r in self.rows("drees__apl_generalistes") if r["annee"] == year]
            cells = [
                (
                    r["code_commune"],
                    Decimal(r["apl"]) * Decimal(r["population_totale"]),
                    Decimal(r["population_totale"]),
                )
                for r in rows
            ]
            self._ratio("apl_medecins_generalistes", year, cells, 1)
        stations: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        for r in self.rows("irve__points"):
            for place in self.places(r["code_insee_commune"]):
                stations[(*place, "")].add(r["id_station_itinerance"])
                stations[(*place, "points")].add(r["id_pdc_itinerance"])
                if Decimal(r["puissance_nominale"]) >= 50:
                    stations[(*place, "points_50kw")].add(r["id_pdc_itinerance"])
        for (level, code, part), found in stations.items():
            self.put("points_recharge_irve", level, code, "2026-10", Decimal(len(found)), part)

    def _ratio(self, indicator: str, period: str, cells: list[tuple[str, Decimal, Decimal]], factor: int) -> None:
        top: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        bottom: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for code, above, below in cells:
            for place in self.places(code):
                top[place] += above
                bottom[place] += below
        for (level, code), value in top.items():
            self.put(indicator, level, code, period, factor * value / bottom[(level, code)])
