"""data.gouv.fr: from a dataset to one of its files, discovered at each run and checked against its checksum.

Not here: what is inside the file (cerema.py, irve.py, ges.py). The address under static.data.gouv.fr changes at each
upload: only the dataset id and a pattern of title are configuration.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flows.core.datasets import FetchContext, Http, Page, Partition
from flows.core.errors import SourceContentError, SourceWithdrawn
from flows.sources.reading import named, object_of, plain, wrong

_API = "https://www.data.gouv.fr/api"
_PAGE_SIZE = 50
_MAX_PAGES = 100
_ALGORITHMS = {"sha1", "sha256", "md5"}


@dataclass(frozen=True)
class Wanted:
    """Which file of which dataset.

    Attributes:
        dataset: id or slug. title: regular expression looked for in the title, without accents and in lower case.
        format: `csv`, `xlsx`… as the publisher declares it. expect: kind of body for the HTTP client.
        withdrawn: French advice when the dataset is gone (404, 410).
    """

    dataset: str
    title: str
    format: str
    expect: str
    withdrawn: str = ""


@dataclass(frozen=True)
class Resource:
    """One file of a dataset: `address` is the stable link, `token` changes when the file does."""

    id: str
    title: str
    address: str
    last_modified: str
    checksum: tuple[str, str] | None

    @property
    def token(self) -> str:
        return self.checksum[1] if self.checksum else self.last_modified


def resource(http: Http, wanted: Wanted) -> tuple[list[Page], Resource]:
    """The file wanted and the discovery pages that led to it (named `metadata`, `metadata-2`…).

    When several match, the most recently modified one is taken: publishers keep past vintages beside the newest.

    Raises:
        SourceWithdrawn: the dataset is gone. SourceContentError: no such file; the message lists the titles seen.
    """
    try:
        first = http.get(f"{_API}/1/datasets/{wanted.dataset}/", expect="json", name="metadata")
    except SourceWithdrawn as error:
        if not wanted.withdrawn:
            raise
        raise SourceWithdrawn(error.what, where=error.where, todo=wanted.withdrawn) from error
    pages = [first]
    answer = object_of(first)
    if answer.get("deleted"):
        raise SourceWithdrawn(
            f"Le jeu de données est supprimé depuis le {str(answer['deleted'])[:10]}.",
            where=first.address,
            todo=wanted.withdrawn
            or "chercher le jeu qui le remplace ; les derniers chiffres acceptés restent publiés.",
        )
    listed = _listed(answer.get("resources"), first)
    found = [r for r in listed if _matches(r, wanted)]
    if not found:
        # The short answer leaves files out of long lists: read the whole list before saying that one is missing.
        for page in _listing(http, wanted):
            pages.append(page)
            more = _listed(object_of(page).get("data"), page)
            listed += more
            found += [r for r in more if _matches(r, wanted)]
    if not found:
        titles = sorted({str(r.get("title", "")) for r in listed})
        raise SourceContentError(
            f"Aucun fichier {wanted.format} du jeu n'a le titre attendu ; titres vus : {' ; '.join(titles[:10])}.",
            where=first.address,
            todo="ouvrir la page du jeu, repérer le nouveau titre et corriger flows/sources.",
        )
    newest = max(found, key=lambda r: (str(r.get("last_modified") or ""), str(r.get("id"))))
    return pages, _resource(newest, first)


def described(pages: Sequence[Page], wanted: Wanted) -> Resource:
    """The file wanted, as the discovery pages of an edition describe it: a decoder reads its date there.

    Raises:
        DecodeError: none of the pages lists it.
    """
    found = []
    for page in named(pages, "metadata"):
        answer = object_of(page)
        listed = _listed(answer.get("resources", answer.get("data")), page)
        found += [(r, page) for r in listed if _matches(r, wanted)]
    if not found:
        raise wrong("Les pages de découverte ne décrivent pas le fichier lu.", pages[0])
    newest, page = max(found, key=lambda pair: (str(pair[0].get("last_modified") or ""), str(pair[0].get("id"))))
    return _resource(newest, page)


def download(http: Http, wanted: Wanted) -> Iterator[Page]:
    """The discovery pages then the file, named `data`.

    Raises:
        SourceContentError: the file is not the one whose checksum is announced; and as `resource`.
    """
    pages, chosen = resource(http, wanted)
    body = http.get(chosen.address, expect=wanted.expect, name="data")
    if chosen.checksum:
        algorithm, due = chosen.checksum
        found = hashlib.new(algorithm, body.body, usedforsecurity=False).hexdigest()
        if found != due.lower():
            raise SourceContentError(
                f"Le fichier reçu n'est pas celui qu'annonce data.gouv.fr ({algorithm} {found} au lieu de {due}).",
                where=chosen.address,
                todo="relancer la nuit suivante : le fichier a pu être remplacé pendant la lecture, ou coupé.",
            )
    yield from pages
    yield body


Fetch = Callable[[FetchContext, Partition], Iterator[Page]]
Probe = Callable[[FetchContext, Partition], str]


def whole_file(wanted: Wanted) -> tuple[Fetch, Probe]:
    """`fetch` and `probe` of a dataset that is one file: `download`; its checksum, or its date when none is given."""

    def fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
        return download(ctx.http, wanted)

    def probe(ctx: FetchContext, partition: Partition) -> str:
        return resource(ctx.http, wanted)[1].token

    return fetch, probe


def _listing(http: Http, wanted: Wanted) -> Iterator[Page]:
    received, number = 0, 1
    while True:
        params = [("page", str(number)), ("page_size", str(_PAGE_SIZE)), ("type", "main")]
        url = f"{_API}/2/datasets/{wanted.dataset}/resources/"
        page = http.get(url, params=params, expect="json", name=f"metadata-{number + 1}")
        answer = object_of(page)
        received += len(_listed(answer.get("data"), page))
        yield page
        if not answer.get("next_page") or number >= _MAX_PAGES:
            break
        number += 1
    if received != answer.get("total"):
        raise SourceContentError(
            f"{received} fichiers listés au lieu des {answer.get('total')} annoncés.",
            where=page.address,
            todo="relancer la nuit suivante ; si cela dure, prévenir data.gouv.fr.",
        )


def _listed(value: Any, page: Page) -> list[dict[str, Any]]:
    # api/1 may answer a link instead of a list when the list is long.
    if isinstance(value, dict) and "href" in value:
        return []
    if not isinstance(value, list) or not all(isinstance(r, dict) for r in value):
        raise wrong("La page ne liste pas les fichiers du jeu.", page)
    return list(value)


def _matches(resource: dict[str, Any], wanted: Wanted) -> bool:
    return (
        resource.get("type", "main") == "main"
        and str(resource.get("format") or "").lower() == wanted.format
        and re.search(wanted.title, plain(str(resource.get("title") or ""))) is not None
    )


def _resource(value: dict[str, Any], page: Page) -> Resource:
    identifier = str(value.get("id") or "")
    if not re.fullmatch(r"[0-9a-f-]{8,40}", identifier):
        raise wrong(f"L'identifiant de fichier « {identifier} » n'en est pas un.", page)
    checksum = value.get("checksum")
    pair = None
    if isinstance(checksum, dict) and checksum.get("value") and str(checksum.get("type")) in _ALGORITHMS:
        pair = (str(checksum["type"]), str(checksum["value"]))
    return Resource(
        id=identifier,
        title=str(value.get("title") or ""),
        address=f"{_API}/1/datasets/r/{identifier}",
        last_modified=str(value.get("last_modified") or ""),
        checksum=pair,
    )
