"""The tables of the tiny release that hold no figure: territories, catalogue, datasets, editions, checks."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from tests.tiny_figures import CAPH, CAVM, COMMUNES

NUIT = "2026-11-20"
Rows = list[dict[str, Any]]


def square(lon: float, lat: float, side: float = 0.045) -> str:
    """A GeoJSON square around a point: enough of a contour to draw a map."""
    a, b = side / 2, side / 3
    ring = [[lon - a, lat - b], [lon + a, lat - b], [lon + a, lat + b], [lon - a, lat + b], [lon - a, lat - b]]
    return json.dumps({"type": "Polygon", "coordinates": [[[round(x, 5), round(y, 5)] for x, y in ring]]})


def territories() -> Rows:
    rows: Rows = []
    for code, nom, epci, population, surface, lon, lat in COMMUNES:
        own = epci == CAPH
        rows.append(
            {
                "niveau": "commune",
                "code": code,
                "nom": nom,
                "role": "membre" if own else "membre_voisin",
                "epci": epci,
                "population": population,
                "population_periode": "2021",
                "surface_ha": float(surface),
                "longitude": lon,
                "latitude": lat,
                "contour": square(lon, lat),
                "ordre": 100,
            }
        )
    above = [
        ("epci", CAPH, "La Porte du Hainaut", "territoire", 158568, 37135.0),
        ("epci", CAVM, "Valenciennes Métropole", "voisin", 191800, 26380.0),
        ("arrondissement", "596", "Arrondissement de Valenciennes", "reference", 349505, 63515.0),
        ("zone_emploi", "3222", "Zone d'emploi de Valenciennes", "reference", 352000, 63900.0),
        ("departement", "59", "Nord", "reference", 2607746, 574280.0),
        ("region", "32", "Hauts-de-France", "reference", 5995292, 3181340.0),
        ("france_metropolitaine", "FM", "France métropolitaine", "reference", 65505000, 54394000.0),
        ("france", "F", "France", "reference", 67409000, 63280000.0),
    ]
    for order, (niveau, code, nom, role, population, surface) in enumerate(above, start=1):
        rows.append(
            {
                "niveau": niveau,
                "code": code,
                "nom": nom,
                "role": role,
                "epci": code if niveau == "epci" else "",
                "population": population,
                "population_periode": "2021",
                "surface_ha": surface,
                "longitude": 3.42,
                "latitude": 50.36,
                "contour": None,
                "ordre": order,
            }
        )
    return rows


ENGAGEMENTS = [
    ("finalite", "finalite", "", "Investir dans la santé, le bien-être et l’épanouissement des populations", 1),
    ("ambition_1", "ambition", "finalite", "Une qualité de vie retrouvée", 2),
    ("e1", "engagement", "finalite", "Rattraper les retards de développement", 10),
    ("e2", "engagement", "finalite", "Faire face collectivement aux enjeux globaux", 11),
    ("e3", "engagement", "finalite", "Coopérer et faire vivre la démocratie", 12),
    ("e1_equite_bassins", "champ", "e1", "Équité de développement des bassins de vie", 20),
    ("e2_energie", "champ", "e2", "Énergie", 21),
    ("e2_amenagements", "champ", "e2", "Aménagements", 22),
    ("e3_risques_crises", "champ", "e3", "Risques et crises", 23),
    ("projet_1", "projet", "e2", "Un projet emblématique <b>&</b> ses suites", 30),
    ("qdv_acces_emploi", "critere", "finalite", "Accès à l’emploi", 40),
]

DATASETS = [
    ("geo/communes", "Communes et EPCI", "DINUM, API Géo", "lov2", "a_jour"),
    ("insee/filosofi", "Filosofi", "Insee", "lov2", "a_jour"),
    ("insee/chomage_ze", "Taux de chômage localisés", "Insee", "lov2", "perime"),
    ("cerema/consommation_enaf", "Consommation d’espaces", "Cerema", "lov2", "a_jour"),
    ("atmo/indices", "Indices ATMO", "Atmo Hauts-de-France", "odbl", "desactive"),
    ("odre/registre", "Registre des installations", "RTE, ODRÉ", "lov2", "retire"),
    ("irve/points", "Points de recharge", "data.gouv.fr", "lov2", "jamais_recu"),
    ("referentiel/trajectoires", "Trajectoires", "La Porte du Hainaut", "interne", "a_jour"),
]


def raws_of() -> dict[str, bytes]:
    bodies = [f'{{"jeu": "{row[0]}", "page": {page}}}\n'.encode() for row in DATASETS for page in (1, 2)]
    return {hashlib.sha256(body).hexdigest(): body for body in bodies}


def datasets() -> Rows:
    names = {"lov2": "Licence Ouverte 2.0", "odbl": "ODbL 1.0", "interne": "Licence Ouverte 2.0"}
    addresses = {
        "lov2": "https://www.etalab.gouv.fr/licence-ouverte-open-licence/",
        "odbl": "https://opendatacommons.org/licenses/odbl/1-0/",
    }
    detail = {
        "a_jour": "",
        "perime": "Le serveur de l’éditeur n’a pas répondu (délai dépassé).",
        "desactive": "Aucun identifiant Atmo Data n’est réglé : données simulées.",
        "retire": "L’éditeur a retiré ce jeu (404).",
        "jamais_recu": "Aucune édition n’a encore été reçue.",
    }
    return [
        {
            "jeu": jeu,
            "titre": titre,
            "editeur": editeur,
            "licence": licence,
            "licence_nom": names[licence],
            "licence_adresse": addresses.get(licence, addresses["lov2"]),
            "attribution": f"Source : {editeur}",
            "page": f"https://example.org/{jeu}",
            "periodicite": "annuelle",
            "accumulation": "cumulatif" if jeu == "atmo/indices" else "instantane",
            "niveaux": ["commune", "epci"],
            "cog": 2024,
            "absences": "42 communes sous secret statistique" if jeu == "insee/filosofi" else "",
            "brut_public": jeu != "atmo/indices",
            "raison_brut_prive": "Compte nécessaire." if jeu == "atmo/indices" else "",
            "simule": jeu == "atmo/indices",
            "etat": etat,
            "etat_detail": detail[etat],
            "perime_depuis": dt.date(2026, 11, 17) if etat == "perime" else None,
            "derniere_nuit": None if etat == "jamais_recu" else dt.date.fromisoformat(NUIT),
            "editions": 0 if etat == "jamais_recu" else 1,
            "lignes": 0 if etat == "jamais_recu" else 120,
        }
        for jeu, titre, editeur, licence, etat in DATASETS
    ]


def editions(raws: Mapping[str, bytes]) -> Rows:
    rows: Rows = []
    for sha256, body in sorted(raws.items()):
        content = json.loads(body)
        jeu, page = content["jeu"], content["page"]
        if jeu == "irve/points":
            continue
        rows.append(
            {
                "edition": hashlib.sha256(jeu.encode()).hexdigest(),
                "jeu": jeu,
                "partition": "courant",
                "nuit": dt.date.fromisoformat(NUIT),
                "recu_le": f"{NUIT}T02:0{page}:12+00:00",
                "page": page,
                "adresse": f"https://example.org/{jeu}?page={page}",
                "transport": "portail",
                "sha256": sha256,
                "octets": len(body),
                "type_contenu": "application/json",
                "lignes": 120,
                "empreinte": hashlib.sha256(b"empreinte" + jeu.encode()).hexdigest(),
                "simule": jeu == "atmo/indices",
                "brut_public": jeu != "atmo/indices",
            }
        )
    return rows


def checks() -> Rows:
    cases = [
        ("edition", "insee/filosofi", "medianes_plausibles", "bloquant", "passe", 0),
        ("edition", "insee/filosofi", "secret_attendu", "a_revoir", "a_revoir", 2),
        ("edition", "insee/chomage_ze", "taux_entre_0_et_40", "bloquant", "bloquant", 1),
        ("edition", "atmo/indices", "indices_connus", "bloquant", "deroge", 1),
        ("candidat", "", "communes_toutes_presentes", "bloquant", "passe", 0),
        ("candidat", "", "regle_en_erreur", "bloquant", "erreur", 0),
    ]
    return [
        {
            "portee": portee,
            "jeu": jeu,
            "edition": hashlib.sha256(jeu.encode()).hexdigest() if jeu else "",
            "partition": "courant" if jeu else "",
            "suite": jeu.replace("/", "__") or "candidat",
            "regle": regle,
            "enonce": f"Énoncé de la règle « {regle} ».",
            "pourquoi": "Hors de ces bornes, l’unité ou la colonne a changé.",
            "severite": severite,
            "resultat": resultat,
            "observe": "3 lignes sur 120" if ecarts else "",
            "lignes": 120,
            "ecarts": ecarts,
            "exemples": json.dumps([{"geo_code": "59172", "value": -1}] * min(ecarts, 1)),
            "indicateurs": ["revenu_median_uc", "taux_pauvrete"] if jeu == "insee/filosofi" else [],
        }
        for portee, jeu, regle, severite, resultat, ecarts in cases
    ]


def history_of(status: Rows) -> Rows:
    """Each state as it was known in May, and as it is known since the night of the release."""
    kept = ("indicateur", "territoire_niveau", "territoire_code", "etat", "raison", "valeur", "attendu")
    rows = []
    for row in status:
        now = {name: row.get(name) for name in kept} | {"periode": row.get("periode") or ""}
        rows += [
            now | {"depuis": dt.date(2026, 5, 4), "etat": "sur_trajectoire", "raison": "dans_la_marge"},
            now | {"depuis": dt.date.fromisoformat(NUIT)},
        ]
    return rows


def changes_of(status: Rows) -> Rows:
    before = {
        "revenu_median_uc": "sur_trajectoire",
        "consommation_enaf": "a_surveiller",
        "production_enr": "en_avance",
    }
    return [
        {
            "indicateur": row["indicateur"],
            "territoire_niveau": row["territoire_niveau"],
            "territoire_code": row["territoire_code"],
            "etat_avant": before[row["indicateur"]],
            "etat_apres": row["etat"],
            "cause": "nouvelle_periode",
            "periode_avant": "2020",
            "periode_apres": row.get("periode", ""),
            "valeur_avant": row.get("valeur"),
            "valeur_apres": row.get("valeur"),
            "premiere": False,
        }
        for row in status
        if row["indicateur"] in before
    ]
