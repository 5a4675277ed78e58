"""SSMSI: the three files of recorded crime behind data.gouv.fr, headers as published.

Communes: the header of 2026, compressed. Département: the header of 2024. Region: the edition of 2023, whose header
differs, as it was published. The real files hold every crime and the whole country; columns that the demonstration
does not know (dwellings, complements) stay `NA`. Not here: discovery (`flows.portal.datagouv`).
"""

from __future__ import annotations

from flows.portal.datagouv_files import File
from flows.portal.figures import Row, View, spec
from flows.portal.payloads import Cell, Csv, Gzip, words

TABLES = {
    "ssmsi__delinquance": spec(
        "niveau code annee indicateur unite_de_compte nombre taux_pour_mille est_diffuse insee_pop "
        "insee_pop_millesime complement_info_nombre",
        "code",
        "nombre taux_pour_mille",
        ("niveau", "commune"),
    ),
}
_COMMON = words("annee indicateur unite_de_compte nombre taux_pour_mille")
_COMMUNES = [
    "CODGEO_2026",
    *_COMMON,
    *words("est_diffuse insee_pop insee_pop_millesime insee_log insee_log_millesime"),
    *words("complement_info_nombre complement_info_taux"),
]
_DEPARTEMENTS = [
    *words("Code_departement Code_region"),
    *_COMMON,
    *words("insee_pop insee_pop_millesime insee_log insee_log_millesime"),
]
_REGIONS = words("classe annee Code.région unité.de.compte millPOP millLOG faits POP LOG tauxpourmille")


def _rows(view: View, level: str) -> list[Row]:
    return [row for row in view.rows("ssmsi__delinquance") if row["niveau"] == level]


def _comma(text: str) -> str:
    return text.replace(".", ",") or "NA"


def communes(view: View) -> Gzip:
    """The communal base."""
    lines: list[list[Cell]] = []
    for row in _rows(view, "commune"):
        known = {"CODGEO_2026": row["code"], **row}
        known |= {name: _comma(row[name]) for name in ("nombre", "taux_pour_mille", "insee_pop")}
        known["complement_info_nombre"] = _comma(row["complement_info_nombre"])
        lines.append([known.get(name, "NA") for name in _COMMUNES])
    return Gzip(Csv(_COMMUNES, lines, ";", "\n", quote="all"))


def departements(view: View) -> Csv:
    """The département's base, header of 2024."""
    lines: list[list[Cell]] = []
    for row in _rows(view, "departement"):
        known = {"Code_departement": row["code"], "Code_region": "32", **row}
        known |= {name: _comma(row[name]) for name in ("nombre", "taux_pour_mille", "insee_pop")}
        lines.append([known.get(name, "NA") for name in _DEPARTEMENTS])
    return Csv(_DEPARTEMENTS, lines, ";", "\n", bom=True, quote="all")


def regions(view: View) -> Csv:
    """The region's base as the edition of 2023 wrote it: two-figure years, « victime »."""
    lines: list[list[Cell]] = [
        [
            row["indicateur"],
            row["annee"][2:],
            row["code"],
            row["unite_de_compte"].lower(),
            row["insee_pop_millesime"][2:],
            "NA",
            row["nombre"],
            row["insee_pop"],
            "NA",
            _comma(row["taux_pour_mille"]),
        ]
        for row in _rows(view, "region")
    ]
    return Csv(_REGIONS, lines, ";", "\n", bom=True, quote="all")


_DATASET = {
    "dataset": "621df2954fa5a3b5a023e23c",
    "slug": (
        "bases-statistiques-communale-departementale-et-regionale-de-la-delinquance-enregistree-par-la-police-et-la-"
        "gendarmerie-nationales"
    ),
    "dataset_title": (
        "Bases statistiques communale, départementale et régionale de la délinquance enregistrée par la police et la "
        "gendarmerie nationales"
    ),
    "organisation": "Ministère de l'Intérieur",
    "licence": "lov2",
    "frequency": "annual",
}
FILES = (
    File(
        **_DATASET,
        resource="44ef4323-1097-48d5-8719-3c544b55d294",
        title="COM - base statistique communale de la délinquance enregistrée (csv compressé)",
        name="donnee-data.gouv-2025-geographie2026-produit-le2026-06-25.csv.gz",
        modified="2026-07-09T12:01:37",
        main="nombre",
        payload=communes,
    ),
    File(
        **_DATASET,
        resource="2b27a675-e3bf-41ef-a852-5fb9ab483967",
        title="DEP - base statistique départementale de la délinquance enregistrée",
        name="donnee-dep-data.gouv-2025-geographie2026-produit-le2026-06-25.csv",
        modified="2026-07-09T12:01:37",
        main="nombre",
        payload=departements,
    ),
    File(
        **_DATASET,
        resource="df95da5c-6e1d-4ce1-b5a3-6b5fd7e7ad3b",
        title="REG - base statistique régionale de la délinquance enregistrée",
        name="donnee-reg-2023.csv",
        modified="2024-03-28T10:00:00",
        main="faits",
        payload=regions,
    ),
)
