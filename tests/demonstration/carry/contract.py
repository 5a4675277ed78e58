"""The demonstration tables: columns, types and key of each, as `docs/architecture.md` (Landed tables) states them.

Not here: the meaning of the columns (docs/architecture.md) nor where the figures come from (sources.csv). The test
of this room holds these columns equal to the document's own table.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Contract:
    """Columns of one table in order.

    Attributes:
        columns: name → `text`, `int`, `double` or `date`.
        key: columns that identify a row, and by which the file is sorted.
        communes: the column holding commune codes, "" when there is none.
        niveau: the column saying which rows are communes, when the table mixes levels; `commune` its word.
        partial: a commune without a record has no row.
        optional: columns that the source does not fill on every row.
    """

    columns: dict[str, str]
    key: tuple[str, ...]
    communes: str = ""
    niveau: str = ""
    commune: str = "COM"
    partial: bool = False
    optional: tuple[str, ...] = ()


def columns(text: str) -> dict[str, str]:
    """Columns written in one readable line: `"code, taux double"`; text unless said."""
    parts = (part.split() for part in text.split(","))
    return {words[0]: words[1] if len(words) > 1 else "text" for words in parts}


_MELODI = "geo_millesime int, geo_niveau, geo_code, time_period, measure, value double, conf_status, obs_status"
_MELODI_KEY = ("geo_niveau", "geo_code", "time_period", "measure")

_FIRST: dict[str, Contract] = {
    "ademe_dpe__etiquettes": Contract(
        columns("code_insee_ban, etiquette_dpe, nombre int, date_etat date"),
        ("code_insee_ban", "etiquette_dpe"),
        "code_insee_ban",
    ),
    "cerema__consommation_enaf": Contract(
        columns("idcom, idcomtxt, epci25, annee int, naf_m2 double, surfcom_m2 double"),
        ("idcom", "annee"),
        "idcom",
    ),
    "drees__apl_generalistes": Contract(
        columns(
            "annee int, code_commune, commune, apl double, apl_65 double, population_standardisee double, "
            "population_totale double"
        ),
        ("annee", "code_commune"),
        "code_commune",
    ),
    "geo__communes": Contract(
        columns(
            "code, nom, siren, code_epci, code_departement, code_region, population int, surface double, "
            "lon double, lat double"
        ),
        ("code",),
        "code",
    ),
    "geo__contours": Contract(columns("code, nom, geometry"), ("code",), "code"),
    "ges__inventaire_communal": Contract(
        columns(
            "insee_commune, commune, agriculture double, autres_transports double, "
            "autres_transports_international double, co2_biomasse_hors_total double, dechets double, "
            "energie double, industrie_hors_energie double, residentiel double, routier double, tertiaire double"
        ),
        ("insee_commune",),
        "insee_commune",
    ),
    "insee__chomage_departement": Contract(
        columns("code, libelle, periode, taux double"),
        ("code", "periode"),
    ),
    "insee__chomage_ze": Contract(
        columns("ze2020, libze2020, reg, periode, taux double"),
        ("ze2020", "periode"),
    ),
    "insee__comparateur": Contract(
        columns("codgeo, variable, valeur_brute"),
        ("codgeo", "variable"),
        "codgeo",
    ),
    "insee__filosofi": Contract(columns(_MELODI), _MELODI_KEY, "geo_code", "geo_niveau"),
    "insee__filosofi_fichiers": Contract(
        columns("niveau, codgeo, annee int, mesure, valeur_brute"),
        ("annee", "niveau", "codgeo", "mesure"),
        "codgeo",
        "niveau",
    ),
    "insee__populations": Contract(columns(_MELODI), _MELODI_KEY, "geo_code", "geo_niveau"),
    "irve__points": Contract(
        columns(
            "id_pdc_itinerance, id_station_itinerance, code_insee_commune, consolidated_longitude double, "
            "consolidated_latitude double, puissance_nominale double, date_mise_en_service, date_maj"
        ),
        ("id_pdc_itinerance",),
        "code_insee_commune",
    ),
    "odre__registre": Contract(
        columns(
            "codeinseecommune, commune, filiere, n_lignes int, n_avec_energie int, nb_installations double, "
            "puissance_kw double, energie_injectee_kwh double, date_etat date"
        ),
        ("codeinseecommune", "filiere"),
        "codeinseecommune",
    ),
    # Several rows of one operator, sector and commune are normal at the publisher: a suppressed cell is one more
    # row, so the count of suppressed cells belongs to the key.
    "ore__consommation": Contract(
        columns(
            "annee int, code_commune, nom_commune, code_epci, operateur, filiere, code_grand_secteur, "
            "code_categorie_consommation, nb_sites int, conso_totale_mwh double, nombre_de_mailles_secretisees int"
        ),
        ("annee", "code_commune", "filiere", "code_grand_secteur", "nombre_de_mailles_secretisees"),
        "code_commune",
    ),
}


@cache
def contracts() -> dict[str, Contract]:
    """Every demonstration table by its landed name: those above, and those of `tests.demonstration.carry.sets`."""
    from tests.demonstration.carry.sets import collected  # here: its modules build their contracts with this one

    return {**_FIRST, **collected("CONTRACTS")}
