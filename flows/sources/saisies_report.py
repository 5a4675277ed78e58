"""The answer to a service: what its deposit is worth, in French, as text for a person and as data for a program.

Not here: judging (saisies_rules) and writing files (flows.landing.inbox). The same words serve the dry run of the
command line, the report beside a filed deposit and the stewards' report.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from flows.sources.saisies_cells import Problem, Sheet
from flows.sources.saisies_rows import Verified
from flows.sources.saisies_rules import Reference

ACCEPTED, REFUSED = "accepte", "refuse"


def told(
    name: str,
    sheet: Sheet,
    verified: Verified,
    *,
    nuit: dt.date,
    sha256: str,
    note: str = "",
    answering: bool = False,
) -> dict[str, Any]:
    """The answer as plain data.

    Keys: fichier, etat, nuit, forme, empreinte, lignes, chiffres, laissees, indicateurs, reponses (alerts answered,
    only in a file of answers), problemes, note.
    """
    figures = verified.figures if not verified.problems else []
    return {
        "fichier": name,
        "etat": REFUSED if verified.problems else ACCEPTED,
        "nuit": nuit.isoformat(),
        "forme": sheet.form,
        "empreinte": sha256,
        "lignes": len(sheet.rows),
        "chiffres": len(figures),
        "laissees": verified.blank,
        "indicateurs": sorted({figure.indicateur for figure in figures}),
        **({"reponses": sorted(set(verified.answers))} if answering and not verified.problems else {}),
        "problemes": [
            {"ligne": p.line, "colonne": p.column, "raison": p.reason, "que_faire": p.todo} for p in verified.problems
        ],
        "note": note,
    }


def text(answer: dict[str, Any], reference: Reference | None = None, *, dry: bool = False) -> str:
    """The same as a page of text, every problem with its line, its column, its reason and what to do.

    Args:
        dry: nothing was taken in (the command « verifier »).
    """
    accepted = answer["etat"] == ACCEPTED
    head = ("Ce dépôt serait accepté" if accepted else "Ce dépôt serait refusé") if dry else (
        "Dépôt accepté" if accepted else "Dépôt refusé"
    )  # fmt: skip
    lines = [f"{head} : {answer['fichier']}"]
    night = dt.date.fromisoformat(answer["nuit"]).strftime("%d/%m/%Y")
    if not dry:
        lines.append(f"Nuit du {night}. Forme : {answer['forme'] or 'illisible'}. Empreinte : {answer['empreinte']}.")
    elif answer["forme"]:
        lines.append(f"Forme : {answer['forme']}.")
    if answer["note"]:
        lines.append(answer["note"])
    lines.append("")
    if accepted and "reponses" in answer:
        lines.append(f"{_count(len(answer['reponses']), 'alerte répondue', 'alertes répondues')}.")
        lines += [f"  - {name}" for name in answer["reponses"]]
        return "\n".join(lines) + "\n"
    if accepted:
        slugs, blank = len(answer["indicateurs"]), answer["laissees"]
        counts = (
            f"{_count(answer['chiffres'], 'chiffre', 'chiffres')} sur {_count(slugs, 'indicateur', 'indicateurs')}"
        )
        left = f" ; {_count(blank, 'ligne laissée vide', 'lignes laissées vides')}" if blank else ""
        lines.append(f"{counts}{left}.")
        for slug in answer["indicateurs"]:
            known = reference.awaited.get(slug) if reference else None
            lines.append(f"  - {slug}" + (f" ({known.titre})" if known else ""))
        lines += _withheld(answer, reference)
        return "\n".join(lines) + "\n"
    number = len(answer["problemes"])
    lines.append(
        f"{_count(number, 'problème', 'problèmes')}. Rien n’est repris : un dépôt est accepté en entier ou refusé en "
        "entier. Corriger le fichier, puis le déposer à nouveau."
    )
    for problem in answer["problemes"]:
        lines += ["", _place(problem) + " : " + problem["raison"] + "."]
        if problem["que_faire"]:
            lines.append(f"  Que faire : {problem['que_faire']}")
    return "\n".join(lines) + "\n"


def _withheld(answer: dict[str, Any], reference: Reference | None) -> list[str]:
    """What publication may withhold, said to the service that deposits."""
    if reference is None:
        return []
    limits = [
        f"  - {slug} : de 1 à {known.seuil - 1}"
        for slug in answer["indicateurs"]
        if (known := reference.awaited.get(slug)) and known.seuil is not None
    ]
    if not limits:
        return []
    return ["", "Les effectifs trop petits ne seront pas publiés, ni ce qui permettrait de les retrouver :", *limits]


def _place(problem: dict[str, Any]) -> str:
    where = f"Ligne {problem['ligne']}" if problem["ligne"] else "Fichier"
    return where + (f", colonne « {problem['colonne']} »" if problem["colonne"] else "")


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {many if number >= 2 else one}"


def unreadable(reason: str, todo: str) -> tuple[Sheet, Verified]:
    """What a file that cannot even be opened gives."""
    return Sheet(), Verified(problems=[Problem(0, "", reason, todo)])
