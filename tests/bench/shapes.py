"""Where each landed table says which commune and which year a row is about.

Not here: multiplying (`synthetic`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """Where a landed table says which commune and which year a row is about.

    Attributes:
        code: column of the commune code; "" when every row is a place on the map. also: other columns of that code.
        names, ids: columns that tell one copy from another.
        year: column that is a year or begins with one; `coded_year`: the year is inside a code (`P18_LOG`).
        by_year: one partition a year. days: column of days, in partitions that are months.
        lon, lat, geometry: columns that move with the copy.
    """

    code: str = ""
    also: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    year: str = ""
    coded_year: str = ""
    by_year: bool = False
    days: str = ""
    lon: str = ""
    lat: str = ""
    geometry: str = ""


_MELODI = Shape("geo_code", year="time_period")
_POINT = {"lon": "longitude", "lat": "latitude"}

# Tables without a shape are about no commune (regions, national series, movements of the COG): they stay as they are.
SHAPES: dict[str, Shape] = {
    "acceslibre/erp": Shape("code_insee", ids=("id",)),
    "ademe_dpe/etiquettes": Shape("code_insee_ban"),
    "agreste/sau_communes": Shape("code_commune"),  # a census of every ten years
    "anct/france_services": Shape("insee_com", ids=("id_fs",), **_POINT),
    "anct/mediation_numerique": Shape("code_insee", ids=("id",)),
    "atmo/indices": Shape("code_zone", names=("lib_zone",), days="date_ech"),
    "caf/accueil_jeune_enfant": Shape("code", names=("nom",), year="annee"),
    "caf/prestations": Shape("numcomdo", names=("nomcom",), year="annee"),
    "cartofriches/sites": Shape("comm_insee", ids=("site_id",)),
    "cerema/consommation_enaf": Shape("idcom", names=("idcomtxt",), year="annee"),
    "dares/demandeurs_emploi": Shape("code_commune", names=("commune",), year="date"),
    "drees/apl_generalistes": Shape("code_commune", names=("commune",), year="annee"),
    "drees/apl_professions": Shape("code_commune", names=("commune",), year="annee"),
    "enedis/production": Shape("code_commune", names=("nom_commune",), year="annee"),
    "finess/etablissements": Shape("code_commune", ids=("nofinesset",)),
    "geo/communes": Shape("code", names=("nom",), ids=("siren",), lon="lon", lat="lat"),
    "geo/contours": Shape("code", names=("nom",), geometry="geometry"),
    "georisques/risques": Shape("code_insee", names=("libelle_commune",)),
    "geovelo/amenagements": Shape("code_com_d", also=("code_com_g",), ids=("id_local",)),
    "ges/inventaire_communal": Shape("insee_commune", names=("commune",)),
    "hubeau/services_eau": Shape("code_commune", names=("nom_service",), ids=("code_service",), year="annee"),
    "insee/appartenances": Shape("codgeo", names=("libgeo",)),
    "insee/bpe": _MELODI,
    "insee/bpe_points": Shape("depcom", **_POINT),
    "insee/carreaux": Shape("code_commune", ids=("idcar_200m",), **_POINT),
    "insee/comparateur": Shape("codgeo", coded_year="variable"),
    "insee/deces": _MELODI,
    "insee/filosofi": _MELODI,
    "insee/filosofi_fichiers": Shape("codgeo", year="annee", by_year=True),
    "insee/hebergement_touristique": _MELODI,
    "insee/naissances": _MELODI,
    "insee/populations": _MELODI,
    "insee/rp_activite": _MELODI,
    "insee/rp_ages": _MELODI,
    "insee/rp_cohabitation": _MELODI,
    "insee/rp_diplomes": _MELODI,
    "insee/rp_familles": _MELODI,
    "insee/rp_logements": _MELODI,
    "insee/rp_navettes": _MELODI,
    "irve/points": Shape(
        "code_insee_commune",
        ids=("id_pdc_itinerance", "id_station_itinerance"),
        lon="consolidated_longitude",
        lat="consolidated_latitude",
    ),
    "lcsqa/particules_fines": Shape("code_commune", names=("nom_site",), ids=("code_site",), days="jour"),
    "lovac/parts_communes": Shape("comm_insee", names=("nom_com",)),
    "macantine/registre": Shape("city_insee_code", ids=("id",)),
    "macantine/teledeclarations": Shape("canteen_city_insee_code", ids=("canteen_id",), year="year", by_year=True),
    "odre/biomethane": Shape("code_commune", names=("commune",), ids=("id_unique_projet",)),
    "odre/registre": Shape("codeinseecommune", names=("commune",)),
    "odt/non_inseres": Shape("codgeo", names=("libgeo",), year="an"),
    "ore/consommation": Shape("code_commune", names=("nom_commune",), year="annee", by_year=True),
    "osm/espaces_nature": Shape(ids=("espace",), names=("nom",), **_POINT),
    "pac/parcelles_bio": Shape("code_commune_insee", year="millesime", by_year=True),
    "rna/creations": Shape("code_commune", year="annee"),
    "rpls/mises_en_service": Shape("code_commune", year="annee"),
    "sdes/chaleur": Shape("commune_code", names=("commune_libelle",), year="annee"),
    "sirene/ess": Shape("code"),
    "ssmsi/delinquance": Shape("code", year="annee"),
    "tiers_lieux/recensement": Shape(names=("nom",), **_POINT),
    "transport/arrets": Shape(ids=("stop_id",), **_POINT),
    "urssaf/effectifs": Shape("code_commune", year="annee"),
}
