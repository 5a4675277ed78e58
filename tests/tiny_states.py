"""The trajectories and states of the tiny release: every state appears, one trajectory is a budget."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

CAPH = "200042190"
Rows = list[dict[str, Any]]


def _decision(ident: str, indicateur: str, forme: str, **more: Any) -> dict[str, Any]:
    return {
        "trajectoire": ident,
        "indicateur": indicateur,
        "territoire_niveau": "epci",
        "territoire_code": CAPH,
        "forme": forme,
        "origine_document": "Projet de Territoire 2024-2044",
        "origine_ligne": "340",
        "citation": "Rattraper les retards de développement",
        "commentaire": "",
        "auteur": "Service de la donnée territoriale",
        "date": dt.date(2026, 9, 1),
        "valide_du": dt.date(2024, 1, 1),
        "valide_au": None,
    } | more


def trajectories() -> tuple[Rows, Rows]:
    """Decisions and their curves, one row a year."""
    decisions = [
        _decision(
            "revenu_median_uc_2044",
            "revenu_median_uc",
            "lineaire",
            base_valeur=18550.0,
            base_annee=2019.0,
            cible_valeur=29400.0,
            cible_annee=2044.0,
            tolerance=0.05,
            echelle=10850.0,
            origine_statut="hypothese",
            manque="Aucune délibération ne fixe cet objectif.",
        ),
        _decision(
            "consommation_enaf_2031",
            "consommation_enaf",
            "budget_cumule",
            base_valeur=0.0,
            base_annee=2020.0,
            base_note="Cumul depuis le 1er janvier 2021",
            cible_valeur=189.54,
            cible_annee=2030.0,
            tolerance=0.05,
            echelle=189.54,
            origine_statut="document",
            citation="devra rester inférieur à la moitié de la consommation d’espace observée",
        ),
        _decision(
            "points_recharge_irve_2030",
            "points_recharge_irve",
            "lineaire",
            base_valeur=120.0,
            base_annee=2024.0,
            cible_valeur=300.0,
            cible_annee=2034.0,
            tolerance=0.05,
            echelle=180.0,
            origine_statut="document_incomplet",
        ),
        _decision(
            "part_logements_dpe_fg_2034",
            "part_logements_dpe_fg",
            "lineaire",
            base_valeur=18.2,
            base_annee=2022.0,
            cible_valeur=8.0,
            cible_annee=2034.0,
            tolerance=0.05,
            echelle=10.2,
            origine_statut="hypothese",
        ),
    ]
    curves: Rows = []
    for row in decisions:
        first, last = int(row["base_annee"]), int(row["cible_annee"])
        for year in range(first, last + 1):
            value = row["base_valeur"] + (row["cible_valeur"] - row["base_valeur"]) * (year - first) / (last - first)
            margin = row["tolerance"] * row["echelle"]
            curves.append(
                {
                    "trajectoire": row["trajectoire"],
                    "indicateur": row["indicateur"],
                    "territoire_niveau": "epci",
                    "territoire_code": CAPH,
                    "annee": float(year),
                    "valeur": round(value, 2),
                    "tolerance_basse": round(value - margin, 2),
                    "tolerance_haute": round(value + margin, 2),
                }
            )
    return decisions, curves


def statuses() -> Rows:
    """One row an indicator: every state of `core.words.Etat` appears."""
    states: list[tuple[str, str, str, dict[str, Any]]] = [
        (
            "revenu_median_uc",
            "a_surveiller",
            "revenu_median_uc_2044",
            {"periode": "2021", "annee": 2021.0, "valeur": 19490.0, "attendu": 19418.0, "retard_comparateur": 5.2},
        ),
        ("taux_pauvrete", "trajectoire_a_fixer", "", {"periode": "2021", "annee": 2021.0, "valeur": 25.6}),
        (
            "consommation_enaf",
            "derive",
            "consommation_enaf_2031",
            {
                "periode": "2024",
                "annee": 2024.0,
                "valeur": 116.82,
                "attendu": 75.82,
                "ecart": 41.0,
                "ecart_norm": 0.22,
                "marge": 0.05,
                "retard_trajectoire": 2.2,
            },
        ),
        (
            "taux_chomage_zone_emploi",
            "trajectoire_a_fixer",
            "",
            {"periode": "2023-T3", "annee": 2023.5, "valeur": 12.3, "a_actualiser": True},
        ),
        ("jours_air_degrade", "trajectoire_a_fixer", "", {"periode": "2026", "annee": 2026.0, "valeur": 22.0}),
        ("autonomie_energetique", "non_evaluable", "", {}),
        ("production_enr", "atteint", "", {"periode": "2025", "annee": 2025.0, "valeur": 84.3}),
        (
            "points_recharge_irve",
            "en_avance",
            "points_recharge_irve_2030",
            {"periode": "2026-10", "annee": 2026.75, "valeur": 171.0, "attendu": 169.5, "retard_trajectoire": -0.1},
        ),
        (
            "part_logements_dpe_fg",
            "sur_trajectoire",
            "part_logements_dpe_fg_2034",
            {"periode": "2025", "annee": 2025.0, "valeur": 15.2, "attendu": 15.65, "ecart": -0.45},
        ),
        ("population", "sans_objet", "", {"periode": "2021", "annee": 2021.0, "valeur": 158568.0}),
    ]
    reasons = {
        "non_evaluable": (
            "perimetre",
            "Le numérateur et le dénominateur diffèrent par l’année et le périmètre.",
        ),
        "trajectoire_a_fixer": ("a_fixer", "Aucun document ne fixe d’objectif chiffré."),
        "sans_objet": ("contexte", "Indicateur de contexte."),
    }
    return [
        {
            "indicateur": ident,
            "territoire_niveau": "zone_emploi" if ident == "taux_chomage_zone_emploi" else "epci",
            "territoire_code": "3222" if ident == "taux_chomage_zone_emploi" else CAPH,
            "trajectoire": trajectory or None,
            "etat": etat,
            "raison": reasons.get(etat, ("", ""))[0],
            "raison_texte": reasons.get(etat, ("", ""))[1],
            "a_actualiser": False,
            "prochaine_attendue": dt.date(2027, 1, 31),
            "details": json.dumps({k: v for k, v in more.items() if k != "a_actualiser"}, sort_keys=True),
        }
        | more
        for ident, etat, trajectory, more in states
    ]
