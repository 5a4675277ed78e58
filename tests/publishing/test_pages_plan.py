"""Pages of the plan, the public quality page, and the tables of territories."""

from __future__ import annotations

from dataclasses import replace

import pyarrow.compute as pc

from flows.publishing import views_plan
from flows.publishing.pages import load_words
from flows.publishing.views_data import World
from flows.publishing.views_release import quality
from flows.publishing.views_territory import territory_page
from tests.publishing.site_kit import SITE, TOWN, built, parsed, text
from tests.tiny_release import TinyRelease, tiny_release


def world(release: TinyRelease | None = None) -> World:
    return World(release or tiny_release(), TOWN, load_words(SITE / "words.yml"))


def body(address: str) -> str:
    return text(parsed(built() / address / "index.html").find("body")).replace("\u00a0", " ")


def test_every_entry_of_the_contract_has_its_page_and_a_way_to_it():
    """/ambitions/ /engagements/ /champs/ /projets/ /criteres/ by id, dashes for underscores, all linked."""
    linked = {a.get("href") for a in parsed(built() / "engagements/index.html").iter("a")}
    seen = 0
    for row in tiny_release().table("dim_engagement").to_pylist():
        if row["type"] not in views_plan.FOLDERS:
            assert not views_plan.address(row)
            continue
        seen += 1
        address = views_plan.address(row).strip("/")
        page = body(address)
        assert row["libelle"] in page and "_" not in address
        assert f"../{address}/index.html" in linked or address.startswith("engagements/"), address
    assert seen >= 8


def test_an_entry_says_who_follows_it_or_that_nobody_does():
    followed, alone = body("champs/e2-energie"), body("projets/projet-1")
    assert "Ses indicateurs" in followed and "Ce que l’on ne sait pas encore" in followed
    assert "Aucun indicateur ne le suit encore" in alone
    assert "Aucun indicateur ne le suit encore" not in followed


def test_what_is_not_known_is_grouped_by_reason():
    """Each followed indicator without an objective, without a figure or unjudged is named, with its reason."""
    here = world()
    entry = here.catalogue["e2"]
    groups = {g["texte"]: g["indicateurs"] for g in views_plan.unknown(here, entry)}
    words = here.words["plan"]
    for indicator in here.serving("e2"):
        if indicator["contexte"]:
            continue
        state = here.status[indicator["indicateur"]]["etat"]
        for wanted, key in (("trajectoire_a_fixer", "inconnu_objectif"), ("non_evaluable", "inconnu_jugement")):
            named = [row["slug"] for row in groups.get(words[key], [])]
            assert (indicator["slug"] in named) == (state == wanted), (indicator["slug"], key)


def test_quality_says_its_verdict_in_sentences_and_shows_what_failed_first():
    view = quality(world())
    verdict = " ".join(view["verdict"])
    assert "2 contrôles sur 6 sont respectés." in verdict
    assert "2 contrôles bloquants ont fait écarter" in verdict  # one that failed, one that could not be evaluated
    assert "1 point est à revoir" in verdict and "1 écart est accepté par une décision datée." in verdict
    assert "2 sources n’ont pas pu être rafraîchies" in verdict
    assert [r["resultat"] for r in view["signales"]] == ["erreur", "bloquant", "a_revoir", "deroge"]
    page = body("qualite")
    assert page.index("En bref") < page.index("Ce qui est signalé") < page.index("Tous les contrôles")


def test_quality_of_a_release_without_a_fault():
    release = tiny_release()
    checks = release.table("fct_check")
    passed = checks.filter(pc.equal(checks["resultat"], "passe"))
    view = quality(world(replace(release, tables={**release.tables, "fct_check": passed})))
    assert view["verdict"][0] == "Les 2 contrôles de cette version sont respectés."
    assert view["verdict"][1] == "Aucun fichier reçu n’a été écarté."
    assert view["signales"] == []


def test_references_of_a_territory_are_shown_only_where_known():
    """No column of dashes: region and France stand by name, for the periods where they have a figure."""
    here = world()
    commune = here.places["commune", "59172"]
    view = territory_page(here, commune)
    assert view["colonnes"] == [commune["nom"], "La Porte du Hainaut"]
    named = {name for line in view["lignes"] for name, _ in line["reperes"]}
    assert named and all(not cell["vide"] for line in view["lignes"] for _, cell in line["reperes"])
    assert named <= {"Hauts-de-France", "France métropolitaine", "France"}
    shown = {line["slug"] for line in view["lignes"]}
    assert not shown & {i["slug"] for i in view["sans"]}
