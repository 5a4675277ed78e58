"""Step « controler » of a night: gate 1 over every edition, and everything a release is a function of (rules 3, 6).

Not here: receiving (fetching) and building (candidate).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from flows.beside import Beside
from flows.core.datasets import Edition, digest
from flows.core.errors import StewardTableError
from flows.gates import GateOne
from flows.inputs import Inputs
from flows.landing.land import DatasetOutcome
from flows.landing.selection import Chosen, Selected, SourceState, select, source_state
from flows.observatory import Observatory
from flows.quality.checks import Check, checks_table, gate_error, unmatched_decisions
from flows.quality.decisions import Decision, parse_decisions
from flows.quality.suites import load_suites
from flows.record import RunRecord, plain_error
from flows.sharing import backwards
from flows.warehouse.catalogue import read_indicators
from flows.warehouse.code import code_fingerprint
from flows.warehouse.etat import predecessor_sources

Progress = Callable[[str, int, int], None]
COMMUNES = "geo/communes"
MANY = 40  # new editions from which a second judge is worth the three seconds that its library takes to start


def gather_inputs(
    observatory: Observatory,
    nuit: dt.date,
    outcomes: Mapping[str, DatasetOutcome],
    record: RunRecord,
    *,
    progress: Progress,
) -> Inputs:
    """Gate 1 over every edition of nuit ≤ `nuit`, and tonight's state of each source.

    `outcomes` is what the reception said tonight, by dataset id. The record receives one entry a dataset and every
    check that counts.
    """
    predecessor = observatory.releases.current_id()
    before = predecessor_sources(etat_folder(observatory, predecessor))
    new = sum(p.edition is not None for outcome in outcomes.values() for p in outcome.partitions)
    with Beside(backwards, observatory.settings, nuit) if new >= MANY else nullcontext():
        judged = judge_editions(observatory, nuit, record, progress=progress)
    states, partial = {}, False
    for item in judged.chosen.selected:
        outcome = outcomes[item.dataset.id]
        error = outcome.first_error
        failed = outcome.state == "en_echec"
        states[item.dataset.id] = source_state(
            item,
            nuit,
            off=outcome.off,
            withdrawn=outcome.state == "retiree",
            failed=failed,
            left=outcome.left,
            before=before.get(item.dataset.id),
        )
        partial = partial or failed or bool(item.quarantined)  # a dataset withdrawn is a state, not an outage
        record.value["datasets"].append(_dataset_entry(item, outcome, states[item.dataset.id], error))
    judged.chosen.states.update(states)
    inputs = judged.inputs(observatory, nuit, predecessor, _settings(observatory), partial=partial)
    record.value["context"] = _context(observatory, inputs)
    return inputs


def inputs_of(observatory: Observatory, manifest: Mapping[str, Any], record: RunRecord, progress: Progress) -> Inputs:
    """The inputs of a past release, recomputed from its manifest: same night, same predecessor, same source states.

    The editions known then are judged again (those of each partition up to the newest that the manifest lists: what
    was landed later the same night was not part of it); under the same code the choice is the same.
    """
    nuit = dt.date.fromisoformat(manifest["nuit"])
    newest: dict[tuple[str, str], int] = {}
    for entry in (*manifest["inputs"]["editions"], *manifest["inputs"]["quarantined"]):
        place = (entry["jeu"], entry["partition"])
        newest[place] = max(newest.get(place, 0), entry["sequence"])
    judged = judge_editions(observatory, nuit, record, newest=newest, progress=progress)
    for name, told in manifest["inputs"]["sources"].items():
        since = dt.date.fromisoformat(told["perime_depuis"]) if told["perime_depuis"] else None
        judged.chosen.states[name] = SourceState(told["etat"], told["detail"], since)
    for item in judged.chosen.selected:  # a dataset declared since then was not part of that release
        judged.chosen.states.setdefault(item.dataset.id, SourceState("jamais_recu"))
    return judged.inputs(observatory, nuit, manifest["predecessor"], manifest["inputs"]["settings"])


@dataclass(frozen=True)
class Judged:
    """What gate 1 said over all editions of a night."""

    chosen: Chosen
    checks: list[Check]
    decisions: list[Decision]
    communes: Mapping[str, str]

    def inputs(
        self,
        observatory: Observatory,
        nuit: dt.date,
        predecessor: str | None,
        settings: Mapping[str, Any],
        *,
        partial: bool = False,
    ) -> Inputs:
        number = 1
        if predecessor:
            number += int(observatory.releases.manifest(predecessor)["numero"])
        return Inputs(
            nuit=nuit,
            chosen=self.chosen,
            checks=self.checks,
            decisions=self.decisions,
            code=code_fingerprint(observatory.paths.root),
            predecessor=predecessor,
            number=number,
            communes=self.communes,
            settings=settings,
            mode=str(observatory.settings.mode),
            partial=partial,
        )


def judge_editions(
    observatory: Observatory,
    nuit: dt.date,
    record: RunRecord,
    *,
    newest: Mapping[tuple[str, str], int] | None = None,
    progress: Progress,
) -> Judged:
    """Gate 1: every edition of nuit ≤ `nuit` against its suite and the decisions dated by then.

    `newest` gives, by dataset and partition, the last sequence that counts; None for all of them. `geo/communes` is
    judged first: the communes of its accepted editions are what the others are held to.
    """

    def known(dataset_id: str) -> list[Edition]:
        editions = observatory.log.of(dataset_id)
        if newest is None:
            return editions
        return [e for e in editions if e.sequence <= newest.get((e.dataset, e.partition), 0)]

    gate, first, refused = _gate_one(observatory, nuit, known)
    for error in refused:
        record.error(error, "controler")
    datasets, decisions = observatory.datasets, list(gate.decisions)
    selected: list[Selected] = []
    for number, dataset in enumerate(datasets.values(), start=1):
        chosen = (
            first
            if dataset.id == COMMUNES
            else select(dataset, known(dataset.id), nuit, observatory.cache, gate.judge)
        )
        selected.append(chosen)
        progress("controler", number, len(datasets))
    kept = {e.id for s in selected for e in (*s.accepted, *s.quarantined)}
    checks = [check for edition, found in gate.checks.items() if edition in kept for check in found]
    checks += unmatched_decisions([d for d in decisions if d.portee == "edition"], checks)
    broken = gate_error(checks)
    if broken is not None:
        record.error(broken, "controler")
    record.value["checks"] = checks_table(checks).to_pylist()
    return Judged(Chosen(selected), checks, decisions, gate.communes)


def judge_backwards(observatory: Observatory, nuit: dt.date) -> None:
    """Gate 1 from the last dataset to the first, for its memo alone: a night that judges from the first one on finds
    there what this process judged, and the two meet."""
    gate, _, _ = _gate_one(observatory, nuit, observatory.log.of)
    for dataset in reversed(observatory.datasets.values()):
        select(dataset, observatory.log.of(dataset.id), nuit, observatory.cache, gate.judge)


def _gate_one(
    observatory: Observatory, nuit: dt.date, known: Callable[[str], list[Edition]]
) -> tuple[GateOne, Selected, list[StewardTableError]]:
    """The gate with its decisions and communes, what it said of `geo/communes`, and the decisions tables refused."""
    readers: dict[str, list[str]] = {}
    for indicator in read_indicators(observatory.models / "indicators"):
        for jeu in indicator.words.jeux:
            readers.setdefault(jeu, []).append(indicator.indicateur)
    code = code_fingerprint(observatory.paths.root)
    decisions, refused = _decisions(observatory, nuit, known("referentiel/decisions"))
    gate = GateOne(
        suites=load_suites(observatory.paths.expectations),
        decisions=decisions,
        communes={},
        indicators=readers,
        memo=observatory.paths.cache / "controles",
        code=digest([code["flows"], code["requirements.lock"]]),
        territory=observatory.settings.territory,
    )
    first = select(observatory.datasets[COMMUNES], known(COMMUNES), nuit, observatory.cache, gate.judge)
    gate.communes = _communes(observatory, first)
    return gate, first, refused


def _context(observatory: Observatory, inputs: Inputs) -> dict[str, Any]:
    """What the stewards' report needs beside the checks: measures, newest periods, owners, titles, fingerprints."""
    from flows.quality.freshness import newest_period
    from flows.quality.gate import measure

    suites = load_suites(observatory.paths.expectations)
    measures, periods = {}, {}
    for item in inputs.chosen.selected:
        suite = suites.get(item.dataset.table_name)
        if suite is None or not item.accepted:
            continue
        tables = [observatory.cache.get(item.dataset, edition).table for edition in item.accepted]
        whole = pa.concat_tables([table for table in tables if table is not None])
        measures[item.dataset.id] = measure(suite, whole, parameters={"communes": dict(inputs.communes)})
        if not item.dataset.steward:  # the years of a steward's table are not the period of a publication
            periods[item.dataset.id] = newest_period(whole, inputs.nuit, [e.partition for e in item.accepted])
    editions = [e for s in inputs.chosen.selected for e in (*s.accepted, *s.quarantined)]
    indicators = read_indicators(observatory.models / "indicators")
    return {
        "measures": measures,
        "periods": periods,
        "owners": {name: suite.proprietaire for name, suite in suites.items()},
        "indicators": {indicator.indicateur: indicator.words.titre for indicator in indicators},
        "fingerprints": {edition.id: edition.fingerprint for edition in editions},
    }


def _settings(observatory: Observatory) -> dict[str, Any]:
    """The settings that a page can show: part of the inputs, so that changing one makes a new release."""
    return {"base_url": observatory.settings.base_url}


def _communes(observatory: Observatory, accepted: Selected) -> dict[str, str]:
    """Commune code → SIREN of its EPCI, from the accepted editions of `geo/communes`."""
    found: dict[str, str] = {}
    for edition in accepted.accepted:
        table = observatory.cache.get(accepted.dataset, edition).table
        if table is not None:
            found |= dict.fromkeys(table.column("code").to_pylist(), edition.partition)
    return dict(sorted(found.items()))


def _decisions(
    observatory: Observatory, nuit: dt.date, editions: list[Edition]
) -> tuple[list[Decision], list[StewardTableError]]:
    """Dated decisions of the newest readable edition of the stewards' table, and why newer ones were refused."""
    dataset = observatory.datasets["referentiel/decisions"]
    refused: list[StewardTableError] = []
    for edition in reversed([e for e in editions if e.nuit <= nuit]):
        decoded = observatory.cache.get(dataset, edition)
        if decoded.table is None:
            continue
        try:
            return parse_decisions(decoded.table, nuit=nuit), refused
        except StewardTableError as error:
            refused.append(error)
    return [], refused


def etat_folder(observatory: Observatory, release_id: str | None) -> Path | None:
    """`etat/` of a release, the only part of it that its successor reads; None before the first release."""
    return observatory.releases.releases / release_id / "etat" if release_id else None


def _dataset_entry(
    item: Selected, outcome: DatasetOutcome, state: SourceState, error: BaseException | None
) -> dict[str, Any]:
    return {
        "id": item.dataset.id,
        "titre": item.dataset.titre,
        "state": "quarantaine" if item.quarantined and outcome.state in ("nouvelle", "inchangee") else outcome.state,
        "etat": state.etat,
        "detail": state.detail or outcome.off,
        "partitions": len(outcome.partitions),
        "new_editions": sum(p.edition is not None for p in outcome.partitions),
        "rows": sum(e.rows for e in item.accepted),
        "error": plain_error(error) if error else None,
        "perime_depuis": state.perime_depuis.isoformat() if state.perime_depuis else None,
        "quarantined": [
            {"partition": e.partition, "edition": e.id, "empreinte": e.fingerprint, "nuit": e.nuit.isoformat()}
            for e in item.quarantined
        ],
    }
