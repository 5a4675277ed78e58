"""Insee: the archive of the code officiel géographique, and the yearly tables of the members of EPCI.

Columns are those of the original files; those that the observatory does not land are left empty. Reconstructed: the
names inside the archives, the page number of the COG, the two-digit names of the tables before 2023.
Not here: the other files of the COG archive (départements, régions, cantons).
"""

from __future__ import annotations

from functools import partial

from flows.portal.figures import View, spec
from flows.portal.payloads import Archive, Book, Cell, Csv, Sheet, words

YEAR = 2024
_FIRST = 2008
_NOW = "TYPECOM COM REG DEP CTCD ARR TNCC NCC NCCENR LIBELLE CAN COMPARENT"
_MOVED = (
    "MOD DATE_EFF TYPECOM_AV COM_AV TNCC_AV NCC_AV NCCENR_AV LIBELLE_AV "
    "TYPECOM_AP COM_AP TNCC_AP NCC_AP NCCENR_AP LIBELLE_AP"
)

TABLES = {
    "insee__cog": spec(
        "objet mod date_eff typecom_av com_av libelle_av typecom_ap com_ap libelle_ap",
        "com_ap",
        "libelle_ap",
        ("objet", "commune"),
    ),
    "insee__appartenances": spec("annee codgeo libgeo epci", "codgeo", "epci"),
}


def cog(view: View) -> Archive:
    """v_commune and v_mvt_commune of the year."""
    now: list[list[Cell]] = []
    moved: list[list[Cell]] = []
    for row in view.rows("insee__cog"):
        if row["objet"] == "commune":
            told = {"TYPECOM": row["typecom_ap"], "COM": row["com_ap"], "DEP": row["com_ap"][:2]}
            told["LIBELLE"] = row["libelle_ap"]
            now.append([told.get(name, "") for name in words(_NOW)])
        else:
            told = {name.upper(): value for name, value in row.items()}
            moved.append([told.get(name, "") for name in words(_MOVED)])
    return Archive(
        [
            (f"v_commune_{YEAR}.csv", Csv(words(_NOW), now)),
            (f"v_mvt_commune_{YEAR}.csv", Csv(words(_MOVED), moved)),
        ]
    )


def members(view: View, year: int) -> Archive:
    """The workbook of one year: titles, labels on row 5, codes on row 6, as every table of the site."""
    header = words("CODGEO LIBGEO DEP REG EPCI")
    lines: list[list[Cell]] = [
        ["Table d'appartenance géographique des communes"],
        [f"Géographie au 01/01/{year}"],
        ["Insee"],
        [],
        ["Code géographique", "Libellé géographique", "Département", "Région", "Intercommunalité - Métropole"],
        list(header),
    ]
    rows = [row for row in view.rows("insee__appartenances") if row["annee"] == str(year)]
    region = "32" if year >= 2016 else "31"  # the regions were merged on 1 January 2016
    lines += [[r["codgeo"], r["libgeo"], r["codgeo"][:2], region, r["epci"] or "ZZZZZZZZZ"] for r in rows]
    return Archive([(f"table-appartenance-geo-communes-{year}.xlsx", Book([Sheet("COM", lines, codes=5)]))])


def _year_in_name(year: int) -> str:
    return str(year) if year >= 2024 else f"{year % 100:02d}"


INSEE_FILES = {
    f"7766585/cog_ensemble_{YEAR}_csv.zip": (cog, "application/zip", "COM"),
    **{
        f"7671844/table-appartenance-geo-communes-{_year_in_name(year)}.zip": (
            partial(members, year=year),
            "application/zip",
            "CODGEO",
        )
        for year in range(_FIRST, YEAR + 1)
    },
}
