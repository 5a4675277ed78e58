"""A small release in memory: every table of `core.tables.TABLES`, filled with a plausible little world.

The levels of income, poverty, unemployment and land consumption are the official ones where they are known (Insee
Filosofi 2014-2019 for the EPCI and above, communes 2014-2021; Insee localised unemployment; Cerema); the rest is
plausible and only good for tests. Nothing here reads a file: rooms that need a `Release` take this one.

Not here: a database, dbt, real contours (they are small squares), the 82 communes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa

from flows.alerts.ledger import Ledger, advance
from flows.core import periods
from flows.core.tables import TABLES
from tests.tiny_figures import observations
from tests.tiny_indicators import indicators
from tests.tiny_states import statuses, trajectories
from tests.tiny_tables import (
    DATASETS,
    ENGAGEMENTS,
    NUIT,
    changes_of,
    checks,
    datasets,
    editions,
    history_of,
    raws_of,
    territories,
)

Rows = list[dict[str, Any]]

KEYS = {
    "dim_territory": ("niveau", "code"),
    "dim_indicator": ("indicateur",),
    "dim_engagement": ("id",),
    "dim_dataset": ("jeu",),
    "dim_edition": ("edition", "page"),
    "fct_observation": ("indicateur", "territoire_niveau", "territoire_code", "periode", "ventilation"),
    "dim_trajectory": ("trajectoire",),
    "fct_trajectory": ("trajectoire", "annee"),
    "fct_status": ("indicateur",),
    "fct_status_history": ("indicateur", "depuis"),
    "dim_etape": ("nuit", "genre"),
    "fct_pace": ("indicateur", "territoire_niveau", "territoire_code"),
    "fct_status_change": ("indicateur",),
    "fct_revision": ("indicateur", "territoire_niveau", "territoire_code", "periode", "ventilation"),
    "fct_revision_mean": ("indicateur",),
    "fct_check": ("portee", "suite", "regle", "edition"),
    "fct_alert": ("alerte",),
    "fct_alert_log": ("nuit", "version", "rang"),
    "dim_rupture": ("indicateur", "periode"),
    "dim_correction": ("jeu", "cle", "colonne"),
}

# Columns that may be null; any other text, list or flag left out of a row gets the neutral value of its type.
_NULLABLE_TEXT = {"contour", "trajectoire", "etat_avant"}


@dataclass(frozen=True)
class TinyRelease:
    """A `core.tables.Release` held in memory; `tables` are Arrow tables in the exact schemas of `TABLES`."""

    tables: Mapping[str, pa.Table]
    id: str = f"{NUIT}-7f3a"
    nuit: str = NUIT
    mode: str = "demonstration"
    manifest: dict[str, Any] = field(default_factory=dict)
    raws: Mapping[str, bytes] = field(default_factory=dict)

    def table(self, name: str) -> pa.Table:
        return self.tables[name]

    def raw(self, sha256: str) -> bytes | None:
        return self.raws.get(sha256)

    def model_sql(self, name: str) -> str:
        return f"select * from {{{{ ref('int_{name}') }}}} -- 1 < 2 & \"tiny\"\n"


def tiny_release(**changes: Any) -> TinyRelease:
    """A whole release of ten indicators, two EPCI and eight communes.

    Args:
        changes: `id`, `nuit`, `mode`, `manifest`, or the name of a table with either the rows that replace it
            (dicts; columns left out get a neutral value) or a function from its rows to other rows.

    Raises:
        ValueError: an unknown table or column, a duplicate key, a missing key, a value of the wrong type.
    """
    head = {name: changes.pop(name) for name in ("id", "nuit", "mode", "manifest") if name in changes}
    unknown = set(changes) - set(TABLES)
    if unknown:
        raise ValueError(f"no such table in a release: {sorted(unknown)}")
    raws = raws_of()
    rows = _all_rows(raws)
    for name, change in changes.items():
        rows[name] = change([dict(row) for row in rows[name]]) if isinstance(change, Callable) else list(change)
    tables = {name: build(name, rows.get(name, [])) for name in TABLES}
    head.setdefault("manifest", _manifest(rows))
    release = TinyRelease(tables=tables, raws=raws, **head)
    if "fct_alert" in changes or "fct_alert_log" in changes:
        return release
    alerts, log = ledger_of(release).tables()
    return replace(release, tables={**tables, "fct_alert": alerts, "fct_alert_log": log})


def ledger_of(release: TinyRelease, before: Ledger | None = None) -> Ledger:
    """The alert ledger after a tiny release; its predecessor stood where its changes say and kept `before`."""
    moves = {row["indicateur"]: row for row in release.table("fct_status_change").to_pylist()}
    first = bool(moves) and all(row["premiere"] for row in moves.values())
    statuses = [
        {**row, "etat": moves[row["indicateur"]]["etat_avant"]} if row["indicateur"] in moves else row
        for row in release.table("fct_status").to_pylist()
    ]
    eve = dt.date.fromisoformat(release.nuit) - dt.timedelta(days=1)
    return advance(release, before=before, statuses=() if first else statuses, since=None if first else eve)


def build(name: str, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows → the Arrow table `name` in its exact schema, in key order; see `tiny_release` for the errors."""
    schema = TABLES[name]
    complete = [_complete(name, schema, row) for row in rows]
    keys = [tuple(row[column] for column in KEYS[name]) for row in complete]
    if any(None in key for key in keys):
        raise ValueError(f"{name}: a key is missing: {[key for key in keys if None in key][:3]}")
    if len(set(keys)) != len(keys):
        raise ValueError(f"{name}: duplicate key {sorted({k for k in keys if keys.count(k) > 1})[:3]}")
    order = sorted(range(len(keys)), key=lambda i: keys[i])
    try:
        table = pa.Table.from_pylist([complete[i] for i in order], schema=schema)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise ValueError(f"{name}: {error}") from error
    table.validate(full=True)
    return table


def _complete(name: str, schema: pa.Schema, row: Mapping[str, Any]) -> dict[str, Any]:
    unknown = set(row) - set(schema.names)
    if unknown:
        raise ValueError(f"{name}: no such column {sorted(unknown)}")
    out = {}
    for column in schema:
        if column.name in row:
            out[column.name] = row[column.name]
        elif pa.types.is_string(column.type):
            out[column.name] = None if column.name in _NULLABLE_TEXT else ""
        elif pa.types.is_list(column.type):
            out[column.name] = []
        elif pa.types.is_boolean(column.type):
            out[column.name] = False
        else:
            out[column.name] = None
    return out


def _all_rows(raws: Mapping[str, bytes]) -> dict[str, Rows]:
    decisions, curves = trajectories()
    status = statuses()
    edition = {jeu: hashlib.sha256(jeu.encode()).hexdigest() for jeu, *_ in DATASETS}
    figures = observations()
    for row in figures:
        row["annee"] = periods.decimal_year(row["periode"])
        row["editions"] = [edition[jeu] for jeu in row["jeux"]]
    return {
        "dim_territory": territories(),
        "dim_indicator": indicators(),
        "dim_engagement": [
            {
                "id": i,
                "type": t,
                "parent": p,
                "libelle": label,
                "libelle_court": label[:40],
                "citation": f"« {label} »",
                "source": "001:340",
                "ordre": o,
            }
            for i, t, p, label, o in ENGAGEMENTS
        ],
        "dim_dataset": datasets(),
        "dim_edition": editions(raws),
        "fct_observation": figures,
        "dim_trajectory": decisions,
        "fct_trajectory": curves,
        "fct_status": status,
        "fct_status_history": history_of(status),
        "dim_etape": [
            {
                "genre": "barometre",
                "nuit": dt.date(2026, 6, 1),
                "titre": "Baromètre 2026",
                "source": "Délibération du 1er juin 2026",
                "auteur": "2P2T",
                "date": dt.date(2026, 6, 1),
            }
        ],
        "fct_status_change": changes_of(status),
        "fct_check": checks(),
        "dim_rupture": [
            {
                "indicateur": indicateur,
                "periode": "2023",
                "motif": "Nouvelle méthode de l’Insee (fin de la taxe d’habitation)",
                "source": "Insee, Filosofi 2023, documentation",
                "auteur": "Service de la donnée territoriale",
                "date": dt.date(2026, 9, 1),
            }
            for indicateur in ("revenu_median_uc", "taux_pauvrete")
        ],
        "dim_correction": [
            {
                "jeu": "cerema/consommation_enaf",
                "cle": "idcom=59172;annee=2019",
                "colonne": "naf_m2",
                "valeur_source": "1040",
                "valeur_corrigee": "10400",
                "motif": "Un zéro manque, confirmé par le producteur.",
                "ticket": "Cerema 2026-31",
                "auteur": "Service de la donnée territoriale",
                "date": dt.date(2026, 10, 1),
                "etat": "appliquee",
                "detail": "",
                "lignes": 1,
            }
        ],
    }


def _manifest(rows: Mapping[str, Rows]) -> dict[str, Any]:
    return {
        "release": f"{NUIT}-7f3a",
        "nuit": NUIT,
        "mode": "demonstration",
        "predecesseur": "2026-11-19-11aa",
        "code": {"empreinte": hashlib.sha256(b"tiny").hexdigest(), "version": "0.1.0"},
        "editions": sorted({row["edition"] for row in rows["dim_edition"]}),
    }
