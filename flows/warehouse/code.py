"""The code fingerprint of a release: flows, dbt project, expectations, site, lock and territory file.

Not here: stewards' tables (dbt_project/seeds), which are landed like any source and have their own editions.
"""

from __future__ import annotations

import hashlib
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
    parts: dict[str, str] = {}
    for part, patterns in PARTS.items():
        digest = hashlib.sha256()
        files = {f for pattern in patterns for f in (root / part).rglob(pattern) if f.is_file()}
        for file in sorted(files):
            relative = file.relative_to(root)
            if SKIPPED & set(relative.parts):
                continue
            digest.update(relative.as_posix().encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
        parts[part] = digest.hexdigest()
    for name in FILES:
        parts[name] = hashlib.sha256((root / name).read_bytes()).hexdigest()
    whole = hashlib.sha256("\n".join(f"{k} {v}" for k, v in sorted(parts.items())).encode()).hexdigest()
    return {**parts, "ensemble": whole}
