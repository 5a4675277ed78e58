"""What the observatory covers, what each indicator has to show, and the well-being profile."""

from __future__ import annotations

import json
from collections import Counter

import pyarrow.compute as pc
import pytest

from flows.publishing import presence as kinds
from flows.publishing.figures import read_indicators
from flows.publishing.pages import load_words
from flows.publishing.sentences import indicator_sentences
from flows.publishing.views_coverage import coverage, reference, well_being
from flows.publishing.views_data import World
from flows.publishing.views_home import counts, indicator_row
from flows.publishing.views_indicator import values_table
from flows.publishing.views_others import other_series
from flows.publishing.views_territory import by_theme, territory_page
from tests.publishing.site_kit import BASE, SITE, TOWN, build, exported, parsed, text
from tests.tiny_release import TinyRelease, tiny_release

SERVICE = "Service habitat"


def declared(rows):
    """One indicator awaits a deposit, one a source; their figures are gone."""
    for row in rows:
        if row["indicateur"] == "part_logements_dpe_fg":
            row |= {"saisie": "oui", "service": SERVICE, "sert": ["e2", "bc_air"]}
        if row["indicateur"] == "autonomie_energetique":
            row |= {"attente": "source", "raison": "l’adresse du fichier n’est pas publiée."}
        if row["indicateur"] == "taux_pauvrete":
            row["sert"] = ["e1", "be_moyens"]
    return rows


def without(rows):
    return [r for r in rows if r["indicateur"] not in ("part_logements_dpe_fg", "autonomie_energetique")]


def dimensions(rows):
    base = dict.fromkeys(rows[0], None) | {"type": "dimension", "parent": "", "citation": "", "source": ""}
    more = [("bc_air", "Qualité de l’air.", 50), ("be_moyens", "Moyens de vie.", 51), ("be_lien", "Lien social.", 52)]
    return rows + [base | {"id": i, "libelle": words, "libelle_court": "", "ordre": n} for i, words, n in more]


def release() -> TinyRelease:
    return tiny_release(dim_indicator=declared, fct_observation=without, dim_engagement=dimensions)


@pytest.fixture(scope="module")
def world() -> World:
    return World(release(), TOWN, load_words(SITE / "words.yml"))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    target = tmp_path_factory.mktemp("couverture")
    build(release(), target)
    return target


def page(site, address: str) -> str:
    return text(parsed(site / address / "index.html").find(".//main")).replace("\u00a0", " ")


def test_each_indicator_shows_figures_or_says_what_is_awaited(world, site):
    """On its page, in the list, and in the downloads: the same word, with the service or what is missing."""
    found = {i["indicateur"]: world.presence(i) for i in world.indicators}
    assert found["part_logements_dpe_fg"] == kinds.DEPOSIT and found["autonomie_energetique"] == kinds.SOURCE
    assert found["revenu_median_uc"] == kinds.FIGURES and found["jours_air_degrade"] == kinds.SIMULATED
    assert {name: kinds.presence_of(one) for name, one in read_indicators(world.release).items()} == found
    deposit, source = page(site, "indicateurs/part-logements-dpe-fg"), page(site, "indicateurs/autonomie-energetique")
    assert "Saisie attendue" in deposit and f"Service qui dépose : {SERVICE}." in deposit
    assert "Source à confirmer. L’adresse du fichier n’est pas publiée." in source
    listed = page(site, "indicateurs")
    assert f"Saisie attendue ({SERVICE})" in listed and "Source à confirmer" in listed
    bodies = exported(world.release, BASE, {})
    said = json.loads(bodies["indicateurs/part-logements-dpe-fg.json"])
    assert (said["presence"], said["saisie"], said["service"]) == (kinds.DEPOSIT, "oui", SERVICE)
    said = json.loads(bodies["indicateurs/autonomie-energetique.json"])
    assert (said["presence"], said["attente"]) == (kinds.SOURCE, "source") and said["raison"]


def test_a_commune_alone_is_told_apart_from_nothing(world):
    def communes(rows):
        return [r for r in rows if r["indicateur"] != "taux_pauvrete" or r["territoire_niveau"] == "commune"]

    alone = World(tiny_release(fct_observation=communes), TOWN, world.words)
    indicator = alone.by_id["taux_pauvrete"]
    assert alone.presence(indicator) == kinds.COMMUNES
    assert indicator_row(alone, indicator)["absence"] == world.words["presences"][kinds.COMMUNES]


def test_counts_are_those_of_the_release_and_nothing_is_left_out(world):
    view = coverage(world)
    assert sum(c["n"] for c in view["comptes"]) == view["total"] == len(world.indicators)
    assert [c["cle"] for c in view["comptes"]] == [k for k in kinds.ORDER if k in {c["cle"] for c in view["comptes"]}]
    declared = Counter(r["type"] for r in world.catalogue.values() if r["type"] != "finalite")
    assert {t["cle"]: t["total"] for t in view["types"]} == declared
    for kind in view["types"]:
        for line in kind["lignes"]:
            named = [i["slug"] for g in line["groupes"] for i in g["indicateurs"]]
            assert len(named) == len(set(named)) == line["n"]
        assert kind["suivis"] + len(kind["rien"]) == kind["total"]
        assert kind["chiffres"] + len(kind["sans"]) == kind["suivis"]
    assert counts(world, []) == []


def test_holes_of_the_plan_are_said_in_words(world, site):
    said = page(site, "couverture")
    (dimension,) = [t for t in coverage(world)["types"] if t["cle"] == "dimension"]
    assert [e["libelle"] for e in dimension["rien"]] == ["Lien social."]
    assert [e["libelle"] for e in dimension["sans"]] == ["Qualité de l’air."]
    assert "Que rien ne suit encore : Un projet emblématique" in said
    assert "Aucun indicateur : rien, ici, ne permet de dire où l’on en est." in said
    assert f"({SERVICE})" in said


def test_both_pages_are_reached_from_everywhere(site):
    links = {a.get("href") for a in parsed(site / "communes/59172/index.html").find(".//footer").iter("a")}
    assert {"../../couverture/index.html", "../../bien-etre/index.html"} <= links
    assert "../couverture/index.html" in {a.get("href") for a in parsed(site / "indicateurs/index.html").iter("a")}


def test_the_profile_is_a_table_of_figures_and_never_a_score(world, site):
    view = well_being(world)
    assert (view["total"], view["suivies"], view["chiffrees"]) == (3, 2, 1)
    assert [f["cle"] for f in view["familles"]] == ["biens_communs", "facteurs"]
    (line,) = view["familles"][1]["dimensions"][0]["lignes"]
    assert line["slug"] == "taux-pauvrete" and not line["cellule"]["vide"]
    said = page(site, "bien-etre")
    assert "Aucun indicateur ne suit encore cette dimension." in said and f"Saisie attendue ({SERVICE})" in said
    assert "Aucune note ne les résume." in said


def test_a_reference_is_of_the_same_period_and_the_widest(world):
    indicator = world.by_id["revenu_median_uc"]
    place = world.headline_place(indicator)
    newest = world.latest("revenu_median_uc", place)
    beside = reference(world, indicator, place, newest)
    assert beside["periode"] == newest["periode"] and beside["territoire_niveau"] == "france_metropolitaine"
    assert reference(world, indicator, place, newest | {"periode": "1999"}) is None
    assert reference(world, world.by_id["population"], place, newest) is None, "a quantity of a whole territory"


def test_sentences_tell_a_source_from_a_deposit(world):
    assert indicator_sentences(world.release, "autonomie_energetique").etat == "source_a_confirmer"
    assert indicator_sentences(world.release, "part_logements_dpe_fg").etat == "saisie_attendue"
    assert pc.any(pc.equal(world.release.table("dim_indicator")["attente"], "source")).as_py()


def test_other_periods_stand_in_a_table_of_their_own(world, tmp_path):
    """A territory known at other periods, and an older detail: shown apart, once, and never beside ours."""

    def moved(rows):
        out = []
        for row in rows:
            if row["indicateur"] == "revenu_median_uc" and row["territoire_niveau"] == "region":
                row = row | {"periode": "1999", "annee": 1999.0}
                if any(o["periode"] == "1999" and o["territoire_niveau"] == "region" for o in out):
                    continue
            out.append(row)
        own = next(r for r in out if r["indicateur"] == "population" and r["territoire_niveau"] == "epci")
        old = own | {"periode": "1990", "annee": 1990.0, "ventilation": "ancien", "valeur": 7.0}
        new = own | {"periode": "2023", "annee": 2023.0, "ventilation": "recent", "valeur": 8.0}
        return [*out, old, new]

    other = World(tiny_release(fct_observation=moved), TOWN, world.words)
    indicator = other.by_id["revenu_median_uc"]
    place = other.headline_place(indicator)
    values = values_table(other, indicator, place)
    assert "Hauts-de-France" not in values["colonnes"]
    view = other_series(other, indicator, place, values["places"])
    (table,) = view["tableaux"]
    names = [name for name, _ in table["colonnes"]]
    assert "Hauts-de-France" in names and not {other.name(p) for p in values["places"]} & set(names)
    assert "1999" in [line["periode"] for line in table["lignes"]]
    population = other.by_id["population"]
    view = other_series(other, population, place, [(r["niveau"], r["code"]) for r in other.places.values()])
    assert [(t["titre"], [line["periode"] for line in t["lignes"]]) for t in view["tableaux"]] == [
        ("ancien", ["1990"])
    ]
    build(other.release, tmp_path)
    assert "Autres séries" in page(tmp_path, "indicateurs/revenu-median-uc")


def test_a_territory_reads_by_theme_and_lists_only_what_it_has(world):
    view = territory_page(world, world.places["commune", "59172"])
    assert [line for group in view["groupes"] for line in group["lignes"]] == view["lignes"]
    names = [group["nom"] for group in view["groupes"]]
    assert names[-1] == world.words["territoires"]["theme_autres"] and len(names) == len(set(names)) > 2
    assert all(not line["cellules"][0]["vide"] or line["cellules"][0]["marque"] for line in view["lignes"])
    themes = by_theme(world)
    assert sorted(i["indicateur"] for _, group in themes for i in group) == sorted(world.by_id)


def test_a_long_page_of_sources_starts_with_its_list(site):
    root = parsed(site / "sources/index.html")
    listed = [a.get("href") for table in root.find(".//main").iter("table") for a in table.iter("a")]
    folded = [d for d in root.iter("details") if "source" in (d.get("class") or "").split()]
    anchors = [f"#{d.find('dl').get('id')}" for d in folded]
    assert anchors and listed == anchors
    assert all("papier" in d.get("class").split() for d in folded), "unfolded on paper"
