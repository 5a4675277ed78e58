"""Agence ORE: electricity and gas by commune, keys as recorded (contract §3.1).

A cell under statistical secrecy has no `conso_totale_mwh` key and a count of suppressed cells.
Not here: queries and answers (`flows.portal.datafair`).
"""

from __future__ import annotations

from typing import Any

from flows.portal.datafair_sets import Fair, Records, columns
from flows.portal.figures import View, number, spec
from flows.portal.geo import DEPARTEMENTS, EPCI, REGIONS

TABLES = {
    "ore__consommation": spec(
        "annee code_commune nom_commune code_epci operateur filiere code_grand_secteur code_categorie_consommation "
        "nb_sites conso_totale_mwh nombre_de_mailles_secretisees",
        "code_commune",
        "conso_totale_mwh",
    ),
}

_ORE_SCHEMA = columns("""
operateur|string|OPERATEUR
filiere|string|FILIERE
annee|string|Année
code_commune|string|Code Commune
nom_commune|string|Nom Commune
code_epci|string|Code EPCI
nom_epci|string|Nom EPCI
code_departement|string|Code Département
nom_departement|string|Nom Département
code_region|string|Code Région
nom_region|string|Nom Région
code_categorie_consommation|string|CODE CATEGORIE CONSOMMATION
code_grand_secteur|string|CODE GRAND SECTEUR
code_secteur_naf2|string|CODE SECTEUR NAF2
nb_sites|integer|Nb sites
conso_totale_mwh|number|Conso totale (MWh)
conso_moyenne_mwh|number|Conso moyenne (MWh)
nombre_de_mailles_secretisees|integer|Nombre de mailles secretisées
part_thermosensible|number|Part thermosensible (%)
nombre_d_habitants|integer|Nombre d'habitants
""")


def _ore(view: View, repeat: bool) -> Records:
    communes = view.figures.communes
    records: Records = []
    for row in view.rows("ore__consommation", repeat=repeat):
        place = communes.get(row["code_commune"])
        record: dict[str, Any] = {
            "operateur": row["operateur"],
            "filiere": row["filiere"],
            "annee": row["annee"],
            "code_commune": row["code_commune"],
            "nom_commune": row["nom_commune"],
            "code_epci": row["code_epci"],
            "nom_epci": EPCI[row["code_epci"]][0] if row["code_epci"] in EPCI else None,
            "code_categorie_consommation": row["code_categorie_consommation"],
            "code_grand_secteur": row["code_grand_secteur"],
            "nb_sites": number(row["nb_sites"]),
            "conso_totale_mwh": number(row["conso_totale_mwh"]),
            "nombre_de_mailles_secretisees": number(row["nombre_de_mailles_secretisees"]),
        }
        if place:
            record["code_departement"] = place["code_departement"]
            record["nom_departement"] = DEPARTEMENTS.get(place["code_departement"])
            record["code_region"] = place["code_region"]
            record["nom_region"] = REGIONS.get(place["code_region"])
        records.append(({key: value for key, value in record.items() if value not in (None, "")}, 1))
    return records


ORE = Fair(
    host="opendata.agenceore.fr",
    slug="consommation-annuelle-d-electricite-et-gaz-par-commune",
    ident="noxwlxv702-ohfyt76f-a3y9",
    title="Consommation annuelle d'électricité et gaz par commune",
    main="code_commune",
    table="ore__consommation",
    schema=_ORE_SCHEMA,
    read=_ore,
    modified="2025-10-14",
    bbox=(3.1, 50.2, 3.8, 50.6),
)
FAIRS = (ORE,)
