"""`python -m tests.campaigns`: the long campaigns in full, resumable, and docs/campaigns.md.

Everything runs on a frozen copy of the code under `warehouse/state/campagnes/<fingerprint>/`, so that work may go on
meanwhile; `resultats.json` beside it holds one entry a unit of work, written as soon as the unit ends. Run again, the
command takes up the units that are missing; under another code fingerprint it starts anew (`--fingerprint` goes on
with an earlier one). Not here: the trials
themselves (tests/campaign), which `make test` samples.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from flows.files import write_json
from flows.warehouse.code import code_fingerprint
from tests.campaign.frozen import command, environment, freeze
from tests.campaign.report import PARTS, Run, page
from tests.nights import ROOT

BATCH = 10  # kills of one unit
BATCHES = {"vide": 9, "vide-commande": 1, "recu": 5, "construit": 5}  # 200 kills
DRAWS = 34  # of the oracle, 3,000 series each: 102,000
MUTATED = 5  # units of mutated answers a source
MUTATIONS = 2_000  # of one such unit
Unit = tuple[str, Callable[[], dict[str, Any]]]


def main() -> int:
    """Freeze the code, run what is missing, write the page; 1 when something was found, 0 otherwise."""
    options = _options()
    if options.inside:
        _inside(Path(options.inside), options.only, options.minutes)
        return 0
    fingerprint = options.fingerprint or code_fingerprint(ROOT)["ensemble"]
    folder = ROOT / "warehouse" / "state" / "campagnes" / fingerprint[:12]
    if not (folder / "code").exists():
        if options.fingerprint:
            print(f"No campaign was begun under {fingerprint[:12]}.", file=sys.stderr)
            return 2
        shutil.rmtree(folder, ignore_errors=True)
        freeze(folder / "code-en-cours").rename(folder / "code")
    arguments = ["--inside", str(folder), "--only", ",".join(options.only), "--minutes", str(options.minutes)]
    child = subprocess.run(
        [sys.executable, "-m", "tests.campaigns", *arguments],
        cwd=folder / "code",
        env=environment(folder / "code"),
        check=False,
    )
    results = _read(folder)
    text = page(_runs(folder.parent))
    (ROOT / "docs" / "campaigns.md").write_text(text, encoding="utf-8")
    found = [name for name, told in results.items() if told["problem"]]
    print(f"\n{len(results)} units done, {len(found)} with something found. Written: docs/campaigns.md")
    for name in found:
        print(f"  {name}: {results[name]['problem'].splitlines()[-1]}")
    return 1 if found or child.returncode else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns", description=__doc__)
    parser.add_argument("--only", default=",".join(PARTS), help="parts to run, comma separated")
    parser.add_argument("--minutes", type=float, default=0, help="stop after this long (0: run to the end)")
    parser.add_argument("--fingerprint", default="", help="go on with the code frozen under this fingerprint")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.only = [part for part in options.only.split(",") if part]
    if unknown := set(options.only) - set(PARTS):
        parser.error(f"unknown part: {', '.join(sorted(unknown))}")
    return options


def _runs(folder: Path) -> list[Run]:
    """Every campaign whose frozen code and results are still there."""
    found = []
    for results in sorted(folder.glob("*/resultats.json")):
        at = time.strftime("%Y-%m-%dT%H:%M", time.gmtime(results.stat().st_mtime))
        found.append(Run(at, code_fingerprint(results.parent / "code")["ensemble"], _read(results.parent)))
    return found


def _read(folder: Path) -> dict[str, dict[str, Any]]:
    file = folder / "resultats.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


# --- inside the frozen copy ---------------------------------------------------------------------------------------


def _inside(folder: Path, only: list[str], minutes: float) -> None:
    begun = time.monotonic()
    results = _read(folder)
    work = folder / "travail"
    for name, run in _units(folder, work, only):
        if name in results and not results[name]["problem"]:
            continue
        if minutes and time.monotonic() - begun > 60 * minutes:
            print("Time is up: run the command again to go on.")
            break
        shutil.rmtree(work, ignore_errors=True)
        started = time.monotonic()
        try:
            told = {"problem": "", **run()}
        except Exception as error:
            told = {"problem": f"{traceback.format_exc()[-3000:]}\n{type(error).__name__}: {str(error)[:500]}"}
        told["seconds"] = round(time.monotonic() - started, 1)
        results[name] = told
        write_json(folder / "resultats.json", results)
        print(f"{name}: {'FOUND' if told['problem'] else 'ok'} ({told['seconds']} s)", flush=True)
    shutil.rmtree(work, ignore_errors=True)


def _reference(folder: Path) -> Path:
    """A warehouse after one undisturbed night of the frozen code."""
    reference = folder / "reference"
    if not (reference / "current").exists():
        shutil.rmtree(reference, ignore_errors=True)
        child = command(ROOT, reference, "nightly")
        out, err = child.communicate()
        if child.returncode:
            raise SystemExit(f"the undisturbed night failed:\n{out}\n{err}")
    return reference


def _units(folder: Path, work: Path, only: list[str]) -> Iterator[Unit]:
    if "kills" in only:
        yield from _kill_units(_reference(folder), work)
    if "faults" in only:
        yield from _fault_units(_reference(folder), work)
    if "properties" in only:
        yield from _property_units()
    if "oracle" in only:
        for draw in range(1, DRAWS + 1):
            yield f"oracle/{draw:03d}", lambda draw=draw: _oracle(draw)
    if "replay" in only:
        yield "replay/dix-ans", lambda: _pytest(["tests/warehouse/test_replay.py"], REPLAY_UNTIL="2037")
    if "parsers" in only:
        yield from _parser_units(work)


def _kill_units(reference: Path, work: Path) -> Iterator[Unit]:
    for start, batches in BATCHES.items():
        for batch in range(batches):
            yield f"kills/{start}-{batch:02d}", lambda start=start, batch=batch: _kills(reference, work, start, batch)


def _kills(reference: Path, work: Path, start: str, batch: int) -> dict[str, Any]:
    from tests.campaign.kill import Process, kill_trials, seconds_of
    from tests.campaign.preloaded import Preloaded

    steps = seconds_of(reference)
    longest = {"recu": steps["construire"], "construit": 6.0}.get(start, sum(steps.values()))
    state, by_command = start.removesuffix("-commande"), start.endswith("-commande")

    def trials(night: Callable[[Path], Process]) -> dict[str, Any]:
        seed = f"campagne-{start}-{batch}"
        done = list(kill_trials(work, reference, night, start=state, phases=[(BATCH, 0.1, longest)], seed=seed))
        return {"kills": len(done), "published": sum(trial.published for trial in done)}

    if by_command:
        return trials(lambda warehouse: _Command(warehouse))
    with Preloaded(ROOT) as nights:
        return trials(nights.night)


class _Command:
    """`observatoire nightly`, imports included, with its output thrown away."""

    def __init__(self, warehouse: Path) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "flows.cli", "--warehouse", str(warehouse), "nightly"],
            cwd=ROOT,
            env=environment(ROOT),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.pid = self._child.pid

    def wait(self) -> int:
        return self._child.wait()


def _fault_units(reference: Path, work: Path) -> Iterator[Unit]:
    from tests.campaign import faults
    from tests.nights import observatory

    for case in faults.cases(observatory(reference)):

        def run(case: faults.Case = case) -> dict[str, Any]:
            ((_, outcome),) = faults.iterate(reference, work, [case])
            return {"jeu": case.dataset, "panne": str(case.kind), "outcome": outcome}

        yield f"faults/{case.name}", run


def _property_units() -> Iterator[Unit]:
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        if "@given" in file.read_text(encoding="utf-8"):
            name = file.relative_to(ROOT).as_posix()
            yield f"properties/{name}", lambda name=name: _pytest([name, "-m", "hypothesis"])


def _parser_units(work: Path) -> Iterator[Unit]:
    from tests.campaign.parsers import mutated, subjects

    for subject in subjects(work.parent / "mutations"):
        for batch in range(MUTATED):
            seeds = range(batch * MUTATIONS, (batch + 1) * MUTATIONS)

            def run(subject: Any = subject, seeds: range = seeds) -> dict[str, Any]:
                return {"jeu": subject.id, "outcomes": mutated(subject, seeds)}

            yield f"parsers/{subject.id.replace('/', '-')}-{batch}", run


def _oracle(draw: int) -> dict[str, Any]:
    name = "tests/warehouse/test_status_oracle.py::test_fct_status_agrees_with_the_oracle"
    return _pytest([name], CAMPAGNE_TIRAGE=str(20_441 + draw)) | {"series": 3_000}


def _pytest(arguments: list[str], **more: str) -> dict[str, Any]:
    """Run tests with many new examples; their counts, or an AssertionError with the end of their output."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:xdist", *arguments],
        cwd=ROOT,
        env=environment(ROOT, HYPOTHESIS_PROFILE="campagne", **more),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise AssertionError(done.stdout[-2500:] + done.stderr[-500:])
    lines = re.sub(r"\[\s*\d+%\]", "", done.stdout)
    return {"tests": sum(line.count(".") for line in lines.splitlines() if re.fullmatch(r"[.s]+\s*", line))}


if __name__ == "__main__":
    os.environ.setdefault("DO_NOT_TRACK", "1")
    sys.exit(main())
