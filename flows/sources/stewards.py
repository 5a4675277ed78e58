"""The stewards' tables (`dbt_project/seeds/*.csv`) as datasets `referentiel/<name>`, landed at each run.

Not here: HTTP (nothing is fetched: the flow reads the file with `read_page`), the strict CSV (stewards_csv), the
rules (stewards_rules). Empty texts are landed as "", empty numbers and dates as null; rows in the order of their key.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.errors import SourceError, StewardTableError
from flows.core.words import Accumulation, Cycle, Etat
from flows.sources import stewards_columns as columns
from flows.sources import stewards_references as references
from flows.sources import stewards_rules as rules
from flows.sources import stewards_trajectories as trajectories
from flows.sources.stewards_csv import Column, read, refuse, schema_of

ADDRESS = "dbt_project/seeds/{name}.csv"
TYPES = ("finalite", "ambition", "engagement", "champ", "projet", "critere", "dimension")
_SLUG = r"[a-z][a-z0-9_]*"
_DATASET = r"[a-z][a-z0-9_]*/[a-z][a-z0-9_]*"


def _slug(name: str) -> Column:
    return Column(name, required=True, pattern=_SLUG, hint="minuscules sans accent, chiffres et « _ »")


def _required(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, required=True) for name in names)


_SIGNED = (*_required("auteur"), Column("date", "date", required=True))


@dataclass(frozen=True)
class Table:
    """One steward's table: its columns, its key (also the order of rows), its rules, whether it may be empty.

    `version` is raised when what is read of a file changes (`Dataset.decoder_version`).
    """

    name: str
    titre: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    rules: tuple[rules.Rule, ...] = ()
    may_be_empty: bool = True
    niveaux: tuple[str, ...] = ()
    version: int = 1


TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            "catalogue",
            "Catalogue du Projet de Territoire",
            (
                _slug("id"),
                Column("type", required=True, allowed=TYPES),
                Column("parent"),
                *_required("libelle", "libelle_court", "citation"),
                Column("source", required=True, pattern=r"[0-9]{3}:[0-9]+", hint="document:ligne, comme 001:721"),
                Column("ordre", "integer", required=True),
            ),
            ("ordre", "id"),
            (rules.unique("id"), rules.unique("ordre"), rules.catalogue),
            may_be_empty=False,
        ),
        Table(
            "trajectoires",
            "Trajectoires adoptées et hypothèses de travail",
            (*columns.COLUMNS, *_SIGNED, *columns.VALIDITY),
            ("trajectoire",),
            (rules.unique("trajectoire"), trajectories.trajectoires, rules.roles_only),
            niveaux=("epci",),
            version=2,
        ),
        Table(
            "etats",
            "Décisions sur l’état d’un indicateur",
            (
                _slug("indicateur"),
                *_required("periode"),
                Column("etat", required=True, allowed=tuple(e.value for e in Etat)),
                *_required("motif"),
                *_SIGNED,
                Column("valide_au", "date"),
            ),
            ("indicateur", "periode"),
            (rules.unique("indicateur", "periode"), rules.periods, rules.valid_dates, rules.roles_only),
        ),
        Table(
            "etapes",
            "Points d’étape triennaux",
            (
                Column("genre", required=True, allowed=("triennale",)),
                Column("nuit", "date", required=True),
                *_required("titre", "source"),
                *_SIGNED,
            ),
            ("nuit", "genre"),
            (rules.unique("genre", "nuit"), rules.roles_only),
        ),
        Table(
            "ruptures",
            "Ruptures de série",
            (_slug("indicateur"), *_required("periode", "motif", "source"), *_SIGNED),
            ("indicateur", "periode"),
            (rules.unique("indicateur", "periode"), rules.periods, rules.roles_only),
        ),
        Table(
            "bassins_de_vie",
            "Composition des bassins de vie",
            (
                _slug("bassin"),
                *_required("nom"),
                Column("code_commune", required=True, pattern=r"[0-9][0-9AB][0-9]{3}", hint="code Insee"),
                *_required("source"),
                *_SIGNED,
            ),
            ("bassin", "code_commune"),
            (rules.unique("code_commune"), rules.roles_only),
            niveaux=("bassin_de_vie", "commune"),
        ),
        Table(
            "corrections",
            "Corrections de données publiées",
            (
                Column("jeu", required=True, pattern=_DATASET, hint="éditeur/jeu"),
                *_required("cle", "colonne"),
                Column("valeur_attendue"),
                Column("valeur_corrigee"),
                *_required("motif"),
                Column("ticket", later=True),
                *_SIGNED,
            ),
            ("jeu", "cle", "colonne"),
            (rules.unique("jeu", "cle", "colonne"), rules.corrections, rules.roles_only),
            version=2,
        ),
        Table(
            "decisions",
            "Décisions sur les contrôles de qualité",
            (
                Column("portee", required=True, allowed=("edition", "candidat")),
                Column("jeu", pattern=_DATASET, hint="éditeur/jeu"),
                Column("partition"),
                *_required("regle"),
                Column("empreinte", required=True, pattern=r"[0-9a-f]{12,64}", hint="12 caractères au moins"),
                Column("decision", required=True, allowed=("accepter", "rejeter")),
                *_required("motif"),
                *_SIGNED,
            ),
            ("portee", "jeu", "partition", "regle", "empreinte"),
            (rules.unique("portee", "jeu", "partition", "regle", "empreinte"), rules.decisions, rules.roles_only),
        ),
        Table(
            "taux_mortalite",
            "Taux de mortalité de référence, France, par sexe et par âge",
            (*references.TAUX_MORTALITE, *_SIGNED),
            ("annee", "sexe", "age_min"),
            (rules.unique("annee", "sexe", "age_min"), references.taux_mortalite, rules.roles_only),
        ),
        Table(
            "bornes_idh4",
            "Bornes et composantes de l’indice de développement humain",
            (*references.BORNES_IDH4, *_SIGNED),
            ("annee", "composante"),
            (rules.unique("annee", "composante"), references.bornes_idh4, rules.roles_only),
        ),
    )
}


def datasets(territory: Territory) -> list[Dataset]:
    """The stewards' tables; `territory` says which codes a trajectory may name."""
    return [_dataset(table, territory) for table in TABLES.values()]


def read_page(path: Path, name: str) -> Page:
    """The bytes of a steward's file as a page with its address inside the project.

    Raises:
        StewardTableError: `name` is not a steward's table, or the file cannot be read.
    """
    if name not in TABLES:
        raise StewardTableError(f"La table « {name} » n'existe pas.", todo=f"choisir parmi {', '.join(TABLES)}.")
    address = ADDRESS.format(name=name)
    try:
        body = path.read_bytes()
    except OSError as error:
        raise StewardTableError(
            f"Le fichier de la table « {name} » ne peut pas être lu ({error.strerror}).",
            where=address,
            todo="remettre ce fichier ; une table sans ligne garde son en-tête.",
        ) from error
    return Page(address=address, body=body, content_type="text/csv; charset=utf-8", name=name)


def decode(name: str, pages: Sequence[Page], territory: Territory) -> pa.Table:
    """The typed rows of one steward's table, in the order of its key.

    Raises:
        StewardTableError: the file is refused; its message tells every wrong line.
    """
    table = TABLES[name]
    if len(pages) != 1:
        raise StewardTableError(f"La table « {name} » tient en un fichier, {len(pages)} reçus.", where=name)
    address = pages[0].address
    reading = read(pages[0].body, table.columns, address)
    problems = list(reading.problems)
    if not problems:
        # Rules compare cells with one another: on cells already refused they would tell the same mistake twice.
        problems += [problem for rule in table.rules for problem in rule(reading.rows, territory)]
    refuse(problems, address)
    if not reading.rows and not table.may_be_empty:
        raise StewardTableError("La table n'a aucune ligne.", where=address, todo="la restaurer depuis l'historique.")
    rows = sorted((dict(row.values) for row in reading.rows), key=lambda values: [values[k] for k in table.key])
    return pa.Table.from_pylist(rows, schema=schema_of(table.columns))


def _fetch(name: str) -> Iterator[Page]:
    raise SourceError(
        f"La table « {name} » ne se demande pas au réseau.",
        todo="la lire avec flows.sources.stewards.read_page, comme le fait la nuit.",
    )
    yield  # a generator, like every other fetch


def _dataset(table: Table, territory: Territory) -> Dataset:
    def fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
        return _fetch(table.name)

    def decoder(pages: Sequence[Page]) -> pa.Table:
        return decode(table.name, pages, territory)

    return Dataset(
        id=f"referentiel/{table.name}",
        titre=table.titre,
        editeur="Observatoire de La Porte du Hainaut",
        licence="interne",
        attribution="Observatoire du Projet de Territoire, La Porte du Hainaut",
        page="",
        periodicite="au fil des décisions",
        periode_mois=12,
        delai_mois=0,
        cycle=Cycle.NOCTURNE,
        accumulation=Accumulation.INSTANTANE,
        niveaux=table.niveaux,
        cog_year=None,
        schema=schema_of(table.columns),
        decoder_version=table.version,
        partitions=lambda ctx: [Partition("courant")],
        fetch=fetch,
        decode=decoder,
        empty_expected=table.may_be_empty,
        steward=True,
    )
