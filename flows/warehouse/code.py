"""The code fingerprint of a release: flows, dbt project, expectations, site, lock and territory file.

The same fingerprint is worked out from a folder or from a commit of a git history, so that the code of an old
manifest can be found again. Not here: stewards' tables (dbt_project/seeds), which are landed like any source and have
their own editions; running another code (flows.past_code).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from pathlib import Path

PARTS = {
    "flows": ("*.py",),
    "dbt_project": ("*.sql", "*.yml", "*.yaml", "*.md"),
    "expectations": ("*.yml",),
    "site": ("*",),
}
FILES = ("requirements.lock", "observatoire.toml")
SKIPPED = {"__pycache__", "target", "logs", "seeds", "dbt_packages"}


def code_fingerprint(root: Path) -> dict[str, str]:
    """sha256 of each part and of the whole (`ensemble`); depends on names and bytes only."""
    names = [f.relative_to(root).as_posix() for part in PARTS for f in (root / part).rglob("*") if f.is_file()]
    return fingerprint_of([*names, *FILES], lambda name: hashlib.sha256((root / name).read_bytes()).digest())


def fingerprint_of(names: Iterable[str], sha256: Callable[[str], bytes]) -> dict[str, str]:
    """The fingerprint of a code told as relative names and what gives the sha256 of each.

    Raises:
        KeyError, OSError: what `sha256` raises for a file of `FILES` that is not there.
    """
    counted: dict[str, list[str]] = {part: [] for part in PARTS}
    for name in names:
        path = name.split("/")
        patterns = () if SKIPPED & set(path) else PARTS.get(path[0], ())
        if any(fnmatchcase(path[-1], pattern) for pattern in patterns):
            counted[path[0]].append(name)
    parts: dict[str, str] = {}
    for part, found in counted.items():
        digest = hashlib.sha256()
        for name in sorted(found, key=lambda name: name.split("/")):
            digest.update(name.encode() + b"\0" + sha256(name))
        parts[part] = digest.hexdigest()
    for name in FILES:
        parts[name] = sha256(name).hex()
    whole = hashlib.sha256("\n".join(f"{k} {v}" for k, v in sorted(parts.items())).encode()).hexdigest()
    return {**parts, "ensemble": whole}
