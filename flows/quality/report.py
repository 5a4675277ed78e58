"""The stewards' report as plain data: what the run record, the checks and the measures of editions say, in order.

Not here: HTML (flows.publishing.report) and computing anything about figures. The result is JSON-able, so that the
report of any old run can be drawn again from what was kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flows.core.periods import in_french
from flows.core.words import Resultat
from flows.quality.decisions import rows_fingerprint
from flows.quality.report_deposits import deposits
from flows.quality.report_text import between, cell, column, csv_text, day, duration, moment, observed, step

SHOWN_ROWS = 20
# What a steward reads first: what stopped something, then what could not be said, then what waits for a look.
_ORDER = {
    Resultat.ERREUR: 0,
    Resultat.BLOQUANT: 1,
    Resultat.A_REVOIR: 2,
    Resultat.DEROGE: 3,
    Resultat.PASSE: 4,
}
STATES = {
    "nouvelle": "nouvelle édition",
    "inchangee": "inchangé",
    "en_echec": "en échec",
    "quarantaine": "mis en quarantaine",
    "desactivee": "désactivé",
    "retiree": "retiré par l’éditeur",
    "non_demandee": "non demandé cette nuit",
}
_STEP_STATES = {"fait": "fait", "en_cours": "interrompu", "echec": "en échec"}
_OUTCOMES = {
    0: "L’exécution a réussi.",
    1: "L’exécution a échoué ; la publication en place n’a pas bougé.",
    3: "L’exécution est partielle : une source au moins n’a pas pu être relue ou contrôlée, le reste est publié.",
    4: "La nouvelle version a été refusée au contrôle ; la publication en place n’a pas bougé.",
    5: "Une autre exécution était en cours.",
}


def run_report_data(
    record: Mapping[str, Any],
    *,
    words: Mapping[str, Any],
    measures: Mapping[str, Mapping[str, Any]] | None = None,
    owners: Mapping[str, str] | None = None,
    fingerprints: Mapping[str, str] | None = None,
    indicators: Mapping[str, str] | None = None,
    natures: Sequence[Mapping[str, Any]] = (),
    roles: Mapping[str, str] | None = None,
    previous: str = "",
    previous_link: str = "",
    site_link: str = "",
) -> dict[str, Any]:
    """Everything the report shows.

    Args:
        record: the run record (docs/run-record.md). words: `etats`, `causes`, `natures` and `niveaux` of
            site/words.yml, so that the report and the site name one thing alike.
        measures: dataset id → `flows.quality.gate.measure` of its selected rows (lignes, communes,
            communes_attendues, secretes, parmi). owners: suite → its owner.
        fingerprints: edition id → fingerprint: what a dated decision copies (for the candidate, that of its rows).
        indicators: id → French title. natures: `flows.quality.natures.natures` of the published release.
        roles: id → French name. previous: id of the report before; previous_link, site_link: relative links.

    Returns:
        `titre`, `resultat`, `bilan`, `decisions` (groups of checks that need somebody), `jeux`, `depots`, `passes`,
        `erreurs`, `desactivees`, `courriels`, `changements`, `natures`, `publication`, `etapes`, `precedent`: plain.
    """
    checks = sorted(record.get("checks") or [], key=_check_order)
    titles = indicators or {}
    prints = fingerprints or {}
    levels = words["niveaux"]
    rows = [_check(check, owners or {}, titles, prints, levels) for check in checks]
    datasets = [_dataset(entry, rows, (measures or {}).get(entry["id"])) for entry in record.get("datasets") or []]
    datasets.sort(key=lambda d: (d["urgence"], d["id"]))
    by_kind = {kind: [row for row in rows if row["resultat"] == kind] for kind in _ORDER}
    code = record.get("exit_code")
    return {
        "id": record["id"],
        "mode": record.get("mode", ""),
        "demonstration": record.get("mode") == "demonstration",
        "nuit": day(record.get("nuit")),
        "debut": moment(record.get("started_at")),
        "fin": moment(record.get("ended_at")),
        "duree": duration(record.get("steps") or []),
        "code": code,
        "ton": "bien" if code == 0 else "attention" if code in (3, 5) else "arret",
        "resultat": _OUTCOMES.get(code, "L’exécution n’est pas allée à son terme."),
        "bilan": record.get("summary") or "",
        "publication": _release(record.get("release") or {}),
        "erreurs": _errors(record),
        "a_decider": {
            "bloquants": [*by_kind[Resultat.ERREUR], *by_kind[Resultat.BLOQUANT]],
            "a_revoir": by_kind[Resultat.A_REVOIR],
        },
        "deroges": by_kind[Resultat.DEROGE],
        "passes": by_kind[Resultat.PASSE],
        "comptes": {str(kind): len(found) for kind, found in by_kind.items()},
        "jeux": datasets,
        "depots": deposits(record.get("deposits") or [], titles),
        "desactives": [d for d in datasets if d["etat"] == "desactivee"],
        "changements": [_change(change, titles, words) for change in record.get("changes") or []],
        "natures": [_nature(item, words) for item in natures],
        "courriels": _mail(record.get("mail") or {}, titles, roles or {}),
        "etapes": [
            {
                "nom": step(item["name"]),
                "secondes": item.get("seconds"),
                "etat": _STEP_STATES.get(item.get("state", ""), ""),
            }
            for item in record.get("steps") or []
        ],
        "precedent": previous or record.get("previous") or "",
        "lien_precedent": previous_link,
        "lien_site": site_link,
    }


def _check_order(check: Mapping[str, Any]) -> tuple[Any, ...]:
    place = _ORDER.get(check["resultat"], 0)
    return place, check["portee"] != "candidat", check["jeu"], check["partition"], check["suite"], check["regle"]


def _check(
    check: Mapping[str, Any],
    owners: Mapping[str, str],
    titles: Mapping[str, str],
    prints: Mapping[str, str],
    levels: Mapping[str, str],
) -> dict[str, Any]:
    examples = json.loads(check["exemples"] or "[]")
    columns = list(dict.fromkeys(name for row in examples for name in row))
    slugs = list(check["indicateurs"] or [])
    # A rule on the candidate names its indicators in its offending rows.
    slugs += [row["indicateur"] for row in examples if isinstance(row.get("indicateur"), str)]
    return {
        "regle": check["regle"],
        "suite": check["suite"],
        "jeu": check["jeu"],
        "partition": check["partition"],
        "portee": check["portee"],
        "enonce": check["enonce"],
        "pourquoi": check["pourquoi"],
        "severite": check["severite"],
        "resultat": check["resultat"],
        "observe": observed(check["observe"]),
        "lignes": check["lignes"],
        "ecarts": check["ecarts"],
        "proprietaire": owners.get(check["suite"], ""),
        "empreinte": prints.get(check["edition"], "")
        if check["portee"] == "edition"
        else rows_fingerprint(check["regle"], check["exemples"]),
        "colonnes": [column(name) for name in columns],
        "exemples": [
            [cell(name, row.get(name), titles, levels) for name in columns] for row in examples[:SHOWN_ROWS]
        ],
        "exemples_csv": csv_text(columns, examples) if len(examples) > SHOWN_ROWS else "",
        "exemples_gardes": len(examples),
        "indicateurs": [{"id": slug, "titre": titles.get(slug, slug)} for slug in sorted(set(slugs))],
    }


def _dataset(
    entry: Mapping[str, Any], checks: Sequence[Mapping[str, Any]], measure: Mapping[str, Any] | None
) -> dict[str, Any]:
    own = [check for check in checks if check["jeu"] == entry["id"]]
    count = {kind: sum(check["resultat"] == kind for check in own) for kind in _ORDER}
    measure = measure or {}
    state = entry.get("state", "")
    urgent = state in ("en_echec", "quarantaine") or count[Resultat.BLOQUANT] or count[Resultat.ERREUR]
    return {
        "id": entry["id"],
        "titre": entry.get("titre") or entry["id"],
        "etat": state,
        "etat_texte": STATES.get(state, state.replace("_", " ")),
        "perime_depuis": day(entry.get("perime_depuis")),
        "periode": in_french(entry["last_period"]) if entry.get("last_period") else "",
        "prochaine": day(entry.get("expected_next")),
        "en_retard": bool(entry.get("late")),
        "partitions": entry.get("partitions"),
        "nouvelles": entry.get("new_editions") or 0,
        "lignes": measure.get("lignes", entry.get("rows")),
        "communes": measure.get("communes"),
        "communes_attendues": measure.get("communes_attendues"),
        "secret_part": _part(measure.get("secretes"), measure.get("parmi")),
        "passes": count[Resultat.PASSE],
        "a_revoir": count[Resultat.A_REVOIR],
        "bloquants": count[Resultat.BLOQUANT] + count[Resultat.ERREUR],
        "deroges": count[Resultat.DEROGE],
        "erreur": entry.get("error"),
        "urgence": _urgency(entry, urgent=bool(urgent), review=bool(count[Resultat.A_REVOIR])),
    }


def _urgency(entry: Mapping[str, Any], *, urgent: bool, review: bool) -> int:
    """Place of a dataset in the report: stopped, then to be looked at, then late or silent, then quiet."""
    if urgent:
        return 0
    if review or entry.get("perime_depuis"):
        return 1
    return 2 if entry.get("late") or entry.get("state") in ("retiree", "desactivee") else 3


def _part(secret: int | None, among: int | None) -> float | None:
    return round(100 * secret / among, 1) if secret is not None and among else None


def _release(release: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": release.get("id") or "",
        "publiee": bool(release.get("published")),
        "raison": release.get("reason") or "",
    }


def _errors(record: Mapping[str, Any]) -> list[dict[str, str]]:
    """Errors of the run, then of the datasets, each once, with what, where and what to do."""
    out: list[dict[str, str]] = []
    found = [(error.get("step", ""), error) for error in record.get("errors") or []]
    found += [(entry["id"], entry["error"]) for entry in record.get("datasets") or [] if entry.get("error")]
    for place, error in found:
        item = {
            "sujet": step(place),
            "quoi": error.get("what", ""),
            "ou": error.get("where", ""),
            "faire": error.get("todo", ""),
        }
        if item not in out:
            out.append(item)
    return out


def _mail(mail: Mapping[str, Any], titles: Mapping[str, str], roles: Mapping[str, str]) -> dict[str, Any]:
    """Counts, roles without address (a record of an older run lists bare ids), changes not told, messages to look at.

    A message refused for ever or given up carries its key: a person needs it to close it or to send it again.
    """
    told = [
        item if isinstance(item, Mapping) else {"role": item, "vers": "2p2t"} for item in mail.get("fallbacks") or []
    ]
    names = [(roles.get(item["role"], item["role"]), item["vers"]) for item in told]
    return {
        "composes": mail.get("composed", 0),
        "envoyes": mail.get("sent", 0),
        "ecrits": mail.get("written", 0),
        "en_attente": mail.get("pending", 0),
        "refuses": mail.get("refused", 0),
        "replis": {
            "pilote": sorted(name for name, where in names if where != "fichier"),
            "fichier": sorted(name for name, where in names if where == "fichier"),
        },
        "non_envoyes": [
            {"titre": titles.get(item["indicateur"], item["indicateur"]), "raison": item["raison"]}
            for item in mail.get("not_sent") or []
        ],
        "a_regarder": [
            {
                "sujet": item["subject"],
                "role": item["role"],
                "erreur": item["error"],
                "essais": item["attempts"],
                "cle": "" if item["state"] == "echec" else item["key"],
                "suite": item.get("next") or "",
            }
            for item in mail.get("waiting") or []
        ],
    }


def _change(change: Mapping[str, Any], titles: Mapping[str, str], words: Mapping[str, Any]) -> dict[str, Any]:
    states = words["etats"]
    return {
        "titre": titles.get(change["indicateur"], change["indicateur"]),
        "avant": states.get(change.get("etat_avant") or "", ""),
        "apres": states.get(change["etat_apres"], change["etat_apres"]),
        "cause": words["causes"].get(change.get("cause") or "", ""),
        "premiere": bool(change.get("premiere")),
    }


def _nature(item: Mapping[str, Any], words: Mapping[str, Any]) -> dict[str, Any]:
    """« publié par le producteur : 2014 à 2019 » for each nature met on the indicator's own territory."""
    told = []
    for group in item["natures"]:
        first, last = group["periodes"][0], group["periodes"][-1]
        span = group["dite"] if group["dite"] and first == last else between(first, last)
        told.append(f"{words['natures'].get(group['nature'], group['nature'])} ({span})")
    return {
        "titre": item["titre"],
        "territoire": item["territoire"],
        "nature": " ; ".join(told),
        "recalcule": any(group["nature"] == "recalcule" for group in item["natures"]),
    }
