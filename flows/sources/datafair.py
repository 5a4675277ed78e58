"""The data-fair protocol (Agence ORE, ADEME): metadata, `/lines` to the last page, `/values_agg` never truncated.

Not here: which datasets and columns (ore.py, ademe_dpe.py). The addresses asked are always built here: of the `next`
of an answer only the query is read, so that an answer can never send us to another host.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flows.core.datasets import Http, Page
from flows.core.errors import SourceContentError
from flows.sources.reading import carried, object_of, wrong

Params = Sequence[tuple[str, str]]
MAX_SIZE = 10_000  # rows of a page, refused above by the server
MAX_GROUPS = 1_000  # groups of a level, refused above by the server
_AGAIN = "relancer la nuit suivante ; si cela dure, comparer la réponse au contrat de docs/sources.md."


def base(host: str, dataset: str) -> str:
    """Official address of a dataset."""
    return f"https://{host}/data-fair/api/v1/datasets/{dataset}"


def metadata(http: Http, host: str, dataset: str) -> Page:
    """The metadata of a dataset, as the page `metadata`."""
    return http.get(base(host, dataset), expect="json", name="metadata")


def updated_at(page: Page) -> str:
    """Instant of the last change of the data (ISO text) of a metadata page.

    Raises:
        DecodeError: the page does not say it.
    """
    value = object_of(page).get("dataUpdatedAt")
    if not isinstance(value, str) or not value:
        raise wrong("Les métadonnées ne donnent pas la date des données (dataUpdatedAt).", page)
    return value


def lines(http: Http, host: str, dataset: str, params: Params, name: str, size: int = MAX_SIZE) -> Iterator[Page]:
    """Every page of `/lines`, named `<name>-1`, `<name>-2`…, then nothing, or an error.

    `next` is present whenever a page is full, so the last full page still carries one: the end is the first page
    without `next` or without results. A following page without results is not yielded.

    Raises:
        SourceContentError: the rows received are not the total announced, or the total moved during the reading.
    """
    url = f"{base(host, dataset)}/lines"
    asked: Params = [*params, ("size", str(size))]
    received, total, cursors, number = 0, -1, set[str](), 0
    while True:
        number += 1
        page = http.get(url, params=asked, expect="json", name=f"{name}-{number}")
        answer = object_of(page)
        results = results_of(page)
        if total < 0:
            total = _total(answer, page)
        elif _total(answer, page) != total:
            raise SourceContentError(
                f"Le nombre de lignes annoncé est passé de {total} à {answer.get('total')} pendant la lecture.",
                where=page.address,
                todo=_AGAIN,
            )
        received += len(results)
        if results or number == 1:
            yield page
        following = answer.get("next")
        if not following or not results:
            break
        asked = parse_qsl(urlsplit(str(following)).query, keep_blank_values=True)
        cursor = dict(asked).get("after", "")
        if not cursor or cursor in cursors:
            raise SourceContentError(
                "La page suivante annoncée n'avance pas (curseur absent ou déjà lu).", where=page.address, todo=_AGAIN
            )
        cursors.add(cursor)
    if received != total:
        raise SourceContentError(
            f"{received} lignes reçues au lieu des {total} annoncées.", where=f"{url} ({name})", todo=_AGAIN
        )


def results_of(page: Page) -> list[dict[str, Any]]:
    """The rows of a `/lines` page; null fields are absent from a row.

    Raises:
        DecodeError: no list of objects under `results`.
    """
    results = object_of(page).get("results")
    if not isinstance(results, list) or not all(isinstance(row, dict) for row in results):
        raise wrong("La page n'a pas de liste « results ».", page)
    return results


def whole(pages: Sequence[Page]) -> list[tuple[Page, list[dict[str, Any]]]]:
    """Pages of `lines` with their rows, when those of each question make its total and carry what was selected.

    Raises:
        SourceContentError: more or fewer rows than announced.
        DecodeError: a selected field that no row carries (a null field is absent from its row, not from all), no
            total, no list of rows.
    """
    questions: dict[str, list[tuple[Page, list[dict[str, Any]]]]] = {}
    for page in pages:
        questions.setdefault(page.name.rsplit("-", 1)[0], []).append((page, results_of(page)))
    for read in questions.values():
        first = read[0][0]
        rows = [row for _, results in read for row in results]
        if (due := _total(object_of(first), first)) != len(rows):
            raise SourceContentError(
                f"{len(rows)} lignes dans l'édition au lieu des {due} annoncées.", where=first.address, todo=_AGAIN
            )
        selected = dict(parse_qsl(urlsplit(first.address).query)).get("select", "")
        carried(rows, [name for name in selected.split(",") if name], first)
    return [answer for read in questions.values() for answer in read]


def values_agg(http: Http, host: str, dataset: str, fields: Sequence[str], params: Params, name: str) -> Page:
    """The groups of nested `fields`, largest size allowed at each level, checked to be whole.

    Raises:
        SourceContentError: a level was truncated (`total_other` > 0), or sub-groups exceed their group.
    """
    sizes = [MAX_GROUPS] + [10] * (len(fields) - 1)
    asked = [("field", ";".join(fields)), ("agg_size", ";".join(map(str, sizes))), *params]
    page = http.get(f"{base(host, dataset)}/values_agg", params=asked, expect="json", name=name)
    list(groups(page, len(fields)))
    return page


def groups(page: Page, depth: int) -> Iterator[tuple[tuple[str, ...], int]]:
    """`((value of each field…), count)` of the innermost groups of a `values_agg` page, sorted by value.

    Raises:
        SourceContentError: a level was truncated, or sub-groups exceed their group.
        DecodeError: not a `values_agg` answer.
    """
    yield from _level(object_of(page), depth, (), page)


def _level(
    node: dict[str, Any], depth: int, above: tuple[str, ...], page: Page
) -> Iterator[tuple[tuple[str, ...], int]]:
    aggs = node.get("aggs")
    if not isinstance(aggs, list) or not all(isinstance(a, dict) and "value" in a for a in aggs):
        raise wrong("La page n'a pas de liste « aggs ».", page)
    if node.get("total_other") != 0:
        raise SourceContentError(
            f"L'agrégation est tronquée : {node.get('total_other')} lignes hors des groupes rendus.",
            where=page.address + (f" ({' / '.join(above)})" if above else ""),
            todo="demander l'agrégation en plusieurs parties : elle dépasse la taille permise.",
        )
    if sum(_total(agg, page) for agg in aggs) > _total(node, page):
        raise SourceContentError(
            "Les sous-groupes dépassent le total de leur groupe.",
            where=page.address + (f" ({' / '.join(above)})" if above else ""),
            todo=_AGAIN,
        )
    for agg in sorted(aggs, key=lambda a: str(a["value"])):
        value = (*above, str(agg["value"]))
        if len(value) == depth:
            yield value, _total(agg, page)
        else:
            yield from _level(agg, depth, value, page)


def _total(node: dict[str, Any], page: Page) -> int:
    total = node.get("total")
    if not isinstance(total, int) or isinstance(total, bool) or total < 0:
        raise wrong("La page n'annonce pas son total de lignes.", page)
    return total
