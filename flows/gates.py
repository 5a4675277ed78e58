"""The two gates as a night uses them: which suites judge what, with which parameters, and a memo of verdicts.

Not here: rules and their evaluation (flows.quality). The memo under `cache/controles/` is a function of edition,
decoder, suite, decisions and previous edition: throwing it away changes nothing but time.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from flows.core.datasets import Dataset, Edition, Territory, digest
from flows.core.tables import Release
from flows.core.words import Resultat, Severite
from flows.files import write_json
from flows.landing.decoded import Decoded
from flows.quality.checks import Check, Subject, verdict
from flows.quality.decisions import Decision
from flows.quality.suites import Suite

UNDECODABLE = (
    "decodage",
    "Les octets reçus se décodent selon le contrat de la source.",
    "Une réponse illisible ne doit pas remplacer la dernière édition acceptée.",
)
WITHOUT_SUITE = (
    "sans_suite",
    "Chaque jeu de données reçu a sa suite de contrôle.",
    "Sans suite, rien ne serait contrôlé : aucune édition n’est acceptée.",
)


@dataclass
class GateOne:
    """Judges editions one by one; keeps the checks of each for the report and the release.

    Args:
        suites: by name. decisions: dated decisions of stewards, already validated.
        communes: commune code → SIREN of its EPCI. indicators: dataset id → ids of the indicators that read it.
        memo: folder of the memo. code: digest of the code that judges: other code, other memo.
        territory: for the parameters that rules may cite.
    """

    suites: Mapping[str, Suite]
    decisions: Sequence[Decision]
    communes: Mapping[str, str]
    indicators: Mapping[str, Sequence[str]]
    memo: Path
    code: str
    territory: Territory
    checks: dict[str, list[Check]] = field(default_factory=dict)

    def judge(self, dataset: Dataset, edition: Edition, decoded: Decoded, previous: Decoded | None) -> bool:
        """Is this edition accepted? `previous` is the accepted edition before it in its partition.

        A dataset of an outside source without a suite is refused: nothing would be checked.
        """
        if decoded.table is None:
            self.checks[edition.id] = [self._refusal(dataset, edition, *UNDECODABLE, str(decoded.error or ""))]
            return False
        suite = self.suites.get(dataset.table_name)
        if suite is None:
            if dataset.steward:  # validated line by line when it was decoded
                self.checks[edition.id] = []
                return True
            where = f"expectations/{dataset.table_name}.yml manque"
            self.checks[edition.id] = [self._refusal(dataset, edition, *WITHOUT_SUITE, where)]
            return False
        checks = self._remembered(dataset, suite, edition, decoded, previous)
        self.checks[edition.id] = checks
        return verdict(checks) == "accepted"

    def _remembered(
        self, dataset: Dataset, suite: Suite, edition: Edition, decoded: Decoded, previous: Decoded | None
    ) -> list[Check]:
        about = [d for d in self.decisions if d.jeu == dataset.id]
        key = digest(
            {
                "code": self.code,
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
        with contextlib.suppress(FileNotFoundError, ValueError, KeyError, TypeError):  # damaged: judged again
            return [_check(value) for value in json.loads(file.read_text(encoding="utf-8"))]
        from flows.quality.gate import evaluate, parameters_for

        assert decoded.table is not None
        checks = evaluate(
            suite,
            decoded.table,
            parameters=parameters_for(
                self.territory,
                nuit=edition.nuit,
                communes=self.communes,
                dataset=dataset,
                precedente=previous.table if previous else None,
            ),
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
        write_json(file, [asdict(check) for check in checks], durable=False)
        return checks

    def _refusal(
        self, dataset: Dataset, edition: Edition, regle: str, enonce: str, pourquoi: str, observe: str
    ) -> Check:
        return Check(
            portee="edition",
            jeu=dataset.id,
            edition=edition.id,
            partition=edition.partition,
            suite=dataset.table_name,
            regle=regle,
            enonce=enonce,
            pourquoi=pourquoi,
            severite=str(Severite.BLOQUANT),
            resultat=str(Resultat.BLOQUANT),
            observe=observe,
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
    predecessor: Mapping[str, pa.Table],
    communes: Mapping[str, str],
    absences: Sequence[str],
    territory: Territory,
    nuit: dt.date,
    decisions: Sequence[Decision],
) -> list[Check]:
    """Evaluate the candidate's suite over its marts and the decoded tables it names.

    `predecessor` is what `etat/` of the predecessor release kept, {} for the first one. A decision about the
    candidate names the rows that failed (quality.decisions.rows_fingerprint), so the subject has no fingerprint.
    """
    from flows.core.tables import TABLES
    from flows.quality.gate import evaluate, parameters_for

    tables = {name: candidate.table(name) if name in TABLES else landed[name] for name in suite.tables}
    parameters = parameters_for(territory, nuit=nuit, communes=communes, predecesseur=predecessor or None)
    return evaluate(
        suite,
        tables,
        parameters=parameters | {"absences": list(absences)},
        decisions=[d for d in decisions if d.portee == "candidat"],
        subject=Subject(portee="candidat"),
    )


def _check(value: dict[str, Any]) -> Check:
    told = value.pop("decision", None)
    decision = Decision(**{**told, "date": dt.date.fromisoformat(told["date"])}) if told else None
    return Check(**{**value, "indicateurs": tuple(value["indicateurs"])}, decision=decision)
