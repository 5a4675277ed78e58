"""The inbox: what is taken, in which order, where it ends; a run killed at any step loses and repeats nothing."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import json
import os
from pathlib import Path
from typing import Any

import pytest

import flows.files
import flows.landing.inbox as inbox_module
from flows import depositing
from flows.core.words import Transport
from flows.depositing import inbox_of, reference_of, standing, take_in
from flows.landing.inbox import Inbox, safe_name
from flows.landing.land import Landing
from flows.observatory import Observatory
from flows.purging import purge_bytes
from flows.sources import saisies
from tests.nights import observatory
from tests.saisies.deposits import csv_of, row, xlsx_of

NUIT = dt.date(2026, 11, 20)
READ_ONCE = functools.cache(depositing.read_indicators)
SLUG = "rehabilitations_parc_social"


def good(valeur: str = "412", **cells: str) -> bytes:
    return csv_of(row(indicateur_id=SLUG, valeur=valeur, **cells))


@pytest.fixture(autouse=True)
def catalogue_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The catalogue does not change under a test: reading its sixty files at each run would be most of the time."""
    monkeypatch.setattr(depositing, "read_indicators", READ_ONCE)


@pytest.fixture
def built(tmp_path: Path) -> Observatory:
    found = observatory(tmp_path / "entrepot")
    inbox_of(found).prepare()
    return found


def drop(built: Observatory, name: str, body: bytes) -> Path:
    path = built.paths.inbox / name
    path.write_bytes(body)
    os.utime(path, (1_000_000_000, 1_000_000_000))  # written long ago: nobody is copying it
    return path


def run(built: Observatory, nuit: dt.date = NUIT) -> list[dict[str, Any]]:
    landing = Landing(
        log=built.log, cache=built.cache, nuit=nuit, now=dt.datetime(2026, 11, 20, tzinfo=dt.UTC),
        transport=Transport.PORTAIL,
    )  # fmt: skip
    outcome, answers = take_in(built, landing)
    assert outcome.error is None and answers.error is None
    return outcome.deposits


def editions(built: Observatory) -> list[Any]:
    return built.log.of(saisies.ID)


def files(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_a_good_and_a_bad_file_are_filed_beside_their_reports(built: Observatory) -> None:
    drop(built, "bon.csv", good())
    drop(built, "mauvais.csv", good("abc"))
    answers = run(built)
    assert [(a["fichier"], a["etat"]) for a in answers] == [("bon.csv", "accepte"), ("mauvais.csv", "refuse")]
    assert files(built.paths.inbox) == [
        "accepted/2026-11-20_001_bon.csv",
        "accepted/2026-11-20_001_bon.csv.rapport.json",
        "accepted/2026-11-20_001_bon.csv.rapport.txt",
        "refused/2026-11-20_002_mauvais.csv",
        "refused/2026-11-20_002_mauvais.csv.rapport.json",
        "refused/2026-11-20_002_mauvais.csv.rapport.txt",
    ]
    (edition,) = editions(built)
    assert edition.transport == Transport.FICHIER and edition.pages[0]["address"] == "dépôt 2026-11-20_001"
    told = json.loads((built.paths.inbox / answers[1]["range"]).with_suffix(".csv.rapport.json").read_text("utf-8"))
    assert told["problemes"][0]["colonne"] == "valeur"
    assert run(built) == [] and len(editions(built)) == 1


def test_a_workbook_and_a_correction_make_two_versions(built: Observatory) -> None:
    drop(built, "un.xlsx", xlsx_of(row(indicateur_id=SLUG)))
    run(built)
    drop(built, "un.xlsx", xlsx_of(row(indicateur_id=SLUG, valeur="500")))
    assert run(built, dt.date(2026, 11, 21))[0]["etat"] == "accepte"
    assert [e.sequence for e in editions(built)] == [1, 2]
    assert standing(built)[(SLUG, "epci", "200042190", "2024")] == (500.0, "definitif")
    drop(built, "tard.csv", good(statut="provisoire"))
    assert run(built)[0]["problemes"][0]["colonne"] == "statut"


def test_a_file_deposited_twice_is_taken_once(built: Observatory) -> None:
    drop(built, "a.csv", good())
    drop(built, "b.csv", good())
    first, second = run(built)
    assert (first["note"], second["etat"]) == ("", "accepte") and "déjà" in second["note"]
    assert len(editions(built)) == 1
    drop(built, "c.csv", good().replace(b"\r\n", b"\n"))  # other bytes, same figures
    assert "rien de nouveau" in run(built)[0]["note"] and len(editions(built)) == 1


def test_what_is_no_deposit_stays_or_is_refused(built: Observatory) -> None:
    (built.paths.inbox / "dossier").mkdir()
    drop(built, ".bon.csv.x.partiel", b"")
    drop(built, "~$bon.xlsx", b"")
    drop(built, "photo.png", b"\x89PNG")
    (built.paths.inbox / "lien.csv").symlink_to("/nowhere")
    answers = {a["fichier"]: a["etat"] for a in run(built)}
    assert answers == {"lien.csv": "refuse", "photo.png": "refuse", "dossier": "laisse"}
    assert (built.paths.inbox / "~$bon.xlsx").exists() and (built.paths.inbox / "dossier").is_dir()
    assert editions(built) == []


def test_a_name_that_is_no_text_stops_no_night(built: Observatory) -> None:
    """A share of another age gives names in Latin-1: no record in UTF-8 could hold them as they are."""
    latin = os.fsdecode(b"d\xe9p\xf4t\x1b[31m.csv")
    drop(built, latin, good())
    (built.paths.inbox / os.fsdecode(b"ann\xe9e")).mkdir()
    taken, left = run(built)
    assert (taken["etat"], taken["fichier"]) == ("accepte", "d_p_t_[31m.csv")
    assert (left["etat"], left["fichier"]) == ("laisse", "ann_e")
    json.dumps([taken, left], ensure_ascii=False).encode()


def test_a_file_that_meets_a_defect_is_refused_and_stops_no_night(
    built: Observatory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("défaut")

    drop(built, "piege.csv", good())
    with monkeypatch.context() as patch:
        patch.setattr(depositing.saisies, "judge", broken)
        (answer,) = run(built)
    assert answer["etat"] == "refuse" and "RuntimeError" in answer["problemes"][0]["raison"]
    assert not list((built.paths.inbox / "encours").iterdir()) and not editions(built)


def test_a_copy_in_progress_waits(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path, clock=lambda: os.stat(tmp_path / "a.csv").st_mtime + 1, wait=lambda s: grow())
    inbox.prepare()
    path = tmp_path / "a.csv"
    path.write_bytes(b"1")

    def grow() -> None:
        path.write_bytes(path.read_bytes() + b"1")

    found, left = inbox.waiting()
    assert found == [] and "copie" in left["a.csv"]
    assert Inbox(tmp_path, clock=lambda: path.stat().st_mtime + 1, wait=lambda s: None).waiting()[0] == [path]


def test_names_are_made_safe() -> None:
    assert safe_name("bilan\n2024?.csv") == "bilan_2024_.csv"
    assert len(safe_name("é" * 400 + ".xlsx").encode()) < 140 and safe_name("é" * 400 + ".xlsx").endswith(".xlsx")
    assert ".rapport" not in safe_name("x.rapport.csv")


class Killed(BaseException):
    """What a test raises where a run is killed."""


def _killing(monkeypatch: pytest.MonkeyPatch, at: int) -> list[int]:
    """Kill before the `at`-th write or rename; the count goes on in the list."""
    count = [0]

    def guarded(real: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            count[0] += 1
            if count[0] == at:
                raise Killed
            return real(*args, **kwargs)

        return call

    monkeypatch.setattr(inbox_module.os, "rename", guarded(os.rename))
    monkeypatch.setattr(flows.files.os, "replace", guarded(os.replace))
    return count


def test_a_run_killed_anywhere_loses_nothing_and_repeats_nothing(tmp_path: Path) -> None:
    at, reached = 0, True
    while reached:
        at += 1
        built = observatory(tmp_path / f"entrepot-{at}")
        inbox_of(built).prepare()
        drop(built, "a.csv", good("400"))
        drop(built, "b.csv", good("abc"))
        drop(built, "c.csv", good("410"))
        with pytest.MonkeyPatch.context() as patch:
            count = _killing(patch, at)
            with contextlib.suppress(Killed):
                run(built)
            reached = count[0] >= at
        again = observatory(built.paths.warehouse)
        drop(again, "0.csv", good("405"))  # one that sorts before what the killed run held
        run(again, dt.date(2026, 11, 21))
        found = files(again.paths.inbox)
        kept = [name for name in found if ".rapport" not in name and not name.endswith(".partiel")]
        assert sorted(name[-5:] for name in kept) == ["0.csv", "a.csv", "b.csv", "c.csv"], (at, found)
        assert [name.split("/")[0] for name in kept].count("accepted") == 3, (at, kept)
        assert all(f"{name}.rapport.txt" in found and f"{name}.rapport.json" in found for name in kept), (at, found)
        assert len({name.split("/")[1][:14] for name in kept}) == 4, at  # each its own number
        values = [again.cache.get(again.datasets[saisies.ID], e).table["valeur"][0].as_py() for e in editions(again)]
        assert sorted(values) == [400.0, 405.0, 410.0], (at, values)
    assert at > 12


def test_erased_bytes_are_erased_from_the_inbox_too(built: Observatory) -> None:
    drop(built, "a.csv", good())
    run(built)
    sha = editions(built)[0].pages[0]["sha256"]
    assert "1 (leurs rapports restent)" in purge_bytes(built, sha, "demande d'un service")
    assert not [n for n in files(built.paths.inbox / "accepted") if n.endswith(".csv")]
    drop(built, "b.csv", good("500"))
    run(built)
    drop(built, "a.csv", good())
    assert run(built)[0]["etat"] == "efface" and not (built.paths.inbox / "a.csv").exists()


def test_the_inbox_may_be_closed(tmp_path: Path) -> None:
    closed = observatory(tmp_path / "ferme", sources_off="saisies/indicateurs")
    inbox_of(closed).prepare()
    drop(closed, "a.csv", good())
    assert run(closed) == [] and (closed.paths.inbox / "a.csv").exists()


def test_the_reference_is_the_catalogue(built: Observatory) -> None:
    reference = reference_of(built, NUIT)
    assert reference.awaited["usagers_actifs_lecture_publique"].unite == "usagers"
    assert reference.awaited["usagers_actifs_lecture_publique"].seuil == 5
    assert "population" in reference.known and "population" not in reference.awaited
    drop(built, "c.csv", good(territoire_type="commune", territoire_code="59172"))
    assert "aucune commune" in run(built)[0]["problemes"][0]["raison"]
