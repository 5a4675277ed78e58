"""SINOE (ADEME): household and assimilated waste by collecting authority, kg per inhabitant (data-fair).

Not here: which authority serves which EPCI (the warehouse), tonnages and recovery rates. Waste is counted by the
AUTHORITY that collects it, whose perimeter is not always an EPCI: a syndicate serves several. Ratios are the
publisher's own and are never added or averaged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources import datafair
from flows.sources.decoding import table
from flows.sources.reading import named, number_of, text_of, whole_of, wrong

HOST = "data.ademe.fr"
SLUG = "rsqxbwsxhk-ngmmu5fcasf5t"
RATIOS = ("ratio_dma", "ratio_omr", "ratio_ejm", "ratio_verre", "ratio_bio")
SCHEMA = pa.schema(
    [
        ("annee", pa.int64()),
        ("n_acteur", pa.string()),
        ("c_dept", pa.string()),
        ("l_typologie", pa.string()),
        *((name, pa.float64()) for name in RATIOS),
    ]
)


def fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """Every authority of the département and every year, pages named `lines-<n>`."""
    params = [("c_dept_eq", ctx.territory.departement), ("select", ",".join(SCHEMA.names))]
    return datafair.lines(ctx.http, HOST, SLUG, params, "lines")


def probe(ctx: FetchContext, partition: Partition) -> str:
    """Instant of the last change of the data."""
    return datafair.updated_at(datafair.metadata(ctx.http, HOST, SLUG))


def decode(pages: Sequence[Page], departement: str) -> pa.Table:
    """One row an authority and a year; kg per inhabitant: all waste, residual, packaging and paper, glass, organic.

    Raises:
        DecodeError: another département, an authority without name or twice a year, unreadable figures, no row.
    """
    rows = []
    for page, results in datafair.whole(named(pages, "lines")):
        for result in results:
            if text_of(result.get("c_dept")) != departement:
                raise wrong(f"Une ligne du département « {result.get('c_dept')} » répond à une autre demande.", page)
            name, year = text_of(result.get("n_acteur")), whole_of(result.get("annee"), page, "annee")
            if name is None or year is None:
                raise wrong("Une collectivité n'a pas de nom ou pas d'année.", page)
            rows.append(
                {
                    "annee": year,
                    "n_acteur": name,
                    "c_dept": departement,
                    "l_typologie": text_of(result.get("l_typologie")),
                    **{ratio: number_of(result.get(ratio), page, ratio) for ratio in RATIOS},
                }
            )
    if not rows:
        raise wrong(f"Aucune collectivité du département {departement} dans le jeu.", pages[0])
    if len({(row["annee"], row["n_acteur"]) for row in rows}) != len(rows):
        raise wrong("Une collectivité est écrite deux fois pour une année.", pages[0])
    return table(SCHEMA, rows, SCHEMA.names)


def datasets(territory: Territory) -> list[Dataset]:
    """`sinoe/collecte`."""
    return [
        Dataset(
            id="sinoe/collecte",
            titre="Flux de déchets ménagers et assimilés collectés, par collectivité compétente (SINOE)",
            editeur="ADEME, SINOE déchets",
            licence="lov2",
            attribution="ADEME, SINOE déchets, enquête collecte",
            page=f"https://{HOST}/datasets/{SLUG}",
            periodicite="bisannuelle",
            periode_mois=24,
            delai_mois=24,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("epci",),
            cog_year=None,
            schema=SCHEMA,
            decoder_version=1,
            partitions=lambda ctx: [Partition("courant")],
            fetch=fetch,
            decode=lambda pages: decode(pages, territory.departement),
            absences="Une collectivité qui n'a pas répondu à l'enquête n'a pas de ligne cette année-là.",
            probe=probe,
            switched_off=(
                "Débranchée : l'identifiant du jeu et ses champs sont connus, à confirmer par une première "
                "réception, ainsi que le nom sous lequel SINOE écrit le syndicat du territoire."
            ),
        )
    ]
