"""What the rows of each steward's table may say: rules across cells, rows and the territory.

Not here: reading the file (stewards_csv), the rules of trajectories (stewards_trajectories). Each rule yields
problems in French and never changes a value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from flows.core.datasets import Territory
from flows.core.periods import PeriodError, end_of
from flows.sources.stewards_csv import Problem, Row

Rule = Callable[[Sequence[Row], Territory], Iterator[Problem]]

PARENTS = {"ambition": "finalite", "engagement": "finalite", "champ": "engagement", "projet": "engagement"}


def unique(*key: str) -> Rule:
    """A rule: two rows never share the values of `key`."""

    def rule(rows: Sequence[Row], _: Territory) -> Iterator[Problem]:
        seen: dict[tuple[object, ...], int] = {}
        for row in rows:
            values = tuple(row[name] for name in key)
            first = seen.setdefault(values, row.line)
            if first != row.line:
                yield Problem(row.line, key[-1], f"clé déjà écrite ligne {first} ({' + '.join(key)})")

    return rule


def roles_only(rows: Sequence[Row], _: Territory) -> Iterator[Problem]:
    """`auteur` is a role, never an address of a person: these tables are published with the site."""
    for row in rows:
        if "@" in row["auteur"]:
            yield Problem(row.line, "auteur", "une adresse n'est pas admise : écrire un rôle ou un service")


def catalogue(rows: Sequence[Row], _: Territory) -> Iterator[Problem]:
    """Every champ, project, engagement and ambition hangs under an existing entry of the right type."""
    types = {row["id"]: row["type"] for row in rows}
    if rows and "finalite" not in types.values():
        yield Problem(rows[0].line, "type", "la table n'a pas de finalité")
    for row in rows:
        due = PARENTS.get(row["type"], "")
        if due and types.get(row["parent"]) != due:
            yield Problem(row.line, "parent", f"« {row['parent']} » n'est pas un identifiant de type {due}")
        if not due and row["parent"]:
            yield Problem(row.line, "parent", f"le type {row['type']} n'a pas de parent")


def periods(rows: Sequence[Row], _: Territory) -> Iterator[Problem]:
    """`periode` is a period of the house."""
    for row in rows:
        if row["periode"]:
            try:
                end_of(row["periode"])
            except PeriodError as error:
                yield Problem(row.line, "periode", f"{error.what} ({error.todo})" if error.todo else error.what)


def valid_dates(rows: Sequence[Row], _: Territory) -> Iterator[Problem]:
    """`valide_au`, when given, does not come before `date`."""
    for row in rows:
        if row["date"] and row["valide_au"] and row["valide_au"] < row["date"]:
            yield Problem(row.line, "valide_au", "la fin de validité précède la décision")


def corrections(rows: Sequence[Row], _: Territory) -> Iterator[Problem]:
    """A correction changes something."""
    for row in rows:
        if row["valeur_attendue"] == row["valeur_corrigee"]:
            yield Problem(row.line, "valeur_corrigee", "la valeur corrigée est égale à la valeur attendue")


def decisions(rows: Sequence[Row], _: Territory) -> Iterator[Problem]:
    """A decision about an edition names its dataset."""
    for row in rows:
        if row["portee"] == "edition" and not row["jeu"]:
            yield Problem(row.line, "jeu", "une décision sur une édition nomme son jeu de données")
