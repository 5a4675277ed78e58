"""`etat/`: the part of a release that the next one may read, kept for ever (rule 6).

Statuses, digests of observations, states of the sources, and the dates at which something will change without any new
figure ("échéances"). Not here: how statuses are computed (dbt).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flows.core.digests import table_digest
from flows.core.tables import TABLES, Release, conform
from flows.files import storage_errors, write_json
from flows.warehouse.revisions import CONTEXT, write_revisions

# What gate 2 of the next release compares with: nothing else of an older release may be read, it may be pruned.
COMPARED = [
    "indicateur", "territoire_niveau", "territoire_code", "territoire", "periode", "annee", "ventilation", "valeur",
    "unite", "statut", "nature",
]  # fmt: skip


def write_etat(
    folder: Path,
    release: Release,
    sources: Mapping[str, Any],
    context: pa.Table | None = None,
    days: Sequence[dt.date] = (),
) -> None:
    """Write `etat/` of a release: statuts, observations (key, value, status), digests, sources, deadlines, and what
    revisions are told from (`context`: see `flows.warehouse.revisions`). `days`: deadlines of the alerts."""
    with storage_errors():
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(release.table("fct_status"), folder / "statuts.parquet", compression="zstd")
        pq.write_table(release.table("fct_status_history"), folder / HISTORY, compression="zstd")
        figures = release.table("fct_observation").select(COMPARED)
        pq.write_table(figures, folder / "observations.parquet", compression="zstd")
        write_revisions(folder, release, CONTEXT.empty_table() if context is None else context)
    write_json(folder / "observations.json", observation_digests(release))
    write_json(folder / "sources.json", dict(sources))
    write_json(folder / "echeances.json", sorted({*deadlines(release), *(day.isoformat() for day in days)}))


def observation_digests(release: Release) -> dict[str, str]:
    """Digest of the observations of each indicator: a sign-off attaches to it."""
    table = release.table("fct_observation")
    runs = pc.run_end_encode(table.column("indicateur").combine_chunks()) if table.num_rows else None
    if runs is None:
        return {}
    ends = runs.run_ends.to_pylist()  # rows come in the order of indicators
    places = zip(runs.values.to_pylist(), [0, *ends[:-1]], ends, strict=True)
    digests = {n: table_digest(table.slice(a, b - a), without=("editions",)) for n, a, b in places}
    return dict(sorted(digests.items()))


def deadlines(release: Release) -> list[str]:
    """Dates (ISO, sorted) at which a release of the same figures would read differently.

    The day after a next update was due (`a_actualiser`), the day after the newest figure ceases to be judged (too
    old), the day a trajectory starts to hold and the day after it ceases to.
    """
    days: set[dt.date] = set()
    one = dt.timedelta(days=1)
    statuses = release.table("fct_status")
    days |= {d + one for d in statuses.column("prochaine_attendue").to_pylist() if d}
    told = (
        json.loads(details).get("fraicheur") or {} for details in statuses.column("details").to_pylist() if details
    )
    limits = (freshness.get("limite_anciennete") for freshness in told)
    days |= {dt.date.fromisoformat(limit) + one for limit in limits if limit}
    trajectories = release.table("dim_trajectory")
    days |= {d for d in trajectories.column("valide_du").to_pylist() if d}
    days |= {d + one for d in trajectories.column("valide_au").to_pylist() if d}
    return [day.isoformat() for day in sorted(days)]


def crossed(folder: Path, since: dt.date, nuit: dt.date) -> list[str]:
    """Deadlines of a release that fall after `since` (its own night) and no later than `nuit`."""
    dates = json.loads((folder / "echeances.json").read_text(encoding="utf-8"))
    return [day for day in dates if since < dt.date.fromisoformat(day) <= nuit]


def predecessor_status(folder: Path | None) -> pa.Table:
    """`fct_status` of the predecessor, empty when there is none (the very first release)."""
    if folder is None:
        return TABLES["fct_status"].empty_table()
    return conform(pq.read_table(folder / "statuts.parquet"), TABLES["fct_status"])


def predecessor_history(folder: Path | None) -> pa.Table:
    """`fct_status_history` of the predecessor, empty for the first release, or after one that kept none."""
    schema = TABLES["fct_status_history"]
    if folder is None or not (folder / HISTORY).exists():
        return schema.empty_table()
    return conform(pq.read_table(folder / HISTORY), schema)


def predecessor_tables(folder: Path | None) -> dict[str, pa.Table]:
    """What gate 2 may compare with, by mart: figures and states of the predecessor; {} when there is none."""
    if folder is None or not (folder / "observations.parquet").exists():
        return {}
    figures = conform(pq.read_table(folder / "observations.parquet"), TABLES["fct_observation"])
    return {"fct_observation": figures, "fct_status": predecessor_status(folder)}


HISTORY = "statuts_historique.parquet"
ALERTS, ALERT_LOG = "alertes.parquet", "alertes_journal.parquet"


def write_alerts(folder: Path, alerts: pa.Table, log: pa.Table) -> None:
    """Write the alert ledger of a release (tables `fct_alert` and `fct_alert_log`) into its `etat/`."""
    with storage_errors():
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(conform(alerts, TABLES["fct_alert"]), folder / ALERTS, compression="zstd")
        pq.write_table(conform(log, TABLES["fct_alert_log"]), folder / ALERT_LOG, compression="zstd")


def predecessor_alerts(folder: Path | None) -> tuple[pa.Table, pa.Table] | None:
    """`fct_alert` and `fct_alert_log` of the predecessor; None before the first ledger."""
    if folder is None or not (folder / ALERTS).exists():
        return None
    return (
        conform(pq.read_table(folder / ALERTS), TABLES["fct_alert"]),
        conform(pq.read_table(folder / ALERT_LOG), TABLES["fct_alert_log"]),
    )


def predecessor_sources(folder: Path | None) -> dict[str, Any]:
    """States of the sources as the predecessor gave them."""
    if folder is None:
        return {}
    return json.loads((folder / "sources.json").read_text(encoding="utf-8"))
