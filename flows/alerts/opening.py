"""The opening message's rows: where each indicator stands, or what is not known yet, and what the 2P2T has to carry.

Not here: changes of state (flows.alerts.facts) and layout (templates).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flows.alerts.facts import Facts
from flows.alerts.mime import one_line
from flows.alerts.wording import figure_words, gap_words, is_simulated, lower_first, state_words, unit_of
from flows.core.words import Etat

# States that say where the indicator stands; the others say that nothing is known yet.
OPENING_STATES = (Etat.ATTEINT, Etat.EN_AVANCE, Etat.SUR_TRAJECTOIRE, Etat.A_SURVEILLER, Etat.DERIVE)
INCOMPLETE = "trajectoire_incomplete"


def opening_rows(facts: Facts, slugs: Sequence[str]) -> list[dict[str, Any]]:
    """One row an indicator: title, territory when it is not the EPCI, state, figure with its marks, gap, source."""
    rows = []
    for slug in sorted(slugs, key=lambda s: (facts.indicators[s]["ordre"] or 0, s)):
        indicator, status = facts.indicators[slug], facts.statuses.get(slug)
        etat = Etat(status["etat"]) if status else Etat.NON_EVALUABLE
        figure, code = facts.figure(slug), (status or {}).get("raison") or ""
        row = {"attendu": "", "ecart": "", "ecart_part": "", "chiffre": ""}
        if status:
            unit = unit_of(indicator, figure)
            row |= gap_words(status, int(indicator["decimales"] or 0), unit)
            row["chiffre"] = figure_words(indicator, status, figure, facts.nuit, facts.site)
        else:
            row["chiffre"] = ""
        elsewhere = status is not None and status["territoire_niveau"] != "epci"
        rows.append(
            row
            | {
                "indicateur": slug,
                "titre": one_line(indicator["titre_court"] or indicator["titre"], 120),
                "territoire": lower_first(facts.territory(status)) if status and elsewhere else "",
                "etat": etat,
                "raison_code": code,
                "etat_texte": state_words(etat, code, facts.site),
                "sans_chiffre": _no_figure(facts, slug),
                "raison": one_line((status or {}).get("raison_texte") or indicator["raison"] or "", 300),
                "simule": is_simulated(figure),
                "source": facts.source(slug) if row["chiffre"] else "",
                "lien": facts.link(slug),
            }
        )
    return rows


def _no_figure(facts: Facts, slug: str) -> str:
    if facts.only_in_communes(slug):
        return (
            f"{lower_first(facts.site['presences']['communes_seules'])} ; les chiffres des communes sont sur la page"
        )
    return "pas de chiffre"


def by_reason(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows grouped by state and reason, in order of first appearance: a reason shared by ten is said once."""
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["etat_texte"], row["raison"]), []).append(row)
    return [
        {"etat_texte": state, "raison": _plural(reason) if len(found) > 1 else reason, "lignes": found}
        for (state, reason), found in groups.items()
    ]


def _plural(reason: str) -> str:
    """The warehouse writes its reason for one indicator; said above several, it speaks of them."""
    return reason.replace("cet indicateur", "ces indicateurs")


def to_carry(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """What the body that pilots the project has to carry: titles without objective, titles whose objective is
    incomplete."""
    unset = [row for row in rows if row["etat"] == Etat.TRAJECTOIRE_A_FIXER]
    return {
        "a_fixer": [row["titre"] for row in unset if row["raison_code"] != INCOMPLETE],
        "a_completer": [row["titre"] for row in unset if row["raison_code"] == INCOMPLETE],
    }


def without_objective(facts: Facts, slugs: Sequence[str]) -> list[dict[str, Any]]:
    """The yearly note's rows: an indicator without objective or with an incomplete one, and what the documents say.

    What is missing and the quote of an incomplete trajectory; else the sentences of the Projet de Territoire that the
    indicator serves, each with its line.
    """
    rows = []
    for slug in sorted(slugs, key=lambda s: (facts.indicators[s]["ordre"] or 0, s)):
        indicator, status = facts.indicators[slug], facts.statuses[slug]
        figure = facts.figure(slug)
        rows.append(
            {
                "titre": one_line(indicator["titre_court"] or indicator["titre"], 120),
                "chiffre": figure_words(indicator, status, figure, facts.nuit, facts.site) or _no_figure(facts, slug),
                "simule": is_simulated(figure),
                "incomplet": status["raison"] == INCOMPLETE,
                "documents": facts.documents(slug),
                "lien": facts.link(slug),
            }
        )
    return rows
