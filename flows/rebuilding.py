"""`observatoire rebuild --as-of`: the release of a past night, built again and compared (rule 6).

Not here: publishing. Nothing is fetched, published or mailed; the folder is thrown away unless asked for.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from flows.candidate import fill_candidate
from flows.core.errors import ReleaseError
from flows.files import write_json
from flows.gathering import inputs_of
from flows.observatory import Observatory
from flows.record import RunRecord


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild gave. `differences` names tables and parts whose digest differs from the manifest's."""

    release_id: str
    same_code: bool
    rejected: str = ""
    missing: tuple[str, ...] = ()
    differences: list[str] = field(default_factory=list)

    @property
    def same(self) -> bool:
        return not (self.rejected or self.missing or self.differences)

    def in_french(self) -> str:
        if self.missing:
            names = ", ".join(self.missing)
            return f"{self.release_id} : ne peut plus être reconstruite, des octets manquent ({names})."
        if self.rejected:
            return f"{self.release_id} : le contrôle final refuse la reconstruction. {self.rejected}"
        if self.same and self.same_code:
            return f"{self.release_id} : reconstruite à l'octet près."
        if self.same_code:
            return f"{self.release_id} : DIFFÉRENTE sous le même programme ({', '.join(self.differences)})."
        if not self.differences:
            return f"{self.release_id} : mêmes tables, sous un programme différent de celui de son manifeste."
        return (
            f"{self.release_id} : le programme a changé depuis ; diffèrent : {', '.join(self.differences)}. "
            "Pour l'octet près, revenir au programme de son manifeste."
        )


def rebuild_as_of(
    observatory: Observatory, as_of: dt.date, *, into: Path | None, progress: Callable[[str, int, int], None]
) -> Rebuilt:
    """Rebuild the last release whose night is not after `as_of` and compare it with its manifest.

    Raises:
        ReleaseError: no release is that old.
    """
    if into is not None and into.exists():
        raise ReleaseError("Le dossier demandé existe déjà.", where=str(into), todo="en choisir un autre.")
    infos = [info for info in observatory.releases.list() if info.nuit <= as_of]
    if not infos:
        raise ReleaseError(
            f"Aucune version n'existait le {as_of.isoformat()}.",
            todo="choisir une date parmi « observatoire releases ».",
        )
    manifest = observatory.releases.manifest(infos[-1].id)
    record = RunRecord(observatory.paths.candidates / "rebuild", {"checks": [], "errors": [], "datasets": []})
    inputs = inputs_of(observatory, manifest, record, progress)
    due = {entry["edition"]: entry for entry in manifest["inputs"]["editions"]}
    readable = {edition.id for edition in inputs.chosen.editions()}
    same_code = inputs.code["ensemble"] == manifest["inputs"]["code"]["ensemble"]
    absent = [due[e] for e in set(due) - readable]
    missing = sorted(f"{e['jeu']} {e['partition']}" for e in absent if _erased(observatory, e))
    if missing:
        return Rebuilt(manifest["id"], same_code, missing=tuple(missing))
    folder = observatory.releases.new_candidate(f"{manifest['id']}-reconstruite")
    try:
        rebuilt, rejected = fill_candidate(observatory, inputs, folder, record, progress=progress)
        if rejected:
            return Rebuilt(manifest["id"], same_code, rejected=rejected)
        if into is not None:
            write_json(folder / "manifest.json", rebuilt)
            into.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(folder, into)
        return Rebuilt(manifest["id"], same_code, differences=_differences(manifest, rebuilt, same_code))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _erased(observatory: Observatory, entry: dict) -> bool:
    """Were the bytes of this edition erased on request? (Other code may also refuse an edition: a difference.)"""
    editions = observatory.log.of(entry["jeu"], entry["partition"])
    found = next((e for e in editions if e.id == entry["edition"]), None)
    return found is None or observatory.log.pages(found) is None


def _differences(was: dict, now: dict, same_code: bool) -> list[str]:
    """Names of the outputs whose digest differs; pages carry the release id, so other code always moves them."""
    tables = was["outputs"]["tables"]
    found = [f"table {n}" for n in sorted(tables) if tables[n] != now["outputs"]["tables"].get(n)]
    if same_code:
        found += [part for part in ("etat", "site") if was["outputs"][part] != now["outputs"][part]]
    return found
