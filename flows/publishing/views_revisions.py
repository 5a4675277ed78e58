"""What was revised since the predecessor release, for the journal and for the JSON of an indicator.

Not here: how revisions and their causes are found (dbt, `fct_revision`), changes of state (`views_home.changes`).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from flows.core.tables import Release
from flows.publishing import numbers
from flows.publishing.views_data import Row, World

SHOWN = 12
NEW = "nouvelle_periode"


def revisions(world: World) -> dict[str, Any]:
    """Counts by cause and the largest differences, in French.

    Returns:
        `comptes` (label, figures, indicators) in the order of the words; `lignes`: the `SHOWN` largest differences of
        known figures, relative to what was said before (those of different units are not otherwise comparable);
        `autres`: how many more; `premiere`: nothing to compare with.
    """
    words = world.words["journal"]
    rows = world.release.table("fct_revision").to_pylist()
    counts = Counter(row["cause"] for row in rows)
    about = {cause: len({r["indicateur"] for r in rows if r["cause"] == cause}) for cause in counts}
    changed = sorted((r for r in rows if r["cause"] != NEW and r["ecart"] is not None), key=_largest_first)
    return {
        "comptes": [(label, counts[c], about[c]) for c, label in words["revisions_causes"].items() if counts[c]],
        "lignes": [_line(world, row) for row in changed[:SHOWN]],
        "autres": max(len(changed) - SHOWN, 0),
        "premiere": not world.release.manifest.get("predecessor"),
    }


def _largest_first(row: Row) -> tuple[Any, ...]:
    before, gap = abs(row["valeur_avant"]), abs(row["ecart"])
    relative = gap / before if before else float("inf")
    key = ("indicateur", "territoire_niveau", "territoire_code", "periode", "ventilation")
    return (-relative, *(row[name] for name in key))


def _line(world: World, row: Row) -> Row:
    indicator = world.by_id[row["indicateur"]]
    labels = dict(told.split(": ", 1) for told in indicator["ventilations"] or ())
    part = labels.get(row["ventilation"], row["ventilation"])
    # A detail may be counted in another unit than the total: its own if it has one.
    units = dict(told.split(": ", 1) for told in indicator["ventilation_unites"] or ())
    unit = units.get(row["ventilation"], indicator["unite_courte"] or indicator["unite"])
    decimals = indicator["decimales_donnees"] or indicator["decimales"] or 0

    def said(value: float, *, sign: bool = False) -> str:
        return numbers.number(value, decimals, sign=sign, trim=True)

    return {
        "slug": indicator["slug"],
        "titre": indicator["titre_court"] or indicator["titre"],
        "detail": part,
        "territoire": world.name((row["territoire_niveau"], row["territoire_code"])),
        "periode": numbers.period_in_french(row["periode"]),
        "avant": said(row["valeur_avant"]),
        "apres": said(row["valeur_apres"]),
        "ecart": said(row["ecart"], sign=True),
        "unite": unit,
        "cause": world.words["journal"]["revisions_causes"][row["cause"]],
    }


def by_indicator(release: Release) -> dict[str, dict[str, Any]]:
    """indicateur → what its JSON says: `comparaisons` releases, `revisions` figures, `moyenne` and `moyenne_absolue`
    (MR, MAR, of the indicator's own territory, in its unit; null without any), `version` (rows of `fct_revision`)."""
    means = {row["indicateur"]: row for row in release.table("fct_revision_mean").to_pylist()}
    rows: dict[str, list[Row]] = {}
    for row in release.table("fct_revision").to_pylist():
        rows.setdefault(row["indicateur"], []).append({k: v for k, v in row.items() if k != "indicateur"})
    found = {}
    for name in sorted({*means, *rows}):
        mean = means.get(name, {})
        found[name] = {
            "comparaisons": mean.get("comparaisons", 0),
            "revisions": mean.get("revisions", 0),
            "moyenne": mean.get("revision_moyenne"),
            "moyenne_absolue": mean.get("revision_absolue_moyenne"),
            "version": rows.get(name, []),
        }
    return found


NONE: dict[str, Any] = {
    "comparaisons": 0,
    "revisions": 0,
    "moyenne": None,
    "moyenne_absolue": None,
    "version": [],
}
