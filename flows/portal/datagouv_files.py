"""The three CSV files served behind data.gouv.fr: land consumption, charge points, greenhouse gases.

Headers are the official ones (contract §1.5, §5.1, §5.2); columns that the demonstration does not know stay empty.
The real files are national: these hold the demonstration communes only.

Not here: discovery (`flows.portal.datagouv`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flows.portal.figures import Row, View
from flows.portal.geo import DEPARTEMENTS, EPCI, REGIONS
from flows.portal.payloads import Cell, Csv, words


@dataclass(frozen=True)
class File:
    """One file of one dataset. `modified` is an ISO date and time, UTC; `main` the column clients need."""

    dataset: str
    slug: str
    dataset_title: str
    organisation: str
    licence: str
    frequency: str
    resource: str
    title: str
    name: str
    modified: str
    main: str
    payload: Callable[[View], Csv]
    schema: dict[str, Any] | None = None


def _cerema_header() -> list[str]:
    """The 172 columns of `conso-com.csv`, in their order."""
    flows = words("naf{a}art{b} art{a}hab{b} art{a}act{b} art{a}inc{b} art{a}mix{b} art{a}fer{b} art{a}rou{b}")
    spans = [(year, year + 1) for year in range(11, 25)] + [(11, 25), (11, 21), (21, 25)]
    yearly = [name.format(a=a, b=b) for a, b in spans for name in flows]
    return [
        *words("idcom idcomtxt idreg idregtxt iddep iddeptxt epci25 epci25txt scot aav2020 libaav2020 cateaav2020"),
        *words("taav2017 tdaav2017 littoral montagne_urba abc libdens_aav"),
        *yearly,
        *words("pop11 pop16 pop22 pop1116 pop1622 pop1122 men11 men16 men22 men1116 men1622 men1122"),
        *words("emp11 emp16 emp22 emp1116 emp1622 emp1122 mepart1116 mepart1622 mepart1122"),
        *words("menhab1116 menhab1622 menhab1122 artpop1622 artpop1116 artpop1122 naf11art16 naf16art22 naf11art22"),
        *words("art11hab16 art16hab22 art11hab22 surfcom2025 artcom1125"),
    ]


CEREMA_HEADER = _cerema_header()


def cerema(view: View) -> Csv:
    """Land consumption: one row a commune; a (commune, year) pair doubled by a fault doubles the commune's row."""
    lines: list[list[Cell]] = []
    for row in _wide(view.rows("cerema__consommation_enaf")):
        place = view.figures.communes.get(row["idcom"], {})
        region, area = place.get("code_region", ""), place.get("code_departement", row["idcom"][:2])
        cells = {
            "idreg": region,
            "idregtxt": REGIONS.get(region, ""),
            "iddep": area,
            "iddeptxt": DEPARTEMENTS.get(area, ""),
            "epci25txt": EPCI[row["epci25"]][0] if row["epci25"] in EPCI else "",
            "littoral": "NC",
            "montagne_urba": "out",
            **row,
        }
        lines.append([cells.get(name, "") for name in CEREMA_HEADER])
    return Csv(CEREMA_HEADER, lines)


def _wide(rows: list[Row]) -> list[dict[str, str]]:
    """Rows of one commune and year turned into rows of one commune; a repeated year opens another row."""
    open_rows: dict[str, dict[str, str]] = {}
    out = []
    for row in rows:
        start = int(row["annee"]) % 100
        column = f"naf{start:02d}art{start + 1:02d}"
        wide = open_rows.get(row["idcom"])
        if wide is None or column in wide:
            wide = {
                "idcom": row["idcom"],
                "idcomtxt": row["idcomtxt"],
                "epci25": row["epci25"],
                "surfcom2025": _point(row["surfcom_m2"]),
            }
            open_rows[row["idcom"]] = wide
            out.append(wide)
        wide[column] = _point(row["naf_m2"])
    return out


def _point(text: str) -> str:
    """A number as that file writes it: always with a point."""
    return text if not text or "." in text else f"{text}.0"


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


GES_COLUMNS = {
    "INSEE commune": "insee_commune",
    "Commune": "commune",
    "Agriculture": "agriculture",
    "Autres transports": "autres_transports",
    "Autres transports international": "autres_transports_international",
    "CO2 biomasse hors-total": "co2_biomasse_hors_total",
    "Déchets": "dechets",
    "Energie": "energie",
    "Industrie hors-énergie": "industrie_hors_energie",
    "Résidentiel": "residentiel",
    "Routier": "routier",
    "Tertiaire": "tertiaire",
}


def ges(view: View) -> Csv:
    """Greenhouse gases by commune and sector, tCO2e; an empty cell is a sector without emission."""
    lines = [[row[name] for name in GES_COLUMNS.values()] for row in view.rows("ges__inventaire_communal")]
    return Csv(list(GES_COLUMNS), lines)


FILES = (
    File(
        dataset="6a01b9280dd2d45907e5fc61",
        slug="consommation-d-espaces-naturels-agricoles-et-forestiers-2011-2025",
        dataset_title="Consommation d'espaces naturels, agricoles et forestiers, 2011-2025",
        organisation="Cerema",
        licence="lov2",
        frequency="annual",
        resource="b258feec-f8ff-4e0a-93b3-baf1fe46ef66",
        title="conso-com.csv",
        name="conso-com.csv",
        modified="2026-07-24T09:41:17",
        main="idcom",
        payload=cerema,
    ),
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
    File(
        dataset="5f3a1c0d8b4c4100c1e2d3a4",
        slug="inventaire-de-gaz-a-effet-de-serre-territorialise",
        dataset_title="Inventaire de gaz à effet de serre territorialisé",
        organisation="ADEME",
        licence="lov2",
        frequency="unknown",
        resource="3c2e5a7b-6d0f-4f1a-9b8c-7e6d5c4b3a21",
        title="IGT - Pouvoir de réchauffement global",
        name="igt-pouvoir-de-rechauffement-global.csv",
        modified="2019-11-05T10:00:00",
        main="INSEE commune",
        payload=ges,
    ),
)
