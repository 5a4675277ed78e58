"""Zip archives of publishers, opened without trusting them.

Not here: what the members mean (decoders). Nothing is written to disk, no name of a member is used as a path, and the
bounds hold on what is really decompressed, not on what the archive's directory announces.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from flows.core.datasets import Page
from flows.core.errors import DecodeError

MAX_MEMBERS = 300
MAX_MEMBER_BYTES = 400_000_000  # the largest base of Insee here is near 180 MB once decompressed
MAX_TOTAL_BYTES = 800_000_000
MAX_RATIO = 200  # statistics in CSV compress 5 to 20 times; a bomb a thousand

_ADVICE = "vérifier l'archive chez l'éditeur ; elle n'a pas été ouverte davantage."


class Archive:
    """The members of a zip page, by name, in the order of their names.

    Raises (constructor): DecodeError when it is not a zip, has too many members, or announces too much.
    """

    def __init__(self, page: Page) -> None:
        self._where = page.address
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(page.body))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise DecodeError("L'archive ne peut pas être ouverte.", where=self._where, todo=_ADVICE) from error
        members = [m for m in self._zip.infolist() if not m.is_dir()]
        if len(members) > MAX_MEMBERS:
            raise DecodeError(f"L'archive a {len(members)} fichiers.", where=self._where, todo=_ADVICE)
        self._members = {m.filename: m for m in members}
        if len(self._members) != len(members):
            raise DecodeError("L'archive contient deux fichiers du même nom.", where=self._where, todo=_ADVICE)
        self._left = MAX_TOTAL_BYTES

    def names(self) -> list[str]:
        """Names of the files, sorted."""
        return sorted(self._members)

    def where(self, name: str) -> str:
        """A member, as errors name it."""
        return f"{self._where}, fichier {name}"

    def read(self, name: str) -> bytes:
        """The bytes of a member, checked against its CRC.

        Raises:
            DecodeError: encrypted, corrupted, too large, or compressed beyond what figures can be.
        """
        member = self._members[name]
        if member.flag_bits & 0x1:
            raise DecodeError("Un fichier de l'archive est chiffré.", where=self.where(name), todo=_ADVICE)
        limit = min(MAX_MEMBER_BYTES, self._left, max(1_000_000, member.compress_size * MAX_RATIO))
        try:
            with self._zip.open(member) as stream:
                body = stream.read(limit + 1)
                if len(body) <= limit:
                    body += stream.read(1)  # reaches the end, where the CRC is checked
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            NotImplementedError,
            RuntimeError,
            ValueError,
        ) as error:
            raise DecodeError("Un fichier de l'archive est abîmé.", where=self.where(name), todo=_ADVICE) from error
        if len(body) > limit:
            raise DecodeError(
                "Un fichier de l'archive se décompresse au-delà du raisonnable.", where=self.where(name), todo=_ADVICE
            )
        self._left -= len(body)
        return body

    @contextmanager
    def stream(self, name: str, limit: int) -> Iterator[BinaryIO]:
        """A member to be read in order, for files too large to hold in memory; its CRC is checked at its end.

        Args:
            limit: bytes that may come out, by what the publisher is known to put there.

        Raises:
            DecodeError: encrypted, corrupted, larger than `limit`, or compressed beyond what figures can be.
        """
        member = self._members[name]
        if member.flag_bits & 0x1:
            raise DecodeError("Un fichier de l'archive est chiffré.", where=self.where(name), todo=_ADVICE)
        if member.file_size > min(limit, max(1_000_000, member.compress_size * MAX_RATIO)):
            raise DecodeError(
                "Un fichier de l'archive se décompresse au-delà du raisonnable.", where=self.where(name), todo=_ADVICE
            )
        try:
            # zipfile never gives more bytes than the directory announces, which was bounded above.
            with self._zip.open(member) as opened:
                yield cast(BinaryIO, opened)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as error:
            raise DecodeError("Un fichier de l'archive est abîmé.", where=self.where(name), todo=_ADVICE) from error

    def csv_members(self) -> Iterator[str]:
        """Names of the CSV members that hold data: not the `meta…` or `…_metadata` dictionaries."""
        for name in self.names():
            base = name.rsplit("/", 1)[-1].lower()
            if base.endswith(".csv") and not base.startswith("meta") and "_metadata" not in base:
                yield name
