"""The inbox of the services' deposits: files claimed one by one, then filed under `accepted/` or `refused/`.

Not here: judging a file (flows.sources.saisies) and what it becomes (flows.depositing). Every move is one rename
inside the inbox, under a name that no other file has: `encours/` holds the file a run is taking in; what a killed run
left there is finished before any other file is claimed, so that none is ever lost or taken twice.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.files import write_bytes, write_json

REPORT = ".rapport"
# Names that a copy in progress, an editor or a synchronisation leaves beside the real file.
_PASSING = re.compile(
    r"^[.~]|\.(?:part|partial|partiel|tmp|temp|crdownload|lock)$|^(?:thumbs\.db|desktop\.ini)$", re.IGNORECASE
)
_CLAIMED = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})_([0-9]{3,})_")
SETTLING = 5.0  # seconds: a file written since less is looked at twice
_LONGEST = 120


@dataclass(frozen=True)
class Claimed:
    """A file being taken in. `number`: `2026-11-20_001`, its name for ever; `original`: as the service named it, in
    characters that can be shown (`shown_name`)."""

    path: Path
    number: str
    original: str
    resumed: bool = False


@dataclass(frozen=True)
class Inbox:
    """The folders of an inbox. `wait` and `clock` (seconds, as file times are) are given by tests."""

    folder: Path
    wait: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.time

    @property
    def accepted(self) -> Path:
        return self.folder / "accepted"

    @property
    def refused(self) -> Path:
        return self.folder / "refused"

    @property
    def working(self) -> Path:
        return self.folder / "encours"

    def prepare(self) -> None:
        """Make the folders, so that a service finds where to drop its files."""
        for folder in (self.folder, self.accepted, self.refused, self.working):
            folder.mkdir(parents=True, exist_ok=True)

    def waiting(self) -> tuple[list[Path], dict[str, str]]:
        """Files to take in, by name; and what is left where it stands, with the reason (French)."""
        found, left = [], {}
        own = {self.accepted.name, self.refused.name, self.working.name}
        for entry in sorted(self.folder.iterdir()):
            if entry.name in own or passing(entry.name):
                continue
            shown = shown_name(entry.name)
            if entry.is_dir() and not entry.is_symlink():
                left[shown] = "un dossier n’est pas un dépôt : déposer les fichiers eux-mêmes"
            elif not self._settled(entry):
                left[shown] = "le fichier est encore en cours de copie : il sera repris la nuit prochaine"
            else:
                found.append(entry)
        return found, left

    def _settled(self, path: Path) -> bool:
        """Has nobody been writing this file? One written a moment ago is looked at again a moment later."""
        before = path.lstat()
        if self.clock() - before.st_mtime > SETTLING:
            return True
        self.wait(1.0)
        try:
            after = path.lstat()
        except FileNotFoundError:
            return False
        return (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)

    def unfinished(self) -> list[Claimed]:
        """Files that a killed run had claimed, oldest first."""
        return [
            Claimed(path, "_".join(m.groups()), path.name[m.end() :], resumed=True)
            for path in sorted(self.working.iterdir())
            if (m := _CLAIMED.match(path.name))
        ]

    def claim(self, path: Path, nuit: dt.date) -> Claimed | None:
        """Move a waiting file to `encours/` under its own number; None when somebody took it away meanwhile."""
        taken = {
            int(m[2])
            for folder in (self.accepted, self.refused, self.working)
            for entry in folder.iterdir()
            if (m := _CLAIMED.match(entry.name)) and m[1] == nuit.isoformat()
        }
        number = f"{nuit.isoformat()}_{max(taken, default=0) + 1:03d}"
        target = self.working / f"{number}_{safe_name(path.name)}"
        try:
            os.rename(path, target)
        except FileNotFoundError:
            return None
        return Claimed(target, number, shown_name(path.name))

    def settle(self, claimed: Claimed, *, accepted: bool, text: str, told: Any) -> Path:
        """Write the two reports, then file the claimed file beside them; returns where it is now."""
        folder, other = (self.accepted, self.refused) if accepted else (self.refused, self.accepted)
        for suffix in (".txt", ".json"):  # what a killed run may have said before the catalogue changed
            (other / f"{claimed.path.name}{REPORT}{suffix}").unlink(missing_ok=True)
        # Reports first: a file in its last folder is a file whose report is there.
        write_bytes(folder / f"{claimed.path.name}{REPORT}.txt", text.encode())
        write_json(folder / f"{claimed.path.name}{REPORT}.json", told)
        target = folder / claimed.path.name
        os.rename(claimed.path, target)
        return target

    def filed(self) -> list[Path]:
        """Every file that was accepted or refused, without its reports."""
        return [
            entry
            for folder in (self.accepted, self.refused, self.working)
            if folder.is_dir()
            for entry in sorted(folder.iterdir())
            if entry.is_file() and not entry.is_symlink() and REPORT not in entry.name
        ]


def passing(name: str) -> bool:
    """Is this the name of what a copy, an editor or a system leaves beside the real files?"""
    return bool(_PASSING.search(name))


def shown_name(name: str) -> str:
    """A file name as records and reports may hold it: bytes that are no UTF-8 (an old share) and control characters
    become `_`, because neither JSON in UTF-8 nor a terminal takes them."""
    return "".join(c if c.isprintable() else "_" for c in name)


def safe_name(name: str) -> str:
    """A file name without control characters, short enough to carry a number and a report's ending."""
    name = unicodedata.normalize("NFC", name)
    kept = "".join(c if c.isprintable() and c not in '/\\:*?"<>|' else "_" for c in name)
    stem, dot, suffix = kept.rpartition(".")
    stem, suffix = (stem, suffix[:10]) if dot and stem else (kept, "")
    while len(stem.encode()) > _LONGEST:
        stem = stem[:-1]
    stem = stem.replace(REPORT, "_rapport")
    return f"{stem}.{suffix}" if suffix else stem
