"""One night, read top to bottom: land, judge, build, judge again, release, publish, alert, report.

Not here: how a step is run. `night` is told that by its `step` argument: directly (command line, tests) or as a
Prefect task (flows/nightly.py, flows/yearly.py). Every step is idempotent: a run killed anywhere is finished by the
next one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from flows.candidate import build_release, dbt_ahead
from flows.core.errors import ConfigurationError, ObservatoireError, ReleaseError
from flows.core.words import ExitCode
from flows.fetching import land_everything, refuse_unknown
from flows.files import storage_errors, sweep_unfinished
from flows.gathering import gather_inputs
from flows.inputs import Inputs
from flows.landing.land import NEW
from flows.mailing import alert
from flows.observatory import Observatory
from flows.record import RunRecord, place_of
from flows.reporting import report
from flows.warehouse.etat import crossed

# Month and day from which, and before which, a yearly run closes the barometer of the year before: the one of
# 31 January, else the one that makes up for it.
CLOSING, CLOSED = (1, 31), (3, 1)
BAROMETER = "Baromètre {}"
DRAWINGS_KEPT = dt.timedelta(days=45)

T = TypeVar("T")
Step = Callable[[str, Callable[[], T]], T]
Progress = Callable[[str, int, int], None]


def directly(name: str, work: Callable[[], T]) -> T:
    """Run a step as a plain call."""
    return work()


def silent(step: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True)
class Options:
    """How one run differs from the ordinary.

    Attributes:
        kind: `nightly`; `yearly`; `inbox`, a night that asks no outside source; `alerts`, which only tells what the
            published releases still owe; `source`, a night that asks the datasets of `only`.
        nuit: the night, from the schedule; None for a person's run (the clock's Europe/Paris date).
        full: ask again for closed and unmoved partitions (the yearly run).
        wait: seconds to wait for another run to end.
        only: ids of the outside datasets to ask; None: all of them.
        hand_over: leave the messages of what is published to the run that its event starts (flows/happenings.py).
    """

    kind: str = "nightly"
    nuit: dt.date | None = None
    full: bool = False
    wait: float = 0
    only: frozenset[str] | None = None
    hand_over: bool = False


def night(
    observatory: Observatory,
    options: Options,
    *,
    step: Step[Any] = directly,
    progress: Progress = silent,
) -> RunRecord:
    """Run one night and return its record; `record.exit_code` is the exit code of the command.

    Whatever fails once the run has begun is recorded, written in its folder and turned into exit code 1.

    Raises:
        RunLocked, WrongMode, ConfigurationError (a night older than what is published, an unknown dataset): before
            anything was done.
        StorageFull: the disk is so full that not even the record could be written.
    """
    observatory.check_mode()
    refuse_unknown(observatory, options.only or frozenset())
    nuit = options.nuit or observatory.clock.nuit()
    with storage_errors(), observatory.locked(options.wait):
        _refuse_the_past(observatory, nuit)
        for folder in observatory.paths.written:  # what a killed run was writing, under this lock as under its own
            sweep_unfinished(folder)
        record = RunRecord.start(
            observatory.paths.runs,
            kind=options.kind,
            mode=str(observatory.settings.mode),
            nuit=nuit,
            now=observatory.clock.now(),
        )
        try:
            with storage_errors():
                _steps(observatory, options, nuit, record, step, progress)
        except ObservatoireError as error:
            record.error(error, "execution")
            record.outcome(ExitCode.FAILURE)
        except Exception as error:
            record.value["errors"].append(
                {
                    "step": "execution",
                    "type": type(error).__name__,
                    "what": f"Défaut du programme : {error}",
                    "where": place_of(error),
                    "todo": "signaler ce défaut ; la version publiée reste en place.",
                }
            )
            record.outcome(ExitCode.FAILURE)
        except BaseException:  # interrupted by a person or cancelled by a scheduler: never recorded as a success
            record.error(ObservatoireError("Exécution interrompue."), "execution")
            record.outcome(ExitCode.FAILURE)
            raise
        finally:
            report(observatory, record)
        return record


def _refuse_the_past(observatory: Observatory, nuit: dt.date) -> None:
    """A night cannot be lived twice: what was landed since would belong to it.

    Raises:
        ConfigurationError: `nuit` is before the published release, or before the newest edition.
    """
    try:
        current = observatory.releases.current_id()
    except ReleaseError:
        return  # a broken `current` is said by the run itself, in its record
    nights = [observatory.log.newest_night()]
    if current is not None:
        nights.append(dt.date.fromisoformat(observatory.releases.manifest(current)["nuit"]))
    newest = max((night for night in nights if night is not None), default=nuit)
    if nuit < newest:
        raise ConfigurationError(
            f"La nuit du {nuit.isoformat()} est passée : l'entrepôt a déjà reçu celle du {newest.isoformat()}.",
            where=str(observatory.paths.warehouse),
            todo="relancer sans --nuit ; pour revoir une nuit passée, « observatoire rebuild --as-of ».",
        )


def _steps(
    observatory: Observatory, options: Options, nuit: dt.date, record: RunRecord, step: Step[Any], progress: Progress
) -> None:
    def run(name: str, work: Callable[[], T]) -> T:
        with record.step(name):
            return step(name, work)

    run("rattraper", lambda: alert(observatory, record, nuit))  # what an earlier run owed comes first
    if options.kind == "alerts":
        record.value["release"]["reason"] = "Messages seulement : rien n'a été demandé ni construit."
        return
    outcomes = run(
        "recevoir",
        lambda: land_everything(observatory, nuit, full=options.full, only=options.only, progress=progress),
    )
    record.value["deposits"] = [answer for outcome in outcomes.values() for answer in outcome.deposits]
    with ExitStack() as children:
        # Most nights that bring something end in a build: dbt reads its project while the gate works.
        new = observatory.releases.current_id() is None or any(o.state == NEW for o in outcomes.values())
        ahead = children.enter_context(dbt_ahead(observatory)) if new else None
        inputs = run("controler", lambda: gather_inputs(observatory, nuit, outcomes, record, progress=progress))
        if inputs.partial:
            record.outcome(ExitCode.PARTIAL)
        run("alleger", lambda: _prune(observatory, nuit))
        if not _something_new(observatory, inputs, record):
            _close_the_year(observatory, options, nuit)
            return
        build = partial(build_release, observatory, inputs, record, progress=progress, ahead=ahead)
        release_id = run("construire", build)
    if release_id is None:
        record.outcome(ExitCode.REJECTED)
        _close_the_year(observatory, options, nuit)
        return
    run("publier", lambda: _publish(observatory, release_id, record))
    _close_the_year(observatory, options, nuit)
    if not options.hand_over:
        run("alerter", lambda: alert(observatory, record, nuit))


def _close_the_year(observatory: Observatory, options: Options, nuit: dt.date) -> None:
    """The yearly run of 31 January, or of February when that one failed, keeps for ever the release that is the
    barometer of the year that ended: once, and whether or not this run published."""
    current = observatory.releases.current_id()
    if options.kind != "yearly" or not CLOSING <= (nuit.month, nuit.day) < CLOSED or current is None:
        return
    name = BAROMETER.format(nuit.year - 1)
    if all(info.pinned != name for info in observatory.releases.list()):
        observatory.releases.pin(current, name)


def _prune(observatory: Observatory, nuit: dt.date) -> None:
    from flows.publishing.drawn import sweep

    observatory.releases.prune(nuit)
    sweep(observatory.paths.drawings, (observatory.clock.now() - DRAWINGS_KEPT).timestamp())


def _something_new(observatory: Observatory, inputs: Inputs, record: RunRecord) -> bool:
    """Rule 6: nothing new is the same inputs and no deadline crossed since the last night."""
    store = observatory.releases
    told = record.value["release"]
    current = store.current_id()
    told["id"] = current
    withdrawn = store.retired(inputs.key, inputs.nuit)
    if withdrawn:
        told["reason"] = f"Cette version a été retirée : {withdrawn}"
        return False
    rejected = store.state()["rejected"].get(inputs.verdict_key)
    if rejected:
        told["reason"] = "Les mêmes entrées ont déjà été refusées : " + rejected["motif"]
        record.outcome(ExitCode.REJECTED)
        return False
    if current is None:
        told["reason"] = "Première version."
        return True
    manifest = store.manifest(current)
    if manifest["inputs_key"] != inputs.key:
        told["reason"] = inputs.what_changed(manifest)
        return True
    since = dt.date.fromisoformat(manifest["nuit"])
    passed = crossed(store.folder(current) / "etat", since, inputs.nuit)
    if passed:
        told["reason"] = f"Échéance passée le {passed[0]}."
        return True
    told["reason"] = "Rien de nouveau : mêmes entrées, aucune échéance passée."
    return False


def _publish(observatory: Observatory, release_id: str, record: RunRecord) -> None:
    observatory.releases.publish(release_id)
    release = observatory.release(release_id)
    record.value["release"] |= {"id": release_id, "published": True}
    record.value["changes"] = release.table("fct_status_change").to_pylist()
