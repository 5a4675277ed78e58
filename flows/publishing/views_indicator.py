"""View model of an indicator's page: values, state, trajectory, communes, details, notices.

Not here: the path of the figure (`views_trace`), charts, maps and sentences. Every number shown is one that the
warehouse wrote; this module chooses, orders and words.
"""

from __future__ import annotations

import re
from typing import Any

from flows.core import periods
from flows.core.words import Statut
from flows.publishing import numbers
from flows.publishing.grammar import at_start, lower_first, typographic
from flows.publishing.observed import COMMUNE
from flows.publishing.views_data import Place, Row, World
from flows.publishing.views_home import indicator_row, judged_part, marks, part_label
from flows.publishing.views_known import known_then
from flows.publishing.views_pace import pace
from flows.publishing.views_plan import FOLDERS, address, name
from flows.publishing.views_release import correction
from flows.publishing.views_state import state, trajectory, update

_COUNT = re.compile("^([0-9][0-9 \u202f\u00a0]*) ([a-zéèê]+)\\.(.*)$")
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
        "connu": known_then(world, indicator),
        "allure": pace(world, indicator),
        "attendue": update(world, indicator),
        "trajectoire": trajectory(world, indicator),
        "communes": communes_table(world, indicator),
        "details": details_table(world, indicator, place),
        "avis": notices(world, indicator, place),
        "sert": serves(world, indicator),
        "corrections": [
            correction(world, row)
            for row in world.corrections
            if row["jeu"] in (indicator["jeux"] or ()) and row["etat"] == "appliquee"
        ],
        "fil": breadcrumb(world, indicator),
        "donnees": bool(world.figures(ident)),
    }


def values_table(world: World, indicator: Row, place: Place) -> Row | None:
    """The same values as the chart: one line a period, one column a territory, newest first.

    Returns:
        `colonnes` (names), `places` (of the totals), `unites` (theirs), `principale` (is the first one its own),
        `lignes` and `anciennes` (periode, cellules), or None when there is no figure. The judged detail (a cumul) has
        its own column when the state is judged on it. Periods are those of the indicator's own territory, when it
        has figures; a comparison known for less than half of them is left to the chart and the downloads.
    """
    ident = indicator["indicateur"]
    part = judged_part(world, indicator, place)
    columns: list[tuple[str, list[Row]]] = []
    places: list[Place] = []
    if part:
        columns.append((f"{world.name(place)}, {lower_first(part_label(indicator, part[-1], unit=False))}", part))
    mine = bool(part) or world.latest(ident, place) is not None
    for other in (place, *comparisons(world, indicator, place)):
        if world.latest(ident, other) is not None:  # a column of dashes would say nothing
            columns.append((world.name(other), world.figures(ident).series[other]))
            places.append(other)
    if not columns:
        return None
    own = bool(part) + (world.latest(ident, place) is not None)  # the first columns are the territory's own
    every = _periods(columns[:own] or columns)
    kept = [n < own or not own or 2 * _filled(rows, every) >= len(every) for n, (_, rows) in enumerate(columns)]
    places = [p for p, keep in zip(places, kept[bool(part) :], strict=True) if keep]
    columns = [column for column, keep in zip(columns, kept, strict=True) if keep]
    by_period = [{row["periode"]: row for row in rows} for _, rows in columns]
    lines = []
    for period in every:
        found = [known.get(period) for known in by_period]
        if any(r is not None and r["statut"] != Statut.MANQUANT for r in found):
            cells = [cell(world, r) for r in found]
            lines.append({"periode": world.period(next(r for r in found if r is not None)), "cellules": cells})
    if not lines:
        return None
    notes = number_notes([c for line in lines for c in line["cellules"]])
    cut = RECENT if len(lines) > RECENT + 4 else len(lines)
    return {
        "colonnes": [name for name, _ in columns],
        "places": places,
        "unites": [numbers.shown_unit(rows[-1]["unite"] or indicator["unite"]) for _, rows in columns],
        "principale": mine,
        "lignes": lines[:cut],
        "anciennes": lines[cut:],
        "notes": notes,
    }


def _periods(columns: list[tuple[str, list[Row]]]) -> list[str]:
    """Periods of which some of these columns say something, newest first."""
    known = {r["periode"] for _, rows in columns for r in rows if r["statut"] != Statut.MANQUANT}
    return sorted(known, key=periods.sort_key, reverse=True)


def _filled(rows: list[Row], every: list[str]) -> int:
    return len({r["periode"] for r in rows if r["valeur"] is not None} & set(every))


def comparisons(world: World, indicator: Row, place: Place) -> list[Place]:
    """Comparison territories of the indicator that have figures, in the order the territory file gives."""
    wanted = set(indicator["comparaisons"] or ())
    known = world.figures(indicator["indicateur"]).series
    places = [
        (r["niveau"], r["code"])
        for r in sorted(world.places.values(), key=lambda r: (r["ordre"] or 0, r["code"]))
        if r["role"] in ("reference", "voisin") and r["niveau"] in wanted
    ]
    return [p for p in places if p != place and known.get(p)]


def cell(world: World, row: Row | None) -> Row:
    """One figure of a table: its text, its mark (provisoire, estime, secret, manquant or ""), its note."""
    if row is None:
        return {"texte": "–", "marque": "", "note": "", "vide": True, "simule": False, "renvoi": 0, "effectif": ""}
    mark = row["statut"] if row["statut"] != Statut.DEFINITIF else ""
    return {
        "texte": world.figure(row, unit=False),
        "marque": mark,
        "note": row["note"] or "",
        "vide": row["valeur"] is None,
        "simule": row["nature"] == "simule",
        "renvoi": 0,
        "effectif": "",
    }


def number_notes(cells: list[Row]) -> list[str]:
    """Number the notes of a table's cells: each distinct text once, in reading order; cells get their `renvoi`.

    A note that every figure of a long table carries stands under it, without a call in each cell.
    """
    notes: list[str] = []
    full = [one["note"] for one in cells if not one["vide"]]
    if len(full) > 4 and len(set(full)) == 1 and full[0] and not any(c["note"] for c in cells if c["vide"]):
        return full[:1]
    for one in cells:
        if one["note"]:
            if one["note"] not in notes:
                notes.append(one["note"])
            one["renvoi"] = notes.index(one["note"]) + 1
    return notes


def communes_table(world: World, indicator: Row) -> Row | None:
    """The communes' values of the newest period that most of them share, in alphabetical order; None without any."""
    figures = world.figures(indicator["indicateur"])
    counts = figures.counts(COMMUNE, {commune["code"] for commune in world.communes})
    if not counts:
        return None
    enough = max(counts.values()) / 2
    period = max((p for p, n in counts.items() if n >= enough), key=periods.sort_key)
    known, lines = figures.at(COMMUNE, period), []
    for commune in world.communes:  # in alphabetical order
        row = known.get(commune["code"])
        lines.append({"code": commune["code"], "nom": commune["nom"], "cellule": cell(world, row)})
    secrets = sum(1 for line in lines if line["cellule"]["marque"] == Statut.SECRET)
    return {
        "periode": period,
        "periode_mots": next(
            world.period(r) for r in (known.get(commune["code"]) for commune in world.communes) if r is not None
        ),
        "lignes": lines,
        "effectifs": effectifs([line["cellule"] for line in lines]),
        "notes": number_notes([line["cellule"] for line in lines]),
        "unite": numbers.shown_unit(indicator["unite"]),
        "secrets": secrets,
        "total": len(lines),
    }


def map_notes(world: World, indicator: Row) -> list[str]:
    """What a map of the communes must say: its source and period, and the break that cuts it from older figures."""
    table, words = communes_table(world, indicator), world.words["accueil"]
    if table is None:
        return []
    ident, period = indicator["indicateur"], table["periode"]
    rows = world.figures(ident).at(COMMUNE, period).values()
    source = next((r["source"] for r in rows if r["source"]), "")
    out = [words["carte_source"].format(source=typographic(source), periode=table["periode_mots"])] if source else []
    cuts = [b for b in breaks_crossed(world, ident) if periods.sort_key(b["periode"]) <= periods.sort_key(period)]
    if cuts:
        last = max(cuts, key=lambda b: periods.sort_key(b["periode"]))
        known = world.figures(ident).words("periode", COMMUNE, details=False)
        before = [p for p in known if periods.sort_key(p) < periods.sort_key(last["periode"])]
        if before:
            when, reason = numbers.in_period(last["periode"]), lower_first(last["motif"].rstrip(". "))
            older = numbers.period_in_french(max(before, key=periods.sort_key))
            out.append(words["carte_rupture"].format(periode=when, raison=reason, avant=older))
    return out


def effectifs(cells: list[Row]) -> str:
    """Title of a column of counts when each note is but a count of the same thing (« 1 075 diagnostics. »), else "".

    The count moves from the note to the cell's `effectif`; what a note says after it stays a note.
    """
    noted = [c for c in cells if c["note"]]
    found = [_COUNT.match(c["note"]) for c in noted]
    nouns = {m[2].rstrip("s") for m in found if m}
    if len(noted) < 3 or len(nouns) != 1 or not all(found):
        return ""
    for one, match in zip(noted, found, strict=True):
        one["effectif"], one["note"] = match[1], match[3].strip()
    return at_start(f"{nouns.pop()}s")


def details_table(world: World, indicator: Row, place: Place) -> Row | None:
    """The newest period's details (sectors, energies…) of the indicator's territory.

    None when it has none but the one its state is judged on, which the table of values gives already.
    """
    rows = world.figures(indicator["indicateur"]).parts.get(place, [])
    judged = {r["ventilation"] for r in judged_part(world, indicator, place)}
    if {r["ventilation"] for r in rows} <= judged:
        return None
    view = details(world, indicator, rows)
    return view | {"notes": number_notes([line["cellule"] for line in view["lignes"]])}


def details(world: World, indicator: Row, rows: list[Row]) -> Row:
    """Details of the newest period: `lignes`, `periode_mots`, and `unite` when all of them share one ("" else)."""
    shown = [r for r in rows if r["periode"] == rows[-1]["periode"]]
    units = {r["unite"] or indicator["unite"] for r in shown}
    lines = []
    for row in shown:
        label = part_label(indicator, row, unit=len(units) > 1)
        if len(units) > 1 and (row["unite"] or indicator["unite"]) == indicator["unite"]:
            label = f"{label} ({numbers.shown_unit(indicator['unite'])})"
        lines.append({"nom": label, "cellule": cell(world, row)})
    unit = numbers.shown_unit(units.pop()) if len(units) == 1 else ""
    return {"periode_mots": world.period(rows[-1]), "lignes": lines, "unite": unit}


def notices(world: World, indicator: Row, place: Place) -> list[tuple[str, str]]:
    """What a reader must know before the figure: (kind, sentence), most serious first."""
    words = world.words["avis"]
    ident, out = indicator["indicateur"], []
    last = world.latest(ident, place)
    if any(i["indicateur"] == ident for i in world.simulated()):
        out.append(("simule", words["simule"]))
    late = [r["perime_depuis"] for r in world.figures(ident).series.get(place, ()) if r["perime_depuis"] is not None]
    if late:
        out.append(("perime", words["perime"].format(date=numbers.date_in_french(max(late)))))
    if last is not None and last["statut"] == Statut.PROVISOIRE:
        out.append(("provisoire", words["provisoire"]))
    for cut in breaks_crossed(world, ident):
        said = words["rupture"].format(
            periode=numbers.in_period(cut["periode"]), raison=lower_first(cut["motif"].rstrip(". "))
        )
        out.append(("rupture", said))
    communes = communes_table(world, indicator)
    if communes and (n := communes["secrets"]):
        when, said = at_start(numbers.in_period(communes["periode"])), words["secret_un" if n == 1 else "secret"]
        out.append(("secret", said.format(periode=when, n=n, total=communes["total"])))
    return out


def breaks_crossed(world: World, ident: str) -> list[Row]:
    """Breaks with figures of some territory on both sides: others cut nothing that a reader sees."""
    keys = [periods.sort_key(p) for p in world.figures(ident).counts()]
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
