"""The releases on disk: candidates, manifests, `current`, rollback, pins, retention (rules 6, 7 and 12).

Not here: what goes into a release (the flow hands the parts over) and pages. A release folder appears under
`releases/` only complete, by one rename; `current` moves by one rename of a symbolic link.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.core.errors import ReleaseError
from flows.files import storage_errors, write_json

KEPT_NIGHTS = 30
KEPT_CANDIDATES = 3


@dataclass(frozen=True)
class ReleaseInfo:
    """A line of `observatoire releases`."""

    id: str
    number: int
    nuit: dt.date
    inputs_key: str
    current: bool
    pinned: str
    retired: str
    complete: bool


class ReleaseStore:
    """`releases/`, `candidates/`, `current` and the small state that goes with them (`state/versions.json`)."""

    def __init__(self, releases: Path, candidates: Path, current: Path, state: Path) -> None:
        self.releases, self.candidates, self.current = releases, candidates, current
        self._state_file = state / "versions.json"

    # --- state: retired and rejected fingerprints, pins ---------------------------------------------------------

    def state(self) -> dict[str, dict[str, Any]]:
        """`retired` and `rejected` by inputs key, `pinned` by release id."""
        empty: dict[str, dict[str, Any]] = {"retired": {}, "rejected": {}, "pinned": {}}
        if not self._state_file.exists():
            return empty
        return empty | json.loads(self._state_file.read_text(encoding="utf-8"))

    def note(self, kind: str, key: str, value: Mapping[str, Any]) -> None:
        """Add an entry to the state, atomically."""
        state = self.state()
        state[kind][key] = dict(value)
        write_json(self._state_file, state)

    # --- reading --------------------------------------------------------------------------------------------------

    def folder(self, release_id: str) -> Path:
        """Folder of a complete release.

        Raises:
            ReleaseError: no complete release has this id.
        """
        folder = self.releases / release_id
        if not (folder / "manifest.json").exists():
            known = ", ".join(sorted(f.parent.name for f in self.releases.glob("*/manifest.json"))[-5:]) or "aucune"
            raise ReleaseError(
                f"La version « {release_id} » n'existe pas.",
                where=str(self.releases),
                todo=f"choisir parmi les versions complètes (les dernières : {known}).",
            )
        return folder

    def manifest(self, release_id: str) -> dict[str, Any]:
        return json.loads((self.folder(release_id) / "manifest.json").read_text(encoding="utf-8"))

    def current_id(self) -> str | None:
        """Id of the published release, or None before the first one.

        Raises:
            ReleaseError: `current` is not a link, or leads to a release that is not there.
        """
        release_id = self._linked()
        if release_id is not None:
            self.folder(release_id)
        return release_id

    def _linked(self) -> str | None:
        """Name that `current` points to, whether it is there or not."""
        try:
            return Path(os.readlink(self.current)).name
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ReleaseError(
                "« current » n'est pas un lien vers une version.",
                where=str(self.current),
                todo="l'enlever, puis republier une version avec « observatoire rollback ».",
            ) from error

    def published(self) -> list[str]:
        """Ids that led to the current release, oldest first: each was current when the next one was built."""
        chain: list[str] = []
        release_id = self.current_id()
        while release_id and release_id not in chain and (self.releases / release_id / "manifest.json").exists():
            chain.append(release_id)
            release_id = self.manifest(release_id).get("predecessor")
        return chain[::-1]

    def list(self) -> list[ReleaseInfo]:
        """Every release whose manifest is kept, oldest first (pruned ones have no site any more)."""
        state, current = self.state(), self._linked()
        found = []
        for file in sorted(self.releases.glob("*/manifest.json")):
            manifest = json.loads(file.read_text(encoding="utf-8"))
            found.append(
                ReleaseInfo(
                    id=manifest["id"],
                    number=manifest["numero"],
                    nuit=dt.date.fromisoformat(manifest["nuit"]),
                    inputs_key=manifest["inputs_key"],
                    current=manifest["id"] == current,
                    pinned=state["pinned"].get(manifest["id"], {}).get("motif", ""),
                    retired=state["retired"].get(manifest["inputs_key"], {}).get("motif", ""),
                    complete=(file.parent / "site").is_dir(),
                )
            )
        return sorted(found, key=lambda info: (info.nuit, info.number, info.id))

    # --- writing --------------------------------------------------------------------------------------------------

    def new_candidate(self, release_id: str) -> Path:
        """An empty folder to build a candidate in; what an interrupted run left there is removed first."""
        for leftover in self.candidates.glob(".en-cours-*"):
            shutil.rmtree(leftover)
        folder = self.candidates / f".en-cours-{release_id}"
        folder.mkdir(parents=True)
        return folder

    def complete(self, candidate: Path, manifest: Mapping[str, Any]) -> Path:
        """Write the manifest and move the candidate among the releases, in one rename.

        A release of the same id may already be there (a run killed between this move and the publication): it is
        kept when its manifest is the same, byte for byte, else the newcomer replaces it unless it is published.
        """
        target = self.releases / str(manifest["id"])
        write_json(candidate / "manifest.json", manifest)
        os.sync()  # every byte of the candidate is on the disk before its name says that it is complete
        with storage_errors():
            self.releases.mkdir(parents=True, exist_ok=True)
            if target.exists():
                same = (target / "manifest.json").exists() and (
                    (target / "manifest.json").read_bytes() == (candidate / "manifest.json").read_bytes()
                )
                if same and (target / "site").is_dir():
                    shutil.rmtree(candidate)
                    return target
                if self.current_id() == target.name:
                    raise ReleaseError(
                        "La version publiée porte déjà cet identifiant avec un autre contenu.",
                        where=str(target),
                        todo="signaler ce défaut : deux constructions des mêmes entrées ont différé.",
                    )
                shutil.rmtree(target)
            os.replace(candidate, target)
            _sync_folder(self.releases)
        return target

    def reject(self, candidate: Path, manifest: Mapping[str, Any], key: str, reason: str) -> Path:
        """Keep a rejected candidate for the steward (the last three) and remember the key of its verdict."""
        target = self.candidates / str(manifest["id"])
        write_json(candidate / "manifest.json", manifest)
        if target.exists():
            shutil.rmtree(target)
        os.replace(candidate, target)
        self.note("rejected", key, {"id": manifest["id"], "motif": reason})
        others = [p for p in self.candidates.iterdir() if not p.name.startswith(".") and p != target]
        for old in sorted(others, key=lambda p: (p.stat().st_mtime_ns, p.name))[: -(KEPT_CANDIDATES - 1)]:
            shutil.rmtree(old)
        return target

    def publish(self, release_id: str) -> None:
        """Re-point `current`, atomically: a reader meets the old release or the new one, whole."""
        target = self.folder(release_id)
        if not (target / "site" / "index.html").exists():
            raise ReleaseError(
                f"La version « {release_id} » n'a plus de site : elle a été allégée.",
                where=str(target),
                todo="la reconstruire avec « observatoire rebuild --as-of ».",
            )
        with storage_errors():
            temporary = self.current.with_name(f".{self.current.name}.{os.getpid()}")
            temporary.unlink(missing_ok=True)
            temporary.symlink_to(os.path.relpath(target, self.current.parent))
            os.replace(temporary, self.current)
            _sync_folder(self.current.parent)

    def retired(self, key: str, nuit: dt.date) -> str:
        """Why these inputs were withdrawn, "" when they were not (or only for a later night)."""
        entry = self.state()["retired"].get(key)
        return entry["motif"] if entry and nuit.isoformat() >= entry["depuis"] else ""

    def pin(self, release_id: str, reason: str) -> None:
        """Keep a release whole for ever (rule 12): a barometer, a three-yearly step."""
        self.folder(release_id)
        self.note("pinned", release_id, {"motif": reason})

    def rollback(self, release_id: str, reason: str, at: dt.datetime) -> str:
        """Publish an older release; the fingerprint that was current is marked `retire` and not republished.

        Returns the id of the release that was withdrawn.

        Raises:
            ReleaseError: nothing is published, the target is unknown, pruned, or already current.
        """
        try:
            current = self.current_id()
        except ReleaseError:  # a link that leads nowhere is mended by pointing it again
            self.publish(release_id)
            return "une version introuvable"
        if current is None:
            raise ReleaseError("Rien n'est encore publié.", todo="lancer « observatoire nightly ».")
        if current == release_id:
            raise ReleaseError(f"La version « {release_id} » est déjà publiée.")
        withdrawn = self.manifest(current)
        key = withdrawn["inputs_key"]
        known = self.state()["retired"].get(key)
        since = min(withdrawn["nuit"], known["depuis"]) if known else withdrawn["nuit"]
        # Marked before the link moves: killed in between, the bad release is at least never published again.
        self.note("retired", key, {"id": current, "motif": reason, "le": at.isoformat(), "depuis": since})
        self.publish(release_id)
        state = self.state()
        trusted = [k for k, entry in state["retired"].items() if entry["id"] == release_id]
        for entry in trusted:  # going back to a withdrawn release is a decision to trust it again
            del state["retired"][entry]
        if trusted:
            write_json(self._state_file, state)
        return current

    def prune(self, nuit: dt.date) -> list[str]:
        """Rule 12: keep 30 nights, month-ends and pinned releases whole; of others only `etat/` and the manifest."""
        infos = [info for info in self.list() if info.complete]
        last_of_month = {(info.nuit.year, info.nuit.month): info.id for info in infos}
        pruned = []
        for info in infos:
            recent = (nuit - info.nuit).days < KEPT_NIGHTS
            if recent or info.current or info.pinned or info.id in last_of_month.values():
                continue
            folder = self.releases / info.id
            shutil.rmtree(folder / "site")  # first: without its site a release is known to be pruned
            for entry in sorted(folder.iterdir()):
                if entry.name not in ("etat", "manifest.json"):
                    shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
            pruned.append(info.id)
        return pruned


def tree_digest(folder: Path) -> tuple[str, int]:
    """Digest of a folder (relative names and bytes, sorted) and its number of files."""
    digest = hashlib.sha256()
    count = 0
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest.update(file.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(file.read_bytes()).digest())
        count += 1
    return digest.hexdigest(), count


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
