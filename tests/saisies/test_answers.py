"""Answers to alerts: the contract, problem by problem, and their way through the inbox to the ledger."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest

from flows import depositing
from flows.alerts.answers import Answer
from flows.candidate import answers_of
from flows.core.datasets import Page
from flows.core.errors import DecodeError
from flows.core.words import Transport
from flows.depositing import inbox_of, take_in
from flows.landing.land import Landing
from flows.landing.selection import Chosen, Selected
from flows.sources import saisies
from flows.sources import saisies_reponses as reponses
from tests.nights import observatory

NUIT = dt.date(2026, 11, 20)
ALERTS = {"i-001": "ouverte", "j-001": "a_confirmer"}
HEAD = ";".join(reponses.HEADER)
GOOD = "i-001;reponse;Deux zones ouvertes;Révision du PLUi;30/06/2027;Service urbanisme;12/09/2026"


def file(*rows: str) -> bytes:
    return "\r\n".join([HEAD, *rows, ""]).encode()


def judged(*rows: str) -> list[tuple[str, str]]:
    _, _, problems = reponses.judge(file(*rows), ALERTS, NUIT)
    return [(problem.column, problem.reason) for problem in problems]


def test_a_right_answer_is_one_typed_row() -> None:
    assert judged(GOOD) == []
    row = reponses.decode([Page("a", file(GOOD), "text/csv", "x")]).to_pylist()[0]
    answer = Answer.of(row | {"_nuit": NUIT})
    assert (answer.geste, answer.cause, answer.echeance) == ("reponse", "Deux zones ouvertes", dt.date(2027, 6, 30))


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("z-009;accuse;;;;Service urbanisme;12/09/2026", "alerte", "n’existe pas"),
        ("i-001;voir;;;;Service urbanisme;12/09/2026", "geste", "n’est pas un geste"),
        ("i-001;reponse;;;;Service urbanisme;12/09/2026", "cause", "cause ou une action"),
        ("i-001;sommeil;;;;Service urbanisme;12/09/2026", "echeance", "a une fin"),
        ("i-001;sommeil;;;12/09/2029;Service urbanisme;12/09/2026", "echeance", "dans l’année"),
        ("i-001;sommeil;;;12/09/2026;Service urbanisme;12/09/2026", "echeance", "dans l’année"),
        ("i-001;confirmer;;;;Service urbanisme;12/09/2026", "geste", "n’attend pas"),
        ("i-001;accuse;;;;Jean Dupont;12/09/2026", "repondu_par", "personne"),
        ("i-001;accuse;;;;;12/09/2026", "repondu_par", "vide"),
        ("i-001;accuse;;;;Service urbanisme;12/09/2027", "date_reponse", "à venir"),
        ("i-001;accuse;;;;Service urbanisme;31/02/2026", "date_reponse", "calendrier"),
        ("i-001;reponse;écrire à a@b.fr;;;Service urbanisme;12/09/2026", "cause", "électronique"),
        ("i-001;reponse;=1+1;;;Service urbanisme;12/09/2026", "cause", "formule"),
        (f"i-001;reponse;{'x' * 501};;;Service urbanisme;12/09/2026", "cause", "500"),
    ],
)
def test_each_rule_can_refuse(row: str, column: str, words: str) -> None:
    assert any(where == column and words in reason for where, reason in judged(row)), judged(row)


def test_a_line_twice_or_none_is_refused() -> None:
    assert any("répète" in reason for _, reason in judged(GOOD, GOOD))
    assert judged()
    assert judged("j-001;confirmer;;;;Service de la donnée;12/09/2026") == []


def test_an_answer_is_known_by_its_header_and_a_figure_by_its_own() -> None:
    assert reponses.recognised(file(GOOD)) and reponses.recognised(HEAD.replace(";", ",").encode())
    assert not reponses.recognised(";".join(saisies.SCHEMA.names).encode()) and not reponses.recognised(b"")
    filled = reponses.template([{"alerte": name, "etat": state} for name, state in ALERTS.items()])
    assert reponses.recognised(filled) and b"i-001;reponse;" in filled and b"j-001;confirmer;" in filled


def test_bytes_that_do_not_follow_the_contract_are_not_decoded() -> None:
    with pytest.raises(DecodeError, match="n’est pas un geste"):
        reponses.decode([Page("a", file("i-001;voir;;;;R;12/09/2026"), "text/csv", "x")])
    with pytest.raises(DecodeError, match="un fichier"):
        reponses.decode([])


def test_an_answer_goes_through_the_inbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built = observatory(tmp_path)
    monkeypatch.setattr(depositing, "alerts_of", lambda _: ALERTS)
    inbox_of(built).prepare()
    for name, body in (("a.csv", file(GOOD)), ("b.csv", file("i-001;voir;;;;R;12/09/2026")), ("c.csv", file(GOOD))):
        path = built.paths.inbox / name
        path.write_bytes(body)
        os.utime(path, (1_000_000_000, 1_000_000_000))
    landing = Landing(
        log=built.log, cache=built.cache, nuit=NUIT, now=dt.datetime(2026, 11, 20, tzinfo=dt.UTC),
        transport=Transport.PORTAIL,
    )  # fmt: skip
    figures, answers = take_in(built, landing)
    assert [(told["fichier"], told["etat"]) for told in figures.deposits] == [
        ("a.csv", "accepte"), ("b.csv", "refuse"), ("c.csv", "accepte"),
    ]  # fmt: skip
    assert "déjà" in figures.deposits[2]["note"]
    assert len(built.log.of(reponses.ID)) == 1 and built.log.of(saisies.ID) == []
    assert answers.partitions and not figures.partitions
    report = (built.paths.inbox / figures.deposits[0]["range"]).with_name(
        Path(figures.deposits[0]["range"]).name + ".rapport.txt"
    )
    assert "1 alerte répondue" in report.read_text(encoding="utf-8")
    accepted = Selected(built.datasets[reponses.ID], tuple(built.log.of(reponses.ID)), ())
    (answer,) = answers_of(built, Chosen([accepted]))
    assert (answer.alerte, answer.nuit, answer.le) == ("i-001", NUIT, dt.date(2026, 9, 12))
