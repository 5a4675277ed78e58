"""Ten years of figures for twelve indicators: every night on which a source answers differently, and how.

Figures are drawn once from a fixed seed: a straight road, a noise, and the drifts written below. Everything a lead
may live through is here: new years (provisional, then final), revisions of an old year, years never published,
a break of series, a trajectory replaced, a target reached, outages and their recovery. Trajectories are those of this
replay only: the project's own are mostly incomplete, and would be silent for ten years.
Not here: judging (the warehouse's SQL) and telling (the alerts).
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

FIRST = dt.date(2027, 1, 4)
YEARS = range(2027, 2037)
BASE, END = 2018, 2040
EPCI = "200042190"
Row = dict[str, Any]


@dataclass(frozen=True)
class Story:
    """One indicator. `road`: value at BASE and target at END; `sigma`: noise, in shares of the road.

    `drift`: year → share of the road by which the figure is worse. `month`: of publication, `lag` years later.
    `provisional`: published first as provisional, then final six months later. `missing`: years never published.
    """

    slug: str
    road: tuple[float, float]
    month: int
    lag: int
    sigma: float = 0.01
    drift: Callable[[int], float] = lambda year: 0.0
    provisional: bool = False
    missing: tuple[int, ...] = ()


def _between(first: int, last: int, size: float) -> Callable[[int], float]:
    return lambda year: size if first <= year <= last else 0.0


STORIES = (
    # Engagement 1
    Story(
        "taux_pauvrete",
        (26.0, 16.0),
        10,
        2,
        drift=lambda year: 0.25 if year in (2024, 2025) or 2028 <= year <= 2031 else 0.0,
    ),
    Story("revenu_median_uc", (18000.0, 26000.0), 11, 2, sigma=0.02),
    Story("part_population_rsa", (12.0, 6.0), 9, 1, missing=(2029,)),
    Story("couverture_accueil_jeune_enfant", (50.0, 75.0), 12, 2, drift=_between(2032, 2040, 0.3)),
    # Engagement 2
    Story("consommation_energie_finale", (4300.0, 2800.0), 11, 1, provisional=True, drift=_between(2029, 2030, 0.2)),
    Story("concentration_pm25", (11.0, 5.0), 1, 1, sigma=0.03),
    Story("part_sau_bio", (2.0, 25.0), 6, 1, drift=_between(2030, 2040, -0.3)),
    Story("part_voiture_domicile_travail", (81.0, 55.0), 6, 3, drift=_between(2027, 2029, 0.3)),
    # Engagement 3
    Story("creations_associations", (2.0, 4.0), 2, 1, sigma=0.05),
    Story("couverture_plan_sauvegarde", (40.0, 100.0), 5, 1, drift=_between(2031, 2033, 0.25)),
    Story("participants_dispositifs_citoyens", (5.0, 30.0), 4, 1, sigma=0.02, missing=(2031, 2032)),
    Story("arbres_plantes_par_naissance", (0.2, 1.0), 5, 1, drift=_between(2028, 2040, -1.2)),
)
# One indicator an engagement has no trajectory: its lead reads it once a year.
WITHOUT = ("taux_vacance_longue_parc_prive", "lineaire_amenagements_cyclables", "sentiment_appartenance")
BREAK = ("concentration_pm25", "2031")  # first period of the new series
REVISED = ("creations_associations", dt.date(2034, 9, 10), (2032, 2033))  # a drift that no new year explains
REPLACED = ("couverture_accueil_jeune_enfant", dt.date(2035, 3, 12))  # the target is put off by ten years


@dataclass
class World:
    """What the sources say at some night: figures by (indicator, period), breaks, trajectories, outages."""

    figures: dict[tuple[str, str], Row] = field(default_factory=dict)
    breaks: list[Row] = field(default_factory=list)
    trajectories: dict[str, Row] = field(default_factory=dict)
    stale: dict[str, dt.date] = field(default_factory=dict)


Change = Callable[[World], None]


def nights() -> dict[dt.date, list[tuple[str, Change]]]:
    """Night → (what happened, how the world changes), in order; the first one holds the whole past."""
    draw = random.Random("dix ans")
    planned: dict[dt.date, list[tuple[str, Change]]] = {FIRST: []}

    def plan(night: dt.date, what: str, change: Change) -> None:
        planned.setdefault(max(night, FIRST), []).append((what, change))

    for story in STORIES:
        plan(FIRST, f"trajectoire {story.slug}", _adopt(story, END, dt.date(2026, 12, 1), "adoptee"))
        for year in range(BASE, YEARS.stop - story.lag):
            value = figure(story, year, draw)
            if year in story.missing:
                continue
            night = dt.date(year + story.lag, story.month, draw.randint(2, 27))
            if story.provisional and night > FIRST:
                first = value * (1 + draw.uniform(-0.004, 0.004))
                plan(night, f"{story.slug} {year} provisoire", _publish(story, year, first, "provisoire"))
                night += dt.timedelta(days=180)
            plan(night, f"{story.slug} {year}", _publish(story, year, value, "definitif"))
    for year in YEARS:
        for number in range(2):
            story = draw.choice(STORIES)
            night = dt.date(year, 3 + 6 * number, draw.randint(2, 27))
            old, size = year - story.lag - 2, draw.choice((-0.006, -0.003, 0.003, 0.006))
            plan(night, f"révision {story.slug} {old}", _revise(story, old, size))
        story = draw.choice(STORIES)
        night = dt.date(year, 8, draw.randint(2, 20))
        plan(night, f"panne {story.slug}", _lose(story, night))
        plan(night + dt.timedelta(days=draw.randint(1, 40)), f"retour {story.slug}", _find(story))
    slug, period = BREAK
    plan(dt.date(2032, 1, 20), f"rupture {slug} {period}", lambda world: world.breaks.append(_broken(slug, period)))
    revised = next(story for story in STORIES if story.slug == REVISED[0])
    for year in REVISED[2]:
        plan(REVISED[1], f"forte révision {revised.slug} {year}", _revise(revised, year, -0.3))
    replaced = next(story for story in STORIES if story.slug == REPLACED[0])
    plan(REPLACED[1], f"nouvelle trajectoire {replaced.slug}", _adopt(replaced, END + 10, REPLACED[1], "reportee"))
    last = dt.date(YEARS.stop, 1, 1)
    return {night: planned[night] for night in sorted(planned) if night < last}


def figure(story: Story, year: int, draw: random.Random) -> float:
    """The figure of a year: on the road, moved by the drift towards the worse, with its noise."""
    start, target = story.road
    size = target - start
    on_road = start + size * (year - BASE) / (END - BASE)
    return round(on_road - size * story.drift(year) + abs(size) * draw.gauss(0, story.sigma), 4)


def _publish(story: Story, year: int, value: float, statut: str) -> Change:
    def change(world: World) -> None:
        world.figures[story.slug, str(year)] = {"valeur": value, "statut": statut}

    return change


def _revise(story: Story, year: int, share: float) -> Change:
    def change(world: World) -> None:
        known = world.figures.get((story.slug, str(year)))
        if known:
            moved = known["valeur"] + share * (story.road[1] - story.road[0])
            world.figures[story.slug, str(year)] = {**known, "valeur": round(moved, 4)}

    return change


def _lose(story: Story, night: dt.date) -> Change:
    return lambda world: world.stale.__setitem__(story.slug, night)


def _find(story: Story) -> Change:
    return lambda world: world.stale.pop(story.slug, None)  # type: ignore[return-value]


def _broken(slug: str, period: str) -> Row:
    day = dt.date(2032, 1, 20)
    return {
        "indicateur": slug,
        "periode": period,
        "motif": "Nouveau modèle.",
        "source": "s",
        "auteur": "a",
        "date": day,
    }


def _adopt(story: Story, end: int, since: dt.date, name: str) -> Change:
    """A steward closes the trajectory in force and writes another one."""

    def change(world: World) -> None:
        for row in world.trajectories.values():
            if row["indicateur"] == story.slug:
                row["valide_au"] = since - dt.timedelta(days=1)
        world.trajectories[f"{story.slug}-{name}"] = {
            "trajectoire": f"{story.slug}-{name}",
            "indicateur": story.slug,
            "forme": "lineaire",
            "polarite": "hausse" if story.road[1] > story.road[0] else "baisse",
            "base_valeur": story.road[0],
            "base_annee": float(BASE),
            "cible_valeur": story.road[1],
            "cible_annee": float(end),
            "origine_statut": "decision",
            "origine_document": "délibération du rejeu",
            "citation": "Trajectoire écrite pour ce rejeu.",
            "auteur": "Service de la donnée",
            "date": since,
            "valide_du": since,
            "valide_au": None,
        }

    return change
