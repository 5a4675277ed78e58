"""Reading a body: bounded, complete, decompressed.

Not here: sockets and deadlines (deadline.py), what the bytes mean (checks.py). The limit holds before and after
decompression, so a small answer cannot become a large one in memory.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable


class Truncated(Exception):
    """Fewer bytes than announced, or a compressed stream that stops before its end: worth asking again."""


class TooLarge(Exception):
    """More bytes than the limit, before or after decompression: asking again would not help."""


class UnknownEncoding(Exception):
    """A Content-Encoding we did not ask for."""


def read_body(chunks: Iterable[bytes], *, length: int | None, encoding: str, max_bytes: int) -> bytes:
    """All of `chunks`, decompressed.

    Args:
        chunks: the bytes as they come on the wire.
        length: value of Content-Length (bytes on the wire), None when it was not given.
        encoding: value of Content-Encoding; "", "identity", "gzip", "x-gzip" and "deflate" are understood.
        max_bytes: limit of the wire bytes and of the decompressed bytes, each.

    Raises:
        Truncated, TooLarge, UnknownEncoding: see their docstrings.
    """
    kind = encoding.strip().lower()
    if kind not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise UnknownEncoding(kind)
    if length is not None and length > max_bytes:
        raise TooLarge
    plain = kind in ("", "identity")
    inflater = None if plain else _Inflater(max_bytes)
    out = bytearray()
    received = 0
    for chunk in chunks:
        received += len(chunk)
        if received > max_bytes:
            raise TooLarge
        out += chunk if inflater is None else inflater.feed(chunk, len(out))
        if len(out) > max_bytes:
            raise TooLarge
    if length is not None and received != length:
        raise Truncated
    if inflater is not None and received and not inflater.complete:
        raise Truncated
    return bytes(out)


class _Inflater:
    """gzip (several members allowed, as the standard says) or zlib, never producing more than the limit."""

    def __init__(self, max_bytes: int) -> None:
        self._max = max_bytes
        self._inflater = zlib.decompressobj(47)  # 32 + 15: gzip or zlib, told apart by their header

    @property
    def complete(self) -> bool:
        return self._inflater.eof

    def feed(self, data: bytes, already: int) -> bytes:
        out = bytearray()
        try:
            while data:
                if self._inflater.eof:
                    self._inflater = zlib.decompressobj(47)
                out += self._inflater.decompress(data, self._max - already - len(out) + 1)
                if already + len(out) > self._max:
                    raise TooLarge
                data = self._inflater.unconsumed_tail or self._inflater.unused_data
        except zlib.error as error:
            raise Truncated from error
        return bytes(out)
