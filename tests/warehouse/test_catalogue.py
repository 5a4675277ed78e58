"""The declared indicators: refusals that say where and what to do, the table they become, the words themselves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from flows.core.errors import ConfigurationError
from flows.core.tables import TABLES
from flows.warehouse.catalogue import indicator_models, indicators_table, read_indicators
from flows.warehouse.words import SENTENCES, Words
from tests.warehouse.kit import PROJECT, TERRITORY
from tests.warehouse.landed import ROOT, demonstration_rows

FOLDER = PROJECT / "models" / "indicators"
ISSUE = {
    "revenu_median_uc",
    "taux_pauvrete",
    "taux_chomage_zone_emploi",
    "consommation_energie_finale",
    "production_enr",
    "emissions_ges",
    "part_logements_dpe_fg",
    "apl_medecins_generalistes",
    "consommation_enaf",
    "points_recharge_irve",
    "jours_air_degrade",
    "autonomie_energetique",
    "population",
    "taux_vacance",
}


@pytest.fixture(scope="module")
def indicators():
    return read_indicators(FOLDER)


@pytest.fixture(scope="module")
def table(indicators):
    return indicators_table(indicators, TERRITORY, demonstration_rows()["referentiel__catalogue"])


def test_the_indicators_of_the_issue_are_declared(indicators):
    found = {indicator.indicateur: indicator.calcule for indicator in indicators}
    assert found.keys() >= ISSUE
    assert all(found[name] for name in ISSUE)
    assert indicator_models(indicators) == sorted(i.model for i in indicators if i.calcule)
    orders = [indicator.words.ordre for indicator in indicators]
    assert orders == sorted(orders)


def test_table_is_dim_indicator(table, indicators):
    assert table.schema == TABLES["dim_indicator"]
    rows = {row["indicateur"]: row for row in table.to_pylist()}
    assert len(rows) == len(indicators)
    assert rows["revenu_median_uc"]["engagements"] == ["e1"]
    assert rows["revenu_median_uc"]["champs"] == ["e1_equite_bassins"]
    assert rows["consommation_enaf"]["engagements"] == ["e2", "e3"]
    assert rows["consommation_enaf"]["ventilations"] == ["cumul_2021: Cumul depuis le 1er janvier 2021"]
    assert rows["part_logements_dpe_fg"]["engagements"] == ["e1"]
    unemployment = rows["taux_chomage_zone_emploi"]
    assert (unemployment["territoire_niveau"], unemployment["territoire_code"]) == ("zone_emploi", "3222")
    assert rows["autonomie_energetique"]["calcule"] and not rows["autonomie_energetique"]["raison"]
    assert rows["population"]["contexte"]
    decimals = {name: (r["decimales"], r["decimales_commune"], r["decimales_donnees"]) for name, r in rows.items()}
    assert decimals["taux_pauvrete"] == (1, 0, 1)
    assert decimals["production_enr"] == (1, 1, 3)
    assert rows["production_enr"]["periode_phrase"] == "12 mois au {fin}"
    assert not [(name, c) for name, row in rows.items() for c, v in row.items() if v is None]


def test_a_first_run_without_catalogue_derives_nothing(indicators):
    rows = indicators_table(indicators, TERRITORY, []).to_pylist()
    assert all(row["engagements"] == [] and row["champs"] == [] for row in rows)


def _write(folder: Path, change, name: str = "ind_population", sql: bool = True) -> Path:
    """A folder with one indicator, its meta changed by `change`."""
    text = (FOLDER / "ind_population.yml").read_text(encoding="utf-8")
    document = yaml.safe_load(text)
    change(document["models"][0]["config"]["meta"])
    document["models"][0]["name"] = name
    (folder / f"{name}.yml").write_text(
        yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8"
    )
    if sql:
        (folder / f"{name}.sql").write_text("select 1", encoding="utf-8")
    return folder


REFUSALS = {
    "unknown key": (lambda m: m.update(couleur="rouge"), "La clé « couleur » n'existe pas"),
    "missing": (lambda m: m.pop("titre"), "La clé « titre » manque"),
    "empty": (lambda m: m.update(titre="  "), "La clé « titre » n'a pas une valeur permise"),
    "polarity": (lambda m: m.update(polarite="up"), "La clé « polarite » vaut « up »"),
    "level": (lambda m: m.update(comparaisons=["pays"]), "La clé « comparaisons.0 » vaut « pays »"),
    "decimals": (lambda m: m.update(decimales=-1), "La clé « decimales »"),
    "placeholder": (lambda m: m.update(phrase="{valeur} à {lieu}."), "repère inconnu {lieu}"),
    "day of a plain sentence": (lambda m: m.update(phrase="{valeur} au {fin}."), "repère inconnu {fin}"),
    "floor without value": (lambda m: m.update(phrase_plancher="Au moins."), "phrase_plancher : le repère {valeur}"),
    "secret with its value": (
        lambda m: m.update(phrase_secret="{valeur}."),
        "phrase_secret : repère inconnu {valeur}",
    ),
    "period without mark": (lambda m: m.update(periode_phrase="en cours"), "{periode} et {fin}"),
    "fewer decimals kept": (lambda m: m.update(decimales=2, decimales_donnees=1), "decimales_donnees"),
    "no value": (lambda m: m.update(phrase="Rien."), "le repère {valeur} est obligatoire"),
    "recipient": (lambda m: m.update(destinataires=["quelqu'un@exemple.fr"]), "La clé « destinataires.0 »"),
    "repeated": (lambda m: m.update(sert=["e1", "e1"]), "sert : une valeur est répétée"),
    "dataset": (lambda m: m.update(jeux=["insee"]), "La clé « jeux.0 »"),
    "reason although computed": (lambda m: m.update(raison="Parce que."), "ne donne pas de « raison »"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refusals_say_where_and_what_to_do(tmp_path, case):
    change, message = REFUSALS[case]
    with pytest.raises(ConfigurationError) as caught:
        read_indicators(_write(tmp_path, change))
    assert message in str(caught.value)
    assert re.fullmatch(r"ind_population\.yml, ligne \d+", caught.value.where)
    assert caught.value.todo


def test_the_line_named_is_the_line_of_the_key(tmp_path):
    folder = _write(tmp_path, lambda m: m.update(couleur="rouge"))
    with pytest.raises(ConfigurationError) as caught:
        read_indicators(folder)
    line = int(caught.value.where.rsplit(" ", 1)[1])
    assert "couleur" in (folder / "ind_population.yml").read_text(encoding="utf-8").splitlines()[line - 1]


def test_an_indicator_without_sql_must_say_why(tmp_path):
    with pytest.raises(ConfigurationError, match="doit dire pourquoi"):
        read_indicators(_write(tmp_path, lambda m: None, sql=False))


def test_a_model_without_words_is_refused(tmp_path):
    _write(tmp_path, lambda m: None)
    (tmp_path / "ind_autre.sql").write_text("select 1", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"ind_autre\.sql n'a pas de fichier ind_autre\.yml"):
        read_indicators(tmp_path)


def test_two_indicators_never_share_an_order(tmp_path):
    _write(tmp_path, lambda m: None)
    _write(tmp_path, lambda m: None, name="ind_autre")
    with pytest.raises(ConfigurationError, match="Deux indicateurs ont l'ordre"):
        read_indicators(tmp_path)


def test_files_that_are_not_one_indicator(tmp_path):
    with pytest.raises(ConfigurationError, match="Aucun indicateur"):
        read_indicators(tmp_path)
    path = tmp_path / "ind_x.yml"
    for text, message in (
        ("models:\n  - a: [", "YAML lisible"),
        ("models: []", "exactement un modèle"),
        ("models: [{name: ind_y}]", "n'est pas celui du fichier"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigurationError, match=message):
            read_indicators(tmp_path)


def test_an_id_that_the_catalogue_does_not_know_is_refused(indicators, tmp_path):
    (odd,) = read_indicators(_write(tmp_path, lambda m: m.update(sert=["e1_inconnu"])))
    with pytest.raises(ConfigurationError, match="e1_inconnu"):
        indicators_table([odd], TERRITORY, [{"id": "e1", "type": "engagement", "parent": "", "ordre": 1}])


def test_every_key_is_documented_and_nothing_else():
    """docs/indicators.md lists exactly the keys of `Words`: an undocumented or a removed key fails here."""
    text = (ROOT / "docs" / "indicators.md").read_text(encoding="utf-8")
    table = text.split("## The keys", 1)[1].split("\n## ", 1)[0]
    documented = re.findall(r"^\| `([a-z_]+)` \|", table, re.M)
    assert sorted(documented) == sorted(Words.model_fields)


# A sentence ends with a full stop, its own or that of a quotation, a question mark, or an enumeration left open.
ENDS = (".", ".\u00a0»", "\u00a0?", "…")


def test_french_words_are_well_written(indicators):
    """Typography that a reader would notice: apostrophes, spaces before signs, full stops, sentence case."""
    for indicator in indicators:
        words = indicator.words
        for key in ("definition", "formule", "pourquoi", "limites", "raison", *(set(SENTENCES) - {"periode_phrase"})):
            text = getattr(words, key)
            where = f"{indicator.indicateur}.{key}"
            assert "'" not in text, where
            assert not re.search(r"[^\s\u00a0] [;:?!%»]|« ", text), where
            assert not re.search(r"  | ,| \.", text), where
            assert not text or ((text[0].isupper() or text[0] in "{«") and text.endswith(ENDS)), where
        for key in ("titre", "titre_court"):
            assert not getattr(words, key).endswith("."), indicator.indicateur
        assert len(words.titre_court) <= 40, indicator.indicateur


def test_declared_ventilations_are_those_of_the_figures(built, indicators):
    found = {}
    for name, ventilation in built.rows("select distinct indicateur, ventilation from fct_observation"):
        found.setdefault(name, set()).add(ventilation)
    for indicator in indicators:
        if indicator.calcule:
            undeclared = found.get(indicator.indicateur, set()) - {""} - set(indicator.words.ventilations)
            assert not undeclared, (indicator.indicateur, undeclared)


def test_declared_datasets_are_those_of_the_figures(built, indicators):
    for indicator in indicators:
        if not indicator.calcule or indicator.words.saisie == "oui":  # no deposit in these figures
            continue
        query = f"select distinct unnest(jeux) from fct_observation where indicateur = '{indicator.indicateur}'"
        used = {row[0] for row in built.rows(query)}
        assert used and used <= set(indicator.words.jeux), indicator.indicateur
