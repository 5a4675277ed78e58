"""The figures of the tiny release: what `tests/tiny_release.py` puts in its tables. Values only, no rule.

Official where known (see `tests/tiny_release.py`), else plausible. Rows leave out what is neutral.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.tiny_indicators import indicators

CAPH, CAVM = "200042190", "245901160"
Rows = list[dict[str, Any]]

# code, name, EPCI, population 2021, surface in hectares, longitude, latitude
COMMUNES = [
    ("59172", "Denain", CAPH, 20640, 1155, 3.38804, 50.32891),
    ("59002", "Abscon", CAPH, 4203, 727, 3.29496, 50.32945),
    ("59491", "Raismes", CAPH, 12055, 3347, 3.48, 50.40),
    ("59302", "Hérin", CAPH, 4129, 449, 3.437, 50.365),
    ("59038", "Avesnes-le-Sec", CAPH, 1447, 1055, 3.37104, 50.24595),
    ("59313", "Hordain", CAPH, 1440, 559, 3.325, 50.27),
    ("59606", "Valenciennes", CAVM, 42991, 1382, 3.5189, 50.355),
    ("59153", "Condé-sur-l'Escaut", CAVM, 9396, 1840, 3.58, 50.446),
]

NAMES = {
    ("epci", CAPH): "La Porte du Hainaut",
    ("epci", CAVM): "Valenciennes Métropole",
    ("departement", "59"): "Nord",
    ("region", "32"): "Hauts-de-France",
    ("zone_emploi", "3222"): "Zone d'emploi de Valenciennes",
    ("france_metropolitaine", "FM"): "France métropolitaine",
    ("france", "F"): "France",
} | {("commune", code): nom for code, nom, *_ in COMMUNES}

_MEDIANS = {  # 2014 … 2021
    ("epci", CAPH): [16964, 17078, 17420, 17700, 18220, 18550, 19080, 19490],
    ("epci", CAVM): [17308, 17472, 17696, 17960, 18530, 18820, 19330, 19720],
    ("departement", "59"): [18740, 18920, 19203, 19490, 20040, 20290, 20810, 21240],
    ("region", "32"): [18812, 18982, 19249, 19520, 20110, 20360, 20820, 21260],
    ("france_metropolitaine", "FM"): [20369, 20566, 20809, 21110, 21730, 21930, 22400, 23080],
}
_MEDIANS_COMMUNES = {  # 2014, 2015, 2019, 2020, 2021
    "59172": [13120, 13098, 14320, 14660, 14890],
    "59002": [16937, 17141, 18520, 19110, 19560],
    "59491": [15820, 15764, 16940, 17410, 17870],
    "59302": [17773, 17663, 18900, 19420, 19930],
    "59038": [19755, 19966, 21620, 21990, 22350],
    "59313": [19066, 19841, 21060, 21690, 22280],
}
_MEDIANS_2023 = {"59172": 16330, "59002": 21730, "59302": 22380, "59038": 25280}
_POVERTY_COMMUNES = {
    "2020": {"59172": 41, "59002": 19, "59491": 28, "59302": 18, "59038": None, "59313": None},
    "2021": {"59172": 43, "59002": 21, "59491": 28, "59302": 20, "59038": None, "59313": None},
    "2023": {"59172": 45, "59002": 21, "59302": 21, "59038": None},
}
_LAND = [44.1, 24.16, 54.59, 28.97, 25.09, 58.02, 29.42, 31.71, 63.72, 19.3, 19.09, 20.32, 38.58, 38.83]  # 2011…
_LAND_CAVM = [58.81, 48.79, 62.53, 17.06, 22.26, 27.89, 14.07, 19.18, 14.73, 8.34, 45.27, 24.59, 7.15, 14.2]
_LAND_DENAIN = [0.32, 0.13, 3.09, 1.63, 1.09, 0.06, 5.39, 4.8, 35.73, 0.78, 0.39, 1.13, 0.0, 4.64]


def _series(text: str) -> list[float]:
    return [float(x) for x in text.split()]


_JOBLESS = {  # from 2019-T1
    ("zone_emploi", "3222"): _series(
        "13.8 13.1 12.8 13.0 12.6 10.7 13.2 12.0 12.4 11.8 12.2 11.8 11.9 12.0 11.7 11.8 11.9 11.9 12.3"
    ),
    ("departement", "59"): _series(
        "11.6 10.9 10.7 10.6 10.3 8.8 11.0 9.9 10.2 9.7 9.8 9.3 9.3 9.4 "
        "9.0 9.2 9.3 9.5 9.7 10.0 9.8 9.5 9.6 9.4 9.7 9.8 10.0"
    ),
    ("france", "F"): _series(
        "8.7 8.4 8.4 8.1 7.8 7.1 9.0 8.0 8.2 7.9 7.9 7.5 7.4 7.5 7.2 7.1 7.1 7.2 7.4 7.5 7.5 7.3 7.4 7.3 7.5 7.5 7.7"
    ),
}


def _row(indicateur: str, niveau: str, code: str, periode: str, valeur: float | None, **more: Any) -> dict[str, Any]:
    units = {row["indicateur"]: row["unite"] for row in indicators()}
    jeux = {row["indicateur"]: row.get("jeux", []) for row in indicators()}
    sources = {
        "revenu_median_uc": "Insee, Filosofi",
        "taux_pauvrete": "Insee, Filosofi",
        "consommation_enaf": "Cerema, Consommation d’espaces",
        "taux_chomage_zone_emploi": "Insee, Taux de chômage localisés",
        "jours_air_degrade": "Atmo Hauts-de-France, Indices ATMO",
        "production_enr": "RTE, Registre des installations",
    }
    return {
        "indicateur": indicateur,
        "territoire_niveau": niveau,
        "territoire_code": code,
        "territoire": NAMES[(niveau, code)],
        "periode": periode,
        "ventilation": "",
        "valeur": None if valeur is None else float(valeur),
        "unite": units[indicateur],
        "statut": "definitif",
        "nature": "publie",
        "note": "",
        "millesime": periode[:4],
        "source": sources.get(indicateur, "Observatoire 2044, tables de l’observatoire"),
        "licence": "ODbL 1.0" if indicateur == "jours_air_degrade" else "Licence Ouverte 2.0",
        "jeux": list(jeux[indicateur]),
    } | more


def observations() -> Rows:
    rows: Rows = []
    for (niveau, code), values in _MEDIANS.items():
        rows += [_row("revenu_median_uc", niveau, code, str(2014 + i), v) for i, v in enumerate(values)]
    for code, values in _MEDIANS_COMMUNES.items():
        for year, v in zip(("2014", "2015", "2019", "2020", "2021"), values, strict=True):
            rows.append(_row("revenu_median_uc", "commune", code, year, v))
    for code, v in _MEDIANS_2023.items():
        rows.append(_row("revenu_median_uc", "commune", code, "2023", v, note="Nouvelle méthode de l’Insee."))
    rows.append(_row("revenu_median_uc", "france_metropolitaine", "FM", "2023", 25920))
    rows.append(_row("revenu_median_uc", "commune", "59606", "2021", 20250))
    rows.append(
        _row(
            "revenu_median_uc",
            "commune",
            "59153",
            "2021",
            16620,
            note="<script>alert(\"note & 'guillemets'\")</script>, virgule",
        )
    )
    for year, rate, france in (("2019", 25.1, 14.5), ("2020", 24.4, 14.1), ("2021", 25.6, 14.9)):
        rows.append(_row("taux_pauvrete", "epci", CAPH, year, rate))
        rows.append(_row("taux_pauvrete", "france_metropolitaine", "FM", year, france))
    rows.append(_row("taux_pauvrete", "departement", "59", "2021", 19.6))
    for year, values in _POVERTY_COMMUNES.items():
        for code, v in values.items():
            statut = "secret" if v is None else "definitif"
            rows.append(_row("taux_pauvrete", "commune", code, year, v, statut=statut))
    rows.append(_row("taux_pauvrete", "commune", "59313", "2023", None, statut="manquant", note="Non diffusé."))
    for (niveau, code), values in {
        ("epci", CAPH): _LAND,
        ("epci", CAVM): _LAND_CAVM,
        ("commune", "59172"): _LAND_DENAIN,
    }.items():
        nature = "publie" if niveau == "commune" else "recalcule"
        cumul = 0.0
        for i, v in enumerate(values):
            year = str(2011 + i)
            rows.append(_row("consommation_enaf", niveau, code, year, v, nature=nature, millesime="2026"))
            if int(year) >= 2021:
                cumul = round(cumul + v, 2)
                rows.append(
                    _row("consommation_enaf", niveau, code, year, cumul, ventilation="cumul", nature="recalcule")
                )
    for (niveau, code), values in _JOBLESS.items():
        for i, v in enumerate(values):
            period = f"{2019 + i // 4}-T{i % 4 + 1}"
            late = dt.date(2026, 11, 17) if niveau == "zone_emploi" else None
            statut = "provisoire" if i >= len(values) - 2 else "definitif"
            rows.append(_row("taux_chomage_zone_emploi", niveau, code, period, v, statut=statut, perime_depuis=late))
    for year, v in (("2021", 34), ("2022", 41), ("2023", 29), ("2024", 31), ("2025", 27), ("2026", 22)):
        statut = "provisoire" if year == "2026" else "definitif"
        rows.append(_row("jours_air_degrade", "epci", CAPH, year, v, nature="simule", statut=statut))
        rows.append(_row("jours_air_degrade", "commune", "59172", year, v + 2, nature="simule", statut=statut))
    rows.append(_row("production_enr", "epci", CAPH, "2025", 84.3, nature="recalcule"))
    for month, v in (("2026-08", 158), ("2026-09", 164), ("2026-10", 171)):
        rows.append(_row("points_recharge_irve", "epci", CAPH, month, v, nature="recalcule"))
    for year, v in (("2022", 18.2), ("2023", 17.1), ("2024", 16.0), ("2025", 15.2)):
        rows.append(
            _row(
                "part_logements_dpe_fg",
                "epci",
                CAPH,
                year,
                v,
                borne_basse=round(v - 0.9, 1),
                borne_haute=round(v + 0.9, 1),
                statut="estime",
                nature="recalcule",
            )
        )
    for code, _nom, _epci, population, *_ in COMMUNES:
        rows.append(_row("population", "commune", code, "2021", population))
    rows.append(_row("population", "epci", CAPH, "2021", 158568, nature="recalcule"))
    return rows
