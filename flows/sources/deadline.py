"""A deadline over a whole exchange: connection, headers and body together.

Not here: retries and content (http.py). The `timeout` of requests and urllib3 is per read: a server that drips one
byte a second passes any of them. So a watchdog shuts the socket down when time is up, whatever is being waited for
(name resolution excepted: the system bounds it).
"""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

_current = threading.local()  # .watchdog: the exchange under way in this thread


class _Watched:
    """Mixin of a urllib3 connection: tells the watchdog of its thread which socket is in use."""

    sock: socket.socket | None

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]
        self._announce()

    def request(self, *args: Any, **kwargs: Any) -> None:
        self._announce()
        super().request(*args, **kwargs)  # type: ignore[misc]

    def _announce(self) -> None:
        watchdog: Watchdog | None = getattr(_current, "watchdog", None)
        if watchdog is not None and self.sock is not None:
            watchdog.watch(self.sock)


class _WatchedHTTP(_Watched, HTTPConnection):
    pass


class _WatchedHTTPS(_Watched, HTTPSConnection):
    pass


class _HTTPPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _WatchedHTTP  # type: ignore[assignment]


class _HTTPSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _WatchedHTTPS  # type: ignore[assignment]


def guard(manager: urllib3.PoolManager) -> urllib3.PoolManager:
    """Make every connection of a urllib3 pool manager visible to the watchdog of its thread."""
    manager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}
    return manager


class Watchdog:
    """Context of one exchange: after `seconds` its socket is shut down and `expired` is True.

    The exchange then fails on its own (end of stream or connection error); the caller reads `expired` to know why.
    """

    def __init__(self, seconds: float) -> None:
        self.expired = False
        self._socket: socket.socket | None = None
        self._over = False
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._bite)
        self._timer.daemon = True

    def watch(self, sock: socket.socket) -> None:
        """This socket serves the exchange now (a redirect or a reconnection may change it)."""
        with self._lock:
            self._socket = sock
            if self.expired:
                _shut(sock)

    def _bite(self) -> None:
        # Under the lock: a timer that wakes up just after the exchange must not cut the next user of the connection.
        with self._lock:
            if self._over:
                return
            self.expired = True
            if self._socket is not None:
                _shut(self._socket)

    def __enter__(self) -> Watchdog:
        _current.watchdog = self
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._over = True
        self._timer.cancel()
        _current.watchdog = None


def _shut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):  # already closed by the other side: the exchange is over anyway
        sock.shutdown(socket.SHUT_RDWR)
