"""Suites: what is refused, with file and line, and the contract with docs/sources.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flows.core.errors import ConfigurationError
from flows.quality.suites import EXPECTATIONS, load_suite, load_suites
from tests.quality.frames import ROOT

GOOD = """suite: essai
etape: edition
proprietaire: "Service"
regles:
  - id: une_regle
    attente: expect_column_values_to_be_between
    parametres: {column: value, min_value: 0}
    enonce: "Une valeur est positive."
    pourquoi: "Sinon le signe est faux."
    severite: bloquant
"""


def write(folder: Path, text: str, name: str = "essai") -> Path:
    path = folder / f"{name}.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_suite_is_read(tmp_path):
    suite = load_suite(write(tmp_path, GOOD))
    assert suite.regles[0].id == "une_regle"
    assert suite.tables == ("decodee",)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("    severite: bloquant", "    severite: grave", 10, "hors de la liste"),
        ("    severite: bloquant", "    severite: bloquant\n    sévérité: x", 11, "clé inconnue"),
        ("    severite: bloquant\n", "", 5, "clé obligatoire absente"),
        ('    pourquoi: "Sinon le signe est faux."\n', '    pourquoi: "non"\n', 9, "texte trop court"),
        ("expect_column_values_to_be_between", "expect_magic", 5, "n'est pas connue"),
        ("{column: value, min_value: 0}", "{min_value: 0}", 5, "paramètre manquant"),
        ("{column: value, min_value: 0}", "{column: value}", 5, "min_value ou de max_value"),
        ("    severite: bloquant", "    severite: bloquant\n    severite: a_revoir", 11, "écrite deux fois"),
        ("    severite: bloquant", '    severite: bloquant\n    lignes: "@os.system(1)"', 11, "ne peut contenir"),
        ("    severite: bloquant", '    severite: bloquant\n    lignes: "value.__class__"', 11, "ne peut contenir"),
        ("    severite: bloquant", "    severite: bloquant\n    vue: inconnue", 11, "n'existe pas"),
        ("    severite: bloquant", "    severite: bloquant\n    vue: {nom: somme, colone: x}", 11, "option inconnue"),
        ("    severite: bloquant", "    severite: bloquant\n    vue: {nom: somme}", 11, "option manquante"),
        (
            "    severite: bloquant",
            "    severite: bloquant\n    table: fct_status",
            1,
            "réservé à la suite du candidat",
        ),
        ("id: une_regle", "id: Une-Règle", 5, "minuscules"),
        ("suite: essai", "suite: autre", 1, "n'est pas celui du fichier"),
        ("etape: edition", "etape: [", 4, "YAML"),
    ],
)
def test_a_wrong_suite_is_refused_with_its_line(tmp_path, old, new, line, words):
    assert old in GOOD
    with pytest.raises(ConfigurationError) as error:
        load_suite(write(tmp_path, GOOD.replace(old, new)))
    assert words in error.value.what.replace("’", "'")
    assert error.value.where == f"expectations/essai.yml, ligne {line}"
    assert error.value.todo


def test_not_utf8(tmp_path):
    path = tmp_path / "essai.yml"
    path.write_bytes(GOOD.replace("Service", "Évêché").encode("latin-1"))
    with pytest.raises(ConfigurationError, match="UTF-8"):
        load_suite(path)


def test_one_rule_id_in_two_suites(tmp_path):
    write(tmp_path, GOOD)
    write(tmp_path, GOOD.replace("suite: essai", "suite: second"), "second")
    with pytest.raises(ConfigurationError, match="deux suites"):
        load_suites(tmp_path)


def test_two_rules_of_one_id(tmp_path):
    rule = GOOD[GOOD.index("  - id") :]
    with pytest.raises(ConfigurationError, match="deux règles"):
        load_suite(write(tmp_path, GOOD + rule))


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(ConfigurationError, match="Aucune suite"):
        load_suites(tmp_path)


def test_every_landed_table_has_a_suite(suites):
    text = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    section = text[text.index("<!-- generated: datasets -->") : text.index("<!-- end: datasets -->")]
    datasets = re.findall(r"^\| `([a-z_]+/[a-z0-9_]+)`", section, flags=re.MULTILINE)
    assert len(datasets) >= 20
    assert {name.replace("/", "__") for name in datasets} == set(suites) - {"candidat"}


def test_every_suite_can_block_and_speaks_french(suites):
    for suite in suites.values():
        assert any(rule.severite == "bloquant" for rule in suite.regles), suite.suite
        for rule in suite.regles:
            assert rule.enonce.endswith("."), rule.id
            assert rule.pourquoi.endswith("."), rule.id


def test_every_expectation_offered_exists():
    import great_expectations.expectations as types

    for kind in EXPECTATIONS:
        assert hasattr(types, "".join(word.capitalize() for word in kind.split("_"))), kind
