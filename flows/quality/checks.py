"""A check's outcome as a value, its table, and the verdict over many.

Not here: evaluating (flows.quality.gate) and what a verdict does (the flows).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Literal

import pyarrow as pa

from flows.core.errors import GateError
from flows.core.tables import TABLES
from flows.core.words import Resultat, Severite
from flows.quality.decisions import Decision, unmatched


@dataclass(frozen=True)
class Subject:
    """What is being judged: the context that a frame alone does not carry.

    Attributes:
        portee: `edition` or `candidat`. edition: its id. partition: its key. empreinte: fingerprint that a dated
            decision names (decoded table of the edition, or the candidate's own).
        indicateurs: ids that read this dataset, so that a failure says which pages it touches.
    """

    portee: str = "edition"
    jeu: str = ""
    edition: str = ""
    partition: str = ""
    empreinte: str = ""
    indicateurs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """One row of `fct_check`. `exemples` is a JSON list of offending rows (keys and column looked at).

    `decision` is the dated decision that changed the outcome, or None; it is not a column of the table.
    """

    portee: str
    jeu: str
    edition: str
    partition: str
    suite: str
    regle: str
    enonce: str
    pourquoi: str
    severite: str
    resultat: str
    observe: str
    lignes: int
    ecarts: int
    exemples: str
    indicateurs: tuple[str, ...]
    decision: Decision | None = None


def checks_table(checks: Sequence[Check]) -> pa.Table:
    """The checks as `fct_check`, ordered by portee, jeu, partition, edition, suite, regle."""
    schema = TABLES["fct_check"]
    known = {field.name for field in fields(Check)}
    if missing := [name for name in schema.names if name not in known]:
        raise GateError(f"fct_check a des colonnes que les contrôles ne donnent pas : {', '.join(missing)}.")
    ordered = sorted(checks, key=lambda c: (c.portee, c.jeu, c.partition, c.edition, c.suite, c.regle))
    rows = [
        {name: list(check.indicateurs) if name == "indicateurs" else getattr(check, name) for name in schema.names}
        for check in ordered
    ]
    return pa.Table.from_pylist(rows, schema=schema)


def verdict(checks: Sequence[Check]) -> Literal["accepted", "rejected"]:
    """`rejected` when a rule blocks or could not be evaluated, else `accepted`.

    Raises:
        GateError: no check at all: nothing was looked at, which is not a pass.
    """
    if not checks:
        raise GateError(
            "Aucun contrôle n'a été évalué.",
            todo="vérifier que la suite de ce jeu existe et qu'une règle au moins concerne cette partition.",
        )
    stops = (Resultat.BLOQUANT, Resultat.ERREUR)
    return "rejected" if any(check.resultat in stops for check in checks) else "accepted"


def gate_error(checks: Sequence[Check]) -> GateError | None:
    """The first rule that raised, as an error with its three parts; None when every rule could be evaluated."""
    broken = [check for check in checks if check.resultat == Resultat.ERREUR]
    if not broken:
        return None
    first = broken[0]
    more = f" ({len(broken)} règles en tout)" if len(broken) > 1 else ""
    return GateError(
        f"Une règle n'a pas pu être évaluée{more} : {first.observe}",
        where=f"expectations/{first.suite}.yml, règle {first.regle}",
        todo="corriger la règle (colonne, filtre ou paramètre) ; tant qu'elle échoue, rien n'est accepté.",
    )


def unmatched_decisions(decisions: Sequence[Decision], checks: Sequence[Check]) -> list[Check]:
    """One review check per decision that changed no outcome: reported, never ignored (US-11 A3).

    `checks` are all the checks of the run, so call it once, at the end.
    """
    return [
        Check(
            portee=decision.portee,
            jeu=decision.jeu,
            edition="",
            partition=decision.partition,
            suite="decisions",
            regle=f"decision_sans_objet:{decision.regle}",
            enonce=f"La décision du {decision.date.isoformat()} sur la règle « {decision.regle} » s'applique encore.",
            pourquoi="Une décision vise un contenu précis : si les chiffres ont changé, si la règle passe ou si un "
            "nom est mal écrit, elle n'a plus d'effet et doit être relue.",
            severite=Severite.A_REVOIR,
            resultat=Resultat.A_REVOIR,
            observe=f"aucun contrôle ne correspond à l'empreinte {decision.empreinte[:12]} ({decision.motif})",
            lignes=0,
            ecarts=0,
            exemples="[]",
            indicateurs=(),
        )
        for decision in unmatched(decisions, [check.decision for check in checks if check.decision])
    ]
