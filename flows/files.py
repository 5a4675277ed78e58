"""Writing files so that a reader or a killed run never meets half of one.

The one module below the rooms that touches the disk; it knows no dataset and no path. Not here: what is written.
Every write goes to a temporary name in the same folder, is flushed to the disk, then renamed; what a killed run left
under such a name is swept by the next one (`sweep_unfinished`).
"""

from __future__ import annotations

import errno
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flows.core.errors import StorageFull

UNFINISHED = ".partiel"


@contextmanager
def storage_errors() -> Iterator[None]:
    """Turn "no space left" into a StorageFull that says what still stands."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull(
                "Le disque est plein : rien de nouveau n'a pu être écrit, la version publiée reste en place.",
                where=str(error.filename or "warehouse/"),
                todo="libérer de l'espace (anciennes versions, cache/), puis relancer.",
            ) from error
        raise


def write_bytes(path: Path, body: bytes, *, durable: bool = True) -> None:
    """Write a whole file or nothing.

    Args:
        durable: wait until it is on the disk. False for what can be made again: a power cut may then leave a damaged
            file under that name, which its reader must recognise.
    """
    with storage_errors():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=UNFINISHED)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(body)
                if durable:
                    file.flush()
                    os.fsync(file.fileno())
            os.chmod(temporary, 0o644)
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise


def write_json(path: Path, value: Any, *, durable: bool = True) -> None:
    """Write canonical, readable JSON: sorted keys, two blanks, final newline; `durable`: see `write_bytes`."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, indent=2, default=str)
    # A file name that is no UTF-8 has no bytes in it: JSON's own escape is written, so that a record always is.
    write_bytes(path, (text + "\n").encode(errors="backslashreplace"), durable=durable)


def sweep_unfinished(folder: Path) -> int:
    """Remove the temporary files that killed runs left anywhere under `folder`; returns how many.

    Only for the run that holds the lock: another writer's file would be swept under its hands.
    """
    count = 0
    for file in sorted(folder.rglob(f".*{UNFINISHED}")):
        file.unlink(missing_ok=True)
        count += 1
    return count
