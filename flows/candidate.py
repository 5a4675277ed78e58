"""Steps « controler » and « construire »: what a release is made of, and its making (rules 3 to 6).

Not here: receiving (fetching), publishing (night). A release is a pure function of `Inputs`: same inputs, same bytes.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from flows.core.datasets import digest
from flows.core.digests import table_digest
from flows.core.errors import StewardTableError
from flows.core.tables import TABLES
from flows.core.words import Resultat, Severite
from flows.files import storage_errors
from flows.gates import GateOne, gate_two
from flows.landing.inputs import landed_files, write_inputs
from flows.landing.land import DatasetOutcome
from flows.landing.selection import Chosen, Selected, select, source_state
from flows.observatory import Observatory
from flows.quality.checks import Check, checks_table, unmatched_decisions, verdict
from flows.quality.decisions import Decision, parse_decisions
from flows.quality.suites import load_suites
from flows.record import RunRecord, plain_error
from flows.warehouse.catalogue import indicator_models, indicators_table, read_indicators
from flows.warehouse.code import code_fingerprint
from flows.warehouse.dbt import Dbt, DbtTestFailure
from flows.warehouse.etat import predecessor_sources, predecessor_status, write_etat
from flows.warehouse.reader import CHECKS, DATABASE, DuckRelease
from flows.warehouse.releases import tree_digest

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
    outcomes: Mapping[str, DatasetOutcome] | None,
    record: RunRecord,
    *,
    predecessor: str | None = None,
    progress: Progress,
) -> Inputs:
    """Gate 1 over every edition of nuit ≤ `nuit`, and the choice of what a build reads.

    `outcomes` is what the reception said tonight; None for a rebuild, whose source states come from `record`'s
    manifest instead.
    """
    suites = load_suites(observatory.paths.expectations)
    indicators = read_indicators(observatory.models / "indicators")
    readers: dict[str, list[str]] = {}
    for indicator in indicators:
        for jeu in indicator.jeux:
            readers.setdefault(jeu, []).append(indicator.indicateur)
    communes = _communes(observatory, nuit)
    decisions = _decisions(observatory, nuit, record)
    gate = GateOne(suites, decisions, communes, readers, observatory.paths.cache / "controles")
    selected: list[Selected] = []
    for number, dataset in enumerate(observatory.datasets.values(), start=1):
        selected.append(select(dataset, observatory.log.of(dataset.id), nuit, observatory.cache, gate.judge))
        progress("controler", number, len(observatory.datasets))
    predecessor = predecessor or observatory.releases.current_id()
    before = predecessor_sources(_etat(observatory, predecessor))
    chosen = Chosen(selected)
    partial = False
    for item in selected:
        outcome = (outcomes or {}).get(item.dataset.id, DatasetOutcome(item.dataset.id))
        error = outcome.first_error
        failed = error.what if error and outcome.state in ("en_echec", "retiree") else ""
        chosen.states[item.dataset.id] = source_state(
            item,
            nuit,
            off=outcome.off,
            withdrawn=outcome.state == "retiree",
            failed=failed,
            before=before.get(item.dataset.id),
        )
        partial = partial or bool(failed) or bool(item.quarantined)
        record.value["datasets"].append(_dataset_entry(item, outcome, chosen, error))
    kept = {e.id for s in selected for e in (*s.accepted, *s.quarantined)}
    checks = [check for edition, found in gate.checks.items() if edition in kept for check in found]
    checks += unmatched_decisions([d for d in decisions if d.portee == "edition"], checks)
    record.value["checks"] = checks_table(checks).to_pylist()
    return Inputs(
        nuit=nuit,
        chosen=chosen,
        checks=checks,
        decisions=decisions,
        code=code_fingerprint(observatory.paths.root),
        predecessor=predecessor,
        communes=communes,
        settings={
            "base_url": observatory.settings.base_url,
            "max_public_bytes": observatory.settings.max_public_bytes,
        },
        mode=str(observatory.settings.mode),
        partial=partial,
    )


def build_release(observatory: Observatory, inputs: Inputs, record: RunRecord, *, progress: Progress) -> str | None:
    """Build, judge and complete a release; its id, or None when gate 2 rejected the candidate.

    A complete release of the same id (a run killed before it could publish) is taken as it is.
    """
    store = observatory.releases
    if (store.releases / inputs.release_id / "manifest.json").exists():
        return inputs.release_id
    folder = store.new_candidate(inputs.release_id)
    try:
        manifest, reason = fill_candidate(observatory, inputs, folder, record, progress=progress)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if reason:
        store.reject(folder, manifest, reason)
        record.value["release"]["reason"] = reason
        record.value["release"]["candidate"] = inputs.release_id
        return None
    store.complete(folder, manifest)
    return inputs.release_id


def fill_candidate(
    observatory: Observatory, inputs: Inputs, folder: Path, record: RunRecord, *, progress: Progress
) -> tuple[dict[str, Any], str]:
    """Write everything of a release but its manifest into `folder`; returns the manifest and the reason of a
    rejection ("" when gate 2 accepted it)."""
    failures = _run_dbt(observatory, inputs, folder)
    manifest: dict[str, Any] = {
        "id": inputs.release_id,
        "nuit": inputs.nuit.isoformat(),
        "mode": inputs.mode,
        "inputs_key": inputs.key,
        "inputs": inputs.listed(),
        "predecessor": inputs.predecessor,
    }
    candidate = DuckRelease(folder, raw=observatory.raw.get, models=observatory.models, manifest=manifest)
    checks = [*inputs.checks, *_gate_two(observatory, inputs, candidate, failures)]
    record.value["checks"] = checks_table(checks).to_pylist()
    with storage_errors():
        pq.write_table(checks_table(checks), folder / CHECKS, compression="zstd")
    judged = [check for check in checks if check.portee == "candidat"]
    if verdict(judged) == "rejected":
        return manifest, reject_reason(judged)
    sources = {name: state.plain() for name, state in sorted(inputs.chosen.states.items())}
    write_etat(folder / "etat", candidate, sources)
    _write_site(observatory, candidate, folder / "site", progress)
    site, files = tree_digest(folder / "site")
    etat, _ = tree_digest(folder / "etat")
    manifest["outputs"] = {
        "tables": {name: table_digest(candidate.table(name)) for name in sorted(TABLES)},
        "site": site,
        "site_files": files,
        "etat": etat,
    }
    return manifest, ""


def reject_reason(checks: list[Check]) -> str:
    """One French sentence naming the first blocking rule and how many follow."""
    stops = [c for c in checks if c.resultat in (Resultat.BLOQUANT, Resultat.ERREUR)]
    first = stops[0]
    more = f" ({len(stops) - 1} autre{'s' if len(stops) > 2 else ''})" if len(stops) > 1 else ""
    return f"Règle non respectée : {first.enonce} {first.observe}.{more}"


def _run_dbt(observatory: Observatory, inputs: Inputs, folder: Path) -> list[DbtTestFailure]:
    settings, territory = observatory.settings, observatory.settings.territory
    indicators = read_indicators(observatory.models / "indicators")
    catalogue = _landed_table(observatory, inputs.chosen, "referentiel/catalogue").to_pylist()
    write_inputs(
        folder / "inputs",
        inputs.chosen,
        territory,
        {
            "indicators": indicators_table(indicators, territory, catalogue),
            "predecessor_status": predecessor_status(_etat(observatory, inputs.predecessor)),
        },
    )
    dbt = Dbt(
        project=observatory.paths.dbt_project,
        state=observatory.paths.state,
        database=folder / DATABASE,
        memory_limit=settings.memory_limit,
        threads=settings.threads,
    )
    failures = dbt.build(
        {
            "landed": landed_files(inputs.chosen, observatory.cache),
            "inputs": str(folder / "inputs"),
            "nuit": inputs.nuit.isoformat(),
            "epci": territory.epci,
            "voisins": list(territory.voisins),
            "departement": territory.departement,
            "region": territory.region,
            "zone_emploi": territory.zone_emploi,
            "arrondissement": territory.arrondissement,
            "indicator_models": indicator_models(indicators),
        }
    )
    for part in ("inputs", "dbt"):
        shutil.rmtree(folder / part, ignore_errors=True)
    return failures


def _gate_two(
    observatory: Observatory, inputs: Inputs, candidate: DuckRelease, failures: list[DbtTestFailure]
) -> list[Check]:
    suite = load_suites(observatory.paths.expectations)["candidat"]
    wanted = [s for s in inputs.chosen.selected if s.dataset.table_name in suite.tables]
    landed = {s.dataset.table_name: _landed_table(observatory, inputs.chosen, s.dataset.id) for s in wanted}
    predecessor = None
    if inputs.predecessor:
        whole = observatory.releases.releases / inputs.predecessor / DATABASE
        predecessor = observatory.release(inputs.predecessor) if whole.exists() else None
    checks = gate_two(
        suite,
        candidate,
        landed=landed,
        predecessor=predecessor,
        communes=inputs.communes,
        absences=sorted({code for s in inputs.chosen.selected for code in s.dataset.absent_codes}),
        nuit=inputs.nuit,
        decisions=inputs.decisions,
        fingerprint=inputs.key,
    )
    checks += [_dbt_check(failure) for failure in failures]
    return checks + unmatched_decisions([d for d in inputs.decisions if d.portee == "candidat"], checks)


def _dbt_check(failure: DbtTestFailure) -> Check:
    severity = Severite.A_REVOIR if failure.warning else Severite.BLOQUANT
    return Check(
        portee="candidat", jeu="", edition="", partition="", suite="dbt", regle=failure.name,
        enonce=failure.description or f"Le test {failure.name} du modèle {failure.model} passe.",
        pourquoi="Clés, relations et contrats des tables publiées sont tenus par l'entrepôt.",
        severite=str(severity),
        resultat=str(Resultat.A_REVOIR if failure.warning else Resultat.BLOQUANT),
        observe=f"{failure.rows} ligne(s) en écart dans {failure.model}", lignes=0, ecarts=failure.rows,
        exemples="[]", indicateurs=(),
    )  # fmt: skip


def _write_site(observatory: Observatory, release: DuckRelease, target: Path, progress: Progress) -> None:
    from flows.publishing.site import build_site

    with storage_errors():
        build_site(
            release,
            target,
            observatory.paths.site,
            base_url=observatory.settings.base_url,
            territory=observatory.settings.town_words,
            progress=lambda done, total: progress("construire", done, total),
        )


def _landed_table(observatory: Observatory, chosen: Chosen, dataset_id: str) -> pa.Table:
    item = next(s for s in chosen.selected if s.dataset.id == dataset_id)
    tables = [observatory.cache.get(item.dataset, e).table for e in item.accepted]
    return pa.concat_tables([t for t in tables if t is not None] or [item.dataset.schema.empty_table()])


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


def _etat(observatory: Observatory, release_id: str | None) -> Path | None:
    return observatory.releases.releases / release_id / "etat" if release_id else None


def _dataset_entry(
    item: Selected, outcome: DatasetOutcome, chosen: Chosen, error: BaseException | None
) -> dict[str, Any]:
    state = chosen.states[item.dataset.id]
    return {
        "id": item.dataset.id,
        "titre": item.dataset.titre,
        "state": "quarantaine" if item.quarantined and outcome.state in ("nouvelle", "inchangee") else outcome.state,
        "etat": state.etat,
        "detail": state.detail or outcome.off,
        "partitions": len(outcome.partitions),
        "new_editions": sum(p.edition is not None for p in outcome.partitions),
        "rows": sum(e.rows for e in item.accepted),
        "error": plain_error(error),
        "perime_depuis": state.perime_depuis.isoformat() if state.perime_depuis else None,
        "quarantined": [
            {"partition": e.partition, "edition": e.id, "empreinte": e.fingerprint, "nuit": e.nuit.isoformat()}
            for e in item.quarantined
        ],
    }
