"""What a dataset declares and what an edition of it is: the objects that sources, landing and flows hand over.

Not here: fetching (flows.sources), storing (flows.landing), checking (flows.quality). Everything in this module is
a plain value; a dataset is declared once, in its provider's module, as `<provider>/<name>`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import pyarrow as pa

from flows.core.words import Accumulation, Cycle, Transport


@dataclass(frozen=True)
class Partition:
    """One unit of an edition: a year, a month, a file, a group of territories.

    `key` is a slug (`[a-z0-9-]+`), stable over time; `params` is whatever the source needs to fetch it.
    `closed` says that the publisher will not change it any more: once an edition of it is accepted, a nightly
    run does not ask again (a yearly run does).
    """

    key: str
    params: Mapping[str, Any] = field(default_factory=dict)
    closed: bool = False


@dataclass(frozen=True)
class Page:
    """One answer, byte for byte. `address` is always the official one, whatever the transport."""

    address: str
    body: bytes
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
    status: int = 200
    simulated: bool = False
    name: str = ""  # role of the page inside the edition when decoding needs it ("metadata", "data-2")

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.body).hexdigest()


# The similar EPCI taken together (`Territory.comparables`), as a territory of level `groupe`: code and name.
GROUPE = ("comparables", "Moyenne des intercommunalités comparables")


@dataclass(frozen=True)
class Territory:
    """The territory of `observatoire.toml`, as sources and rules need it: codes are text, never hard-coded.

    Attributes:
        epci: SIREN of the EPCI that owns the observatory.
        voisins: SIREN of the neighbouring EPCI whose communes are kept too.
        references: comparison territories, each `(niveau, code, nom)`; `niveau` is a `Niveau` value.
        departement, region, arrondissement, zone_emploi: codes of the levels above.
        departements_region: codes of every département of the region, ours among them: what a figure of the region
            is the sum of, when its publisher gives départements only.
        comparables: similar EPCI, each `(siren, nom, raison)`: their published figures make the mean of the group
            `GROUPE`; they have no page and no line of their own.
    """

    epci: str
    nom: str
    voisins: tuple[str, ...]
    departement: str
    region: str
    arrondissement: str
    zone_emploi: str
    references: tuple[tuple[str, str, str], ...]
    comparables: tuple[tuple[str, str, str], ...] = ()
    departements_region: tuple[str, ...] = ()

    @property
    def epcis(self) -> tuple[str, ...]:
        """Own EPCI first, then neighbours."""
        return (self.epci, *self.voisins)

    @property
    def epcis_compares(self) -> tuple[str, ...]:
        """Every EPCI whose published figures serve: ours, the neighbours, the references, the similar ones."""
        compared = (code for niveau, code, _ in self.references if niveau == "epci")
        return tuple(dict.fromkeys((*self.epcis, *compared, *(siren for siren, _, _ in self.comparables))))


def departments_of(codes: Iterable[str], own: str) -> tuple[str, ...]:
    """`Territory.departements_region` from the territory file, in its order.

    Raises:
        ValueError: a code that is not text, one twice, or ours missing; said in French.
    """
    found = tuple(codes)
    if not all(isinstance(code, str) for code in found):
        raise ValueError("departements_region : un code de département s'écrit entre guillemets")
    if len(set(found)) < len(found):
        raise ValueError("departements_region : un département y est deux fois")
    if own not in found:
        raise ValueError(f"departements_region : le département {own} du territoire n'y est pas")
    return found


def similar_epci(rows: Iterable[Mapping[str, Any]], own: str) -> tuple[tuple[str, str, str], ...]:
    """`Territory.comparables` from the `[[comparables]]` of the territory file, in its order.

    Raises:
        KeyError: a row without `code`, `nom` or `raison`.
        ValueError: a code that is not a SIREN (text), a blank reason, an EPCI twice, our own; said in French.
    """
    found = tuple((row["code"], row["nom"], row["raison"]) for row in rows)
    for code, nom, raison in found:
        if not (isinstance(code, str) and len(code) == 9 and code.isdigit()):
            raise ValueError(f"comparables : le code {code!r} n'est pas un SIREN de neuf chiffres entre guillemets")
        if not all(isinstance(text, str) and text.strip() for text in (nom, raison)):
            raise ValueError(f"comparables : {code} n'a pas de nom ou pas de raison d'être comparée")
    codes = [own, *(code for code, _, _ in found)]
    if len(set(codes)) != len(codes):
        raise ValueError("comparables : une intercommunalité est nommée deux fois, ou c'est celle de l'observatoire")
    return found


class Http(Protocol):
    """The only door to the network, as sources see it (built in `flows.sources.http`)."""

    def get(
        self,
        url: str,
        *,
        params: Sequence[tuple[str, str]] | Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        expect: str = "",
        allow_empty: bool = False,
        name: str = "",
        retry_statuses: Collection[int] | None = None,
    ) -> Page: ...

    def post_json(
        self, url: str, payload: Mapping[str, Any], *, headers: Mapping[str, str] | None = None
    ) -> Page: ...


@dataclass(frozen=True)
class FetchContext:
    """What a source may use to fetch: nothing else is reachable from `flows.sources`.

    Attributes:
        nuit: the night this run belongs to (Europe/Paris date, from the schedule, never from the clock).
        communes: codes of the communes of the territory and its neighbours: those just landed and those the
            published release knows; empty on the very first run until `geo` has been landed.
        credentials: secrets by name, already checked for presence.
        known: partition keys of this dataset that the published release reads.
    """

    http: Http
    territory: Territory
    nuit: dt.date
    communes: tuple[str, ...] = ()
    credentials: Mapping[str, str] = field(default_factory=dict)
    known: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Dataset:
    """A dataset, declared once.

    Attributes:
        id: `provider/name`; the dbt staging model is `stg_<provider>__<name>`.
        titre, editeur, licence, attribution, page: French words and the human address of the dataset.
        licence: id in `LICENCES`.
        periodicite: French adjective shown to readers ("annuelle", "quotidienne"...).
        periode_mois: expected months between two vintages (0: published once, no update announced);
            delai_mois: months between the end of a period and its
            publication. Next update expected = end of last period + periode_mois + delai_mois, end of month.
        cycle: nocturne or annuel.
        accumulation, key: rule 1 of the house; `key` (columns of `schema`) is required when cumulatif.
        niveaux: levels the answer carries; cog_year: year of the commune codes, None when it has no communes.
        absences: expected absences, in French, shown to stewards; absent_codes: commune codes whose absence is
            expected and does not block.
        empty_expected: an empty answer is normal (Atmo before 14:00).
        brut_public, raison_brut_prive: may the raw bytes be published; if not, why (French).
        decoder_version: raise it whenever `decode` changes: it keys the decoded cache.
        schema: Arrow schema of the decoded table; `decode` must return exactly it.
        credentials: names of the secrets it needs; missing ones switch it off with a clear line.
        partitions: what to fetch tonight. fetch: the pages of one partition, complete, or an error.
        decode: pages of one edition → typed table, rows in a deterministic order.
        reserve: what is still to be confirmed about the dataset (address, title, licence), a French sentence that
            pages show beside its licence and its address; "" when all was seen.
        switched_off: French reason why it is off by default (an address still to be confirmed), "" when on.
    """

    id: str
    titre: str
    editeur: str
    licence: str
    attribution: str
    page: str
    periodicite: str
    periode_mois: int
    delai_mois: int
    cycle: Cycle
    accumulation: Accumulation
    niveaux: tuple[str, ...]
    cog_year: int | None
    schema: pa.Schema
    decoder_version: int
    partitions: Callable[[FetchContext], Iterable[Partition]]
    fetch: Callable[[FetchContext, Partition], Iterator[Page]]
    decode: Callable[[Sequence[Page]], pa.Table]
    key: tuple[str, ...] = ()
    absences: str = ""
    absent_codes: tuple[str, ...] = ()
    empty_expected: bool = False
    brut_public: bool = True
    raison_brut_prive: str = ""
    credentials: tuple[str, ...] = ()
    switched_off: str = ""
    reserve: str = ""
    # Columns left out of the fingerprint: a timestamp that moves without any figure moving is not news.
    volatile: tuple[str, ...] = ()
    steward: bool = False  # a steward's table (flows.sources.stewards), landed from a file
    # A cheap question to the publisher (catalogue date, checksum): a short token that changes when the data do.
    # With one, a nightly run asks an `annuel` dataset in full only when the token moved.
    probe: Callable[[FetchContext, Partition], str] | None = None

    @property
    def provider(self) -> str:
        return self.id.split("/")[0]

    @property
    def deposited(self) -> bool:
        """Does it arrive by the inbox, file by file, instead of being asked for?"""
        return self.provider == "saisies"

    @property
    def table_name(self) -> str:
        """Name used by dbt for the landed table: `insee__filosofi`."""
        return self.id.replace("/", "__")


@dataclass(frozen=True)
class Edition:
    """One landed edition: metadata only; bytes stay in the raw store, rows in the decoded cache.

    `id` is a digest of everything a page shows of it, its place among the editions of its partition included: bytes
    that come back after others are another edition. `fingerprint` is the digest of the decoded table.
    """

    dataset: str
    partition: str
    nuit: dt.date
    retrieved_at: dt.datetime
    transport: Transport
    pages: tuple[Mapping[str, Any], ...]  # address, sha256, bytes, content_type, etag, last_modified, name
    licence: str
    fingerprint: str
    rows: int
    simulated: bool = False
    token: str = ""  # what `Dataset.probe` answered when this edition was fetched
    sequence: int = 0  # place among the editions of its partition, 1 for the first

    @property
    def id(self) -> str:
        return digest(
            {
                "dataset": self.dataset,
                "partition": self.partition,
                "sequence": self.sequence,
                "nuit": self.nuit.isoformat(),
                "retrieved_at": self.retrieved_at.isoformat(),
                "transport": str(self.transport),
                "pages": [[p["address"], p["sha256"], p["name"]] for p in self.pages],
                "simulated": self.simulated,
                "fingerprint": self.fingerprint,
            }
        )

    @property
    def bytes(self) -> int:
        return sum(int(p["bytes"]) for p in self.pages)


_ETALAB = "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"
LICENCES: dict[str, tuple[str, str]] = {  # id → (name shown, address of its text)
    "lov2": ("Licence Ouverte 2.0", _ETALAB),
    "odbl": ("ODbL 1.0", "https://opendatacommons.org/licenses/odbl/1-0/"),
    "interne": ("Table de l'observatoire, Licence Ouverte 2.0", _ETALAB),
}


def digest(value: Any) -> str:
    """sha256 (hex) of the canonical JSON of a value: keys sorted, no blanks, UTF-8, dates in ISO form."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"no canonical form for {type(value).__name__}")
