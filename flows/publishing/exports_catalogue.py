"""The machine-readable catalogues of the downloads: DCAT-AP (JSON-LD) and a Frictionless data package.

Both are functions of the release and of the files written beside them. Not here: the files themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flows.core.tables import Release
from flows.publishing.exports_rows import COLUMNS, KEY, NUMBERS

MEDIA = {
    ".csv": ("text/csv", "CSV"),
    ".json": ("application/json", "JSON"),
    ".jsonld": ("application/ld+json", "JSON_LD"),
    ".parquet": ("application/vnd.apache.parquet", "PARQUET"),
    ".xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "XLSX"),
    ".svg": ("image/svg+xml", "SVG"),
    ".png": ("image/png", "PNG"),
}
LICENCE = "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"
ODBL = "https://opendatacommons.org/licenses/odbl/1-0/"
_LICENSES = {  # as a data package writes them
    LICENCE: {"name": "etalab-2.0", "title": "Licence Ouverte 2.0", "path": LICENCE},
    ODBL: {"name": "ODbL-1.0", "title": "Open Data Commons Open Database License 1.0", "path": ODBL},
}
_FREQUENCIES = {
    "annuelle": "ANNUAL",
    "trimestrielle": "QUARTERLY",
    "mensuelle": "MONTHLY",
    "quotidienne": "DAILY",
    "irrégulière": "IRREG",
}
_MEANINGS = {
    "indicateur": "Identifiant de l’indicateur",
    "territoire_niveau": "Niveau du territoire",
    "territoire_code": "Code officiel du territoire",
    "territoire": "Nom du territoire",
    "periode": "Période : 2021, 2018/2022, 2021-T3, 2021-06 ou 2021-06-15",
    "ventilation": "Ventilation ; vide pour le total",
    "valeur": "Valeur ; vide quand elle est secrète ou manquante",
    "unite": "Unité",
    "borne_basse": "Borne basse de l’intervalle publié",
    "borne_haute": "Borne haute de l’intervalle publié",
    "statut": "definitif, provisoire, estime, secret ou manquant",
    "nature": "publie, recalcule, saisi ou simule",
    "note": "Remarque sur ce chiffre",
    "millesime": "Millésime de la source",
    "source": "Éditeur et jeu de données",
    "licence": "Licence de la source",
}


@dataclass(frozen=True)
class Written:
    """A file of the exports on the disk: address under the site's root (no leading slash), octets, digest, address of
    its licence, and the first line of a CSV ("" for another file)."""

    address: str
    size: int
    sha256: str
    licence: str = LICENCE
    header: str = ""

    @property
    def suffix(self) -> str:
        return "." + self.address.rsplit(".", 1)[-1]


def data_package(release: Release, files: Sequence[Written]) -> dict[str, Any]:
    """Frictionless data package (v1 profile) of the tabular files of `/telechargements/`."""
    resources = []
    for file in files:
        if not file.address.startswith("telechargements/") or file.suffix not in MEDIA:
            continue
        name = file.address.removeprefix("telechargements/")
        resource: dict[str, Any] = {
            "name": name.replace(".", "-").lower(),
            "path": name,
            "format": file.suffix[1:],
            "mediatype": MEDIA[file.suffix][0],
            "bytes": file.size,
            "hash": f"sha256:{file.sha256}",
            "licenses": [_LICENSES[file.licence]],
        }
        if file.suffix == ".csv":
            resource |= {"profile": "tabular-data-resource", "encoding": "utf-8"}
            resource["dialect"] = {"delimiter": ",", "lineTerminator": "\r\n", "header": True}
            resource["schema"] = _schema(file)
        resources.append(resource)
    return {
        "profile": "data-package",
        "name": "observatoire-2044",
        "title": "Observatoire 2044 : les chiffres du Projet de Territoire",
        "description": _summary(release),
        "version": release.id,
        "created": f"{release.nuit}T00:00:00Z",
        "licenses": [_LICENSES[LICENCE]],
        "resources": resources,
    }


def _schema(file: Written) -> dict[str, Any]:
    header = file.header.split(",")
    if tuple(header) != COLUMNS:
        return {"fields": [{"name": name, "type": "any"} for name in header]}
    fields = [
        {"name": c, "type": "number" if c in NUMBERS else "string", "description": _MEANINGS[c]} for c in COLUMNS
    ]
    return {"fields": fields, "primaryKey": list(KEY), "missingValues": [""]}


def dcat(release: Release, files: Sequence[Written], base_url: str) -> dict[str, Any]:
    """DCAT-AP catalogue in JSON-LD: one dataset for the whole and one an indicator, each with its distributions.

    Args:
        base_url: public address of the site, with its final slash.
    """
    own = [row for row in release.table("dim_territory").to_pylist() if row["role"] == "territoire"]
    publisher = {"@type": "foaf:Organization", "foaf:name": own[0]["nom"] if own else "Observatoire 2044"}
    spatial = [f"http://id.insee.fr/geo/intercommunalite/{row['code']}" for row in own]
    datasets = [
        _dataset(
            release,
            base_url,
            ident="telechargements/",
            title="Toutes les observations de l’Observatoire 2044",
            about=_summary(release),
            frequency="DAILY",
            files=[f for f in files if f.address.startswith("telechargements/observations.")],
            publisher=publisher,
            spatial=spatial,
        ),
        _dataset(
            release,
            base_url,
            ident="telechargements/#odbl",
            title="Les observations de l’Observatoire 2044 tirées de bases sous licence ODbL",
            about=_summary(release),
            frequency="DAILY",
            files=[f for f in files if f.address.startswith("telechargements/observations-odbl.")],
            publisher=publisher,
            spatial=spatial,
        ),
    ]
    indicators = sorted(release.table("dim_indicator").to_pylist(), key=lambda r: (r["ordre"] or 0, r["indicateur"]))
    for row in indicators:
        slug = row["indicateur"].replace("_", "-")
        own_files = [f for f in files if f.address.rsplit(".", 1)[0] == f"indicateurs/{slug}"]
        datasets.append(
            _dataset(
                release,
                base_url,
                ident=f"indicateurs/{slug}/",
                title=row["titre"],
                about=row["definition"],
                frequency=_FREQUENCIES.get(row["periodicite"], "UNKNOWN"),
                files=own_files,
                publisher=publisher,
                spatial=spatial,
            )
        )
    return {
        "@context": _CONTEXT,
        "@id": f"{base_url}telechargements/catalogue.jsonld",
        "@type": "dcat:Catalog",
        "dct:title": _fr("Observatoire 2044"),
        "dct:description": _fr(_summary(release)),
        "dct:publisher": publisher,
        "dct:issued": _date(release.nuit),
        "dct:language": {"@id": "http://publications.europa.eu/resource/authority/language/FRA"},
        "foaf:homepage": {"@id": base_url},
        "dcat:dataset": datasets,
    }


_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def _dataset(
    release: Release,
    base_url: str,
    *,
    ident: str,
    title: str,
    about: str,
    frequency: str,
    files: Sequence[Written],
    publisher: Mapping[str, Any],
    spatial: Sequence[str],
) -> dict[str, Any]:
    return {
        "@id": f"{base_url}{ident}",
        "@type": "dcat:Dataset",
        "dct:title": _fr(title),
        "dct:description": _fr(about),
        "dct:publisher": publisher,
        "dct:modified": _date(release.nuit),
        "dct:hasVersion": release.id,
        "dct:spatial": [{"@id": address} for address in spatial],
        "dct:accrualPeriodicity": {"@id": f"http://publications.europa.eu/resource/authority/frequency/{frequency}"},
        "dcat:landingPage": {"@id": f"{base_url}{ident}"},
        "dcat:distribution": [_distribution(base_url, file) for file in files if file.suffix in MEDIA],
    }


def _distribution(base_url: str, file: Written) -> dict[str, Any]:
    media, kind = MEDIA[file.suffix]
    return {
        "@type": "dcat:Distribution",
        "dct:title": _fr(file.address.rsplit("/", 1)[-1]),
        "dcat:accessURL": {"@id": f"{base_url}{file.address}"},
        "dcat:downloadURL": {"@id": f"{base_url}{file.address}"},
        "dcat:mediaType": {"@id": f"https://www.iana.org/assignments/media-types/{media}"},
        "dct:format": {"@id": f"http://publications.europa.eu/resource/authority/file-type/{kind}"},
        "dct:license": {"@id": file.licence},
        "dcat:byteSize": {"@value": str(file.size), "@type": "xsd:nonNegativeInteger"},
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": file.sha256,
        },
    }


def _summary(release: Release) -> str:
    text = "Les chiffres de l’observatoire du Projet de Territoire 2024-2044 : une ligne par observation."
    if release.mode == "demonstration":
        text += " Version de démonstration : certaines séries sont simulées, la colonne « nature » le dit."
    return text


def _fr(text: str) -> dict[str, str]:
    return {"@value": text, "@language": "fr"}


def _date(nuit: str) -> dict[str, str]:
    return {"@value": nuit, "@type": "xsd:date"}
