"""LCSQA hourly files: which hours count, and what a changed file is refused for.

Not here: real bytes (test_energy_air.py) and the portal (test_energy_air_portal.py).
"""

from __future__ import annotations

import datetime as dt

import pytest

from flows.core.datasets import Page
from flows.core.errors import DecodeError
from flows.sources import lcsqa
from tests.sources_b.conftest import page


def csv_of(*lines: str) -> bytes:
    return ("\r\n".join(lines) + "\r\n").encode()


def hours(*lines: dict[str, str], day: str = "2025-03-30") -> list[Page]:
    base = dict.fromkeys(lcsqa.COLUMNS, "")
    base |= {"Date de début": "2025/03/30 00:00:00", "code site": "FR06011", "nom site": "Denain Villars"}
    base |= {"Polluant": "PM2.5", "type d'influence": "Fond", "discriminant": "A", "unité de mesure": "µg-m3"}
    base |= {"valeur": "10.0", "validité": "1"}
    rows = [";".join((base | line).values()) for line in lines]
    return [page(csv_of(";".join(lcsqa.COLUMNS), *rows), f"jour-{day}")]


def test_only_valid_hours_of_our_stations_count() -> None:
    at = "2025/03/30 0{}:00:00".format
    (row,) = lcsqa.decode(
        hours(
            {},
            {"Date de début": at(1), "valeur": "4,0", "validité": "2"},
            {"Date de début": at(2), "valeur": "99", "validité": "-1"},  # not valid
            {"Date de début": at(3), "valeur": ""},  # no value
            {"Date de début": at(4), "validité": ""},  # no flag
            {"Date de début": at(5), "valeur": "7", "discriminant": "B"},
            {"Date de début": at(5), "valeur": "8", "discriminant": "A"},  # the first instrument wins
            {"Date de début": at(6), "valeur": "", "discriminant": "A"},
            {"Date de début": at(6), "valeur": "6", "discriminant": "B"},  # unless it was silent
            {"code site": "FR01011", "valeur": "500"},
            {"Polluant": "PM10", "valeur": "500"},
        ),
        "59",
    ).to_pylist()
    assert (row["n_heures"], row["n_valides"], row["somme_ug_m3"], row["maximum_ug_m3"]) == (7, 4, 28.0, 10.0)
    assert (row["code_commune"], row["jour"]) == ("59172", dt.date(2025, 3, 30))


@pytest.mark.parametrize(
    ("pages", "words"),
    [
        (hours({}, {}), "deux fois pour la même heure"),
        (hours({"Date de début": "2025/03/31 00:00:00"}), "n'est pas du jour du fichier"),
        (hours({"Date de début": "30/03/2025"}), "illisible"),
        (hours({"unité de mesure": "mg-m3"}), "mg-m3"),
        (hours({"valeur": "dix"}), "dix"),
        (hours({"code site": "FR01011"}), "Aucune station"),
        ([page(hours({})[0].body.replace("validité".encode(), b"valide"), "jour-2025-03-30")], "validité"),
    ],
)
def test_an_hourly_file_that_changed_is_refused(pages: list[Page], words: str) -> None:
    with pytest.raises(DecodeError, match=words):
        lcsqa.decode(pages, "59")


def test_a_departement_without_known_station_is_said() -> None:
    with pytest.raises(DecodeError, match="département 62"):
        lcsqa.decode(hours({}), "62")
