"""The Opendatasoft Explore v2.1 protocol (ODRÉ, DREES): metadata, counted JSON exports, attachments.

Not here: which datasets and columns (odre.py, drees.py). `records` is only used to count: it stops at 10,000 rows,
where an export has no limit but may break off in the middle of a 200. An export is therefore believed only when its
rows amount to what `records?limit=0` counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flows.core.datasets import Http, Page
from flows.core.errors import SourceContentError
from flows.sources.decoding import csv_rows, json_of, text_of
from flows.sources.reading import carried, object_of, plain, wrong

_INTERRUPTED = b"Streaming interrupted due to the following error"
_AGAIN = "relancer la nuit suivante ; si cela dure, comparer la réponse au contrat de docs/sources.md."


def base(host: str, dataset: str) -> str:
    """Official address of a dataset."""
    return f"https://{host}/api/explore/v2.1/catalog/datasets/{dataset}"


def metadata(http: Http, host: str, dataset: str) -> Page:
    """The metadata of a dataset, as the page `metadata`."""
    return http.get(base(host, dataset), expect="json", name="metadata")


def default_meta(page: Page, key: str) -> str:
    """One text of `metas.default` (`title`, `modified`…) of a metadata page.

    Raises:
        DecodeError: absent or empty.
    """
    metas = object_of(page).get("metas")
    default = metas.get("default") if isinstance(metas, dict) else None
    value = default.get(key) if isinstance(default, dict) else None
    if not isinstance(value, str) or not value.strip():
        raise wrong(f"Les métadonnées ne donnent pas « {key} ».", page)
    return value.strip()


def count(http: Http, host: str, dataset: str, where: str, name: str) -> Page:
    """The number of source rows of a filter, as a page whose `total_count` says it."""
    params = [("where", where)] if where else []
    return http.get(f"{base(host, dataset)}/records", params=[*params, ("limit", "0")], expect="json", name=name)


def grouped_export(
    http: Http, host: str, dataset: str, *, select: Sequence[str], where: str, group_by: Sequence[str], name: str
) -> Page:
    """An `exports/json` grouped by `group_by`, whole according to the HTTP client (`expect=json-list`)."""
    params = [("where", where), ("select", ",".join(select)), ("group_by", ",".join(group_by))]
    return http.get(f"{base(host, dataset)}/exports/json", params=params, expect="json-list", name=name)


def export(http: Http, host: str, dataset: str, *, select: Sequence[str], where: str, name: str) -> Page:
    """A plain `exports/json`, one object a record, whole according to the HTTP client. An empty `where` asks all."""
    params = [("where", where)] if where else []
    return http.get(
        f"{base(host, dataset)}/exports/json",
        params=[*params, ("select", ",".join(select))],
        expect="json-list",
        name=name,
    )


def listed_rows(export: Page, counted: Page) -> list[dict[str, Any]]:
    """The records of a plain export, which must be as many as `counted` announces.

    Raises:
        SourceContentError: interrupted, or another number of records than counted, or none at all.
        DecodeError: not a list of objects, or no count.
    """
    rows, due = _objects(export), _announced(counted)
    if len(rows) != due:
        raise SourceContentError(
            f"L'export porte {len(rows)} lignes au lieu des {due} comptées.", where=export.address, todo=_AGAIN
        )
    return _not_none(rows, export)


def fields(metadata: Page) -> frozenset[str]:
    """Names of the fields that the metadata of a dataset declare.

    Raises:
        DecodeError: no list of named fields.
    """
    declared = object_of(metadata).get("fields")
    if not isinstance(declared, list) or not all(isinstance(f, dict) and f.get("name") for f in declared):
        raise wrong("Les métadonnées ne listent pas les champs du jeu.", metadata)
    return frozenset(str(f["name"]) for f in declared)


def one_of(field: str, codes: Sequence[str]) -> str:
    """A `where` that keeps the records whose `field` is one of `codes`.

    Raises:
        SourceContentError: no code to ask for: the answer would be the whole country.
    """
    if not codes:
        raise SourceContentError(
            "Aucune commune n'est connue : rien ne peut être demandé.",
            where=field,
            todo="recevoir d'abord les communes (geo/communes), puis relancer.",
        )
    listed = ", ".join(f'"{code}"' for code in codes)
    return f"{field} in ({listed})"


def export_rows(export: Page, counted: Page, rows_field: str) -> list[dict[str, Any]]:
    """The groups of an export whose `rows_field` (a `count(*)`) must add up to what `counted` announces.

    Raises:
        SourceContentError: interrupted, or another number of source rows than counted, or none at all.
        DecodeError: not a list of objects, or no count.
    """
    rows, due = _objects(export), _announced(counted)
    if any(not isinstance(row.get(rows_field), int) for row in rows):
        raise wrong(f"Un groupe de l'export n'a pas son compte « {rows_field} ».", export)
    received = sum(row[rows_field] for row in rows)
    if received != due:
        raise SourceContentError(
            f"L'export porte sur {received} lignes au lieu des {due} comptées.", where=export.address, todo=_AGAIN
        )
    return _not_none(rows, export)


def _objects(export: Page) -> list[dict[str, Any]]:
    if _INTERRUPTED in export.body[-4096:]:
        raise SourceContentError("L'export s'est interrompu en cours de route.", where=export.address, todo=_AGAIN)
    rows = json_of(export)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise wrong("L'export n'est pas une liste d'objets JSON.", export)
    carried(rows, _selected(export.address), export)  # an export writes what is null, so that a name gone is a change
    return rows


def _selected(address: str) -> list[str]:
    """Names that the columns of an export bear, by the `select` of its address: the alias where there is one."""
    asked = dict(parse_qsl(urlsplit(address).query)).get("select", "")
    pieces = re.split(r",(?![^(]*\))", asked)
    return [re.split(r"\s+as\s+", piece.strip(), flags=re.I)[-1] for piece in pieces if piece.strip()]


def _announced(counted: Page) -> int:
    due = object_of(counted).get("total_count")
    if not isinstance(due, int) or isinstance(due, bool):
        raise wrong("La réponse n'annonce pas « total_count ».", counted)
    return due


def _not_none(rows: list[dict[str, Any]], export: Page) -> list[dict[str, Any]]:
    if not rows:
        raise SourceContentError(
            "Le filtre ne trouve aucune ligne : le code demandé n'est pas connu du jeu.",
            where=export.address,
            todo="vérifier le code du territoire et le nom du champ filtré dans les métadonnées du jeu.",
        )
    return rows


def csv_export(http: Http, host: str, dataset: str, *, select: Sequence[str], where: str, name: str) -> Page:
    """An `exports/csv` (UTF-8 with BOM, `;`, CRLF) of the rows of a filter."""
    params = [("where", where), ("select", ",".join(select)), ("delimiter", ";")]
    return http.get(f"{base(host, dataset)}/exports/csv", params=params, expect="csv", name=name)


def csv_lines(export: Page, required: Sequence[str]) -> list[dict[str, str]]:
    """The rows of an `exports/csv`, cells as written.

    Raises:
        SourceContentError: the export broke off. DecodeError: not that CSV, or a missing column (named).
    """
    if _INTERRUPTED in export.body[-4096:]:
        raise SourceContentError("L'export s'est interrompu en cours de route.", where=export.address, todo=_AGAIN)
    where = export.address
    return csv_rows(text_of(export.body, where), delimiter=";", where=where, required=required)


def counted_lines(export: Page, counted: Page, required: Sequence[str]) -> list[dict[str, str]]:
    """`csv_lines`, whose number must be what `counted` announces, and not none.

    Raises:
        SourceContentError: broken off, another number of rows than counted, or no row at all.
        DecodeError: as `csv_lines`, or no count.
    """
    rows = csv_lines(export, required)
    due = object_of(counted).get("total_count")
    if not isinstance(due, int) or isinstance(due, bool):
        raise wrong("La réponse n'annonce pas « total_count ».", counted)
    if len(rows) != due:
        raise SourceContentError(
            f"L'export a {len(rows)} lignes au lieu des {due} comptées.", where=export.address, todo=_AGAIN
        )
    if not rows:
        raise SourceContentError(
            "Le filtre ne trouve aucune ligne : le code demandé n'est pas connu du jeu.",
            where=export.address,
            todo="vérifier le code du territoire et le nom du champ filtré dans les métadonnées du jeu.",
        )
    return rows


def attachments(http: Http, host: str, dataset: str) -> Page:
    """The list of attached files, as the page `attachments`."""
    return http.get(f"{base(host, dataset)}/attachments", expect="json", name="attachments")


def attachment_address(page: Page, host: str, dataset: str, title: str) -> str:
    """Official address of the only attachment whose title contains `title` (case, accents and blanks set apart).

    Raises:
        SourceContentError: none or several; the message lists the titles seen.
        DecodeError: not an attachments answer.
    """
    listed = object_of(page).get("attachments")
    if not isinstance(listed, list):
        raise wrong("La page n'a pas de liste « attachments ».", page)
    found, titles = [], []
    for item in listed:
        metas = item.get("metas") if isinstance(item, dict) else None
        metas = metas if isinstance(metas, dict) else {}
        titles.append(str(metas.get("title", "")))
        identifier = str(
            metas.get("id") or str(item.get("href", "") if isinstance(item, dict) else "").split("/")[-1]
        )
        if plain(title) in plain(titles[-1]) and identifier:
            found.append(identifier)
    if any(not re.fullmatch(r"[A-Za-z0-9_.-]+", identifier) for identifier in found):
        raise wrong("L'identifiant d'une pièce jointe n'en est pas un.", page, ", ".join(found))
    if len(found) != 1:
        raise SourceContentError(
            f"{len(found)} pièces jointes ont « {title} » dans leur titre au lieu d'une ; "
            f"titres vus : {' ; '.join(titles) or 'aucun'}.",
            where=page.address,
            todo="choisir la bonne pièce jointe et corriger le titre cherché dans flows/sources.",
        )
    return f"{base(host, dataset)}/attachments/{found[0]}"
