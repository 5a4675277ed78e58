"""View model of an indicator's page: values, state, trajectory, communes, details, notices.

Not here: the path of the figure (`views_trace`), charts, maps and sentences. Every number shown is one that the
warehouse wrote; this module chooses, orders and words.
"""

from __future__ import annotations

from typing import Any

from flows.core import periods
from flows.core.words import Statut
from flows.publishing import numbers
from flows.publishing.grammar import lower_first
from flows.publishing.views_data import Place, Row, World, sort_name
from flows.publishing.views_home import indicator_row, judged_part, part_label
from flows.publishing.views_plan import FOLDERS, address, name
from flows.publishing.views_state import state, trajectory

RECENT = 16  # periods shown before older ones are folded


def indicator_page(world: World, indicator: Row) -> dict[str, Any]:
    """Everything the page of one indicator says, except its drawings, sentences and traceability."""
    place = world.headline_place(indicator)
    ident = indicator["indicateur"]
    values = values_table(world, indicator, place)
    lines = values["lignes"] + values["anciennes"] if values else []
    return {
        "indicateur": indicator,
        "marques": marks(world, [c for line in lines for c in line["cellules"]]),
        "place": {"nom": world.name(place), "niveau": place[0], "code": place[1]},
        "ligne": indicator_row(world, indicator, place),
        "valeurs": values,
        "etat": state(world, indicator),
        "trajectoire": trajectory(world, indicator),
        "communes": communes_table(world, indicator),
        "details": details_table(world, indicator, place),
        "avis": notices(world, indicator, place),
        "sert": serves(world, indicator),
        "fil": breadcrumb(world, indicator),
        "donnees": bool(world.series[ident] or world.parts[ident]),
    }


def values_table(world: World, indicator: Row, place: Place) -> Row | None:
    """The same values as the chart: one line a period, one column a territory, newest first.

    Returns:
        `colonnes` (names), `principale` (is the first one the indicator's own territory), `lignes` and `anciennes`
        (periode, cellules), or None when there is no figure. The judged detail (a cumul) has its own column when the
        state is judged on it.
    """
    ident = indicator["indicateur"]
    part = judged_part(world, indicator, place)
    columns: list[tuple[str, list[Row]]] = []
    if part:
        columns.append((f"{world.name(place)}, {lower_first(part_label(indicator, part[-1]))}", part))
    mine = bool(part) or world.latest(ident, place) is not None
    for other in (place, *comparisons(world, indicator, place)):
        if world.latest(ident, other) is not None:  # a column of dashes would say nothing
            columns.append((world.name(other), world.series[ident][other]))
    if not columns:
        return None
    by_period = [{row["periode"]: row for row in rows} for _, rows in columns]
    every = sorted({p for rows in by_period for p in rows}, key=periods.sort_key, reverse=True)
    lines = []
    for period in every:
        found = [known.get(period) for known in by_period]
        if any(r is not None and r["statut"] != Statut.MANQUANT for r in found):
            cells = [cell(world, r) for r in found]
            lines.append({"periode": numbers.period_in_french(period), "cellules": cells})
    if not lines:
        return None
    notes = number_notes([c for line in lines for c in line["cellules"]])
    cut = RECENT if len(lines) > RECENT + 4 else len(lines)
    return {
        "colonnes": [name for name, _ in columns],
        "principale": mine,
        "lignes": lines[:cut],
        "anciennes": lines[cut:],
        "notes": notes,
    }


def comparisons(world: World, indicator: Row, place: Place) -> list[Place]:
    """Comparison territories of the indicator that have figures, in the order the territory file gives."""
    wanted = set(indicator["comparaisons"] or ())
    known = world.series[indicator["indicateur"]]
    places = [
        (r["niveau"], r["code"])
        for r in sorted(world.places.values(), key=lambda r: (r["ordre"] or 0, r["code"]))
        if r["role"] in ("reference", "voisin") and r["niveau"] in wanted
    ]
    return [p for p in places if p != place and known.get(p)]


def cell(world: World, row: Row | None) -> Row:
    """One figure of a table: its text, its mark (provisoire, estime, secret, manquant or ""), its note."""
    if row is None:
        return {"texte": "–", "marque": "", "note": "", "vide": True, "simule": False, "renvoi": 0}
    mark = row["statut"] if row["statut"] != Statut.DEFINITIF else ""
    return {
        "texte": world.figure(row, unit=False),
        "marque": mark,
        "note": row["note"] or "",
        "vide": row["valeur"] is None,
        "simule": row["nature"] == "simule",
        "renvoi": 0,
    }


def marks(world: World, cells: list[Row]) -> list[tuple[str, str]]:
    """Marks that some cells carry, with their meaning: (« p. », « provisoire »)…, in a fixed order."""
    used = {c["marque"] for c in cells if not c["vide"]}
    out = [
        (f"{world.words['statuts'][s][0]}.", world.words["statuts"][s])
        for s in (Statut.PROVISOIRE, Statut.ESTIME)
        if s in used
    ]
    if any(c["simule"] for c in cells):
        out.append((f"{world.words['natures']['simule'][0]}.", world.words["natures"]["simule"]))
    return out


def number_notes(cells: list[Row]) -> list[str]:
    """Number the notes of a table's cells: each distinct text once, in reading order; cells get their `renvoi`."""
    notes: list[str] = []
    for one in cells:
        if one["note"]:
            if one["note"] not in notes:
                notes.append(one["note"])
            one["renvoi"] = notes.index(one["note"]) + 1
    return notes


def communes_table(world: World, indicator: Row) -> Row | None:
    """The communes' values of the newest period that most of them share, in alphabetical order; None without any."""
    ident = indicator["indicateur"]
    series = world.series[ident]
    counts: dict[str, int] = {}
    for commune in world.communes:
        for row in series.get(("commune", commune["code"]), ()):
            if row["statut"] != Statut.MANQUANT:
                counts[row["periode"]] = counts.get(row["periode"], 0) + 1
    if not counts:
        return None
    enough = max(counts.values()) / 2
    period = max((p for p, n in counts.items() if n >= enough), key=periods.sort_key)
    lines = []
    for commune in sorted(world.communes, key=lambda r: (sort_name(r["nom"]), r["code"])):
        row = world.at(ident, ("commune", commune["code"]), period)
        lines.append({"code": commune["code"], "nom": commune["nom"], "cellule": cell(world, row)})
    secrets = sum(1 for line in lines if line["cellule"]["marque"] == Statut.SECRET)
    return {
        "periode": period,
        "periode_mots": numbers.period_in_french(period),
        "lignes": lines,
        "notes": number_notes([line["cellule"] for line in lines]),
        "secrets": secrets,
        "total": len(lines),
    }


def details_table(world: World, indicator: Row, place: Place) -> Row | None:
    """The newest period's details (sectors, energies…) of the indicator's territory.

    None when it has none but the one its state is judged on, which the table of values gives already.
    """
    rows = world.parts[indicator["indicateur"]].get(place, [])
    judged = {r["ventilation"] for r in judged_part(world, indicator, place)}
    if {r["ventilation"] for r in rows} <= judged:
        return None
    period = rows[-1]["periode"]
    lines = [{"nom": part_label(indicator, r), "cellule": cell(world, r)} for r in rows if r["periode"] == period]
    notes = number_notes([line["cellule"] for line in lines])
    return {"periode_mots": numbers.period_in_french(period), "lignes": lines, "notes": notes}


def notices(world: World, indicator: Row, place: Place) -> list[tuple[str, str]]:
    """What a reader must know before the figure: (kind, sentence), most serious first."""
    words = world.words["avis"]
    ident, out = indicator["indicateur"], []
    last = world.latest(ident, place)
    if any(i["indicateur"] == ident for i in world.simulated()):
        out.append(("simule", words["simule"]))
    late = [r["perime_depuis"] for r in world.series[ident].get(place, ()) if r["perime_depuis"] is not None]
    if late:
        out.append(("perime", words["perime"].format(date=numbers.date_in_french(max(late)))))
    if last is not None and last["statut"] == Statut.PROVISOIRE:
        out.append(("provisoire", words["provisoire"]))
    for cut in breaks_crossed(world, ident):
        said = words["rupture"].format(periode=numbers.in_period(cut["periode"]), raison=cut["motif"].rstrip(". "))
        out.append(("rupture", said))
    communes = communes_table(world, indicator)
    if communes and communes["secrets"]:
        out.append(("secret", words["secret"].format(n=communes["secrets"], total=communes["total"])))
    return out


def breaks_crossed(world: World, ident: str) -> list[Row]:
    """Breaks with figures of some territory on both sides: others cut nothing that a reader sees."""
    known = {r["periode"] for rows in world.series[ident].values() for r in rows if r["statut"] != Statut.MANQUANT}
    keys = [periods.sort_key(p) for p in known]
    if not keys:
        return []
    return [b for b in world.breaks[ident] if min(keys) < periods.sort_key(b["periode"]) <= max(keys)]


def serves(world: World, indicator: Row) -> list[Row]:
    """What the indicator serves, with an address where the entry has a page."""
    out = []
    for ident in indicator["sert"] or ():
        entry = world.catalogue.get(ident)
        if entry is None:
            continue
        where = address(entry)
        out.append({"libelle": entry["libelle"], "adresse": where, "type": entry["type"]})
    return out


def breadcrumb(world: World, indicator: Row) -> list[tuple[str, str]]:
    """(words, address) from the first engagement and champ served; the list of indicators when there is none."""
    trail = []
    for kind in ("engagement", "champ"):
        for ident in indicator[FOLDERS[kind]] or ():
            entry = world.catalogue.get(ident)
            if entry is not None and entry["type"] == kind:
                trail.append((name(entry), address(entry)))
                break
    return trail or [(world.words["nav"]["indicateurs"], "/indicateurs/")]
