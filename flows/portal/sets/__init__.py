"""What the portal serves, one module a provider; each is found by its name, none is listed anywhere.

A module here may define any of (see the class named for what each carries):

| name | what | spoken by |
| --- | --- | --- |
| `TABLES` | `dict[str, Spec]`: tables of figures, by landed name | `figures` |
| `FILES` | `tuple[File, ...]`: files behind data.gouv.fr | `datagouv` |
| `FAIRS` | `tuple[Fair, ...]`: data-fair datasets | `datafair` |
| `EXPLORED` | `tuple[Explored, ...]`: Opendatasoft Explore datasets | `explore` |
| `MELODI` | `tuple[Melodi, ...]`: Insee Melodi datasets | `melodi` |
| `INSEE_FILES` | `dict[str, (payload, type, main column)]`: files of www.insee.fr, by name | `insee_files` |
| `REPOSITORIES` | `dict[str, Route]`: files of an open repository, by the beginning of the path | `github` |
| `ROUTES` | `dict[str, Route]`: a publisher's own host, when it speaks none of these | `routes` |

Not here: protocols (one module each, one floor up).
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from flows.portal.answers import PortalError


def collected(name: str) -> list[Any]:
    """Everything that the modules here define under `name`, by alphabet of modules; pairs when it is a mapping.

    Raises:
        PortalError: two modules define the same key.
    """
    found: list[Any] = []
    for module in _modules():
        value = getattr(module, name, ())
        found.extend(value.items() if isinstance(value, dict) else value)
    keys = [item[0] for item in found if isinstance(item, tuple)]
    if doubled := sorted({key for key in keys if keys.count(key) > 1}):
        raise PortalError(f"Le portail a deux fois {name} « {doubled[0]} ».", where="flows/portal/sets")
    return found


@cache
def _modules() -> tuple[Any, ...]:
    return tuple(import_module(f"{__name__}.{name}") for name in sorted(m.name for m in iter_modules(__path__)))
