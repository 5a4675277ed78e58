"""The inputs of a release: everything it is a function of (rule 6), and the keys that follow from them.

Not here: choosing them (gathering) and building from them (candidate).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from flows.core.datasets import Edition, digest
from flows.landing.selection import Chosen
from flows.quality.checks import Check
from flows.quality.decisions import Decision


@dataclass(frozen=True)
class Inputs:
    """Everything a release is a function of (rule 6), and what gate 1 said on the way."""

    nuit: dt.date
    chosen: Chosen
    checks: list[Check]
    decisions: list[Decision]
    code: Mapping[str, str]
    predecessor: str | None
    number: int  # 1 for the first release, then its predecessor's plus one
    communes: Mapping[str, str]
    settings: Mapping[str, Any]
    mode: str
    partial: bool = False

    @property
    def key(self) -> str:
        """Digest of the inputs without the night and the predecessor: equal keys, nothing new."""
        return digest(
            {
                "mode": self.mode,
                "code": self.code["ensemble"],
                "editions": self.chosen.edition_ids(),
                "quarantined": sorted(e.id for s in self.chosen.selected for e in s.quarantined),
                "sources": {name: state.plain() for name, state in sorted(self.chosen.states.items())},
                "settings": dict(self.settings),
            }
        )

    @property
    def verdict_key(self) -> str:
        """Digest of what gate 2 judges by: the inputs, what they are compared with, the decisions in force."""
        return digest([self.key, self.predecessor, [asdict(decision) for decision in self.decisions]])

    @property
    def release_id(self) -> str:
        """`2026-11-20-7f3a91c2`: the night, and a digest of everything the release depends on."""
        return f"{self.nuit.isoformat()}-{digest([self.key, self.nuit, self.predecessor])[:8]}"

    def listed(self) -> dict[str, Any]:
        """The inputs as the manifest lists them."""
        return {
            "editions": [_listed(e) for e in self.chosen.editions()],
            "quarantined": [_listed(e) for s in self.chosen.selected for e in s.quarantined],
            "sources": {name: state.plain() for name, state in sorted(self.chosen.states.items())},
            "code": dict(self.code),
            "settings": dict(self.settings),
        }

    def what_changed(self, manifest: Mapping[str, Any]) -> str:
        """One French sentence on what differs from another release's manifest."""
        before = manifest["inputs"]
        was, now = {e["edition"] for e in before["editions"]}, {e.id for e in self.chosen.editions()}
        names = sorted({e.dataset for e in self.chosen.editions() if e.id not in was})
        names += sorted({e["jeu"] for e in before["editions"] if e["edition"] not in now} - set(names))
        parts = []
        if names:
            parts.append(f"nouvelles données : {', '.join(names)}")
        states = {n: s.plain() for n, s in self.chosen.states.items()}
        moved = sorted(n for n in states if before["sources"].get(n) != states[n] and n not in names)
        if moved:
            parts.append(f"état de sources : {', '.join(moved)}")
        if before["code"]["ensemble"] != self.code["ensemble"]:
            parts.append("programme ou textes modifiés")
        if before["settings"] != dict(self.settings):
            parts.append("réglages modifiés")
        return ("Nouvelle version : " + " ; ".join(parts) + ".") if parts else "Nouvelle version."


def _listed(edition: Edition) -> dict[str, Any]:
    return {
        "jeu": edition.dataset,
        "partition": edition.partition,
        "nuit": edition.nuit.isoformat(),
        "sequence": edition.sequence,
        "edition": edition.id,
    }
