"""The two data-fair datasets the portal serves: their schema, and how a demonstration row becomes a record.

ORE: keys as recorded (contract §3.1); a cell under statistical secrecy has no `conso_totale_mwh` key and a count of
suppressed cells. ADEME: one record a (commune, label) pair that weighs as many diagnoses as it counts.

Not here: queries and answers (`flows.portal.datafair`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flows.portal.answers import Ask
from flows.portal.figures import View, number
from flows.portal.geo import DEPARTEMENTS, EPCI, REGIONS

Records = list[tuple[dict[str, Any], int]]
Schema = dict[str, tuple[str, str, str]]  # key → (type, title, original column name)


@dataclass(frozen=True)
class Fair:
    """One dataset. `read` turns a view into (record, weight) pairs; `main` is the key its clients need."""

    host: str
    slug: str
    ident: str
    title: str
    main: str
    table: str
    schema: Schema
    read: Callable[[View, bool], Records]
    modified: str = ""
    lines: bool = True
    bbox: tuple[float, ...] = ()

    def records(self, view: View, *, repeat: bool = True) -> Records:
        return self.read(view, repeat)

    def updated(self, ask: Ask) -> dt.datetime:
        """When the data last changed: the recorded date, or this morning when a fault altered the figures."""
        base = f"/data-fair/api/v1/datasets/{self.slug}"
        if any(ask.view.at(self.host, f"{base}/{leaf}").altered for leaf in ("lines", "values_agg")):
            return dt.datetime.combine(ask.today, dt.time(4), dt.UTC)
        date = self.modified or max(row["date_etat"] for row in ask.view.figures.table(self.table))
        return dt.datetime.combine(dt.date.fromisoformat(date), dt.time(6, 12, 31), dt.UTC)


def _columns(text: str) -> Schema:
    schema: Schema = {}
    for line in text.strip().splitlines():
        key, kind, original = (piece.strip() for piece in line.split("|"))
        schema[key] = (kind, original, original)
    return schema


_ORE_SCHEMA = _columns("""
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

_ADEME_SCHEMA = _columns("""
numero_dpe|string|numero_dpe
date_etablissement_dpe|string|date_etablissement_dpe
date_reception_dpe|string|date_reception_dpe
code_insee_ban|string|code_insee_ban
nom_commune_ban|string|nom_commune_ban
code_postal_ban|string|code_postal_ban
code_departement_ban|string|code_departement_ban
type_batiment|string|type_batiment
etiquette_dpe|string|etiquette_dpe
etiquette_ges|string|etiquette_ges
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


def _ademe(view: View, repeat: bool) -> Records:
    communes = view.figures.communes
    records: Records = []
    for row in view.rows("ademe_dpe__etiquettes", repeat=repeat):
        place = communes.get(row["code_insee_ban"])
        record: dict[str, Any] = {
            "code_insee_ban": row["code_insee_ban"],
            "code_departement_ban": place["code_departement"] if place else row["code_insee_ban"][:2],
            "etiquette_dpe": row["etiquette_dpe"],
        }
        if place:
            record["nom_commune_ban"] = place["nom"]
        records.append((record, int(row["nombre"] or 0)))
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
ADEME = Fair(
    host="data.ademe.fr",
    slug="dpe03existant",
    ident="meg-83tjwtg8dyz4vv7h1dqe",
    title="DPE Logements existants (depuis juillet 2021)",
    main="code_insee_ban",
    table="ademe_dpe__etiquettes",
    schema=_ADEME_SCHEMA,
    read=_ademe,
    lines=False,
    bbox=(3.1, 50.2, 3.8, 50.6),
)
