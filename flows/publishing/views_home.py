"""View models of the home page and of lists of indicators (home, engagements, champs, all indicators).

Not here: sentences (`sentences`), charts and maps; a state is never computed here, only counted and worded.
"""

from __future__ import annotations

import re
from typing import Any

from flows.core import periods
from flows.core.words import Etat, Statut
from flows.publishing import numbers
from flows.publishing.figures import is_unfinished
from flows.publishing.presence import DEPOSIT, FIGURES, NONE, ORDER, SOURCE
from flows.publishing.sparkline import spark
from flows.publishing.views_data import Place, Row, World

_JUDGED = (Etat.DERIVE, Etat.A_SURVEILLER, Etat.ATTEINT, Etat.EN_AVANCE, Etat.SUR_TRAJECTOIRE)
HOME_ROWS = 3  # indicators shown under each engagement of the home page


def indicator_row(world: World, indicator: Row, place: Place | None = None) -> Row:
    """One indicator as a line of a list: name, last value, period, sparkline, state.

    Args:
        place: territory of the value; the indicator's own when None.

    Returns:
        slug, titre, titre_court, valeur, periode, etat, precision (said in place of the state, or ""), a_actualiser,
        contexte, spark, spark_alt, marque (provisoire, estime or ""), simule, territoire ("" when it is the
        observatory's own), absence and absence_raison (said when no value), presence and service (see `situation`).
    """
    place = place or world.headline_place(indicator)
    own = (world.own["niveau"], world.own["code"])
    status = world.status.get(indicator["indicateur"])
    part = judged_part(world, indicator, place)
    last = part[-1] if part else world.latest(indicator["indicateur"], place)
    line = sparkline(world, indicator, place, part)
    here = situation(world, indicator)
    return {
        "slug": indicator["slug"],
        "titre": indicator["titre"],
        "titre_court": indicator["titre_court"] or indicator["titre"],
        "valeur": world.figure(last) if last else "",
        "periode": world.period(last) if last else "",
        "precision": world.precision(status),
        "marque": last["statut"] if last and last["statut"] in (Statut.PROVISOIRE, Statut.ESTIME) else "",
        "etat": None if indicator["contexte"] or status is None else status["etat"],
        "a_actualiser": bool(status and status["a_actualiser"]),
        "contexte": indicator["contexte"],
        "raison": indicator["raison"] if not indicator["calcule"] else "",
        "simule": bool(last and last["nature"] == "simule"),
        "territoire": "" if place == own else world.name(place),
        "absence": here["mots"],
        "absence_raison": here["raison"],
        "presence": here["cle"],
        "service": here["service"],
        "detail": part_label(indicator, last, unit=False) if last and last["ventilation"] else "",
    } | line


def situation(world: World, indicator: Row) -> Row:
    """What an indicator has to show, in words: `cle` (see `presence`), `mots`, `service` (who deposits it, when a
    deposit is awaited) and `raison` (what to read in place of a figure, or "")."""
    key, words = world.presence(indicator), world.words["presences"]
    service = str(indicator["service"] or "") if key == DEPOSIT else ""
    reason = words["raisons"].get(key, "")
    if service:
        reason = words["service"].format(service=service)
    elif key in (SOURCE, NONE) and indicator["raison"]:
        reason = indicator["raison"]
    return {"cle": key, "mots": words[key], "service": service, "raison": reason}


def judged_part(world: World, indicator: Row, place: Place) -> list[Row]:
    """The detail a state is judged on (a cumulated series, for one), when the state's value is not the total's."""
    status = world.status.get(indicator["indicateur"])
    if status is None or status["valeur"] is None:
        return []
    total = world.at(indicator["indicateur"], place, status["periode"] or "")
    if total is not None and total["valeur"] == status["valeur"]:
        return []
    rows = world.figures(indicator["indicateur"]).parts.get(place, ())
    match = [r for r in rows if r["periode"] == status["periode"] and r["valeur"] == status["valeur"]]
    if len(match) != 1:
        return []
    return [r for r in rows if r["ventilation"] == match[0]["ventilation"]]


def sparkline(world: World, indicator: Row, place: Place, rows: list[Row] | None = None) -> Row:
    """Sparkline of a series since its last break: `spark` (None under two values) and `spark_alt` (its words)."""
    rows = rows or world.figures(indicator["indicateur"]).series.get(place, [])
    cuts = [periods.sort_key(b["periode"]) for b in world.breaks[indicator["indicateur"]]]
    whole = known = [r for r in rows if r["valeur"] is not None and not is_unfinished(r, world.nuit)]
    if known and known[-1]["nature"] == "simule":  # made-up years rise and fall for nobody
        return {"spark": None, "spark_alt": world.words["indicateurs"]["serie_simulee"]}
    if known and cuts:
        reached = [cut for cut in cuts if cut <= periods.sort_key(known[-1]["periode"])]
        known = [r for r in known if not reached or periods.sort_key(r["periode"]) >= max(reached)]
    line = spark([(r["annee"], r["valeur"]) for r in known])
    if line is None:
        short = "serie_coupee" if len(whole) > len(known) else "serie_trop_courte"
        return {"spark": None, "spark_alt": world.words["indicateurs"][short] if known else ""}
    alt = world.words["indicateurs"]["serie_alt"].format(
        n=len(known),
        debut=numbers.period_in_french(known[0]["periode"]),
        fin=numbers.period_in_french(known[-1]["periode"]),
    )
    return {"spark": line, "spark_alt": alt}


def part_label(indicator: Row, row: Row, *, unit: bool = True) -> str:
    """French label of a detail, with its unit when that is not the total's; its id when none is declared.

    Labels are declared as « id: label ».
    """
    label = str(row["ventilation"])
    for entry in indicator["ventilations"] or ():
        ident, _, words = entry.partition(":")
        if ident.strip() == row["ventilation"] and words.strip():
            label = words.strip()
    other = unit and row["unite"] and row["unite"] != indicator["unite"]
    if not other or label.lower() == str(row["unite"]).lower():
        return label
    return f"{label} ({numbers.shown_unit(row['unite'])})"


def change_row(world: World, change: Row) -> Row:
    """One change of state in words: before, after, cause, period and value."""
    indicator = world.by_id[change["indicateur"]]
    after = change["periode_apres"] or ""
    return {
        "slug": indicator["slug"],
        "titre": indicator["titre_court"] or indicator["titre"],
        "avant": change["etat_avant"],
        "apres": change["etat_apres"],
        "cause": world.words["causes"].get(change["cause"], change["cause"]),
        "periode": numbers.period_in_french(after) if after else "",
        "valeur": world.measure(indicator, change["valeur_apres"]) if change["valeur_apres"] is not None else "",
        "premiere": change["premiere"],
    }


def changes(world: World) -> tuple[list[Row], bool]:
    """Changes of state since the predecessor, in the indicators' order, and whether this is the first release."""
    first = any(c["premiere"] for c in world.changes)
    order = {i["indicateur"]: n for n, i in enumerate(world.indicators)}
    rows = sorted(
        (c for c in world.changes if not c["premiere"]),
        key=lambda c: (order.get(c["indicateur"], 0), c["indicateur"]),
    )
    return [change_row(world, c) for c in rows], first


def home(world: World) -> dict[str, Any]:
    """Everything the home page says, except its map."""
    finalite = world.of_type("finalite")
    moved, first = changes(world)
    followed = [i for i in world.indicators if not i["contexte"]]
    cards = [engagement_card(world, e, HOME_ROWS) for e in world.of_type("engagement")]
    shown = counts(world, world.indicators)
    told = ", ".join(world.words["accueil"]["presences"][row["cle"]].format(n=row["n"]) for row in shown)
    return {
        "chapo": world.words["accueil"]["chapo"].format(total=len(world.indicators), comptes=told),
        "finalite": finalite[0] if finalite else None,
        "suivis": len(followed),
        "contexte": len(world.indicators) - len(followed),
        "etats": world.states(),
        "barre": bar([(etat, n) for etat, _, n in world.states()]),
        "temps": calendar(world),
        "bouge": moved[:6],
        "bouge_total": len(moved),
        "premiere": first,
        "engagements": cards,
        "marques": marks(world, [line for card in cards for line in card["lignes"]]),
        "inconnu": unknown(world),
    }


def counts(world: World, indicators: list[Row]) -> list[Row]:
    """Number of indicators by what they show, `cle` and `n`, in the order of `presence.ORDER`; none left out."""
    found = [world.presence(i) for i in indicators]
    return [{"cle": key, "n": found.count(key)} for key in ORDER if key in found]


def marks(world: World, lines: list[Row]) -> list[tuple[str, str]]:
    """Marks that some figures carry, with their meaning: (« p. », « provisoire »)…, in a fixed order."""
    used = {line["marque"] for line in lines}
    out = [
        (f"{world.words['statuts'][s][0]}.", world.words["statuts"][s])
        for s in (Statut.PROVISOIRE, Statut.ESTIME)
        if s in used
    ]
    if any(line["simule"] for line in lines):
        out.append((f"{world.words['natures']['simule'][0]}.", world.words["natures"]["simule"]))
    return out


def engagement_card(world: World, entry: Row, limit: int | None = None) -> Row:
    """An engagement and its indicators: those judged first, then those with a real figure, then a simulated one."""
    serving = world.serving(entry["id"])

    def rank(indicator: Row) -> tuple[int, int]:
        status = world.status.get(indicator["indicateur"])
        judged = status is not None and status["etat"] in _JUDGED and not indicator["contexte"]
        known = world.latest(indicator["indicateur"], world.headline_place(indicator)) is not None
        real = world.presence(indicator) == FIGURES and not indicator["contexte"]
        return (0 if judged else 1 if real else 2 if known else 3), indicator["ordre"] or 0

    ordered = sorted(serving, key=rank)
    shown = ordered if limit is None else ordered[:limit]
    return {
        "id": entry["id"],
        "numero": re.sub(r"\D", "", entry["id"]) or str(entry["ordre"]),
        "libelle": entry["libelle"],
        "lignes": [indicator_row(world, i) for i in shown],
        "total": len(serving),
        "comptes": counts(world, serving),
    }


def bar(states: list[tuple[str, int]]) -> list[Row]:
    """Segments of the one bar of states, in percent of its width: `etat`, `n`, `x`, `largeur`, `milieu`, `lisible`
    (wide enough to hold its number)."""
    total = sum(n for _, n in states)
    segments, x = [], 0.0
    for etat, n in states:
        part = 100 * n / total
        segments.append(
            {
                "etat": etat,
                "n": n,
                "x": f"{x:.2f}",
                "largeur": f"{part:.2f}",
                "milieu": f"{x + part / 2:.2f}",
                "lisible": part >= 6,
            }
        )
        x += part
    return segments


def calendar(world: World) -> Row | None:
    """The project's twenty years as a line: first and last year, the night's place on it, in percent.

    Read from the project's own name (« 2024-2044 »); None when it names no years.
    """
    years = re.findall(r"\b(20\d\d)\b", world.territory["projet"])
    if len(years) < 2:
        return None
    first, last = int(years[0]), int(years[1])
    now = periods.decimal_year(world.nuit)
    share = min(max((now - first) / (last - first), 0.0), 1.0)
    rank = min(max(int(now) - first + 1, 1), last - first)
    return {
        "debut": first,
        "fin": last,
        "annee": int(now),
        "part": share,
        "rang": "1re" if rank == 1 else f"{rank}e",
        "duree": last - first,
        "annees": [(year, (year - first) / (last - first)) for year in range(first, last + 1)],
    }


def unknown(world: World) -> Row:
    """What is not known: no objective, a deposit awaited, not judged (and why), late sources, secret figures."""
    to_fix, unjudged, awaited = [], [], []
    for indicator in world.indicators:
        status = world.status.get(indicator["indicateur"])
        if indicator["contexte"] or status is None:
            continue
        if status["etat"] == Etat.TRAJECTOIRE_A_FIXER:
            to_fix.append(indicator)
        elif world.presence(indicator) == DEPOSIT:
            awaited.append(indicator)
        elif status["etat"] == Etat.NON_EVALUABLE:
            unjudged.append({"indicateur": indicator, "raison": status["raison_texte"] or indicator["raison"]})
    own = {c["code"] for c in world.communes}
    secret = []
    for indicator in world.indicators:
        counts: dict[str, int] = {}
        for code, period, statut in world.figures(indicator["indicateur"]).newest_of("commune"):
            if code in own and statut == Statut.SECRET:
                counts[period] = counts.get(period, 0) + 1
        for period in sorted(counts, key=periods.sort_key, reverse=True):
            said = numbers.period_in_french(period)
            secret.append({"indicateur": indicator, "periode": said, "n": counts[period]})
    late = [d for d in world.datasets.values() if d["etat"] in ("perime", "retire", "desactive") or _never_came(d)]
    return {"objectif": to_fix, "saisies": awaited, "evaluable": unjudged, "perimes": late, "secrets": secret}


def _never_came(dataset: Row) -> bool:
    """A source that was asked and never gave anything; deposits that nobody made yet are not a failure."""
    return dataset["etat"] == "jamais_recu" and bool(dataset["etat_detail"])
