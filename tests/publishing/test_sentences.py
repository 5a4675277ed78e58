"""Sentences made from figures: the right grammar in every case, and never across a break."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.core.errors import ReleaseError
from flows.publishing.figures import indicator_ids, read_indicator
from flows.publishing.sentences import Phrases, indicator_sentences, sentences_of
from tests.tiny_indicators import CAPH, indicators
from tests.tiny_release import tiny_release

SPACES = re.compile("[\u00a0\u202f]")


def plain(text: str) -> str:
    return SPACES.sub(" ", text)


def world(points, *, unit="%", long="% des personnes", decimals=1, polarite="baisse", breaks=(), **row):
    """A release of one indicator whose own series is `points`: (periode, value or None[, statut])."""
    meta = dict(next(i for i in indicators() if i["indicateur"] == "taux_pauvrete"))
    meta |= {"unite": long, "unite_courte": unit, "decimales": decimals, "polarite": polarite}
    rows = []
    for periode, value, *statut in points:
        rows.append(
            {
                "indicateur": "taux_pauvrete",
                "territoire_niveau": "epci",
                "territoire_code": CAPH,
                "territoire": "La Porte du Hainaut",
                "periode": periode,
                "annee": float(periode[:4]) + (int(periode[6]) - 1) / 4 if "T" in periode else float(periode[:4]),
                "valeur": value,
                "statut": statut[0] if statut else ("manquant" if value is None else "definitif"),
                "nature": "publie",
            }
            | row
        )
    cuts = [{"indicateur": "taux_pauvrete", "periode": p, "motif": "INSEE change de méthode"} for p in breaks]
    return tiny_release(
        dim_indicator=[meta],
        fct_observation=rows,
        dim_rupture=cuts,
        fct_status=[],
        dim_trajectory=[],
        fct_trajectory=[],
    )


def said(*args, **kwargs) -> Phrases:
    return indicator_sentences(world(*args, **kwargs), "taux_pauvrete")


def test_the_income_of_the_territory_reads_as_the_brief_asks(release):
    phrases = indicator_sentences(release, "revenu_median_uc")
    assert plain(phrases.phrase) == (
        "La moitié des habitants de La Porte du Hainaut vit avec moins de 19 490 € par an et par unité "
        "de consommation en 2021, soit 3 590 € de moins qu’en France métropolitaine."
    )
    assert plain(phrases.comparaisons) == (
        "C’est 230 € de moins qu’à Valenciennes Métropole et 1 770 € de moins que dans les Hauts-de-France."
    )
    assert plain(phrases.evolution) == "En hausse de 15 % depuis 2014 (en euros courants)."
    assert plain(phrases.valeur) == "19 490 €" and phrases.periode == "2021"


def test_a_rate_is_compared_in_points(release):
    phrases = indicator_sentences(release, "taux_pauvrete")
    assert "soit 10,7 points de plus qu’en France métropolitaine" in plain(phrases.phrase)
    assert plain(phrases.evolution) == "En hausse de 0,5 point depuis 2019 ; une baisse est souhaitée."


def test_a_commune_is_named_and_first_compared_with_its_own_agglomeration(release):
    phrases = indicator_sentences(release, "revenu_median_uc", "commune", "59313")
    assert plain(phrases.phrase).startswith("La moitié des habitants d’Hordain vit avec moins de 22 280 €")
    assert "soit 2 790 € de plus qu’à La Porte du Hainaut" in plain(phrases.phrase)


def test_a_phrase_that_names_no_place_is_given_one_away_from_home(release):
    assert plain(indicator_sentences(release, "consommation_enaf", "commune", "59172").phrase).startswith(
        "À Denain, 4,64 ha d’espaces"
    )
    assert plain(indicator_sentences(release, "jours_air_degrade", "commune", "59172").phrase).startswith(
        "Série simulée. À Denain, l’air a été mauvais"
    )


def test_no_evolution_and_no_comparison_across_a_break(release):
    phrases = indicator_sentences(release, "revenu_median_uc", "commune", "59172")
    assert "16 330 €" in plain(phrases.principale)
    assert plain(phrases.evolution) == (
        "La série est coupée en 2023 : nouvelle méthode de l’Insee (fin de la taxe d’habitation). "
        "Aucune évolution n’est calculée avec les chiffres d’avant."
    )
    assert "Porte du Hainaut" not in phrases.phrase.split("soit")[-1], "its EPCI has no figure of 2023"


def test_an_acronym_keeps_its_capitals_after_a_break():
    evolution = said([("2021", 10.0), ("2023", 12.0)], breaks=["2023"]).evolution
    assert "INSEE change de méthode" in evolution


def test_evolution_starts_at_the_break_when_two_periods_follow_it():
    evolution = plain(said([("2021", 10.0), ("2023", 12.0), ("2024", 13.0)], breaks=["2023"]).evolution)
    assert evolution == "En hausse de 1 point depuis 2023 ; une baisse est souhaitée."


def test_secret_says_so_and_gives_the_last_known_figure():
    phrases = said([("2020", 20.0), ("2021", None, "secret")])
    assert phrases.etat == "secret"
    assert plain(phrases.principale).startswith(
        "Le chiffre de La Porte du Hainaut en 2021 est couvert par le secret statistique"
    )
    assert plain(phrases.evolution) == "Dernier chiffre connu : 20,0 % en 2020."
    assert "0,0" not in plain(phrases.principale), "secret is not zero"


def test_missing_is_not_secret():
    phrases = said([("2021", None)])
    assert phrases.etat == "manquant"
    assert plain(phrases.principale) == "L’observatoire n’a pas encore le chiffre de La Porte du Hainaut."
    phrases = said([("2020", 20.0), ("2021", None)])
    assert plain(phrases.principale) == "Le chiffre de La Porte du Hainaut en 2021 n’est pas disponible."


def test_a_level_never_known_is_not_dated_and_may_say_why():
    """The year of the last empty row (2019) is not that of the communes' figures (2023)."""
    phrases = said([("2018", None), ("2019", None)], note="L’observatoire n’a pas encore le taux de l’agglomération.")
    assert phrases.principale == "L’observatoire n’a pas encore le taux de l’agglomération."
    assert "2019" not in phrases.texte


def test_one_year_only():
    phrases = said([("2021", 20.0)])
    assert phrases.evolution == "Une seule année est connue : aucune évolution n’est calculée."
    assert phrases.comparaison == ""


def test_no_figure_at_all(release):
    phrases = indicator_sentences(release, "production_enr", "commune", "59313")
    assert (phrases.etat, phrases.principale) == ("absent", "Aucun chiffre n’est disponible pour Hordain.")


def test_not_computed_gives_its_reason(release):
    phrases = indicator_sentences(release, "autonomie_energetique")
    assert phrases.etat == "non_calcule"
    assert phrases.principale.startswith("Cet indicateur n’est pas encore calculé. Le numérateur")


@pytest.mark.parametrize(
    ("before", "after", "polarite", "expected"),
    [
        (10.0, 11.2, "baisse", "En hausse de 1,2 point depuis 2014 ; une baisse est souhaitée."),
        (10.0, 12.0, "hausse", "En hausse de 2 points depuis 2014, dans le sens souhaité."),
        (10.0, 7.5, "neutre", "En baisse de 2,5 points depuis 2014."),
        (10.0, 10.0, "baisse", "Stable depuis 2014 ; une baisse est souhaitée."),
        (10.0, 10.04, "neutre", "Stable depuis 2014."),
    ],
)
def test_evolution_of_a_rate(before, after, polarite, expected):
    assert plain(said([("2014", before), ("2019", after)], polarite=polarite).evolution) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (100.0, 109.0, "En hausse de 9 % depuis 2014."),
        (100.0, 101.5, "En hausse de 1,5 % depuis 2014."),
        (1000.0, 1004.0, "Stable depuis 2014."),
        (0.0, 4.0, "En hausse de 4 ha depuis 2014."),
        (0.5, 4.5, "En hausse de 4 ha depuis 2014."),
        (4.5, 0.0, "En baisse de 4,5 ha depuis 2014."),
    ],
)
def test_evolution_of_a_quantity(before, after, expected):
    points = [("2014", before), ("2019", after)]
    assert plain(said(points, unit="ha", long="ha/an", polarite="neutre").evolution) == expected


def test_quarters_are_compared_with_the_same_quarter_of_the_year_before():
    points = [("2022-T3", 9.0), ("2022-T4", 10.0), ("2023-T3", 9.6)]
    assert plain(said(points).evolution) == "En hausse de 0,6 point sur un an ; une baisse est souhaitée."
    assert plain(said([("2023-T1", 9.0), ("2023-T3", 9.6)]).evolution).startswith(
        "En hausse de 0,6 point depuis le 1er trimestre 2023"
    )


def test_a_provisional_year_is_left_out_of_the_evolution():
    points = [("2023", 40.0), ("2024", 30.0), ("2025", 12.0, "provisoire")]
    phrases = said(points, unit="jours", long="jours par an", decimals=0)
    assert plain(phrases.evolution).startswith("En baisse de 25 % de 2023 à 2024, dernière année définitive")
    assert "Chiffre provisoire, susceptible d’être révisé." in phrases.reserves


def test_what_must_be_read_with_the_figure(release):
    air = indicator_sentences(release, "jours_air_degrade").reserves
    assert "Chiffre simulé pour la démonstration : ce n’est pas une donnée réelle." in air
    late = indicator_sentences(release, "taux_chomage_zone_emploi").reserves
    assert any("périmé depuis le 17" in plain(note) for note in late)
    estimated = indicator_sentences(release, "part_logements_dpe_fg").reserves
    assert plain(estimated[0]) == "Estimation, entre 14,3 % et 16,1 %."


def test_trajectory_of_a_budget_and_its_delay(release):
    assert plain(indicator_sentences(release, "consommation_enaf").trajectoire) == (
        "Le cumul (116,82 ha) est 41 ha au-dessus du plafond adopté, qui fixe 75,82 ha en 2024, "
        "un niveau que ce plafond ne prévoyait que 2,2 ans plus tard."
    )
    assert plain(indicator_sentences(release, "points_recharge_irve").trajectoire).endswith("soit 0,1 an d’avance.")
    assert indicator_sentences(release, "consommation_enaf", "commune", "59172").trajectoire == ""


def test_quantities_of_whole_territories_are_not_compared(release):
    assert indicator_sentences(release, "consommation_enaf").comparaison == ""


def test_a_verb_can_agree_with_its_figure():
    def template(rows):
        return [r | {"phrase": "{valeur} {accord:a été pris|ont été pris} en {periode}."} for r in rows]

    for value, verb in ((1.0, "a été pris"), (2.0, "ont été pris")):
        base = world([("2021", value)], unit="ha", long="ha/an")
        release = tiny_release(
            dim_indicator=template(base.table("dim_indicator").to_pylist()),
            fct_observation=base.table("fct_observation").to_pylist(),
            fct_status=[],
        )
        assert verb in indicator_sentences(release, "taux_pauvrete").principale


def test_an_unknown_indicator_is_refused_with_what_to_do(release):
    with pytest.raises(ReleaseError) as error:
        indicator_sentences(release, "inconnu")
    assert error.value.todo


def test_every_sentence_of_the_tiny_world_is_well_formed(release):
    for name in indicator_ids(release):
        indicator = read_indicator(release, name)
        for niveau, code in [("", ""), *((n, c) for n, c in indicator.territories)]:
            _well_formed(sentences_of(indicator, niveau, code))


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(
        st.one_of(st.none(), st.floats(min_value=0, max_value=1e6).map(lambda v: round(v, 1))), max_size=6
    ),
    polarite=st.sampled_from(["hausse", "baisse", "neutre"]),
    unit=st.sampled_from(
        [("%", "% des personnes"), ("€", "€ par habitant"), ("ha", "ha/an"), ("jours", "jours par an")]
    ),
    cut=st.sampled_from([(), ("2017",), ("2016", "2018")]),
)
def test_every_series_gives_well_formed_sentences(values, polarite, unit, cut):
    points = [(str(2014 + i), value) for i, value in enumerate(values)]
    phrases = said(points, unit=unit[0], long=unit[1], polarite=polarite, breaks=cut)
    _well_formed(phrases)
    known = [(int(p), v) for p, v in points if v is not None]
    if "depuis 2" in phrases.evolution and "coupée" not in phrases.evolution:
        start = int(re.search(r"depuis (\d{4})", plain(phrases.evolution))[1])
        assert not any(start < int(c) <= known[-1][0] for c in cut), "an evolution never crosses a break"


def _well_formed(phrases: Phrases) -> None:
    for text in (phrases.phrase, phrases.comparaisons, phrases.evolution, phrases.trajectoire, *phrases.reserves):
        if not text:
            continue
        assert text[0].isupper() or text[0].isdigit() or text[0] == "\u2212", text
        assert text.endswith("."), text
        assert not re.search(r"\{|\}|  |None|nan|\.\.|,\.| ,|\bde [AEÉIOU]|\bde le\b|\bde les\b|\bà le\b", text), text
        assert not re.search(r"\d \d|\d [€%]", text), f"an ordinary space inside a number or before its unit: {text}"
