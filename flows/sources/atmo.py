"""Atmo Data v2 (Atmo France): daily ATMO indices of the communes of the territory.

Not here: emissions (atmo_emissions.py), episodes, pollens, hourly measurements; what an index means (staging,
indicators). Source of the method: open clients of the API and its FAQ; nothing was recorded live (docs/sources.md
lists what to verify). The API keeps about a year, so days are landed month by month and add up (cumulatif): the
newest night wins for a commune and a day. Nightly asks for days up to the eve only: before about 14:00 the current
day answers 200 with an empty body.
"""

from __future__ import annotations

import base64
import binascii
import calendar
import datetime as dt
import json
import re
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Http, Page, Partition, Territory
from flows.core.errors import SourceContentError, SourceDisabled, SourceUnavailable
from flows.core.words import Accumulation, Cycle
from flows.sources.decoding import csv_rows, fail, json_of, table, text_of

BASE = "https://admindata.atmo-france.org"
LOGIN = BASE + "/api/login"
INDICES = BASE + "/api/v2/data/indices/atmo"
USER, PASSWORD = "ATMO_UTILISATEUR", "ATMO_MOT_DE_PASSE"

SLICE_DAYS = 7
ZONES_PER_REQUEST = 150  # 6 characters each: addresses stay far below the 2,000 that every server accepts
CLOSED_AFTER_DAYS = 10
HISTORY_DAYS = 365  # beyond, the API may have forgotten: an empty answer is believed
_MARGIN_S = 60.0

INDEX = pa.schema(
    [
        ("code_zone", pa.string()),
        ("lib_zone", pa.string()),
        ("type_zone", pa.string()),
        ("date_ech", pa.date32()),
        ("code_qual", pa.int64()),
        ("code_no2", pa.int64()),
        ("code_o3", pa.int64()),
        ("code_pm10", pa.int64()),
        ("code_pm25", pa.int64()),
        ("code_so2", pa.int64()),
        ("date_maj", pa.string()),
        ("source", pa.string()),
    ]
)
_CODES = tuple(name for name in INDEX.names if name.startswith("code_") and name != "code_zone")
# The API writes 2026-11-20 (date_ech), 2026/11/20 (date_dif) and, on other routes, 2026-11-20T00:00:00Z.
_DATE = re.compile(r"^(\d{4})[-/](\d{2})[-/](\d{2})(?:[T ].*)?$")


def datasets(territory: Territory) -> list[Dataset]:
    """`atmo/indices`."""
    return [
        Dataset(
            id="atmo/indices",
            titre="Indices ATMO quotidiens de la qualité de l'air",
            editeur="Atmo France et les AASQA (Atmo Hauts-de-France)",
            licence="odbl",
            attribution="Atmo France / AASQA, Atmo Hauts-de-France, indices ATMO",
            page="https://admindata.atmo-france.org/api/doc/v2",
            periodicite="quotidienne",
            periode_mois=1,
            delai_mois=0,
            cycle=Cycle.NOCTURNE,
            accumulation=Accumulation.CUMULATIF,
            key=("code_zone", "date_ech"),
            volatile=("date_maj",),  # moves at each run of the AASQA, figures or not
            niveaux=("commune",),
            cog_year=None,
            absences=(
                "Le jour même manque avant 14 h : seuls les jours jusqu'à la veille sont demandés. L'API garde "
                "environ un an : un mois plus ancien, jamais relevé, peut être vide."
            ),
            empty_expected=True,  # of months older than a year only; a recent empty slice is refused by `_fetch`
            schema=INDEX,
            decoder_version=1,
            partitions=_partitions,
            fetch=_fetch,
            decode=decode,
            credentials=(USER, PASSWORD),
        )
    ]


def _partitions(ctx: FetchContext) -> Iterable[Partition]:
    """Months from January of the previous year to that of the eve; closed once known and over for ten days."""
    eve = ctx.nuit - dt.timedelta(days=1)
    months = []
    for year in (eve.year - 1, eve.year):
        for month in range(1, 13):
            first = dt.date(year, month, 1)
            if first > eve:
                break
            last = dt.date(year, month, calendar.monthrange(year, month)[1])
            key = f"{year}-{month:02d}"
            over = last + dt.timedelta(days=CLOSED_AFTER_DAYS) <= ctx.nuit
            months.append(Partition(key, {"debut": first, "fin": min(last, eve)}, closed=over and key in ctx.known))
    return months


def slices(first: dt.date, last: dt.date) -> Iterator[tuple[dt.date, dt.date]]:
    """Consecutive runs of at most seven days covering [first, last]."""
    while first <= last:
        end = min(first + dt.timedelta(days=SLICE_DAYS - 1), last)
        yield first, end
        first = end + dt.timedelta(days=1)


def _fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    if not ctx.communes:
        raise SourceUnavailable(
            "Les communes du territoire ne sont pas encore connues.",
            where="atmo/indices",
            todo="recueillir d'abord geo/communes : les indices sont demandés commune par commune.",
        )
    zones = sorted(ctx.communes)
    groups = [zones[i : i + ZONES_PER_REQUEST] for i in range(0, len(zones), ZONES_PER_REQUEST)]
    for first, last in slices(partition.params["debut"], partition.params["fin"]):
        forgotten = last < ctx.nuit - dt.timedelta(days=HISTORY_DAYS)
        for rank, group in enumerate(groups, start=1):
            params = [
                ("format", "csv"),
                ("date_historique", first.isoformat()),  # the START, whatever its name says
                ("date", last.isoformat()),  # the END
                ("with_geom", "false"),
                ("code_zone", ",".join(group)),
            ]
            yield ask(ctx, INDICES, params, name=f"{first.isoformat()}-{rank}", allow_empty=forgotten)


# -- login ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Token:
    text: str
    until: float | None  # on the monotonic clock; None when the token does not say


_tokens: weakref.WeakKeyDictionary[Http, _Token] = weakref.WeakKeyDictionary()
_lock = threading.Lock()


def ask(ctx: FetchContext, url: str, params: list[tuple[str, str]], *, name: str, allow_empty: bool = False) -> Page:
    """One CSV page of Atmo Data, with the token of the account; on a 401 the token is asked again, once.

    Raises:
        SourceDisabled: no account. SourceContentError: the account is refused; and as `Http.get`.
    """

    def with_token(token: str) -> Page:
        return ctx.http.get(
            url,
            params=params,
            headers={"Authorization": f"Bearer {token}"},
            expect="csv",
            allow_empty=allow_empty,
            name=name,
        )

    try:
        return with_token(_token(ctx))
    except SourceContentError as error:
        if error.status != 401:
            raise
    return with_token(_token(ctx, renew=True))


def _token(ctx: FetchContext, *, renew: bool = False, clock: Callable[[], float] = time.monotonic) -> str:
    """The token of this client, asked once and kept: the API limits logins (429)."""
    with _lock:
        known = _tokens.get(ctx.http)
        if known is not None and not renew and (known.until is None or clock() < known.until):
            return known.text
        missing = [name for name in (USER, PASSWORD) if not ctx.credentials.get(name)]
        if missing:
            raise SourceDisabled(
                f"Il manque {' et '.join(missing)}.",
                where="atmo/indices",
                todo="demander un compte sur admindata.atmo-france.org, puis renseigner ces réglages.",
            )
        payload = {"username": ctx.credentials[USER], "password": ctx.credentials[PASSWORD]}
        try:
            page = ctx.http.post_json(LOGIN, payload)
        except SourceContentError as error:
            if error.status != 401:
                raise
            refused = SourceContentError(
                "Atmo Data refuse les identifiants.",
                where=LOGIN,
                todo=f"vérifier {USER} et {PASSWORD} ; le compte doit avoir été validé par Atmo France.",
            )
            refused.status = 401
            raise refused from error
        value = json_of(page)
        text = value.get("token") if isinstance(value, dict) else None
        if not isinstance(text, str) or not text:
            raise SourceContentError(
                "La connexion à Atmo Data ne rend pas de jeton.",
                where=LOGIN,
                todo="comparer avec docs/sources.md : la réponse de connexion a changé.",
            )
        life = lifetime(text)
        _tokens[ctx.http] = _Token(text, None if life is None else clock() + life - _MARGIN_S)
        return text


def lifetime(token: str) -> float | None:
    """Seconds a JWT lives (`exp` − `iat`), None when it does not say: then a 401 will.

    Its dates are compared with each other only, never with our clock, which may be wrong or that of a demonstration.
    """
    try:
        middle = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        life = float(claims["exp"]) - float(claims["iat"])
    except (IndexError, KeyError, TypeError, ValueError, binascii.Error):
        return None
    return life if life > 0 else None


# -- decoding ------------------------------------------------------------------------------------------------------


def decode(pages: Sequence[Page]) -> pa.Table:
    """Indices of one month, ordered by commune and day; sub-indices are null when the cell is empty.

    Classes are landed as published: 0 (unavailable) to 6, and 7 or 8 for an event. Each page must hold only the days
    and zones its address asks for: a parameter that the API ignored would otherwise go unseen.

    Raises:
        DecodeError: a column missing (named), a date or a class unreadable, a day or a zone never asked.
    """
    rows = [row for page in pages if page.body.strip() for row in _rows(page)]
    return table(INDEX, rows, ("code_zone", "date_ech"))


def _rows(page: Page) -> Iterator[dict[str, Any]]:
    where = page.address
    text = text_of(page.body, where)
    header = text.split("\n", 1)[0]
    delimiter = ";" if header.count(";") > header.count(",") else ","
    query = parse_qs(urlsplit(where).query)
    first, last = (dt.date.fromisoformat(query[name][0]) for name in ("date_historique", "date"))
    zones = set(query["code_zone"][0].split(","))
    for line in csv_rows(text, delimiter=delimiter, where=where, required=INDEX.names):
        day = parse_date(line["date_ech"])
        if day is None:
            fail(f"La date « {line['date_ech']} » est illisible.", where)
        if not first <= day <= last:
            fail(f"Le {day.isoformat()} n'a pas été demandé.", where)
        if line["code_zone"] not in zones:
            fail(f"La zone « {line['code_zone']} » n'a pas été demandée.", where)
        codes = {name: _class(line[name], name, where) for name in _CODES}
        texts = {name: line[name].strip() for name in ("code_zone", "lib_zone", "type_zone", "date_maj", "source")}
        yield {**texts, **codes, "date_ech": day}


def parse_date(text: str) -> dt.date | None:
    """`2026-11-20`, `2026/11/20`, `2026-11-20T00:00:00Z` → the date; None when it is none of these."""
    match = _DATE.match(text.strip())
    if not match:
        return None
    try:
        return dt.date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def _class(text: str, name: str, where: str) -> int | None:
    cleaned = text.strip().removesuffix(".0")
    if not cleaned:
        return None
    if not cleaned.isascii() or not cleaned.isdigit():
        fail(f"L'indice {name} « {text} » n'est pas une classe.", where)
    return int(cleaned)
