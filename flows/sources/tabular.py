"""The tabular API of data.gouv.fr: some rows and some columns of a CSV, instead of the whole file.

It is asked for the columns that the observatory needs and no other, so that names, telephones and addresses of
persons never come in. Not here: which file (datagouv.py) and what its columns mean (the provider's module).
Source of the method: the API's own description (filters `column__in`, `columns=`, at most 50 rows a page,
`links.next` until it is null, `meta.total`). Not every file is indexed: a file that is not answers 404 or 410.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flows.core.datasets import Http, Page
from flows.core.errors import SourceContentError
from flows.sources.decoding import require
from flows.sources.reading import named, object_of, wrong

HOST = "tabular-api.data.gouv.fr"
PAGE_SIZE = 50
MAX_PAGES = 400
ROLE = "lignes"


def rows(http: Http, resource: str, columns: Sequence[str], column: str, values: Sequence[str]) -> Iterator[Page]:
    """Every page of the rows whose `column` is one of `values`, only `columns` (pages named `lignes-1`, …).

    Raises:
        SourceContentError: no value to ask for, or more pages than can be.
    """
    url = f"https://{HOST}/api/resources/{resource}/data/"
    if not values:
        raise SourceContentError(
            "Aucune commune connue : la géographie n'a pas encore été reçue.",
            where=url,
            todo="relancer la nuit une fois geo/communes reçu.",
        )
    params = [("page", "1"), ("page_size", str(PAGE_SIZE)), ("columns", ",".join(columns))]
    params.append((f"{column}__in", ",".join(values)))
    params.append((f"{columns[0]}__sort", "asc"))  # without an order, two pages may share a row
    for number in range(1, MAX_PAGES + 1):
        page = http.get(url, params=params, expect="json", name=f"{ROLE}-{number}")
        yield page
        following = (object_of(page).get("links") or {}).get("next")
        if not following:
            return
        url, params = str(following), []
    raise SourceContentError(
        f"Plus de {MAX_PAGES} pages de {PAGE_SIZE} lignes.", where=url, todo="demander le fichier entier à la place."
    )


def read(pages: Sequence[Page], columns: Sequence[str]) -> list[tuple[Page, dict[str, Any]]]:
    """Rows of the pages with the page each came from; their number must be the one announced.

    Raises:
        DecodeError: not the answer of the tabular API, a missing column, or another number of rows than `meta.total`.
    """
    found: list[tuple[Page, dict[str, Any]]] = []
    total = None
    for page in named(pages, ROLE):
        answer = object_of(page)
        require(answer, ("data", "meta", "links"), page.address)
        lines, meta = answer["data"], answer["meta"]
        if not isinstance(lines, list) or not isinstance(meta, dict) or not isinstance(meta.get("total"), int):
            raise wrong("La réponse n'a pas la forme de l'API tabulaire (data, meta.total).", page)
        total = meta["total"]
        for line in lines:
            require(line if isinstance(line, dict) else (), columns, page.address)
            found.append((page, line))
    if total is None:
        raise wrong("Aucune page de lignes dans l'édition.", pages[0])
    if total != len(found):
        raise wrong(f"L'API annonce {total} lignes et en rend {len(found)}.", pages[-1])
    return found
