"""Charge points: the consolidated national file, with the official header (contract §5.2).

Not here: discovery (`flows.portal.datagouv`).
"""

from __future__ import annotations

from flows.portal.datagouv_files import File
from flows.portal.figures import View, spec
from flows.portal.payloads import Cell, Csv, words

TABLES = {
    "irve__points": spec(
        "id_pdc_itinerance id_station_itinerance code_insee_commune consolidated_longitude consolidated_latitude "
        "puissance_nominale date_mise_en_service date_maj",
        "code_insee_commune",
        "puissance_nominale",
    ),
}

IRVE_HEADER = words(
    "nom_amenageur,siren_amenageur,contact_amenageur,nom_operateur,contact_operateur,telephone_operateur,nom_enseigne,"
    "id_station_itinerance,id_station_local,nom_station,implantation_station,adresse_station,code_insee_commune,"
    "coordonneesXY,nbre_pdc,id_pdc_itinerance,id_pdc_local,puissance_nominale,prise_type_ef,prise_type_2,"
    "prise_type_combo_ccs,prise_type_chademo,prise_type_autre,gratuit,paiement_acte,paiement_cb,paiement_autre,"
    "tarification,condition_acces,reservation,horaires,accessibilite_pmr,restriction_gabarit,station_deux_roues,"
    "raccordement,num_pdl,date_mise_en_service,observations,date_maj,cable_t2_attache,last_modified,"
    "datagouv_dataset_id,datagouv_resource_id,datagouv_organization_or_owner,created_at,consolidated_longitude,"
    "consolidated_latitude,consolidated_code_postal,consolidated_commune",
    ",",
)


def irve(view: View) -> Csv:
    """Charge points: one row a point. Operators, sockets and opening hours are unknown here, hence empty."""
    rows = view.rows("irve__points")
    stations: dict[str, int] = {}
    for row in rows:
        stations[row["id_station_itinerance"]] = stations.get(row["id_station_itinerance"], 0) + 1
    lines: list[list[Cell]] = []
    for row in rows:
        place = view.figures.communes.get(row["code_insee_commune"], {})
        cells: dict[str, Cell] = {
            **row,
            "nom_station": f"Station de démonstration {row['id_station_itinerance']}",
            "coordonneesXY": f"[{row['consolidated_longitude']}, {row['consolidated_latitude']}]",
            "nbre_pdc": stations[row["id_station_itinerance"]],
            "consolidated_commune": place.get("nom", ""),
            "last_modified": f"{row['date_maj']}T00:00:00+00:00" if row["date_maj"] else "",
        }
        lines.append([cells.get(name, "") for name in IRVE_HEADER])
    return Csv(IRVE_HEADER, lines)


FILES = (
    File(
        dataset="5448d3e0c751df01f85d0572",
        slug="fichier-consolide-des-bornes-de-recharge-pour-vehicules-electriques",
        dataset_title="Base nationale des IRVE (Infrastructures de Recharge pour Véhicules Électriques)",
        organisation="data.gouv.fr",
        licence="lov2",
        frequency="daily",
        resource="eb76d20a-8501-400e-b336-d85724de5435",
        title="Consolidation de la dernière version du schéma (v2.3.0)",
        name="consolidation-etalab-schema-irve-statique-v-2.3.0-20261009.csv",
        modified="2026-10-09T03:12:44",
        main="id_pdc_itinerance",
        payload=irve,
        schema={"name": "etalab/schema-irve-statique", "url": None, "version": "2.3.0"},
    ),
)
