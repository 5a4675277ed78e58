"""What a run made happen, as events that others may react to (docs/events.md).

An event only makes things happen sooner: the lock and the release cursor are the truth, and whatever an event would
have started is found by the next run. Not here: sending them (flows/tracked.py) and reacting (prefect.yaml).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

PREFIX = "observatoire"
# Payload keys of each event: what a trigger of prefect.yaml may template. docs/events.md explains each.
PAYLOADS: dict[str, tuple[str, ...]] = {
    "source.changed": ("jeu", "auteur"),
    "deposit.received": ("fichiers", "recu_a"),
    "edition.stored": ("jeu", "editions", "nuit", "execution"),
    "edition.quarantined": ("jeu", "editions", "nuit", "execution"),
    "release.published": ("version", "motif", "changements", "nuit", "execution"),
    "release.rejected": ("candidate", "motif", "nuit", "execution"),
    "indicator.drifted": ("indicateur", "territoire", "avant", "cause", "version", "execution"),
    "source.late": ("jeu", "attendu", "derniere_periode", "nuit", "execution"),
}


@dataclass(frozen=True)
class Happening:
    """One event: `name` without the prefix, `resource` the id of what it is about, `payload` plain values."""

    name: str
    resource: str
    payload: Mapping[str, str | int]

    def __post_init__(self) -> None:
        if set(self.payload) != set(PAYLOADS[self.name]):
            raise ValueError(f"{self.name}: payload {sorted(self.payload)}, due {sorted(PAYLOADS[self.name])}")

    @property
    def event(self) -> str:
        return f"{PREFIX}.{self.name}"

    @property
    def resource_id(self) -> str:
        return f"{PREFIX}.{self.resource}"


def source_changed(dataset: str, author: str) -> Happening:
    """Somebody says that a publisher changed a dataset (a web hook, a person): the night need not be waited for."""
    return Happening("source.changed", resource_of(dataset), {"jeu": dataset, "auteur": author})


def deposit_received(files: list[str], at: str) -> Happening:
    """Files came into the inbox."""
    return Happening("deposit.received", "inbox", {"fichiers": ", ".join(sorted(files)), "recu_a": at})


def happenings(record: Mapping[str, Any], previous: Mapping[str, Any] | None = None) -> Iterator[Happening]:
    """The events of a run, in a fixed order, from its record (docs/run-record.md) and what was said before it
    (flows.record.said_before).

    What lasts (an edition in quarantine, a late source) is an event on the run where it begins only.
    """
    common = {"nuit": record["nuit"], "execution": record["id"]}
    before = {entry["id"]: entry for entry in (previous or {}).get("datasets", ())}
    for entry in record["datasets"]:
        known = before.get(entry["id"], {})
        name, resource = entry["id"], resource_of(entry["id"])
        if entry["new_editions"]:
            payload = {"jeu": name, "editions": entry["new_editions"], **common}
            yield Happening("edition.stored", resource, payload)
        waiting = {item["edition"] for item in entry["quarantined"]}
        if fresh := waiting - {item["edition"] for item in known.get("quarantined", ())}:
            yield Happening("edition.quarantined", resource, {"jeu": name, "editions": len(fresh), **common})
        if entry.get("late") and not known.get("late"):
            told = {"attendu": entry["expected_next"] or "", "derniere_periode": entry["last_period"] or ""}
            yield Happening("source.late", resource, {"jeu": name, **told, **common})
    release = record["release"]
    if release.get("candidate"):
        payload = {"candidate": release["candidate"], "motif": release["reason"], **common}
        yield Happening("release.rejected", f"release.{release['candidate']}", payload)
    if release["published"]:
        changes = [change for change in record["changes"] if not change["premiere"]]
        payload = {"version": release["id"], "motif": release["reason"], "changements": len(changes), **common}
        yield Happening("release.published", f"release.{release['id']}", payload)
        for change in changes:
            if change["etat_apres"] == "derive":
                yield Happening(
                    "indicator.drifted",
                    f"indicator.{change['indicateur']}",
                    {
                        "indicateur": change["indicateur"],
                        "territoire": change["territoire_code"],
                        "avant": change["etat_avant"] or "",
                        "cause": change["cause"],
                        "version": release["id"],
                        "execution": record["id"],
                    },
                )


def resource_of(dataset: str) -> str:
    """Resource of a dataset: `insee/filosofi` is `source.insee.filosofi`."""
    return "source." + dataset.replace("/", ".")
