"""Insee, API Sirene: how many employing establishments of the social economy each of our communes has.

Only counts leave this module: the query asks for no name and no address, and the SIRET numbers serve to be sure that
no establishment is counted twice. Not here: rates by inhabitant (the warehouse) and jobs (no open source has them by
commune). Source of the method: API Sirene 3.11, multicriteria search, deep cursor (`curseur=*`, then
`header.curseurSuivant` until it repeats), `date` for the state at a day, 404 when nothing answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.errors import SourceContentError
from flows.core.words import Accumulation, Cycle, Niveau
from flows.sources.decoding import require, table
from flows.sources.reading import commune_of, day_of, named, object_of, one, whole_of, wrong

URL = "https://api.insee.fr/api-sirene/3.11/siret"
KEY = "SIRENE_CLE"
PAGE_SIZE = 1000
MAX_PAGES = 100
SCHEMA = pa.schema(
    [("niveau", pa.string()), ("code", pa.string()), ("etablissements", pa.int64()), ("date_etat", pa.date32())]
)
# State of the unit and of the establishment, at the day asked.
_ESS = "economieSocialeSolidaireUniteLegale:O AND etatAdministratifUniteLegale:A"
_OPEN = "periode(etatAdministratifEtablissement:A AND caractereEmployeurEtablissement:O)"
_FIELDS = "siret,codeCommuneEtablissement,etatAdministratifEtablissement,caractereEmployeurEtablissement"
_TOTALS = {"total-departement": Niveau.DEPARTEMENT.value, "total-france": Niveau.FRANCE.value}


def fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """The establishments of our communes (`etablissements-…`), then the totals of the département and of France.

    Raises:
        SourceContentError: no commune known yet, or more pages than can be.
    """
    if not ctx.communes:
        raise SourceContentError(
            "Aucune commune connue : la géographie n'a pas encore été reçue.",
            where=URL,
            todo="relancer la nuit une fois geo/communes reçu.",
        )
    places = " OR ".join(ctx.communes)
    cursor = "*"
    for number in range(1, MAX_PAGES + 1):
        query = f"{_ESS} AND codeCommuneEtablissement:({places}) AND {_OPEN}"
        page = _get(ctx, query, f"etablissements-{number}", PAGE_SIZE, [("curseur", cursor), ("champs", _FIELDS)])
        yield page
        following = _header(page).get("curseurSuivant")
        if not following or following == cursor:
            break
        cursor = str(following)
    else:
        raise SourceContentError(
            f"Plus de {MAX_PAGES} pages d'établissements.",
            where=URL,
            todo="vérifier la requête : elle est trop large.",
        )
    area = f"codeCommuneEtablissement:{ctx.territory.departement}*"
    yield _get(ctx, f"{_ESS} AND {area} AND {_OPEN}", "total-departement", 1, [("champs", "siret")])
    yield _get(ctx, f"{_ESS} AND {_OPEN}", "total-france", 1, [("champs", "siret")])


def _get(ctx: FetchContext, query: str, name: str, size: int, more: list[tuple[str, str]]) -> Page:
    params = [("q", query), ("date", ctx.nuit.replace(day=1).isoformat()), ("nombre", str(size)), *more]
    headers = {"X-INSEE-Api-Key-Integration": ctx.credentials[KEY]}
    return ctx.http.get(URL, params=params, headers=headers, expect="json", name=name)


def _header(page: Page) -> dict[str, Any]:
    header = object_of(page).get("header")
    if not isinstance(header, dict):
        raise wrong("La réponse de Sirene n'a pas d'en-tête.", page)
    require(header, ("total", "nombre"), page.address)
    return header


def decode(pages: Sequence[Page], departement: str) -> pa.Table:
    """One row a commune asked for (zero when it has none), the département and France, at the day of the query.

    Raises:
        DecodeError: another number of establishments than announced, one twice or outside what was asked, one closed
            or without employee, a page missing.
    """
    lists = named(pages, "etablissements")
    if not lists:
        raise wrong("Aucune page d'établissements dans l'édition.", pages[0])
    day = day_of(_asked(lists[0], "date"), lists[0], "date")
    codes = _asked(lists[0], "q").partition("codeCommuneEtablissement:(")[2].partition(")")[0].split(" OR ")
    found: Counter[str] = Counter()
    seen: set[str] = set()
    for page in lists:
        for item in object_of(page).get("etablissements") or []:
            siret, code = _establishment(item, page)
            if siret in seen:
                raise wrong(f"L'établissement {siret} est rendu deux fois.", page)
            if code not in codes:
                raise wrong(f"L'établissement {siret} est dans la commune {code}, jamais demandée.", page)
            seen.add(siret)
            found[code] += 1
    total = _header(lists[0])["total"]
    if total != len(seen):
        raise wrong(f"Sirene annonce {total} établissements et en rend {len(seen)}.", lists[-1])
    rows = [{"niveau": Niveau.COMMUNE.value, "code": c, "etablissements": found[c]} for c in codes]
    for name, niveau in _TOTALS.items():
        page = one(pages, name)
        code = "F" if niveau == Niveau.FRANCE else departement
        rows.append(
            {"niveau": niveau, "code": code, "etablissements": whole_of(_header(page)["total"], page, "total")}
        )
    return table(SCHEMA, [{**row, "date_etat": day} for row in rows], SCHEMA.names)


def _asked(page: Page, name: str) -> str:
    values = parse_qs(urlsplit(page.address).query).get(name)
    if not values:
        raise wrong(f"L'adresse de la page ne dit pas « {name} ».", page)
    return values[0]


def _establishment(item: Any, page: Page) -> tuple[str, str]:
    due = ("siret", "adresseEtablissement", "periodesEtablissement")
    require(item if isinstance(item, dict) else (), due, page.address)
    siret = str(item["siret"])
    code = commune_of((item["adresseEtablissement"] or {}).get("codeCommuneEtablissement"))
    periods = [p for p in item["periodesEtablissement"] or [] if p.get("dateFin") is None]
    if len(siret) != 14 or code is None or len(periods) != 1:
        raise wrong(f"L'établissement {siret} n'a ni commune ni période en cours lisibles.", page)
    state = (periods[0].get("etatAdministratifEtablissement"), periods[0].get("caractereEmployeurEtablissement"))
    if state != ("A", "O"):
        raise wrong(f"L'établissement {siret} est rendu fermé ou sans salarié.", page)
    return siret, code


def datasets(territory: Territory) -> list[Dataset]:
    """`sirene/ess`."""
    return [
        Dataset(
            id="sirene/ess",
            titre="Établissements employeurs de l'économie sociale et solidaire (Sirene)",
            editeur="Insee",
            licence="lov2",
            attribution="Insee, répertoire Sirene",
            page="https://portail-api.insee.fr/",
            periodicite="mensuelle",
            periode_mois=1,
            delai_mois=1,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.CUMULATIF,
            key=("niveau", "code", "date_etat"),
            niveaux=("commune", "departement", "france"),
            cog_year=None,
            schema=SCHEMA,
            decoder_version=1,
            # The state of the first of the month does not change: one question a month.
            partitions=lambda ctx: [Partition(f"{ctx.nuit:%Y-%m}", closed=True)],
            fetch=fetch,
            decode=lambda pages: decode(pages, territory.departement),
            absences="Le répertoire ne dit ni le nombre de salariés exact ni l'emploi des établissements.",
            brut_public=False,
            raison_brut_prive=(
                "La réponse désigne des établissements un par un ; certains s'opposent à la diffusion de leurs "
                "données."
            ),
            credentials=(KEY,),
            reserve=(
                "Le champ de l'économie sociale et solidaire est celui du répertoire Sirene ; la recherche par date "
                "et le caractère employeur restent à vérifier à la première réponse réelle."
            ),
        )
    ]
