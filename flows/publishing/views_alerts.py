"""The page of alerts: the open ones with their answers, those that wait and why, what was told and what was not.

Not here: deciding (the alert ledger of the release) and e-mails. Everything shown is in `fct_alert`, `fct_alert_log`
and `fct_status`; roles, never names, and never an address.
"""

from __future__ import annotations

from typing import Any

from flows.publishing import numbers
from flows.publishing.views_data import Row, World

OPEN = ("ouverte", "suspendue", "retour_retenu", "retour_a_confirmer")
WAITING = ("retenue", "a_confirmer")
LINES = 60  # of the log on the page; the whole is in the releases


def alerts_page(world: World) -> dict[str, Any]:
    """`ouvertes`, `en_attente`, `closes` (newest first, the last twenty) and `journal`, as rows of texts."""
    rows = [alert for alert in world.alerts if alert["indicateur"] in world.by_id]
    drifts = [alert for alert in rows if alert["genre"] == "derive"]
    over = sorted(
        (a for a in drifts if a["etat"] == "close" and a["ouverte"]), key=lambda a: a["close"], reverse=True
    )
    lines = log_lines(world)
    return {
        "ouvertes": [_alert(world, alert) for alert in drifts if alert["etat"] in OPEN],
        "en_attente": [_alert(world, alert) for alert in rows if alert["etat"] in WAITING],
        "closes": [_alert(world, alert) for alert in over[:20]],
        "journal": lines[:LINES],
        "journal_reste": max(0, len(lines) - LINES),
    }


def _alert(world: World, alert: Row) -> Row:
    words = world.words["alertes"]
    indicator, status = world.by_id[alert["indicateur"]], world.status[alert["indicateur"]]
    figure = world.measure(indicator, status["valeur"]) if status["valeur"] is not None else ""
    if figure and status["periode"]:
        figure += f" ({numbers.period_in_french(status['periode'])})"
    if figure and status["attendu"] is not None:
        figure += words["attendu"].format(valeur=world.measure(indicator, status["attendu"]))
    return {
        "alerte": alert["alerte"],
        "slug": indicator["slug"],
        "titre": indicator["titre_court"] or indicator["titre"],
        "etat": words["etats"][alert["etat"]],
        "depuis": alert["ouverte"] or alert["depuis"],
        "close": alert["close"],
        "cause": _cause(world, alert["cause"]),
        "chiffre": figure,
        "raison": alert["raison"],
        "rappels": alert["rappels"] or 0,
        "accuse": alert["accuse"],
        "sommeil": alert["sommeil"],
        "reponse": {
            "le": alert["reponse_le"],
            "par": alert["reponse_par"],
            "cause": alert["reponse_cause"],
            "action": alert["reponse_action"],
            "echeance": alert["reponse_echeance"],
        }
        if alert["reponse_le"]
        else None,
    }


def log_lines(world: World) -> list[Row]:
    """The alert log, newest first: `nuit`, `slug`, `titre`, `quoi`, `dit` (were leads told?), `detail`, `cle`."""
    words = world.words["alertes"]
    lines = []
    for row in reversed(world.alert_log):
        indicator = world.by_id.get(row["indicateur"])
        if row["indicateur"] and indicator is None:  # an indicator that the catalogue dropped since
            continue
        states = [world.words["etats"].get(row[name] or "", "") for name in ("etat_avant", "etat_apres")]
        moved = " → ".join(state for state in states if state) if row["evenement"] in words["avec_etats"] else ""
        parts = [
            moved,
            _cause(world, row["cause"]) if moved else "",
            words["destinataires"][row["destinataires"] or ""],
        ]
        if row["raison"]:
            parts[-1] = f"{parts[-1]} : {row['raison']}"
        lines.append(
            {
                "nuit": row["nuit"],
                "cle": row["cle"],
                "slug": indicator["slug"] if indicator else "",
                "titre": (indicator["titre_court"] or indicator["titre"]) if indicator else "",
                "quoi": words["evenements"][row["evenement"]],
                "dit": row["destinataires"] == "referents",
                "detail": ". ".join(part[:1].upper() + part[1:] for part in parts if part) + ".",
            }
        )
    return lines


def _cause(world: World, cause: str) -> str:
    return str(world.words["causes"].get(cause or "", cause or ""))
