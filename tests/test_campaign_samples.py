"""A sample of the long campaigns: kills, faults, two runs at once, a full disk (`make campaign` runs them in full).

Everything works on a small observatory (`tests.campaign.small`), a frozen copy of the code, and on its first night,
so that editing while tests run changes nothing. Each group is a class, for pytest-xdist to share them out.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.core.words import ExitCode
from flows.portal import Kind, Portal
from tests.campaign import disk, faults, kill
from tests.campaign.preloaded import Preloaded
from tests.nights import Small, finished, observatory

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def nights(small_code: Path) -> Iterator[Preloaded]:
    """Nights of the small observatory that start at once."""
    with Preloaded(small_code) as running:
        yield running


class TestKilled:
    def test_five_kills_from_an_empty_warehouse(self, tmp_path: Path, small_night: Path, nights: Preloaded) -> None:
        """Three while receiving and judging, then two while building, in the warehouse that these left."""
        steps = kill.seconds_of(small_night)
        received = 0.8 * (steps["recevoir"] + steps["controler"])
        again = 2.0  # what was received is only compared with what is there
        _kills(tmp_path, small_night, nights, "vide", [(3, 0.1, received), (2, again, again + steps["construire"])])

    def test_fifteen_kills_once_published(self, tmp_path: Path, small_night: Path, nights: Preloaded) -> None:
        _kills(tmp_path, small_night, nights, "construit", [(15, 0.1, 6.0)])


def _kills(
    folder: Path, reference: Path, nights: Preloaded, start: str, phases: list[tuple[int, float, float]]
) -> None:
    trials = kill.kill_trials(folder, reference, nights.night, start=start, phases=phases, seed=f"essai-{start}")
    assert len(list(trials)) == sum(kills for kills, _, _ in phases)


class TestBrokenSources:
    def test_one_fault_a_publisher(self, tmp_path: Path, small_night: Path, small_code: Path) -> None:
        wanted = faults.sample(faults.cases(observatory(small_night, root=small_code)))
        assert {case.kind for case in wanted} == set(faults.MUST_FAIL)
        assert len({case.host for case in wanted}) == len(wanted)
        outcomes = faults.run(small_code, small_night, tmp_path, wanted)
        assert outcomes == {case.name: "refusée" for case in wanted}

    def test_a_whole_night_with_one_source_broken(self, small: Small, small_night: Path) -> None:
        jeu, kind, indicateur = "ore/consommation", Kind.SERVER_ERROR, "consommation_energie_finale"
        before = observatory(small_night, root=small.code)
        host, path = faults.address_of(before, jeu)
        with Portal(before.paths.demonstration, faults.SECOND) as portal:
            portal.faults.add(host, path, kind)
            told = small.night("yearly", "--nuit", faults.SECOND.isoformat(), portal=portal.url, **faults.HASTE)
        assert told["exit_code"] == ExitCode.PARTIAL, told["summary"]
        assert told["release"]["published"]
        entries = {entry["id"]: entry for entry in told["datasets"]}
        broken = {name for name, entry in entries.items() if entry["state"] == "en_echec"}
        assert jeu in broken and broken <= {jeu, *faults.same_address(before, host, path)}
        assert entries["atmo/indices"]["new_editions"] >= 1, "the other sources were not refreshed"
        error = entries[jeu]["error"]
        assert host in error["where"] or jeu in error["where"], error
        assert error["what"] and error["todo"], error

        release = observatory(small.warehouse, root=small.code).release(small.current)
        rows = [r for r in release.table("fct_observation").to_pylist() if r["indicateur"] == indicateur]
        assert rows
        assert {r["perime_depuis"] for r in rows if jeu in r["jeux"]} == {faults.SECOND}
        others = [r for r in release.table("fct_observation").to_pylist() if not broken & set(r["jeux"])]
        assert {r["perime_depuis"] for r in others} == {None}
        page = small.warehouse / "current" / "site" / "indicateurs" / indicateur.replace("_", "-") / "index.html"
        assert "périmé depuis" in page.read_text(encoding="utf-8").lower()
        assert kill.look(small.warehouse)


class TestTwoRunsAtOnce:
    def test_the_second_stops_at_once_and_says_why(self, small: Small) -> None:
        runs = len(list(small.warehouse.glob("runs/*")))
        with observatory(small.warehouse).locked():
            code, said = small("nightly")
        assert code == ExitCode.LOCKED, said
        assert "Une autre exécution est en cours" in said and "--wait" in said
        assert len(list(small.warehouse.glob("runs/*"))) == runs, "a run that never started has no record"
        assert kill.look(small.warehouse)

    def test_two_started_together_leave_what_one_leaves(
        self, small_code: Path, small_night: Path, tmp_path: Path
    ) -> None:
        fresh = Small(small_code, kill.prepared(small_night, tmp_path / "construit", "construit"))
        children = [fresh.start("nightly"), fresh.start("nightly", "--wait", "120")]
        codes = {}
        for name, child in zip(("first", "waiting"), children, strict=True):
            codes[name], _, err = finished(child)
            assert codes[name] != ExitCode.LOCKED or "Une autre exécution est en cours" in err
        # Whichever took the lock first did the work; the one that may wait always gets its turn.
        assert codes["waiting"] == ExitCode.OK and codes["first"] in (ExitCode.OK, ExitCode.LOCKED)
        assert (fresh.warehouse / "current" / "manifest.json").read_bytes() == kill.due_of(small_night).manifest
        assert kill.messages(fresh.warehouse) == kill.due_of(small_night).messages
        assert kill.look(fresh.warehouse)


class TestFullDisk:
    def test_the_release_stands_and_the_next_night_publishes(self, small_night: Path, small_code: Path) -> None:
        """Full from the start, while receiving, while building; then there is space again."""
        if not disk.way_to_mount():
            pytest.skip("no right to mount a tmpfs here (neither as root nor with unshare -rm)")
        told = disk.run(small_code, small_night, [0, 1, 12])
        for full in told["full"]:
            said = full["out"] + full["err"]
            assert full["code"] == ExitCode.FAILURE, full
            assert "Le disque est plein" in said and "libérer de l'espace" in said, full
            assert "Traceback" not in said, full
            assert full["release"] == told["before"]
        assert told["after"]["code"] == ExitCode.OK, told["after"]
        assert told["after"]["release"] != told["before"]
