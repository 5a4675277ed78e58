"""SIMULATED daily air-quality indices: nothing here was measured.

No real daily index of the 82 communes is known to the project, so the whole series is simulated, from a fixed seed,
for every commune and every day since 1 January 2021: one regional level a day for each pollutant (seasonal, and
persistent from day to day), plus a small local noise. The value of a day depends on nothing that comes after it, so
a longer demonstration keeps the same past. The share of bad days is plausible for the region (about 5 to 20 days a
year with an index of 4 or more, whichever the commune), and no more should be read into it.

Not here: the wire format (`flows.portal.atmo`), which marks every answer as simulated.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import random
import threading
from collections.abc import Iterator

FIRST_DAY = dt.date(2021, 1, 1)
SEED = "observatoire-2044/air/4"
POLLUTANTS = ("no2", "o3", "pm10", "pm25", "so2")

# Mean level, seasonal swing (in index units) and day of the year of the peak, of each pollutant.
_CLIMATE = {
    "no2": (1.05, 0.30, 20),
    "o3": (1.75, 0.75, 195),
    "pm10": (1.15, 0.35, 60),
    "pm25": (1.62, 0.55, 45),
    "so2": (0.45, 0.05, 20),
}
_PERSISTENCE = 0.72
_SPREAD = {"no2": 0.28, "o3": 0.27, "pm10": 0.32, "pm25": 0.34, "so2": 0.08}
_LOCAL = 0.12


class Air:
    """Regional levels, grown day by day and kept; safe between threads."""

    def __init__(self, seed: str = SEED) -> None:
        self._seed = seed
        self._random = random.Random(seed)
        self._state = dict.fromkeys(POLLUTANTS, 0.0)
        self._levels: list[dict[str, float]] = []
        self._lock = threading.Lock()

    def levels(self, day: dt.date) -> dict[str, float]:
        """Regional level of each pollutant that day, on the scale of the index (1.5 falls between 1 and 2).

        Raises:
            ValueError: before `FIRST_DAY`.
        """
        if day < FIRST_DAY:
            raise ValueError(f"no simulated index before {FIRST_DAY}")
        with self._lock:
            while len(self._levels) <= (day - FIRST_DAY).days:
                self._levels.append(self._next())
            return self._levels[(day - FIRST_DAY).days]

    def _next(self) -> dict[str, float]:
        day = FIRST_DAY + dt.timedelta(days=len(self._levels))
        shared = self._random.gauss(0.0, 1.0)  # the same stagnant air raises every pollutant
        level = {}
        for name in POLLUTANTS:
            mean, swing, peak = _CLIMATE[name]
            shock = 0.6 * shared + 0.8 * self._random.gauss(0.0, 1.0)
            scale = math.sqrt(1 - _PERSISTENCE**2)
            self._state[name] = _PERSISTENCE * self._state[name] + scale * shock
            season = mean + swing * math.cos(2 * math.pi * (day.timetuple().tm_yday - peak) / 365.25)
            level[name] = season * math.exp(_SPREAD[name] * self._state[name])
        return level

    def indices(self, code: str, day: dt.date) -> dict[str, int]:
        """Sub-index of each pollutant (1 to 6) and `qual`, the worst of them, for one commune and one day."""
        levels = self.levels(day)
        noise = _noise(self._seed, code, day)
        out = {name: min(6, max(1, round(levels[name] + _LOCAL * next(noise)))) for name in POLLUTANTS}
        out["qual"] = max(out.values())
        return out


def _noise(seed: str, code: str, day: dt.date) -> Iterator[float]:
    """Centred noise of unit spread, one value a pollutant, drawn from the digest of commune and day."""
    digest = hashlib.blake2b(f"{seed}|{code}|{day.isoformat()}".encode(), digest_size=20).digest()
    for i in range(0, 20, 4):
        # The sum of four uniform bytes is close enough to a bell, and exact on every machine.
        yield (sum(digest[i : i + 4]) - 510.0) / 147.8
