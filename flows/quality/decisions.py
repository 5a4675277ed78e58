"""Dated decisions of stewards about a check: which one applies, and which one points at nothing.

Not here: reading the landed table from disk (the flow hands it over) and correcting a value (that is
`referentiel/corrections`, applied in dbt). A decision is tied to the fingerprint of what was looked at, so it lapses
by itself as soon as the figures change.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa

from flows.core.errors import StewardTableError

ACCEPT, REJECT = "accepter", "rejeter"


@dataclass(frozen=True)
class Decision:
    """One row of `referentiel/decisions`.

    `portee`: edition | candidat. `jeu` and `partition` are empty for the candidate. `empreinte`: fingerprint of the
    edition (or candidate) looked at, as the run report shows it; a prefix of at least 12 characters is enough.
    `decision`: accepter (the failure stands but no longer blocks nor comes back) | rejeter (a failure that would
    only be reviewed blocks).
    """

    portee: str
    jeu: str
    partition: str
    regle: str
    empreinte: str
    decision: str
    motif: str
    auteur: str
    date: dt.date

    def applies(self, portee: str, jeu: str, partition: str, regle: str, empreinte: str) -> bool:
        """Is this decision about that rule, on that very content?"""
        return (
            (self.portee, self.jeu, self.partition, self.regle) == (portee, jeu, partition, regle)
            and bool(empreinte)
            and empreinte.startswith(self.empreinte)
        )


def parse_decisions(table: pa.Table, *, nuit: dt.date) -> list[Decision]:
    """Rows of the landed `referentiel/decisions`, validated; later dates last. Decisions dated after `nuit` wait.

    Raises:
        StewardTableError: a closed list, a missing reason, author, fingerprint or date; `where` gives the line.
    """
    decisions = []
    for number, row in enumerate(table.to_pylist(), start=2):

        def refuse(column: str, why: str, line: int = number) -> StewardTableError:
            return StewardTableError(
                f"Une décision est refusée : {why}.",
                where=f"decisions.csv, ligne {line}, colonne {column}",
                todo="corriger la ligne ; le rapport d'exécution donne la règle et l'empreinte à recopier.",
            )

        text = {name: str(row.get(name) or "").strip() for name in Decision.__dataclass_fields__ if name != "date"}
        if text["portee"] not in ("edition", "candidat"):
            raise refuse("portee", "la portée est « edition » ou « candidat »")
        if text["decision"] not in (ACCEPT, REJECT):
            raise refuse("decision", f"une décision est « {ACCEPT} » ou « {REJECT} »")
        if text["portee"] == "edition" and not text["jeu"]:
            raise refuse("jeu", "une décision sur une édition nomme son jeu de données")
        for column in ("regle", "motif", "auteur"):
            if not text[column]:
                raise refuse(column, "cette colonne est obligatoire")
        if len(text["empreinte"]) < 12:
            raise refuse("empreinte", "l'empreinte a au moins douze caractères")
        if not isinstance(row.get("date"), dt.date):
            raise refuse("date", "la date est obligatoire")
        if row["date"] <= nuit:
            decisions.append(Decision(**text, date=row["date"]))
    return sorted(decisions, key=lambda d: (d.date, d.portee, d.jeu, d.partition, d.regle, d.empreinte))


def rows_fingerprint(regle: str, exemples: str) -> str:
    """What a decision about the candidate names: the rule and the very rows that failed it.

    A candidate as a whole changes every night; the accepted anomaly comes back only when its own rows change.
    """
    return hashlib.sha256(f"{regle}\n{exemples}".encode()).hexdigest()


def latest(decisions: Sequence[Decision], **about: str) -> Decision | None:
    """The newest decision that applies, or None. `about`: portee, jeu, partition, regle, empreinte."""
    found = [decision for decision in decisions if decision.applies(**about)]
    return found[-1] if found else None


def unmatched(decisions: Sequence[Decision], used: Iterable[Decision]) -> list[Decision]:
    """Decisions that changed no verdict: the figure moved, the rule passes now, or a name is misspelt."""
    applied = set(used)
    return [decision for decision in decisions if decision not in applied]
