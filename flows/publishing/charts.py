"""The charts of the site: one indicator over time, its spread over the communes, the states of all indicators.

Every chart is a function of the release alone: same release, same bytes. Nothing here ranks communes or judges them.

Not here: sparklines (a template macro), maps (`flows.publishing.maps`), the tables that say the same (`views`).
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flows.core.tables import Release
from flows.core.words import Etat
from flows.publishing import charts_draw as drawing
from flows.publishing import charts_labels as words
from flows.publishing import charts_model as model_of
from flows.publishing.charts_draw import INK, SVG
from flows.publishing.figures import Indicator, Row, read_indicator
from flows.publishing.grammar import typographic
from flows.publishing.numbers import in_period, with_unit

# State → (shape, words, colour); the order is that of the bar.
STATES: Mapping[Etat, tuple[str, str, str]] = {
    Etat.ATTEINT: ("✓", "atteint", "canal"),
    Etat.EN_AVANCE: ("▲", "en avance", "canal"),
    Etat.SUR_TRAJECTOIRE: ("●", "sur la trajectoire", "foret"),
    Etat.A_SURVEILLER: ("◆", "à surveiller", "ocre"),
    Etat.DERIVE: ("▼", "en dérive", "brique"),
    Etat.NON_EVALUABLE: ("–", "non évaluable", "gris"),
    Etat.TRAJECTOIRE_A_FIXER: ("○", "pas encore d’objectif chiffré", "filet"),
}


@dataclass(frozen=True)
class Chart:
    """One chart, ready to be set in a page or written to a file.

    Attributes:
        svg: for a wide column; svg_etroit: the same for a narrow screen (under about 600 px), "" when it has none.
            Both take the page's colours. fichier: standalone SVG with its title and source, plain colours.
        png: the same as `fichier`, 1.5 pixels a unit. titre, description: plain text, for captions and readers of
            screens.
    """

    svg: str
    png: bytes
    titre: str
    description: str
    svg_etroit: str = ""
    fichier: str = ""


def indicator_chart(
    release: Release, indicateur: str, *, niveau: str | None = None, code: str | None = None
) -> Chart | None:
    """The chart of an indicator for one territory (its own by default); None when there are not two figures to draw.

    Raises:
        ReleaseError: the release does not declare the indicator.
    """
    return chart_of(read_indicator(release, indicateur), release.nuit, niveau=niveau, code=code)


def chart_of(indicator: Indicator, nuit: str, *, niveau: str | None = None, code: str | None = None) -> Chart | None:
    """The same from figures already read; `nuit` places « aujourd’hui »."""
    if niveau is None or code is None:
        niveau, code = indicator.own
    model = model_of.build(indicator, niveau, code, nuit)
    if model is None:
        return None
    ident = f"graphe-{indicator.id}-{code}".replace("_", "-").lower()
    about = model_of.describe(model)
    file = drawing.draw(model, drawing.LARGE, ident=ident, description=about, framed=True)
    return Chart(
        svg=drawing.draw(model, drawing.LARGE, ident=ident, description=about),
        svg_etroit=drawing.draw(model, drawing.NARROW_SIZE, ident=f"{ident}-etroit", description=about),
        fichier=file,
        png=to_png(file),
        titre=model.titre,
        description=about,
    )


def card(indicator: Indicator, sentence: str) -> Chart:
    """What stands in place of a chart that cannot be drawn: the indicator's title and the sentence that says why."""
    width, size = 1040.0, 17.0
    titre = str(indicator.meta["titre"])
    head = words.wrap(titre, size * 1.2, width - 48, bold=True)
    body = words.wrap(f"Pas de graphique. {sentence}", size, width - 48)
    root = ET.Element("svg", _viewbox(width, 60 + len(head) * 30 + len(body) * 26))
    y = 46.0
    for line in head:
        _text(root, 24, y, line, size * 1.2, "encre", "start", bold=True)
        y += 30
    for line in body:
        _text(root, 24, y + 6, line, size, "doux", "start")
        y += 26
    raw = ET.tostring(root, encoding="unicode")
    ident = f"graphe-{indicator.id}".replace("_", "-")
    svg = drawing.finish(raw, ident=ident, title=titre, description=sentence, themed=True)
    file = drawing.finish(raw, ident=ident, title=titre, description=sentence, themed=False)
    return Chart(svg=svg, png=to_png(file), titre=titre, description=sentence, fichier=file)


def to_png(svg: str, scale: float = 1.5) -> bytes:
    """PNG bytes of a standalone SVG."""
    import vl_convert as vlc  # only where a picture is made

    return vlc.svg_to_png(svg, scale=scale)


def distribution(release: Release, indicateur: str, periode: str | None = None) -> Chart | None:
    """The communes of the territory as dots on one axis, with the EPCI and the widest reference marked.

    Args:
        periode: the period shown; by default the newest in which at least five communes have a figure.

    Returns:
        None under five known communes: fewer dots are a table, not a distribution.
    """
    indicator = read_indicator(release, indicateur)
    rows = [row for row in _members(indicator) if row["valeur"] is not None]
    if periode is None:
        counts = {p: sum(row["periode"] == p for row in rows) for p in {row["periode"] for row in rows}}
        full = [row["periode"] for row in sorted(rows, key=lambda r: r["annee"]) if counts[row["periode"]] >= 5]
        if not full:
            return None
        periode = str(full[-1])
    rows = sorted((r for r in rows if r["periode"] == periode), key=lambda r: (r["valeur"], r["territoire_code"]))
    if len(rows) < 5:
        return None
    return _strip(indicator, rows, periode)


def _members(indicator: Indicator) -> list[Row]:
    own = {place for place, row in indicator.territories.items() if row["role"] == "membre"}
    return [
        row
        for row in indicator.rows
        if row["ventilation"] == "" and (row["territoire_niveau"], row["territoire_code"]) in own
    ]


def _strip(indicator: Indicator, rows: list[Row], periode: str) -> Chart:
    unit, decimals = str(indicator.meta["unite_courte"] or ""), int(indicator.meta["decimales"] or 0)
    marks = _marks(indicator, periode)
    values = [row["valeur"] for row in rows] + [value for _, value in marks]
    (low, high), steps = model_of.axis(min(values), max(values), False)
    width, left, right, size, radius = 1040.0, 24.0, 1016.0, 15.0, 6.5

    def x(value: float) -> float:
        return left + (right - left) * (value - low) / (high - low)

    columns: list[tuple[float, int, Row]] = []  # a dot climbs over those it would hide
    for row in rows:
        at = round(x(row["valeur"]), 1)
        height = 0
        while any(abs(at - other) < 2 * radius + 1 and level == height for other, level, _ in columns):
            height += 1
        columns.append((at, height, row))
    tallest = max(level for _, level, _ in columns) + 1
    band = tallest * (2 * radius + 1)
    head = 2 * size * 1.3 + 8 if marks else 8.0
    base = head + band + 6
    root = ET.Element("svg", _viewbox(width, base + size * 2.2))
    for step in steps:
        _line(root, x(step), base, x(step), base + 5, "filet", 1)
        label = f"{model_of.graduation(step, steps)}"
        anchor = "start" if step == steps[0] else "end" if step == steps[-1] else "middle"
        _text(root, x(step), base + size * 1.5, label, size - 0.5, "doux", anchor)
    _line(root, left, base, right, base, "filet", 1)
    _mark_labels(root, marks, x, base, width, size, unit, decimals)
    for at, level, row in columns:
        dot = ET.SubElement(
            root,
            "circle",
            {
                "cx": f"{at:g}",
                "cy": f"{base - radius - 2 - level * (2 * radius + 1):g}",
                "r": f"{radius:g}",
                "fill": INK["encre"],
                "fill-opacity": "0.82",
            },
        )
        title = ET.SubElement(dot, "title")
        title.text = f"{typographic(row['territoire'])} : {with_unit(row['valeur'], unit, decimals)}"
    when = in_period(periode)
    titre = f"{indicator.meta['titre']}, commune par commune, {when}"
    said = ", ".join(f"{name} : {with_unit(value, unit, decimals)}" for name, value in marks)
    about = (
        f"Chaque point est une commune ({len(rows)} connues). De {with_unit(rows[0]['valeur'], unit, decimals)} à "
        f"{with_unit(rows[-1]['valeur'], unit, decimals)}{' ; ' + said if said else ''}."
    )
    slug = f"repartition-{indicator.id}".replace("_", "-")
    raw = ET.tostring(root, encoding="unicode")
    svg = drawing.finish(raw, ident=slug, title=titre, description=about, themed=True)
    file = drawing.finish(raw, ident=slug, title=titre, description=about, themed=False)
    return Chart(svg=svg, png=to_png(file), titre=titre, description=about, fichier=file)


def _marks(indicator: Indicator, periode: str) -> list[tuple[str, float]]:
    """(name, value) of the EPCI and of the widest comparison territory, when both have the same period."""
    out = []
    places = [indicator.own, *((s.niveau, s.code) for s in reversed(indicator.comparisons(*indicator.own)))]
    for niveau, code in places:
        serie = indicator.serie(niveau, code)
        same = [row for row in serie.known if row["periode"] == periode]
        if same and model_of.is_intensive(str(indicator.meta["unite"])):
            out.append((typographic(serie.nom), float(same[0]["valeur"])))
        if len(out) == 2:
            break
    return out


def _mark_labels(
    root: ET.Element,
    marks: list[tuple[str, float]],
    x: Callable[[float], float],
    base: float,
    width: float,
    size: float,
    unit: str,
    decimals: int,
) -> None:
    """Names of the marks above the dots, one line each so that they never meet."""
    for i, (name, value) in enumerate(marks):
        ink = "canal" if i == 0 else "doux"
        top = 4 + i * size * 1.3
        _line(root, x(value), top + size * 0.2, x(value), base, ink, 2 if i == 0 else 1.5)
        text = f"{name} {with_unit(value, unit, decimals)}"
        fits = x(value) + 8 + words.text_width(text, size, bold=i == 0) < width
        _text(
            root, x(value) + (8 if fits else -8), top + size, text, size, ink, "start" if fits else "end", bold=i == 0
        )


def status_bar(counts: Mapping[str, int]) -> Chart | None:
    """All indicators in one bar by state, each with its shape, its number and, below, its words.

    Args:
        counts: number of indicators by `core.words.Etat` value; states that are mere context are left out.
    """
    shown = [(etat, counts.get(str(etat), 0)) for etat in STATES if counts.get(str(etat), 0)]
    total = sum(n for _, n in shown)
    if not total:
        return None
    width, height, size, gap = 720.0, 34.0, 15.0, 3.0
    rows = (len(shown) + 1) // 2
    root = ET.Element("svg", _viewbox(width, height + 12 + rows * size * 1.7))
    left = 0.0
    room = width - gap * (len(shown) - 1)
    for i, (etat, n) in enumerate(shown):
        shape, label, ink = STATES[etat]
        wide = room * n / total
        area = {"x": f"{left:.1f}", "y": "0", "width": f"{wide:.1f}", "height": f"{height:g}", "fill": INK[ink]}
        ET.SubElement(root, "rect", area)
        if wide > words.text_width(f"{shape} {n}", size, bold=True) + 6:
            _text(
                root,
                left + wide / 2,
                height / 2 + size * 0.36,
                f"{shape} {n}",
                size,
                "encre" if ink == "filet" else "papier",
                "middle",
                bold=True,
            )
        x, y = (i % 2) * width / 2, height + 12 + (i // 2 + 0.9) * size * 1.7 - 4
        _text(root, x, y, f"{shape} {label} : {n}", size, "doux" if ink == "filet" else ink, "start")
        left += wide + gap
    said = ", ".join(f"{n} {STATES[etat][1]}" for etat, n in shown)
    titre = f"États des {total} indicateurs suivis"
    raw = ET.tostring(root, encoding="unicode")
    svg = drawing.finish(raw, ident="etats", title=titre, description=f"{said}.", themed=True)
    file = drawing.finish(raw, ident="etats", title=titre, description=f"{said}.", themed=False)
    return Chart(svg=svg, png=to_png(file), titre=titre, description=f"{said}.", fichier=file)


def _viewbox(width: float, height: float) -> dict[str, str]:
    return {"xmlns": SVG, "width": f"{width:g}", "height": f"{height:g}", "viewBox": f"0 0 {width:g} {height:g}"}


def _line(root: ET.Element, x0: float, y0: float, x1: float, y1: float, ink: str, width: float) -> None:
    ends = {"x1": f"{x0:.1f}", "y1": f"{y0:.1f}", "x2": f"{x1:.1f}", "y2": f"{y1:.1f}"}
    ET.SubElement(root, "line", ends | {"stroke": INK[ink], "stroke-width": f"{width:g}"})


def _text(
    root: ET.Element, x: float, y: float, text: str, size: float, ink: str, anchor: str, *, bold: bool = False
) -> None:
    attributes = {
        "x": f"{x:.1f}",
        "y": f"{y:.1f}",
        "font-family": drawing.FONT,
        "font-size": f"{size:g}px",
        "text-anchor": anchor,
        "fill": INK[ink],
    }
    if bold:
        attributes["font-weight"] = "700"
    ET.SubElement(root, "text", attributes).text = text
