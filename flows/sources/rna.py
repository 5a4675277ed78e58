"""RNA (ministère de l'Intérieur): associations created, by commune of the seat and year, from the Waldec file.

Not here: rates (the warehouse), living associations (the register does not know who still lives). The archive holds
one CSV a département and one row an association, with the address of its seat, often somebody's home: only the
commune and the date of creation are read, and the bytes are not public. `position` (active, dissolved) plays no part:
a creation is a dated fact. Alsace and Moselle are not in it. The date of state is that of the file's name.
"""

from __future__ import annotations

import csv
import datetime as dt
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
from flows.sources.reading import commune_of, one, wrong

WANTED = datagouv.Wanted(
    dataset="58e53811c751df03df38f42d",
    title=r"waldec",
    format="zip",
    expect="zip",
    withdrawn="chercher sur data.gouv.fr le jeu qui remplace le RNA et corriger son identifiant dans flows/sources.",
)
FIRST_YEAR = 2010  # before, creations are shared between this file and another one without commune codes

SCHEMA = pa.schema(
    [
        ("code_commune", pa.string()),
        ("annee", pa.int64()),
        ("creations", pa.int64()),
        ("date_etat", pa.date32()),
    ]
)
_NEEDED = ("id", "date_creat", "adrs_codeinsee")
_MEMBER = re.compile(r"(?:.*/)?rna_waldec_([0-9]{8})_dpt_([0-9AB]{2,3})\.csv", re.I)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
fetch, probe = datagouv.whole_file(WANTED)  # about 250 MB


def decode(pages: Sequence[Page], departement: str) -> pa.Table:
    """Associations by commune of the seat and year of creation, since 2010; a commune without any has no row.

    Raises:
        DecodeError: not an archive, no file of the département, a missing column, a row cut short, an identifier
            written twice, no creation at all.
    """
    page = one(pages, "data")
    archive = Archive(page)
    found = [(name, m) for name in archive.names() if (m := _MEMBER.fullmatch(name)) and m[2] == departement]
    if len(found) != 1:
        raise wrong(f"L'archive a {len(found)} fichier du département {departement} au lieu d'un.", page)
    name, match = found[0]
    state = _state(match[1], page)
    counts: Counter[tuple[str, int]] = Counter()
    seen: set[str] = set()
    # Only ASCII columns are read: Latin-1 reads them whatever the encoding of the texts beside them.
    lines = csv.reader(io.StringIO(archive.read(name).decode("latin-1"), newline=""), delimiter=";", strict=True)
    try:
        header = [cell.removeprefix("ï»¿").strip().strip('"') for cell in next(lines, [])]
        if missing := [column for column in _NEEDED if column not in header]:
            raise wrong(f"Il manque les colonnes {', '.join(missing)}.", page, name)
        ident, created, commune = (header.index(column) for column in _NEEDED)
        for cells in lines:
            if len(cells) != len(header):
                raise wrong(
                    f"Une ligne a {len(cells)} cellules au lieu de {len(header)}.", page, f"{name}, {lines.line_num}"
                )
            if cells[ident] in seen:
                raise wrong("Une association est écrite deux fois.", page, f"{name}, ligne {lines.line_num}")
            seen.add(cells[ident])
            code, day = commune_of(cells[commune]), cells[created].strip()[:10]
            # An unknown date is written 0001-01-01, or left empty.
            if code and _DATE.fullmatch(day) and FIRST_YEAR <= int(day[:4]) <= state.year:
                counts[code, int(day[:4])] += 1
    except csv.Error as error:
        raise wrong("Le fichier n'est pas un CSV lisible.", page, f"{name}, {error}") from error
    if not counts:
        raise wrong(f"Aucune création depuis {FIRST_YEAR} dans le département {departement}.", page)
    rows = [
        {"code_commune": code, "annee": year, "creations": count, "date_etat": state}
        for (code, year), count in counts.items()
    ]
    return table(SCHEMA, rows, SCHEMA.names)


def _state(text: str, page: Page) -> dt.date:
    try:
        return dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError as error:
        raise wrong(f"« {text} » n'est pas une date dans le nom du fichier.", page) from error


def datasets(territory: Territory) -> list[Dataset]:
    """`rna/creations`."""
    return [
        Dataset(
            id="rna/creations",
            titre="Créations d'associations par commune du siège et par année",
            editeur="Ministère de l'Intérieur",
            licence="lov2",
            attribution="Ministère de l'Intérieur, répertoire national des associations (RNA)",
            page=f"https://www.data.gouv.fr/datasets/{WANTED.dataset}/",
            periodicite="mensuelle",
            periode_mois=12,
            delai_mois=1,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("commune",),
            cog_year=None,
            schema=SCHEMA,
            decoder_version=1,
            partitions=lambda ctx: [Partition("courant")],
            fetch=fetch,
            decode=lambda pages: decode(pages, territory.departement),
            absences="Une commune sans création connue n'a pas de ligne. L'Alsace et la Moselle n'y sont pas.",
            brut_public=False,
            raison_brut_prive="Le fichier donne l'adresse du siège des associations, souvent celle d'une personne.",
            probe=probe,
            reserve="Titre du fichier vu dans des projets publics ; à confirmer à la première réception réelle.",
        )
    ]
