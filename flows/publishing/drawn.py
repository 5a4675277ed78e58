"""Drawings kept by what they are drawn from: the same specification gives the same bytes, so it is drawn once.

The folder is disposable (`cache/dessins` of the warehouse); without one, all is drawn. Not here: what is drawn.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.metadata import version
from pathlib import Path

from flows.files import write_bytes

_FOLDER: ContextVar[Path | None] = ContextVar("dessins", default=None)


@contextmanager
def kept_in(folder: Path | None) -> Iterator[None]:
    """Keep what is drawn inside this block under `folder`."""
    token = _FOLDER.set(folder)
    try:
        yield
    finally:
        _FOLDER.reset(token)


def drawn(kind: str, source: str, make: Callable[[], bytes]) -> bytes:
    """The bytes that `make` draws from `source` (its only input), from the folder when they are there.

    Args:
        kind: `svg` or `png`, the end of the name. source: the whole specification, as text.
    """
    folder = _FOLDER.get()
    if folder is None:
        return make()
    name = hashlib.sha256(f"{_renderer()}\n{kind}\n{source}".encode()).hexdigest()
    path = folder / name[:2] / f"{name}.{kind}"
    if path.exists():
        return path.read_bytes()
    body = make()
    write_bytes(path, body)
    return body


def sweep(folder: Path, before: float) -> int:
    """Remove drawings written before a moment (seconds of the epoch); returns how many."""
    old = [path for path in sorted(folder.glob("*/*")) if path.stat().st_mtime < before]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


@cache
def _renderer() -> str:
    return version("vl-convert-python")
