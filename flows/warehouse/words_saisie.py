"""Keys of an indicator's yml about what is awaited: why nothing is shown, who deposits what, within which bounds.

Not here: the other words of an indicator (words), reading and judging a deposit (flows.sources.saisies). What is
deposited may be another quantity than the indicator (trees planted, for trees by birth): it then has its own unit.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from flows.core.words import Niveau

_Text = Annotated[str, StringConstraints(strip_whitespace=True)]


class DepositWords(BaseModel):
    """The keys `raison`, `attente`, `service`, `saisie` and `saisie_…`, with what they ask of one another."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    raison: str = ""
    attente: Literal["", "saisie", "source"] = ""
    saisie: Literal["non", "partielle", "oui"] = "non"
    service: _Text = ""
    saisie_objet: _Text = ""
    saisie_unite: _Text = ""
    saisie_min: float | None = None
    saisie_max: float | None = None
    saisie_variation: Annotated[float, Field(gt=0)] | None = None
    saisie_seuil: Annotated[int, Field(ge=2)] | None = None
    saisie_niveaux: Annotated[list[Niveau], Field(min_length=1)] = [Niveau.EPCI, Niveau.COMMUNE]

    @model_validator(mode="after")
    def _deposit(self) -> DepositWords:
        if (self.saisie == "non") == bool(self.service):
            raise ValueError(
                "service : le service qui dépose est nommé quand « saisie » vaut partielle ou oui, et alors seulement"
            )
        if self.attente == "saisie" and self.saisie == "non":
            raise ValueError(
                "attente : une saisie n'est attendue que d'un indicateur dont « saisie » vaut partielle ou oui"
            )
        if self.attente and not self.raison:
            raise ValueError("raison : dire pourquoi rien n'est montré, et ce qui est attendu")
        told = sorted(name for name in self.model_fields_set if name.startswith("saisie_"))
        if self.saisie == "non" and told:
            raise ValueError(f"{told[0]} : cette clé n'a de sens que si « saisie » vaut partielle ou oui")
        if bool(self.saisie_objet) != bool(self.saisie_unite):
            raise ValueError("saisie_unite : ce qui est déposé et son unité se disent ensemble (saisie_objet)")
        if self.saisie_min is not None and self.saisie_max is not None and self.saisie_max <= self.saisie_min:
            raise ValueError("saisie_max : le maximum est au-dessus du minimum")
        return self
