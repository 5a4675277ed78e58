"""Suites of `expectations/*.yml`: read, checked key by key, handed over as plain values.

Not here: evaluating a rule (flows.quality.gate) and the derived tables rules may look at (flows.quality.views).
A suite is refused as a whole, with file and line, before any edition is judged by it: a typing error in a rule must
never become a rule that silently passes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from flows.core import yamls
from flows.core.errors import ConfigurationError
from flows.core.words import Severite
from flows.quality import candidate_views, edition_views  # noqa: F401  importing them registers their views
from flows.quality.views import VIEWS

# The rules a steward may use, each with what it needs. Others exist in Great Expectations; one is added here once a
# test has seen it fail on bad rows, because several of its rules answer "success" on rows they did not understand.
EXPECTATIONS: dict[str, tuple[str, ...]] = {
    "expect_column_values_to_be_between": ("column",),
    "expect_column_values_to_be_in_set": ("column", "value_set"),
    "expect_column_values_to_not_be_in_set": ("column", "value_set"),
    "expect_column_values_to_match_regex": ("column", "regex"),
    "expect_column_values_to_not_be_null": ("column",),
    "expect_column_values_to_be_unique": ("column",),
    "expect_compound_columns_to_be_unique": ("column_list",),
    "expect_column_pair_values_a_to_be_greater_than_b": ("column_A", "column_B"),
    "expect_column_sum_to_be_between": ("column",),
    "expect_column_unique_value_count_to_be_between": ("column",),
    "expect_column_distinct_values_to_contain_set": ("column", "value_set"),
    "expect_table_row_count_to_be_between": (),
}

_ID = re.compile(r"^[a-z][a-z0-9_]{2,80}$")
_STRICT = ConfigDict(extra="forbid", frozen=True)


class ViewCall(BaseModel):
    """A derived table (`flows.quality.views`) and its options, as the YAML writes them: `{nom: …, option: …}`."""

    model_config = _STRICT
    nom: str
    options: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _flat(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"nom": value}
        if isinstance(value, Mapping) and "options" not in value:
            return {"nom": value.get("nom", ""), "options": {k: v for k, v in value.items() if k != "nom"}}
        return value

    @model_validator(mode="after")
    def _known(self) -> ViewCall:
        if self.nom not in VIEWS:
            raise ValueError(f"la vue « {self.nom} » n'existe pas ; vues connues : {', '.join(sorted(VIEWS))}")
        spec = VIEWS[self.nom]
        if unknown := sorted(set(self.options) - set(spec.required) - set(spec.optional)):
            raise ValueError(f"option inconnue de la vue « {self.nom} » : {', '.join(unknown)}")
        if missing := sorted(set(spec.required) - set(self.options)):
            raise ValueError(f"option manquante de la vue « {self.nom} » : {', '.join(missing)}")
        return self


class Rule(BaseModel):
    """One rule of a suite. Keys are documented for stewards in docs/guide-intendant.md."""

    model_config = _STRICT
    id: str
    attente: str
    parametres: dict[str, Any] = Field(default_factory=dict)
    enonce: str = Field(min_length=10)
    pourquoi: str = Field(min_length=10)
    severite: Severite
    table: str = ""
    lignes: str = ""
    vue: ViewCall | None = None
    partitions: tuple[str, ...] = ()
    cles: tuple[str, ...] = ()
    si_vide: Literal["anomalie", "sans_objet"] = "anomalie"
    indicateurs: tuple[str, ...] = ()

    @field_validator("id")
    @classmethod
    def _slug(cls, value: str) -> str:
        if not _ID.match(value):
            raise ValueError("un identifiant de règle s'écrit en minuscules sans accent, chiffres et « _ »")
        return value

    @field_validator("lignes")
    @classmethod
    def _safe_filter(cls, value: str) -> str:
        # The filter is evaluated by pandas' own small language. `@` would reach Python variables and `__` Python
        # internals: a data file must not be able to run code.
        if "@" in value or "__" in value:
            raise ValueError("le filtre « lignes » ne peut contenir ni « @ » ni « __ »")
        return value

    @model_validator(mode="after")
    def _complete(self) -> Rule:
        if self.attente not in EXPECTATIONS:
            raise ValueError(
                f"l'attente « {self.attente} » n'est pas connue ; attentes possibles : {', '.join(EXPECTATIONS)}"
            )
        if missing := [name for name in EXPECTATIONS[self.attente] if name not in self.parametres]:
            raise ValueError(f"paramètre manquant pour « {self.attente} » : {', '.join(missing)}")
        bounds = {"min_value", "max_value"} & set(self.parametres)
        if self.attente.endswith("_to_be_between") and not bounds:
            raise ValueError("une règle d'intervalle a besoin de min_value ou de max_value")
        return self


class Measures(BaseModel):
    """How the report counts communes and secret values in the landed table of a dataset."""

    model_config = _STRICT
    commune: str = ""
    secret: str = ""
    parmi: str = ""  # rows the two counts look at

    @field_validator("secret", "parmi")
    @classmethod
    def _safe_filter(cls, value: str) -> str:
        return Rule._safe_filter(value)


class Suite(BaseModel):
    """A suite: the rules of one dataset (`etape: edition`) or of the candidate (`etape: candidat`)."""

    model_config = _STRICT
    suite: str
    etape: Literal["edition", "candidat"]
    table: str = "decodee"
    proprietaire: str = Field(min_length=3)
    mesures: Measures = Field(default_factory=Measures)
    regles: tuple[Rule, ...] = Field(min_length=1)

    @property
    def jeu(self) -> str:
        """Dataset id (`insee/filosofi`); empty for the candidate."""
        return self.suite.replace("__", "/", 1) if self.etape == "edition" else ""

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables a gate must hand over to evaluate this suite, sorted.

        A name of `flows.core.tables.TABLES` is read from the candidate; `<provider>__<dataset>` is the decoded
        table of the accepted editions.
        """
        if self.etape == "edition":
            return ("decodee",)
        names = {rule.table or self.table for rule in self.regles}
        names |= {name for rule in self.regles if rule.vue for name in VIEWS[rule.vue.nom].tables}
        return tuple(sorted(names))

    @model_validator(mode="after")
    def _unique(self) -> Suite:
        seen: set[str] = set()
        for rule in self.regles:
            if rule.id in seen:
                raise ValueError(f"deux règles portent l'identifiant « {rule.id} »")
            seen.add(rule.id)
        if self.etape == "edition" and self.table != "decodee":
            raise ValueError("une suite d'édition regarde la table « decodee »")
        if self.etape == "edition" and any(rule.table for rule in self.regles):
            raise ValueError("« table » dans une règle est réservé à la suite du candidat")
        return self


def load_suite(path: Path) -> Suite:
    """Read one suite.

    Raises:
        ConfigurationError: unreadable YAML, unknown or missing key, unknown rule or view, a name different from the
            file's. `where` gives the file and the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
        node = yamls.compose(text)
        _refuse_duplicate_keys(node)
        raw = yamls.load(text)
    except UnicodeDecodeError as error:
        raise _error(path, 1, "le fichier n'est pas en UTF-8") from error
    except OSError as error:
        raise _error(path, 0, "le fichier ne peut pas être lu") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _error(path, line, f"le YAML est mal écrit : {error.problem}") from error
    try:
        suite = Suite.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        loc = [part for part in first["loc"] if part != "options"]
        raise _error(path, _line(node, loc), _french(first)) from error
    if suite.suite != path.stem:
        raise _error(path, _line(node, ["suite"]), f"le nom « {suite.suite} » n'est pas celui du fichier")
    return suite


def load_suites(folder: Path) -> dict[str, Suite]:
    """Every suite of a folder by name, in name order.

    Raises:
        ConfigurationError: as `load_suite`; also for an empty folder, and for a rule id used in two suites (a dated
            decision names a rule by its id alone).
    """
    suites = {path.stem: load_suite(path) for path in sorted(folder.glob("*.yml"))}
    if not suites:
        raise ConfigurationError(
            "Aucune suite de contrôle n'a été trouvée.",
            where=str(folder),
            todo="vérifier que le dossier expectations/ est complet : sans suite, rien ne serait contrôlé.",
        )
    owner: dict[str, str] = {}
    for name, suite in suites.items():
        for rule in suite.regles:
            if rule.id in owner:
                raise ConfigurationError(
                    f"La règle « {rule.id} » est écrite dans deux suites.",
                    where=f"expectations/{owner[rule.id]}.yml et expectations/{name}.yml",
                    todo="renommer l'une des deux : les décisions désignent une règle par son identifiant.",
                )
            owner[rule.id] = name
    return suites


class _DuplicateKey(yaml.MarkedYAMLError):
    """A key written twice: YAML would keep the last one and drop the other without a word."""


def _refuse_duplicate_keys(node: yaml.Node | None) -> None:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                raise _DuplicateKey(
                    problem=f"la clé « {key.value} » est écrite deux fois", problem_mark=key.start_mark
                )
            seen.add(key.value)
            _refuse_duplicate_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for child in node.value:
            _refuse_duplicate_keys(child)


def _line(node: yaml.Node | None, loc: Sequence[Any]) -> int:
    """Line of the deepest node of `loc` that the file really holds."""
    line = node.start_mark.line + 1 if node is not None else 1
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == str(part)), None)
            if found is None:
                return line
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            return line
    return line


_MESSAGES = {
    "extra_forbidden": "clé inconnue",
    "missing": "clé obligatoire absente",
    "enum": "valeur hors de la liste",
    "literal_error": "valeur hors de la liste",
    "string_too_short": "texte trop court",
    "too_short": "liste vide",
}


def _french(error: Mapping[str, Any]) -> str:
    where = ".".join(str(part) for part in error["loc"]) or "la suite"
    reason = _MESSAGES.get(error["type"], str(error["msg"]).removeprefix("Value error, "))
    if "expected" in error.get("ctx", {}) and error["type"] in ("enum", "literal_error"):
        reason += f" (attendu : {error['ctx']['expected']})".replace(" or ", " ou ")
    return f"« {where} » : {reason}"


def _error(path: Path, line: int, reason: str) -> ConfigurationError:
    return ConfigurationError(
        f"La suite de contrôle {path.name} est refusée : {reason}.",
        where=f"expectations/{path.name}" + (f", ligne {line}" if line else ""),
        todo="corriger cette ligne ; docs/guide-intendant.md décrit chaque clé.",
    )
