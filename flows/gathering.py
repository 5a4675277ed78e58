"""Step « controler » of a night: gate 1 over every edition, and everything a release is a function of (rules 3, 6).

Not here: receiving (fetching) and building (candidate).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from flows.core.datasets import digest
from flows.core.errors import StewardTableError
from flows.gates import GateOne
from flows.landing.land import DatasetOutcome
from flows.landing.selection import Chosen, Selected, SourceState, select, source_state
from flows.observatory import Observatory
from flows.quality.checks import Check, checks_table, unmatched_decisions
from flows.quality.decisions import Decision, parse_decisions
from flows.quality.suites import load_suites
from flows.record import RunRecord, plain_error
from flows.warehouse.catalogue import read_indicators
from flows.warehouse.code import code_fingerprint
from flows.warehouse.etat import predecessor_sources

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Inputs:
    """Everything a release is a function of (rule 6), and what gate 1 said on the way."""

    nuit: dt.date
    chosen: Chosen
    checks: list[Check]
    decisions: list[Decision]
    code: Mapping[str, str]
    predecessor: str | None
    number: int  # 1 for the first release, then its predecessor's plus one
    communes: Mapping[str, str]
    settings: Mapping[str, Any]
    mode: str
    partial: bool = False

    @property
    def key(self) -> str:
        """Digest of the inputs without the night and the predecessor: equal keys, nothing new."""
        return digest(
            {
                "mode": self.mode,
                "code": self.code["ensemble"],
                "editions": self.chosen.edition_ids(),
                "quarantined": sorted(e.id for s in self.chosen.selected for e in s.quarantined),
                "sources": {name: state.plain() for name, state in sorted(self.chosen.states.items())},
                "settings": dict(self.settings),
            }
        )

    @property
    def release_id(self) -> str:
        """`2026-11-20-7f3a91c2`: the night, and a digest of everything the release depends on."""
        return f"{self.nuit.isoformat()}-{digest([self.key, self.nuit, self.predecessor])[:8]}"

    def listed(self) -> dict[str, Any]:
        """The inputs as the manifest lists them."""
        return {
            "editions": [
                {"jeu": e.dataset, "partition": e.partition, "nuit": e.nuit.isoformat(), "edition": e.id}
                for e in self.chosen.editions()
            ],
            "sources": {name: state.plain() for name, state in sorted(self.chosen.states.items())},
            "code": dict(self.code),
            "settings": dict(self.settings),
        }

    def what_changed(self, manifest: Mapping[str, Any]) -> str:
        """One French sentence on what differs from another release's manifest."""
        before = manifest["inputs"]
        was, now = {e["edition"] for e in before["editions"]}, {e.id for e in self.chosen.editions()}
        names = sorted({e.dataset for e in self.chosen.editions() if e.id not in was})
        names += sorted({e["jeu"] for e in before["editions"] if e["edition"] not in now} - set(names))
        parts = []
        if names:
            parts.append(f"nouvelles données : {', '.join(names)}")
        states = {n: s.plain() for n, s in self.chosen.states.items()}
        moved = sorted(n for n in states if before["sources"].get(n) != states[n] and n not in names)
        if moved:
            parts.append(f"état de sources : {', '.join(moved)}")
        if before["code"]["ensemble"] != self.code["ensemble"]:
            parts.append("programme ou textes modifiés")
        if before["settings"] != dict(self.settings):
            parts.append("réglages modifiés")
        return ("Nouvelle version : " + " ; ".join(parts) + ".") if parts else "Nouvelle version."


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
    judged = judge_editions(observatory, nuit, record, progress=progress)
    states, partial = {}, False
    for item in judged.chosen.selected:
        outcome = outcomes[item.dataset.id]
        error = outcome.first_error
        failed = error.what if error and outcome.state in ("en_echec", "retiree") else ""
        states[item.dataset.id] = source_state(
            item,
            nuit,
            off=outcome.off,
            withdrawn=outcome.state == "retiree",
            failed=failed,
            before=before.get(item.dataset.id),
        )
        partial = partial or bool(failed) or bool(item.quarantined)
        record.value["datasets"].append(_dataset_entry(item, outcome, states[item.dataset.id], error))
    judged.chosen.states.update(states)
    inputs = judged.inputs(observatory, nuit, predecessor, _settings(observatory), partial=partial)
    record.value["context"] = _context(observatory, inputs)
    return inputs


def inputs_of(observatory: Observatory, manifest: Mapping[str, Any], record: RunRecord, progress: Progress) -> Inputs:
    """The inputs of a past release, recomputed from its manifest: same night, same predecessor, same source states.

    Editions are judged again with today's suites and the decisions of that night; under the same code the choice is
    the same.
    """
    nuit = dt.date.fromisoformat(manifest["nuit"])
    judged = judge_editions(observatory, nuit, record, progress=progress)
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


def judge_editions(observatory: Observatory, nuit: dt.date, record: RunRecord, *, progress: Progress) -> Judged:
    """Gate 1: every edition of nuit ≤ `nuit` against its suite and the decisions dated by then."""
    suites = load_suites(observatory.paths.expectations)
    readers: dict[str, list[str]] = {}
    for indicator in read_indicators(observatory.models / "indicators"):
        for jeu in indicator.words.jeux:
            readers.setdefault(jeu, []).append(indicator.indicateur)
    communes = _communes(observatory, nuit)
    decisions = _decisions(observatory, nuit, record)
    gate = GateOne(suites, decisions, communes, readers, observatory.paths.cache / "controles")
    selected: list[Selected] = []
    for number, dataset in enumerate(observatory.datasets.values(), start=1):
        selected.append(select(dataset, observatory.log.of(dataset.id), nuit, observatory.cache, gate.judge))
        progress("controler", number, len(observatory.datasets))
    kept = {e.id for s in selected for e in (*s.accepted, *s.quarantined)}
    checks = [check for edition, found in gate.checks.items() if edition in kept for check in found]
    checks += unmatched_decisions([d for d in decisions if d.portee == "edition"], checks)
    record.value["checks"] = checks_table(checks).to_pylist()
    return Judged(Chosen(selected), checks, decisions, communes)


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
        "fingerprints": {"": inputs.key} | {edition.id: edition.fingerprint for edition in editions},
    }


def _settings(observatory: Observatory) -> dict[str, Any]:
    """The settings that a page can show: part of the inputs, so that changing one makes a new release."""
    return {"base_url": observatory.settings.base_url}


def _communes(observatory: Observatory, nuit: dt.date) -> dict[str, str]:
    """Commune code → SIREN of its EPCI, from the newest decodable `geo/communes` editions of nuit ≤ `nuit`."""
    dataset = observatory.datasets["geo/communes"]
    found: dict[str, str] = {}
    for edition in observatory.log.of(dataset.id):
        decoded = observatory.cache.get(dataset, edition)
        if edition.nuit > nuit or decoded.table is None:
            continue
        siren = edition.partition
        found = {code: epci for code, epci in found.items() if epci != siren}
        found |= dict.fromkeys(decoded.table.column("code").to_pylist(), siren)
    return dict(sorted(found.items()))


def _decisions(observatory: Observatory, nuit: dt.date, record: RunRecord) -> list[Decision]:
    """Dated decisions of the newest readable edition of the stewards' table; a refused row is reported."""
    dataset = observatory.datasets["referentiel/decisions"]
    editions = [e for e in observatory.log.of(dataset.id) if e.nuit <= nuit]
    for edition in reversed(editions):
        decoded = observatory.cache.get(dataset, edition)
        if decoded.table is None:
            continue
        try:
            return parse_decisions(decoded.table, nuit=nuit)
        except StewardTableError as error:
            record.error(error, "controler")
    return []


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
