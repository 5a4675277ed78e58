"""Answers to alerts as one cumulative dataset: each accepted file is an edition of it, like any other deposit.

Not here: taking files in (flows.depositing) and what an answer does (flows.alerts.answers). A file is known by its
header: what follows the contract of figures is judged by flows.sources.saisies. An answer is public, beside its
alert: roles, never names.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.errors import DecodeError, SourceError
from flows.core.words import Accumulation, Cycle
from flows.sources import saisies_cells as cells
from flows.sources.saisies_cells import Problem, RawRow, Sheet
from flows.sources.saisies_csv import MAX_BYTES, read_csv
from flows.sources.saisies_rows import LONGEST

ID = "saisies/reponses"
HEADER = ("alerte", "geste", "cause", "action", "echeance", "repondu_par", "date_reponse")
# What somebody may do about an alert: the last two are the steward's.
ACKNOWLEDGE, ANSWER, SNOOZE, CONFIRM, SET_ASIDE = "accuse", "reponse", "sommeil", "confirmer", "ecarter"
GESTURES = (ACKNOWLEDGE, ANSWER, SNOOZE, CONFIRM, SET_ASIDE)
WAITING = ("a_confirmer", "retour_a_confirmer")
LONGEST_SNOOZE = dt.timedelta(days=366)
KEY = ("alerte", "geste", "date_reponse")
SCHEMA = pa.schema(
    [
        ("alerte", pa.string()),
        ("geste", pa.string()),
        ("cause", pa.string()),
        ("action", pa.string()),
        ("echeance", pa.date32()),
        ("repondu_par", pa.string()),
        ("date_reponse", pa.date32()),
    ]
)


def recognised(body: bytes) -> bool:
    """Does this file carry the header of answers, and not that of figures?"""
    start = body[:4000].removeprefix(b"\xef\xbb\xbf")
    first = next((line for line in start.splitlines() if line.strip()), b"")
    names = {cells.plain(name.strip('"')).casefold() for name in first.decode("latin-1").replace(",", ";").split(";")}
    return {"alerte", "geste"} <= names


def judge(
    body: bytes, alerts: Mapping[str, str], nuit: dt.date, services: frozenset[str] = frozenset()
) -> tuple[Sheet, list[dict[str, Any]], list[Problem]]:
    """The sheet, its answers as rows of `SCHEMA`, and every problem; accepted when there is none.

    Args:
        alerts: state of each alert of the published release, by name. services: folded names of declared services.
    """
    if len(body) > MAX_BYTES:
        return Sheet(), [], [Problem(0, "", "le fichier est trop gros", "n’y garder que les réponses.")]
    sheet = read_csv(body, HEADER)
    found, problems = [], list(sheet.problems)
    seen: dict[tuple[Any, ...], int] = {}
    for row in sheet.rows:
        answer, wrong = _answer(row)
        wrong += _against(row, answer, alerts, nuit, services)
        key = tuple(answer[name] for name in KEY)
        if seen.setdefault(key, row.line) != row.line:
            wrong.append(Problem(row.line, "alerte", f"cette ligne répète la ligne {seen[key]}", "en garder une."))
        found.append(answer)
        problems += wrong
    if not sheet.rows and not problems:
        problems.append(Problem(0, "", "aucune ligne n’est renseignée", "écrire une ligne par alerte."))
    return sheet, found, sorted(set(problems))


def _answer(row: RawRow) -> tuple[dict[str, Any], list[Problem]]:
    """What the bytes alone say of one row."""
    told, problems = row.cells, []

    def wrong(column: str, reason: str, todo: str) -> None:
        problems.append(Problem(row.line, column, reason, todo))

    geste = cells.folded(told["geste"])
    if geste not in GESTURES:
        wrong("geste", f"« {told['geste'][:40]} » n’est pas un geste", f"choisir parmi {', '.join(GESTURES)}.")
    for name in ("alerte", "repondu_par", "date_reponse"):
        if not told[name]:
            wrong(name, "la cellule est vide", "la remplir.")
    for name in ("cause", "action", "repondu_par"):
        if len(told[name]) > LONGEST:
            wrong(name, f"le texte a {len(told[name])} caractères, plus que les {LONGEST} admis", "l’abréger.")
        if cells.formula(told[name]):
            wrong(name, "le texte commence comme une formule", "retirer le signe du début (=, +, -, @).")
        if name != "repondu_par" and (why := cells.personal(told[name])):
            wrong(name, why, "retirer ce qui désigne une personne : la réponse est publiée.")
    days = {}
    for name in ("echeance", "date_reponse"):
        days[name] = cells.day(told[name])
        if told[name] and days[name] is None:
            wrong(name, f"« {told[name][:20]} » n’est pas une date du calendrier", "écrire 2027-06-30 ou 30/06/2027.")
    if geste == ANSWER and not (told["cause"] or told["action"]):
        wrong("cause", "une réponse dit au moins une cause ou une action", "remplir « cause » ou « action ».")
    if geste == SNOOZE and not told["echeance"]:
        wrong("echeance", "une mise en sommeil a une fin", "écrire jusqu’à quel jour les rappels sont suspendus.")
    answer = {name: told[name] for name in HEADER} | {"alerte": told["alerte"], "geste": geste} | days
    return answer, problems


def _against(
    row: RawRow, answer: Mapping[str, Any], alerts: Mapping[str, str], nuit: dt.date, services: frozenset[str]
) -> list[Problem]:
    """What only the published release, the calendar and the services can refuse."""
    problems = []

    def wrong(column: str, reason: str, todo: str) -> None:
        problems.append(Problem(row.line, column, reason, todo))

    name, until = answer["alerte"], answer["echeance"]
    if name and name not in alerts:
        wrong("alerte", f"l’alerte « {name[:60]} » n’existe pas", "recopier la référence du message ou de la page.")
    elif name and answer["geste"] in (CONFIRM, SET_ASIDE) and alerts[name] not in WAITING:
        wrong("geste", "cette alerte n’attend pas de confirmation", "écrire « reponse », ou retirer la ligne.")
    if answer["geste"] == SNOOZE and until is not None and not nuit < until <= nuit + LONGEST_SNOOZE:
        wrong(
            "echeance",
            "une mise en sommeil finit dans l’année qui vient",
            "choisir un jour des douze prochains mois.",
        )
    if answer["date_reponse"] is not None and answer["date_reponse"] > nuit:
        wrong("date_reponse", "la date de la réponse est à venir", "vérifier le jour, le mois et l’année.")
    who = row.cells["repondu_par"]
    if who and (why := cells.office(who, services)):
        wrong("repondu_par", why, "écrire un rôle ou un service, jamais une personne.")
    return problems


def decode(pages: Sequence[Page]) -> pa.Table:
    """One row an answer, in the order of its key.

    Raises:
        DecodeError: the bytes do not follow the contract; the message tells every problem.
    """
    if len(pages) != 1:
        raise DecodeError(f"Un dépôt tient en un fichier, {len(pages)} reçus.", where=ID)
    sheet = read_csv(pages[0].body, HEADER)
    answers, problems = [], list(sheet.problems)
    for row in sheet.rows:
        answer, wrong = _answer(row)
        answers.append(answer)
        problems += wrong
    if problems:
        told = " ; ".join(f"ligne {p.line}, {p.column or 'fichier'} : {p.reason}" for p in problems[:12])
        raise DecodeError(
            f"Les réponses ne suivent pas le contrat ({len(problems)} problème(s)) : {told}.",
            where=f"{pages[0].address}, ligne {problems[0].line}",
            todo="corriger le fichier et le déposer à nouveau (docs/guide-services.md).",
        )
    rows = sorted(answers, key=lambda answer: [str(answer[name]) for name in KEY])
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def template(alerts: Sequence[Mapping[str, str]]) -> bytes:
    """A CSV to fill in (UTF-8 with BOM, `;`): one line an alert (`alerte`, `etat`), with the gesture it waits for."""
    due = [(alert["alerte"], CONFIRM if alert["etat"] in WAITING else ANSWER) for alert in alerts]
    lines = [";".join(HEADER)] + [f"{name};{geste};;;;;" for name, geste in due]
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()


def _fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    raise SourceError(
        "Une réponse ne se demande pas au réseau.", todo="la déposer dans warehouse/inbox (docs/guide-services.md)."
    )
    yield  # a generator, like every other fetch


def datasets(territory: Territory) -> list[Dataset]:
    """`saisies/reponses`."""
    return [
        Dataset(
            id=ID,
            titre="Réponses aux alertes",
            editeur=f"Référents et intendants de l’observatoire ({territory.nom})",
            licence="interne",
            attribution=f"Services de l’agglomération, {territory.nom}",
            page="",
            periodicite="au fil des réponses",
            periode_mois=0,
            delai_mois=0,
            cycle=Cycle.NOCTURNE,
            accumulation=Accumulation.CUMULATIF,
            key=KEY,
            niveaux=(),
            cog_year=None,
            schema=SCHEMA,
            decoder_version=1,
            partitions=lambda ctx: [],
            fetch=_fetch,
            decode=decode,
            absences="Une alerte sans réponse n’a pas de ligne.",
            empty_expected=True,
            brut_public=False,
            raison_brut_prive="Le fichier reste à l’observatoire ; la réponse se lit sur la page des alertes.",
        )
    ]
