"""LOVAC: vacant private dwellings. The open-data files of data.gouv.fr, and the 2021 shares by commune (Cerema).

Not here: rates and bounds (the warehouse). Two datasets:
- `lovac/parc_prive`: the wide files by département and, when the dataset lists one, by commune: one column a measure
  and a year (`pp_vacant_plus_2ans_24`). Windows-1252, blanks around names and numbers, `s` under 11 dwellings.
- `lovac/parts_communes`: shares of dwellings vacant for more than two years on 1 January 2021, a file that Cerema
  publishes beside its own software; an empty cell there is secret. Published once.
The total of private dwellings is published one year later than the vacant ones, and 2025 is another method.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.errors import SourceContentError
from flows.core.words import Accumulation, Cycle
from flows.sources import datagouv
from flows.sources.decoding import csv_rows
from flows.sources.decoding import table as typed
from flows.sources.reading import commune_of, named, number_of, one, wrong

SOURCE = "61816c6e23197bb34835228e"
_GONE = "chercher sur data.gouv.fr le jeu LOVAC qui le remplace et corriger son identifiant dans flows/sources."
DEPARTEMENTS = datagouv.Wanted(SOURCE, r"(?<![a-z])dep", "csv", "csv", _GONE)
COMMUNES = datagouv.Wanted(SOURCE, r"(?<![a-z])com", "csv", "csv", _GONE)
# A commit of the publisher's own repository: the file will not change.
SHARES = (
    "https://raw.githubusercontent.com/CEREMA/cartofriches/3e414b4a555b2bb6796cc19dac512a292d35a333/shinyapp/"
    "tauxvacance_communes_2021.csv"
)

SCHEMA = pa.schema(
    [
        ("niveau", pa.string()),
        ("code", pa.string()),
        ("libelle", pa.string()),
        ("annee", pa.int64()),
        ("mesure", pa.string()),
        ("valeur_brute", pa.string()),
    ]
)
SHARES_SCHEMA = pa.schema(
    [
        ("comm_insee", pa.string()),
        ("nom_com", pa.string()),
        ("nb_log_pp_2022", pa.float64()),
        ("prop_logvac_pp_2a_010121", pa.float64()),
    ]
)
_MEASURE = re.compile(r"(?:ff_)?(pp_total|pp_vacant|pp_vacant_plus_2ans)_([0-9]{2})")
SECRET = "s"


def fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """The file by département (`data-departements`), and the one by commune when the dataset lists it.

    Raises:
        SourceContentError: no file by département; the message lists the titles seen.
    """
    for name, wanted in (("departements", DEPARTEMENTS), ("communes", COMMUNES)):
        if name == "communes" and not _listed(ctx, wanted):
            continue
        for page in datagouv.download(ctx.http, wanted):
            role = f"data-{name}" if page.name == "data" else f"{page.name}-{name}"
            yield replace(page, name=role)


def _listed(ctx: FetchContext, wanted: datagouv.Wanted) -> bool:
    """Does the dataset list such a file? The communal one came later than the others."""
    try:
        datagouv.resource(ctx.http, wanted)
    except SourceContentError:
        return False
    return True


def probe(ctx: FetchContext, partition: Partition) -> str:
    """Checksums of the files listed."""
    found = [w for w in (DEPARTEMENTS, COMMUNES) if w is DEPARTEMENTS or _listed(ctx, w)]
    return "+".join(datagouv.resource(ctx.http, wanted)[1].token for wanted in found)


def decode(pages: Sequence[Page], departement: str, region: Sequence[str] = ()) -> pa.Table:
    """One row a territory, a year and a measure (`pp_total`, `pp_vacant`, `pp_vacant_plus_2ans`), as written.

    Kept: the département with its communes, and the other départements of its `region`, all of them or none.

    Raises:
        DecodeError: no column of codes or of measures, a marker that is neither a number nor `s`, a doubled
            territory, a département of the region or the communes missing.
    """
    rows: list[dict[str, Any]] = []
    for page in named(pages, "data"):
        rows += _rows(page, departement, {departement, *region})
    seen = {row["code"] for row in rows if row["niveau"] == "departement"}
    if absent := sorted({departement, *region} - seen):
        raise wrong(f"Le département {', '.join(absent)} n'est pas dans le fichier.", one(pages, "data-departements"))
    return typed(SCHEMA, rows, ("niveau", "code", "annee", "mesure"))


def _rows(page: Page, departement: str, kept: set[str]) -> list[dict[str, Any]]:
    level = "commune" if page.name == "data-communes" else "departement"
    found: dict[tuple[str, int, str], dict[str, Any]] = {}
    for cells in csv_rows(_text(page), delimiter=";", where=page.address):
        columns = {name: (m[1], 2000 + int(m[2])) for name in cells if (m := _MEASURE.fullmatch(name))}
        _followed(columns, cells, page)
        codes = [name for name in cells if name == "DEP" or name.startswith("CODGEO")]
        labels = [name for name in cells if name.startswith(("LIB_DEP", "LIBGEO"))]
        if len(codes) != 1 or not labels or not columns:
            raise wrong(f"Colonnes inconnues : {', '.join(list(cells)[:8])}.", page)
        raw = cells[codes[0]].strip()
        code = (commune_of(raw) or "") if level == "commune" else raw.zfill(2)
        if not (code.startswith(departement) if level == "commune" else code in kept):
            continue
        label = cells[labels[0]].strip()
        for name, (measure, year) in columns.items():
            key = (code, year, measure)
            if key in found:
                raise wrong("Un territoire est écrit deux fois.", page, f"{code}, {name}")
            found[key] = {
                "niveau": level,
                "code": code,
                "libelle": label,
                "annee": year,
                "mesure": measure,
                "valeur_brute": _written(cells[name], page, f"{code}, {name}"),
            }
    if not found:
        raise wrong(f"Aucune ligne du département {departement}.", page)
    return list(found.values())


def _followed(columns: dict[str, tuple[str, int]], header: Iterable[str], page: Page) -> None:
    """Each measure has every year from the same first one; a column of dwellings under another name is refused."""
    if strange := [name for name in header if "pp_" in name.lower() and name not in columns]:
        raise wrong(f"Des colonnes de logements ne sont pas reconnues : {', '.join(strange)}.", page)
    first = min((year for _, year in columns.values()), default=0)
    for measure in {measure for measure, _ in columns.values()}:
        years = sorted(year for name, year in columns.values() if name == measure)
        if years != list(range(first, first + len(years))):
            raise wrong(f"Les années de {measure} ne se suivent pas depuis {first}.", page)


def _written(cell: str, page: Page, where: str) -> str | None:
    """`s`, or a whole number without its blanks, or nothing; checked here, read by the warehouse."""
    text = re.sub(r"[\s\u00a0\u202f]", "", cell)
    if text.lower() == SECRET:
        return SECRET
    number = number_of(text, page, where)
    return None if number is None else f"{number:.0f}" if number.is_integer() else str(number)


def fetch_shares(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """The only file (`data`)."""
    yield ctx.http.get(SHARES, expect="csv", name="data")


def decode_shares(pages: Sequence[Page], departement: str) -> pa.Table:
    """One row a commune of the département; dwellings in 2022, share vacant for over two years on 1 January 2021 (%).

    Raises:
        DecodeError: a missing column, an unreadable number, a doubled commune, no commune of the département.
    """
    page = one(pages, "data")
    names = {"comm_insee": "comm_insee", "nom_com": "NOM_COM", "nb_log_pp_2022": "Nb_log_pp_2022"}
    names["prop_logvac_pp_2a_010121"] = "Prop_logvac_pp_2A_010121"
    rows: dict[str, dict[str, Any]] = {}
    for cells in csv_rows(_text(page), delimiter=";", where=page.address, required=list(names.values())):
        code = commune_of(cells["comm_insee"])
        if code is None or not code.startswith(departement):
            continue
        if code in rows:
            raise wrong("Une commune est écrite deux fois.", page, code)
        rows[code] = {
            "comm_insee": code,
            "nom_com": cells["NOM_COM"].strip() or None,
            **{name: number_of(cells[names[name]], page, f"{code}, {name}") for name in SHARES_SCHEMA.names[2:]},
        }
    if not rows:
        raise wrong(f"Aucune commune du département {departement} dans le fichier.", page)
    return typed(SHARES_SCHEMA, rows.values(), SHARES_SCHEMA.names)


def _text(page: Page) -> str:
    """The text of a file in Windows-1252, or in UTF-8 when its bytes are."""
    try:
        return page.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return page.body.decode("cp1252")
    except UnicodeDecodeError as error:
        raise wrong("Le fichier n'est ni en UTF-8 ni en Windows-1252.", page, str(error)) from error


def datasets(territory: Territory) -> list[Dataset]:
    """`lovac/parc_prive`, `lovac/parts_communes`."""
    secret = "Un nombre de moins de 11 logements est secret (« s »)."
    return [
        Dataset(
            id="lovac/parc_prive",
            titre="Logements vacants du parc privé (LOVAC en données ouvertes)",
            editeur="DGALN (DHUP) et Cerema",
            licence="lov2",
            attribution="DGALN et Cerema, LOVAC, d'après les fichiers fonciers et 1767 BIS COM (DGFiP)",
            page=f"https://www.data.gouv.fr/datasets/{SOURCE}/",
            periodicite="annuelle",
            periode_mois=12,
            delai_mois=18,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("departement", "commune"),
            cog_year=2025,
            schema=SCHEMA,
            decoder_version=2,
            partitions=lambda ctx: [Partition("courant")],
            fetch=fetch,
            decode=lambda pages: decode(pages, territory.departement, territory.departements_region),
            absences=secret + " Le parc total est publié un an après les logements vacants.",
            probe=probe,
            reserve=(
                "Titres des fichiers vus dans des projets publics ; le fichier communal n'est pris que s'il est "
                "listé. À confirmer à la première réception réelle."
            ),
        ),
        Dataset(
            id="lovac/parts_communes",
            titre="Part des logements privés vacants depuis plus de deux ans au 1er janvier 2021, par commune",
            editeur="Cerema",
            licence="lov2",
            attribution="Cerema, d'après LOVAC et les fichiers fonciers (DGFiP)",
            page="https://github.com/CEREMA/cartofriches",
            periodicite="ponctuelle",
            periode_mois=0,
            delai_mois=0,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("commune",),
            cog_year=2021,
            schema=SHARES_SCHEMA,
            decoder_version=1,
            partitions=lambda ctx: [Partition("2021", closed=True)],
            fetch=fetch_shares,
            decode=lambda pages: decode_shares(pages, territory.departement),
            absences="Une commune absente du fichier, ou dont les cases sont vides, n'a pas de chiffre publié.",
            reserve="Licence à confirmer auprès du Cerema.",
        ),
    ]
