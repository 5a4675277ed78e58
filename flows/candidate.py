"""Step « construire » of a night: from inputs to a complete release, through gate 2 (rules 4 to 6).

Not here: choosing the inputs (gathering), publishing (night). A release is a pure function of `Inputs`: same inputs,
same bytes.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from flows.alerts.answers import Answer
from flows.alerts.ledger import Ledger, advance, coming_days
from flows.beside import Beside
from flows.core.digests import table_digest
from flows.core.tables import TABLES
from flows.core.words import Resultat, Severite
from flows.files import storage_errors
from flows.gates import gate_two
from flows.gathering import etat_folder
from flows.inputs import Inputs
from flows.landing.corrections import outcomes_table
from flows.landing.inputs import landed_files, write_inputs
from flows.landing.selection import Chosen
from flows.observatory import Observatory
from flows.quality.checks import Check, checks_table, unmatched_decisions, verdict
from flows.quality.suites import load_suites
from flows.record import RunRecord
from flows.sharing import territory_pages
from flows.warehouse.catalogue import indicator_models, indicators_table, read_indicators
from flows.warehouse.dbt import Ahead, Dbt, DbtTestFailure
from flows.warehouse.etat import (
    predecessor_alerts,
    predecessor_history,
    predecessor_status,
    predecessor_tables,
    write_alerts,
    write_etat,
)
from flows.warehouse.reader import CHECKS, DATABASE, DuckRelease
from flows.warehouse.releases import tree_digest
from flows.warehouse.revisions import context_table, predecessor_revisions

ANSWERS = "saisies/reponses"
Progress = Callable[[str, int, int], None]


def dbt_ahead(observatory: Observatory) -> Ahead:
    """A dbt child that reads the project while gate 1 works: end it with `with`, used or not."""
    models = indicator_models(read_indicators(observatory.models / "indicators"))
    paths = observatory.paths
    return Ahead.start(paths.dbt_project, paths.state, _known_early(observatory, models))


def build_release(
    observatory: Observatory, inputs: Inputs, record: RunRecord, *, progress: Progress, ahead: Ahead | None = None
) -> str | None:
    """Build, judge and complete a release; its id, or None when gate 2 rejected the candidate.

    `ahead` is a child of dbt that was started earlier (`dbt_ahead`). A complete release of the same id (a run killed
    before it could publish) is taken as it is.
    """
    store = observatory.releases
    if (store.releases / inputs.release_id / "manifest.json").exists():
        return inputs.release_id
    folder = store.new_candidate(inputs.release_id)
    try:
        manifest, reason = fill_candidate(observatory, inputs, folder, record, progress=progress, ahead=ahead)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if reason:
        store.reject(folder, manifest, inputs.verdict_key, reason)
        record.value["release"]["reason"] = reason
        record.value["release"]["candidate"] = inputs.release_id
        return None
    store.complete(folder, manifest)
    return inputs.release_id


def fill_candidate(
    observatory: Observatory,
    inputs: Inputs,
    folder: Path,
    record: RunRecord,
    *,
    progress: Progress,
    ahead: Ahead | None = None,
) -> tuple[dict[str, Any], str]:
    """Write everything of a release but its manifest into `folder`; returns the manifest and the reason of a
    rejection ("" when gate 2 accepted it)."""
    failures, context = _run_dbt(observatory, inputs, folder, ahead)
    manifest: dict[str, Any] = {
        "id": inputs.release_id,
        "numero": inputs.number,
        "nuit": inputs.nuit.isoformat(),
        "mode": inputs.mode,
        "inputs_key": inputs.key,
        "inputs": inputs.listed(),
        "predecessor": inputs.predecessor,
    }
    candidate = DuckRelease(folder, raw=observatory.raw.get, models=observatory.models, manifest=manifest)
    broken = [_dbt_check(failure) for failure in failures]
    if any(check.resultat == Resultat.BLOQUANT for check in broken):
        # dbt does not build what stands on a failed test: there are no whole marts to judge.
        judged, checks = broken, [*inputs.checks, *broken]
    else:
        judged = _gate_two(observatory, inputs, candidate, broken)
        checks = [*inputs.checks, *judged]
    record.value["checks"] = checks_table(checks).to_pylist()
    with storage_errors():
        pq.write_table(checks_table(checks), folder / CHECKS, compression="zstd")
    if verdict(judged) == "rejected":
        return manifest, reject_reason(judged)
    sources = {name: state.plain() for name, state in sorted(inputs.chosen.states.items())}
    ledger = _alert_ledger(observatory, inputs, candidate)
    with Beside(territory_pages, observatory.settings, folder, manifest, folder / "site") as helper:
        write_alerts(folder / "etat", *ledger.tables())
        days = coming_days(inputs.nuit, ledger.alerts) + _steward_days(observatory, inputs)
        write_etat(folder / "etat", candidate, sources, context, days)
        _write_site(observatory, candidate, folder / "site", progress, helper)
    site, files = tree_digest(folder / "site")
    etat, _ = tree_digest(folder / "etat")
    manifest["outputs"] = {
        "tables": {name: table_digest(candidate.table(name)) for name in sorted(TABLES)},
        "site": site,
        "site_files": files,
        "etat": etat,
    }
    return manifest, ""


def _alert_ledger(observatory: Observatory, inputs: Inputs, candidate: DuckRelease) -> Ledger:
    """The alerts after this release, from its predecessor's `etat/` and the answers deposited so far."""
    before = etat_folder(observatory, inputs.predecessor)
    since = observatory.releases.manifest(inputs.predecessor)["nuit"] if inputs.predecessor else None
    answers = answers_of(observatory, inputs.chosen)
    return advance(
        candidate,
        before=Ledger.of(predecessor_alerts(before)),
        statuses=predecessor_status(before).to_pylist(),
        since=dt.date.fromisoformat(since) if since else None,
        answers=answers,
    )


def _steward_days(observatory: Observatory, inputs: Inputs) -> list[dt.date]:
    """Days after the night on which what stewards dated begins or ceases to hold: decisions on states, nights that
    pages look back to (the next 31 January among them: dim_etape)."""
    states = _landed_table(observatory, inputs.chosen, "referentiel/etats")
    steps = _landed_table(observatory, inputs.chosen, "referentiel/etapes")
    ends = [day + dt.timedelta(days=1) for day in states["valide_au"].to_pylist() if day]
    days = {*states["date"].to_pylist(), *ends, *steps["nuit"].to_pylist()}
    days |= {dt.date(inputs.nuit.year + later, 1, 31) for later in (0, 1)}
    return sorted(day for day in days if day and day > inputs.nuit)


def answers_of(observatory: Observatory, chosen: Chosen) -> list[Answer]:
    """Every accepted answer to an alert, in the order the files came in, each with the night of its file."""
    item = next(s for s in chosen.selected if s.dataset.id == ANSWERS)
    answers = []
    for edition in sorted(item.accepted, key=lambda e: (e.nuit, e.sequence)):
        table = observatory.cache.get(item.dataset, edition).table
        rows = table.to_pylist() if table is not None else []
        answers += [Answer.of({**row, "_nuit": edition.nuit}) for row in rows]
    return answers


def reject_reason(checks: list[Check]) -> str:
    """One French sentence naming the first blocking rule and how many follow."""
    stops = [c for c in checks if c.resultat in (Resultat.BLOQUANT, Resultat.ERREUR)]
    first = stops[0]
    more = f" ({len(stops) - 1} autre{'s' if len(stops) > 2 else ''})" if len(stops) > 1 else ""
    return f"Règle non respectée : {first.enonce} {first.observe}.{more}"


def _run_dbt(
    observatory: Observatory, inputs: Inputs, folder: Path, ahead: Ahead | None = None
) -> tuple[list[DbtTestFailure], pa.Table]:
    """Build the marts; the tests that failed, and what the figures are made by (`flows.warehouse.revisions`)."""
    settings, territory = observatory.settings, observatory.settings.territory
    indicators = read_indicators(observatory.models / "indicators")
    catalogue = _landed_table(observatory, inputs.chosen, "referentiel/catalogue").to_pylist()
    corrections = _landed_table(observatory, inputs.chosen, "referentiel/corrections").to_pylist()
    landed, outcomes = landed_files(inputs.chosen, observatory.cache, corrections, folder / "inputs")
    corrected = outcomes_table(outcomes)
    context = context_table(
        observatory.models,
        indicators,
        {item.dataset.id: item.dataset.decoder_version for item in inputs.chosen.selected},
        inputs.communes,
        [siren for siren, _, _ in territory.comparables],
        corrected,
    )
    before = etat_folder(observatory, inputs.predecessor)
    write_inputs(
        folder / "inputs",
        inputs.chosen,
        territory,
        {
            "indicators": indicators_table(indicators, territory, catalogue),
            "corrections": corrected,
            "context": context,
            "predecessor_status": predecessor_status(before),
            "predecessor_history": predecessor_history(before),
            **predecessor_revisions(before),
        },
    )
    dbt = Dbt(
        project=observatory.paths.dbt_project,
        state=observatory.paths.state,
        database=folder / DATABASE,
        memory_limit=settings.memory_limit,
        threads=settings.threads,
        ahead=ahead,
    )
    failures = dbt.build(
        _known_early(observatory, indicator_models(indicators))
        | {"landed": landed, "inputs": str(folder / "inputs"), "nuit": inputs.nuit.isoformat()}
    )
    for part in ("inputs", "dbt"):
        shutil.rmtree(folder / part, ignore_errors=True)
    return failures, context


def _known_early(observatory: Observatory, models: list[str]) -> dict[str, Any]:
    """The variables that no edition changes: what the models' references depend on is among them."""
    territory = observatory.settings.territory
    return {
        "epci": territory.epci,
        "voisins": list(territory.voisins),
        "comparables": [siren for siren, _, _ in territory.comparables],
        "departement": territory.departement,
        "region": territory.region,
        "zone_emploi": territory.zone_emploi,
        "arrondissement": territory.arrondissement,
        "indicator_models": models,
    }


def _gate_two(observatory: Observatory, inputs: Inputs, candidate: DuckRelease, warned: list[Check]) -> list[Check]:
    suite = load_suites(observatory.paths.expectations)["candidat"]
    wanted = [s for s in inputs.chosen.selected if s.dataset.table_name in suite.tables]
    landed = {s.dataset.table_name: _landed_table(observatory, inputs.chosen, s.dataset.id) for s in wanted}
    checks = gate_two(
        suite,
        candidate,
        landed=landed,
        predecessor=predecessor_tables(etat_folder(observatory, inputs.predecessor)),
        communes=inputs.communes,
        absences=sorted({code for s in inputs.chosen.selected for code in s.dataset.absent_codes}),
        territory=observatory.settings.territory,
        nuit=inputs.nuit,
        decisions=inputs.decisions,
    )
    checks += warned
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


def _write_site(
    observatory: Observatory, release: DuckRelease, target: Path, progress: Progress, helper: Beside
) -> None:
    from flows.publishing.drawn import kept_in
    from flows.publishing.site import build_site

    with storage_errors(), kept_in(observatory.paths.drawings):
        build_site(
            release,
            target,
            observatory.paths.site,
            base_url=release.manifest["inputs"]["settings"]["base_url"],
            territory=observatory.settings.town_words,
            progress=lambda done, total: progress("construire", done, total),
            territories=helper.answer,
        )


def _landed_table(observatory: Observatory, chosen: Chosen, dataset_id: str) -> pa.Table:
    item = next(s for s in chosen.selected if s.dataset.id == dataset_id)
    tables = [observatory.cache.get(item.dataset, e).table for e in item.accepted]
    return pa.concat_tables([t for t in tables if t is not None] or [item.dataset.schema.empty_table()])
