"""View model of the path of a figure: figure → SQL of its model → checks → files received, with hash and address.

Not here: the raw bytes themselves (`views_release.raw_files`).
"""

from __future__ import annotations

from typing import Any

from flows.core.words import Resultat, Transport
from flows.publishing import numbers
from flows.publishing.views_data import Place, Row, World

_FINE = (Resultat.PASSE, Resultat.DEROGE)


def trace(world: World, indicator: Row, place: Place, headline: Row | None) -> dict[str, Any]:
    """The chain under the indicator's page.

    Args:
        headline: the observation shown in large type, or None when there is no figure.

    Returns:
        `modele` (None when the indicator has no SQL), `controles` (lines), `ecarts` (not passed), `fichiers` of the
        figure, `tous` every file read for the page, `jeux` (rows of dim_dataset).
    """
    ident = indicator["indicateur"]
    sets = datasets(world, indicator)
    checks = [c for c in world.checks if ident in (c["indicateurs"] or ())]
    editions = list(dict.fromkeys(headline["editions"] or ())) if headline else []
    return {
        "modele": f"ind_{ident}" if indicator["calcule"] else None,
        "controles": sorted(checks, key=lambda c: (c["jeu"] or "", c["suite"], c["regle"], c["edition"] or "")),
        "ecarts": sum(1 for c in checks if c["resultat"] not in _FINE),
        "fichiers": files(world, editions),
        "tous": files(world, sorted(world.figures(ident).editions())),
        "jeux": sets,
    }


def datasets(world: World, indicator: Row) -> list[Row]:
    """Datasets of an indicator that the release knows, in the order the indicator gives."""
    return [world.datasets[j] for j in indicator["jeux"] or () if j in world.datasets]


def files(world: World, editions: list[str]) -> list[Row]:
    """Pages of some editions: dataset, when and how received, official address, hash; in a stable order."""
    rows = [page for edition in editions for page in world.editions.get(edition, ())]
    rows.sort(key=lambda r: (r["jeu"], r["partition"], r["page"] or 0, r["sha256"]))
    return [file(world, row) for row in rows]


def file(world: World, row: Row) -> Row:
    """One received file in words."""
    dataset = world.datasets.get(row["jeu"])
    return row | {
        "titre": dataset["titre"] if dataset else row["jeu"],
        "reserve": (dataset.get("reserve") or "") if dataset else "",
        "recu": received(row["recu_le"]),
        "par": world.words["transports"].get(row["transport"], row["transport"]),
        "direct": row["transport"] == Transport.DIRECT,
    }


def received(instant: str | None) -> str:
    """An ISO instant in UTC as « 20 novembre 2026 à 2 h 01 UTC »."""
    if not instant:
        return ""
    day, _, time = instant.partition("T")
    date = numbers.date_in_french(day)
    return f"{date} à {int(time[:2])}\u00a0h\u00a0{time[3:5]} UTC" if time else date
