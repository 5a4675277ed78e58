"""Sentences that must not say more than the figures: bounds, unfinished years, flows, objectives of others."""

from __future__ import annotations

import datetime as dt

from flows.publishing.evolution import unit_of_change
from flows.publishing.figures import read_indicators
from flows.publishing.sentences import indicator_sentences
from tests.publishing.test_sentences import plain, said, world
from tests.tiny_indicators import indicators
from tests.tiny_release import tiny_release


def test_a_national_obligation_and_a_working_hypothesis_are_not_called_adopted():
    def origin(**changed):
        def change(rows):
            return [r | (changed if r["indicateur"] == "consommation_enaf" else {}) for r in rows]

        return plain(indicator_sentences(tiny_release(dim_trajectory=change), "consommation_enaf").trajectoire)

    national = origin(origine_territoire="F", base_valeur=379.08)
    assert "du plafond de référence (la moitié nationale, appliquée ici sans répartition), qui fixe" in national
    assert "adopté" not in national
    working = origin(origine_statut="hypothese_de_travail")
    assert "du plafond de travail, non adopté, qui fixe" in working


def test_a_yearly_flow_is_told_by_its_means_not_by_two_single_years(release):
    """24 to 64 ha from a year to the next: « en baisse de 13 % de 2011 à 2023 » would be luck."""
    final = "29,2 ha par an en moyenne de 2021 à 2024, contre 37,9 ha par an de 2011 à 2020."
    assert plain(indicator_sentences(release, "consommation_enaf").evolution) == final

    def provisional(rows):
        return [r | ({"statut": "provisoire"} if r["periode"] == "2024" else {}) for r in rows]

    other = indicator_sentences(tiny_release(fct_observation=provisional), "consommation_enaf").evolution
    assert plain(other) == final.replace("2024,", "2024 (dernière année provisoire),")


def test_a_hole_in_a_yearly_flow_gives_no_mean():
    def hole(rows):
        return [
            r | ({"valeur": None, "statut": "manquant"} if r["periode"] == "2015" else {})
            for r in rows
            if r["indicateur"] == "consommation_enaf"
        ]

    assert "en moyenne" not in indicator_sentences(tiny_release(fct_observation=hole), "consommation_enaf").evolution


def test_a_ceiling_is_said_at_most_and_a_floor_at_least():
    ceiling = said([("2021", 5.0)], borne_basse=0.0, borne_haute=5.0, statut="estime")
    assert plain(ceiling.principale).startswith("5,0 % ou moins des habitants")
    assert not any("entre" in note for note in ceiling.reserves)
    by_note = said([("2021", 5.0)], note="Valeur plancher : 5 % pour tout taux inférieur ou égal à 5 %.")
    assert "5,0 % ou moins" in plain(by_note.principale), "at most, whatever the note calls it"
    floor = said([("2021", 2538.1)], unit="GWh", long="GWh par an", note="Valeur plancher : 98 mailles secrètes.")
    assert plain(floor.principale).startswith("Au moins 2 538,1 GWh") and plain(floor.valeur) == "2 538,1 GWh"
    interval = said([("2021", 10.4)], borne_basse=10.1, borne_haute=10.7)
    assert plain(interval.principale).startswith("10,4 %")
    none = said([("2021", 0.0)], borne_basse=0.0, borne_haute=12.0)
    assert plain(none.principale).startswith("0,0 %"), "no case seen in a small sample is not a ceiling"


def _with_words(release, **words):
    meta = [row | words for row in release.table("dim_indicator").to_pylist()]
    return tiny_release(
        dim_indicator=meta,
        fct_observation=release.table("fct_observation").to_pylist(),
        fct_status=[],
        dim_rupture=[],
    )


def test_a_floor_and_a_rolling_year_have_the_indicator_s_own_words():
    base = world([("2026-07", 161.6, "estime")], unit="GWh", long="GWh sur douze mois", note="Valeur plancher.")
    release = _with_words(
        base,
        phrase_plancher="les installations ont injecté au moins {valeur} ({periode}).",
        periode_phrase="douze mois, au {fin}",
    )
    phrases = indicator_sentences(release, "taux_pauvrete")
    assert plain(phrases.principale) == (
        "Les installations ont injecté au moins 161,6 GWh (douze mois, au 31 juillet 2026)."
    )
    assert plain(phrases.periode) == "douze mois, au 31 juillet 2026"


def test_a_secret_figure_has_the_indicator_s_own_words():
    base = world([("2020", 20.0), ("2021", None, "secret")])
    release = _with_words(base, phrase_secret="trop peu de foyers {de_territoire} pour un chiffre ({periode}).")
    phrases = indicator_sentences(release, "taux_pauvrete")
    assert phrases.etat == "secret"
    assert plain(phrases.principale) == "Trop peu de foyers de La Porte du Hainaut pour un chiffre (2021)."
    assert "20,0" in plain(phrases.evolution), "the last known figure is still given"
    missing = _with_words(world([("2020", 20.0), ("2021", None, "manquant")]), phrase_secret="Trop peu de foyers.")
    assert "Trop peu" not in indicator_sentences(missing, "taux_pauvrete").texte, "missing is not secret"


def test_an_unfinished_year_is_dated_and_compared_with_nothing():
    points = [("2025", 15.0), ("2026", 10.7, "provisoire")]
    base = world(points, unit="jours", long="jours par an")
    rows = base.table("fct_observation").to_pylist()
    for row in rows:
        if row["periode"] == "2026":
            row["jusqu_au"] = dt.date(2026, 11, 19)
    meta = [
        r | {"phrase_en_cours": "Du 1er janvier au {fin}, {valeur}."} for r in base.table("dim_indicator").to_pylist()
    ]
    release = tiny_release(dim_indicator=meta, fct_observation=rows, fct_status=[], dim_rupture=[])
    phrases = indicator_sentences(release, "taux_pauvrete")
    assert plain(phrases.principale) == "Du 1er janvier au 19 novembre 2026, 10,7 jours."
    assert phrases.evolution == "" and phrases.comparaison == ""


def test_a_simulated_series_is_said_first_and_compared_with_nothing(release):
    phrases = indicator_sentences(release, "jours_air_degrade")
    assert phrases.principale.startswith("Série simulée. ")
    assert phrases.comparaison == "" and phrases.evolution == ""


def test_whole_communal_rates_are_written_without_a_comma(release):
    assert plain(indicator_sentences(release, "taux_pauvrete", "commune", "59172").phrase).startswith("45 % des")
    assert "25,6 %" in plain(indicator_sentences(release, "taux_pauvrete").phrase)


def test_what_is_not_nothing_is_not_written_zero():
    phrases = said([("2021", 0.038)], unit="GWh", long="GWh par an")
    assert plain(phrases.valeur) == "moins de 0,1 GWh"
    assert plain(said([("2021", 0.0)], unit="GWh", long="GWh par an").valeur) == "0,0 GWh"


def test_two_publications_of_different_dates_are_said():
    def older(rows):
        return [
            r | ({"millesime": "autre"} if r["territoire_niveau"] == "france_metropolitaine" else {}) for r in rows
        ]

    phrases = indicator_sentences(tiny_release(fct_observation=older), "taux_pauvrete")
    assert "qu’en France métropolitaine (deux publications de dates différentes)" in phrases.phrase
    assert "publications" not in indicator_sentences(tiny_release(), "taux_pauvrete").phrase


def test_a_hundredth_more_is_as_much():
    def two(values):
        def change(rows):
            kept = [r for r in rows if r["indicateur"] == "taux_pauvrete" and r["periode"] == "2021"]
            return [
                r | {"valeur": values[r["territoire_niveau"] == "epci"]}
                for r in kept
                if r["territoire_niveau"] != "commune"
            ]

        meta = [r | {"decimales": 2, "unite": "consultations par an et par habitant"} for r in indicators()]
        return indicator_sentences(tiny_release(fct_observation=change, dim_indicator=meta), "taux_pauvrete").phrase

    assert "soit autant qu’en France" in two({True: 4.51, False: 4.50})
    assert "de plus qu’en France" in plain(two({True: 4.61, False: 4.50}))


def test_a_reason_that_says_it_is_not_computed_is_said_once():
    meta = [dict(r) for r in indicators()]
    for row in meta:
        if row["indicateur"] == "autonomie_energetique":
            row["raison"] = "Le taux n’est pas calculé : les années diffèrent. Les diviser donnerait un chiffre faux."
    phrase = indicator_sentences(tiny_release(dim_indicator=meta), "autonomie_energetique").principale
    assert phrase.count("calculé") == 1


def test_a_difference_of_an_index_or_a_ratio_does_not_repeat_its_long_unit():
    def unit_of(unite: str, courte: str = "") -> str:
        def change(rows):
            return [
                r | ({"unite": unite, "unite_courte": courte} if r["indicateur"] == "population" else {})
                for r in rows
            ]

        return unit_of_change(read_indicators(tiny_release(dim_indicator=change))["population"])

    assert unit_of("indice, France = 100") == "points" and unit_of("indice 0-1") == "" and unit_of("ratio") == ""
    assert unit_of("années", "ans") == "ans" and unit_of("% des ménages", "%") == "points"
