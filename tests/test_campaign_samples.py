"""A sample of the long campaigns: kills, faults, two runs at once, a full disk (`make campaign` runs them in full).

Everything works on a frozen copy of the code, cut down to ten indicators (`tests.campaign.small`), and on one
reference night of it, so that editing while tests run changes nothing. Each group is a class, for pytest-xdist to
share them between its workers.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from flows.core.words import ExitCode
from flows.portal import Kind, Portal
from tests.campaign import disk, faults, kill
from tests.campaign.frozen import command
from tests.campaign.preloaded import Preloaded
from tests.campaign.small import freeze_small
from tests.nights import observatory, record_of

pytestmark = pytest.mark.slow


def _shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.getbasetemp()
    return base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base


@pytest.fixture(scope="session")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small observatory of this code, once for all workers."""
    base = _shared_folder(tmp_path_factory)
    with FileLock(base / "code-fige.lock"):
        if not (base / "code-fige").exists():
            freeze_small(base / "code-fige-en-cours").rename(base / "code-fige")
    return base / "code-fige"


@pytest.fixture(scope="module")
def nights(code: Path) -> Iterator[Preloaded]:
    """Nights of the small observatory that start at once."""
    with Preloaded(code) as running:
        yield running


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory, code: Path) -> Path:
    """A warehouse after one undisturbed night of the small observatory."""
    base = _shared_folder(tmp_path_factory)
    with FileLock(base / "nuit-figee.lock"):
        if not (base / "nuit-figee" / "current").exists():
            child = command(code, base / "nuit-figee", "nightly")
            _, err = child.communicate(timeout=300)
            assert child.returncode == 0, err
    return base / "nuit-figee"


class TestKilled:
    def test_five_kills_from_an_empty_warehouse(self, tmp_path: Path, reference: Path, nights: Preloaded) -> None:
        """Three while receiving and judging, then two while building, in the warehouse that these left."""
        steps = kill.seconds_of(reference)
        received = 0.8 * (steps["recevoir"] + steps["controler"])
        again = 2.0  # what was received is only compared with what is there
        _kills(tmp_path, reference, nights, "vide", [(3, 0.1, received), (2, again, again + steps["construire"])])

    def test_fifteen_kills_once_published(self, tmp_path: Path, reference: Path, nights: Preloaded) -> None:
        _kills(tmp_path, reference, nights, "construit", [(15, 0.1, 6.0)])


def _kills(
    folder: Path, reference: Path, nights: Preloaded, start: str, phases: list[tuple[int, float, float]]
) -> None:
    trials = kill.kill_trials(folder, reference, nights.night, start=start, phases=phases, seed=f"essai-{start}")
    assert len(list(trials)) == sum(kills for kills, _, _ in phases)


class TestBrokenSources:
    def test_one_fault_a_publisher(self, tmp_path: Path, reference: Path, code: Path) -> None:
        wanted = faults.sample(faults.cases(observatory(reference, root=code)))
        assert {case.kind for case in wanted} == set(faults.MUST_FAIL)
        assert len({case.host for case in wanted}) == len(wanted)
        outcomes = faults.run(code, reference, tmp_path, wanted)
        assert outcomes == {case.name: "refusée" for case in wanted}

    @pytest.mark.parametrize(
        ("jeu", "kind", "indicateur"),
        [("ore/consommation", Kind.SERVER_ERROR, "consommation_energie_finale"),
         ("drees/apl_generalistes", Kind.HTML, "apl_medecins_generalistes")],
    )  # fmt: skip
    def test_a_whole_night_with_one_source_broken(
        self, tmp_path: Path, reference: Path, code: Path, jeu: str, kind: Kind, indicateur: str
    ) -> None:
        warehouse = tmp_path / "entrepot"
        shutil.copytree(reference, warehouse, symlinks=True)
        before = observatory(reference, root=code)
        host, path = faults.address_of(before, jeu)
        with Portal(before.paths.demonstration, faults.SECOND) as portal:
            portal.faults.add(host, path, kind)
            haste = {f"OBSERVATOIRE_{name.upper()}": str(value) for name, value in faults.HASTE.items()}
            settings = {"OBSERVATOIRE_PORTAL": portal.url, **haste}
            child = command(code, warehouse, "yearly", "--nuit", faults.SECOND.isoformat(), **settings)
            out, err = child.communicate(timeout=300)
        assert child.returncode == ExitCode.PARTIAL, out + err
        told = record_of(warehouse)
        assert told["release"]["published"]
        entries = {entry["id"]: entry for entry in told["datasets"]}
        broken = {name for name, entry in entries.items() if entry["state"] == "en_echec"}
        assert jeu in broken and broken <= {jeu, *faults.same_address(before, host, path)}
        assert entries["atmo/indices"]["new_editions"] >= 1, "the other sources were not refreshed"
        error = entries[jeu]["error"]
        assert host in error["where"] or jeu in error["where"], error
        assert error["what"] and error["todo"], error

        release = observatory(warehouse, root=code).release(told["release"]["id"])
        rows = [r for r in release.table("fct_observation").to_pylist() if r["indicateur"] == indicateur]
        assert rows
        assert {r["perime_depuis"] for r in rows if jeu in r["jeux"]} == {faults.SECOND}
        others = [r for r in release.table("fct_observation").to_pylist() if not broken & set(r["jeux"])]
        assert {r["perime_depuis"] for r in others} == {None}
        page = warehouse / "current" / "site" / "indicateurs" / indicateur.replace("_", "-") / "index.html"
        assert "périmé depuis" in page.read_text(encoding="utf-8").lower()
        assert kill.look(warehouse)


class TestTwoRunsAtOnce:
    def test_the_second_stops_at_once_and_says_why(self, tmp_path: Path, reference: Path, code: Path) -> None:
        warehouse = tmp_path / "entrepot"
        shutil.copytree(reference, warehouse, symlinks=True)
        runs = len(list(warehouse.glob("runs/*")))
        with observatory(warehouse).locked():
            child = command(code, warehouse, "nightly")
            _, err = child.communicate(timeout=120)
        assert child.returncode == ExitCode.LOCKED, err
        assert "Une autre exécution est en cours" in err and "--wait" in err
        assert len(list(warehouse.glob("runs/*"))) == runs, "a run that never started has no record"
        assert kill.look(warehouse)

    def test_two_started_together_leave_what_one_leaves(self, tmp_path: Path, reference: Path, code: Path) -> None:
        warehouse = kill.prepared(reference, tmp_path / "entrepot", "construit")
        children = [command(code, warehouse, "nightly"), command(code, warehouse, "nightly", "--wait", "120")]
        codes = {}
        for name, child in zip(("first", "waiting"), children, strict=True):
            _, err = child.communicate(timeout=300)
            codes[name] = child.returncode
            assert child.returncode != ExitCode.LOCKED or "Une autre exécution est en cours" in err
        # Whichever took the lock first did the work; the one that may wait always gets its turn.
        assert codes["waiting"] == ExitCode.OK and codes["first"] in (ExitCode.OK, ExitCode.LOCKED)
        assert (warehouse / "current" / "manifest.json").read_bytes() == kill.due_of(reference).manifest
        assert kill.messages(warehouse) == kill.due_of(reference).messages
        assert kill.look(warehouse)


class TestFullDisk:
    def test_the_release_stands_and_the_next_night_publishes(self, reference: Path, code: Path) -> None:
        """Full from the start, while receiving, while building; then there is space again."""
        if not disk.way_to_mount():
            pytest.skip("no right to mount a tmpfs here (neither as root nor with unshare -rm)")
        told = disk.run(code, reference, [0, 1, 12])
        for full in told["full"]:
            said = full["out"] + full["err"]
            assert full["code"] == ExitCode.FAILURE, full
            assert "Le disque est plein" in said and "libérer de l'espace" in said, full
            assert "Traceback" not in said, full
            assert full["release"] == told["before"]
        assert told["after"]["code"] == ExitCode.OK, told["after"]
        assert told["after"]["release"] != told["before"]
