"""The words of messages: figures with their marks, ceilings, gaps, what the 2P2T is told, labels of the site."""

from __future__ import annotations

import datetime as dt
import html
import re

import pytest
import yaml

from flows.alerts.compose import compose
from flows.alerts.contacts import LABELS, Recipient
from flows.alerts.mime import one_line
from flows.alerts.render import number, quantity
from flows.alerts.wording import gap_words, period_words, sentence
from tests.alerts.conftest import ROOT
from tests.tiny_release import tiny_release

SLUG = "consommation_enaf"


def to_lead(composition, address="e2@exemple.fr"):
    return next(m for m in composition.messages if m.recipient == address)


def real_like(rows):
    """The budget of the real observatory: a base that is not the start of the curve, a note that ends in a stop."""
    return [
        {**r, "base_valeur": 379.08, "base_note": "Total des surfaces consommées.", "manque": "Le point de passage."}
        if r["indicateur"] == SLUG
        else r
        for r in rows
    ]


def test_a_ceiling_is_not_told_as_a_fall(contacts, given):
    message = to_lead(compose(tiny_release(dim_trajectory=real_like), contacts, **given))
    for part in (message.text, html.unescape(message.html)):
        assert (
            "Plafond : 189,54\u00a0ha, fin 2030. Base de calcul : 379,08\u00a0ha. Total des surfaces consommées."
            in part
        )
        assert "Elle va" not in part and ".." not in part and "de retard" not in part
        assert "Ce qui manque encore : le point de passage." in part


def test_the_figure_says_that_it_is_a_running_total_and_provisional(contacts, given):
    def provisional(rows):
        return [{**r, "statut": "provisoire"} if r["ventilation"] == "cumul" else r for r in rows]

    message = to_lead(compose(tiny_release(fct_observation=provisional), contacts, opening=True, **given))
    assert "116,82\u00a0ha, cumul depuis 2021 (2024, provisoire)" in message.text
    assert (
        "Attendu la même année : 75,82\u00a0ha. Écart : +41,00\u00a0ha, soit +54,1\u00a0% de la valeur attendue."
        in (message.text)
    )


def test_every_figure_of_an_opening_has_its_source(contacts, given):
    message = to_lead(compose(tiny_release(), contacts, opening=True, **given))
    figures = len(re.findall(r"^  .*\d.* \(.*20\d\d.*\)$|^- .* : .*\d.* \(", message.text, re.MULTILINE))
    assert figures == message.text.count("  Source : ") >= 4


def opening(contacts, given, address="e2@exemple.fr", **tables):
    return to_lead(compose(tiny_release(**tables), contacts, opening=True, **given), address)


def test_an_opening_names_the_zone_and_the_missing_figure_of_the_agglomeration(contacts, given):
    def without_own(rows):
        return [r for r in rows if r["indicateur"] != "taux_pauvrete" or r["territoire_niveau"] == "commune"]

    def state(rows):
        return [{**r, "periode": None, "valeur": None} if r["indicateur"] == "taux_pauvrete" else r for r in rows]

    text = opening(contacts, given, "2p2t@exemple.fr", fct_observation=without_own, fct_status=state).text
    assert re.search(r"^- Taux de chômage, zone d[’']emploi de Valenciennes : 12,3", text, re.MULTILINE)
    line = next(line for line in text.splitlines() if line.startswith("- Taux de pauvreté"))
    assert "pas de chiffre" not in line and "communes sont sur la page" in line


def unset(rows):
    """States of the real observatory: several without objective for one reason, one whose objective is incomplete."""
    reason = "Aucun objectif chiffré et daté n’a été adopté pour cet indicateur."
    out = []
    for row in rows:
        told = {"etat": "trajectoire_a_fixer", "raison": "aucune_trajectoire", "raison_texte": reason}
        if row["indicateur"] == "production_enr":
            told |= {"raison": "trajectoire_incomplete", "raison_texte": "L’objectif est incomplet."}
        out.append({**row, **told} if row["indicateur"] != SLUG else row)
    return out


def test_a_reason_said_above_several_is_in_the_plural(contacts, given):
    text = opening(contacts, given, fct_status=unset).text
    assert "n’a été adopté pour ces indicateurs." in text and "cet indicateur" not in text
    assert "Trajectoire à compléter. L’objectif est incomplet." in text
    assert "Pas encore d’objectif chiffré." in text and "à fixer" not in text


def test_the_pilot_is_not_told_to_write_to_itself(contacts, given):
    pilot = opening(contacts, given, "2p2t@exemple.fr", fct_status=unset)
    for part in (pilot.text, html.unescape(pilot.html)):
        assert "dites-le au 2P2T" not in part and "Rien aujourd’hui" not in part
        assert "Ce qui vous revient" in part and "1 trajectoire est à compléter" in part
    lead = opening(contacts, given, fct_status=unset)
    assert "Rien aujourd’hui" in lead.text and "Ce qui vous revient" not in lead.text


def test_a_floor_and_the_period_of_the_indicator_are_said(contacts, given):
    def floor(rows):
        noted = {"note": "Valeur plancher : 2 communes non comptées.", "statut": "estime"}
        return [{**r, **noted} if r["indicateur"] == "production_enr" else r for r in rows]

    text = opening(contacts, given, fct_observation=floor).text
    assert "  au moins 84,3\u00a0GWh (2025, estimé)" in text
    late = next(line for line in opening(contacts, given, "2p2t@exemple.fr").text.splitlines() if "chômage" in line)
    assert "à\u00a0actualiser)" in late
    assert period_words({"periode_phrase": "12 mois au {fin}"}, "2026-07") == "12 mois au 31 juillet 2026"
    assert period_words({"periode_phrase": None}, "2026-07") == "juillet 2026"


def test_every_role_of_an_indicator_has_a_french_name():
    roles = set()
    for path in sorted((ROOT / "dbt_project" / "models" / "indicators").glob("ind_*.yml")):
        meta = yaml.safe_load(path.read_text(encoding="utf-8"))["models"][0]["config"]["meta"]
        roles |= {Recipient.parse(text).role for text in meta["destinataires"]}
    assert roles and roles <= set(LABELS)


def test_a_gap_between_percentages_is_in_points():
    row = {"attendu": 12.0, "ecart": -0.5, "valeur": 11.5}
    assert gap_words(row, 1, "%")["ecart"] == "\u22120,5\u00a0point"
    assert gap_words({**row, "ecart": 3.0}, 1, "%")["ecart"] == "+3,0\u00a0points"


@pytest.mark.parametrize("text", ["Cerema.", "Cerema..", "Cerema", "Cerema . "])
def test_one_full_stop(text):
    assert sentence(text) == "Cerema." and sentence("") == ""


def test_an_unfinished_year_says_up_to_which_day():
    until = dt.date(2026, 11, 19)
    assert period_words({}, "2026", until) == "du 1er janvier au 19 novembre 2026"
    assert period_words({"periode_phrase": "base au {fin}"}, "2026-06") == "base au 30 juin 2026"


def test_a_national_rule_is_not_told_as_adopted(contacts, given):
    def national(rows):
        return [{**r, "origine_territoire": "F"} if r["indicateur"] == SLUG else r for r in rows]

    message = to_lead(compose(tiny_release(dim_trajectory=national), contacts, **given))
    assert "(obligation nationale rappelée dans un document ; non répartie)" in message.text
    assert "adopté" not in message.text


def test_numbers():
    assert number(18550.0) == "18\u202f550"
    assert number(-3.25, 1) == "\u22123,2" or number(-3.25, 1) == "\u22123,3"
    assert number(None) == "non connu"
    assert number(-0.0001, 1) == "0,0"
    assert quantity(None, 1, "ha") == "non connu"
    assert one_line("a\r\nb" * 200, 20).endswith("…")
