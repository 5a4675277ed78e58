"""The reference night of the whole catalogue: what it published, and the runs that must not happen.

Not here: what a second night does (test_next_nights, on a small observatory).
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from flows.cli import main
from flows.core.errors import RunLocked, WrongMode
from flows.night import Options, night
from flows.warehouse.releases import tree_digest
from tests.nights import ROOT, observatory, record_of, run_night

pytestmark = pytest.mark.slow


@pytest.fixture
def warehouse(tmp_path: Path, night_folder: Path) -> Path:
    """A copy of the reference night that a test may go on from."""
    copy = tmp_path / "entrepot"
    shutil.copytree(night_folder, copy, symlinks=True)
    return copy


def cli(warehouse: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    settings = {"OBSERVATOIRE_ROOT": str(ROOT), "OBSERVATOIRE_WAREHOUSE": str(warehouse), **environment}
    done = CliRunner().invoke(main, list(arguments), env=settings)
    return done.exit_code, done.output


def test_the_first_night_publishes_everything(night_folder: Path) -> None:
    record = record_of(night_folder)
    assert record["exit_code"] == 0 and record["release"]["published"] and record["errors"] == []
    states = {d["id"]: d["etat"] for d in record["datasets"]}
    deposits = {states.pop(name) for name in ("saisies/indicateurs", "saisies/reponses")}
    assert deposits == {"jamais_recu"}  # the demonstration ships no deposit
    assert set(states.values()) == {"a_jour"}
    site = night_folder / "current" / "site"
    assert len(list(site.rglob("*.html"))) > 100
    manifest = json.loads((night_folder / "current" / "manifest.json").read_text(encoding="utf-8"))
    assert tree_digest(site) == (manifest["outputs"]["site"], manifest["outputs"]["site_files"])
    assert (night_folder / "runs" / record["id"] / "rapport.html").exists()
    assert list((night_folder / "state" / "outbox").glob("*.eml"))


def test_a_run_of_the_other_kind_is_refused(warehouse: Path) -> None:
    with pytest.raises(WrongMode):
        run_night(warehouse, mode="reel")
    code, text = cli(warehouse, "--mode", "reel", "nightly")
    assert code == 2 and "demonstration" in text


def test_two_runs_at_once_do_not_meet(warehouse: Path) -> None:
    with observatory(warehouse).locked():
        with pytest.raises(RunLocked):
            run_night(warehouse)
        code, text = cli(warehouse, "nightly")
        assert code == 5 and "Une autre exécution est en cours" in text


def test_a_source_without_account_is_off_and_said(tmp_path: Path) -> None:
    live = observatory(tmp_path / "reel", mode="reel")
    reason = live.reason_off(live.datasets["atmo/indices"])
    assert "OBSERVATOIRE_ATMO_UTILISATEUR" in reason
    given = observatory(tmp_path / "reel", mode="reel", atmo_utilisateur="u", atmo_mot_de_passe="p")
    assert given.reason_off(given.datasets["atmo/indices"]) == ""
    off = observatory(tmp_path / "d", sources_off="irve, ore/consommation")
    assert off.reason_off(off.datasets["irve/points"]) and off.reason_off(off.datasets["ore/consommation"])


def test_the_doctor_asks_every_source_once(warehouse: Path) -> None:
    code, text = cli(warehouse, "doctor", "--sources")
    assert code == 0, text
    known = observatory(warehouse).datasets.values()
    asked = [d.id for d in known if not d.steward and not d.deposited]
    assert text.count("colonnes conformes") == len(asked) > 60


def test_tonights_messages_can_be_read_before_they_leave(warehouse: Path, tmp_path: Path) -> None:
    outbox = (warehouse / "state" / "etat.sqlite").read_bytes()
    (warehouse / "state" / "etat.sqlite").unlink()
    code, text = cli(warehouse, "alertes", "apercu", "--into", str(tmp_path / "apercu"))
    assert code == 0 and "Rien n'a été envoyé" in text, text
    assert len(list((tmp_path / "apercu").glob("*.eml"))) >= 3 and not (warehouse / "state" / "etat.sqlite").exists()
    (warehouse / "state" / "etat.sqlite").write_bytes(outbox)
    code, text = cli(warehouse, "alertes", "apercu", "--into", str(tmp_path / "rien"))
    assert code == 0 and "0 message(s)" in text, text
    assert cli(warehouse, "alertes", "liste", "--toutes")[0] == 0
    code, text = cli(warehouse, "alertes", "modele", "--into", str(tmp_path / "reponses.csv"))
    assert code == 0 and (tmp_path / "reponses.csv").read_text("utf-8-sig").startswith("alerte;geste")


def test_secrets_are_never_shown() -> None:
    told = {"smtp_password": "mot-sensible", "atmo_mot_de_passe": "autre-sensible", "webhook_secret": "clé-sensible"}
    built = observatory(Path("/nonexistent"), **told)
    assert "sensible" not in repr(built.settings) + str(built.settings)


def test_a_night_older_than_what_is_published_is_refused(warehouse: Path) -> None:
    code, text = cli(warehouse, "nightly", "--nuit", "2026-11-01")
    assert code == 2 and "2026-11-20" in text
    assert len(list((warehouse / "runs").iterdir())) == 1


def test_an_interrupted_run_is_not_recorded_as_a_success(warehouse: Path) -> None:
    def interrupted(name: str, work: object) -> object:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        night(observatory(warehouse), Options(), step=interrupted)  # type: ignore[arg-type]
    record = record_of(warehouse)
    assert record["exit_code"] == 1 and "interrompue" in record["summary"]
