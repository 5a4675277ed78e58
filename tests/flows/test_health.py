"""What `observatoire doctor` says, what it writes to the operator, and the metrics of a run."""

from __future__ import annotations

import datetime as dt
import json
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from flows.core.datasets import Dataset
from flows.health import FAIL, LOOK, examine, notify_operator
from flows.landing.selection import FAILED_WORDS, Selected, source_state
from flows.metrics import FILE, last_success, write_metrics
from tests.nights import observatory

NOON = "2026-11-20T11:00:00+00:00"


def run(runs: Path, name: str, **changes) -> None:
    value = {"id": name, "kind": "nightly", "exit_code": 0, "summary": "Rien de nouveau à publier.", "datasets": [],
             "ended_at": "2026-11-20T03:40:00+00:00"} | changes  # fmt: skip
    (runs / name).mkdir(parents=True)
    (runs / name / "run.json").write_text(json.dumps(value), encoding="utf-8")


@pytest.fixture
def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    return observatory(tmp_path, mode="reel", now=dt.datetime.fromisoformat(NOON), operator="astreinte@exemple.fr")


def said(lines: list[str], start: str) -> str:
    return next(line for line in lines if line[7:].startswith(start))


def test_a_good_night_is_no_failure(live) -> None:
    run(live.paths.runs, "2026-11-20-001")
    lines, code = examine(live, sources=False)
    assert code == 0 and not [line for line in lines if line.startswith(FAIL)]
    assert "il y a 7 h" in said(lines, "dernière nuit réussie")
    assert said(lines, "horaires").startswith(LOOK)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"exit_code": 1, "summary": "Échec : disque plein."}, "disque plein"),
        ({"exit_code": 4, "summary": "Refusé au contrôle final."}, "Refusé"),
        ({"exit_code": None, "summary": "", "ended_at": None}, "n’a pas fini"),
        ({"ended_at": "2026-11-18T03:40:00+00:00"}, "il y a 55 h"),
    ],
)
def test_a_night_that_did_not_succeed_is_written_to_the_operator(live, changes: dict, words: str) -> None:
    run(live.paths.runs, "2026-11-20-001", **changes)
    lines, code = examine(live, sources=False)
    assert code == 1 and any(line.startswith(FAIL) and words in line for line in lines), lines
    told = notify_operator(live, lines)
    (file,) = live.paths.outbox.glob("*.eml")
    message = message_from_bytes(file.read_bytes(), policy=default)
    assert str(file) in told and words in message.get_body(("plain",)).get_content()
    assert message["To"].addresses[0].addr_spec == "astreinte@exemple.fr"
    assert message["Auto-Submitted"] == "auto-generated"


def test_other_runs_hide_no_night(live) -> None:
    """A day of deposits makes more runs than a person reads."""
    run(live.paths.runs, "2026-11-18-001", ended_at="2026-11-18T03:40:00+00:00")
    for number in range(80):
        run(live.paths.runs, f"2026-11-19-{number:03d}", kind="inbox")
    lines, code = examine(live, sources=False)
    assert code == 1 and "2026-11-18-001, il y a 55 h" in said(lines, "dernière nuit réussie")


def test_a_link_that_leads_nowhere_is_a_failure_told_and_not_raised(live) -> None:
    live.paths.current.parent.mkdir(parents=True, exist_ok=True)
    live.paths.current.symlink_to("releases/2026-11-19-0123abcd")
    lines, code = examine(live, sources=False)
    assert code == 1 and said(lines, "version publiée").startswith(FAIL)


def test_a_silent_server_is_a_failure(live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    lines, code = examine(live, sources=False)
    assert code == 1 and said(lines, "serveur Prefect").startswith(FAIL)


def test_broken_and_late_sources_are_named(live) -> None:
    broken = {"id": "ore/consommation", "state": "en_echec", "detail": FAILED_WORDS}
    late = {"id": "ges/inventaire_communal", "state": "inchangee", "late": True, "expected_next": "2026-06-30"}
    run(live.paths.runs, "2026-11-20-001", datasets=[broken, late], exit_code=3)
    lines, code = examine(live, sources=False)
    assert code == 0
    assert FAILED_WORDS in said(lines, "source ore/consommation")
    assert "2026-06-30" in said(lines, "source ges/inventaire_communal")


def test_metrics_keep_the_last_success(tmp_path: Path) -> None:
    good = {"kind": "nightly", "ended_at": NOON, "exit_code": 0, "steps": [{"name": "recevoir", "seconds": 3.5}],
            "datasets": [{"state": "en_echec", "late": True}], "release": {"published": True},
            "mail": {"pending": 2}}  # fmt: skip
    write_metrics(tmp_path, good)
    text = (tmp_path / FILE).read_text()
    at = dt.datetime.fromisoformat(NOON).timestamp()
    assert last_success(tmp_path) == at
    assert 'observatoire_step_seconds{step="recevoir"} 3.5' in text and "observatoire_sources_broken 1.0" in text
    write_metrics(tmp_path, good | {"exit_code": 1, "ended_at": "2026-11-21T11:00:00+00:00"})
    text = (tmp_path / FILE).read_text()
    assert last_success(tmp_path) == at and 'observatoire_run_exit_code{kind="nightly"} 1.0' in text
    write_metrics(tmp_path, good | {"kind": "alerts", "ended_at": "2026-11-21T12:00:00+00:00"})
    assert last_success(tmp_path) == at  # a run of messages is no night


def test_a_source_left_alone_stays_what_it_was(live) -> None:
    dataset: Dataset = live.datasets["ore/consommation"]
    edition = object()
    selected, night = Selected(dataset, (edition,), ()), dt.date(2026, 11, 21)  # type: ignore[arg-type]
    stale = {"etat": "perime", "detail": FAILED_WORDS, "perime_depuis": "2026-11-18"}
    for before in (stale, {"etat": "a_jour", "detail": "", "perime_depuis": None}):
        found = source_state(selected, night, left=True, before=before)
        assert found.plain() == before
    gone = source_state(selected, night, left=True, before=stale | {"etat": "retire"})
    assert (gone.etat, gone.perime_depuis) == ("retire", dt.date(2026, 11, 18))
    assert source_state(selected, night, before=stale).etat == "a_jour"  # asked, and it answered
