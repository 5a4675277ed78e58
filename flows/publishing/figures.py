"""What a release says of one indicator, as rows that sentences, charts, maps and exports share.

Read once per release and indicator, in a deterministic order. Not here: drawing, wording, computing: a figure is
taken as the warehouse gives it.
"""

from __future__ import annotations

import datetime as dt
import re
import weakref
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from flows.core.errors import ReleaseError
from flows.core.periods import decimal_year, end_of, sort_key
from flows.core.tables import Release
from flows.publishing.numbers import in_period, period_words
from flows.publishing.observed import COMMUNE, Figures, Row, observed

CUMULATIVE_FORMS = ("budget_cumule", "division")
# How a publisher's ceiling and a sum with secret cells are told in the note of a figure.
_CEILING = re.compile(r"\bou moins\b|inférieur ou égal")
_FLOOR = re.compile(r"\bplancher\b", re.IGNORECASE)


def bound_of(row: Row) -> str:
    """Is a figure only a bound of the true one? `plafond` (at most), `plancher` (at least), or "".

    Told by the bounds (0 and the figure itself; the figure and nothing above) or by the note. An interval around an
    estimate has both its ends and is no such bound.
    """
    value, low, high, note = row["valeur"], row["borne_basse"], row["borne_haute"], row["note"] or ""
    if value is None or value <= 0:
        return ""
    if (low == 0 and high == value) or (_CEILING.search(note) and high in (None, value)):
        return "plafond"
    if (low == value and high is None) or (_FLOOR.search(note) and high is None):
        return "plancher"
    return ""


def shown_decimals(meta: Row, niveau: str, values: Iterable[float | None]) -> int:
    """Decimals that the figures of a level are shown with.

    Those declared; for communes, those declared for them, and none when every figure is published whole.
    """
    declared = int(meta["decimales"] or 0)
    if niveau != COMMUNE:
        return declared
    known = [value for value in values if value is not None]
    if known and all(float(value).is_integer() for value in known):
        return 0
    own = meta.get("decimales_commune")
    return declared if own is None else int(own)


def is_unfinished(row: Row, nuit: str) -> bool:
    """Is the figure that of a year or a month still running? Told by its last day; a year, by the night too.

    A figure dated in a month is often the state of that day, which is final: only a provisional one is unfinished.
    """
    until = row.get("jusqu_au")
    if len(row["periode"]) != 4:
        month = len(row["periode"]) == 7 and row["statut"] == "provisoire"
        return month and until is not None and until < end_of(row["periode"])
    if until is not None and until < end_of(row["periode"]):
        return True
    return bool(nuit) and end_of(row["periode"]) >= dt.date.fromisoformat(nuit)


def is_comparable(row: Row, nuit: str) -> bool:
    """May the figure be set beside another one? Not when simulated, a mere bound, or of an unfinished year."""
    return row["nature"] != "simule" and not bound_of(row) and not is_unfinished(row, nuit)


@dataclass(frozen=True)
class Serie:
    """The figures of one territory for one breakdown, in time order (secret and missing periods included)."""

    niveau: str
    code: str
    nom: str
    rows: tuple[Row, ...]

    @property
    def known(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row["valeur"] is not None)


@dataclass(frozen=True)
class Indicator:
    """One indicator of a release: its words, figures, breaks, trajectory and status.

    Attributes:
        meta: the row of `dim_indicator`. figures: its observations.
        breaks: its rows of `dim_rupture`, in time order. territories: `(niveau, code)` → row of `dim_territory`.
        decision, curve: the trajectory that the status uses (a row of `dim_trajectory`, rows of `fct_trajectory`).
        status: its row of `fct_status`, or None. nuit: ISO night of the release ("" when not known).
    """

    meta: Row
    figures: Figures
    breaks: tuple[Row, ...]
    territories: dict[tuple[str, str], Row]
    decision: Row | None
    curve: tuple[Row, ...]
    status: Row | None
    nuit: str = ""
    _series: dict[tuple[str, str, str], Serie] = field(default_factory=dict, compare=False, repr=False)
    _decimals: dict[str, int] = field(default_factory=dict, compare=False, repr=False)

    @property
    def id(self) -> str:
        return str(self.meta["indicateur"])

    @property
    def own(self) -> tuple[str, str]:
        """The territory that the indicator is about, `(niveau, code)`."""
        return str(self.meta["territoire_niveau"]), str(self.meta["territoire_code"])

    def decimals(self, niveau: str) -> int:
        """Decimals of the figures of a level: the communes' are often published without any."""
        if niveau not in self._decimals:
            known = self.figures.values(niveau) if niveau == COMMUNE else []
            self._decimals[niveau] = shown_decimals(self.meta, niveau, known)
        return self._decimals[niveau]

    def when(self, periode: str) -> str:
        """When, in a title: « en 2024 », or the indicator's own words (« 12 mois au 31 juillet 2026 »)."""
        template = self.meta.get("periode_phrase")
        if not template:
            return in_period(periode)
        return period_words(periode, template, self.figures.until(periode))

    def serie(self, niveau: str, code: str, ventilation: str = "") -> Serie:
        """The figures of one territory; an empty series when the release has none."""
        key = (niveau, code, ventilation)
        if key not in self._series:
            found = (self.figures.parts if ventilation else self.figures.series).get((niveau, code), [])
            rows = [row for row in found if row["ventilation"] == ventilation]
            name = rows[0]["territoire"] if rows else self.territories.get((niveau, code), {}).get("nom", code)
            serie = Serie(niveau, code, name, tuple(rows))
            if niveau == COMMUNE:  # thousands of them, each asked for once
                return serie
            self._series[key] = serie
        return self._series[key]

    @property
    def cumulative(self) -> str:
        """Breakdown that the trajectory is about: a cumulated one for a budget, else the total (`""`)."""
        if self.decision is None or self.decision["forme"] not in CUMULATIVE_FORMS:
            return ""
        found = sorted(name for name in self.figures.words("ventilation") if "cumul" in name)
        return found[0] if found else ""

    def cumulated(self) -> Serie:
        """The own series as a running total, for a trajectory that is a budget.

        The warehouse's cumulated breakdown when there is one; else the sum of the yearly flows after the base year,
        which stops at the first unknown year: a hole cannot be summed over.
        """
        niveau, code = self.own
        if self.cumulative:
            return self.serie(niveau, code, self.cumulative)
        plain = self.serie(niveau, code)
        base = float(self.decision["base_annee"] or 0) if self.decision else 0.0
        total, rows = Decimal(0), []
        for row in plain.rows:
            if row["annee"] <= base:
                continue
            if row["valeur"] is None:
                break
            total += Decimal(repr(row["valeur"]))  # decimal: 0.1 + 0.2 is 0.3 for a reader
            rows.append(row | {"valeur": float(total), "borne_basse": None, "borne_haute": None})
        return Serie(niveau, code, plain.nom, tuple(rows))

    def comparisons(self, niveau: str, code: str, ventilation: str = "") -> list[Serie]:
        """Series of the comparison territories that have figures, in the order of `dim_territory`.

        A commune is also compared with its own EPCI, which comes first.
        """
        here = self.territories.get((niveau, code), {})
        levels = list(self.meta["comparaisons"] or [])
        wanted: list[tuple[int, str, str]] = []
        for (level, ident), row in self.territories.items():
            if (level, ident) == (niveau, code):
                continue
            if niveau == "commune" and level == "epci" and ident == here.get("epci"):
                wanted.append((-1, level, ident))
            elif level in levels and level != "commune" and not (niveau == "commune" and level == "epci"):
                wanted.append((int(row["ordre"] or 0), level, ident))
        series = [self.serie(level, ident, ventilation) for _, level, ident in sorted(wanted)]
        return [one for one in series if one.known]

    def segments(self, rows: Sequence[Row]) -> list[list[Row]]:
        """Rows in time order, cut at each break: the first period of a new series opens a new segment."""
        cuts = [decimal_year(row["periode"]) for row in self.breaks]
        parts: list[list[Row]] = [[] for _ in range(len(cuts) + 1)]
        for row in rows:
            parts[sum(row["annee"] >= cut for cut in cuts)].append(row)
        return [part for part in parts if part]


def read_indicator(release: Release, indicateur: str) -> Indicator:
    """Everything a release says of one indicator.

    Raises:
        ReleaseError: the release does not declare it.
    """
    found = read_indicators(release)
    if indicateur not in found:
        raise ReleaseError(
            f"L’indicateur « {indicateur} » n’est pas déclaré dans la version {release.id}.",
            where="dim_indicator",
            todo="vérifier le nom du fichier ind_<nom>.yml.",
        )
    return found[indicateur]


# The indicators of the newest release read, and a weak reference to it: a release never changes, and a build asks for
# the same figures for its sentences, charts, maps and exports. They go away with the release.
_kept: dict[str, Any] = {}


def read_indicators(release: Release) -> dict[str, Indicator]:
    """Indicators by id, in their order on pages; each table of the release is read once."""
    known = _kept.get("release")
    if known is None or known() is not release:
        _kept["indicators"] = _read(release)
        _kept["release"] = weakref.ref(release, _forget)
    return dict(_kept["indicators"])


def _forget(gone: weakref.ref[Release]) -> None:
    if _kept.get("release") is gone:
        _kept.clear()


def _read(release: Release) -> dict[str, Indicator]:
    names = ("dim_rupture", "dim_trajectory", "fct_trajectory", "fct_status")
    by_name: dict[str, dict[str, list[Row]]] = {}
    for name in names:
        groups = by_name[name] = {}
        for row in release.table(name).to_pylist():
            groups.setdefault(row["indicateur"], []).append(row)
    territories = {(row["niveau"], row["code"]): row for row in release.table("dim_territory").to_pylist()}
    declared = release.table("dim_indicator").to_pylist()
    figures = observed(release)
    return {
        meta["indicateur"]: _assemble(
            meta,
            figures.figures(meta["indicateur"]),
            {name: by_name[name].get(meta["indicateur"], []) for name in names},
            territories,
            release.nuit,
        )
        for meta in sorted(declared, key=lambda row: (row["ordre"] or 0, row["indicateur"]))
    }


def _assemble(
    meta: Row, figures: Figures, tables: dict[str, list[Row]], territories: dict[tuple[str, str], Row], nuit: str
) -> Indicator:
    own = (meta["territoire_niveau"], meta["territoire_code"])
    statuses = [row for row in tables["fct_status"] if (row["territoire_niveau"], row["territoire_code"]) == own]
    status = statuses[0] if statuses else None
    decisions = [row for row in tables["dim_trajectory"] if (row["territoire_niveau"], row["territoire_code"]) == own]
    chosen = [row for row in decisions if status and row["trajectoire"] == status["trajectoire"]] or decisions
    decision = chosen[0] if chosen else None
    curve = [row for row in tables["fct_trajectory"] if decision and row["trajectoire"] == decision["trajectoire"]]
    return Indicator(
        meta=meta,
        figures=figures,
        breaks=tuple(sorted(tables["dim_rupture"], key=lambda row: sort_key(row["periode"]))),
        territories=territories,
        decision=decision,
        curve=tuple(sorted(curve, key=lambda row: row["annee"])),
        status=status,
        nuit=nuit,
    )


def indicator_ids(release: Release) -> list[str]:
    """Ids of the declared indicators, in their order on pages."""
    rows = release.table("dim_indicator").select(["ordre", "indicateur"]).to_pylist()
    return [row["indicateur"] for row in sorted(rows, key=lambda r: (r["ordre"] or 0, r["indicateur"]))]
