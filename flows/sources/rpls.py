"""RPLS (SDES): social rented dwellings by commune and year of first letting, from the detailed yearly file.

Not here: approvals of new programmes (the housing service's deposit), refurbishments (not in this register), means
(the warehouse). One row of the file is one dwelling that stands on 1 January; a dwelling pulled down or sold since
its first letting is not in it any more, so old years are too low. Switched off until the archive was seen: its slug
and its columns come from public projects, the names of its members do not.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence

import pyarrow as pa

from flows.core.datasets import Dataset, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources import datagouv
from flows.sources.archives import Archive
from flows.sources.decoding import table
from flows.sources.reading import commune_of, one, plain, wrong

WANTED = datagouv.Wanted(
    dataset="donnees-detaillees-au-logement-du-repertoire-des-logements-locatifs-des-bailleurs-sociaux-rpls",
    title=r"rpls",
    format="zip",
    expect="zip",
    withdrawn="chercher sur data.gouv.fr le jeu du RPLS qui le remplace et corriger son adresse dans flows/sources.",
)
FIRST_YEAR = 2010

SCHEMA = pa.schema(
    [
        ("code_commune", pa.string()),
        ("annee", pa.int64()),
        ("logements", pa.int64()),
        ("millesime", pa.int64()),
    ]
)
_MEMBER = re.compile(r"rpls\D*(20[0-9]{2})", re.I)
_NEEDED = ("depcom", "locat")
fetch, probe = datagouv.whole_file(WANTED)


def decode(pages: Sequence[Page], departement: str) -> pa.Table:
    """Dwellings standing on 1 January `millesime`, by commune and year of first letting since 2010.

    Raises:
        DecodeError: not an archive, files of several years or of none, a missing column, a row cut short, no dwelling
            of the département.
    """
    page = one(pages, "data")
    archive = Archive(page)
    names = list(archive.csv_members())
    years = {int(m[1]) for name in names if (m := _MEMBER.search(name.rsplit("/", 1)[-1]))}
    if len(years) != 1:
        raise wrong(f"L'archive ne dit pas une année : {', '.join(names) or 'aucun fichier'}.", page)
    (state,) = years
    counts: Counter[tuple[str, int]] = Counter()
    for name in names:
        _count(archive, name, departement, state, counts, page)
    if not counts:
        raise wrong(f"Aucun logement du département {departement} dans l'archive.", page)
    rows = [
        {"code_commune": code, "annee": year, "logements": number, "millesime": state}
        for (code, year), number in counts.items()
    ]
    return table(SCHEMA, rows, SCHEMA.names)


def _count(
    archive: Archive, name: str, departement: str, state: int, counts: Counter[tuple[str, int]], page: Page
) -> None:
    """Adds the dwellings of one member; only ASCII columns are read, so Latin-1 reads any encoding."""
    lines = csv.reader(io.StringIO(archive.read(name).decode("latin-1"), newline=""), delimiter=";", strict=True)
    try:
        header = [plain(cell.removeprefix("ï»¿")) for cell in next(lines, [])]
        if missing := [column for column in _NEEDED if column not in header]:
            raise wrong(f"Il manque les colonnes {', '.join(missing)}.", page, name)
        commune, letting = (header.index(column) for column in _NEEDED)
        for cells in lines:
            if len(cells) != len(header):
                where = f"{name}, ligne {lines.line_num}"
                raise wrong(f"Une ligne a {len(cells)} cellules au lieu de {len(header)}.", page, where)
            code, year = commune_of(cells[commune]), cells[letting].strip()
            if code is None or not code.startswith(departement) or not (year.isascii() and year.isdigit()):
                continue  # another département, or a dwelling whose first letting is not known
            if FIRST_YEAR <= int(year) < state:
                counts[code, int(year)] += 1
    except csv.Error as error:
        raise wrong("Le fichier n'est pas un CSV lisible.", page, f"{name}, {error}") from error


def datasets(territory: Territory) -> list[Dataset]:
    """`rpls/mises_en_service`."""
    return [
        Dataset(
            id="rpls/mises_en_service",
            titre="Logements locatifs sociaux par commune et année de première mise en location (RPLS)",
            editeur="SDES, ministère chargé du Logement",
            licence="lov2",
            attribution="SDES, répertoire des logements locatifs des bailleurs sociaux (RPLS)",
            page=f"https://www.data.gouv.fr/datasets/{WANTED.dataset}/",
            periodicite="annuelle",
            periode_mois=12,
            delai_mois=13,
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
                "Une commune sans logement mis en location dans l'année n'a pas de ligne. Un logement démoli ou "
                "vendu depuis n'est plus compté."
            ),
            brut_public=False,
            raison_brut_prive="Le fichier donne l'adresse de chaque logement.",
            probe=probe,
            switched_off=(
                "Débranchée : le contenu de l'archive du RPLS (noms des fichiers, colonnes DEPCOM et LOCAT, taille) "
                "reste à confirmer sur data.gouv.fr."
            ),
        )
    ]
