"""`observatoire new`: the files of a new source, indicator or deposit, ready to be completed.

What is written passes `observatoire check`; words to replace begin with « À écrire ». An existing file is never
touched. Not here: what each key means (docs/indicators.md, docs/sources.md).
"""

from __future__ import annotations

import re
from pathlib import Path

from flows.core.errors import ConfigurationError
from flows.settings import Paths
from flows.warehouse.catalogue import read_indicators

SLUG = re.compile(r"^[a-z][a-z0-9_]{2,60}$")
SOURCE = re.compile(r"^([a-z][a-z0-9_]*)/([a-z][a-z0-9_]*)$")

INDICATOR = """\
version: 2
models:
  - name: ind_{slug}
    description: To be written.
    config:
      meta:
        titre: À écrire
        titre_court: À écrire
        unite: nombre
        decimales: 0
        polarite: neutre
        definition: À écrire en phrases entières.
        formule: À écrire en phrases entières.
        pourquoi: À écrire en phrases entières.
        limites: À écrire en phrases entières.
        phrase: >-
          {{valeur}} {{de_territoire}} ({{periode}}).
        niveau_logique: contexte
{more}        periodicite: annuelle
        periode_mois: 12
        delai_mois: 12
        cycle: annuel
        territoire: epci
        comparaisons: []
        sert: [finalite]
        destinataires: [role_2p2t]
        jeux: {jeux}
        ordre: {ordre}
"""
DECLARED = """\
        raison: À écrire, pourquoi rien ne peut être montré et ce qui est attendu.
        attente: source
"""
DEPOSIT = """\
        saisie: oui
        service: À écrire
"""
DEPOSIT_SQL = "{{{{ observations_saisies('{slug}') }}}}\n"
COMPUTED_SQL = """\
-- To be written: which figures, from which staging model, and what is never done with them.
select
  'commune' as territoire_niveau,
  code_commune as territoire_code,
  cast(null as varchar) as periode,
  '' as ventilation,
  cast(null as double) as valeur,
  cast(null as double) as borne_basse,
  cast(null as double) as borne_haute,
  'definitif' as statut,
  'publie' as nature,
  '' as note,
  '' as millesime,
  cast([] as varchar[]) as jeux,
  cast([] as varchar[]) as editions
from {{{{ ref('int_communes') }}}}
where false
"""
MODULE = '''\
"""{provider}: to be written, what is asked, of whom, in which format, and how certain it is.

Not here: to be written, what the warehouse does with it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources.decoding import table
from flows.sources.reading import one, wrong

ADDRESS = "https://www.example.org/{name}.csv"
SCHEMA = pa.schema([("code_commune", pa.string()), ("annee", pa.int64()), ("valeur", pa.float64())])


def fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """The national file."""
    yield ctx.http.get(ADDRESS, expect="csv", name="data")


def decode(pages: Sequence[Page]) -> pa.Table:
    """One row a commune and a year.

    Raises:
        DecodeError: a missing column, or a cell that is not a number.
    """
    page = one(pages, "data")
    reader = csv.DictReader(io.StringIO(page.body.decode("utf-8-sig"), newline=""), delimiter=";")
    if missing := sorted(set(SCHEMA.names) - set(reader.fieldnames or [])):
        raise wrong(f"Il manque les colonnes {{', '.join(missing)}}.", page)
    rows = []
    for number, cells in enumerate(reader, start=2):
        try:
            value = float(cells["valeur"].replace(",", ".")) if cells["valeur"] else None
            rows.append({{"code_commune": cells["code_commune"], "annee": int(cells["annee"]), "valeur": value}})
        except (ValueError, AttributeError) as error:
            raise wrong(f"La ligne {{number}} ne se lit pas.", page, str(error)) from error
    return table(SCHEMA, rows, ("code_commune", "annee"))


def datasets(territory: Territory) -> list[Dataset]:
    """`{provider}/{name}`."""
    return [
        Dataset(
            id="{provider}/{name}",
            titre="À écrire",
            editeur="À écrire",
            licence="lov2",
            attribution="À écrire",
            page="https://www.example.org/",
            periodicite="annuelle",
            periode_mois=12,
            delai_mois=12,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("commune",),
            cog_year=None,
            schema=SCHEMA,
            decoder_version=1,
            partitions=lambda ctx: [Partition("courant")],
            fetch=fetch,
            decode=decode,
            switched_off="À écrire : ce qui reste à confirmer avant d’interroger cette adresse.",
        )
    ]
'''
SUITE = """\
# À écrire : ce que contient ce jeu, et dans quelle unité.
suite: {table}
etape: edition
table: decodee
proprietaire: "Service de la donnée territoriale"
mesures:
  commune: "code_commune"
regles:
  - id: {table}_cles_uniques
    attente: expect_compound_columns_to_be_unique
    parametres: {{column_list: [code_commune, annee]}}
    enonce: "Chaque ligne est unique : les mêmes clés n’apparaissent pas deux fois."
    pourquoi: "Une ligne en double compterait deux fois dans les sommes."
    severite: bloquant
    cles: [code_commune, annee]
"""
STAGING = """\
-- Dataset {provider}/{name}, renamed and typed.
select
  code_commune,
  annee,
  valeur,
  _edition as edition,
  _nuit as nuit
from {{{{ landed('{provider}', '{name}') }}}}
order by code_commune, annee
"""


def new(paths: Paths, kind: str, name: str, *, computed: bool = False) -> list[Path]:
    """Write the files of a new declaration and return their paths.

    Args:
        kind: `source` (name `provider/dataset`: three files), `indicator` (one file, two when `computed`) or `saisie`
            (two files). name: slug of what is declared.

    Raises:
        ConfigurationError: the name is not a slug, or a file exists already (none is then written).
    """
    files = _source(paths, name) if kind == "source" else _indicator(paths, name, kind, computed)
    for path in files:
        if path.exists():
            raise ConfigurationError(
                "Ce fichier existe déjà : rien n’a été écrit.",
                where=path.relative_to(paths.root).as_posix(),
                todo="choisir un autre nom, ou compléter ce fichier.",
            )
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(files)


def _source(paths: Paths, name: str) -> dict[Path, str]:
    match = SOURCE.match(name)
    if not match:
        raise ConfigurationError(
            f"« {name} » n’est pas le nom d’un jeu de données.", todo="l’écrire producteur/jeu, en minuscules."
        )
    provider, short = match.groups()
    table = f"{provider}__{short}"
    staging = paths.dbt_project / "models" / "staging" / provider
    return {
        paths.root / "flows" / "sources" / f"{provider}.py": MODULE.format(provider=provider, name=short),
        paths.expectations / f"{table}.yml": SUITE.format(table=table),
        staging / f"stg_{table}.sql": STAGING.format(provider=provider, name=short),
    }


def _indicator(paths: Paths, slug: str, kind: str, computed: bool) -> dict[Path, str]:
    if not SLUG.match(slug):
        raise ConfigurationError(
            f"« {slug} » n’est pas un identifiant d’indicateur.",
            todo="l’écrire en minuscules sans accent, avec des « _ » : ce sera son adresse sur le site.",
        )
    folder = paths.dbt_project / "models" / "indicators"
    ordre = max((indicator.words.ordre for indicator in read_indicators(folder)), default=0) + 1
    more = DEPOSIT if kind == "saisie" else "" if computed else DECLARED
    jeux = "[saisies/indicateurs]" if kind == "saisie" else "[]"
    files = {folder / f"ind_{slug}.yml": INDICATOR.format(slug=slug, more=more, jeux=jeux, ordre=ordre)}
    if kind == "saisie":
        files[folder / f"ind_{slug}.sql"] = DEPOSIT_SQL.format(slug=slug)
    elif computed:
        files[folder / f"ind_{slug}.sql"] = COMPUTED_SQL.format()
    return files
