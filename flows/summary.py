"""A run in words: one French sentence for the record, a page of text for the terminal.

Not here: the stewards' report (flows.quality.report, flows.publishing.report). Pure functions of the run record.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from flows.core.words import ExitCode


def sentence(value: dict[str, Any], code: int) -> str:
    """What the run did, in one French sentence."""
    release = value["release"]
    if code == ExitCode.FAILURE:
        first = value["errors"][0]["what"] if value["errors"] else "une étape a échoué."
        return f"Échec : {first} La version publiée reste en place."
    if code == ExitCode.REJECTED:
        return f"Refusé au contrôle final : {release['reason']} La version publiée reste en place."
    broken = [d["titre"] for d in value["datasets"] if d["state"] in ("en_echec", "retiree", "quarantaine")]
    start = f"Version {release['id']} publiée." if release["published"] else "Rien de nouveau à publier."
    if release["reason"].startswith("Cette version a été retirée"):
        start = release["reason"]
    if code == ExitCode.PARTIAL and broken:
        return f"Partiel : {start} Sources à revoir : {', '.join(broken)}."
    return start


def terminal_summary(value: dict[str, Any]) -> str:
    """The record as a person reads it at the end of a command."""
    lines = ["", f"Exécution {value['id']} · nuit du {value['nuit']} · {value['mode']}", ""]
    lines += _received(value)
    lines += _deposited(value)
    lines += _checked(value)
    lines += _published(value)
    lines += _alerted(value)
    for error in value["errors"]:
        lines += [f"  ERREUR ({error['step']}) : {error['what']}"]
        lines += [f"    Où : {error['where']}"] if error["where"] else []
        lines += [f"    Que faire : {error['todo']}"] if error["todo"] else []
    seconds = sum(step["seconds"] or 0 for step in value["steps"])
    detail = " · ".join(f"{s['name']} {s['seconds']:.1f}" for s in value["steps"] if s["seconds"] is not None)
    lines += ["", f"Durée : {seconds:.1f} s ({detail})", value["summary"]]
    if value.get("site"):
        lines += ["", f"Le site : {value['site']}", "Pour le lire : make serve, puis http://127.0.0.1:8044/"]
    if value.get("report"):
        lines += [f"Le rapport de l'intendant : {value['report']}"]
    return "\n".join(lines)


def artifact_pages(value: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What a scheduler's interface shows of a run: (key, French title, Markdown), most telling first."""
    pages = [("execution", f"Exécution {value['id']}", _run_page(value))]
    failed = [check for check in value["checks"] if check["resultat"] not in ("passe", "deroge")]
    if failed:
        rows = [(c["jeu"] or "version candidate", c["enonce"], c["observe"], c["resultat"]) for c in failed]
        pages.append(("qualite", "Contrôles à regarder", _table(("jeu", "règle", "observé", "résultat"), rows)))
    changes = [change for change in value["changes"] if not change["premiere"]]
    if changes:
        rows = [
            (c["indicateur"], c["territoire_code"], c["etat_avant"], c["etat_apres"], c["cause"]) for c in changes
        ]
        titles = ("indicateur", "territoire", "avant", "après", "cause")
        pages.append(("etats", "États qui ont changé", _table(titles, rows)))
    return pages


def _run_page(value: dict[str, Any]) -> str:
    lines = [f"**{_plain(value['summary'])}**", ""]
    parts = (_received(value), _deposited(value), _checked(value), _published(value), _alerted(value))
    # Without line ends nor backquotes of their own, nothing ends the fence: nothing in it is Markdown.
    lines += ["```", *(line.replace("\n", " ").replace("`", "'") for part in parts for line in part), "```"]
    lines += [f"- {_plain(error['what'])} {_plain(error['todo'])}" for error in value["errors"]]
    if value.get("report"):
        lines += ["", f"Rapport de l'intendant : `{value['report']}`"]
    return "\n".join(lines)


def _plain(text: str) -> str:
    """Text from outside (a publisher's answer, a file name) on one line, with nothing that Markdown or HTML obeys."""
    return re.sub(r"([\\`*\[\]<>#!])", r"\\\1", " ".join(text.split()))


def _table(titles: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    """A Markdown table; a cell never ends its row."""

    def line(cells: Iterable[Any]) -> str:
        shown = (_plain(str("" if cell is None else cell).replace("|", "/")) for cell in cells)
        return "| " + " | ".join(shown) + " |"

    return "\n".join([line(titles), "|" + " --- |" * len(titles), *map(line, rows[:100])])


def _received(value: dict[str, Any]) -> list[str]:
    if not value["datasets"]:
        return []
    sources = [d for d in value["datasets"] if not d["id"].startswith("referentiel/")]
    tables = len(value["datasets"]) - len(sources)
    new = sum(d["new_editions"] for d in value["datasets"])
    rows = sum(d["rows"] for d in sources)
    lines = [
        f"Reçu      {len(sources)} jeux de données et {tables} tables des intendants : "
        f"{_count(new, 'édition nouvelle', 'éditions nouvelles')}, {_number(rows)} lignes retenues"
    ]
    words = {
        "en_echec": "EN ÉCHEC",
        "retiree": "retirée par son producteur",
        "quarantaine": "REFUSÉE AU CONTRÔLE",
        "desactivee": "débranchée",
    }
    for dataset in value["datasets"]:
        if dataset["state"] in words:
            since = f", périmé depuis le {dataset['perime_depuis']}" if dataset["perime_depuis"] else ""
            lines.append(f"          {dataset['id']} : {words[dataset['state']]}{since}")
            error = dataset["error"]
            if error:
                lines.append(f"            {error['what']}")
                lines += [f"            Où : {error['where']}"] if error["where"] else []
                lines += [f"            Que faire : {error['todo']}"] if error["todo"] else []
            elif dataset["detail"]:
                lines.append(f"            {dataset['detail']}")
    return lines


def _deposited(value: dict[str, Any]) -> list[str]:
    """What became of the services' deposits: a refused one changes no exit code, so it must be said here."""
    answers = value.get("deposits") or []
    if not answers:
        return []
    states = [answer["etat"] for answer in answers]
    told = [
        _count(states.count(state), one, many)
        for state, one, many in (
            ("accepte", "fichier accepté", "fichiers acceptés"),
            ("refuse", "REFUSÉ", "REFUSÉS"),
            ("laisse", "laissé en attente", "laissés en attente"),
            ("efface", "détruit", "détruits"),
        )
        if state in states
    ]
    lines = [f"Déposé    {', '.join(told)}"]
    for answer in answers:
        if answer["etat"] == "refuse":
            lines.append(
                f"          {answer['fichier']} : {_count(len(answer['problemes']), 'problème', 'problèmes')}"
            )
            lines.append(f"            rapport : inbox/{answer['range']}.rapport.txt")
        elif answer["note"]:
            lines.append(f"          {answer['fichier']} : {answer['note']}")
    return lines


def _checked(value: dict[str, Any]) -> list[str]:
    results: dict[str, int] = {}
    for check in value["checks"]:
        results[check["resultat"]] = results.get(check["resultat"], 0) + 1
    if not results:
        return []
    order = (
        ("passe", "règle respectée", "règles respectées"),
        ("a_revoir", "à revoir", "à revoir"),
        ("deroge", "acceptée par décision", "acceptées par décision"),
        ("bloquant", "bloquante", "bloquantes"),
        ("erreur", "en erreur", "en erreur"),
    )
    told = [_count(results[k], one, many) for k, one, many in order if k in results]
    return [f"Contrôlé  {', '.join(told)}"]


def _published(value: dict[str, Any]) -> list[str]:
    release = value["release"]
    if release["published"]:
        pages = f", {release['pages']} pages" if release.get("pages") else ""
        return [f"Publié    version {release['id']}{pages}. {release['reason']}"]
    current = f" La version {release['id']} reste publiée." if release["id"] else ""
    return [f"Publié    rien. {release['reason']}{current}"]


def _alerted(value: dict[str, Any]) -> list[str]:
    mail = value["mail"]
    lines = []
    if mail["composed"] or mail["pending"]:
        where = f", dans {mail['folder']}" if mail["written"] and mail.get("folder") else ""
        lines.append(
            f"Alerté    {_count(mail['composed'], 'message composé', 'messages composés')}, "
            f"{_count(mail['sent'], 'envoyé', 'envoyés')}, "
            f"{_count(mail['written'], 'écrit en fichier', 'écrits en fichiers')}{where}, "
            f"{mail['pending']} en attente"
        )
    else:
        lines.append("Alerté    aucun message dû")
    to_files = [f["role"] for f in mail["fallbacks"] if f["vers"] == "fichier"]
    to_others = [f for f in mail["fallbacks"] if f["vers"] != "fichier"]
    if to_files:
        told = _count(len(to_files), "rôle sans adresse, son message est", "rôles sans adresse, leurs messages sont")
        lines.append(f"          {told} en fichier (OBSERVATOIRE_CONTACTS)")
    lines += [f"          {f['role']} sans adresse : {f['vers']} reçoit à sa place" for f in to_others]
    return lines


def _number(value: int) -> str:
    """Thousands apart by a narrow no-break space."""
    return f"{value:,}".replace(",", "\u202f")


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number < 2 else many}"
