"""ADEME: energy labels, one record a (commune, label) pair that weighs as many diagnoses as it counts.

Not here: queries and answers (`flows.portal.datafair`).
"""

from __future__ import annotations

from typing import Any

from flows.portal.datafair_sets import Fair, Records, columns
from flows.portal.figures import View, spec

TABLES = {
    "ademe_dpe__etiquettes": spec("code_insee_ban etiquette_dpe nombre date_etat", "code_insee_ban", "nombre"),
}

_ADEME_SCHEMA = columns("""
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
FAIRS = (ADEME,)
