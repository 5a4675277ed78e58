"""Cartofriches: brownfield sites, one CSV behind data.gouv.fr.

The header is that of the publisher's own object of 2024 (CNIG standard and a few internal columns), with the year of
conversion of the standard; columns that the demonstration does not carry (names, owners, cadastre) stay empty. The
real file is national. Reconstructed: the identifiers of the dataset and of its file. Not here: discovery.
"""

from __future__ import annotations

from flows.portal.datagouv_files import File
from flows.portal.figures import View, spec
from flows.portal.payloads import Cell, Csv, words

TABLES = {
    "cartofriches__sites": spec(
        "site_id site_statut site_type comm_insee site_surface site_reconv_annee site_actu_date date_etat",
        "comm_insee",
        "site_surface",
    ),
}
HEADER = words(
    "site_id id_from_file site_nom site_type site_identif_date site_actu_date site_occupation site_url site_securite "
    "site_statut site_surface site_reconv_annee site_reconv_type site_projet site_numero_basias site_numero_basol "
    "activite_libelle activite_fin_annee comm_nom comm_insee dep bati_type bati_nombre bati_pollution bati_vacance "
    "bati_patrimoine bati_etat proprio_type proprio_personne sol_pollution_existe unite_fonciere_surface "
    "urba_zone_type urba_zone_lib urba_zone_formdomi urba_doc_type desserte_distance_ferroviaire urba_datappro "
    "source_nom source_producteur nature source_url lon lat"
)


def sites(view: View) -> Csv:
    """One row a site; an unknown cell is `NA`, as the publisher's tool writes it."""
    lines: list[list[Cell]] = []
    for row in view.rows("cartofriches__sites"):
        place = view.figures.communes.get(row["comm_insee"], {})
        cells = {**row, "comm_nom": place.get("nom", "").upper(), "dep": row["comm_insee"][:2]}
        lines.append([cells.get(name) or "NA" for name in HEADER])
    return Csv(HEADER, lines, delimiter=";")


FILES = (
    File(
        dataset="602d3f5b7a8c4d21e0f9b6a1",
        slug="sites-references-dans-cartofriches",
        dataset_title="Sites référencés dans Cartofriches",
        organisation="Cerema",
        licence="lov2",
        frequency="quarterly",
        resource="7d1c9e2a-4b3f-4c58-9f21-6a0b8e5d3c14",
        title="friches-standard.csv",
        name="friches-standard.csv",
        modified="2024-03-10T09:00:00",
        main="site_id",
        payload=sites,
    ),
)
