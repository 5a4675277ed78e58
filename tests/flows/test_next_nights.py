"""Nights after the first, over loopback HTTP: what is published, what is not, and why. On a small observatory."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from flows.portal import Portal
from tests.nights import Small, observatory

pytestmark = pytest.mark.slow
NEXT = dt.date(2026, 11, 21)


@pytest.fixture
def tomorrow(small: Small) -> Iterator[Portal]:
    """The portal of the night after, that a test may break."""
    with Portal(small.code / "warehouse" / "demonstration", NEXT) as portal:
        yield portal


def test_nothing_new_publishes_nothing_and_yearly_asks_again(small: Small) -> None:
    before = small.current
    nightly = small.night()
    assert nightly["exit_code"] == 0 and not nightly["release"]["published"]
    assert nightly["release"]["reason"].startswith("Rien de nouveau")
    assert nightly["mail"]["composed"] == 0
    assert sum(d["new_editions"] for d in nightly["datasets"]) == 0
    yearly = small.night("yearly")
    states = {v["kind"]: {d["id"]: d["state"] for d in v["datasets"]} for v in (nightly, yearly)}
    state = {kind: found["ges/inventaire_communal"] for kind, found in states.items()}
    assert state == {"nightly": "non_demandee", "yearly": "inchangee"}
    assert not yearly["release"]["published"] and small.current == before


def test_a_changed_figure_is_published_compared_withdrawn_and_not_republished(small: Small, tomorrow: Portal) -> None:
    first = small.current
    tomorrow.faults.add(
        "data.drees.solidarites-sante.gouv.fr", "/", "changed", code="59172", column="apl", factor=1.05
    )
    value = small.night("nightly", "--nuit", NEXT.isoformat(), portal=tomorrow.url)
    assert value["exit_code"] == 0, value["summary"]
    second = small.current
    assert second.startswith("2026-11-21-") and value["release"]["published"]
    assert "drees/apl_generalistes" in value["release"]["reason"]
    code, text = small("diff", first, second)
    assert code == 0 and "apl_medecins_generalistes" in text and "commune 59172" in text
    assert small("rollback", first, "--reason", "essai")[0] == 0
    assert small.current == first
    again = small.night("nightly", "--nuit", NEXT.isoformat(), portal=tomorrow.url)
    assert "retirée" in again["release"]["reason"] and not again["release"]["published"]
    assert small.current == first
    code, text = small("releases")
    assert code == 0 and f"{first}  publiée" in text and "retirée (essai)" in text


def test_a_rejected_candidate_leaves_the_release_and_is_not_rebuilt(small: Small, tmp_path: Path) -> None:
    stricter = replace(small, code=tmp_path / "racine")
    shutil.copytree(small.code, stricter.code)
    suite = stricter.code / "expectations" / "candidat.yml"
    text = suite.read_text(encoding="utf-8")
    suite.write_text(text.replace("max_value: 80000", "max_value: 100"), encoding="utf-8")
    assert text != suite.read_text(encoding="utf-8")
    before = small.current
    for attempt in (1, 2):
        code, out = stricter("nightly")
        assert code == 4, out
        assert small.current == before
        assert len([p for p in (small.warehouse / "candidates").iterdir()]) == 1
        steps = [step["name"] for step in small.record["steps"]]
        assert ("construire" in steps) == (attempt == 1)


def test_purged_bytes_are_gone_everywhere_and_named(small: Small) -> None:
    (edition,) = observatory(small.warehouse).log.of("ademe_dpe/etiquettes")
    sha = edition.pages[0]["sha256"]
    code, text = small("purge", sha, "--reason", "demande d'effacement")
    assert code == 0 and "ademe_dpe/etiquettes" in text
    assert small.current in text
    assert not list(small.warehouse.rglob(sha)) and list(small.warehouse.rglob(f"{sha}.purge"))
    code, text = small("rebuild", "--as-of", "2026-11-20")
    assert "ne peut plus être reconstruite" in text and code == 1
    assert small("purge", "0" * 64, "--reason", "x")[0] == 1


def test_a_typing_error_in_the_contacts_stops_nothing(small: Small, tmp_path: Path) -> None:
    contacts = tmp_path / "contacts.csv"
    contacts.write_text("role;theme;adresse\nreferent_e1;;pas une adresse\n", encoding="utf-8")
    value = small.night(contacts=contacts)
    assert value["exit_code"] == 0
    assert any("contacts" in error["where"] for error in value["errors"]), value["errors"]


def test_a_list_of_communes_with_holes_hurts_no_other_source(small: Small, tomorrow: Portal) -> None:
    tomorrow.faults.add("geo.api.gouv.fr", "/", "missing_communes", count=3)
    value = small.night("nightly", "--nuit", NEXT.isoformat(), portal=tomorrow.url)
    states = {d["id"]: d["etat"] for d in value["datasets"]}
    assert states.pop("geo/communes") == "perime"
    states.pop("geo/contours")  # the same publisher
    for name in ("saisies/indicateurs", "saisies/reponses"):  # nobody made a deposit
        states.pop(name)
    assert set(states.values()) == {"a_jour"}
    assert value["exit_code"] == 3 and value["release"]["published"]


def test_one_dataset_asked_alone_leaves_the_others_as_they_were(small: Small, tomorrow: Portal) -> None:
    tomorrow.faults.add("data.drees.solidarites-sante.gouv.fr", "/", "server_error", status=500)
    jeu = "drees/apl_generalistes"
    value = small.night("nightly", "--nuit", NEXT.isoformat(), "--only", jeu, portal=tomorrow.url, tries=1)
    assert value["exit_code"] == 3 and value["release"]["published"] and value["kind"] == "source"
    told = {d["id"]: (d["state"], d["etat"]) for d in value["datasets"] if not d["id"].startswith("referentiel/")}
    assert told.pop(jeu) == ("en_echec", "perime")
    assert set(told.values()) == {("non_demandee", "a_jour"), ("non_demandee", "jamais_recu")}  # no deposit yet
    (notice,) = (small.warehouse / "state" / "outbox").glob("*-intendant-*.eml")
    assert (
        "n’a pas pu être reçue"
        in message_from_bytes(notice.read_bytes(), policy=default).get_body(("plain",)).get_content()
    )
    # A run that asks nobody keeps what was broken broken, and publishes nothing.
    value = small.night("inbox", "--nuit", NEXT.isoformat(), portal=tomorrow.url)
    assert value["exit_code"] == 0 and not value["release"]["published"]
    assert {d["id"]: d["etat"] for d in value["datasets"]}[jeu] == "perime"
    code, text = small("nightly", "--nuit", NEXT.isoformat(), "--only", "rien/du_tout")
    assert code == 2 and "rien/du_tout" in text
