"""The two gates as a night uses them: which suites judge what, with which parameters, and a memo of verdicts.

Not here: rules and their evaluation (flows.quality). The memo under `cache/controles/` is a function of edition,
decoder, suite, decisions and previous edition: throwing it away changes nothing but time.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from flows.core.datasets import Dataset, Edition, digest
from flows.core.errors import GateError
from flows.core.tables import Release
from flows.core.words import Resultat, Severite
from flows.files import write_json
from flows.landing.decoded import Decoded
from flows.quality.checks import Check, Subject, verdict
from flows.quality.decisions import Decision
from flows.quality.suites import Suite


@dataclass
class GateOne:
    """Judges editions one by one; keeps the checks of each for the report and the release.

    Args:
        suites: by name. decisions: dated decisions of stewards, already validated.
        communes: commune code → SIREN of its EPCI. indicators: dataset id → ids of the indicators that read it.
        memo: folder of the memo.
    """

    suites: Mapping[str, Suite]
    decisions: Sequence[Decision]
    communes: Mapping[str, str]
    indicators: Mapping[str, Sequence[str]]
    memo: Path
    checks: dict[str, list[Check]] = field(default_factory=dict)

    def judge(self, dataset: Dataset, edition: Edition, decoded: Decoded, previous: Decoded | None) -> bool:
        """Is this edition accepted? `previous` is the accepted edition before it in its partition.

        Raises:
            GateError: a dataset of an outside source has no suite, so nothing would be checked.
        """
        if decoded.table is None:
            self.checks[edition.id] = [self._undecodable(dataset, edition, decoded)]
            return False
        suite = self.suites.get(dataset.table_name)
        if suite is None:
            if dataset.steward:  # validated line by line when it was decoded
                self.checks[edition.id] = []
                return True
            raise GateError(
                f"Le jeu {dataset.id} n'a pas de suite de contrôle.",
                where=f"expectations/{dataset.table_name}.yml",
                todo="écrire sa suite : sans elle, aucune édition n'est acceptée.",
            )
        checks = self._remembered(dataset, suite, edition, decoded, previous)
        self.checks[edition.id] = checks
        return verdict(checks) == "accepted"

    def _remembered(
        self, dataset: Dataset, suite: Suite, edition: Edition, decoded: Decoded, previous: Decoded | None
    ) -> list[Check]:
        about = [d for d in self.decisions if d.jeu == dataset.id]
        key = digest(
            {
                "edition": edition.id,
                "decoder": dataset.decoder_version,
                "suite": suite.model_dump(mode="json"),
                "decisions": [asdict(d) for d in about],
                "previous": previous.fingerprint if previous else "",
                "communes": dict(self.communes),
                "absent": list(dataset.absent_codes),
                "indicators": list(self.indicators.get(dataset.id, ())),
            }
        )
        file = self.memo / dataset.table_name / f"{key}.json"
        if file.exists():
            return [_check(value) for value in json.loads(file.read_text(encoding="utf-8"))]
        from flows.quality.gate import evaluate

        assert decoded.table is not None
        checks = evaluate(
            suite,
            decoded.table,
            parameters={
                "communes": dict(self.communes),
                "absences": list(dataset.absent_codes),
                "nuit": edition.nuit,
                "precedente": previous.table if previous else None,
            },
            decisions=about,
            subject=Subject(
                portee="edition",
                jeu=dataset.id,
                edition=edition.id,
                partition=edition.partition,
                empreinte=decoded.fingerprint,
                indicateurs=tuple(self.indicators.get(dataset.id, ())),
            ),
        )
        write_json(file, [asdict(check) for check in checks])
        return checks

    def _undecodable(self, dataset: Dataset, edition: Edition, decoded: Decoded) -> Check:
        return Check(
            portee="edition",
            jeu=dataset.id,
            edition=edition.id,
            partition=edition.partition,
            suite=dataset.table_name,
            regle="decodage",
            enonce="Les octets reçus se décodent selon le contrat de la source.",
            pourquoi="Une réponse illisible ne doit pas remplacer la dernière édition acceptée.",
            severite=str(Severite.BLOQUANT),
            resultat=str(Resultat.BLOQUANT),
            observe=str(decoded.error or ""),
            lignes=0,
            ecarts=1,
            exemples="[]",
            indicateurs=tuple(self.indicators.get(dataset.id, ())),
        )


def gate_two(
    suite: Suite,
    candidate: Release,
    *,
    landed: Mapping[str, pa.Table],
    predecessor: Release | None,
    communes: Mapping[str, str],
    absences: Sequence[str],
    nuit: dt.date,
    decisions: Sequence[Decision],
    fingerprint: str,
) -> list[Check]:
    """Evaluate the candidate's suite over its marts and the decoded tables it names."""
    from flows.core.tables import TABLES
    from flows.quality.gate import evaluate

    tables = {name: candidate.table(name) if name in TABLES else landed[name] for name in suite.tables}
    before = {name: predecessor.table(name) for name in suite.tables if predecessor and name in TABLES}
    return evaluate(
        suite,
        tables,
        parameters={
            "communes": dict(communes),
            "absences": list(absences),
            "nuit": nuit,
            "predecesseur": before or None,
        },
        decisions=[d for d in decisions if d.portee == "candidat"],
        subject=Subject(portee="candidat", empreinte=fingerprint),
    )


def _check(value: dict[str, Any]) -> Check:
    told = value.pop("decision", None)
    decision = Decision(**{**told, "date": dt.date.fromisoformat(told["date"])}) if told else None
    return Check(**{**value, "indicateurs": tuple(value["indicateurs"])}, decision=decision)
