"""What a chart of one indicator shows, before any drawing: series, trajectory, marks, axes, words.

Everything is in the units of the figures; pixels appear only in `Frame`. The same model gives the wide and the narrow
drawing and the text description.

Not here: the drawing (`charts_draw`), the places of labels (`charts_labels`), the wording of pages (`sentences`).
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

from flows.core.periods import decimal_year
from flows.publishing.figures import CUMULATIVE_FORMS, Indicator, Row, Serie, is_unfinished
from flows.publishing.grammar import lower_first, typographic
from flows.publishing.numbers import is_intensive, number, short_period, with_unit
from flows.publishing.objective import is_national

ORIGINS = {
    "document": "objectif écrit dans un document",
    "document_incomplet": "objectif écrit, incomplet",
    "hypothese": "hypothèse de travail",
    "hypothese_de_travail": "hypothèse de travail",
    "deliberation": "objectif délibéré",
    "a_fixer": "objectif à fixer",
}
NATIONAL = "obligation nationale, non répartie"


@dataclass(frozen=True)
class Dot:
    """One figure: place on the time axis, value, how it is drawn and said; `periode` as readers see it."""

    x: float
    y: float
    hollow: bool
    text: str
    periode: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Curve:
    """The figures of one territory in time order, cut at breaks and at gaps of unknown figures."""

    nom: str
    segments: tuple[tuple[Dot, ...], ...]

    @property
    def dots(self) -> tuple[Dot, ...]:
        return tuple(dot for segment in self.segments for dot in segment)


@dataclass(frozen=True)
class Model:
    """A chart to be drawn. `kind` is `courbe` or `barres`; `years`: first and last year of the time axis."""

    kind: str
    titre: str
    unite: str
    own: Curve
    others: tuple[Curve, ...]
    trajectory: tuple[tuple[float, float, float | None, float | None], ...]
    target: tuple[float, float, tuple[str, ...]] | None
    breaks: tuple[tuple[float, str, str], ...]  # place, first period of the new series, reason
    today: float | None
    years: tuple[float, float]
    values: tuple[float, float]
    steps: tuple[float, ...]
    from_zero: bool
    simulated: bool
    source: str
    decimales: int
    unite_courte: str

    def said(self, value: float) -> str:
        return with_unit(value, self.unite_courte, self.decimales)


def build(indicator: Indicator, niveau: str, code: str, nuit: str) -> Model | None:
    """The model of a chart, or None when there are not two figures to draw (one is enough with a trajectory)."""
    own_place = (niveau, code) == indicator.own
    decision = indicator.decision if own_place else None
    cumulative = decision is not None and decision["forme"] in CUMULATIVE_FORMS and bool(indicator.curve)
    serie = indicator.cumulated() if cumulative else indicator.serie(niveau, code)
    own = _curve(indicator, serie)
    points = _trajectory(indicator) if own_place else ()
    if len(own.dots) < (1 if points else 2):
        return None
    intensive = is_intensive(str(indicator.meta["unite"]))
    others = _others(indicator, niveau, code, own) if intensive else []
    flow = not intensive and not points and "an" in str(indicator.meta["unite"]).replace("/", " ").split()
    today = _year(nuit)
    years = _years(own, others, points, math.inf if flow else today)
    low, high = _extent(own, others, points)
    from_zero = flow or low <= 0 or low < 0.4 * high
    values, steps = axis(low, high, from_zero)
    cuts = tuple(
        (
            decimal_year(row["periode"]) - 0.5,
            short_period(row["periode"]),
            lower_first(typographic(row["motif"])),
        )
        for row in indicator.breaks
        if years[0] < decimal_year(row["periode"]) - 0.5 < years[1]
    )
    rows = serie.rows
    return Model(
        kind="barres" if flow else "courbe",
        titre=_title(indicator, serie) + (" (cumul)" if cumulative else ""),
        unite=_unit_words(indicator, cumulative, serie),
        own=own,
        others=tuple(others),
        trajectory=points,
        target=_target(indicator, points) if points else None,
        breaks=cuts,
        today=today if years[0] < today <= years[1] and not flow else None,
        years=years,
        values=values,
        steps=steps,
        from_zero=from_zero,
        simulated=any(row["nature"] == "simule" for row in rows),
        source=typographic("; ".join(sorted({row["source"] for row in rows if row["source"]}))),
        decimales=int(indicator.meta["decimales"] or 0),
        unite_courte=_short_unit(indicator),
    )


def _others(indicator: Indicator, niveau: str, code: str, own: Curve) -> list[Curve]:
    """Comparison curves, from the nearest territory to the widest; a commune has its EPCI and the widest one."""
    found = indicator.comparisons(niveau, code)
    if niveau == "commune" and len(found) > 2:
        found = [found[0], found[-1]]
    out = []
    for serie in found:
        curve = _curve(indicator, serie)
        # A lone figure after the own series has stopped is a dot that explains nothing: the table gives it.
        # Years before the own series begins would only press it against the edge.
        parts = [tuple(dot for dot in part if dot.x >= own.dots[0].x) for part in curve.segments]
        kept = [part for part in parts if part and (len(part) > 1 or part[0].x <= own.dots[-1].x)]
        if sum(len(part) for part in kept) > 1:
            out.append(Curve(curve.nom, tuple(kept)))
    return out


def _curve(indicator: Indicator, serie: Serie) -> Curve:
    parts: list[tuple[Dot, ...]] = []
    for segment in indicator.segments(serie.rows):
        run: list[Dot] = []
        for row in segment:
            if row["valeur"] is None:  # an unknown figure is a gap, never a bridge
                parts.append(tuple(run))
                run = []
                continue
            if is_unfinished(row, indicator.nuit):  # part of a year is no point of a line of whole years
                parts += [tuple(run), (_dot(indicator, row),)]
                run = []
                continue
            run.append(_dot(indicator, row))
        parts.append(tuple(run))
    return Curve(typographic(serie.nom), tuple(part for part in parts if part))


def _dot(indicator: Indicator, row: Row) -> Dot:
    said = with_unit(row["valeur"], _short_unit(indicator), int(indicator.meta["decimales"] or 0))
    extra = ", provisoire" if row["statut"] == "provisoire" else ", estimé" if row["statut"] == "estime" else ""
    return Dot(
        x=float(row["annee"]),
        y=float(row["valeur"]),
        hollow=row["statut"] == "provisoire",
        text=f"{said} ({short_period(row['periode'])}{extra})",
        periode=short_period(row["periode"]),
        low=row["borne_basse"],
        high=row["borne_haute"],
    )


def _trajectory(indicator: Indicator) -> tuple[tuple[float, float, float | None, float | None], ...]:
    rows = [row for row in indicator.curve if row["valeur"] is not None]
    # A tolerance below zero around a quantity that cannot be negative would only stretch the axis.
    floor = 0.0 if all(row["valeur"] >= 0 for row in rows) else None
    return tuple(
        (
            float(row["annee"]),
            float(row["valeur"]),
            row["tolerance_basse"]
            if floor is None or row["tolerance_basse"] is None
            else max(row["tolerance_basse"], 0.0),
            row["tolerance_haute"],
        )
        for row in rows
    )


def _target(
    indicator: Indicator, points: tuple[tuple[float, float, float | None, float | None], ...]
) -> tuple[float, float, tuple[str, ...]] | None:
    decision = indicator.decision
    if decision is None:
        return None
    x, y = points[-1][0], points[-1][1]
    said = with_unit(y, _short_unit(indicator), int(indicator.meta["decimales"] or 0), trim=True)
    origin = (
        NATIONAL
        if is_national(decision)
        else ORIGINS.get(
            str(decision["origine_statut"]), typographic(str(decision["origine_statut"]).replace("_", " "))
        )
    )
    return x, y, (f"{said} en\u00a0{int(x)}", origin)


def _title(indicator: Indicator, serie: Serie) -> str:
    title, name = typographic(str(indicator.meta["titre"])), typographic(serie.nom)
    return title if name.casefold() in title.casefold() else f"{title}, {name}"


def _short_unit(indicator: Indicator) -> str:
    """The short unit; when it is empty, the long one if it is a single word."""
    short, long = str(indicator.meta["unite_courte"] or ""), str(indicator.meta["unite"] or "")
    return short or (long if " " not in long else "")


def _unit_words(indicator: Indicator, cumulative: bool, serie: Serie) -> str:
    unit = typographic(str(indicator.meta["unite"] or ""))
    if not cumulative or not serie.rows:
        return unit
    return f"{unit.removesuffix(' par an').removesuffix('/an')} cumulés depuis {int(serie.rows[0]['annee'])}"


def _year(nuit: str) -> float:
    day = dt.date.fromisoformat(nuit)
    return day.year + (day.timetuple().tm_yday - 1) / 365.25


def _years(
    own: Curve, others: list[Curve], points: tuple[tuple[float, float, float | None, float | None], ...], today: float
) -> tuple[float, float]:
    xs = [dot.x for curve in (own, *others) for dot in curve.dots] + [point[0] for point in points]
    first, last = min(xs), max(xs)
    # Today belongs to the picture when it is near: a gap of half the series would be an empty chart.
    if last < today <= last + max(1.5, 0.35 * (last - first)):
        last = today
    return first, last if last > first else first + 1


def _extent(
    own: Curve, others: list[Curve], points: tuple[tuple[float, float, float | None, float | None], ...]
) -> tuple[float, float]:
    ys: list[float] = []
    for curve in (own, *others):
        for dot in curve.dots:
            ys += [value for value in (dot.y, dot.low, dot.high) if value is not None]
    for _, y, low, high in points:
        ys += [value for value in (y, low, high) if value is not None]
    return min(ys), max(ys)


def axis(low: float, high: float, from_zero: bool, wanted: int = 5) -> tuple[tuple[float, float], tuple[float, ...]]:
    """((bottom, top), graduations) of a value axis: steps of 1, 2, 2.5 or 5 times a power of ten."""
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if high == low:
        pad = abs(high) * 0.1 or 1.0
        low, high = (low - pad, high + pad) if not from_zero else (low, high + pad)
    raw = (high - low) / wanted
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    steps = tuple(round(i * step, 10) for i in range(first, last + 1))
    return (steps[0], steps[-1]), steps


def describe(model: Model) -> str:
    """The chart in words, for those who do not see it."""
    dots = model.own.dots
    first, last = dots[0], dots[-1]
    parts = [
        f"{model.own.nom} : de {first.text} à {last.text}." if len(dots) > 1 else f"{model.own.nom}, {last.text}."
    ]
    for curve in model.others:
        parts.append(f"{curve.nom} : de {curve.dots[0].text} à {curve.dots[-1].text}.")
    if model.target:
        parts.append(f"Trajectoire jusqu’à {model.target[2][0]} ({', '.join(model.target[2][1:])}).")
    for _, periode, reason in model.breaks:
        parts.append(f"Rupture de série en {periode} : {reason.rstrip('. ')}.")
    if model.simulated:
        parts.append("Données simulées pour la démonstration.")
    if not model.from_zero:
        parts.append("L’axe des valeurs ne part pas de zéro.")
    parts.append("Les mêmes valeurs sont dans le tableau.")
    return " ".join(parts)


def graduation(value: float, steps: tuple[float, ...]) -> str:
    """A graduation with just the decimals that the axis needs."""
    decimals = max(_decimals(step) for step in steps)
    return number(value, decimals)


def _decimals(value: float) -> int:
    text = f"{value:.6f}".rstrip("0")
    return len(text.partition(".")[2])
