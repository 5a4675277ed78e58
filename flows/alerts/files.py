"""Messages as `.eml` files: without mail settings, for roles without address, and for a dry run.

Not here: SMTP. A file's name comes from its release, its roles and its key, never from an address.
"""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path

from flows.alerts.outbox import FAILED, WRITTEN, Delivery, Stored
from flows.failpoints import failpoint

_UNSAFE = re.compile(r"[^a-z0-9]+")


def file_name(message: Stored) -> str:
    """`<release>-<kind>-<first role>-<key>.eml`, ASCII, at most 120 characters, the same every time."""
    plain = unicodedata.normalize("NFKD", message.roles[0] if message.roles else "sans-role")
    role = _UNSAFE.sub("-", plain.encode("ascii", "ignore").decode().lower()).strip("-")
    release = re.sub(r"[^A-Za-z0-9-]+", "-", message.release)[:40]
    return f"{release}-{message.kind}-{role[:40]}-{message.key[:10]}.eml"


class FileTransport:
    """Writes each message into a folder, whole or not at all; the same message written twice is one file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def deliver(self, message: Stored) -> Delivery:
        path = self._folder / file_name(message)
        part = path.with_suffix(".part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as handle:
                handle.write(message.raw)
                handle.flush()
                failpoint("fichier.avant_fsync")
                os.fsync(handle.fileno())
                failpoint("fichier.apres_fsync")
            os.replace(part, path)
            failpoint("fichier.apres_renommage")
        except OSError as error:
            return Delivery(FAILED, f"le fichier n’a pas pu être écrit ({error.strerror})")
        return Delivery(WRITTEN)
