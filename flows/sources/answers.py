"""From an HTTP answer to a page of an edition, or to the error that says why not.

Not here: sending, retrying, redirecting (http.py) and judging a body of 200 (checks.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flows.core.datasets import Page
from flows.core.errors import SourceContentError, SourceError, SourceUnavailable, SourceWithdrawn
from flows.sources.addresses import scrub, shown
from flows.sources.checks import excerpt

# Set by the local portal on answers whose figures are simulated, so that everything computed from them says so.
SIMULATED_HEADER = "X-Observatoire-Simule"


@dataclass(frozen=True)
class StoredPage:
    """What the raw store remembers of an address, for conditional requests (a `Page` does as well)."""

    body: bytes
    etag: str = ""
    last_modified: str = ""
    content_type: str = ""
    simulated: bool = False


@dataclass(frozen=True)
class Answer:
    """Status, headers (case does not matter in their names) and whole body, decompressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def check_status(address: str, answer: Answer, *, secrets: Sequence[str]) -> None:
    """Raise unless the status announces a body; `secrets` never appear in the message even if the server echoes them.

    Raises:
        SourceWithdrawn: 404 or 410. SourceContentError: any other status that is not 200, 203, 204 or 206.
    """
    # 206: a page that is not the last (Hub'Eau). We never ask for ranges, and sources count the rows of pages.
    if answer.status in (200, 203, 204, 206):
        return
    said = scrub(excerpt(answer.body), secrets)
    error: SourceError
    if answer.status in (404, 410):
        error = SourceWithdrawn(
            f"L'éditeur ne publie pas ou plus cette adresse ({answer.status}) : « {said} ».",
            where=shown(address),
            todo="chercher la nouvelle adresse du jeu ; les derniers chiffres acceptés restent publiés.",
        )
    else:
        error = SourceContentError(
            f"L'éditeur refuse la demande ({answer.status}) : « {said} ».",
            where=shown(address),
            todo="comparer la demande avec la documentation de l'éditeur (docs/sources.md).",
        )
    error.status = answer.status
    raise error


def page_of(address: str, answer: Answer, name: str, known: StoredPage | Page | None) -> Page:
    """The page of an answer; `known` is the stored page that a 304 confirmed, None otherwise."""
    headers = answer.headers
    simulated = headers.get(SIMULATED_HEADER) == "1"
    if known is not None:
        return Page(
            address=shown(address),
            body=known.body,
            content_type=known.content_type or headers.get("Content-Type", ""),
            etag=known.etag,
            last_modified=known.last_modified,
            simulated=simulated or known.simulated,
            name=name,
        )
    return Page(
        address=shown(address),
        body=answer.body,
        content_type=headers.get("Content-Type", ""),
        etag=headers.get("ETag", ""),
        last_modified=headers.get("Last-Modified", ""),
        status=answer.status,
        simulated=simulated,
        name=name,
    )


def gave_up(address: str, what: str, status: int | None, wait: float | None, attempts: int) -> SourceUnavailable:
    """The error of a request that used up its tries; `what` is the last failure, `wait` the seconds asked of us."""
    count = f"{attempts} essai{'s' if attempts > 1 else ''}"
    todo = "attendre la prochaine nuit ; si cela dure plusieurs jours, prévenir l'éditeur."
    if status == 429:
        what = f"{what} : trop de requêtes"
        asked = f" L'éditeur demande d'attendre {wait:.0f} s." if wait is not None else ""
        todo = f"attendre et relancer ; aucune autre application ne doit partager cette adresse.{asked}"
    error = SourceUnavailable(f"{what} ({count}).", where=shown(address), todo=todo)
    error.status = status
    return error


def refused(what: str, address: str) -> SourceContentError:
    """An answer that asking again cannot mend: too large, redirected astray, encoded in an unknown way."""
    return SourceContentError(what, where=shown(address), todo="vérifier l'adresse et prévenir l'éditeur.")


@dataclass(eq=False)
class Failure(Exception):
    """One try failed; `final` when asking again cannot help."""

    what: str
    status: int | None = None
    wait: float | None = None
    final: SourceError | None = None

    @classmethod
    def final_of(cls, what: str, address: str) -> Failure:
        return cls(what, final=refused(what, address))
