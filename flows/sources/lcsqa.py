"""LCSQA (Geod'air): hourly measurements of the regulated pollutants, national « E2 » files, one CSV a day.

Not here: yearly means and the share of hours they need (the warehouse). A file holds every station of France (about
48,000 lines): the stations of the territory and fine particles are kept at decode time, hours gathered into days.
Hours are UTC; real-time values, not validated by experts. What makes an hour valid: a value, and a validity flag of
the European reporting (1 valid, 2 and 3 valid below the detection limit); any other flag is not valid.

The header of 23 columns was seen, with two lines; the address of the current year and the spelling of « PM2.5 » were
not, so the dataset is switched off until they are. Stations are those of the LCSQA list, transcribed; the commune is
ours, from their name and coordinates.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources.decoding import csv_rows, require, table
from flows.sources.decoding import text_of as utf8_of
from flows.sources.reading import number_of, text_of, whole_of, wrong

DATASET = "5b98b648634f415309d52a50"
BASE = "https://files.data.gouv.fr/lcsqa/concentrations-de-polluants-atmospheriques-reglementes/temps-reel"
_HEADER = (
    "Date de début;Date de fin;Organisme;code zas;Zas;code site;nom site;type d'implantation;Polluant;"
    "type d'influence;discriminant;Réglementaire;type d'évaluation;procédure de mesure;type de valeur;valeur;"
    "valeur brute;unité de mesure;taux de saisie;couverture temporelle;couverture de données;code qualité;validité"
)
COLUMNS = tuple(_HEADER.split(";"))
UNIT = "µg-m3"
VALID = {1, 2, 3}

# département → (code of the station → commune it stands in)
STATIONS: Mapping[str, Mapping[str, str]] = {
    "59": {"FR06001": "59606", "FR06006": "59606", "FR06011": "59172", "FR06134": "59526"},
}
SCHEMA = pa.schema(
    [
        ("code_site", pa.string()),
        ("nom_site", pa.string()),
        ("code_commune", pa.string()),
        ("polluant", pa.string()),
        ("type_implantation", pa.string()),
        ("type_influence", pa.string()),
        ("jour", pa.date32()),
        ("n_heures", pa.int64()),
        ("n_valides", pa.int64()),
        ("somme_ug_m3", pa.float64()),
        ("maximum_ug_m3", pa.float64()),
    ]
)
_STAMP = re.compile(r"(\d{4})[/-](\d{2})[/-](\d{2})[ T](\d{2}):00(?::00)?")
Hours = dict[int, tuple[str, float | None]]


def months(ctx: FetchContext) -> Iterable[Partition]:
    """The twelve months of the last year that is over; closed once known (a yearly run asks for them again)."""
    year = ctx.nuit.year - 1
    for month in range(1, 13):
        key = f"{year}-{month:02d}"
        yield Partition(key, {"annee": year, "mois": month}, closed=key in ctx.known)


def address(day: dt.date) -> str:
    """Address of the file of one day."""
    return f"{BASE}/{day.year}/FR_E2_{day.isoformat()}.csv"


def fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """The file of each day of the month, named `jour-2025-01-31`.

    Raises:
        SourceWithdrawn: a day is not there; the address must then be looked for again on data.gouv.fr.
    """
    year, month = partition.params["annee"], partition.params["mois"]
    for number in range(1, calendar.monthrange(year, month)[1] + 1):
        day = dt.date(year, month, number)
        yield ctx.http.get(address(day), expect="csv", name=f"jour-{day.isoformat()}")


def decode(pages: Sequence[Page], departement: str) -> pa.Table:
    """One row a station of the territory and a day: hours written, hours valid, sum and maximum of the valid ones.

    µg/m³; the sum is null when no hour is valid. When a station has two instruments (`discriminant`), an hour is
    that of the first one that is valid.

    Raises:
        DecodeError: a missing column, a day that is not that of its file, an hour unreadable or written twice by the
            same instrument, another unit, an unreadable value or flag, no station of the territory at all.
    """
    stations = STATIONS.get(departement)
    if stations is None:
        raise wrong(f"Aucune station n'est connue pour le département {departement}.", pages[0])
    rows = [row for page in pages for row in _days(page, stations)]
    if not rows:
        raise wrong("Aucune station du territoire ne mesure les PM2,5 dans ces fichiers.", pages[0])
    return table(SCHEMA, rows, ("code_site", "jour"))


def _days(page: Page, stations: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    lines = csv_rows(utf8_of(page.body, page.address), delimiter=";", where=page.address, required=COLUMNS)
    if not lines:
        require((), COLUMNS, page.address)
    due = dt.date.fromisoformat(page.name.removeprefix("jour-"))
    kept: dict[str, tuple[dict[str, str], Hours, set[tuple[int, str]]]] = {}
    for number, line in enumerate(lines, start=2):
        site = line["code site"].strip()
        if site not in stations or not _is_fine(line["Polluant"]):
            continue
        head, hours, seen = kept.setdefault(site, (line, {}, set()))
        hour = _hour(line["Date de début"], due, page, number)
        instrument = line["discriminant"].strip()
        if (hour, instrument) in seen:
            raise wrong(f"La station {site} est écrite deux fois pour la même heure.", page, f"ligne {number}")
        seen.add((hour, instrument))
        value = _value(line, page, number)
        known = hours.get(hour)
        # The first instrument whose hour is valid is kept; an hour valid for none stays an hour without value.
        if known is None or (value is not None and (known[1] is None or instrument < known[0])):
            hours[hour] = (instrument, value)
    for site, (head, hours, _) in kept.items():
        values = [value for _, value in hours.values() if value is not None]
        yield {
            "code_site": site,
            "nom_site": text_of(head["nom site"]),
            "code_commune": stations[site],
            "polluant": "PM2.5",
            "type_implantation": text_of(head["type d'implantation"]),
            "type_influence": text_of(head["type d'influence"]),
            "jour": due,
            "n_heures": len(hours),
            "n_valides": len(values),
            "somme_ug_m3": round(sum(values), 6) if values else None,
            "maximum_ug_m3": max(values) if values else None,
        }


def _is_fine(pollutant: str) -> bool:
    return re.sub(r"[\s_]", "", pollutant).upper().replace(",", ".") in {"PM2.5", "PM25"}


def _hour(text: str, due: dt.date, page: Page, number: int) -> int:
    match = _STAMP.fullmatch(text.strip())
    if not match or int(match[4]) > 23:
        raise wrong(f"L'heure « {text} » est illisible.", page, f"ligne {number}")
    if (int(match[1]), int(match[2]), int(match[3])) != (due.year, due.month, due.day):
        raise wrong(f"L'heure « {text} » n'est pas du jour du fichier.", page, f"ligne {number}")
    return int(match[4])


def _value(line: Mapping[str, str], page: Page, number: int) -> float | None:
    """The value of a valid hour, null otherwise."""
    where = f"ligne {number}"
    flag = whole_of(line["validité"], page, f"{where}, validité")
    value = number_of(line["valeur"], page, f"{where}, valeur")
    if flag not in VALID or value is None:
        return None
    if line["unité de mesure"].strip() != UNIT:
        raise wrong(f"L'unité « {line['unité de mesure']} » n'est pas {UNIT}.", page, where)
    return value


def datasets(territory: Territory) -> list[Dataset]:
    """`lcsqa/particules_fines`."""
    return [
        Dataset(
            id="lcsqa/particules_fines",
            titre="Mesures horaires des particules fines (PM2,5), stations du territoire",
            editeur="LCSQA, Ineris et les AASQA (Atmo Hauts-de-France)",
            licence="lov2",
            attribution="LCSQA / Geod'air, d'après les mesures d'Atmo Hauts-de-France",
            page=f"https://www.data.gouv.fr/datasets/{DATASET}/",
            periodicite="annuelle",
            periode_mois=12,
            delai_mois=1,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.CUMULATIF,
            key=("code_site", "jour"),
            niveaux=("commune",),
            cog_year=None,
            schema=SCHEMA,
            decoder_version=1,
            partitions=months,
            fetch=fetch,
            decode=lambda pages: decode(pages, territory.departement),
            absences=(
                "Une station en panne ou en maintenance n'a pas de ligne, ou des heures non valides. Une commune "
                "sans station n'est jamais mesurée."
            ),
            switched_off=(
                "À confirmer : l'adresse des fichiers de l'année en cours (elle a changé en 2026), l'écriture du "
                "polluant « PM2.5 », et le poids de l'archive (environ 11 Mo par jour)."
            ),
        )
    ]
