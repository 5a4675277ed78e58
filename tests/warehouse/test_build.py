"""The dbt project built on the demonstration figures: tests green, contracts equal to core, figures as published."""

from __future__ import annotations

import csv
import json
import re

import pytest

from flows.core.tables import TABLES
from flows.core.words import Etat, Nature, Niveau, Statut
from flows.portal.figures import specs
from flows.warehouse.reader import FILES
from tests.warehouse.kit import PROJECT
from tests.warehouse.landed import ROOT, SCHEMAS

MARTS = sorted(set(TABLES) - set(FILES))
FIGURE = (
    "select valeur, statut, nature, note from fct_observation where indicateur = '{}' and territoire_niveau = '{}' "
)
FIGURE += "and territoire_code = '{}' and periode = '{}' and ventilation = '{}'"


def test_every_node_and_test_of_dbt_passes(built):
    bad = {node: status for node, status in built.results.items() if status not in ("success", "pass")}
    assert not bad
    kinds = [node.split(".")[0] for node in built.results]
    assert kinds.count("unit_test") >= 27
    assert kinds.count("test") >= 100
    models = {node.split(".")[-1] for node in built.results if node.startswith("model.")}
    assert models == {path.stem for path in (PROJECT / "models").rglob("*.sql")}


@pytest.mark.parametrize("mart", MARTS)
def test_marts_have_the_columns_of_core(built, mart):
    found = built.schema(mart)
    assert found.names == TABLES[mart].names
    # DuckDB names the items of a list otherwise; everything else is the same type.
    assert [re.sub(r"<\w+:", "<item:", str(f.type)) for f in found] == [str(f.type) for f in TABLES[mart]]


def test_closed_lists_of_the_marts_are_those_of_core():
    text = (PROJECT / "models" / "marts" / "marts.yml").read_text(encoding="utf-8")
    lists = [set(re.split(r", *", found)) for found in re.findall(r"values: \[([^\]]*)\]", text)]
    for words in (Etat, Statut, Nature, Niveau):
        assert {str(word) for word in words} in lists, words


def test_one_staging_model_a_dataset(built):
    staging = {path.stem.removeprefix("stg_") for path in (PROJECT / "models" / "staging").rglob("stg_*.sql")}
    # Corrections are applied to the copy a build reads (flows.landing.corrections), and answers to alerts move the
    # alert ledger after the marts are built (flows/candidate.py): no model reads their tables.
    assert staging == set(SCHEMAS) - {"referentiel__corrections", "saisies__reponses"}


def test_seeds_are_never_dbt_seeds():
    assert (PROJECT / "seeds" / "trajectoires.csv").exists()
    assert "seed-paths" in (PROJECT / "dbt_project.yml").read_text(encoding="utf-8")
    assert not (PROJECT / "dbt_seeds_unused").exists()


def test_the_file_depends_on_no_outside_path(built):
    """A release is one file: no view over Parquet, no path of the build inside it."""
    assert built.rows("select count(*) from duckdb_views() where not internal") == [(0,)]
    assert built.rows("select count(*) from duckdb_tables() where database_name = current_database()")[0][0] > 40


def test_territories(built):
    roles = dict(built.rows("select role, count(*) from dim_territory group by role"))
    assert (
        roles["membre"] == 47 and roles["membre_voisin"] == 35 and roles["territoire"] == 1 and roles["voisin"] == 1
    )
    total, declared = built.rows(
        "select sum(population) filter (where role = 'membre'), max(population) filter (where role = 'territoire') "
        "from dim_territory"
    )[0]
    assert total == declared > 150_000
    assert built.rows("select count(*) from dim_territory where niveau = 'commune' and contour is null") == [(0,)]


@pytest.mark.parametrize(
    ("indicateur", "niveau", "code", "periode", "ventilation", "valeur", "statut"),
    [
        # Insee, Filosofi 2019 (EPCI) and 2021 (communes)
        ("revenu_median_uc", "epci", "200042190", "2019", "", 18550.0, "definitif"),
        ("revenu_median_uc", "commune", "59172", "2021", "", 14890.0, "definitif"),
        ("taux_pauvrete", "commune", "59172", "2021", "", 43.0, "definitif"),
        ("taux_pauvrete", "commune", "59038", "2021", "", None, "secret"),
        # Insee, localised unemployment, third quarter of 2023
        ("taux_chomage_zone_emploi", "zone_emploi", "3222", "2023-T3", "", 12.3, "provisoire"),
        ("taux_chomage_zone_emploi", "departement", "59", "2025-T2", "", 9.8, "definitif"),
        # Agence ORE 2024: the power station stands beside the total, not in it
        ("consommation_energie_finale", "commune", "59092", "2024", "gaz_centrale_exclue", 1078.759, "definitif"),
        ("consommation_energie_finale", "commune", "59092", "2024", "gaz", 13.981, "definitif"),
        # IGT 2016
        ("emissions_ges", "epci", "200042190", "2016", "", 1065.686, "definitif"),
        # Cerema: the land consumed since 2021, last year provisional
        ("consommation_enaf", "epci", "200042190", "2024", "cumul_2021", 116.82, "provisoire"),
        ("consommation_enaf", "epci", "200042190", "2023", "cumul_2021", 77.99, "definitif"),
    ],
)
def test_figures(built, indicateur, niveau, code, periode, ventilation, valeur, statut):
    rows = built.rows(FIGURE.format(indicateur, niveau, code, periode, ventilation))
    assert [row[:2] for row in rows] == [(valeur, statut)]


def test_poverty_is_secret_for_42_of_the_82_communes_in_2021(built):
    rows = built.rows(
        "select statut, count(*), count(valeur) from fct_observation where indicateur = 'taux_pauvrete' "
        "and territoire_niveau = 'commune' and periode = '2021' group by statut order by statut"
    )
    assert rows == [("definitif", 40, 40), ("secret", 42, 0)]


def test_a_secret_or_a_missing_figure_never_has_a_value(built):
    assert built.rows(
        "select count(*) from fct_observation where (valeur is null) <> (statut in ('secret', 'manquant'))"
    ) == [(0,)]


def test_what_comes_from_a_simulated_edition_is_simulated(built):
    rows = built.rows("select indicateur, nature = 'simule', count(*) from fct_observation group by all order by all")
    simulated = {name for name, yes, _ in rows if yes}
    assert simulated == {"jours_air_degrade"}
    assert not {name for name, yes, _ in rows if not yes} & simulated


def test_figures_are_rounded_to_the_decimals_that_are_kept(built):
    assert built.rows(
        "select count(*) from fct_observation o join dim_indicator i using (indicateur) "
        "where valeur is distinct from round(valeur, i.decimales_donnees::integer)"
    ) == [(0,)]


@pytest.mark.parametrize("indicateur", ["production_enr", "emissions_ges"])
def test_a_small_figure_is_not_kept_as_zero(built, indicateur):
    """38 MWh injected by a commune are 0.038 GWh in the downloads; a kept zero is a zero."""
    nil = (
        "select count(*) from fct_observation o join ind_{0} i using (territoire_niveau, territoire_code, periode, "
        "ventilation) where o.indicateur = '{0}' and o.valeur = 0 and i.valeur > 0.0005"
    )
    assert built.rows(nil.format(indicateur)) == [(0,)]
    small = "select count(*) from fct_observation where indicateur = '{}' and valeur > 0 and valeur < 0.05"
    assert built.rows(small.format(indicateur))[0][0] > 0


def test_a_floor_is_an_estimate_and_a_ceiling_has_bounds(built):
    rows = built.rows(
        "select distinct statut from fct_observation where note like '%Valeur plancher%' and valeur is not null"
    )
    assert rows == [("estime",)]
    capped = built.rows(
        "select valeur, borne_basse, borne_haute, statut from fct_observation where note like '5 % ou%'"
    )
    assert set(capped) == {(5.0, 0.0, 5.0, "estime")}


def test_a_mean_by_total_population_is_an_estimate(built):
    rows = built.rows(
        "select distinct statut from fct_observation where indicateur = 'apl_medecins_generalistes' "
        "and note like '%faute de population standardisée%'"
    )
    assert rows == [("estime",)]


def test_the_day_up_to_which_a_figure_counts(built):
    for name in ("production_enr", "part_logements_dpe_fg", "points_recharge_irve"):
        rows = built.rows(
            f"select periode, jusqu_au from fct_observation where indicateur = '{name}' "
            "and territoire_niveau = 'epci' and ventilation = ''"
        )
        assert rows and all(day is not None and day.isoformat()[:7] == period for period, day in rows), name
    assert built.rows(
        "select count(*) from fct_observation where indicateur = 'population' and jusqu_au is not null"
    ) == [(0,)]


def test_a_provisional_overrun_says_the_final_one_before_it(built):
    ((text, details),) = built.rows(
        "select raison_texte, details from fct_status where indicateur = 'consommation_enaf'"
    )
    assert "En 2023, dernière année définitive, le cumul dépassait déjà le plafond de 21,13\u00a0ha." in text
    noise = json.loads(details)["bruit"]
    assert noise["methode"] == "serie_trop_courte"
    assert noise["texte"] == f"Série trop courte ({noise['points']} valeurs) : le bruit n’est pas estimé."


def test_no_update_is_expected_of_what_announces_none(built):
    assert built.rows(
        "select prochaine_attendue, a_actualiser from fct_status where indicateur = 'emissions_ges'"
    ) == [(None, False)]


def test_every_figure_says_where_it_comes_from(built):
    assert built.rows(
        "select count(*) from fct_observation where source = '' or licence = '' or len(editions) = 0"
    ) == [(0,)]
    sources = built.rows("select distinct source from fct_observation where indicateur = 'taux_vacance'")
    assert sorted(sources) == [("INSEE, Jeu insee__comparateur",), ("INSEE, Jeu insee__rp_logements",)]


def test_epci_sums_are_the_sums_of_their_communes(built):
    """Counts only: rounding apart (half a unit of the last decimal per commune)."""
    rows = built.rows(
        "select o.indicateur, o.periode, abs(max(e.valeur) - sum(o.valeur)), "
        "count(*) * 0.5 * power(10, -max(i.decimales)) "
        "from fct_observation o join dim_territory t on t.niveau = 'commune' and t.code = o.territoire_code "
        "join fct_observation e on e.indicateur = o.indicateur and e.periode = o.periode "
        "and e.ventilation = o.ventilation and e.territoire_niveau = 'epci' and e.territoire_code = t.epci "
        "join dim_indicator i on i.indicateur = o.indicateur where o.territoire_niveau = 'commune' "
        "and o.indicateur in ('population', 'consommation_enaf', 'emissions_ges', "
        "'consommation_energie_finale', 'points_recharge_irve', 'production_enr') group by o.indicateur, o.periode, "
        "o.ventilation, t.epci"
    )
    assert len(rows) > 80
    assert not [row for row in rows if row[2] > row[3] + 1e-6]


def test_statuses_of_the_first_issue(built):
    states = {
        name: (etat, raison, texte)
        for name, etat, raison, texte in built.rows("select indicateur, etat, raison, raison_texte from fct_status")
    }
    assert len(states) == len(list((PROJECT / "models" / "indicators").glob("ind_*.yml")))
    assert states["autonomie_energetique"][:2] == ("trajectoire_a_fixer", "trajectoire_incomplete")
    assert states["emissions_ges"][:2] == ("trajectoire_a_fixer", "trajectoire_incomplete")
    assert states["population"][:2] == ("sans_objet", "contexte")
    # 2023 (definitive) and 2024 (provisional) are beyond the ceiling, 2022 is not: no `derive` on a provisional year.
    assert states["consommation_enaf"][:2] == ("a_surveiller", "provisoire")


def test_the_land_ceiling_is_half_of_2011_2020(built):
    ceiling = {
        year: value
        for year, value in built.rows(
            "select annee, valeur from fct_trajectory where indicateur = 'consommation_enaf' order by annee"
        )
    }
    total = built.rows(
        "select round(sum(valeur), 2) from fct_observation "
        "where indicateur = 'consommation_enaf' and ventilation = '' and territoire_code = '200042190' "
        "and periode between '2011' and '2020'"
    )[0][0]
    assert ceiling == {float(n): pytest.approx(0.5 * total * (n - 2020) / 10) for n in range(2020, 2031)}
    details = json.loads(built.rows("select details from fct_status where indicateur = 'consommation_enaf'")[0][0])
    assert details["trajectoire"]["base_valeur"] == total
    assert details["comparaison"]["attendu"] == pytest.approx(ceiling[2024.0])


def test_first_release_announces_every_state_once(built):
    rows = built.rows(
        "select count(*), count(etat_avant), bool_and(premiere), min(cause), max(cause) from fct_status_change"
    )
    count = built.rows("select count(*) from fct_status")[0][0]
    assert rows == [(count, 0, True, "premiere_publication", "premiere_publication")]


def test_demonstration_figures_are_in_git():
    names = {path.stem for path in (ROOT / "warehouse" / "demonstration").glob("*__*.csv")}
    simulated = {"atmo__indices"} | {name for name, spec in specs().items() if spec.simulate is not None}
    own = {n for n in SCHEMAS if n.startswith(("referentiel", "saisies"))}  # stewards' tables and deposits
    assert names == set(SCHEMAS) - own - simulated
    with (ROOT / "dbt_project" / "seeds" / "trajectoires.csv").open(encoding="utf-8", newline="") as stream:
        assert next(csv.reader(stream)) == SCHEMAS["referentiel__trajectoires"].names
