"""What is carried over, one module a provider; each is found by its name, none is listed anywhere.

A module here may define `CONTRACTS` (`dict[str, Contract]`, by landed name) and `CARRIERS` (`dict[str, function]`:
folder of the reference data → rows). Not here: reading and writing (`tests.demonstration.carry.reading`).
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any


@cache
def collected(name: str) -> dict[str, Any]:
    """Everything that the modules here define under `name`, by alphabet of modules.

    Raises:
        ValueError: two modules define the same table.
    """
    found: dict[str, Any] = {}
    for module in sorted(m.name for m in iter_modules(__path__)):
        for table, value in getattr(import_module(f"{__name__}.{module}"), name, {}).items():
            if table in found:
                raise ValueError(f"{table} is defined twice in {__name__}")
            found[table] = value
    return found
