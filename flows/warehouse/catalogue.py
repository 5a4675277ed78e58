"""The indicators as declared in `dbt_project/models/indicators/*.yml`: read, validated, given as `dim_indicator`.

Not here: computing them (the `.sql` beside each `.yml`, run by dbt) and their trajectories (stewards' tables). dbt
reads the same files for contracts and tests; this module reads only the words, under `models: - config: meta:`.
Every key is explained in docs/indicators.md, and a test fails on one that is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from flows.core import yamls
from flows.core.datasets import Territory
from flows.core.errors import ConfigurationError
from flows.core.tables import TABLES
from flows.core.words import Niveau
from flows.warehouse.positions import where
from flows.warehouse.words import Breakdown, Slug, Words

PREFIX = "ind_"
# Families of the analysed documents that `seeds/catalogue.csv` does not hold: their ids are accepted as written.
FREE_FAMILIES = ("crte_", "val_", "diag_", "idx_", "ins_", "prin_", "gov_")
# Keys that become another column, or none: the bounds of a deposit are for its reception, not for readers.
_NOT_SHOWN = {
    *("contexte_seul", "territoire", "ventilations"),
    *("saisie_objet", "saisie_min", "saisie_max", "saisie_variation", "saisie_niveaux"),
}


class Indicator(BaseModel):
    """One declared indicator.

    Attributes:
        indicateur: its French slug (the address of its page). words: its `meta`.
        calcule: it has an `.sql` beside its `.yml`. path: the `.yml`, for messages.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    indicateur: Slug
    words: Words
    calcule: bool
    path: Path

    @property
    def model(self) -> str:
        """Name of its dbt model."""
        return PREFIX + self.indicateur


def read_indicators(folder: Path) -> list[Indicator]:
    """Every `ind_*.yml` of a folder, in the order pages list them (`ordre`, then id).

    Raises:
        ConfigurationError: a file is not YAML, has an unknown or missing key, a value out of its list, no reason
            although it is not computed, or shares its `ordre` with another; `where` gives file and line.
    """
    indicators = [_read(path) for path in sorted(folder.glob(f"{PREFIX}*.yml"))]
    if not indicators:
        raise ConfigurationError(
            "Aucun indicateur n'est déclaré.",
            where=str(folder),
            todo=f"écrire un fichier {PREFIX}<identifiant>.yml (docs/indicators.md).",
        )
    known = {indicator.model for indicator in indicators}
    for sql in sorted(folder.glob(f"{PREFIX}*.sql")):
        if sql.stem not in known:
            raise ConfigurationError(
                f"Le modèle {sql.name} n'a pas de fichier {sql.stem}.yml : l'indicateur n'a ni titre ni définition.",
                where=str(sql),
                todo="écrire ce fichier (docs/indicators.md).",
            )
    orders: dict[int, Indicator] = {}
    for indicator in indicators:
        other = orders.setdefault(indicator.words.ordre, indicator)
        if other is not indicator:
            raise ConfigurationError(
                f"Deux indicateurs ont l'ordre {indicator.words.ordre} : {other.indicateur}, {indicator.indicateur}.",
                where=where(indicator.path, ("ordre",)),
                todo="donner à chacun un ordre différent.",
            )
    return sorted(indicators, key=lambda i: (i.words.ordre, i.indicateur))


def indicator_models(indicators: Iterable[Indicator]) -> list[str]:
    """Names of the dbt models that compute an indicator, sorted: the variable `indicator_models`."""
    return sorted(indicator.model for indicator in indicators if indicator.calcule)


def indicators_table(
    indicators: Iterable[Indicator], territory: Territory, catalogue_rows: Sequence[Mapping[str, Any]]
) -> pa.Table:
    """`dim_indicator`, one row an indicator, in the exact schema of core.tables.

    `engagements` and `champs` are the ancestors of `sert` in the catalogue (an indicator that serves a champ serves
    its engagement), in the catalogue's order.

    Args:
        catalogue_rows: rows of `seeds/catalogue.csv` (id, type, parent, ordre at least). When empty, nothing can
            be derived nor checked.
    Raises:
        ConfigurationError: `sert` names an id that the catalogue does not have.
    """
    catalogue = {str(row["id"]): row for row in catalogue_rows}
    rows = []
    for indicator in indicators:
        words = indicator.words
        ancestors = _ancestors(indicator, catalogue)
        by_type = {
            kind: [str(row["id"]) for row in ancestors if row["type"] == kind] for kind in ("engagement", "champ")
        }
        rows.append(
            words.model_dump(exclude=_NOT_SHOWN, mode="json")
            | {
                "indicateur": indicator.indicateur,
                "contexte": words.contexte_seul,
                "decimales_commune": words.decimales if words.decimales_commune is None else words.decimales_commune,
                "decimales_donnees": words.decimales if words.decimales_donnees is None else words.decimales_donnees,
                "calcule": indicator.calcule,
                "saisie_seuil": words.saisie_seuil or 0,
                "territoire_niveau": words.territoire,
                "territoire_code": getattr(territory, words.territoire),
                "comparaisons": _comparisons(words.comparaisons, territory),
                "engagements": by_type["engagement"],
                "champs": by_type["champ"],
                "ventilations": [f"{ident}: {_label(told)}" for ident, told in words.ventilations.items()],
                "ventilation_unites": [
                    f"{ident}: {told.unite}"
                    for ident, told in words.ventilations.items()
                    if isinstance(told, Breakdown)
                ],
            }
        )
    return pa.Table.from_pylist(rows, schema=TABLES["dim_indicator"])


def _comparisons(declared: Sequence[Niveau], territory: Territory) -> list[str]:
    """Levels compared with: where another EPCI is, the mean of the similar ones is too (when some are declared)."""
    levels = [str(niveau) for niveau in declared]
    group = str(Niveau.GROUPE)
    return [*levels, group] if territory.comparables and "epci" in levels and group not in levels else levels


def _label(told: str | Breakdown) -> str:
    return told.libelle if isinstance(told, Breakdown) else told


def _ancestors(indicator: Indicator, catalogue: Mapping[str, Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Rows of the catalogue that an indicator serves, itself and above, in the catalogue's order."""
    found: dict[str, Mapping[str, Any]] = {}
    for ident in indicator.words.sert:
        if catalogue and ident not in catalogue and not ident.startswith(FREE_FAMILIES):
            raise ConfigurationError(
                f"L'indicateur {indicator.indicateur} sert « {ident} », que le catalogue ne connaît pas.",
                where=where(indicator.path, ("sert",)),
                todo="choisir un identifiant de dbt_project/seeds/catalogue.csv.",
            )
        current = ident
        while current in catalogue and current not in found:
            found[current] = catalogue[current]
            current = str(catalogue[current].get("parent") or "")
    return sorted(found.values(), key=lambda row: (int(row.get("ordre") or 0), str(row["id"])))


def _read(path: Path) -> Indicator:
    try:
        document = yamls.load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        raise ConfigurationError(
            f"Ce fichier n'est pas du YAML lisible : {getattr(error, 'problem', None) or error}.",
            where=f"{path.name}, ligne {mark.line + 1}" if mark else path.name,
            todo="corriger la ligne indiquée (espaces, deux-points, guillemets).",
        ) from error
    models = document.get("models") if isinstance(document, dict) else None
    if not isinstance(models, list) or len(models) != 1 or not isinstance(models[0], dict):
        raise ConfigurationError(
            "Un fichier d'indicateur décrit exactement un modèle, sous « models ».",
            where=path.name,
            todo="partir d'un fichier voisin (docs/indicators.md).",
        )
    if models[0].get("name") != path.stem:
        raise ConfigurationError(
            f"Le nom du modèle ({models[0].get('name')}) n'est pas celui du fichier ({path.stem}).",
            where=where(path, ("name",)),
            todo="leur donner le même nom.",
        )
    meta = (models[0].get("config") or {}).get("meta")
    computed = path.with_suffix(".sql").exists()
    try:
        words = Words.model_validate(meta if isinstance(meta, dict) else {})
        indicator = Indicator(indicateur=path.stem.removeprefix(PREFIX), words=words, calcule=computed, path=path)
    except ValidationError as error:
        first = error.errors()[0]
        key = tuple(str(part) for part in first["loc"])
        raise ConfigurationError(
            f"{_refusal(first)} ({len(error.errors())} erreur(s) dans ce fichier).",
            where=where(path, key),
            todo="corriger cette clé ; toutes sont expliquées dans docs/indicators.md.",
        ) from error
    if computed == bool(words.raison):
        raise ConfigurationError(
            "Un indicateur calculé ne donne pas de « raison »."
            if computed
            else "Un indicateur sans calcul (.sql) doit dire pourquoi, sous « raison ».",
            where=where(path, ("raison",)),
            todo="ajouter ou retirer cette clé.",
        )
    return indicator


def _refusal(error: Mapping[str, Any]) -> str:
    """One pydantic error as a French sentence."""
    key = ".".join(str(part) for part in error["loc"]) or "meta"
    match error["type"]:
        case "extra_forbidden":
            return f"La clé « {key} » n'existe pas"
        case "missing":
            return f"La clé « {key} » manque"
        case "literal_error" | "enum":
            return f"La clé « {key} » vaut « {error['input']} » ; valeurs permises : {error['ctx']['expected']}"
        case "value_error":
            return str(error["ctx"]["error"])
        case _:
            return f"La clé « {key} » n'a pas une valeur permise : « {error['input']} »"
