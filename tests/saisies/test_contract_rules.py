"""The contract of a deposit, rule by rule: what is taken as it is, and what is refused with its line and column."""

from __future__ import annotations

import pytest

from flows.sources import saisies, saisies_report
from tests.saisies.deposits import NUIT, csv_of, reference, row


def problems(body: bytes, **changes: object) -> list[tuple[int, str, str]]:
    _, verified = saisies.judge(body, reference(**changes), "depot.csv")
    assert all(p.todo.endswith((".", ")")) for p in verified.problems), verified.problems
    return [(p.line, p.column, p.reason) for p in verified.problems]


def value(body: bytes) -> float | None:
    _, verified = saisies.judge(body, reference(), "depot.csv")
    assert not verified.problems, verified.problems
    return verified.figures[0].valeur


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("sep", [";", ","])
def test_how_a_spreadsheet_writes_changes_nothing(encoding: str, end: str, sep: str) -> None:
    body = csv_of(
        row(valeur="1204,5", commentaire="réhaussé"), row(territoire_code="59172", territoire_type="Commune"),
        sep=sep, end=end, encoding=encoding,
    )  # fmt: skip
    sheet, verified = saisies.judge(body, reference(), "depot.csv")
    assert not verified.problems and [f.valeur for f in verified.figures] == [1204.5, 412.0]
    assert verified.figures[0].commentaire == "réhaussé" and sheet.form.startswith("CSV")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12,5", 12.5),
        ("12.5", 12.5),
        ("1\u00a0204,5", 1204.5),
        ("1\u202f204", 1204.0),
        ("1 204.0", 1204.0),
        ("0", 0.0),
    ],
)
def test_a_number_is_read_as_a_french_reader_writes_it(text: str, number: float) -> None:
    assert value(csv_of(row(valeur=text))) == number


@pytest.mark.parametrize(
    "text", ["12 %", "abc", "1.204,5", "1,204.5", "12 34", "1e3", "NaN", "=1+1", "12-15", "douze", "--3", "1 20"]
)
def test_what_would_be_guessed_is_not_a_number(text: str) -> None:
    assert (2, "valeur") in {p[:2] for p in problems(csv_of(row(valeur=text)))}


def test_words_are_taken_without_their_capitals_accents_and_blanks() -> None:
    body = csv_of(
        row(territoire_type=" EPCI ", statut="Définitif", unite="Logements / AN", date_saisie="31/03/2025"),
        row(indicateur_id="surface", unite="m2/an", territoire_type="Commune", territoire_code="59172"),
    )
    assert problems(body) == []


REFUSED = {
    "unknown": ({"indicateur_id": "inconnu"}, "indicateur_id", "n’existe pas au catalogue"),
    "open data": ({"indicateur_id": "population"}, "indicateur_id", "ne reçoit pas de saisie"),
    "unit": ({"unite": "m²/an"}, "unite", "n’est pas celle attendue"),
    "level word": ({"territoire_type": "canton"}, "territoire_type", "n’est pas un niveau"),
    "level": ({"indicateur_id": "part", "unite": "%", "valeur": "5", "territoire_type": "commune",
               "territoire_code": "59172"}, "territoire_type", "ne se dépose pas au niveau"),
    "place": ({"territoire_code": "245901160"}, "territoire_code", "n’est pas un territoire"),
    "place of another level": ({"territoire_code": "59172"}, "territoire_code", "n’est pas un territoire"),
    "below": ({"valeur": "-1"}, "valeur", "au-dessous du minimum"),
    "above": ({"valeur": "3001"}, "valeur", "dépasse le maximum"),
    "count": ({"indicateur_id": "usagers", "unite": "usagers", "valeur": "2,5"}, "valeur", "nombre entier"),
    "count over years": (
        {"indicateur_id": "usagers", "unite": "usagers", "periode": "2022/2024"}, "periode", "année par année"
    ),
    "period": ({"periode": "24"}, "periode", "pas reconnue"),
    "quarter": ({"periode": "2024-T1"}, "periode", "n’est pas la période attendue"),
    "backwards": ({"periode": "2024/2022"}, "periode", "finit avant de commencer"),
    "future": ({"periode": "2027", "statut": "provisoire"}, "periode", "à venir"),
    "unfinished": ({"periode": "2025"}, "statut", "n’était pas finie"),
    "status": ({"statut": "final"}, "statut", "n’est pas un statut"),
    "empty": ({"valeur": ""}, "valeur", "a une valeur"),
    "secret with value": ({"statut": "secret"}, "valeur", "n’a pas de valeur"),
    "withdrawn in silence": ({"statut": "manquant", "valeur": ""}, "commentaire", "expliqué"),
    "date": ({"date_saisie": "31/02/2025"}, "date_saisie", "calendrier"),
    "date to come": ({"date_saisie": "2026-12-01"}, "date_saisie", "à venir"),
    "no source": ({"source": ""}, "source", "vide"),
    "mail": ({"saisi_par": "habitat@exemple.fr"}, "saisi_par", "adresse électronique"),
    "title": ({"saisi_par": "Mme Durand"}, "saisi_par", "personne"),
    "name": ({"saisi_par": "Jeanne Dupont"}, "saisi_par", "ressemble au nom"),
    "telephone": ({"commentaire": "voir au 03 27 00 00 00"}, "commentaire", "téléphone"),
    "mail in a comment": ({"source": "a@b.fr"}, "source", "adresse"),
    "formula": ({"commentaire": "=HYPERLINK(1)"}, "commentaire", "formule"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_each_refusal_names_its_line_and_column(case: str) -> None:
    cells, column, reason = REFUSED[case]
    found = problems(csv_of(row(territoire_code="59172", territoire_type="commune"), row(**cells)))
    assert any(line == 3 and name == column and reason in told for line, name, told in found), found


def test_every_problem_of_a_file_is_told_at_once() -> None:
    body = csv_of(row(unite="x", valeur="abc", territoire_code="0", saisi_par="Jean Petit", date_saisie="hier"))
    assert {column for _, column, _ in problems(body)} == {
        "unite", "valeur", "territoire_code", "saisi_par", "date_saisie",
    }  # fmt: skip


def test_a_key_is_written_once_by_status() -> None:
    assert any("répète la ligne 2" in told for _, _, told in problems(csv_of(row(), row(valeur="413"))))
    assert problems(csv_of(row(), row(valeur="413", statut="provisoire"))) == []


def test_a_provisional_figure_never_takes_the_place_of_a_final_one() -> None:
    key = ("rehabilitations", "epci", "200042190", "2024")
    final = {key: (412.0, "definitif")}
    assert any("déjà accepté" in t for _, _, t in problems(csv_of(row(statut="provisoire")), standing=final))
    assert problems(csv_of(row(valeur="413")), standing=final) == []
    assert problems(csv_of(row(statut="provisoire")), standing={key: (400.0, "provisoire")}) == []


def test_a_jump_asks_for_a_comment() -> None:
    before = {("rehabilitations", "epci", "200042190", "2023"): (200.0, "definitif")}
    assert [c for _, c, _ in problems(csv_of(row()), standing=before)] == ["commentaire"]
    assert problems(csv_of(row(commentaire="livraison de deux cités")), standing=before) == []
    assert problems(csv_of(row(valeur="300")), standing=before) == []  # exactly the bound
    own = {("rehabilitations", "epci", "200042190", "2024"): (100.0, "definitif")}
    assert [c for _, c, _ in problems(csv_of(row()), standing=own)] == ["commentaire"]  # a revision is a jump too


def test_rows_left_blank_are_no_deposit() -> None:
    blank = row(valeur="", statut="", source="", date_saisie="")
    _, verified = saisies.judge(csv_of(blank, row(), blank), reference(), "depot.csv")
    assert not verified.problems and (len(verified.figures), verified.blank) == (1, 2)
    assert "aucune ligne n’est renseignée" in problems(csv_of(blank))[0][2]


def test_a_comparison_territory_may_be_deposited() -> None:
    told = row(indicateur_id="part", unite="%", valeur="12", territoire_type="département", territoire_code="59")
    assert problems(csv_of(told)) == []


def test_the_answer_is_french_and_complete() -> None:
    body = csv_of(row(indicateur_id="usagers", unite="usagers"), row(valeur="x"))
    sheet, verified = saisies.judge(body, reference(), "depot.csv")
    answer = saisies_report.told("depot.csv", sheet, verified, nuit=NUIT, sha256="0" * 64)
    text = saisies_report.text(answer, reference())
    assert (
        text.startswith("Dépôt refusé : depot.csv") and "Ligne 3, colonne « valeur »" in text and "Que faire" in text
    )
    good = csv_of(row(indicateur_id="usagers", unite="usagers"))
    answer = saisies_report.told("d", *saisies.judge(good, reference(), "d.csv"), nuit=NUIT, sha256="0" * 64)
    assert "de 1 à 4" in saisies_report.text(answer, reference())
