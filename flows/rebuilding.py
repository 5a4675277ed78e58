"""`observatoire rebuild --as-of`: the release of a past night, built again and compared (rule 6).

Under the code of its manifest the bytes are the same; under another code what differs is told. The code of an old
manifest is found in the git history, or given as a folder (`flows.past_code`).
Not here: publishing. Nothing is fetched, published or mailed; the folder is thrown away unless asked for.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from flows.candidate import fill_candidate
from flows.core.errors import ReleaseError
from flows.files import write_json
from flows.gathering import inputs_of
from flows.observatory import Observatory
from flows.past_code import commit_of, extract, require_code, run
from flows.rebuilt import Rebuilt, details, differences, pages_that_differ, same_bytes
from flows.record import RunRecord
from flows.warehouse.code import code_fingerprint
from flows.warehouse.reader import DuckRelease

OF_MANIFEST = "manifeste"


def rebuild_as_of(
    observatory: Observatory,
    as_of: dt.date,
    *,
    into: Path | None,
    code: str = "",
    progress: Callable[[str, int, int], None],
) -> Rebuilt:
    """Rebuild the last release whose night is not after `as_of` and compare it with its manifest.

    `code` is "" for this program, `OF_MANIFEST` for the one of the manifest as the git history of the project has it,
    or the folder of a copy that has it.

    Raises:
        ReleaseError: no release is that old; or the code asked for is not the one of the manifest.
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
    wanted = manifest["inputs"]["code"]
    if code and (code != OF_MANIFEST or code_fingerprint(observatory.paths.root) != wanted):
        return _by_another_code(observatory, manifest, code, into)
    return _by_this_code(observatory, manifest, into, progress)


def _by_this_code(
    observatory: Observatory,
    manifest: Mapping[str, Any],
    into: Path | None,
    progress: Callable[[str, int, int], None],
) -> Rebuilt:
    record = RunRecord(observatory.paths.candidates / "rebuild", {"checks": [], "errors": [], "datasets": []})
    inputs = inputs_of(observatory, manifest, record, progress)
    due = {entry["edition"]: entry for entry in manifest["inputs"]["editions"]}
    readable = {edition.id for edition in inputs.chosen.editions()}
    wanted = manifest["inputs"]["code"]
    same_code = inputs.code["ensemble"] == wanted["ensemble"]
    absent = [due[e] for e in set(due) - readable]
    missing = sorted(f"{e['jeu']} {e['partition']}" for e in absent if _erased(observatory, e))
    if missing:
        return Rebuilt(manifest["id"], same_code, missing=tuple(missing))
    commit = "" if same_code else commit_of(observatory.paths.root, wanted)
    folder = observatory.releases.new_candidate(f"{manifest['id']}-reconstruite")
    try:
        rebuilt, rejected = fill_candidate(observatory, inputs, folder, record, progress=progress)
        if rejected:
            reason = f"Contrôle final : {rejected}"
            return Rebuilt(manifest["id"], same_code, commit=commit, rejected=reason)
        write_json(folder / "manifest.json", rebuilt)
        if into is not None:
            into.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(folder, into)
        return _compared(observatory, manifest, folder, commit, same_code=same_code)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _by_another_code(observatory: Observatory, manifest: Mapping[str, Any], code: str, into: Path | None) -> Rebuilt:
    """Rebuild in a child process that runs the code of the manifest, and compare what it left."""
    root, wanted = observatory.paths.root, manifest["inputs"]["code"]
    folder = observatory.releases.new_candidate(f"{manifest['id']}-son-programme")
    try:
        if code == OF_MANIFEST:
            commit = commit_of(root, wanted)
            if not commit:
                raise ReleaseError(
                    f"L'historique de cette copie n'a pas le programme du manifeste de {manifest['id']}.",
                    where=f"{root}, empreinte {wanted['ensemble'][:12]}",
                    todo="donner une copie qui l'a gardé avec « --code DOSSIER ».",
                )
            checkout = extract(root, commit, folder / "programme")
        else:
            commit, checkout = "", Path(code).resolve()
        require_code(checkout, manifest, wanted)
        done, said = run(checkout, observatory.paths.warehouse, folder, nuit=manifest["nuit"], mode=manifest["mode"])
        if done is None:
            return Rebuilt(manifest["id"], same_code=True, commit=commit, rejected=f"Ce programme a répondu : {said}")
        if into is not None:
            into.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(done, into)
        return _compared(observatory, manifest, done, commit, same_code=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _compared(
    observatory: Observatory, manifest: Mapping[str, Any], rebuilt: Path, commit: str, *, same_code: bool
) -> Rebuilt:
    """A rebuilt folder beside the release: byte for byte under the same code, by content under another.

    A release that retention slimmed has only its manifest left: its tables are then compared by their digests alone.
    """
    was = observatory.releases.folder(manifest["id"])
    first = observatory.release(manifest["id"]) if (was / "site").is_dir() else None
    second = DuckRelease(rebuilt, raw=observatory.raw.get, models=observatory.models)
    found = differences(manifest, second.manifest, first, second)
    if same_code:
        found += same_bytes(was, rebuilt, manifest)
    elif first is not None:
        found += pages_that_differ(first, second, was, rebuilt)
    told = details(first, second) if first is not None and found else []
    return Rebuilt(manifest["id"], same_code, commit=commit, differences=found, details=told)


def _erased(observatory: Observatory, entry: dict) -> bool:
    """Were the bytes of this edition erased on request? (Other code may also refuse an edition: a difference.)"""
    editions = observatory.log.of(entry["jeu"], entry["partition"])
    found = next((e for e in editions if e.id == entry["edition"]), None)
    return found is None or observatory.log.pages(found) is None
