"""Insee, banque de données macroéconomiques (BDM): a few national and regional series, by SDMX.

Unemployment of the region and of France beside that of the zone d'emploi, the consumer price index (deflator of the
years that the long income series does not reach), women's activity rate, life expectancy. Not here: what is compared
with what (int_deflateur, ind_taux_chomage_zone_emploi, ind_ecart_esperance_vie_france). Source of the method: clients
of the service (pynsee, rsdmx, sdmx1) and the messages recorded in 2015 and 2017. The service answers in two forms of
SDMX-ML (generic, structure-specific): the library sdmx1 reads both, and is imported only to decode. A message that
declares entities is refused before parsing.
"""

from __future__ import annotations

import contextlib
import io
import logging
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources.decoding import fail, table

BASE = "https://bdm.insee.fr/series/sdmx/data/SERIES_BDM"

# Idbanks of the selection of 2021, but the two price indices and the life expectancy of France, which clients of the
# service name.
SERIES: dict[str, str] = {
    "001515842": "Taux de chômage localisé, France métropolitaine",
    "001515924": "Taux de chômage localisé, Nord",
    "001688527": "Taux de chômage au sens du BIT, France hors Mayotte",
    "001686946": "Espérance de vie à la naissance des hommes, France métropolitaine",
    "001686951": "Espérance de vie à la naissance des femmes, France métropolitaine",
    "001739982": "Taux de chômage localisé, Hauts-de-France",
    "001745977": "Espérance de vie à la naissance des hommes, Nord",
    "001746247": "Espérance de vie à la naissance des femmes, Nord",
    "001759970": "Indice des prix à la consommation, ensemble des ménages, France, base 2015 (arrêté fin 2025)",
    "010605841": "Taux d'activité des femmes de 15 à 64 ans, France hors Mayotte",
    "011812231": "Indice des prix à la consommation, ensemble des ménages, France, base 2025",
}

SCHEMA = pa.schema(
    [
        ("idbank", pa.string()),
        ("titre", pa.string()),
        ("freq", pa.string()),
        ("ref_area", pa.string()),
        ("unit_measure", pa.string()),
        ("periode", pa.string()),
        ("valeur", pa.float64()),
        ("obs_status", pa.string()),
        ("last_update", pa.string()),
    ]
)
_PERIOD = re.compile(r"^(\d{4})(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?$")
_DESCRIBING = ("FREQ", "UNIT_MEASURE", "REF_AREA")
_ENTITIES = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.I)
_MISSING = ("", "nan")


def datasets(territory: Territory) -> list[Dataset]:
    """`insee/bdm`."""
    return [
        Dataset(
            id="insee/bdm",
            titre="Séries de la banque de données macroéconomiques (chômage, prix, activité, espérance de vie)",
            editeur="Insee",
            licence="lov2",
            attribution="Insee, banque de données macroéconomiques (BDM)",
            page="https://www.insee.fr/fr/information/2862832",
            periodicite="trimestrielle",
            periode_mois=3,
            delai_mois=3,
            cycle=Cycle.NOCTURNE,
            # A quarter is revised at each publication: the newest answer alone counts.
            accumulation=Accumulation.INSTANTANE,
            niveaux=("departement", "region", "france_metropolitaine", "france"),
            cog_year=None,
            schema=SCHEMA,
            decoder_version=1,
            partitions=_partitions,
            fetch=fetch,
            decode=decode,
            volatile=("last_update",),
            absences="Une série arrêtée ou renommée par l'Insee manque : les autres restent.",
            reserve=(
                "L'adresse et les identifiants des séries viennent de clients du service et d'une liste de 2021 : à "
                "confirmer au premier appel, en particulier l'indice des prix en base 2025 (011812231)."
            ),
        )
    ]


def _partitions(ctx: FetchContext) -> Iterable[Partition]:
    return [Partition("courant")]


def fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """One answer with every series of `SERIES`."""
    address = f"{BASE}/{'+'.join(sorted(SERIES))}"
    # Generic or structure-specific is the service's choice; nothing else than XML is asked for.
    yield ctx.http.get(address, headers={"Accept": "application/xml"}, expect="text", name="series")


def decode(pages: Sequence[Page]) -> pa.Table:
    """One row a series and a period of the house (`2025`, `2025-T3`, `2025-11`), ordered by idbank and period.

    `valeur` in the unit of the series, its power of ten (UNIT_MULT) applied, null when Insee says so (`NaN` or no
    value). Series that nobody asked for are landed too: staging names those it reads.

    Raises:
        DecodeError: not an SDMX data message, an entity declared, a series without idbank, a period that is neither a
            year, a quarter nor a month, a value or a multiplier that is no number, a period twice, no observation.
    """
    page = pages[0]
    rows: list[dict[str, Any]] = []
    for data in _message(page).data:
        for key, observations in data.series.items():
            of_series = _texts(key.values) | _texts(key.attrib)
            idbank = of_series.get("IDBANK", "")
            if not idbank:
                fail("Une série n'a pas d'identifiant (IDBANK).", page.address)
            if missing := [name for name in _DESCRIBING if not of_series.get(name)]:
                fail(f"La série {idbank} ne dit plus {', '.join(missing)}.", page.address)
            rows += [_row(idbank, of_series, observation, page.address) for observation in observations]
    if not rows:
        fail("Le message ne contient aucune observation.", page.address)
    keys = [(row["idbank"], row["periode"]) for row in rows]
    if len(set(keys)) != len(keys):
        twice = sorted({" ".join(k) for k in keys if keys.count(k) > 1})[:5]
        fail(f"Des périodes figurent deux fois : {', '.join(twice)}.", page.address)
    if all(row["valeur"] is None for row in rows):
        fail("Aucune observation n'a de valeur (OBS_VALUE).", page.address)
    if not any(row["obs_status"] for row in rows):
        fail("Aucune observation ne dit son statut (OBS_STATUS).", page.address)
    return table(SCHEMA, rows, ("idbank", "periode"))


def _message(page: Page) -> Any:
    """The data message of a page, by the SDMX library."""
    if _ENTITIES.search(page.body[:4096]):
        fail("Le message déclare des entités XML : il n'est pas lu.", page.address)
    import sdmx  # 1.3 s: only the process that decodes pays for it
    from sdmx.message import DataMessage

    logging.getLogger("sdmx").setLevel(logging.ERROR)  # it warns that no structure is given: none is needed
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # the library prints its whole state when it cannot read
            message = sdmx.read_sdmx(io.BytesIO(page.body))
    except Exception as error:  # the library lets the errors of lxml and its own assertions through, of any class
        fail(f"Le message SDMX n'est pas lisible ({type(error).__name__} : {str(error)[:120]}).", page.address)
    if not isinstance(message, DataMessage):
        fail("Le message SDMX ne porte pas de données.", page.address)
    return message


def _texts(values: Any) -> dict[str, str]:
    return {name: str(found.value) for name, found in values.items()}


def _row(idbank: str, of_series: dict[str, str], observation: Any, where: str) -> dict[str, Any]:
    period = str(next(iter(observation.dimension.values.values())).value)
    match = _PERIOD.match(period)
    if not match:
        fail(f"La période « {period} » de la série {idbank} n'est ni une année, ni un trimestre, ni un mois.", where)
    year, quarter, month = match.groups()
    text = "" if observation.value is None else str(observation.value).strip()
    try:
        scale = 10 ** int(of_series.get("UNIT_MULT") or 0)
        value = None if text.lower() in _MISSING else float(text) * scale
    except ValueError:
        fail(
            f"La valeur « {text} » de la série {idbank} ({period}), ou son multiplicateur, n'est pas un nombre.",
            where,
        )
    if value is not None and not math.isfinite(value):
        fail(f"La valeur « {text} » de la série {idbank} ({period}) n'est pas finie.", where)
    return {
        "idbank": idbank,
        "titre": of_series.get("TITLE_FR", of_series.get("TITLE", "")),
        "freq": of_series.get("FREQ", ""),
        "ref_area": of_series.get("REF_AREA", ""),
        "unit_measure": of_series.get("UNIT_MEASURE", ""),
        "periode": f"{year}-T{quarter}" if quarter else f"{year}-{month}" if month else year,
        "valeur": value,
        "obs_status": _texts(observation.attrib).get("OBS_STATUS", ""),
        "last_update": of_series.get("LAST_UPDATE", ""),
    }
