"""Melodi, the data API of Insee: the protocol of its official client, for every dataset of the house that it serves.

Not here: which datasets are asked (insee_melodi.py, insee_recensement.py…) and what a missing figure means to a
reader (staging models). Source of the method: the official client (InseeFrLab/melodi) asks for the count first, then
for pages of 100,000, and follows `paging.next`; unknown *parameter names* are reported to be ignored silently, so the
count, the dimensions, their codes and the uniqueness of what comes back are checked against what was asked. There is
no key, no ETag and no date header: the catalogue's `modified` is the only sign that figures moved.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pyarrow as pa

from flows.core.datasets import FetchContext, Page, Partition, Territory
from flows.core.errors import SourceContentError, SourceUnavailable, SourceWithdrawn
from flows.core.words import Niveau
from flows.sources.decoding import fail, json_of, require, table
from flows.sources.reading import records_of
from flows.sources.retry import RETRY_STATUSES

BASE = "https://api.insee.fr/melodi"
MAX_RESULT = 100_000
MAX_PAGES = 20
_GEO = re.compile(r"^(\d{4})-([A-Z0-9]+)-(.+)$")
_COUNT = "nombre"

OBSERVATIONS = pa.schema(
    [
        ("geo_millesime", pa.int64()),
        ("geo_niveau", pa.string()),
        ("geo_code", pa.string()),
        ("time_period", pa.string()),
        ("measure", pa.string()),
        ("value", pa.float64()),
        ("conf_status", pa.string()),
        ("obs_status", pa.string()),
    ]
)

LEVELS = {  # as Melodi names them: `ARR-596`
    Niveau.EPCI.value: "EPCI",
    Niveau.ARRONDISSEMENT.value: "ARR",
    Niveau.ZONE_EMPLOI.value: "ZE2020",
    Niveau.DEPARTEMENT.value: "DEP",
    Niveau.REGION.value: "REG",
    Niveau.FRANCE_METROPOLITAINE.value: "FRANCE",
    Niveau.FRANCE.value: "FRANCE",
}


@dataclass(frozen=True)
class Query:
    """What is asked of one Melodi dataset.

    Attributes:
        dataset: its id. dimension, measures: its measure dimension and the measures wanted.
        levels: levels of the house that it carries above the commune.
        kept: dimensions kept as columns, lower-case, each with the codes wanted; no code: all, none is asked for.
        fixed: dimensions wanted at one code only, so that totals and details are never added up.
        nation: `F` or `FM` for a dataset without a GEO dimension, every row of which is about that territory.
    """

    dataset: str
    dimension: str
    measures: tuple[str, ...]
    levels: tuple[str, ...]
    kept: tuple[tuple[str, tuple[str, ...]], ...] = ()
    fixed: tuple[tuple[str, str], ...] = ()
    nation: str = ""

    @cached_property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """(dimension, column) of the kept dimensions: `("EMPSTA_ENQ", "empsta_enq")`."""
        return tuple((name, name.lower()) for name, _ in self.kept)

    @cached_property
    def schema(self) -> pa.Schema:
        """`OBSERVATIONS` with one text column a kept dimension, before the measure."""
        at = OBSERVATIONS.names.index("measure")
        fields = list(OBSERVATIONS)
        return pa.schema([*fields[:at], *(pa.field(column, pa.string()) for _, column in self.columns), *fields[at:]])

    def filters(self, only: Mapping[str, tuple[str, ...]] | None = None) -> list[tuple[str, str]]:
        """The parameters of the dimensions; `only` narrows the codes of some kept ones."""
        narrowed = only or {}
        asked = [(self.dimension, measure) for measure in self.measures]
        asked += [(name, code) for name, codes in self.kept for code in narrowed.get(name, codes)]
        return [*asked, *self.fixed]


def parse_geo(text: str) -> tuple[int, str, str]:
    """`2025-COM-59172` → (2025, "COM", "59172"). Raises ValueError when there is no vintage prefix."""
    match = _GEO.match(text)
    if not match:
        raise ValueError(text)
    return int(match[1]), match[2], match[3]


def partitions(ctx: FetchContext) -> Iterable[Partition]:
    """One partition an EPCI (its communes), and `references`: the EPCI themselves and the levels above."""
    communes = [Partition(f"communes-{siren}", {"geo": (f"EPCI-{siren}*COM",)}) for siren in ctx.territory.epcis]
    return [*communes, Partition("references")]


def _geo_of(query: Query, partition: Partition, territory: Territory) -> list[str]:
    if "geo" in partition.params:
        return list(partition.params["geo"])
    above = [(niveau, code) for niveau, code, _ in territory.references if niveau != "epci"]
    places = [*(("epci", code) for code in territory.epcis_compares), *above]
    return list(dict.fromkeys(f"{LEVELS[niveau]}-{code}" for niveau, code in places if niveau in query.levels))


def fetch(query: Query, ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """The count, then the pages of observations, of one partition (`geo` and `only` in its params).

    Raises:
        SourceContentError: no observation for our communes, pages in circles, fewer observations than announced.
        SourceWithdrawn: the dataset left the catalogue.
    """
    address = f"{BASE}/data/{query.dataset}"
    asked = [("GEO", geo) for geo in _geo_of(query, partition, ctx.territory)]
    asked += query.filters(partition.params.get("only"))
    count = _count(query, ctx, [*asked, ("totalCount", "TRUE"), ("maxResult", "0")])
    yield count
    expected = _total(count)
    if expected == 0 and partition.key != "references":
        raise SourceContentError(
            f"Melodi ne rend aucune observation de {query.dataset} pour nos communes.",
            where=count.address,
            todo="vérifier le code de l'EPCI et les mesures demandées dans le catalogue de l'Insee.",
        )
    found, url, params = 0, address, [*asked, ("idTerritoire", "TRUE"), ("maxResult", str(MAX_RESULT))]
    seen: set[str] = set()
    for number in range(1, MAX_PAGES + 1):
        page = ctx.http.get(url, params=params, expect="json", name=f"donnees-{number}")
        yield page
        value = json_of(page)
        found += len(value.get("observations", []))
        if not (following := value.get("paging", {}).get("next")):
            break
        if following in seen:
            raise _wrong(f"La page suivante de {query.dataset} est déjà passée.", page)
        seen.add(following)
        url, params = following, []
    else:
        raise _wrong(f"{query.dataset} a plus de {MAX_PAGES} pages.", page)
    if found != expected:
        raise _wrong(f"Melodi annonce {expected} observations et en rend {found}.", page)


def _count(query: Query, ctx: FetchContext, params: list[tuple[str, str]]) -> Page:
    """The count-only answer. Melodi says 500 to an unknown dataset, so a 500 is asked again only if it is known."""
    address = f"{BASE}/data/{query.dataset}"
    try:
        patient = RETRY_STATUSES - {500}
        return ctx.http.get(address, params=params, expect="json", name=_COUNT, retry_statuses=patient)
    except SourceUnavailable as error:
        if error.status != 500:
            raise
        try:
            catalogue = json_of(ctx.http.get(f"{BASE}/catalog/all", expect="json-list"))
        except SourceUnavailable:
            raise error from None  # Melodi as a whole is down: the question that failed says more
        if not any(isinstance(r, dict) and r.get("identifier") == query.dataset for r in catalogue):
            raise SourceWithdrawn(
                f"Le jeu {query.dataset} n'est plus au catalogue de Melodi.",
                where=error.where,
                todo="chercher son successeur dans le catalogue de l'Insee.",
            ) from error
        return ctx.http.get(address, params=params, expect="json", name=_COUNT)


def _total(page: Page) -> int:
    value = json_of(page)
    count = value.get("paging", {}).get("count") if isinstance(value, dict) else None
    if isinstance(count, bool) or not isinstance(count, int):
        raise _wrong("Melodi ne dit pas combien d'observations il y a.", page)
    return count


def _wrong(what: str, page: Page) -> SourceContentError:
    return SourceContentError(what, where=page.address, todo="relancer ; si cela dure, prévenir l'Insee.")


def probe(query: Query, ctx: FetchContext, partition: Partition) -> str:
    """Date of the last change and number of observations, as the catalogue says them."""
    page = ctx.http.get(f"{BASE}/catalog/{query.dataset}", expect="json", name="catalogue")
    record = json_of(page)
    require(record if isinstance(record, dict) else (), ("identifier", "modified"), page.address)
    return f"{record['modified']} {record.get('numObservations', '')}".strip()


def decode(pages: Sequence[Page], *, query: Query) -> pa.Table:
    """Observations of one partition (`query.schema`), ordered by level, code, period, kept dimensions, measure.

    `value` is null when Melodi gives none (`conf_status` C says secret); there is no text marker in Melodi.

    Raises:
        DecodeError: another dataset, a dimension that is missing or at a code never asked, a GEO without vintage, a
            non-numeric value, no value at all, a unit multiplier, a duplicate (an unknown dimension adds details to
            totals), or another number of observations than announced.
    """
    rows: list[dict[str, Any]] = []
    announced = None
    for page in pages:
        value = json_of(page)
        require(value if isinstance(value, dict) else (), ("identifier", "observations", "paging"), page.address)
        if value["identifier"] != query.dataset:
            fail(f"La réponse est celle de {value['identifier']}, pas de {query.dataset}.", page.address)
        if page.name == _COUNT:
            announced = _total(page)
            continue
        asked = _asked(query, page.address)
        observations = records_of(value["observations"], ("measures",), page)
        rows.extend(_row(item, query, asked, page.address) for item in observations)
    where = pages[-1].address if pages else BASE
    if announced != len(rows):
        fail(f"L'édition a {len(rows)} observations pour {announced} annoncées.", where)
    free = [row["value"] for row in rows if row["conf_status"] != "C"]
    if free and all(value is None for value in free):
        fail("Aucune observation n'a de valeur, hors secret : la mesure a changé de nom.", where)
    extra = [column for _, column in query.columns]
    order = ["geo_niveau", "geo_code", "time_period", *extra, "measure", "geo_millesime"]
    keys = [tuple(row[name] for name in order) for row in rows]
    if len(set(keys)) != len(keys):
        twice = sorted(str(key) for key, times in Counter(keys).items() if times > 1)[:5]
        fail(f"Des observations sont rendues deux fois : {', '.join(twice)}.", where)
    levels = _levels_asked(where)
    strangers = sorted({r["geo_niveau"] for r in rows} - levels) if levels else []
    if strangers:
        fail(f"Des niveaux jamais demandés sont rendus : {', '.join(strangers)}.", where)
    return table(query.schema, rows, order)


def _levels_asked(address: str) -> set[str]:
    """Levels of the GEO values of an address: `EPCI-200042190*COM` asks for communes."""
    asked = [v for k, v in parse_qsl(urlsplit(address).query) if k == "GEO"]
    return {v.split("*")[1] if "*" in v else v.split("-")[0] for v in asked}


def _asked(query: Query, address: str) -> dict[str, frozenset[str]]:
    """Codes of each dimension that the address asked for; no entry: any code is fine."""
    given = parse_qsl(urlsplit(address).query)
    codes = {name: frozenset(v for k, v in given if k == name) for name in (*dict(query.kept), *dict(query.fixed))}
    # The page after the first may be named by an address of another form: the declaration is then the question.
    told = {name: frozenset(codes_) for name, codes_ in query.kept} | {k: frozenset((v,)) for k, v in query.fixed}
    return {name: codes[name] or told[name] for name in told if codes[name] or told[name]}


def _row(item: Any, query: Query, asked: Mapping[str, frozenset[str]], where: str) -> dict[str, Any]:
    dimensions = item.get("dimensions") if isinstance(item, dict) else None
    if not isinstance(dimensions, dict):
        fail("Une observation n'a pas de dimensions.", where)
    place = () if query.nation else ("GEO",)
    require(dimensions, (*place, "TIME_PERIOD", query.dimension, *dict(query.kept), *dict(query.fixed)), where)
    if (measure := dimensions[query.dimension]) not in query.measures:
        fail(f"La mesure {measure} n'a pas été demandée.", where)
    for name, codes in asked.items():
        if dimensions[name] not in codes:
            fail(f"La modalité {dimensions[name]} de {name} n'a pas été demandée.", where)
    try:
        vintage, level, code = (None, "FRANCE", query.nation) if query.nation else parse_geo(str(dimensions["GEO"]))
    except ValueError:
        fail(f"Le territoire « {dimensions['GEO']} » n'a pas la forme millésime-niveau-code.", where)
    # Attributes stand apart in some datasets and among the dimensions in others.
    attributes = {**dimensions, **(item.get("attributes") or {})}
    if str(attributes.get("UNIT_MULT", "0")) not in ("0", ""):
        fail(f"Les valeurs sont données au multiplicateur {attributes['UNIT_MULT']}.", where)
    return {
        "geo_millesime": vintage,
        "geo_niveau": level,
        "geo_code": code,
        "time_period": str(dimensions["TIME_PERIOD"]),
        **{column: str(dimensions[name]) for name, column in query.columns},
        "measure": measure,
        "value": _value(item.get("measures") or {}, where),
        "conf_status": attributes.get("CONF_STATUS"),
        "obs_status": attributes.get("OBS_STATUS"),
    }


def _value(measures: dict[str, Any], where: str) -> float | None:
    """The figure, whatever the name of its measure key (`OBS_VALUE_NIVEAU`, `OBS_VALUE_INDICE_DE_PRIX`…)."""
    if len(measures) > 1:
        fail(f"Une observation a plusieurs mesures : {', '.join(sorted(measures))}.", where)
    measure = next(iter(measures.values()), {})
    if not isinstance(measure, dict) or (measure and "value" not in measure):
        fail("Une mesure ne porte pas sa valeur (value).", where)
    value = measure.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float | None):
        fail(f"La valeur « {value} » n'est pas un nombre.", where)
    return None if value is None else float(value)
