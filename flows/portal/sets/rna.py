"""RNA: the Waldec archive behind data.gouv.fr, one CSV a département, header as published.

One row an association, rebuilt from the real number of creations by commune and year: identifiers begin with `DEMO`,
dates stand at 1 July, every other column is empty. Not here: discovery (`flows.portal.datagouv`).
"""

from __future__ import annotations

from flows.portal.datagouv_files import File
from flows.portal.figures import View, spec
from flows.portal.payloads import Archive, Cell, Csv, words

TABLES = {
    "rna__creations": spec("code_commune annee creations date_etat", "code_commune", "creations"),
}
HEADER = words(
    "id id_ex siret rup_mi gestion date_creat date_decla date_publi date_disso nature groupement titre titre_court "
    "objet objet_social1 objet_social2 adrs_complement adrs_numvoie adrs_repetition adrs_typevoie adrs_libvoie "
    "adrs_distrib adrs_codeinsee adrs_codepostal adrs_libcommune adrg_declarant adrg_complemid adrg_complemgeo "
    "adrg_libvoie adrg_distrib adrg_codepostal adrg_achemine adrg_pays dir_civilite siteweb publiweb observation "
    "position maj_time"
)
_DAY = "20260901"


def waldec(view: View) -> Archive:
    """The archive, with the only département that the demonstration knows."""
    lines: list[list[Cell]] = []
    for row in view.rows("rna__creations"):
        for rank in range(int(float(row["creations"] or 0))):
            known = {
                "id": f"DEMO{row['code_commune']}{row['annee']}{rank:03d}",
                "date_creat": f"{row['annee']}-07-01",
                "adrs_codeinsee": row["code_commune"],
                "position": "A",
            }
            lines.append([known.get(name, "") for name in HEADER])
    return Archive([(f"rna_waldec_{_DAY}_dpt_59.csv", Csv(HEADER, lines, ";", "\n", quote="all"))])


FILES = (
    File(
        dataset="58e53811c751df03df38f42d",
        slug="repertoire-national-des-associations",
        dataset_title="Répertoire national des associations",
        organisation="Ministère de l'Intérieur",
        licence="lov2",
        frequency="monthly",
        resource="b9b6a4ad-8f3d-4a57-9a4c-8c9c6a0f4d21",
        title="Fichier RNA Waldec du 1er septembre 2026",
        name=f"rna_waldec_{_DAY}.zip",
        modified="2026-09-02T05:00:00",
        main="adrs_codeinsee",
        payload=waldec,
    ),
)
