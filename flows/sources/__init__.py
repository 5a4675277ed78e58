"""Sources: one module a provider, all reached through one HTTP client (`http.py`).

Not here: storing, checking and building; which datasets are switched off by a missing credential (the flow decides).
Importing this package opens no file and imports neither requests, pandas nor a workbook reader.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from flows.core.datasets import Dataset, Territory
from flows.core.errors import ConfigurationError


def providers() -> list[str]:
    """Names of the provider modules, in landing order: every module here that declares `datasets(territory)`.

    `geo` comes first, because other sources ask for the communes it knows; then the alphabet.
    """
    # Read, not imported: the protocols beside them (`http`) bring heavy libraries.
    found = [p.stem for p in Path(__file__).parent.glob("*.py") if "\ndef datasets(" in p.read_text(encoding="utf-8")]
    return sorted(found, key=lambda name: (name != "geo", name))


def registry(territory: Territory) -> dict[str, Dataset]:
    """Every dataset of the observatory by its id, in landing order (the same at each call).

    Raises:
        ConfigurationError: two modules declare the same id, or a cumulative dataset has no key.
    """
    found: dict[str, Dataset] = {}
    for provider in providers():
        for dataset in import_module(f"flows.sources.{provider}").datasets(territory):
            if dataset.id in found:
                raise ConfigurationError(
                    f"Le jeu de données {dataset.id} est déclaré deux fois.", where=f"flows/sources/{provider}.py"
                )
            if dataset.accumulation == "cumulatif" and not set(dataset.key) <= set(dataset.schema.names):
                raise ConfigurationError(
                    f"La clé de {dataset.id} n'est pas faite de ses colonnes.", where=f"flows/sources/{provider}.py"
                )
            found[dataset.id] = dataset
    return found
