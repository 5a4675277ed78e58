"""Stewards' tables: those of the project are right, and each kind of mistake is refused with its line and column."""

from __future__ import annotations

from typing import Any

import pytest

from flows.core.datasets import FetchContext
from flows.core.errors import SourceError, StewardTableError
from flows.sources import stewards
from tests.sources_b.conftest import SEEDS, FakeHttp, context
from tests.sources_b.stewards_files import NAMES, TERRITORY, WHOLE, decoded, written


def refusal(rows: list[dict[str, str]], name: str = "trajectoires") -> StewardTableError:
    with pytest.raises(StewardTableError) as caught:
        decoded(name, written(name, rows))
    assert caught.value.where.startswith(f"dbt_project/seeds/{name}.csv, ligne "), caught.value.where
    assert caught.value.todo
    return caught.value


@pytest.mark.parametrize("name", NAMES)
def test_the_tables_of_the_project_are_accepted(name: str) -> None:
    table = stewards.decode(name, [stewards.read_page(SEEDS / f"{name}.csv", name)], TERRITORY)
    dataset = {d.id: d for d in stewards.datasets(TERRITORY)}[f"referentiel/{name}"]
    assert table.schema == dataset.schema
    assert dataset.steward and dataset.licence == "interne"


def test_every_table_is_a_dataset_that_no_one_fetches() -> None:
    http = FakeHttp()
    ctx: FetchContext = context(http, TERRITORY)
    for dataset in stewards.datasets(TERRITORY):
        (partition,) = dataset.partitions(ctx)
        with pytest.raises(SourceError, match="réseau"):
            list(dataset.fetch(ctx, partition))
    assert not http.asked


def test_catalogue_counts() -> None:
    rows = decoded("catalogue", (SEEDS / "catalogue.csv").read_bytes())
    counts = {t: sum(r["type"] == t for r in rows) for t in stewards.TYPES}
    assert counts == {
        "finalite": 1,
        "ambition": 2,
        "engagement": 3,
        "champ": 17,
        "projet": 9,
        "critere": 19,
        "dimension": 13,
    }


def test_a_spreadsheet_s_own_writing_gives_the_same_table() -> None:
    plain = decoded("trajectoires", written("trajectoires", [WHOLE]))
    french = WHOLE | {"cible_valeur": "8,5", "date": "20/11/2026"}
    body = written("trajectoires", [french, {}], separator=";", end="\r\n", bom=True)
    assert decoded("trajectoires", body) == plain


def test_a_file_accepted_before_a_column_came_is_still_read() -> None:
    row = {"jeu": "ore/consommation", "cle": "59092", "colonne": "conso_totale_mwh", "valeur_attendue": "1"}
    row |= {"valeur_corrigee": "2", "motif": "m", "auteur": "Service", "date": "2026-11-20"}
    whole = written("corrections", [row])
    header, line, *_ = whole.decode().split("\n")
    assert ",ticket," in header and ",m,,Service," in line
    before = "\n".join((header.replace(",ticket", ""), line.replace(",m,,", ",m,"), "")).encode()
    assert decoded("corrections", before) == decoded("corrections", whole)
    assert decoded("corrections", before)[0]["ticket"] == ""
    with pytest.raises(StewardTableError, match="il manque motif"):
        decoded("corrections", before.replace(b",motif", b"", 1))
    assert stewards.TABLES["corrections"].version == 2  # tables decoded without the column are decoded again


def test_a_decomposed_accent_is_the_same_accent() -> None:
    decomposed = WHOLE | {"citation": "Re\u0301duire le nombre de logements vacants"}
    assert decoded("trajectoires", written("trajectoires", [decomposed]))[0]["citation"] == WHOLE["citation"]


@pytest.mark.parametrize(
    ("changes", "column", "words"),
    [
        ({"origine_document": "", "origine_ligne": "", "citation": ""}, "citation", "l'origine manque"),
        ({"citation": ""}, "citation", "l'origine manque"),
        ({"origine_statut": "hypothese_de_travail"}, "commentaire", "hypothèse de travail"),
        ({"origine_statut": "estimation", "manque": ""}, "manque", "n'est pas un engagement"),
        ({"origine_statut": "besoin", "manque": ""}, "manque", "n'est pas un engagement"),
        ({"origine_statut": "potentiel", "citation": "", "manque": "Une décision."}, "citation", "l'origine manque"),
        ({"origine_statut": "voeu"}, "origine_statut", "n'est pas admis"),
        ({"cible_annee": "2020"}, "cible_annee", "ne suit pas l'année de départ"),
        ({"cible_annee": "2019"}, "cible_annee", "ne suit pas l'année de départ"),
        ({"forme": "courbe"}, "forme", "n'est pas admis"),
        ({"unite": "pourcent"}, "unite", "n'est pas admis"),
        ({"territoire_niveau": "canton"}, "territoire_niveau", "n'est pas admis"),
        ({"territoire_code": "200000000"}, "territoire_code", "n'est pas un territoire connu"),
        ({"territoire_niveau": "commune", "territoire_code": "62041"}, "territoire_code", "n'est pas un territoire"),
        ({"territoire_code": "245901160", "origine_territoire": "245901160"}, "territoire_code", "voisin"),
        ({"origine_territoire": "245901160"}, "origine_territoire", "celui d'un autre territoire"),
        ({"origine_territoire": "F"}, "commentaire", "s'applique ici"),
        ({"origine_territoire": ""}, "origine_territoire", "de quel territoire"),
        ({"cible_valeur": "12"}, "cible_valeur", "contre le sens souhaité"),
        ({"polarite": "hausse"}, "cible_valeur", "contre le sens souhaité"),
        ({"cible_part_base": "0.5"}, "cible_part_base", "deux fois"),
        ({"base_calcul": "somme_2011_2020"}, "base_calcul", "deux fois"),
        ({"base_valeur": "", "base_calcul": "somme_2020_2011"}, "base_calcul", "finit avant"),
        ({"base_valeur": "", "base_calcul": "somme_2011_2019"}, "base_annee", "dernière de somme_2011_2019"),
        ({"cible_annee": ""}, "manque", "incomplète (année cible)"),
        ({"base_valeur": "", "base_annee": ""}, "manque", "incomplète (valeur de départ, année de départ)"),
        ({"forme": "paliers"}, "manque", "points de passage"),
        ({"forme": "convergence"}, "manque", "incomplète (territoire de comparaison)"),
        (
            {"forme": "convergence", "comparateur_niveau": "epci", "comparateur_code": "9"},
            "comparateur_code",
            "connu",
        ),
        ({"comparateur_niveau": "france", "comparateur_code": "F"}, "comparateur_code", "seule une convergence"),
        ({"base_valeur": "", "base_calcul": "ecart_comparateur"}, "base_calcul", "ne vaut que pour une convergence"),
        ({"forme": "sens"}, "cible_valeur", "n'a pas de chiffre"),
        ({"forme": "aucune"}, "commentaire", "pourquoi aucun objectif"),
        ({"forme": "rythme", "base_annee": ""}, "manque", "incomplète (année de départ)"),
        ({"forme": "division", "cible_valeur": ""}, "manque", "points de passage"),
        ({"forme": "division", "points": "2025:2|2030:3"}, "cible_valeur", "laisser la cible vide"),
        ({"forme": "division", "cible_valeur": "", "points": "2025:2|2029:3"}, "cible_annee", "dernière étape"),
        ({"forme": "division", "cible_valeur": "", "points": "2025:0|2030:3"}, "points", "strictement positif"),
        ({"forme": "division", "cible_valeur": "", "points": "2025:3|2030:2"}, "points", "contre le sens souhaité"),
        ({"origine_statut": "adoptee", "origine_document": ""}, "origine_document", "l'origine manque"),
        ({"forme": "seuil", "cible_valeur": ""}, "manque", "valeur cible"),
        ({"cible_valeur": "8 500"}, "cible_valeur", "n'est pas un nombre"),
        ({"cible_valeur": "8,5"}, "cible_valeur", "n'est pas un nombre"),
        ({"cible_valeur": "NaN"}, "cible_valeur", "n'est pas un nombre"),
        ({"base_annee": "20"}, "base_annee", "année sur quatre chiffres"),
        ({"date": "2026-02-30"}, "date", "n'existe pas dans le calendrier"),
        ({"date": ""}, "date", "la cellule est vide"),
        ({"valide_au": "2023-01-01"}, "valide_au", "précède son début"),
        ({"tolerance": "5"}, "tolerance", "entre 0 et 1"),
        ({"echelle": "0"}, "echelle", "strictement positif"),
        ({"forme": "geometrique", "cible_valeur": "0"}, "forme", "strictement positives"),
        ({"points": "2025=9"}, "points", "année:valeur"),
        ({"points": "2026:9|2025:9.5"}, "points", "années croissantes"),
        ({"points": "2031:9"}, "points", "sort de l'intervalle"),
        ({"points": "2025:11"}, "points", "contre le sens souhaité"),
        ({"auteur": "nom@exemple.fr"}, "auteur", "un rôle ou un service"),
        ({"trajectoire": "Taux Vacance"}, "trajectoire", "n'a pas la forme attendue"),
    ],
)
def test_a_wrong_trajectory_is_refused(changes: dict[str, str], column: str, words: str) -> None:
    error = refusal([WHOLE | changes])
    assert f"ligne 2, colonne « {column} » :" in error.what, error.what
    assert words in error.what, error.what


def test_a_comment_or_an_avowal_allows_what_it_explains() -> None:
    commented = WHOLE | {"cible_valeur": "12", "commentaire": "La vacance remonte pendant les démolitions."}
    higher = WHOLE | {"origine_territoire": "F", "commentaire": "Obligation nationale."}
    avowed = WHOLE | {"cible_annee": "", "manque": "L'échéance."}
    for row in (commented, higher, avowed):
        assert len(decoded("trajectoires", written("trajectoires", [row]))) == 1


def test_a_budget_may_only_grow() -> None:
    budget = WHOLE | {"forme": "budget_cumule", "unite": "ha", "base_valeur": "0", "cible_valeur": "120"}
    assert decoded("trajectoires", written("trajectoires", [budget]))[0]["cible_valeur"] == 120
    assert "contre le sens" in refusal([budget | {"points": "2024:80|2026:60"}]).what


def test_two_trajectories_cannot_hold_at_once() -> None:
    other = WHOLE | {"trajectoire": "taux_vacance-2035", "valide_du": "2026-01-01"}
    assert "valent en même temps" in refusal([WHOLE, other]).what
    closed = WHOLE | {"valide_au": "2025-12-31"}
    assert len(decoded("trajectoires", written("trajectoires", [closed, other]))) == 2


def test_a_doubled_key_names_both_lines() -> None:
    error = refusal([WHOLE, WHOLE])
    assert "ligne 3, colonne « trajectoire » : clé déjà écrite ligne 2" in error.what


def test_every_wrong_line_is_told_at_once() -> None:
    error = refusal([WHOLE | {"forme": "x"}, WHOLE, WHOLE | {"unite": "y"}])
    assert "2 erreurs" in error.what and "ligne 2" in error.what and "ligne 4" in error.what
    assert error.where.endswith("ligne 2, colonne forme")


def test_the_line_told_is_the_first_of_a_cell_with_line_breaks() -> None:
    long = WHOLE | {"commentaire": "une\nphrase\nsur trois lignes"}
    error = refusal([long, WHOLE | {"trajectoire": "autre", "forme": "x"}])
    assert "ligne 5, colonne « forme »" in error.what


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "vide"),
        (b"bassin,nom\n", "il manque code_commune"),
        (b"bassin,nom,code_commune,source,auteur,date,page\n", "sont en trop page"),
        (b"nom,bassin,code_commune,source,auteur,date\n", "pas dans cet ordre"),
        (b"bassin\tnom\tcode_commune\tsource\tauteur\tdate\n", "il manque"),
        (b"bassin,nom,code_commune,source,auteur,date\n\xe9,b,c,d,e,f\n", "pas en UTF-8"),
        (b"bassin,nom,code_commune,source,auteur,date\na,\x00,c,d,e,f\n", "caractère de contrôle"),
        (b'bassin,nom,code_commune,source,auteur,date\na,"b,c,d,e,f\n', "guillemet"),
        (b"bassin,nom,code_commune,source,auteur,date\na,b,c\n", "3 cellules au lieu de 6"),
        (b"bassin,nom,code_commune,source,auteur,date\na,b,5900,s,x,2026-01-01\n", "code Insee"),
    ],
)
def test_an_unreadable_file_is_refused(body: bytes, words: str) -> None:
    with pytest.raises(StewardTableError, match=words) as caught:
        decoded("bassins_de_vie", body)
    assert "bassins_de_vie.csv, ligne" in caught.value.where


def test_a_missing_file_or_table_is_named(tmp_path: Any) -> None:
    with pytest.raises(StewardTableError, match="ne peut pas être lu"):
        stewards.read_page(tmp_path / "absent.csv", "ruptures")
    with pytest.raises(StewardTableError, match="n'existe pas"):
        stewards.read_page(tmp_path / "absent.csv", "inconnue")


def test_other_tables_hold_their_rules() -> None:
    signed = {"auteur": "Service", "date": "2026-11-20"}
    rupture = signed | {"indicateur": "taux_pauvrete", "periode": "2023-13", "motif": "m", "source": "s"}
    assert "n'est pas reconnue" in refusal([rupture], "ruptures").what
    correction = signed | {"jeu": "ore/consommation", "cle": "59092", "colonne": "conso_totale_mwh", "motif": "m"}
    same = correction | {"valeur_attendue": "1", "valeur_corrigee": "1"}
    assert "égale" in refusal([same], "corrections").what
    decision = signed | {
        "portee": "edition",
        "regle": "r",
        "empreinte": "0" * 12,
        "decision": "rejeter",
        "motif": "m",
    }
    assert "nomme son jeu" in refusal([decision], "decisions").what
    assert "n'est pas admis" in refusal([decision | {"decision": "peut-être"}], "decisions").what
    assert "12 caractères" in refusal([decision | {"empreinte": "abc"}], "decisions").what
    place = signed | {"bassin": "denaisis", "nom": "Denaisis", "code_commune": "59172", "source": "s"}
    assert "clé déjà écrite" in refusal([place, place | {"bassin": "autre"}], "bassins_de_vie").what
    entry = {"id": "e1_x", "type": "champ", "parent": "e9", "libelle": "x", "libelle_court": "x", "citation": "x"}
    champ = entry | {"source": "001:1", "ordre": "1"}
    assert "n'est pas un identifiant de type engagement" in refusal([champ], "catalogue").what


def test_an_empty_catalogue_is_refused() -> None:
    with pytest.raises(StewardTableError, match="aucune ligne"):
        decoded("catalogue", written("catalogue", []))
