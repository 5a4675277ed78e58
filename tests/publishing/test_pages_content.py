"""What pages say: figures, secrets, states, origins, the path of a figure, hostile words."""

from __future__ import annotations

import json
import re

import pytest

from flows.core.errors import ReleaseError
from tests.publishing.site_kit import build, built, parsed, text, tree
from tests.tiny_release import tiny_release


def words(address: str, target=None) -> str:
    """The words of a page, its no-break spaces made plain."""
    return text(parsed((target or built()) / address / "index.html").find("body")).replace("\u00a0", " ")


def rows(name: str) -> list[dict]:
    return tiny_release().table(name).to_pylist()


def test_home_says_the_purpose_the_counts_and_what_is_not_known():
    page = words("")
    finalite = next(e for e in rows("dim_engagement") if e["type"] == "finalite")
    assert finalite["libelle"] in page
    for engagement in (e for e in rows("dim_engagement") if e["type"] == "engagement"):
        assert engagement["libelle"] in page
    states = [s["etat"] for s in rows("fct_status") if s["indicateur"] != "population"]
    home = parsed(built() / "index.html")
    chips = next(n for n in home.iter("ul") if n.get("class") == "bilan-liste")
    counts = [int(text(b)) for b in chips.iter("b")]
    assert sum(counts) == len(states)
    assert "Pas encore d’objectif chiffré" in text(chips)
    assert "Ce que l’on ne sait pas encore" in page and "20 novembre 2026" in page


def test_every_value_of_the_series_is_in_the_table():
    """The table under a chart holds each figure of the indicator's own territory."""
    from flows.publishing import numbers

    page = parsed(built() / "indicateurs/revenu-median-uc/index.html")
    table = " ".join(text(t) for t in page.iter("table") if t.get("class") == "valeurs")
    mine = [
        o
        for o in rows("fct_observation")
        if o["indicateur"] == "revenu_median_uc" and o["territoire_code"] == "200042190" and not o["ventilation"]
    ]
    assert len(mine) >= 6
    for row in mine:
        assert numbers.number(row["valeur"]) in table, row["periode"]


def test_secret_is_said_and_is_neither_zero_nor_blank(tmp_path):
    """US-50 A1: a secret figure reads « secret statistique », beside what is known of the other territories."""

    def hide(observations):
        for row in observations:
            if row["indicateur"] == "population" and row["territoire_code"] == "59172":
                row["valeur"], row["statut"] = None, "secret"
        return observations

    build(tiny_release(fct_observation=hide), tmp_path)
    page = parsed(tmp_path / "communes/59172/index.html")
    line = next(tr for tr in page.iter("tr") if "Population municipale" in text(tr))
    own, epci = line.findall("td")[1:3]
    assert text(own) == "secret statistique" and text(epci) == "158\u202f568"
    table = parsed(tmp_path / "indicateurs/population/index.html")
    line = next(tr for tr in table.iter("tr") if text(tr).startswith("Denain"))
    assert text(line.find("td")) == "secret statistique"


def test_no_rank_and_no_blame():
    for address, body in tree(built()).items():
        if address.endswith(".html"):
            page = body.decode()
            assert not re.search(r"mauvais élève|palmarès|\bcancre", page), address


def test_every_number_of_a_state_is_published():
    status = next(s for s in rows("fct_status") if s["indicateur"] == "consommation_enaf")
    page = words("indicateurs/consommation-enaf")
    published = (built() / "indicateurs/consommation-enaf.json").read_text(encoding="utf-8")
    for name in json.loads(status["details"]):
        assert f'"{name}"' in published, name
    assert "En dérive" in page and "Écart à la trajectoire" in page and "2,2" in page


def test_trajectory_shows_its_origin():
    trajectory = next(t for t in rows("dim_trajectory") if t["indicateur"] == "consommation_enaf")
    page = words("indicateurs/consommation-enaf")
    assert trajectory["citation"] in page
    assert "ligne 340" in page and "Inscrit dans un document adopté" in page


def test_baseline_without_year_says_so(tmp_path):
    """US-61 A2: a baseline quoted without a year is labelled « année non précisée »."""

    def without_year(trajectories):
        for row in trajectories:
            row["base_annee"] = None
        return trajectories

    build(tiny_release(dim_trajectory=without_year), tmp_path)
    assert "année non précisée" in words("indicateurs/consommation-enaf", tmp_path)


def test_path_of_a_figure_down_to_the_bytes(tmp_path):
    """Figure → SQL → checks → file received with address and hash → the very bytes."""
    release = tiny_release()
    page = next(e for e in rows("dim_edition") if e["jeu"] == "insee/filosofi")

    def traced(observations):
        for row in observations:
            if row["indicateur"] == "revenu_median_uc":
                row["editions"] = [page["edition"]]
        return observations

    build(tiny_release(fct_observation=traced), tmp_path)
    body = (tmp_path / "indicateurs/revenu-median-uc/index.html").read_text()
    assert page["sha256"] in body and "ind_revenu_median_uc" in body
    assert release.model_sql("ind_revenu_median_uc").strip() in "".join(
        parsed(tmp_path / "indicateurs/revenu-median-uc/calcul/index.html").itertext()
    )
    assert (tmp_path / "brut" / page["sha256"]).read_bytes() == release.raw(page["sha256"])


def test_private_bytes_are_listed_with_their_reason_and_not_written():
    private = [e for e in rows("dim_edition") if not e["brut_public"]]
    assert private
    page = words("brut")
    for row in private:
        assert f"brut/{row['sha256']}" not in tree(built())
        assert row["sha256"] in page.replace(" ", "")
    assert "Compte nécessaire" in page


def test_late_source_is_said_where_it_matters():
    assert "17 novembre 2026" in words("qualite") and "périmé" in words("sources")
    assert "17 novembre 2026" in words("indicateurs/taux-chomage-zone-emploi")


def test_simulated_and_provisional_are_said_beside_the_figure():
    page = words("indicateurs/jours-air-degrade")
    assert "simulé" in page.lower() and "provisoire" in page


def test_undeclared_trajectory_is_an_ordinary_state():
    page = words("indicateurs/taux-pauvrete")
    assert "Pas encore d’objectif chiffré" in page and "Aucune trajectoire n’est inscrite" in page


def test_no_sparkline_under_two_values():
    home = (built() / "index.html").read_text()
    line = home[home.index("Production d’énergie renouvelable</a>\n<span") :]
    assert "etincelle" not in line[: line.index("</li>")]


HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}"


def test_hostile_words_are_shown_as_text(tmp_path):
    """Titles, notes, quotes and names come from files and providers: none may become markup."""

    def poison(*columns):
        def change(table):
            for row in table:
                for column in columns:
                    row[column] = HOSTILE
            return table

        return change

    release = tiny_release(
        dim_engagement=poison("libelle", "citation", "libelle_court"),
        dim_indicator=poison("titre", "titre_court", "definition", "limites", "formule", "pourquoi"),
        fct_observation=poison("note", "source", "millesime"),
        dim_dataset=poison("titre", "editeur", "attribution", "etat_detail", "absences"),
        fct_check=poison("enonce", "pourquoi", "observe"),
        dim_trajectory=poison("citation", "commentaire", "manque", "auteur", "origine_document"),
        fct_status=poison("raison_texte"),
        dim_rupture=poison("motif"),
        dim_territory=lambda table: [row | {"nom": f"{row['nom']} {HOSTILE}"} for row in table],
    )
    build(release, tmp_path, drawn=True)
    for path in sorted(tmp_path.rglob("*.html")):
        root = parsed(path)
        for node in root.iter():
            assert node.tag != "img", path
            assert not any(name.startswith("on") for name in node.attrib), path
            if node.tag == "script":
                assert node.get("src") and not text(node), path
        assert "49" not in re.findall(r"onerror=alert\(2\)>(\d+)", text(root)), path


def test_every_number_of_a_state_is_one_link_away_and_raw_keys_are_not_printed():
    page = parsed(built() / "indicateurs/consommation-enaf/index.html")
    link = next(a for a in page.iter("a") if text(a).startswith("Tous les nombres utilisés"))
    assert link.get("href").endswith("consommation-enaf.json")
    assert "ecart_norm" not in text(page.find("body"))


def test_an_indicator_without_state_stops_the_build(tmp_path):
    release = tiny_release(fct_status=lambda table: [r for r in table if r["indicateur"] != "taux_pauvrete"])
    with pytest.raises(ReleaseError, match="n'ont pas d'état"):
        build(release, tmp_path)


def test_first_release_and_quiet_release(tmp_path):
    """The first release says that it is the first; one without change says so."""

    def first(table):
        for row in table:
            row["premiere"], row["etat_avant"], row["cause"] = True, None, "premiere_publication"
        return table

    build(tiny_release(fct_status_change=first), tmp_path / "a")
    assert "première version publiée" in words("", tmp_path / "a")
    build(tiny_release(fct_status_change=[]), tmp_path / "b")
    assert "Aucun état n’a changé" in words("", tmp_path / "b") and "Aucun état n’a changé" in words(
        "journal", tmp_path / "b"
    )


def test_outside_addresses_become_links_only_over_http(tmp_path):
    """A provider's page or a recorded address that is not http(s) is shown as text, never as a link."""

    def script(table):
        for row in table:
            row["page" if "page" in row and isinstance(row["page"], str) else "adresse"] = "javascript:alert(1)"
        return table

    build(tiny_release(dim_dataset=script, dim_edition=script), tmp_path)
    for path in sorted(tmp_path.rglob("*.html")):
        for node in parsed(path).iter("a"):
            assert not node.get("href", "").lower().startswith("javascript"), path


def test_a_commune_is_set_beside_its_epci_at_a_year_both_have():
    """When the EPCI has no figure at the commune's newest period, a second line gives the last year of both."""
    page = parsed(built() / "communes/59172/index.html")
    table = next(t for t in page.iter("table") if "profil" in t.get("class", ""))
    lines = [text(tr) for tr in table.iter("tr") if "Niveau de vie médian" in text(tr)]
    newest = max(
        o["periode"]
        for o in rows("fct_observation")
        if o["indicateur"] == "revenu_median_uc" and o["territoire_code"] == "59172"
    )
    assert newest in lines[0] and len(lines) == 2 and "dernière année connue partout" in lines[1]


def test_notes_are_numbered_once_and_reachable():
    page = parsed(built() / "communes/59172/index.html")
    marks = [a for sup in page.iter("sup") for a in sup.iter("a")]
    notes = {n.get("id"): text(n) for n in page.iter("li") if (n.get("id") or "").startswith("note-")}
    assert marks and {a.get("href")[1:] for a in marks} == set(notes)
    assert len(set(notes.values())) == len(notes)


def test_an_expected_update_that_is_past_is_said_to_be_awaited(tmp_path):
    """« Attendue depuis le » when the date is before the release's night, not a future that has gone by."""
    import datetime as dt

    def past(table):
        for row in table:
            row["prochaine_attendue"] = dt.date(2024, 6, 30)
        return table

    build(tiny_release(fct_status=past), tmp_path)
    assert "Nouvelle valeur attendue depuis le" in words("indicateurs/taux-pauvrete", tmp_path)
    assert "Nouvelle valeur attendue depuis le" not in words("indicateurs/taux-pauvrete")
