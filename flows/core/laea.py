"""The European grid (ETRS89-LAEA, EPSG:3035) that Insee's 200 m squares are named in, from and to degrees.

Not here: any other projection, and the choice of the point of a square. ETRS89 and WGS84 degrees are taken as one:
they differ by less than a metre. Source of the method: IOGP guidance note 7-2, method 9820, with the constants of
EPSG:3035 (GRS80 ellipsoid, origin 52° N 10° E, false easting 4,321,000 m, false northing 3,210,000 m).
"""

from __future__ import annotations

import math

_A = 6_378_137.0
_F = 1 / 298.257222101
_E2 = _F * (2 - _F)
_E = math.sqrt(_E2)
_LAT0, _LON0 = math.radians(52), math.radians(10)
_EAST0, _NORTH0 = 4_321_000.0, 3_210_000.0


def _q(latitude: float) -> float:
    sine = math.sin(latitude)
    root = 1 - _E2 * sine * sine
    return (1 - _E2) * (sine / root - math.log((1 - _E * sine) / (1 + _E * sine)) / (2 * _E))


_QP = _q(math.pi / 2)
_RQ = _A * math.sqrt(_QP / 2)
_BETA0 = math.asin(_q(_LAT0) / _QP)
_D = _A * math.cos(_LAT0) / math.sqrt(1 - _E2 * math.sin(_LAT0) ** 2) / (_RQ * math.cos(_BETA0))


def to_grid(longitude: float, latitude: float) -> tuple[float, float]:
    """(east, north) in metres of a point in degrees."""
    delta = math.radians(longitude) - _LON0
    beta = math.asin(_q(math.radians(latitude)) / _QP)
    scale = _RQ * math.sqrt(
        2 / (1 + math.sin(_BETA0) * math.sin(beta) + math.cos(_BETA0) * math.cos(beta) * math.cos(delta))
    )
    east = _EAST0 + scale * _D * math.cos(beta) * math.sin(delta)
    north = _NORTH0 + scale / _D * (
        math.cos(_BETA0) * math.sin(beta) - math.sin(_BETA0) * math.cos(beta) * math.cos(delta)
    )
    return east, north


def to_degrees(east: float, north: float) -> tuple[float, float]:
    """(longitude, latitude) in degrees of a point of the grid in metres."""
    x, y = (east - _EAST0) / _D, (north - _NORTH0) * _D
    rho = math.hypot(x, y)
    if rho == 0:
        return math.degrees(_LON0), math.degrees(_LAT0)
    c = 2 * math.asin(min(1.0, rho / (2 * _RQ)))
    beta = math.asin(math.cos(c) * math.sin(_BETA0) + y * math.sin(c) * math.cos(_BETA0) / rho)
    longitude = _LON0 + math.atan2(
        x * math.sin(c), rho * math.cos(_BETA0) * math.cos(c) - y * math.sin(_BETA0) * math.sin(c)
    )
    e2, e4, e6 = _E2, _E2**2, _E2**3
    latitude = (
        beta
        + (e2 / 3 + 31 * e4 / 180 + 517 * e6 / 5040) * math.sin(2 * beta)
        + (23 * e4 / 360 + 251 * e6 / 3780) * math.sin(4 * beta)
        + (761 * e6 / 45360) * math.sin(6 * beta)
    )
    return math.degrees(longitude), math.degrees(latitude)
