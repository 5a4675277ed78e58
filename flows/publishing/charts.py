"""The charts of the site: one indicator over time, its spread over the communes, the states of all indicators.

Every chart is a function of the release alone: same release, same bytes. Nothing here ranks communes or judges them.

Not here: sparklines (a template macro), maps (`flows.publishing.maps`), the tables that say the same (`views`).
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass

from flows.core.tables import Release
from flows.core.words import Etat
from flows.publishing import charts_draw as drawing
from flows.publishing import charts_labels as words
from flows.publishing import charts_model as model_of
from flows.publishing import charts_parts as still_of
from flows.publishing.charts_hand import text, viewbox
from flows.publishing.charts_ink import INK, finish
from flows.publishing.drawn import drawn
from flows.publishing.figures import Indicator, read_indicator
from flows.publishing.numbers import is_intensive

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
    """The chart of an indicator for one territory (its own by default); None when nothing can be drawn.

    A series over time needs two figures, or one and a trajectory; a quantity known in one period only is drawn by its
    parts, when they add up to it.

    Raises:
        ReleaseError: the release does not declare the indicator.
    """
    return chart_of(read_indicator(release, indicateur), release.nuit, niveau=niveau, code=code)


def chart_of(indicator: Indicator, nuit: str, *, niveau: str | None = None, code: str | None = None) -> Chart | None:
    """The same from figures already read; `nuit` places « aujourd’hui »."""
    if niveau is None or code is None:
        niveau, code = indicator.own
    ident = f"graphe-{indicator.id}-{code}".replace("_", "-").lower()
    model = model_of.build(indicator, niveau, code, nuit)
    if model is None:
        return _parts_chart(indicator, ident) if (niveau, code) == indicator.own else None
    about = model_of.describe(model)
    wide = drawing.raw(model, drawing.LARGE)
    file = drawing.file_svg(wide, model, drawing.LARGE, ident=ident, description=about)
    return Chart(
        svg=drawing.page_svg(wide, model, ident=ident, description=about),
        svg_etroit=drawing.draw(model, drawing.NARROW_SIZE, ident=f"{ident}-etroit", description=about),
        fichier=file,
        png=to_png(file),
        titre=model.titre,
        description=about,
    )


def _parts_chart(indicator: Indicator, ident: str) -> Chart | None:
    """For a quantity known in one period only: its parts, when they add up to it."""
    wide = still_of.parts(indicator)
    narrow = still_of.parts(indicator, drawing.NARROW_SIZE)
    file = still_of.parts(indicator, framed=True)
    if wide is None or narrow is None or file is None:
        return None
    return _finished(wide, file, ident, narrow)


def _finished(page: still_of.Still, file: still_of.Still, ident: str, narrow: still_of.Still | None = None) -> Chart:
    def done(still: still_of.Still, name: str, themed: bool) -> str:
        return finish(still.svg, ident=name, title=page.titre, description=page.description, themed=themed)

    plain = done(file, ident, False)
    return Chart(
        svg=done(page, ident, True),
        png=to_png(plain),
        titre=page.titre,
        description=page.description,
        svg_etroit=done(narrow, f"{ident}-etroit", True) if narrow else "",
        fichier=plain,
    )


def card(indicator: Indicator, sentence: str) -> Chart:
    """What stands in place of a chart that cannot be drawn: the indicator's title and the sentence that says why."""
    width, size = 1040.0, 17.0
    titre = str(indicator.meta["titre"])
    head = words.wrap(titre, size * 1.2, width - 48, bold=True)
    body = words.wrap(f"Pas de graphique. {sentence}", size, width - 48)
    root = ET.Element("svg", viewbox(width, 60 + len(head) * 30 + len(body) * 26))
    y = 46.0
    for line in head:
        text(root, 24, y, line, size * 1.2, "encre", "start", bold=True)
        y += 30
    for line in body:
        text(root, 24, y + 6, line, size, "doux", "start")
        y += 26
    raw = ET.tostring(root, encoding="unicode")
    ident = f"graphe-{indicator.id}".replace("_", "-")
    svg = finish(raw, ident=ident, title=titre, description=sentence, themed=True)
    file = finish(raw, ident=ident, title=titre, description=sentence, themed=False)
    return Chart(svg=svg, png=to_png(file), titre=titre, description=sentence, fichier=file)


def to_png(svg: str, scale: float = 1.5) -> bytes:
    """PNG bytes of a standalone SVG."""

    def make() -> bytes:
        import vl_convert as vlc  # only where a picture is made

        # The renderer's own font has no subscript two, and one missing letter changes the face of the whole line.
        return vlc.svg_to_png(svg.replace("CO₂", "CO2"), scale=scale)

    return drawn("png", f"{scale} {svg}", make)


def distribution(release: Release, indicateur: str, periode: str | None = None) -> Chart | None:
    """The communes of the territory as dots on one axis, with the EPCI and the widest reference marked.

    Args:
        periode: the period shown; by default the newest in which at least five communes have a figure.

    Returns:
        None under five known communes (fewer dots are a table, not a distribution) and for a quantity of whole
        communes, whose spread only shows which are large.
    """
    indicator = read_indicator(release, indicateur)
    if not is_intensive(str(indicator.meta["unite"])):
        return None
    own = {code for (niveau, code), row in indicator.territories.items() if row["role"] == "membre"}
    if periode is None:
        series = indicator.figures.series
        every = [row for place, found in series.items() if place[1] in own and place[0] == "commune" for row in found]
        rows = [row for row in every if row["valeur"] is not None]
        counts = {p: sum(row["periode"] == p for row in rows) for p in {row["periode"] for row in rows}}
        full = [row["periode"] for row in sorted(rows, key=lambda r: r["annee"]) if counts[row["periode"]] >= 5]
        if not full:
            return None
        periode = str(full[-1])
    found = indicator.figures.at("commune", periode).values()
    rows = [row for row in found if row["valeur"] is not None and row["territoire_code"] in own]
    rows.sort(key=lambda r: (r["valeur"], r["territoire_code"]))
    if len(rows) < 5:
        return None
    still = still_of.strip(indicator, rows, periode)
    return _finished(still, still, f"repartition-{indicator.id}".replace("_", "-"))


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
    root = ET.Element("svg", viewbox(width, height + 12 + rows * size * 1.7))
    left = 0.0
    room = width - gap * (len(shown) - 1)
    for i, (etat, n) in enumerate(shown):
        shape, label, ink = STATES[etat]
        wide = room * n / total
        area = {"x": f"{left:.1f}", "y": "0", "width": f"{wide:.1f}", "height": f"{height:g}", "fill": INK[ink]}
        ET.SubElement(root, "rect", area)
        if wide > words.text_width(f"{shape} {n}", size, bold=True) + 6:
            text(
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
        text(root, x, y, f"{shape} {label} : {n}", size, "doux" if ink == "filet" else ink, "start")
        left += wide + gap
    said = ", ".join(f"{n} {STATES[etat][1]}" for etat, n in shown)
    titre = f"États des {total} indicateurs suivis"
    raw = ET.tostring(root, encoding="unicode")
    svg = finish(raw, ident="etats", title=titre, description=f"{said}.", themed=True)
    file = finish(raw, ident="etats", title=titre, description=f"{said}.", themed=False)
    return Chart(svg=svg, png=to_png(file), titre=titre, description=f"{said}.", fichier=file)
