"""Brownfield sites of the 82 communes, from the publisher's object of 10 March 2024.

Not here: names of sites and of owners, addresses and cadastre, which are not carried over.
"""

from __future__ import annotations

from pathlib import Path

from tests.demonstration.carry.contract import Contract, columns
from tests.demonstration.carry.insee import codes
from tests.demonstration.carry.reading import Row, rows

STATE = "2024-03-10"


def sites(shared: Path) -> list[Row]:
    """cartofriches__sites: state, kind, commune, surface (m²) of each site; the year of conversion is not known."""
    wanted = set(codes(shared))
    return [
        {
            "site_id": row["site_id"],
            "site_statut": row["site_statut"],
            "site_type": row["site_type"],
            "comm_insee": row["comm_insee"],
            "site_surface": row["site_surface"],
            "site_reconv_annee": "",
            "site_actu_date": row["site_actu_date"],
            "date_etat": STATE,
        }
        for row in rows(shared / "territory/friches/cartofriches_points_20240310_caph_cavm.csv", ";")
        if row["comm_insee"] in wanted
    ]


CONTRACTS = {
    "cartofriches__sites": Contract(
        columns(
            "site_id, site_statut, site_type, comm_insee, site_surface double, site_reconv_annee int, "
            "site_actu_date, date_etat date"
        ),
        ("site_id",),
        "comm_insee",
        partial=True,
        optional=("site_reconv_annee",),
    ),
}
CARRIERS = {"cartofriches__sites": sites}
