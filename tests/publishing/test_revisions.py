"""What was revised, as the journal and an indicator's JSON say it; the mean of similar EPCI on a page."""

from __future__ import annotations

import json

from flows.core.datasets import GROUPE
from tests.publishing.site_kit import build, exported
from tests.publishing.test_pages_content import words
from tests.tiny_release import tiny_release

OWN = {"territoire_niveau": "epci", "territoire_code": "200042190", "territoire": "La Porte du Hainaut"}
REVISED = [
    OWN
    | {"indicateur": "taux_pauvrete", "periode": "2019", "ventilation": "", "cause": "revision"}
    | {"valeur_avant": 20.0, "valeur_apres": 21.0, "ecart": 1.0},
    OWN
    | {"indicateur": "population", "periode": "2020", "ventilation": "", "cause": "perimetre"}
    | {"valeur_avant": 158000.0, "valeur_apres": 157000.0, "ecart": -1000.0},
    OWN
    | {"indicateur": "population", "periode": "2022", "ventilation": "", "cause": "nouvelle_periode"}
    | {"valeur_avant": None, "valeur_apres": 157000.0, "ecart": None},
]
MEANS = [
    {"indicateur": "taux_pauvrete", "comparaisons": 4, "revisions": 2, "somme": 1.5, "somme_absolue": 2.5}
    | {"revision_moyenne": 0.75, "revision_absolue_moyenne": 1.25}
]


def manifest(predecessor: str | None) -> dict:
    return tiny_release().manifest | {"predecessor": predecessor}


def test_the_journal_counts_by_cause_and_shows_the_largest_first(tmp_path):
    build(tiny_release(fct_revision=REVISED, manifest=manifest("2026-11-19-x")), tmp_path)
    told = words("journal", tmp_path)
    for expected in ("nouvelle période", "révision du producteur", "périmètre de l’intercommunalité"):
        assert expected in told
    # 1 point of 20 is more than 1 000 inhabitants of 158 000; a new period has no difference to show.
    rows = told[told.index("Plus grands écarts") :]
    assert rows.index("+1") < rows.index("158\u202f000")
    assert "Écarts non montrés" not in told


def test_the_journal_says_how_many_it_leaves_out(tmp_path):
    many = [REVISED[0] | {"periode": str(year), "valeur_avant": 0.0, "ecart": 21.0} for year in range(1990, 2010)]
    build(tiny_release(fct_revision=many, manifest=manifest("2026-11-19-x")), tmp_path)
    assert "Écarts non montrés ici : 8" in words("journal", tmp_path)


def test_a_first_release_and_a_quiet_one_say_which_they_are(tmp_path):
    build(tiny_release(manifest=manifest(None)), tmp_path / "a")
    assert "rien à comparer" in words("journal", tmp_path / "a")
    build(tiny_release(manifest=manifest("2026-11-19-x")), tmp_path / "b")
    assert "n’a changé depuis la version précédente" in words("journal", tmp_path / "b")


def test_the_json_of_an_indicator_has_its_revisions():
    release = tiny_release(fct_revision=REVISED, fct_revision_mean=MEANS)
    files = exported(release, "https://x.org/", {})
    poor = json.loads(files["indicateurs/taux-pauvrete.json"])["revisions"]
    assert (poor["comparaisons"], poor["revisions"]) == (4, 2)
    assert (poor["moyenne"], poor["moyenne_absolue"]) == (0.75, 1.25)
    assert [row["periode"] for row in poor["version"]] == ["2019"] and poor["version"][0]["cause"] == "revision"
    assert json.loads(files["indicateurs/revenu-median-uc.json"])["revisions"]["version"] == []
    assert files["telechargements/revisions.csv"].decode().count("\r\n") == 1 + len(REVISED)
    assert b"taux_pauvrete,4,2,1.5,2.5,0.75,1.25" in files["telechargements/revisions-moyennes.csv"]


def test_the_mean_of_similar_epci_stands_beside_the_others(tmp_path):
    """A group has neither page, communes nor population: it is one more line of comparison."""
    code, nom = GROUPE

    def with_group(rows):
        return [*rows, {"niveau": "groupe", "code": code, "nom": nom, "role": "reference", "ordre": 40}]

    def with_mean(rows):
        ours = [r for r in rows if r["indicateur"] == "taux_pauvrete" and r["territoire_code"] == "200042190"]
        mean = {"territoire_niveau": "groupe", "territoire_code": code, "territoire": nom, "nature": "recalcule"}
        return [*rows, *(r | mean | {"note": "Moyenne simple, non pondérée."} for r in ours)]

    def compared(rows):
        return [r | {"comparaisons": [*r.get("comparaisons", []), "groupe"]} for r in rows]

    release = tiny_release(dim_territory=with_group, fct_observation=with_mean, dim_indicator=compared)
    build(release, tmp_path, drawn=True)
    assert nom in words("indicateurs/taux-pauvrete", tmp_path)
    assert nom not in words("indicateurs/population", tmp_path)
    assert not (tmp_path / "epci" / code).exists()
