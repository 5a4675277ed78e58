"""What a rebuild gave, beside the release it was to give again: the same bytes, or what differs and by how much.

Not here: building again (flows.rebuilding) and the difference of two published releases (flows.comparing).
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from flows.comparing import difference, in_french
from flows.core.tables import Release
from flows.warehouse.releases import tree_digest

SHOWN = 10
_TEXTS = {".css", ".csv", ".html", ".js", ".json", ".svg", ".txt", ".xml"}
# What follows from the id of a release: version of an address, name of an entry of a feed, digest of a download.
_NAMES = (r"\?v=[0-9a-f]+", r"urn:uuid:[0-9a-f-]+", r'"bytes": \d+', r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild gave.

    Attributes:
        same_code: built by the code of the manifest. commit: where the git history has that code, "" when unknown.
        rejected: what gate 2 or another code said when nothing was built. missing: editions whose bytes are gone.
        differences: one line a part of the release that differs. details: the figures and states that differ.
    """

    release_id: str
    same_code: bool
    commit: str = ""
    rejected: str = ""
    missing: tuple[str, ...] = ()
    differences: list[str] = field(default_factory=list)
    details: list[str] = field(default_factory=list)

    @property
    def same(self) -> bool:
        return not (self.rejected or self.missing or self.differences)

    def in_french(self) -> str:
        """The result for a person: a line, then what differs."""
        if self.missing:
            names = ", ".join(self.missing)
            return f"{self.release_id} : ne peut plus être reconstruite, des octets manquent ({names})."
        if self.rejected:
            lines = [f"{self.release_id} : la reconstruction est refusée. {self.rejected}"]
        elif self.same and self.same_code:
            return f"{self.release_id} : reconstruite à l'octet près."
        elif self.same_code:
            lines = [f"{self.release_id} : DIFFÉRENTE sous le même programme."]
        elif self.same:
            lines = [
                f"{self.release_id} : mêmes tables et mêmes pages, sous un programme différent de celui du manifeste."
            ]
        else:
            lines = [f"{self.release_id} : le programme a changé depuis, et la version n'est plus la même."]
        lines += [f"  {text}" for text in (*self.differences, *self.details)]
        if not self.same_code:
            if self.commit:
                lines.append(
                    f"Le programme de son manifeste est le commit {self.commit[:12]} : "
                    "« --code manifeste » reconstruit avec lui."
                )
            else:
                lines.append(
                    "Le programme de son manifeste n'est pas dans l'historique de cette copie : "
                    "donner une copie qui l'a gardé avec « --code DOSSIER »."
                )
        return "\n".join(lines)


def same_bytes(was: Path, now: Path, manifest: Mapping[str, Any]) -> list[str]:
    """Parts of the rebuilt folder `now` that are not byte for byte what the release of `was` was.

    The manifest is compared as it is kept; pages and `etat/` are digested again, whatever the rebuilding code says
    of them; tables are told by the two manifests, which give the digest of each.
    """
    found = []
    if (was / "manifest.json").read_bytes() != (now / "manifest.json").read_bytes():
        found.append("manifest.json")
    for part in ("etat", "site"):
        if tree_digest(now / part)[0] != manifest["outputs"][part]:
            found.append(part)
    return found


def differences(was: Mapping[str, Any], now: Mapping[str, Any], first: Release | None, second: Release) -> list[str]:
    """Tables that differ, by the digests of the two manifests; with how many rows when `first` is still whole."""
    before, after = was["outputs"]["tables"], now["outputs"]["tables"]
    found = []
    for name in sorted(set(before) | set(after)):
        if before.get(name) == after.get(name):
            continue
        if name not in after or name not in before:
            found.append(f"table {name} : {'nouvelle' if name in after else 'disparue'}")
        elif first is None:
            found.append(f"table {name}")
        else:
            found.append(f"table {name} : {_rows_that_differ(first.table(name), second.table(name))}")
    return found


def details(first: Release, second: Release) -> list[str]:
    """Editions, figures and states that differ, by indicator, as `observatoire diff` tells them."""
    found = difference(first, second) | {"code": False}  # which code built what is said apart
    if not (found["observations"] or found["statuses"] or any(found["editions"].values())):
        return []
    return [line[2:] for line in in_french(found).splitlines()[1:]]


def pages_that_differ(first: Release, second: Release, was: Path, now: Path) -> list[str]:
    """Files of the site, read as text, that differ other than by the names of the release and of its code.

    Every page carries those names, so other code moves the bytes of each. Workbooks, Parquet files and images are
    left out: they hold them compressed, and what they hold is in the tables.
    """
    old, new = _texts(was / "site", first.manifest), _texts(now / "site", second.manifest)
    kinds = (
        ("fichiers nouveaux dans le site", sorted(set(new) - set(old))),
        ("fichiers disparus du site", sorted(set(old) - set(new))),
        ("fichiers modifiés dans le site", sorted(name for name in set(old) & set(new) if old[name] != new[name])),
    )
    return [f"{kind} : {len(names)} ({_some(names)})" for kind, names in kinds if names]


def _some(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")


def _texts(site: Path, manifest: Mapping[str, Any]) -> dict[str, str]:
    """Relative name → digest of each text of the site, without what names this build."""
    keys = (manifest["inputs_key"], *manifest["inputs"]["code"].values())  # shown whole, or by how they begin
    own = re.compile("|".join([re.escape(manifest["id"]), *(f"{key[:8]}[0-9a-f]*" for key in keys), *_NAMES]))
    found = {}
    for file in sorted(site.rglob("*")):
        if file.suffix in _TEXTS:
            text = own.sub("", file.read_text(encoding="utf-8").replace("<wbr>", ""))
            found[file.relative_to(site).as_posix()] = hashlib.sha256(text.encode()).hexdigest()
    return found


def _rows_that_differ(first: pa.Table, second: pa.Table) -> str:
    was, now = _rows(first), _rows(second)
    gone, new = (was - now).total(), (now - was).total()
    if not gone and not new:
        return "mêmes lignes, autres colonnes"
    return f"{gone} ligne(s) en moins, {new} en plus, sur {first.num_rows}"


def _rows(table: pa.Table) -> Counter[str]:
    names = table.schema.names
    return Counter(repr([row[name] for name in names]) for row in table.to_pylist())
