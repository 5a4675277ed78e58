"""The code of an old manifest: found again in the git history, and run on the same bytes to give the same release.

The code runs in a child process, on a view of the warehouse: what was received and released is read through links,
everything it writes (cache, candidate, state of dbt) stays in a folder that is thrown away. So that neither an old
code's cache nor its lock ever meets today's.
Not here: comparing what came out (flows.rebuilt) and the rebuild itself (flows.rebuilding).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from flows.core.errors import ReleaseError
from flows.warehouse.code import FILES, PARTS, code_fingerprint, fingerprint_of

_READ_ONLY = ("raw", "editions", "releases")
_COPIED = ("mode", "state/versions.json")
_NEEDED = (*PARTS, *FILES, "prefect.yaml")


def commit_of(root: Path, code: Mapping[str, str]) -> str:
    """The newest commit of the git history of `root` whose code has this fingerprint, "" when none has it.

    Also "" when `root` is not a git checkout or git is not installed: the code then has to be given as a folder.
    """
    if not (root / ".git").exists() or shutil.which("git") is None:
        return ""
    with _blobs(root) as sha256:
        for commit in _git(root, "rev-list", "--all").decode().split():
            names = _blobs_of(root, commit)
            if any(name not in names or sha256(names[name]).hex() != code.get(name) for name in FILES):
                continue  # cheap, and enough for most of a long history
            if fingerprint_of(names, lambda name, names=names: sha256(names[name])) == code:
                return commit
    return ""


def extract(root: Path, commit: str, into: Path) -> Path:
    """Write the code of a commit into a new folder (what a build reads, nothing else) and return the folder."""
    into.mkdir(parents=True)
    known = set(_git(root, "ls-tree", "--name-only", commit).decode().split())
    archive = into.with_name(f"{into.name}.tar")
    archive.write_bytes(_git(root, "archive", "--format=tar", commit, *[n for n in _NEEDED if n in known]))
    with tarfile.open(archive) as files:
        files.extractall(into, filter="data")
    archive.unlink()
    return into


def require_code(folder: Path, manifest: Mapping[str, object], code: Mapping[str, str]) -> None:
    """Refuse a folder whose code is not the one of the manifest.

    Raises:
        ReleaseError: it is not a checkout of the project, or its fingerprint differs (the parts are named).
    """
    if not (folder / "flows" / "cli.py").is_file():
        raise ReleaseError(
            "Ce dossier ne contient pas le programme de l'observatoire.",
            where=str(folder),
            todo="donner la racine d'une copie du projet (le dossier de prefect.yaml).",
        )
    found = code_fingerprint(folder)
    if found["ensemble"] != code["ensemble"]:
        parts = ", ".join(part for part in (*PARTS, *FILES) if found[part] != code.get(part))
        raise ReleaseError(
            f"Ce programme n'est pas celui du manifeste de {manifest['id']} : {parts} diffèrent.",
            where=str(folder),
            todo="remettre cette copie à la version voulue, ou demander « --code manifeste ».",
        )


def run(code: Path, warehouse: Path, work: Path, *, nuit: str, mode: str) -> tuple[Path | None, str]:
    """`rebuild --as-of` of another code on a view of a warehouse.

    Args:
        code: root of the code to run, with its own `.venv` when its libraries are not ours.
        work: an empty folder for everything that the child writes. nuit: the night to rebuild.

    Returns:
        The folder of the rebuilt release (None when that code could not build it), and what the child said.
    """
    view, target = work / "entrepot", work / "reconstruite"
    _view(warehouse, view)
    python = code / ".venv" / "bin" / "python"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OBSERVATOIRE_", "PREFECT_"))}
    done = subprocess.run(
        [
            str(python) if python.exists() else sys.executable, "-m", "flows.cli",
            "--mode", mode, "--warehouse", str(view),
            "rebuild", "--as-of", nuit, "--into", str(target),
        ],
        cwd=code,
        env={**kept, "OBSERVATOIRE_ROOT": str(code), "PYTHONPATH": str(code)},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    said = " ".join((done.stdout + done.stderr).split())
    return (target if (target / "manifest.json").exists() else None), said[-600:]


def _view(warehouse: Path, view: Path) -> None:
    (view / "state").mkdir(parents=True)
    for name in _READ_ONLY:
        if (warehouse / name).is_dir():
            (view / name).symlink_to(warehouse / name, target_is_directory=True)
    for name in _COPIED:
        if (warehouse / name).is_file():
            shutil.copy(warehouse / name, view / name)
    current = warehouse / "current"
    if current.is_symlink():
        (view / "current").symlink_to(os.readlink(current))


def _git(root: Path, *arguments: str) -> bytes:
    done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, check=False)
    if done.returncode:
        raise ReleaseError(
            f"git ne répond pas : {done.stderr.decode(errors='replace').strip()[:300]}",
            where=str(root),
            todo="donner une copie du programme avec « --code DOSSIER ».",
        )
    return done.stdout


def _blobs_of(root: Path, commit: str) -> dict[str, str]:
    """Relative name → git's id of the bytes, for the files that a fingerprint may count."""
    listed = _git(root, "ls-tree", "-r", "-z", commit, "--", *PARTS, *FILES).decode()
    return {name: told.split()[2] for told, name in _named(listed)}


def _named(listed: str) -> Iterator[tuple[str, str]]:
    for line in listed.split("\0"):
        if line:
            told, _, name = line.partition("\t")
            yield told, name


@contextmanager
def _blobs(root: Path) -> Iterator[Callable[[str], bytes]]:
    """sha256 of the bytes that git names by its own digest; each is read once, all by one process."""
    child = subprocess.Popen(
        ["git", "-C", str(root), "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdin is not None and child.stdout is not None
    ask, answer = child.stdin, child.stdout

    @cache
    def sha256(blob: str) -> bytes:
        ask.write(blob.encode() + b"\n")
        ask.flush()
        size = int(answer.readline().split()[2])
        body = answer.read(size + 1)[:size]  # a line feed follows the bytes
        return hashlib.sha256(body).digest()

    try:
        yield sha256
    finally:
        child.communicate()
