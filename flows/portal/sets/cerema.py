"""Cerema: land consumption, one wide CSV behind data.gouv.fr.

The header is the official one (contract §5.1); columns that the demonstration does not know stay empty. The real file
is national: this one holds the demonstration communes. Not here: discovery (`flows.portal.datagouv`).
"""

from __future__ import annotations

from flows.portal.datagouv_files import File
from flows.portal.figures import Row, View, spec
from flows.portal.geo import DEPARTEMENTS, EPCI, REGIONS
from flows.portal.payloads import Cell, Csv, words

TABLES = {
    "cerema__consommation_enaf": spec("idcom idcomtxt epci25 annee naf_m2 surfcom_m2", "idcom", "naf_m2 surfcom_m2"),
}


def cerema_header(last: int = 2024) -> list[str]:
    """The columns of `conso-com.csv`, in their order (172 of them in 2026); `last`: newest year of flows."""
    flows = words("naf{a}art{b} art{a}hab{b} art{a}act{b} art{a}inc{b} art{a}mix{b} art{a}fer{b} art{a}rou{b}")
    spans = [(year, year + 1) for year in range(11, last % 100 + 1)] + [(11, 25), (11, 21), (21, 25)]
    yearly = [name.format(a=a, b=b) for a, b in spans for name in flows]
    return [
        *words("idcom idcomtxt idreg idregtxt iddep iddeptxt epci25 epci25txt scot aav2020 libaav2020 cateaav2020"),
        *words("taav2017 tdaav2017 littoral montagne_urba abc libdens_aav"),
        *yearly,
        *words("pop11 pop16 pop22 pop1116 pop1622 pop1122 men11 men16 men22 men1116 men1622 men1122"),
        *words("emp11 emp16 emp22 emp1116 emp1622 emp1122 mepart1116 mepart1622 mepart1122"),
        *words("menhab1116 menhab1622 menhab1122 artpop1622 artpop1116 artpop1122 naf11art16 naf16art22 naf11art22"),
        *words("art11hab16 art16hab22 art11hab22 surfcom2025 artcom1125"),
    ]


def cerema(view: View) -> Csv:
    """Land consumption: one row a commune; a (commune, year) pair doubled by a fault doubles the commune's row."""
    lines: list[list[Cell]] = []
    rows = view.rows("cerema__consommation_enaf")
    header = cerema_header(max((int(row["annee"]) for row in rows), default=2024))
    for row in _wide(rows):
        place = view.figures.communes.get(row["idcom"], {})
        region, area = place.get("code_region", ""), place.get("code_departement", row["idcom"][:2])
        cells = {
            "idreg": region,
            "idregtxt": REGIONS.get(region, ""),
            "iddep": area,
            "iddeptxt": DEPARTEMENTS.get(area, ""),
            "epci25txt": EPCI[row["epci25"]][0] if row["epci25"] in EPCI else "",
            "littoral": "NC",
            "montagne_urba": "out",
            **row,
        }
        lines.append([cells.get(name, "") for name in header])
    return Csv(header, lines)


def _wide(rows: list[Row]) -> list[dict[str, str]]:
    """Rows of one commune and year turned into rows of one commune; a repeated year opens another row."""
    open_rows: dict[str, dict[str, str]] = {}
    out = []
    for row in rows:
        start = int(row["annee"]) % 100
        column = f"naf{start:02d}art{start + 1:02d}"
        wide = open_rows.get(row["idcom"])
        if wide is None or column in wide:
            wide = {
                "idcom": row["idcom"],
                "idcomtxt": row["idcomtxt"],
                "epci25": row["epci25"],
                "surfcom2025": _point(row["surfcom_m2"]),
            }
            open_rows[row["idcom"]] = wide
            out.append(wide)
        wide[column] = _point(row["naf_m2"])
    return out


def _point(text: str) -> str:
    """A number as that file writes it: always with a point."""
    return text if not text or "." in text else f"{text}.0"


FILES = (
    File(
        dataset="6a01b9280dd2d45907e5fc61",
        slug="consommation-d-espaces-naturels-agricoles-et-forestiers-2011-2025",
        dataset_title="Consommation d'espaces naturels, agricoles et forestiers, 2011-2025",
        organisation="Cerema",
        licence="lov2",
        frequency="annual",
        resource="b258feec-f8ff-4e0a-93b3-baf1fe46ef66",
        title="conso-com.csv",
        name="conso-com.csv",
        modified="2026-07-24T09:41:17",
        main="idcom",
        payload=cerema,
    ),
)
