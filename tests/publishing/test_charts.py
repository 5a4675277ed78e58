"""Charts: words that never collide, accessible and safe SVG, gaps at breaks, the same bytes twice."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.publishing import charts, charts_draw, charts_labels, charts_model
from flows.publishing.figures import indicator_ids, read_indicator
from tests.tiny_release import tiny_release

SVG = "{http://www.w3.org/2000/svg}"
SIZES = (charts_draw.LARGE, charts_draw.NARROW_SIZE)


def model(release, indicateur, niveau="", code=""):
    indicator = read_indicator(release, indicateur)
    niveau, code = (niveau, code) if niveau else indicator.own
    return charts_model.build(indicator, niveau, code, release.nuit)


def test_svg_is_accessible_and_asks_for_nothing(drawn):
    for chart in drawn.values():
        for svg in (chart.svg, chart.svg_etroit, chart.fichier):
            root = ET.fromstring(svg)
            ids = root.get("aria-labelledby").split()
            named = {e.get("id"): e.text for e in root.iter() if e.tag in (f"{SVG}title", f"{SVG}desc")}
            assert root.get("role") == "img"
            assert named[ids[0]] == chart.titre and named[ids[1]] == chart.description
            assert root.findall(f".//{SVG}text"), "text stays text"
            addresses = set(re.findall(r"https?://[^\"' <]+", svg))
            assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
            assert "<style" not in svg and "style=" not in svg and "<script" not in svg


def test_colours_follow_the_page_inline_and_stay_plain_in_files(drawn):
    for chart in drawn.values():
        assert "var(--encre,#1d2830)" in chart.svg
        assert "var(" not in chart.fichier
        painted = set(re.findall(r'(?:fill|stroke)="(#[0-9a-fA-F]{3,8})"', chart.svg))
        assert not painted, f"colours that the dark page cannot turn: {painted}"


def test_the_same_release_draws_the_same_bytes(drawn, release):
    for name in ("revenu_median_uc", "consommation_enaf"):
        again = charts.indicator_chart(tiny_release(), name)
        assert again == drawn[name]


def test_wide_and_narrow_have_their_own_ids(drawn):
    found = [
        i
        for chart in drawn.values()
        for svg in (chart.svg, chart.svg_etroit)
        for i in re.findall(r' id="([^"]+)"', svg)
    ]
    assert len(found) == len(set(found))


@pytest.mark.parametrize("size", SIZES, ids=["wide", "narrow"])
def test_no_word_meets_a_line_or_another_word(release, size):
    places = [(name, "", "") for name in indicator_ids(release)]
    places += [("revenu_median_uc", "commune", "59172"), ("consommation_enaf", "commune", "59172")]
    drawn = 0
    for name, niveau, code in places:
        one = model(release, name, niveau, code)
        if one is None:
            continue
        drawn += 1
        layout = charts_draw.lay_out(one, size)
        boxes = [item.box for item in layout.placement.placed]
        assert layout.placement.collisions == 0, name
        for i, box in enumerate(boxes):
            assert box.right <= size.width and box.left >= 0 and box.top >= 0 and box.bottom <= size.height, name
            assert not any(box.overlaps(other, 0) for other in boxes[i + 1 :]), name
    assert drawn == 9


@settings(max_examples=15, deadline=None)
@given(
    own=st.lists(st.integers(min_value=0, max_value=1000), min_size=2, max_size=8),
    others=st.lists(st.lists(st.integers(min_value=0, max_value=1000), min_size=2, max_size=8), max_size=3),
    size=st.sampled_from(SIZES),
)
def test_words_keep_apart_for_any_series(own, others, size):
    def curve(name, values):
        return charts_model.Curve(name, (tuple(dot(2014 + i, v) for i, v in enumerate(values)),))

    def dot(x, y):
        return charts_model.Dot(float(x), float(y), False, f"{y} ({x})", str(x))

    curves = [curve(f"Territoire {i} de comparaison", values) for i, values in enumerate(others)]
    every = [d.y for c in (curve("o", own), *curves) for d in c.dots]
    values, steps = charts_model.axis(min(every), max(every), False)
    last = max(d.x for c in (curve("o", own), *curves) for d in c.dots)
    one = charts_model.Model(
        kind="courbe", titre="t", unite="%", own=curve("La Porte du Hainaut", own), others=tuple(curves),
        trajectory=(),
        target=None, breaks=(), today=None, years=(2014.0, last), values=values, steps=steps, from_zero=False,
        simulated=False, source="s", decimales=0, unite_courte="%",
    )  # fmt: skip
    layout = charts_draw.lay_out(one, size)
    boxes = [item.box for item in layout.placement.placed]
    assert all(not a.overlaps(b, 0) for i, a in enumerate(boxes) for b in boxes[i + 1 :])
    named = {
        " ".join(text for text, _ in item.label.lines).replace("\u00a0", " ") for item in layout.placement.placed
    }
    assert len(named) == 1 + len(layout.model.others), "a line that is drawn is named"


def test_a_break_cuts_the_line_and_says_its_reason(release):
    one = model(release, "revenu_median_uc", "commune", "59172")
    assert [len(part) for part in one.own.segments] == [5, 1]
    assert one.breaks == ((2022.5, "2023", "nouvelle méthode de l’Insee (fin de la taxe d’habitation)"),)
    assert "Rupture de série en 2023" in charts_model.describe(one)


def test_an_unknown_figure_is_a_gap():
    def hide(rows):
        return [
            row | ({"valeur": None, "statut": "manquant"} if row["periode"] == "2017" else {})
            for row in rows
            if row["indicateur"] == "revenu_median_uc"
        ]

    one = model(tiny_release(fct_observation=hide), "revenu_median_uc")
    assert [len(part) for part in one.own.segments] == [3, 4]


def test_a_provisional_figure_is_hollow(release):
    one = model(release, "taux_chomage_zone_emploi")
    assert [dot.hollow for dot in one.own.dots][-3:] == [False, True, True]


def test_a_budget_is_drawn_as_its_running_total(release):
    one = model(release, "consommation_enaf")
    assert [dot.y for dot in one.own.dots] == [19.09, 39.41, 77.99, 116.82]
    assert one.unite == "hectares cumulés depuis 2021"

    def flows_only(rows):
        return [row for row in rows if not row["ventilation"]]

    again = model(tiny_release(fct_observation=flows_only), "consommation_enaf")
    assert [dot.y for dot in again.own.dots] == [19.09, 39.41, 77.99, 116.82]


def test_flows_are_bars_from_zero_and_rates_are_lines(release):
    flow = model(release, "consommation_enaf", "commune", "59172")
    assert (flow.kind, flow.from_zero, flow.values[0]) == ("barres", True, 0)
    assert model(release, "taux_pauvrete").kind == "courbe"


def test_today_is_the_night_of_the_release():
    early = model(tiny_release(nuit="2026-01-02"), "consommation_enaf")
    late = model(tiny_release(nuit="2029-07-01"), "consommation_enaf")
    assert early.today == pytest.approx(2026.0, abs=0.01)
    assert late.today == pytest.approx(2029.5, abs=0.01)


def test_an_axis_that_does_not_start_at_zero_says_so(drawn):
    assert "L’axe ne part pas de\u00a0zéro." in drawn["revenu_median_uc"].svg
    assert "ne part pas" not in drawn["consommation_enaf"].svg


def test_simulated_series_say_so(drawn):
    chart = drawn["jours_air_degrade"]
    for text in (chart.svg, chart.svg_etroit, chart.fichier, chart.description):
        assert "Données simulées" in text


def test_the_origin_of_a_target_is_in_words(drawn):
    assert "hypothèse" in drawn["revenu_median_uc"].svg
    assert "objectif écrit" in drawn["consommation_enaf"].svg


def test_no_chart_without_two_figures(release):
    for name in ("production_enr", "autonomie_energetique", "population"):
        assert charts.indicator_chart(release, name) is None


def test_graduations_are_french(drawn):
    assert "20\u202f000" in drawn["revenu_median_uc"].svg


@given(
    low=st.floats(min_value=-1e5, max_value=1e5), span=st.floats(min_value=1e-3, max_value=1e6), zero=st.booleans()
)
def test_an_axis_holds_its_figures_with_round_steps(low, span, zero):
    (bottom, top), steps = charts_model.axis(low, low + span, zero)
    room = 1e-6 * max(1, abs(low) + span)  # far under a pixel
    assert bottom <= low + room and top >= low + span - room
    assert 2 <= len(steps) <= 9
    assert not zero or bottom <= 0 <= top


def test_a_box_knows_what_crosses_it():
    box = charts_labels.Box(10, 10, 20, 20)
    assert box.crossed_by((0, 15, 30, 15), 0) and box.crossed_by((12, 12, 13, 13), 0)
    assert not box.crossed_by((0, 0, 30, 5), 0) and not box.crossed_by((0, 21, 9, 40), 0)


def test_distribution_shows_communes_without_ranking(release):
    strip = charts.distribution(release, "revenu_median_uc", "2021")
    root = ET.fromstring(strip.svg)
    titles = [e.find(f"{SVG}title").text for e in root.iter(f"{SVG}circle")]
    assert len(titles) == 6 and any("Denain" in title for title in titles)
    assert "La Porte du Hainaut" in strip.svg and "France métropolitaine" in strip.svg
    assert not re.search(r"rang|premier|dernier", strip.svg + strip.description, re.I)
    assert charts.distribution(release, "taux_pauvrete") is None, "four known communes are a table"


def test_status_bar_counts_and_words():
    counts = {"derive": 2, "sur_trajectoire": 6, "trajectoire_a_fixer": 40, "sans_objet": 3}
    bar = charts.status_bar(counts)
    assert bar.description == "6 sur la trajectoire, 2 en dérive, 40 pas encore d’objectif chiffré."
    assert bar.titre == "États des 48 indicateurs suivis"
    assert charts.status_bar({}) is None


def with_parts(total, parts):
    """A release whose `production_enr` has one period, a total and parts by breakdown."""

    def rows(all_rows):
        base = next(r for r in all_rows if r["indicateur"] == "production_enr")
        return [base | {"valeur": total}] + [base | {"ventilation": v, "valeur": value} for v, value in parts.items()]

    labels = ["solaire: Solaire", "eolien: Éolien", "exclue: Centrale, exclue du total"]

    def declared(all_rows):
        return [r | {"ventilations": labels} for r in all_rows if r["indicateur"] == "production_enr"]

    return tiny_release(fct_observation=rows, dim_indicator=declared, fct_status=[])


def test_a_quantity_of_one_period_is_drawn_by_its_parts():
    release = with_parts(100.0, {"solaire": 40.0, "eolien": 60.0, "exclue": 80.0})
    chart = charts.indicator_chart(release, "production_enr")
    assert chart.description.startswith("Éolien : 60,0\u00a0GWh (60\u00a0%) ; Solaire : 40,0\u00a0GWh (40\u00a0%)")
    assert "Centrale, exclue du total : 80,0\u00a0GWh." in chart.description, "outside the total: no share"
    bars = [float(e.get("width")) for e in ET.fromstring(chart.svg).iter(f"{SVG}rect")]
    assert bars[0] / bars[1] == pytest.approx(60 / 40, rel=0.01)
    assert chart.svg_etroit and chart.titre.endswith("poste par poste")


@pytest.mark.parametrize("parts", [{"solaire": 40.0, "eolien": 40.0}, {"solaire": 100.0}, {}])
def test_breakdowns_that_do_not_add_up_are_no_parts(parts):
    assert charts.indicator_chart(with_parts(100.0, parts), "production_enr") is None


def test_a_comparison_does_not_start_before_the_figures_it_explains():
    def late(rows):
        return [
            r
            for r in rows
            if r["indicateur"] == "revenu_median_uc" and (r["territoire_code"] != "200042190" or r["annee"] >= 2018)
        ]

    one = model(tiny_release(fct_observation=late), "revenu_median_uc")
    assert one.others and min(dot.x for curve in one.others for dot in curve.dots) == 2018


def test_the_reason_of_a_break_is_cut_to_its_first_clause_on_the_drawing():
    reason = "nouvelle génération : l’édition 2023 n’est pas comparable ; rien en 2022"
    assert charts_draw.break_words("2023", reason) == "2023 : nouvelle génération"


def test_a_file_is_the_page_s_drawing_between_its_title_and_its_source(release):
    """The standalone file moves the page's drawing as it is: same marks, plus a title, a source and plain colours."""
    one = model(release, "revenu_median_uc")
    raw = charts_draw.raw(one, charts_draw.LARGE)
    page = charts_draw.page_svg(raw, one, ident="a", description="d")
    file = charts_draw.file_svg(raw, one, charts_draw.LARGE, ident="a", description="d")
    assert page.count("<path") == file.count("<path") > 3
    assert "var(--" in page and "var(--" not in file
    drawn = re.sub("<[^>]+>", "|", file.split("</desc>")[1]).replace("\u00a0", " ")
    assert one.titre in drawn, "the title is drawn, not only announced"
    assert "Source :" in file and "Source :" not in page
    assert int(ET.fromstring(file).get("height")) > int(float(ET.fromstring(page).get("height")))
