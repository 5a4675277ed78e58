"""The words of one indicator: every key of the `meta` of its yml, and the rules between keys.

Not here: reading the files (`catalogue`), French refusals with file and line. Every key is explained in
docs/indicators.md, and a test fails on one that is not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from flows.core.words import Cycle, Niveau
from flows.warehouse.words_saisie import DepositWords

PLACEHOLDERS = frozenset({"valeur", "periode", "territoire", "de_territoire"})
# Sentences of the yml and what each may name. `{fin}`: the day up to which the figure counts (« 31 juillet 2026 »).
SENTENCES: Mapping[str, frozenset[str]] = {
    "phrase": PLACEHOLDERS,
    "phrase_secret": PLACEHOLDERS - {"valeur"},
    "phrase_plancher": PLACEHOLDERS | {"fin"},
    "phrase_en_cours": PLACEHOLDERS | {"fin"},
    "periode_phrase": frozenset({"periode", "fin"}),
}
_FIELD = re.compile(r"{([^{}]*)}")

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
DatasetId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*/[a-z][a-z0-9_]*$")]
Recipient = Annotated[str, StringConstraints(pattern=r"^role_[a-z0-9_]+(\[[^\[\]]+\])?$")]
OwnLevel = Literal["epci", "arrondissement", "zone_emploi", "departement", "region"]


class Breakdown(BaseModel):
    """A detail of an indicator that is counted in another unit than its total."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    libelle: Text
    unite: Text


class Words(DepositWords):
    """The `meta` of one indicator: everything a page says of it. Unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    titre: Text
    titre_court: Text
    unite: Text
    unite_courte: str = ""
    decimales: Annotated[int, Field(ge=0, le=6)]
    decimales_commune: Annotated[int, Field(ge=0, le=6)] | None = None
    decimales_donnees: Annotated[int, Field(ge=0, le=6)] | None = None
    polarite: Literal["hausse", "baisse", "neutre"]
    definition: Text
    formule: Text
    pourquoi: Text
    limites: Text
    phrase: Text
    phrase_secret: str = ""
    phrase_plancher: str = ""
    phrase_en_cours: str = ""
    periode_phrase: str = ""
    niveau_logique: Literal["contexte", "realisation", "resultat", "impact"]
    contexte_seul: bool = False
    periodicite: Text
    periode_mois: Annotated[int, Field(ge=0, le=120)]
    delai_mois: Annotated[int, Field(ge=0, le=120)]
    cycle: Cycle
    territoire: OwnLevel
    comparaisons: list[Niveau] = Field(default_factory=list)
    sert: Annotated[list[Slug], Field(min_length=1)]
    destinataires: Annotated[list[Recipient], Field(min_length=1)]
    jeux: list[DatasetId] = Field(default_factory=list)
    ventilations: dict[Slug, Text | Breakdown] = Field(default_factory=dict)
    ordre: Annotated[int, Field(ge=0)]

    @model_validator(mode="after")
    def _placeholders(self) -> Words:
        for name, permitted in SENTENCES.items():
            sentence = getattr(self, name)
            unknown = sorted(set(_FIELD.findall(sentence)) - permitted)
            if unknown:
                raise ValueError(f"{name} : repère inconnu {{{unknown[0]}}} (permis : {sorted(permitted)})")
        for name in ("phrase", "phrase_plancher", "phrase_en_cours"):
            if (sentence := getattr(self, name)) and "valeur" not in _FIELD.findall(sentence):
                raise ValueError(f"{name} : le repère {{valeur}} est obligatoire")
        if self.periode_phrase and not _FIELD.findall(self.periode_phrase):
            raise ValueError("periode_phrase : l'un des repères {periode} et {fin} est obligatoire")
        if self.decimales_donnees is not None and self.decimales_donnees < self.decimales:
            raise ValueError("decimales_donnees : les données ont au moins autant de décimales que les pages")
        for name in ("comparaisons", "sert", "destinataires", "jeux"):
            values = getattr(self, name)
            if len(set(values)) < len(values):
                raise ValueError(f"{name} : une valeur est répétée")
        return self
