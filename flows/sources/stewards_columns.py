"""The columns of `seeds/trajectoires.csv`: their types and the closed lists of words that they accept.

Not here: what the rows may say together (stewards_trajectories). docs/sources.md explains each column to stewards.
"""

from __future__ import annotations

from flows.core.words import Niveau
from flows.sources.stewards_csv import Column

# Shapes with a curve of their own, and those without: a direction to keep, or a decision to have no objective.
DRAWN = (
    *("lineaire", "geometrique", "paliers", "compte_cible", "cumul_lineaire", "budget_cumule", "division"),
    *("seuil", "rythme", "convergence"),
)
FORMES = (*DRAWN, "sens", "aucune")
# Read in a document, but nobody committed to them: they never make a status.
UNCOMMITTED = ("estimation", "besoin", "potentiel")
ORIGINES = ("adoptee", "document", "hypothese_de_travail", *UNCOMMITTED)
_YEAR = r"(19|20|21)[0-9]{2}"
UNITES = (
    "%",
    "points",
    "€/an par UC",
    "ha",
    "ha/an",
    "m²/an",
    "GWh/an",
    "MWh/an",
    "tCO₂e/an",
    "ktCO₂e/an",
    "stations",
    "points de charge",
    "habitants",
    "logements",
    "logements/an",
    "jours/an",
    "consultations/an/hab.",
    "kg/hab./an",
    "µg/m³",
    "indice 0-1",
    "pour 1 000 hab.",
    "pour 10 000 hab.",
    "années",
    "nombre",
    "ratio",
    "M€ cumulés",
    "arbre par naissance",
)
COLUMNS = (
    Column("trajectoire", required=True, pattern=r"[a-z][a-z0-9_-]*", hint="minuscules, chiffres, « - »"),
    Column("indicateur", required=True, pattern=r"[a-z][a-z0-9_]*", hint="minuscules sans accent, chiffres et « _ »"),
    Column("territoire_niveau", required=True, allowed=tuple(n.value for n in Niveau)),
    Column("territoire_code", required=True),
    Column("forme", required=True, allowed=FORMES),
    Column("unite", required=True, allowed=UNITES),
    Column("polarite", required=True, allowed=("hausse", "baisse", "neutre")),
    Column("base_valeur", "number"),
    Column("base_annee", "number", pattern=_YEAR, hint="année sur quatre chiffres"),
    Column(
        "base_calcul",
        pattern=r"somme_[0-9]{4}_[0-9]{4}|ecart_comparateur",
        hint="somme_2011_2020 ou ecart_comparateur",
    ),
    Column("base_note"),
    Column("cible_valeur", "number"),
    Column("cible_part_base", "number"),
    Column("cible_annee", "number", pattern=_YEAR, hint="année sur quatre chiffres"),
    Column("points"),
    Column("tolerance", "number"),
    Column("echelle", "number"),
    Column("origine_statut", required=True, allowed=ORIGINES),
    Column("origine_document"),
    Column("origine_ligne", pattern=r"[0-9]+(-[0-9]+)?", hint="numéro de ligne"),
    Column("origine_territoire"),
    Column("citation"),
    Column("commentaire"),
    Column("manque"),
)
VALIDITY = (
    Column("valide_du", "date", required=True),
    Column("valide_au", "date"),
    Column("comparateur_niveau", allowed=tuple(n.value for n in Niveau), later=True),
    Column("comparateur_code", later=True),
)
