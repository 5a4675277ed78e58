"""The closed lists of the house: states, statuses of a figure, natures, levels, severities.

Not here: interface sentences (they live in `site/`). An addition to one of these lists is a change of the public
contract: `docs/architecture.md` and the contract tests hold them.
"""

from __future__ import annotations

from enum import StrEnum


class Niveau(StrEnum):
    """Levels of territory, in the order pages list them."""

    COMMUNE = "commune"
    BASSIN_DE_VIE = "bassin_de_vie"
    EPCI = "epci"
    ARRONDISSEMENT = "arrondissement"
    ZONE_EMPLOI = "zone_emploi"
    DEPARTEMENT = "departement"
    REGION = "region"
    FRANCE_METROPOLITAINE = "france_metropolitaine"
    FRANCE = "france"
    GROUPE = "groupe"


class Etat(StrEnum):
    """State of an indicator against its adopted trajectory."""

    ATTEINT = "atteint"
    EN_AVANCE = "en_avance"
    SUR_TRAJECTOIRE = "sur_trajectoire"
    A_SURVEILLER = "a_surveiller"
    DERIVE = "derive"
    NON_EVALUABLE = "non_evaluable"
    TRAJECTOIRE_A_FIXER = "trajectoire_a_fixer"
    SANS_OBJET = "sans_objet"


class Statut(StrEnum):
    """Status of one figure."""

    DEFINITIF = "definitif"
    PROVISOIRE = "provisoire"
    ESTIME = "estime"
    SECRET = "secret"
    MANQUANT = "manquant"


class Nature(StrEnum):
    """Where a figure comes from. What is computed from a simulated input is simulated."""

    PUBLIE = "publie"
    RECALCULE = "recalcule"
    SAISI = "saisi"
    SIMULE = "simule"


class Accumulation(StrEnum):
    """`instantane`: the newest accepted edition counts; `cumulatif`: all, the newest wins per key."""

    INSTANTANE = "instantane"
    CUMULATIF = "cumulatif"


class Severite(StrEnum):
    """What a failed check does: `bloquant` stops an edition or a candidate, `a_revoir` is for the steward."""

    BLOQUANT = "bloquant"
    A_REVOIR = "a_revoir"


class Resultat(StrEnum):
    """Outcome of one check. `erreur` means the check itself raised: an error of the gate, never a pass."""

    PASSE = "passe"
    A_REVOIR = "a_revoir"
    BLOQUANT = "bloquant"
    ERREUR = "erreur"
    DEROGE = "deroge"  # would block, but a dated decision of a steward accepts it


class Mode(StrEnum):
    """Two kinds of warehouse, fixed at creation."""

    DEMONSTRATION = "demonstration"
    REEL = "reel"


class Cycle(StrEnum):
    """When a dataset is fetched in full: every night, or once a year (with a cheap nightly check of change)."""

    NOCTURNE = "nocturne"
    ANNUEL = "annuel"


class Transport(StrEnum):
    """How bytes came in."""

    DIRECT = "direct"
    PORTAIL = "portail"
    FICHIER = "fichier"


class ExitCode:
    """Exit codes of `observatoire nightly|yearly`. Precedence 1 > 4 > 3 > 0."""

    OK = 0
    FAILURE = 1
    USAGE = 2
    PARTIAL = 3
    REJECTED = 4
    LOCKED = 5
