"""Census tables (Insee, Melodi): activity, ages, diplomas, dwellings, commuting, from derived files and pages.

Not here: families, households of the elderly and activity by sex of communes, of which no figure is known (the portal
simulates them). The derived files round to the tenth and name the two levels above `D59` and `FR` (France without
Mayotte, Melodi's `F`). Activity by sex is transcribed from pages of Insee, for a few levels and vintages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path

from tests.demonstration.carry.contract import Contract, columns
from tests.demonstration.carry.reading import CarryError, Row, plain, rows

COG = "2026"  # the vintages 2023 came out on the communes of 2026
FOLDER = "social/recensement"


def _contract(*dimensions: str) -> Contract:
    return Contract(
        columns(
            f"geo_millesime int, geo_niveau, geo_code, time_period, {', '.join(dimensions)}, measure, value double, "
            "conf_status, obs_status"
        ),
        ("geo_niveau", "geo_code", "time_period", *dimensions, "measure"),
        "geo_code",
        "geo_niveau",
    )


CONTRACTS = {
    "insee__rp_activite": _contract("sex", "empsta_enq"),
    "insee__rp_ages": _contract("sex", "age"),
    "insee__rp_diplomes": _contract("educ"),
    "insee__rp_logements": _contract("ocs"),
    "insee__rp_navettes": _contract("trans", "work_area"),
}

DIPLOMES = {
    "sans_diplome_ou_cep": "001T100_RP",
    "brevet_des_colleges_dnb": "200_RP",
    "cap_bep": "300_RP",
    "bac": "350T351_RP",
    "bac_plus_2": "500_RP",
    "bac_plus_3_ou_4": "600_RP",
    "bac_plus_5_ou_plus": "700_RP",
}
LOGEMENTS = {
    "logements": "_T",
    "residences_principales": "DW_MAIN",
    "residences_secondaires_et_occasionnels": "DW_SEC_DW_OCC",
    "logements_vacants": "DW_VAC",
}
NAVETTES = {
    "actifs_occupes_15p": ("_T", "_T"),
    "travail_dans_commune": ("_T", "10"),
    "travail_autre_commune_meme_dep": ("_T", "21"),
    "travail_autre_dep_meme_region": ("_T", "22"),
    "travail_autre_region": ("_T", "23"),
    "travail_hors_metropole_ou_etranger": ("_T", "24T30"),
    "sans_transport": ("1", "_T"),
    "a_pied": ("2", "_T"),
    "velo": ("3", "_T"),
    "deux_roues_motorise": ("4", "_T"),
    "voiture_camion_fourgonnette": ("5", "_T"),
    "transports_en_commun": ("6", "_T"),
}
SEXES = {"Hommes": "M", "Femmes": "F"}


def _place(territory: str) -> tuple[str, str]:
    """(level, code) of Melodi: `D59` → DEP 59, `FR` → FRANCE F, five digits → COM; `METRO-1` → FRANCE FM."""
    known = {"D59": ("DEP", "59"), "FR": ("FRANCE", "F"), "METRO-1": ("FRANCE", "FM")}
    if territory in known:
        return known[territory]
    if territory.isdigit() and len(territory) == 5:
        return "COM", territory
    level, _, code = territory.partition("-")
    if level not in ("ARR", "DEP", "REG") or not code:
        raise CarryError(f"unknown territory {territory}")
    return level, code


def _row(territory: str, year: str, measure: str, value: str, **dimensions: str) -> Row:
    level, code = _place(territory)
    start = {"geo_millesime": COG, "geo_niveau": level, "geo_code": code, "time_period": year}
    return {**start, **dimensions, "measure": measure, "value": value, "conf_status": "F", "obs_status": "A"}


def _derived(shared: Path, name: str) -> Iterable[Row]:
    return rows(shared / FOLDER / f"{name}_derive.csv")


def activite(shared: Path) -> Iterator[Row]:
    """insee__rp_activite: people of 15 to 64, employed, unemployed; both sexes together, and each where pages say.

    The pages give the active and the employed: the unemployed of the census are the difference.
    """
    for row in _derived(shared, "rp2023_2012_activite_15_64"):
        for column, status in (("pop_15_64", "_T"), ("actifs_occupes_15_64", "1"), ("chomeurs_15_64", "2")):
            yield _row(row["territoire"], row["millesime"], "POP", row[column], sex="_T", empsta_enq=status)
    for row in rows(shared / "emploi_chomage/rp_activite_par_sexe_age_transcrit.csv", ";"):
        if row["sexe"] not in SEXES or row["age"] != "15 à 64 ans":
            continue
        unemployed = plain(Decimal(row["actifs"]) - Decimal(row["actifs_occupes"]))
        for value, status in ((row["population"], "_T"), (row["actifs_occupes"], "1"), (unemployed, "2")):
            yield _row(row["geo"], row["annee_rp"], "POP", value, sex=SEXES[row["sexe"]], empsta_enq=status)


def ages(shared: Path) -> Iterator[Row]:
    """insee__rp_ages: people by sex and five-year band, 2023; no row for France."""
    for row in _derived(shared, "rp2023_ages_quinquennaux_sexe"):
        for column, value in row.items():
            first, _, last = column.partition("_")
            if first.isdigit():
                band = f"Y{first}T{last}" if last.isdigit() else f"Y_GE{first}"
                yield _row(row["territoire"], row["millesime"], "POP", value, sex=row["sexe"], age=band)


def diplomes(shared: Path) -> Iterator[Row]:
    """insee__rp_diplomes: highest diploma of the people of 15 and over who left school, 2017 and 2023."""
    for row in _derived(shared, "rp2023_2017_diplomes_non_scolarises_15p"):
        for column, code in DIPLOMES.items():
            yield _row(row["territoire"], row["millesime"], "POP", row[column], educ=code)


def logements(shared: Path) -> Iterator[Row]:
    """insee__rp_logements: dwellings by category, 2012 and 2023."""
    for row in _derived(shared, "rp2023_2012_parc_logements"):
        for column, code in LOGEMENTS.items():
            yield _row(row["territoire"], row["millesime"], "DWELLINGS", row[column], ocs=code)


def navettes(shared: Path) -> Iterator[Row]:
    """insee__rp_navettes: employed people of 15 and over by place of work and by main mode, 2023."""
    for row in _derived(shared, "rp2023_navettes_modes_transport"):
        for column, (mode, area) in NAVETTES.items():
            yield _row(row["territoire"], row["millesime"], "POP", row[column], trans=mode, work_area=area)


CARRIERS = {
    "insee__rp_activite": activite,
    "insee__rp_ages": ages,
    "insee__rp_diplomes": diplomes,
    "insee__rp_logements": logements,
    "insee__rp_navettes": navettes,
}
