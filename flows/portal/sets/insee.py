"""Insee: the Melodi datasets, and the tables behind the files of its site.

Not here: Melodi's answers (`flows.portal.melodi`), the files (`flows.portal.insee_files`).
"""

from __future__ import annotations

from flows.portal.figures import spec
from flows.portal.melodi_catalogue import Melodi
from flows.portal.payloads import words

_MELODI = "geo_millesime geo_niveau geo_code time_period measure value conf_status obs_status"

TABLES = {
    "insee__filosofi": spec(_MELODI, "geo_code", "value", ("geo_niveau", "COM")),
    "insee__populations": spec(_MELODI, "geo_code", "value", ("geo_niveau", "COM")),
    "insee__filosofi_fichiers": spec(
        "niveau codgeo annee mesure valeur_brute", "codgeo", "valeur_brute", ("niveau", "COM")
    ),
    "insee__chomage_ze": spec("ze2020 libze2020 reg periode taux", "ze2020", "taux"),
    "insee__chomage_departement": spec("code libelle periode taux", "code", "taux"),
    "insee__comparateur": spec("codgeo variable valeur_brute", "codgeo", "valeur_brute"),
}

MELODI = (
    Melodi(
        name="DS_FILOSOFI_CC",
        table="insee__filosofi",
        measure="FILOSOFI_MEASURE",
        measures=frozenset(
            words(
                "NUM_HH NUM_PER NUM_CU MED_SL D1_SL D9_SL IR_D9_D1_SL PR_MD60 S_EI_DI S_EI_DI_SAL S_EI_DI_UNE "
                "S_EI_DI_N_SAL S_RET_PEN_DI S_INC_ASS_DI S_SOC_BEN_DI S_SOC_BEN_DI_FAM_BEN S_SOC_BEN_DI_MIN_SOC "
                "S_SOC_BEN_DI_HOU_BEN S_DIR_TAX_DI S_HH_TAX"
            )
        ),
        title={
            "fr": "Principaux indicateurs sur la pauvreté : niveau de vie, taux de pauvreté et revenu disponible",
            "en": "Key indicators on poverty: standard of living, poverty rate and disposable income",
        },
        uri="http://id.insee.fr/catalogues/jeuDeDonnees/de58c428-4c44-4873-a2bb-4583896b12a6",
        issued="2025-06-03T17:00:41",
        modified="2025-11-26T09:09:27",
        product="DS_FILOSOFI_CC_2021_CSV_FR",
        byte_size=5064436,
        units={"MED_SL": "EUR_YR", "PR_MD60": "PT"},
        attributes=True,
    ),
    Melodi(
        name="DS_POPULATIONS_REFERENCE",
        table="insee__populations",
        measure="POPREF_MEASURE",
        measures=frozenset({"PMUN", "PCAP", "PTOT"}),
        title={"fr": "Populations de référence", "en": "Reference populations "},
        uri="http://id.insee.fr/catalogues/jeuDeDonnees/5a5ba2be-0b3e-4b1a-9fd5-8cbb2d1c2f11",
        issued="2024-12-19T08:00:00",
        modified="2025-12-18T08:01:12",
        product="DS_POPULATIONS_REFERENCE_2023_CSV_FR",
        byte_size=926388,
        constants={"FREQ": "A"},
    ),
)
