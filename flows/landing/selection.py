"""Which editions a build reads, and what the release says of each dataset.

Not here: the verdict itself, given by the flow as a function (rules 3 and 4: verdicts are recomputed from
edition, suites and dated decisions, never remembered).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from flows.core.datasets import LICENCES, Dataset, Edition
from flows.core.tables import TABLES
from flows.core.words import Accumulation
from flows.landing.decoded import Decoded, DecodedCache

Judge = Callable[[Dataset, Edition, Decoded, Decoded | None], bool]


@dataclass(frozen=True)
class Selected:
    """What gate 1 let through for one dataset: editions that count, and newer ones in quarantine."""

    dataset: Dataset
    accepted: tuple[Edition, ...]
    quarantined: tuple[Edition, ...]

    @property
    def quarantined_since(self) -> dt.date | None:
        """Night of the oldest edition still waiting in front of the accepted ones."""
        return min((e.nuit for e in self.quarantined), default=None)


def select(
    dataset: Dataset, editions: Iterable[Edition], as_of: dt.date, cache: DecodedCache, judge: Judge
) -> Selected:
    """Accepted editions of nuit ≤ `as_of`: the newest of each partition, or all of them when cumulative."""
    by_partition: dict[str, list[Edition]] = {}
    for edition in editions:
        if edition.nuit <= as_of:
            by_partition.setdefault(edition.partition, []).append(edition)
    accepted: list[Edition] = []
    quarantined: list[Edition] = []
    for partition in sorted(by_partition):
        good: list[Edition] = []
        waiting: list[Edition] = []
        previous: Decoded | None = None
        for edition in by_partition[partition]:
            decoded = cache.get(dataset, edition)
            if judge(dataset, edition, decoded, previous):
                good.append(edition)
                waiting, previous = [], decoded
            else:
                waiting.append(edition)
        accepted += good if dataset.accumulation is Accumulation.CUMULATIF else good[-1:]
        quarantined += waiting
    return Selected(dataset, tuple(accepted), tuple(quarantined))


@dataclass(frozen=True)
class SourceState:
    """What a release says of a dataset: a_jour, perime, retire, desactive, jamais_recu."""

    etat: str
    detail: str = ""
    perime_depuis: dt.date | None = None

    def plain(self) -> dict[str, Any]:
        since = self.perime_depuis.isoformat() if self.perime_depuis else None
        return {"etat": self.etat, "detail": self.detail, "perime_depuis": since}


WITHDRAWN_WORDS = "Retiré par son producteur."
FAILED_WORDS = "La dernière réception a échoué."
REFUSED_WORDS = "La dernière édition reçue est refusée au contrôle."


def source_state(
    selected: Selected,
    nuit: dt.date,
    *,
    off: str = "",
    withdrawn: bool = False,
    failed: bool = False,
    left: bool = False,
    before: Mapping[str, Any] | None = None,
) -> SourceState:
    """State of a dataset tonight.

    Args:
        off: reason why it is switched off. withdrawn: its publisher withdrew it. failed: a request failed tonight;
            the release says so in closed words, because the exact error (kept in the run record) may differ from one
            try to the next and would make releases of the same figures.
        left: this run did not ask it: what was withdrawn or had failed still is.
        before: the state that the predecessor release gave, so that "périmé depuis" keeps its first night.
    """
    if left and before:
        withdrawn = before.get("etat") == "retire"
        failed = before.get("detail") == FAILED_WORDS
    nights = [selected.quarantined_since] if selected.quarantined_since else []
    if before and before.get("perime_depuis"):
        nights.append(dt.date.fromisoformat(before["perime_depuis"]))
    since = min(nights, default=nuit)
    if off:  # what was stale stays stale while the source is off
        return SourceState("desactive", off, since if nights and selected.accepted else None)
    if withdrawn:
        return SourceState("retire", WITHDRAWN_WORDS, since if selected.accepted else None)
    if not selected.accepted:
        return SourceState("jamais_recu", FAILED_WORDS if failed else REFUSED_WORDS if selected.quarantined else "")
    if selected.quarantined:
        return SourceState("perime", REFUSED_WORDS, since)
    if failed:
        return SourceState("perime", FAILED_WORDS, since)
    return SourceState("a_jour")


@dataclass
class Chosen:
    """Everything a build reads, dataset by dataset, in registry order."""

    selected: list[Selected]
    states: dict[str, SourceState] = field(default_factory=dict)

    def editions(self) -> list[Edition]:
        return [edition for item in self.selected for edition in item.accepted]

    def edition_ids(self) -> list[str]:
        return sorted(edition.id for edition in self.editions())


def dataset_table(chosen: Chosen) -> pa.Table:
    """`dim_dataset`, one row a dataset, sorted by id."""
    rows = []
    for item in sorted(chosen.selected, key=lambda s: s.dataset.id):
        d, state = item.dataset, chosen.states[item.dataset.id]
        name, address = LICENCES[d.licence]
        rows.append(
            {
                "jeu": d.id,
                "titre": d.titre,
                "editeur": d.editeur,
                "licence": d.licence,
                "licence_nom": name,
                "licence_adresse": address,
                "attribution": d.attribution,
                "page": d.page,
                "periodicite": d.periodicite,
                "accumulation": str(d.accumulation),
                "niveaux": list(d.niveaux),
                "cog": d.cog_year,
                "absences": d.absences,
                "brut_public": d.brut_public,
                "raison_brut_prive": d.raison_brut_prive,
                "simule": any(e.simulated for e in item.accepted),
                "etat": state.etat,
                "etat_detail": state.detail,
                "perime_depuis": state.perime_depuis,
                "derniere_nuit": max((e.nuit for e in item.accepted), default=None),
                "editions": len(item.accepted),
                "lignes": sum(e.rows for e in item.accepted),
                "reserve": d.reserve,
            }
        )
    return pa.Table.from_pylist(rows, schema=TABLES["dim_dataset"])


def edition_table(chosen: Chosen) -> pa.Table:
    """`dim_edition`, one row a page of an accepted edition."""
    rows = []
    for item in sorted(chosen.selected, key=lambda s: s.dataset.id):
        for e in sorted(item.accepted, key=lambda e: (e.partition, e.sequence)):
            for number, page in enumerate(e.pages, start=1):
                rows.append(
                    {
                        "edition": e.id,
                        "jeu": e.dataset,
                        "partition": e.partition,
                        "nuit": e.nuit,
                        "recu_le": e.retrieved_at.isoformat(),
                        "page": number,
                        "adresse": page["address"],
                        "transport": str(e.transport),
                        "sha256": page["sha256"],
                        "octets": page["bytes"],
                        "type_contenu": page["content_type"],
                        "lignes": e.rows,
                        "empreinte": e.fingerprint,
                        "simule": e.simulated,
                        "brut_public": item.dataset.brut_public,
                    }
                )
    return pa.Table.from_pylist(rows, schema=TABLES["dim_edition"])
