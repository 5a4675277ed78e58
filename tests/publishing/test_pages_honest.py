"""What a hostile reader of the pages found once: units, bounds, dates, counts and origins must say what they are."""

from __future__ import annotations

import datetime as dt
import re

from flows.publishing.figures import bound_of, is_unfinished
from flows.publishing.pages import load_words
from flows.publishing.views_data import World
from flows.publishing.views_home import counts, home, indicator_row
from flows.publishing.views_indicator import effectifs, indicator_page, map_notes, number_notes
from flows.publishing.views_release import quality
from flows.publishing.views_state import noise, trajectory, update
from tests.publishing.site_kit import SITE, TOWN, build, built, parsed, text
from tests.tiny_release import tiny_release


def world(**changes) -> World:
    return World(tiny_release(**changes), TOWN, load_words(SITE / "words.yml"))


def page(address: str) -> str:
    return text(parsed(built() / address / "index.html").find("body")).replace("\u00a0", " ")


def plain(words: str) -> str:
    return words.replace("\u00a0", " ").replace("\u202f", " ")


def where(indicateur: str, **changed):
    """A change of a table: some columns of the rows of one indicator."""
    return lambda rows: [r | (changed if r["indicateur"] == indicateur else {}) for r in rows]


def test_each_column_says_its_unit_and_captions_say_none():
    """A caption « (ha/an) » over a cumulated column is wrong."""
    view = indicator_page(world(), world().by_id["consommation_enaf"])
    assert len(view["valeurs"]["unites"]) == len(view["valeurs"]["colonnes"])
    for table in parsed(built() / "indicateurs/consommation-enaf/index.html").iter("table"):
        caption = text(table.find("caption"))
        assert "ha/an" not in caption, caption
    head = page("indicateurs/consommation-enaf")
    assert "Plafond cumulé, fin d’année (ha)" in head and "Base de calcul" in head and "Plafond" in head
    assert "189,54 ha fin 2030" in head and "Point de départ" not in head


def test_a_tolerance_does_not_go_below_nothing():
    here = world()
    points = trajectory(here, here.by_id["consommation_enaf"])["points"]
    assert points and all("\u2212" not in point["basse"] for point in points)


def test_bounds_and_traces_are_told_in_cells():
    def bounded(rows):
        for row in rows:
            if (
                row["indicateur"] == "taux_pauvrete"
                and row["territoire_code"] == "59302"
                and row["periode"] == "2023"
            ):
                row |= {"valeur": 5.0, "borne_basse": 0.0, "borne_haute": 5.0, "statut": "estime"}
        return rows

    here = world(fct_observation=bounded)
    lines = indicator_page(here, here.by_id["taux_pauvrete"])["communes"]["lignes"]
    cells = {line["code"]: plain(line["cellule"]["texte"]) for line in lines}
    assert cells["59302"] == "≤ 5" and cells["59172"] == "45", "communal rates are published whole"


def test_a_trace_is_not_a_nil():
    here = world(fct_observation=where("production_enr", valeur=0.038))
    row = indicator_row(here, here.by_id["production_enr"])
    assert plain(row["valeur"]) == "moins de 0,1 GWh"


def test_an_incomplete_trajectory_is_not_called_absent():
    here = world(fct_status=where("taux_pauvrete", raison="trajectoire_incomplete"))
    states = {(etat, precision): n for etat, precision, n in here.states()}
    assert states["trajectoire_a_fixer", "trajectoire_incomplete"] == 1
    assert sum(states.values()) == sum(not i["contexte"] for i in here.indicators)
    assert indicator_row(here, here.by_id["taux_pauvrete"])["precision"] == "trajectoire_incomplete"
    assert "n’ont pas encore de trajectoire complète" in here.words["accueil"]["inconnu_objectif"]


def test_a_national_obligation_is_named_and_an_estimate_is_no_target():
    here = world(dim_trajectory=where("consommation_enaf", origine_territoire="F"))
    assert trajectory(here, here.by_id["consommation_enaf"])["origine_mots"].startswith("Obligation nationale")
    here = world(dim_trajectory=where("points_recharge_irve", origine_statut="estimation", cible_valeur=28.0))
    view = trajectory(here, here.by_id["points_recharge_irve"])
    assert view["cible_nom"] == "Nombre écrit dans le document" and view["cible"] == "28"
    assert not view["forme_mots"] and not view["tolerance_mots"]


def test_figures_of_lists_carry_their_marks_and_the_marks_their_meaning():
    view = home(world())
    lines = [line for card in view["engagements"] for line in card["lignes"]]
    assert any(line["marque"] for line in lines)
    said = {mark for mark, _ in view["marques"]}
    assert {f"{line['marque'][0]}." for line in lines if line["marque"]} <= said
    for address in ("", "indicateurs"):
        assert "p. : provisoire" in page(address), address


def test_every_indicator_is_counted_on_the_home_page_by_what_it_shows():
    here = world()
    said = page("")
    assert f"Ce site déclare {len(here.indicators)} indicateurs : " in said
    for row in counts(here, here.indicators):
        assert here.words["accueil"]["presences"][row["cle"]].format(n=row["n"]) in said, row
    for card in home(here)["engagements"]:
        assert sum(row["n"] for row in card["comptes"]) == card["total"] >= len(card["lignes"])


def test_secret_figures_are_counted_by_indicator_and_period():
    secrets = home(world())["inconnu"]["secrets"]
    assert [(s["indicateur"]["indicateur"], s["periode"], s["n"]) for s in secrets] == [("taux_pauvrete", "2023", 1)]


def test_update_is_announced_awaited_or_said_not_to_be():
    here = world(fct_status=where("production_enr", prochaine_attendue=None))
    assert update(here, here.by_id["production_enr"])[1] == "aucune mise à jour annoncée"
    late = world(fct_status=where("population", prochaine_attendue=dt.date(2022, 12, 31), a_actualiser=True))
    assert "depuis" in update(late, late.by_id["population"])[0], "context pages say it too"
    assert indicator_row(late, late.by_id["population"])["a_actualiser"]


def test_a_short_series_is_said_not_to_have_its_noise_estimated():
    here = world()
    said = noise(here, '{"bruit": {"methode": "serie_trop_courte", "points": 4}}')
    assert said == "Série trop courte (4 valeurs) : le bruit n’est pas estimé.".replace(" :", "\u00a0:")
    assert noise(here, '{"bruit": {"methode": "etendues", "points": 9}}') == "" and noise(here, None) == ""


def test_a_table_keeps_the_span_of_its_own_territory():
    """175 quarters of the département around the 83 of the zone would hide them."""
    here = world()
    indicator = here.by_id["taux_chomage_zone_emploi"]
    table = indicator_page(here, indicator)["valeurs"]
    totals = here.figures(indicator["indicateur"]).series[here.headline_place(indicator)]
    own = [r for r in totals if r["valeur"] is not None]
    assert len(table["lignes"]) + len(table["anciennes"]) == len(own)


def test_counts_in_notes_become_a_column_and_common_notes_are_said_once():
    cells = [{"note": f"{n} diagnostics.", "vide": False} for n in ("1\u202f075", "34", "2")]
    cells[1]["note"] += " Effectif faible."
    assert effectifs(cells) == "Diagnostics"
    assert [c["effectif"] for c in cells] == ["1\u202f075", "34", "2"] and cells[1]["note"] == "Effectif faible."
    other = [{"note": "Registre arrêté.", "vide": False} for _ in range(3)]
    assert effectifs(other) == ""
    same = [{"note": "Dernière année, provisoire.", "vide": False, "renvoi": 0} for _ in range(6)]
    assert number_notes(same) == ["Dernière année, provisoire."] and not any(c["renvoi"] for c in same)


def test_a_simulated_series_has_no_line_and_an_unfinished_year_says_its_last_day():
    here = world(fct_observation=where("jours_air_degrade", jusqu_au=dt.date(2026, 11, 19)))
    row = indicator_row(here, here.by_id["jours_air_degrade"])
    assert row["spark"] is None and row["spark_alt"] == "série simulée"
    assert plain(row["periode"]) == "2026, jusqu’au 19 novembre 2026"


def test_a_dataset_received_tonight_is_not_said_up_to_date():
    view = quality(world())
    rows = {r["jeu"]: r for r in view["producteurs"] + view["tables"]}
    assert rows["insee/filosofi"]["etat_mots"] == "reçu cette nuit"
    assert rows["insee/filosofi"]["derniere_periode"] == "2023"
    assert "à jour" not in page("qualite") and "à jour" not in page("sources")
    older = world(dim_dataset=lambda rows: [r | {"derniere_nuit": dt.date(2026, 11, 1)} for r in rows])
    rows = {r["jeu"]: r for r in quality(older)["producteurs"]}
    assert rows["insee/filosofi"]["etat_mots"] == "rien de nouveau"


def test_the_map_of_the_home_page_says_its_source_and_its_break():
    here = world()
    notes = map_notes(here, here.by_id["taux_pauvrete"])
    assert plain(notes[0]) == "Source : Insee, Filosofi (2023)."
    assert plain(notes[1]).startswith("La série est coupée en 2023, sans comparaison avec 2021 : nouvelle méthode")


def test_a_reserve_on_a_dataset_is_shown_where_it_is_used(tmp_path):
    def doubt(rows):
        return [r | ({"reserve": "Adresse à confirmer."} if r["jeu"] == "insee/filosofi" else {}) for r in rows]

    build(tiny_release(dim_dataset=doubt), tmp_path)
    for address in ("sources", "indicateurs/revenu-median-uc"):
        said = text(parsed(tmp_path / address / "index.html").find("body"))
        assert "Adresse à confirmer" in said, address


def test_alerts_say_what_leaves_and_what_does_not():
    body = page("alertes")
    assert "Ne part pas" in body and "tout chiffre provisoire, ancien" in body


def test_note_calls_are_named_and_do_not_touch_the_figure():
    """« 10,4¹ » reads « 10,41 » aloud."""
    calls = [
        (cell, call)
        for path in ("communes/59153", "communes/59172", "indicateurs/revenu-median-uc")
        for cell in parsed(built() / path / "index.html").iter("td")
        for call in cell.iter("sup")
    ]
    assert calls
    for cell, call in calls:
        assert call.find("a").get("aria-label").startswith("note ")
        assert re.search(r"[ \u00a0\u202f]\d+$", text(cell)), text(cell)


def test_bounds_are_read_from_bounds_or_note_and_years_from_their_last_day():
    row = {"valeur": 5.0, "borne_basse": None, "borne_haute": None, "note": "", "periode": "2026", "statut": "estime"}
    assert bound_of(row) == ""
    assert bound_of(row | {"borne_basse": 5.0}) == "plancher"
    assert bound_of(row | {"note": "5 % ou moins : l’Insee remplace…"}) == "plafond"
    assert is_unfinished(row, "2026-11-20") and not is_unfinished(row, "2027-01-01")
    assert is_unfinished(row | {"jusqu_au": dt.date(2026, 11, 19)}, "2027-03-01")
    assert not is_unfinished(row | {"periode": "2026-06"}, "2026-06-10")
    month = row | {"periode": "2026-11", "jusqu_au": dt.date(2026, 11, 19)}
    assert is_unfinished(month | {"statut": "provisoire"}, "2027-03-01"), "19 days are not a month"
    assert not is_unfinished(month | {"statut": "definitif"}, "2026-11-20"), "the state of a base on a day"


def test_a_detail_in_another_unit_is_no_finer_than_what_it_counts():
    def detailed(rows):
        last = [r for r in rows if r["indicateur"] == "taux_pauvrete" and r["territoire_niveau"] == "epci"][-1]
        kinds = {"foyers": ("foyers", 6520.0), "mediane": ("€ par an", 12940.5), "part": ("% des ménages", 12.0)}
        more = [last | {"ventilation": name, "unite": unit, "valeur": v} for name, (unit, v) in kinds.items()]
        return rows + more + [more[2] | {"territoire_code": "245901160", "valeur": 12.25}]

    here = world(fct_observation=detailed)
    place = next(place for place in here.figures("taux_pauvrete").parts if place[1] == "200042190")
    shown = {row["ventilation"]: here.figure(row, unit=False) for row in here.figures("taux_pauvrete").parts[place]}
    assert {name: re.sub(r"\s", " ", value) for name, value in shown.items()} == {
        "foyers": "6 520",
        "mediane": "12 941",
        "part": "12,0",
    }


def test_a_detail_that_is_not_dated_is_not_said_to_be_of_twelve_months():
    here = world(dim_indicator=lambda rows: [r | {"periode_phrase": "12 mois au {fin}"} for r in rows])
    row = here.latest("production_enr", here.headline_place(here.by_id["production_enr"]))
    assert here.period(row).startswith("12 mois au ")
    other = here.period(row | {"ventilation": "biomethane", "periode": "2022-10", "jusqu_au": None})
    assert re.sub(r"\s", " ", other) == "octobre 2022"
