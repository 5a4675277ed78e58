"""The deposits of a night in the stewards' report: which file, taken or not, and why not.

Not here: judging a deposit (flows.sources.saisies) and the service's own report, which stands beside the filed file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

SHOWN = 20
_STATES = {
    "accepte": "accepté",
    "refuse": "refusé",
    "laisse": "laissé dans la boîte de dépôt",
    "efface": "détruit, ses octets ayant été effacés à la demande",
}


def deposits(answers: Sequence[Mapping[str, Any]], titles: Mapping[str, str]) -> list[dict[str, Any]]:
    """One row a file, refused ones first: fichier, etat, ton, note, chiffres, indicateurs, problemes, autres, range.

    Args:
        answers: `deposits` of the run record; a record of an older run has none. titles: indicator id → title.
    """
    rows = []
    for answer in sorted(answers, key=lambda a: (a["etat"] == "accepte", a.get("range", ""), a["fichier"])):
        problems = answer.get("problemes") or []
        rows.append(
            {
                "fichier": answer["fichier"],
                "etat": _STATES.get(answer["etat"], answer["etat"]),
                "ton": {"accepte": "bien", "refuse": "arret"}.get(answer["etat"], "attention"),
                "note": answer.get("note") or "",
                "chiffres": answer.get("chiffres"),
                "indicateurs": [titles.get(slug, slug) for slug in answer.get("indicateurs") or []],
                "problemes": [
                    {
                        "ou": (f"ligne {p['ligne']}" if p["ligne"] else "fichier")
                        + (f", colonne « {p['colonne']} »" if p["colonne"] else ""),
                        "quoi": p["raison"],
                        "faire": p["que_faire"],
                    }
                    for p in problems[:SHOWN]
                ],
                "autres": max(0, len(problems) - SHOWN),
                "range": answer.get("range") or "",
            }
        )
    return rows
