"""Energy and air: Enedis 2016, the former ORE series, biomethane sites, regional inventories.

Not here: 2024 consumption, the register of installations and the 2016 inventory (`others`), nor what is simulated.
Figures are carried as written; only the rest of France is worked out, as a difference of two published totals.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from flows.sources.enedis import FIGURES
from tests.demonstration.carry.contract import Contract, columns
from tests.demonstration.carry.reading import CarryError, Row, plain, rows

DEPARTEMENT, REGION = "59", "32"
REST = "Autres régions (regroupées)"
SECTORS = {
    "consoa": "agriculture_mwh",
    "consoi": "industrie_mwh",
    "consot": "tertiaire_mwh",
    "consor": "residentiel_mwh",
    "consona": "non_affecte_mwh",
    "consototale": "total_mwh",
}
_HIDDEN = tuple(f"nombre_maille_secretisees_{sector}" for sector in ("a", "i", "t", "r", "na"))

CONTRACTS = {
    "enedis__production": Contract(
        columns(
            "annee int, code_commune, nom_commune, code_epci, code_departement, domaine_de_tension, "
            + ", ".join(f"{name} double" for name in FIGURES)
        ),
        ("annee", "code_commune", "domaine_de_tension"),
    ),
    "ore__departements": Contract(
        columns(
            "annee int, operateur, filiere, code_departement, code_region, "
            + ", ".join(f"{name} double" for name in SECTORS)
            + ", nombre_mailles_secretisees int"
        ),
        ("annee", "code_departement", "filiere", "operateur"),
        optional=("code_departement", "code_region"),
    ),
    "odre__biomethane": Contract(
        columns(
            "code_commune, id_unique_projet, site, commune, code_epci, code_dep, code_reg, type_de_reseau, "
            "date_de_mes date, capacite_de_production_gwh_an double"
        ),
        ("code_commune", "id_unique_projet"),
    ),
    "atmo__emissions_regions": Contract(
        columns("code, name, code_pcaet, ges double, nox double, pm10 double, pm25 double, date_maj date"),
        ("code", "code_pcaet"),
    ),
}


def enedis(shared: Path) -> list[Row]:
    """enedis__production 2016: every line of the département, sites and MWh of each filière, as written."""
    return [
        {
            "annee": row["Année"],
            "code_commune": row["Code commune"],
            "nom_commune": row["Nom commune"],
            "code_epci": row["Code EPCI"],
            "code_departement": row["Code département"],
            "domaine_de_tension": row["Domaine de tension"],
        }
        | {name: row[head] for name, head in FIGURES.items()}
        for row in rows(shared / "energy/enedis_production_commune_2015_2016_dep59.csv", ";")
        if row["Code département"] == DEPARTEMENT
    ]


def departements(shared: Path) -> list[Row]:
    """ore__departements 2011-2021: the lines of the region as written, and one line a year and energy for the rest
    of France: the published national total less that of the region. MWh.

    Raises:
        CarryError: a region's total that its own lines do not make.
    """
    lines = []
    for row in rows(shared / "territory/energie/ore_conso_annuelle_departement_2011_2021_region32.csv", ";"):
        kept = {name: row[name] for name in ("annee", "operateur", "filiere", "code_departement", "code_region")}
        hidden = sum(int(row[name] or 0) for name in _HIDDEN)
        lines.append(kept | {n: row[n] for n in SECTORS} | {"nombre_mailles_secretisees": str(hidden)})
    known = {
        (row["niveau"], row["annee"], row["filiere"]): row
        for row in rows(shared / "territory/energie/ore_conso_annuelle_totaux_2011_2021.csv", ";")
    }
    for (niveau, year, energy), whole in sorted(known.items()):
        if niveau != "france":
            continue
        part = known["region", year, energy]
        own = sum(Decimal(r["consototale"]) for r in lines if (r["annee"], r["filiere"]) == (year, energy))
        if abs(own - Decimal(part["total_mwh"])) > 1:
            raise CarryError(f"{year} {energy}: the lines of the region make {own}, its total is {part['total_mwh']}")
        rest = {n: plain(Decimal(whole[title]) - Decimal(part[title])) for n, title in SECTORS.items()}
        # Each figure was rounded apart: the total of this line is the sum of its sectors.
        rest["consototale"] = plain(sum((Decimal(rest[n]) for n in list(SECTORS)[:-1]), Decimal(0)))
        hidden = int(whole["mailles_secretisees"]) - int(part["mailles_secretisees"])
        place = {"annee": year, "operateur": REST, "filiere": energy, "code_departement": "", "code_region": ""}
        lines.append(place | rest | {"nombre_mailles_secretisees": str(hidden)})
    return lines


def biomethane(shared: Path) -> list[Row]:
    """odre__biomethane, end of October 2022: the sites of the region, capacity in GWh a year."""
    wanted = CONTRACTS["odre__biomethane"].columns
    return [
        {name: row[name] for name in wanted}
        for row in rows(shared / "territory/energie/odre_sites_injection_biomethane_region32_2022.csv", ";")
        if row["code_reg"] == REGION
    ]


def emissions(shared: Path) -> list[Row]:
    """atmo__emissions_regions, changed on 1 January 2025: the five sectors of the region (tCO2e, tonnes)."""
    return [
        {
            **{name: row[name] for name in ("code", "name", "code_pcaet", "ges", "nox", "pm10", "pm25")},
            "date_maj": row["date_maj"][:10].replace("/", "-"),
        }
        for row in rows(shared / "air/atmo_data_v2_inventaires_emissions_region.csv")
        if row["code"] == REGION
    ]


CARRIERS = {
    "enedis__production": enedis,
    "ore__departements": departements,
    "odre__biomethane": biomethane,
    "atmo__emissions_regions": emissions,
}
