"""When to ask again, and how often: backoff, `Retry-After`, pacing by host.

Not here: sending requests (http.py) and judging their content (checks.py). Clocks, sleep and chance are given by the
caller, so that tests run without waiting.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from email.utils import parsedate_to_datetime

RETRY_STATUSES = frozenset({429, 500, 502, 503, 504})

# Seconds between two requests to one official host. Melodi refuses past 30 a minute, so 2.1 s; data-fair allows 600 a
# minute to anonymous users; the others publish no limit, and one request every fifth of a second bothers nobody.
PACES: dict[str, float] = {
    "api.insee.fr": 2.1,
    "www.insee.fr": 0.5,
    "opendata.agenceore.fr": 0.12,
    "data.ademe.fr": 0.12,
    "admindata.atmo-france.org": 0.5,
}
DEFAULT_PACE = 0.2

_BASE_S = 0.5
_BASE_429_S = 2.0  # a refusal for excess needs a longer breath than a hiccup
_LONGEST_S = 20.0
LONGEST_RETRY_AFTER_S = 120.0


def backoff(attempt: int, status: int | None, random: Callable[[], float]) -> float:
    """Seconds to wait after failed attempt number `attempt` (1 = the first): exponential, jittered by ±50 %.

    `random` gives floats in [0, 1). Never above 30 s.
    """
    base = _BASE_429_S if status == 429 else _BASE_S
    return min(base * 2 ** (attempt - 1), _LONGEST_S) * (0.5 + random())


def retry_after(value: str | None, wall: Callable[[], float]) -> float | None:
    """Seconds asked by a `Retry-After` header (a number of seconds or an HTTP date), None when absent or unreadable.

    A date in the past is 0: it says "now".
    """
    text = (value or "").strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        when = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=dt.UTC)
    return max(0.0, when.timestamp() - wall())


class Pacer:
    """Spaces the requests to each host. Threads that share a host queue: each reserves its own slot.

    Args:
        paces: seconds between two requests, by official host; `default` for the others.
    """

    def __init__(
        self,
        paces: dict[str, float],
        default: float,
        *,
        sleep: Callable[[float], None],
        now: Callable[[], float],
    ) -> None:
        self._paces, self._default = paces, default
        self._sleep, self._now = sleep, now
        self._next: dict[str, float] = {}
        self._lock = threading.Lock()

    def wait(self, host: str) -> float:
        """Wait for this host's turn; returns the seconds waited."""
        pace = self._paces.get(host, self._default)
        with self._lock:
            now = self._now()
            slot = max(now, self._next.get(host, now))
            self._next[host] = slot + pace
        delay = slot - now
        if delay > 0:
            self._sleep(delay)
        return delay
