"""Events of a run, their payloads, the triggers that read them, and the page that tells them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from flows.happenings import PAYLOADS, Happening, deposit_received, happenings, source_changed
from flows.notices import what_needs_them
from flows.record import said_before
from tests.nights import ROOT

DOCS = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
TRIGGERS = [
    (deployment["name"], trigger)
    for deployment in yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]
    for trigger in deployment.get("triggers", ())
]


def entry(name: str, **changes) -> dict:
    plain = {"id": name, "titre": f"Titre de {name}", "state": "inchangee", "new_editions": 0, "quarantined": []}
    return plain | {"late": False, "expected_next": None, "last_period": None, "error": None, "detail": ""} | changes


def record(*datasets: dict, **changes) -> dict:
    release = {"id": "2026-11-20-abc", "published": False, "reason": "Rien de nouveau."}
    plain = {"id": "2026-11-20-002", "nuit": "2026-11-20", "exit_code": 0, "summary": "", "deposits": []}
    return plain | {"datasets": list(datasets), "release": release, "changes": []} | changes


def change(state: str, **changes) -> dict:
    plain = {"indicateur": "taux_pauvrete", "territoire_code": "200042190", "etat_avant": "sur_trajectoire"}
    return plain | {"etat_apres": state, "cause": "nouvelle_periode", "premiere": False} | changes


def test_a_quiet_run_tells_nothing() -> None:
    assert list(happenings(record(entry("insee/filosofi")))) == []


def test_what_a_run_made_happen_in_order() -> None:
    told = record(
        entry("insee/filosofi", new_editions=2),
        entry("ore/consommation", quarantined=[{"edition": "x"}]),
        entry("ges/inventaire_communal", late=True, expected_next="2026-06-30", last_period="2018"),
        release={"id": "2026-11-20-abc", "published": True, "reason": "insee/filosofi"},
        changes=[change("derive"), change("atteint"), change("derive", premiere=True)],
    )
    found = list(happenings(told))
    assert [h.name for h in found] == [
        "edition.stored", "edition.quarantined", "source.late", "release.published", "indicator.drifted",
    ]  # fmt: skip
    assert found[0].resource_id == "observatoire.source.insee.filosofi" and found[0].payload["editions"] == 2
    assert found[3].payload["changements"] == 2 and found[4].payload["avant"] == "sur_trajectoire"


def test_what_lasts_is_told_once() -> None:
    lasting = [entry("a/b", quarantined=[{"edition": "x"}]), entry("c/d", late=True)]
    assert list(happenings(record(*lasting), record(*lasting))) == []
    more = [entry("a/b", quarantined=[{"edition": "x"}, {"edition": "y"}])]
    (found,) = happenings(record(*more), record(*lasting))
    assert found.payload["editions"] == 1


def test_a_run_that_asks_nothing_makes_nothing_begin_again(tmp_path: Path) -> None:
    """A night, its messages, a deposit, a run that failed at once, then the next night: what lasted is not new."""
    error = {"what": "Le serveur répond 500.", "where": "", "todo": ""}
    lasting = [entry("a/b", state="en_echec", error=error, perime_depuis="2026-11-20"),
               entry("c/d", late=True, quarantined=[{"edition": "x"}])]  # fmt: skip
    left = [one | {"state": "non_demandee"} for one in lasting]
    for number, (kind, datasets, code) in enumerate(
        [("nightly", lasting, 3), ("alerts", [], 0), ("inbox", left, 0), ("source", [], 1)], start=1
    ):
        folder = tmp_path / f"2026-11-20-00{number}"
        folder.mkdir()
        value = record(*datasets, id=folder.name, kind=kind, exit_code=code, summary=kind)
        (folder / "run.json").write_text(json.dumps(value), encoding="utf-8")
    tonight = record(*lasting, id="2026-11-21-001", kind="nightly", exit_code=3)
    before = said_before(tmp_path, tonight)
    assert before["summary"] == "nightly" and [e["state"] for e in before["datasets"]] == ["en_echec", "inchangee"]
    assert list(happenings(tonight, before)) == [] and what_needs_them(tonight, before) == []
    mended = record(entry("a/b"), lasting[1], id="2026-11-21-001", kind="nightly")
    broken = record(*lasting, id="2026-11-22-001", kind="nightly", exit_code=3)
    (tmp_path / "2026-11-21-001").mkdir()
    (tmp_path / "2026-11-21-001" / "run.json").write_text(json.dumps(mended), encoding="utf-8")
    assert len(what_needs_them(broken, said_before(tmp_path, broken))) == 1  # it broke again: that is new


def test_a_rejected_candidate_is_told_with_its_reason() -> None:
    release = {"id": "old", "published": False, "reason": "Une clé est double.", "candidate": "2026-11-20-new"}
    (found,) = happenings(record(release=release))
    assert (found.event, found.resource_id) == (
        "observatoire.release.rejected",
        "observatoire.release.2026-11-20-new",
    )


def test_a_payload_is_whole_or_refused() -> None:
    with pytest.raises(ValueError, match=r"source\.changed"):
        Happening("source.changed", "source.a.b", {"jeu": "a/b"})


@pytest.mark.parametrize(("deployment", "trigger"), TRIGGERS, ids=[name for name, _ in TRIGGERS])
def test_every_trigger_reads_what_its_event_carries(deployment: str, trigger: dict) -> None:
    import importlib
    import inspect

    (event,) = trigger["expect"]
    name = event.removeprefix("observatoire.")
    for value in trigger["parameters"].values():
        for key in re.findall(r"event\.payload\.(\w+)", str(value)):
            assert key in PAYLOADS[name], f"{deployment}: {event} carries no {key}"
    told = next(d for d in yaml.safe_load((ROOT / "prefect.yaml").read_text("utf-8"))["deployments"]
                if d["name"] == deployment)  # fmt: skip
    module, function = told["entrypoint"].removesuffix(".py").split(":")
    flow = getattr(importlib.import_module(module.removesuffix(".py").replace("/", ".")), function)
    assert set(trigger["parameters"]) <= set(inspect.signature(flow.fn).parameters)
    examples = {"source.changed": source_changed("a/b", "x"), "deposit.received": deposit_received(["f"], "t")}
    if name in examples:
        pattern = trigger["match"]["prefect.resource.id"].replace(".", r"\.").replace("*", ".*")
        assert re.fullmatch(pattern, examples[name].resource_id)


@pytest.mark.parametrize("name", sorted(PAYLOADS))
def test_every_event_and_key_is_documented(name: str) -> None:
    assert f"`observatoire.{name}`" in DOCS
    line = next(line for line in DOCS.splitlines() if line.startswith(f"| `{name}`"))
    assert re.findall(r"`([a-z_]+)`", line) == list(PAYLOADS[name])


def test_stewards_are_written_to_when_something_begins_and_only_then() -> None:
    broken = entry("ore/consommation", state="en_echec", perime_depuis="2026-11-20",
                   error={"what": "Le serveur répond 500.", "where": "", "todo": ""})  # fmt: skip
    fine, bad = record(entry("ore/consommation")), record(broken, exit_code=3)
    assert what_needs_them(fine, None) == []
    (line,) = what_needs_them(bad, fine)
    assert "Titre de ore/consommation" in line and "500" in line and "2026-11-20" in line
    assert what_needs_them(bad, bad) == []
    rejected = record(exit_code=4, release={"id": "a", "published": False, "reason": "Une clé est double.",
                                            "candidate": "b"})  # fmt: skip
    assert "Une clé est double." in what_needs_them(rejected, fine)[0]
    assert what_needs_them(rejected, rejected) == []
    refused = record(deposits=[{"etat": "refuse", "fichier": "x.csv", "range": "refused/x.csv"}])
    assert "x.csv" in what_needs_them(refused, fine)[0]
