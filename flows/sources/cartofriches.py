"""Cartofriches (Cerema): brownfield sites of the national inventory, one CSV behind data.gouv.fr.

Not here: which states make the inventory and how many hectares (the warehouse). A site « friche potentielle » is a
former industrial site of an old register that nobody at the Cerema has looked at: it is landed as such and never
counted as inventory. Names of sites and of owners are left out: a name may be that of a former operator. Two states
may be written for one place by two producers: both rows are kept, as published.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from flows.core.datasets import Dataset, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources import datagouv
from flows.sources.decoding import separated, table
from flows.sources.decoding import text_of as text_of_bytes
from flows.sources.reading import commune_of, day_of, number_of, one, text_of, whole_of, wrong

WANTED = datagouv.Wanted(
    dataset="sites-references-dans-cartofriches", title=r"friches[-_ ]standard", format="csv", expect="csv"
)
SCHEMA = pa.schema(
    [
        ("site_id", pa.string()),
        ("site_statut", pa.string()),
        ("site_type", pa.string()),
        ("comm_insee", pa.string()),
        ("site_surface", pa.float64()),
        ("site_reconv_annee", pa.int64()),
        ("site_actu_date", pa.string()),
        ("date_etat", pa.date32()),
    ]
)
# The year of conversion is a column of the 2023 standard; older files of the publisher do not have it.
_OPTIONAL = ("site_reconv_annee",)
_NEEDED = tuple(n for n in SCHEMA.names if n not in (*_OPTIONAL, "date_etat"))
_NOTHING = frozenset({"", "NA", "NULL", "inconnu"})
fetch, probe = datagouv.whole_file(WANTED)


def decode(pages: Sequence[Page], departement: str) -> pa.Table:
    """One row a site of the département; m², null when no surface is written.

    `date_etat` is the day of the file, the same on every row: the file has no period of its own.

    Raises:
        DecodeError: not a CSV, a missing column, a site twice, a site without state or commune, no site at all.
    """
    page = one(pages, "data")
    state = day_of(datagouv.described(pages, WANTED).last_modified, page, "last_modified")
    rows = []
    for number, cells in enumerate(
        separated(text_of_bytes(page.body, page.address), where=page.address, required=_NEEDED), start=2
    ):
        code = commune_of(cells["comm_insee"])
        if code is None or not code.startswith(departement):
            continue
        site, status = text_of(cells["site_id"]), text_of(cells["site_statut"])
        if site is None or status is None:
            raise wrong("Un site n'a pas d'identifiant ou pas d'état.", page, f"ligne {number}")
        rows.append(
            {
                "site_id": site,
                "site_statut": status,
                "site_type": text_of(cells["site_type"]),
                "comm_insee": code,
                "site_surface": number_of(_known(cells["site_surface"]), page, f"ligne {number}, site_surface"),
                "site_reconv_annee": whole_of(
                    _known(cells.get("site_reconv_annee")), page, f"ligne {number}, site_reconv_annee"
                ),
                "site_actu_date": _known(cells["site_actu_date"]),
                "date_etat": state,
            }
        )
    if not rows:
        raise wrong(f"Aucun site du département {departement} dans le fichier.", page)
    if len({row["site_id"] for row in rows}) != len(rows):
        raise wrong("Un site est écrit deux fois.", page)
    return table(SCHEMA, rows, SCHEMA.names)


def _known(cell: str | None) -> str | None:
    """A cell, null when it says that nothing is known."""
    text = (cell or "").strip()
    return None if text in _NOTHING else text


def datasets(territory: Territory) -> list[Dataset]:
    """`cartofriches/sites`."""
    return [
        Dataset(
            id="cartofriches/sites",
            titre="Sites référencés dans Cartofriches",
            editeur="Cerema",
            licence="lov2",
            attribution="Cerema, Cartofriches, d'après les observatoires locaux et les bases nationales",
            page=f"https://www.data.gouv.fr/datasets/{WANTED.dataset}/",
            periodicite="trimestrielle",
            periode_mois=3,
            delai_mois=3,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("commune",),
            cog_year=2024,
            schema=SCHEMA,
            decoder_version=1,
            partitions=lambda ctx: [Partition("courant")],
            fetch=fetch,
            decode=lambda pages: decode(pages, territory.departement),
            absences=(
                "Une commune sans site n'a pas de ligne : ce n'est pas la preuve d'une absence de friche. Les "
                "« friches potentielles » ne sont pas vérifiées."
            ),
            brut_public=False,
            raison_brut_prive="Le fichier porte le nom des sites, parfois celui d'un ancien exploitant.",
            probe=probe,
            switched_off=(
                "Débranchée : l'adresse du jeu sur data.gouv.fr et le titre de son fichier sont connus, à confirmer "
                "par une première réception."
            ),
        )
    ]
