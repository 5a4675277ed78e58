"""Whole nights on the demonstration figures, over loopback HTTP: what is published, what is not, and why."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from flows.cli import main
from flows.core.errors import RunLocked, WrongMode
from flows.landing.land import Landing
from flows.night import Options, night
from flows.portal import Portal
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
    assert states.pop("saisies/indicateurs") == "jamais_recu"  # the demonstration ships no deposit
    assert set(states.values()) == {"a_jour"}
    site = night_folder / "current" / "site"
    assert len(list(site.rglob("*.html"))) > 100
    manifest = json.loads((night_folder / "current" / "manifest.json").read_text(encoding="utf-8"))
    assert tree_digest(site) == (manifest["outputs"]["site"], manifest["outputs"]["site_files"])
    assert (night_folder / "runs" / record["id"] / "rapport.html").exists()
    assert list((night_folder / "state" / "outbox").glob("*.eml"))


def test_a_second_night_with_nothing_new_publishes_nothing(warehouse: Path) -> None:
    before = (warehouse / "current").readlink()
    value = run_night(warehouse)
    assert value["exit_code"] == 0 and not value["release"]["published"]
    assert value["release"]["reason"].startswith("Rien de nouveau")
    assert value["mail"]["composed"] == 0
    assert (warehouse / "current").readlink() == before
    assert sum(d["new_editions"] for d in value["datasets"]) == 0


def test_a_yearly_run_asks_again_for_closed_vintages(warehouse: Path) -> None:
    nightly = run_night(warehouse)
    yearly = run_night(warehouse, Options(kind="yearly", full=True))
    runs = (nightly, yearly)
    states = {v["kind"]: {d["id"]: d["state"] for d in v["datasets"]} for v in runs}
    state = {kind: found["ges/inventaire_communal"] for kind, found in states.items()}
    assert state == {"nightly": "non_demandee", "yearly": "inchangee"}
    assert not yearly["release"]["published"]


def test_rebuilding_a_night_gives_its_bytes(warehouse: Path, tmp_path: Path) -> None:
    code, text = cli(warehouse, "rebuild", "--as-of", "2026-11-20", "--into", str(tmp_path / "reconstruite"))
    assert code == 0 and "à l'octet près" in text
    current = warehouse / "current"
    assert tree_digest(tmp_path / "reconstruite" / "site") == tree_digest(current / "site")
    assert tree_digest(tmp_path / "reconstruite" / "etat") == tree_digest(current / "etat")
    assert (tmp_path / "reconstruite" / "manifest.json").read_bytes() == (current / "manifest.json").read_bytes()
    code, text = cli(warehouse, "rebuild", "--as-of", "2020-01-01")
    assert code == 1 and "Aucune version" in text


def test_a_changed_figure_is_published_compared_withdrawn_and_not_republished(warehouse: Path) -> None:
    first = (warehouse / "current").readlink().name
    portal = Portal(ROOT / "warehouse" / "demonstration", dt.date(2026, 11, 21))
    with portal:
        portal.faults.add(
            "data.drees.solidarites-sante.gouv.fr", "/", "changed", code="59172", column="apl", factor=1.05
        )
        options = Options(nuit=dt.date(2026, 11, 21))
        settings = {"portal": portal.url}
        value = run_night(warehouse, options, **settings)
        assert value["exit_code"] == 0, value["summary"]
        second = (warehouse / "current").readlink().name
        assert second.startswith("2026-11-21-") and value["release"]["published"]
        assert "drees/apl_generalistes" in value["release"]["reason"]
        code, text = cli(warehouse, "diff", first, second)
        assert code == 0 and "apl_medecins_generalistes" in text and "commune 59172" in text
        assert cli(warehouse, "rollback", first, "--reason", "essai")[0] == 0
        assert (warehouse / "current").readlink().name == first
        again = run_night(warehouse, options, **settings)
        assert "retirée" in again["release"]["reason"] and not again["release"]["published"]
        assert (warehouse / "current").readlink().name == first
    code, text = cli(warehouse, "releases")
    assert code == 0 and f"{first}  publiée" in text and "retirée (essai)" in text


def test_a_rejected_candidate_leaves_the_release_and_is_not_rebuilt(warehouse: Path, tmp_path: Path) -> None:
    suites = tmp_path / "racine"
    for part in ("flows", "dbt_project", "expectations", "site", "warehouse/demonstration"):
        shutil.copytree(ROOT / part, suites / part)
    for name in ("prefect.yaml", "observatoire.toml", "requirements.lock"):
        shutil.copy(ROOT / name, suites / name)
    candidate = suites / "expectations" / "candidat.yml"
    text = candidate.read_text(encoding="utf-8")
    candidate.write_text(text.replace("max_value: 80000", "max_value: 100"), encoding="utf-8")
    assert text != candidate.read_text(encoding="utf-8")
    before = (warehouse / "current").readlink()
    for attempt in (1, 2):
        code, out = cli(warehouse, "nightly", OBSERVATOIRE_ROOT=str(suites))
        assert code == 4, out
        assert (warehouse / "current").readlink() == before
        assert len([p for p in (warehouse / "candidates").iterdir()]) == 1
        steps = [step["name"] for step in record_of(warehouse)["steps"]]
        assert ("construire" in steps) == (attempt == 1)


def test_purged_bytes_are_gone_everywhere_and_named(warehouse: Path) -> None:
    built = observatory(warehouse)
    (edition,) = built.log.of("ademe_dpe/etiquettes")
    sha = edition.pages[0]["sha256"]
    code, text = cli(warehouse, "purge", sha, "--reason", "demande d'effacement")
    assert code == 0 and "ademe_dpe/etiquettes" in text
    assert (warehouse / "current").readlink().name in text
    assert not list(warehouse.rglob(sha)) and list(warehouse.rglob(f"{sha}.purge"))
    code, text = cli(warehouse, "rebuild", "--as-of", "2026-11-20")
    assert "ne peut plus être reconstruite" in text and code == 1
    assert cli(warehouse, "purge", "0" * 64, "--reason", "x")[0] == 1


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
    asked = [d.id for d in known if not d.steward and d.id != "saisies/indicateurs"]
    assert text.count("colonnes conformes") == len(asked) > 60


def test_secrets_are_never_shown() -> None:
    built = observatory(Path("/nonexistent"), smtp_password="motdepasse-secret", atmo_mot_de_passe="autre-secret")
    shown = repr(built.settings) + str(built.settings)
    assert "secret" not in shown.replace("SecretStr", "").replace("secrets", "")


def test_a_night_older_than_what_is_published_is_refused(warehouse: Path) -> None:
    code, text = cli(warehouse, "nightly", "--nuit", "2026-11-01")
    assert code == 2 and "2026-11-20" in text
    assert len(list((warehouse / "runs").iterdir())) == 1


def test_a_typing_error_in_the_contacts_stops_nothing(warehouse: Path, tmp_path: Path) -> None:
    contacts = tmp_path / "contacts.csv"
    contacts.write_text("role;theme;adresse\nreferent_e1;;pas une adresse\n", encoding="utf-8")
    value = run_night(warehouse, contacts=contacts)
    assert value["exit_code"] == 0
    assert any("contacts" in error["where"] for error in value["errors"]), value["errors"]


def test_a_list_of_communes_with_holes_hurts_no_other_source(warehouse: Path) -> None:
    with Portal(ROOT / "warehouse" / "demonstration", dt.date(2026, 11, 21)) as portal:
        portal.faults.add("geo.api.gouv.fr", "/", "missing_communes", count=3)
        value = run_night(warehouse, Options(nuit=dt.date(2026, 11, 21)), portal=portal.url)
    states = {d["id"]: d["etat"] for d in value["datasets"]}
    assert states.pop("geo/communes") == "perime"
    states.pop("geo/contours")  # the same publisher
    states.pop("saisies/indicateurs")  # nobody made a deposit
    assert set(states.values()) == {"a_jour"}
    assert value["exit_code"] == 3 and value["release"]["published"]


def test_an_interrupted_run_is_not_recorded_as_a_success(warehouse: Path) -> None:
    def interrupted(name: str, work: object) -> object:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        night(observatory(warehouse), Options(), step=interrupted)  # type: ignore[arg-type]
    record = record_of(warehouse)
    assert record["exit_code"] == 1 and "interrompue" in record["summary"]


def test_what_was_landed_after_a_release_is_not_part_of_it(warehouse: Path) -> None:
    built = observatory(warehouse)
    decisions = built.datasets["referentiel/decisions"]
    page = built.steward_page(decisions)
    other = replace(page, body=page.body + b"edition,ore/consommation,,ore_x,0123456789ab,accepter,m,a,2026-11-01\n")
    landing = Landing(built.log, built.cache, dt.date(2026, 11, 20), built.clock.now(), built.transport)
    assert landing.pages(decisions, "courant", [other]).state == "nouvelle"
    code, text = cli(warehouse, "rebuild", "--as-of", "2026-11-20")
    assert code == 0 and "à l'octet près" in text
