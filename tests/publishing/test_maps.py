"""Maps: classes that hold somebody, secret and missing told apart, links, the same bytes twice."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from flows.publishing import maps, maps_draw
from tests.tiny_release import tiny_release

SVG = "{http://www.w3.org/2000/svg}"


def paths(carte):
    return {
        path.find(f"{SVG}title").text: path
        for path in ET.fromstring(carte.svg).iter(f"{SVG}path")
        if path.find(f"{SVG}title") is not None
    }


def test_one_path_a_commune_named_with_its_figure(release):
    carte = maps.commune_map(release, "revenu_median_uc", "2021")
    found = paths(carte)
    assert len(found) == 8  # six members, two neighbours in outline
    assert "Denain : 14\u202f890\u00a0€" in found
    assert found["Denain : 14\u202f890\u00a0€"].get("class") == "c1"
    assert found["Valenciennes"].get("class") == "voisin" and found["Valenciennes"].get("fill") == "none"
    assert carte.titre == "Niveau de vie médian en\u00a02021, par commune"


def test_secret_is_hatched_and_missing_is_empty(release):
    carte = maps.commune_map(release, "taux_pauvrete", "2021")
    found = paths(carte)
    assert found["Hordain : secret statistique"].get("fill") == "url(#hachures)"
    assert "secret" in [c.css for c in carte.classes] and "manquant" not in [c.css for c in carte.classes]
    later = maps.commune_map(release, "taux_pauvrete", "2023")
    assert paths(later)["Hordain : non disponible"].get("class") == "manquant"
    assert paths(later)["Raismes : non disponible"].get("class") == "manquant"
    assert {"secret", "manquant"} <= {c.css for c in later.classes}
    assert "1 sous secret statistique" in later.description and "2 sans chiffre" in later.description


def test_the_default_period_is_the_newest_that_is_half_known(release):
    assert "2023" in maps.commune_map(release, "revenu_median_uc").titre

    def thin(rows):
        return [r for r in rows if r["periode"] != "2023" or r["territoire_code"] == "59172"]

    assert "2021" in maps.commune_map(tiny_release(fct_observation=thin), "revenu_median_uc").titre


def test_communes_link_to_their_pages_and_the_map_is_then_a_group(release):
    carte = maps.commune_map(release, "revenu_median_uc", "2021", link=lambda code: f"../../communes/{code}/")
    root = ET.fromstring(carte.svg)
    links = {a.get("href"): a.get("aria-label") for a in root.iter(f"{SVG}a")}
    assert links["../../communes/59172/"] == "Denain : 14\u202f890\u00a0€" and len(links) == 6
    assert root.get("role") == "group"
    assert ET.fromstring(maps.commune_map(release, "revenu_median_uc", "2021").svg).get("role") == "img"


def test_a_quantity_is_a_circle_not_a_colour(release):
    carte = maps.commune_map(release, "population", "2021")
    assert not re.search(r'class="c\d"', carte.svg)
    circles = [c for c in ET.fromstring(carte.svg).iter(f"{SVG}circle") if c.find(f"{SVG}title") is not None]
    areas = {c.find(f"{SVG}title").text.split(" :")[0]: float(c.get("r")) ** 2 for c in circles}
    assert abs(areas["Denain"] / areas["Raismes"] - 20640 / 12055) < 0.05
    assert [c.css for c in carte.classes] == ["rond"]


def test_no_map_without_contours_or_figures(release):
    assert maps.commune_map(release, "production_enr") is None
    flat = tiny_release(dim_territory=lambda rows: [row | {"contour": None} for row in rows])
    assert maps.commune_map(flat, "revenu_median_uc", "2021") is None


def test_hostile_names_stay_text():
    def rename(rows):
        return [r | {"nom": '<script>x</script>"&'} if r["code"] == "59172" else r for r in rows]

    carte = maps.commune_map(tiny_release(dim_territory=rename), "revenu_median_uc", "2021", link=lambda c: f'/"{c}')
    assert "<script" not in carte.svg
    ET.fromstring(carte.svg)


def test_the_same_release_gives_the_same_map(release):
    assert maps.commune_map(release, "taux_pauvrete") == maps.commune_map(tiny_release(), "taux_pauvrete")


def test_colours_follow_the_page(release):
    carte = maps.commune_map(release, "revenu_median_uc", "2021")
    assert not re.search(r'(?:fill|stroke)="#', carte.svg) and "var(--c1,#aecbd9)" in carte.svg
    assert "var(" not in carte.fichier
    for level in range(5):
        assert f"--c{level}" in maps.CSS


def test_multipolygons_and_holes_are_drawn():
    contour = (
        '{"type": "MultiPolygon", "coordinates": [[[[0,0],[1,0],[1,1],[0,0]],'
        "[[0.2,0.1],[0.5,0.1],[0.5,0.3],[0.2,0.1]]],[[[2,2],[3,2],[3,3],[2,2]]]]}"
    )
    assert [len(ring) for ring in maps_draw.rings_of(contour)] == [4, 4, 4]
    assert maps_draw.rings_of('{"type": "Point", "coordinates": [0, 0]}') == []


@given(st.lists(st.floats(min_value=-1e5, max_value=1e6).map(lambda v: round(v, 1)), min_size=1, max_size=90))
def test_no_class_is_empty(values):
    values = sorted(values)
    limits = maps.breaks(values)
    assert limits == sorted(set(limits)) and len(limits) <= 4
    counts = [0] * (len(limits) + 1)
    for value in values:
        counts[sum(value >= limit for limit in limits)] += 1
    assert all(counts), (limits, counts)


def test_legend_reads_in_french(release):
    words = [c.libelle for c in maps.commune_map(release, "revenu_median_uc", "2021").classes]
    assert words == ["moins de 19\u202f800\u00a0€", "19\u202f800\u00a0€ et plus"]


def test_a_coarse_map_draws_the_same_communes_lighter(release):
    """Whole steps from point to point; the end of each outline is within a unit of the fine one's."""
    fine = paths(maps.commune_map(release, "revenu_median_uc", "2021"))
    coarse = paths(maps.commune_map(release, "revenu_median_uc", "2021", coarse=True))
    assert fine.keys() == coarse.keys()
    for name, path in coarse.items():
        numbers = [int(n) for n in re.findall(r"-?\d+", path.get("d"))]
        exact = [float(n) for n in re.findall(r"-?[\d.]+", fine[name].get("d"))]
        assert abs(sum(numbers[0::2]) - exact[-2]) <= 1 and abs(sum(numbers[1::2]) - exact[-1]) <= 1, name
        assert len(path.get("d")) < len(fine[name].get("d"))


def test_quantities_that_are_all_nil_have_no_map():
    def nil(rows):
        return [r | ({"valeur": 0.0} if r["indicateur"] == "population" else {}) for r in rows]

    assert maps.commune_map(tiny_release(fct_observation=nil), "population", "2021") is None
