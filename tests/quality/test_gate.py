"""The gate: errors are never passes, decisions, parameters, measures, verdicts, the table."""

from __future__ import annotations

import datetime as dt
import json

import pyarrow as pa
import pytest

from flows.core.errors import GateError, StewardTableError
from flows.core.tables import TABLES
from flows.quality.checks import Subject, checks_table, gate_error, unmatched_decisions, verdict
from flows.quality.decisions import Decision, parse_decisions
from flows.quality.gate import evaluate, measure, parameters_for
from flows.quality.runner import raised
from flows.quality.suites import Suite
from tests.quality import frames

PRINT = "ab" * 32
SUBJECT = Subject("edition", "un/jeu", "e1", "2021", PRINT, ("population",))


def suite(**rule) -> Suite:
    base = {
        "id": "une_regle",
        "attente": "expect_column_values_to_be_between",
        "parametres": {"column": "v", "min_value": 0, "max_value": 10},
        "enonce": "Une valeur est entre 0 et 10.",
        "pourquoi": "Sinon elle est fausse.",
        "severite": "bloquant",
        "cles": ["k"],
    }
    return Suite.model_validate(
        {"suite": "un__jeu", "etape": "edition", "proprietaire": "Service", "regles": [{**base, **rule}]}
    )


def rows(*values, **columns) -> pa.Table:
    return pa.table({"k": [f"c{n}" for n in range(len(values))], "v": list(values), **columns})


def one(table, *, decisions=(), parameters=None, subject=SUBJECT, **rule):
    checks = evaluate(suite(**rule), table, parameters=parameters or {}, decisions=decisions, subject=subject)
    assert len(checks) == 1
    return checks[0]


def test_a_failure_shows_its_rows_with_their_keys():
    check = one(rows(1.0, 11.0, None, 12.5))
    assert (check.resultat, check.ecarts, check.lignes) == ("bloquant", 2, 4)
    assert json.loads(check.exemples) == [{"k": "c1", "v": 11}, {"k": "c3", "v": 12.5}]
    assert check.observe == "2 lignes hors de la règle sur 4"
    assert check.indicateurs == ("population",) and check.edition == "e1"


def test_review_severity():
    assert one(rows(11.0), severite="a_revoir").resultat == "a_revoir"


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"parametres": {"column": "absent", "min_value": 0}}, "colonne absente : absent"),
        ({"lignes": "absent > 3"}, "le filtre"),
        ({"lignes": "v >"}, "le filtre"),
        ({"cles": ["absente"]}, "clé absente"),
        ({"parametres": {"column": "k", "min_value": 0}}, ""),
        ({"parametres": {"column": "v", "min_value": 10, "max_value": 0}}, ""),
        ({"parametres": {"column": "v", "min_value": 0, "inconnu": 1}}, "paramètres refusés"),
        ({"parametres": {"column": "v", "max_value": {"parametre": "seuil"}}}, "« seuil » n'a pas été fourni"),
        ({"vue": {"nom": "communes_presentes", "colonne": "k"}}, "communes attendues n'est pas connue"),
        ({"vue": {"nom": "somme", "colonne": "absente"}}, "colonne absente de la table"),
    ],
)
def test_a_rule_that_cannot_be_evaluated_is_an_error_never_a_pass(rule, words):
    check = one(rows(1.0, 2.0), **rule)
    assert check.resultat == "erreur"
    assert words in check.observe
    assert verdict([check]) == "rejected"
    assert gate_error([check]).where == "expectations/un__jeu.yml, règle une_regle"


def test_exceptions_hidden_in_the_result_are_read_in_both_shapes():
    assert raised({"raised_exception": False}) == "" and raised({}) == "" and raised(None) == ""
    assert raised({"raised_exception": True, "exception_message": "a"}) == "a"
    keyed = {"MetricConfigurationID(x)": {"raised_exception": True, "exception_message": "b"}}
    assert raised(keyed) == "b"


def test_no_row_is_an_anomaly_unless_said_normal():
    assert one(rows(1.0), lignes="v > 5").resultat == "bloquant"
    check = one(rows(1.0), lignes="v > 5", si_vide="sans_objet")
    assert (check.resultat, check.lignes) == ("passe", 0) and "sans objet" in check.observe
    assert one(rows(1.0).slice(0, 0)).resultat == "bloquant"


def test_a_column_without_any_value_does_not_pass():
    assert one(rows(None, None).cast(pa.schema([("k", pa.string()), ("v", pa.float64())]))).resultat == "bloquant"


def test_a_rule_of_other_partitions_gives_no_check_and_nothing_is_no_verdict():
    checks = evaluate(suite(partitions=["communes-*"]), rows(1.0), parameters={}, subject=SUBJECT)
    assert checks == []
    with pytest.raises(GateError):
        verdict(checks)


def test_a_comparison_without_previous_gives_no_check():
    rule = {
        "vue": {"nom": "couverture", "colonne": "v"},
        "parametres": {"column": "perte", "max_value": 2},
        "cles": [],
    }
    assert evaluate(suite(**rule), rows(1.0), parameters={}, subject=SUBJECT) == []
    check = one(rows(1.0, None), parameters={"precedente": rows(1.0, 2.0)}, **rule)
    assert check.resultat == "bloquant" and json.loads(check.exemples)[0]["perte"] == 50


def test_dates_and_parameters():
    table = pa.table({"k": ["a"], "v": pa.array([dt.date(2026, 11, 21)], pa.date32())})
    rule = {"parametres": {"column": "v", "max_value": {"parametre": "nuit"}}}
    assert one(table, parameters={"nuit": dt.date(2026, 11, 21)}, **rule).resultat == "passe"
    check = one(table, parameters={"nuit": dt.date(2026, 11, 20)}, **rule)
    assert check.resultat == "bloquant" and json.loads(check.exemples) == [{"k": "a", "v": "2026-11-21"}]


def test_the_year_of_a_partition_is_a_parameter():
    rule = {
        "attente": "expect_column_values_to_be_in_set",
        "parametres": {"column": "v", "value_set": [{"parametre": "annee"}]},
    }
    assert one(rows(2021), **rule).resultat == "passe"
    assert one(rows(2020), **rule).resultat == "bloquant"


def decision(**more) -> Decision:
    base = {
        "portee": "edition",
        "jeu": "un/jeu",
        "partition": "2021",
        "regle": "une_regle",
        "empreinte": PRINT[:16],
        "decision": "accepter",
        "motif": "vérifié",
        "auteur": "Service",
        "date": dt.date(2026, 11, 1),
    }
    return Decision(**{**base, **more})


def test_an_accepted_failure_does_not_block_and_says_who():
    check = one(rows(11.0), decisions=[decision()])
    assert check.resultat == "deroge" and "Service" in check.observe
    assert verdict([check]) == "accepted"
    assert one(rows(11.0), decisions=[decision()], severite="a_revoir").resultat == "deroge"
    assert unmatched_decisions([decision()], [check]) == []


@pytest.mark.parametrize(
    "change",
    [
        {"empreinte": "f" * 16},
        {"partition": "2020"},
        {"jeu": "a/b"},
        {"regle": "autre"},
        {"portee": "candidat"},
    ],
)
def test_a_decision_about_something_else_changes_nothing_and_is_reported(change):
    other = decision(**change)
    check = one(rows(11.0), decisions=[other])
    assert check.resultat == "bloquant"
    reported = unmatched_decisions([other], [check])
    assert len(reported) == 1 and reported[0].resultat == "a_revoir"
    assert "s'applique" in reported[0].enonce


def test_a_decision_never_hides_an_error():
    check = one(rows(1.0), decisions=[decision()], lignes="absent > 3")
    assert check.resultat == "erreur"


def test_a_rejection_blocks_what_would_only_be_reviewed():
    check = one(rows(11.0), decisions=[decision(decision="rejeter")], severite="a_revoir")
    assert check.resultat == "bloquant" and "rejeté" in check.observe


def test_the_latest_decision_counts():
    later = decision(decision="rejeter", date=dt.date(2026, 11, 5))
    table = pa.Table.from_pylist([vars(later), vars(decision())])
    parsed = parse_decisions(table, nuit=dt.date(2026, 11, 20))
    assert one(rows(11.0), decisions=parsed).resultat == "bloquant"
    early = parse_decisions(table, nuit=dt.date(2026, 11, 2))
    assert one(rows(11.0), decisions=early).resultat == "deroge"


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"portee": "site"}, "portee"),
        ({"decision": "oublier"}, "decision"),
        ({"jeu": ""}, "jeu"),
        ({"motif": " "}, "motif"),
        ({"auteur": None}, "auteur"),
        ({"empreinte": "abc"}, "empreinte"),
        ({"date": None}, "date"),
    ],
)
def test_a_wrong_decision_is_refused_with_its_line(change, column):
    table = pa.Table.from_pylist([vars(decision()), {**vars(decision()), **change}])
    with pytest.raises(StewardTableError) as error:
        parse_decisions(table, nuit=dt.date(2026, 11, 20))
    assert error.value.where == f"decisions.csv, ligne 3, colonne {column}"


def test_the_table_has_the_schema_of_the_release_and_one_order():
    checks = [one(rows(11.0)), one(rows(1.0), id="autre_regle")]
    table = checks_table(checks)
    assert table.schema == TABLES["fct_check"]
    assert table["regle"].to_pylist() == ["autre_regle", "une_regle"]
    assert checks_table(list(reversed(checks))) == table
    assert checks_table([]).num_rows == 0


def test_evaluating_twice_gives_the_same():
    assert one(rows(11.0, 12.0)) == one(rows(11.0, 12.0))


def test_measures_count_communes_and_secrets(suites, parameters):
    table = frames.demonstration("insee__filosofi")
    told = measure(suites["insee__filosofi"], table, parameters=parameters)
    assert (told["communes"], told["communes_attendues"], told["secretes"]) == (82, 82, 42)
    part = frames.partitions("insee__filosofi", table)["communes-200042190"]
    told = measure(suites["insee__filosofi"], part, parameters=parameters, partition="communes-200042190")
    assert (told["communes"], told["communes_attendues"]) == (47, 47)


def test_the_usual_parameters():
    from flows.core.datasets import Territory

    territory = Territory("200042190", "n", ("245901160",), "59", "32", "596", "3222", ())
    told = parameters_for(territory, nuit=dt.date(2026, 11, 20), communes={"59002": "200042190"})
    assert told["epcis"] == ["200042190", "245901160"] and told["absences"] == []
    assert told["predecesseur"] is None
