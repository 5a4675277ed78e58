"""The stewards' report: what it says of a run, and that nothing in it can run or be fetched."""

from __future__ import annotations

import base64
import json
import re

import pytest
import yaml

from flows.core.errors import ConfigurationError
from flows.publishing.report import render_report
from flows.quality.report import run_report_data
from tests.quality.frames import ROOT

TEMPLATES = ROOT / "site" / "templates"
WORDS = yaml.safe_load((ROOT / "site" / "words.yml").read_text(encoding="utf-8"))


def check(**more):
    base = {
        "portee": "edition",
        "jeu": "insee/filosofi",
        "edition": "e1",
        "partition": "communes-200042190",
        "suite": "insee__filosofi",
        "regle": "medianes",
        "enonce": "Une médiane est plausible.",
        "pourquoi": "Sinon l’unité a changé.",
        "severite": "bloquant",
        "resultat": "passe",
        "observe": "3 lignes regardées",
        "lignes": 3,
        "ecarts": 0,
        "exemples": "[]",
        "indicateurs": ["revenu_median_uc"],
    }
    return {**base, **more}


def record(**more):
    base = {
        "id": "2026-11-20-002",
        "mode": "demonstration",
        "nuit": "2026-11-20",
        "started_at": "2026-11-20T01:30:00+00:00",
        "ended_at": "2026-11-20T01:31:12+00:00",
        "exit_code": 0,
        "summary": "Version publiée.",
        "release": {"id": "2026-11-20-7f3a", "published": True, "reason": ""},
        "steps": [{"name": "recevoir", "seconds": 1.5, "state": "fait"}],
        "datasets": [
            {"id": "insee/filosofi", "titre": "Filosofi", "state": "nouvelle", "new_editions": 1, "rows": 3},
        ],
        "checks": [check()],
        "changes": [],
        "errors": [],
        "mail": {},
    }
    return {**base, **more}


def page(data=None, **options):
    told = run_report_data(data or record(), words=WORDS, **options)
    json.dumps(told)
    return told, render_report(told, TEMPLATES)


def test_a_quiet_run_asks_nothing():
    told, html = page()
    assert told["ton"] == "bien" and told["duree"] == "2 s"
    assert "Rien. 1 contrôle a été passé." in html and "2026-11-20-7f3a" in html


def test_what_blocks_comes_first_with_rule_rows_owner_and_decision():
    rows = [{"geo_code": f"59{n:03d}", "value": n} for n in range(45)]
    failing = check(resultat="bloquant", ecarts=45, exemples=json.dumps(rows), regle="bornes")
    review = check(resultat="a_revoir", regle="aaa", jeu="a/a")
    told, html = page(
        record(checks=[review, failing, check()], exit_code=3),
        owners={"insee__filosofi": "Service de la donnée"},
        fingerprints={"e1": "ab" * 32},
        indicators={"revenu_median_uc": "Revenu médian"},
    )
    assert told["a_decider"]["bloquants"][0]["regle"] == "bornes"
    assert len(told["a_decider"]["bloquants"][0]["exemples"]) == 20
    assert html.index("bornes") < html.index("aaa")
    assert "Les 20 premières lignes" in html and "Revenu médian" in html and "Service de la donnée" in html
    assert f"edition,insee/filosofi,communes-200042190,bornes,{('ab' * 8)},accepter" in html
    address = re.search(r'href="(data:text/csv[^"]+)"', html)[1]
    text = base64.b64decode(address.split(",", 1)[1]).decode("utf-8-sig")
    assert len(text.strip().splitlines()) == 46


def test_an_error_of_the_gate_is_not_shown_as_a_failure_of_data():
    _, html = page(record(checks=[check(resultat="erreur", observe="colonne absente")]))
    assert "La règle n’a pas pu être évaluée" in html


def test_datasets_say_freshness_coverage_secret_and_state():
    entry = {
        "id": "insee/filosofi",
        "titre": "Filosofi",
        "state": "en_echec",
        "perime_depuis": "2026-11-17",
        "expected_next": "2027-01-31",
        "late": True,
        "error": {"what": "Pas de réponse.", "where": "https://exemple", "todo": "attendre."},
    }
    counted = {"lignes": 164, "communes": 81, "communes_attendues": 82, "secretes": 42, "parmi": 164}
    told, html = page(
        record(datasets=[entry]),
        measures={"insee/filosofi": counted},
    )
    assert told["jeux"][0]["secret_part"] == 25.6
    for words in ("81 sur 82", "25,6 %", "périmé depuis le 17/11/2026", "31/01/2027", "en retard", "Pas de réponse."):
        assert words in html, words


@pytest.mark.parametrize("code", [None, 0, 1, 3, 4, 5])
def test_every_outcome_has_its_sentence(code):
    told, html = page(record(exit_code=code))
    assert told["resultat"] in html.replace("&#39;", "'")


def test_a_run_killed_before_anything_still_has_a_report():
    told, html = page({"id": "2026-11-20-001", "nuit": "2026-11-20", "mode": "reel"})
    assert "n’est pas allée à son terme" in html and told["jeux"] == []


def test_mail_and_changes():
    mail = {
        "composed": 2,
        "sent": 1,
        "written": 0,
        "pending": 1,
        "fallbacks": [{"role": "referent_e3", "vers": "2p2t"}],
        "not_sent": [{"indicateur": "population", "raison": "aucune trajectoire n’est fixée"}],
        "waiting": [
            {"key": "c1e", "subject": "S", "role": "R", "error": "refus", "attempts": 2, "state": "echec"},
            {"key": "ab12", "subject": "T", "role": "R", "error": "coupure", "attempts": 1, "state": "refuse"},
        ],
    }
    change = {"indicateur": "population", "etat_avant": "a_surveiller", "etat_apres": "derive", "cause": "revision"}
    _, html = page(record(mail=mail, changes=[change]), roles={"referent_e3": "référent de l’engagement 3"})
    assert "c1e" not in html and "referent_e3" not in html and "(s)" not in html
    for words in (
        "référent de l’engagement 3",
        "2 messages composés, 1 envoyé, 0 écrit dans un fichier",
        "1 rôle sans adresse : les messages sont adressés au 2P2T",
        "observatoire settle ab12 --send-again",
        "refus (2 essais)",
        "aucune trajectoire n’est fixée",
        "refus",
        "À surveiller → En dérive",
    ):
        assert words in html, words


def test_hostile_texts_are_only_texts_and_nothing_is_fetched():
    hostile = "<script>alert(1)</script>"
    rows = [{"nom": "=cmd|' /C calc'!A0", "x": hostile}] * 30
    data = record(
        checks=[check(resultat="bloquant", enonce=hostile, observe=hostile, ecarts=30, exemples=json.dumps(rows))],
        errors=[{"step": "s", "what": hostile, "where": hostile, "todo": hostile}],
    )
    told, html = page(data)
    assert "<script" not in html
    assert not re.search(r'(src|href)="(https?:|//)', html)
    assert "'=cmd" in told["a_decider"]["bloquants"][0]["exemples_csv"]


def test_the_same_record_gives_the_same_page():
    assert page()[1] == page()[1]


def test_a_broken_template_is_a_clear_error(tmp_path):
    (tmp_path / "rapport").mkdir()
    (tmp_path / "rapport" / "rapport.html.j2").write_text("{{ r.absent.x }}", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="rapport"):
        render_report({}, tmp_path)
