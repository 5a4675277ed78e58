"""The catalogue records of the Melodi datasets that the portal serves.

Keys and shapes are those of the catalogue recorded on 6 January 2026; long descriptions are shortened, counts and
periods come from the demonstration table. Not here: observations (`flows.portal.melodi`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from flows.portal.figures import Row, View
from flows.portal.sets import collected

_LEVELS = {
    "COM": "Commune",
    "ARR": "Arrondissement",
    "EPCI": "Etablissement public de coopération intercommunal",
    "DEP": "Département",
    "REG": "Région",
    "ZE2020": "Zones d'emploi 2020",
    "FRANCE": "France",
}
_MEASURES = {
    "MED_SL": ("Médiane du niveau de vie", "Median standard of living"),
    "PR_MD60": ("Taux de pauvreté au seuil de 60 %", "Poverty rate, threshold of 60%"),
    "NUM_HH": ("Nombre de ménages fiscaux", "Number of tax households"),
    "NUM_PER": ("Nombre de personnes", "Number of persons"),
    "PMUN": ("Population municipale", "Municipal population"),
    "PCAP": ("Population comptée à part", "Population counted apart"),
    "PTOT": ("Population totale", "Total population"),
}


@dataclass(frozen=True)
class Melodi:
    """One dataset: its table, its dimensions, its words.

    `constants` are dimensions with one code; `measures` the codes of the range, served or not; `attributes` says
    whether observations carry statuses. `dimensions` are further ones, each with the column of the tables that holds
    its codes; `more` names tables beside the first (a simulated one beside a real one: only the answers made of its
    rows say so); `unfold` turns the rows of the tables into those that are served. `geo` is false for a national
    series, which has no GEO dimension: the place of its rows is in the table only.
    """

    name: str
    table: str
    measure: str
    measures: frozenset[str]
    title: dict[str, str]
    uri: str
    issued: str
    modified: str
    product: str
    byte_size: int
    constants: dict[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    attributes: bool = False
    dimensions: Mapping[str, str] = field(default_factory=dict)
    more: tuple[str, ...] = ()
    unfold: Callable[[Sequence[Row]], Sequence[Row]] | None = None
    geo: bool = True

    def rows(self, view: View, wanted: Callable[[Row], bool] | None = None) -> list[Row]:
        """Rows of every table, as the view sees them, that `wanted` keeps."""
        found: list[Row] = []
        for table in (self.table, *self.more):
            if self.unfold is None:
                found += view.rows(table, wanted=wanted)
            else:
                found += [row for row in self.unfold(view.rows(table)) if wanted is None or wanted(row)]
        return found


@cache
def datasets() -> dict[str, Melodi]:
    """The Melodi datasets that the portal serves, by name (`MELODI` of `flows.portal.sets`)."""
    return {dataset.name: dataset for dataset in collected("MELODI")}


def level_label(level: str) -> str:
    """French label of a Melodi level, the code itself when it is not one of the house's."""
    return _LEVELS.get(level, level)


def labels(code: str) -> dict[str, Any]:
    """A measure as a range lists it: its code and its two labels."""
    fr, en = _MEASURES.get(code, (code, code))
    return {"code": code, "label": {"fr": fr, "en": en}}


def _both(fr: str, en: str) -> list[dict[str, str]]:
    return [{"lang": "fr", "content": fr}, {"lang": "en", "content": en}]


def record(dataset: Melodi, rows: Sequence[Row], modified: str = "") -> dict[str, Any]:
    """Catalogue record of a dataset; `modified` (ISO, local time) replaces the recorded date when given."""
    periods = sorted({row["time_period"] for row in rows}) or ["1900"]
    levels = sorted({row["geo_niveau"] for row in rows})
    vintage = max((row["geo_millesime"] for row in rows), default="1900") or "1900"
    product = {
        "id": dataset.product,
        "format": "CSV",
        "issued": dataset.issued,
        "modified": modified or dataset.modified,
        "title": dataset.title["fr"],
        "accessURL": f"https://api.insee.fr/melodi/file/{dataset.name}/{dataset.product}",
        "byteSize": dataset.byte_size,
        "packageFormat": "application/zip",
        "mediaType": "text/csv",
        "language": "FR",
    }
    told = {
        "identifier": dataset.name,
        "uri": dataset.uri,
        "title": _both(dataset.title["fr"], dataset.title["en"]),
        "subtitle": _both("Figures de démonstration", "Demonstration figures"),
        "description": _both(dataset.title["fr"], dataset.title["en"]),
        "accessRights": _both("Libre", "Free"),
        "processStep": _both("inseeApi", "inseeApi"),
        "confidentialityStatus": _both("Libre", "Free"),
        "type": _both("Données agrégées", "Aggregated data"),
        "issued": dataset.issued,
        "creator": "Insee",
        "modified": modified or dataset.modified,
        "publisher": {
            "id": "INSEE",
            "label": _both(
                "Institut national de la statistique et des etudes economiques (INSEE)",
                "National Institute of Statistics and Economic Studies",
            ),
        },
        "wasGeneratedBy": [{"id": "s0000", "label": _both("Portail de démonstration", "Demonstration portal")}],
        "temporal": {
            "startPeriod": f"{periods[0][:4]}-01-01T00:00:00",
            "endPeriod": f"{periods[-1][:4]}-01-01T00:00:00",
        },
        "temporalResolution": [{"label": _both("Annuel", "Annual")}],
        "accrualPeriodicity": {"label": _both("Annuel", "Annual")},
        "spatial": {"id": "DEMO", "label": _both("Territoire de démonstration", "Demonstration territory")},
        "spatialResolution": [{"id": level, "label": _both(level_label(level), level)} for level in levels],
        "spatialTemporal": f"{vintage}-01-01T01:00:00",
        "statisticalUnit": [{"label": _both("Individu", "Person")}],
        "theme": [
            {"label": _both("Revenu et consommation", "Income"), "themeTaxonomy": "classificationOfStatisticalDomain"}
        ],
        "landingPage": [[{"lang": "fr", "url": ""}, {"lang": "en", "url": ""}]],
        "structure": {"dsd": dataset.name.replace("DS_", "DSD_", 1)},
        "product": [product],
        "numObservations": len(rows),
        "numSeries": 0,
        "keyword": [{"label": _both(dataset.measure, dataset.measure)}],
        "scopeNote": _both("Portail de démonstration.", "Demonstration portal."),
        "relations": [
            {
                "title": _both("Documentation", "Documentation"),
                "titleComplement": [{"lang": "fr"}, {"lang": "en"}],
                "url": [{"lang": "fr", "content": "https://www.insee.fr/"}, {"lang": "en"}],
            }
        ],
        "abstract": _both(dataset.title["fr"], dataset.title["en"]),
    }
    if dataset.name.startswith("DD_"):  # national accounts and surveys: no vintage of the geography is recorded
        del told["spatialTemporal"]
    return told
