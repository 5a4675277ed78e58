"""Atmo Data: months, slices, login, and what a month of indices must be."""

from __future__ import annotations

import base64
import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.core.datasets import Page
from flows.core.errors import DecodeError, SourceContentError, SourceDisabled, SourceUnavailable
from flows.sources import atmo
from tests.sources.conftest import FakeHttp, context

SECRETS = {atmo.USER: "moi", atmo.PASSWORD: "secret"}
HEADER = (
    "aasqa,date_maj,code_no2,code_o3,code_pm10,code_pm25,code_qual,code_so2,code_zone,coul_qual,date_dif,date_ech,"
    "epsg_reg,lib_qual,lib_zone,source,type_zone,x_reg,x_wgs84,y_reg,y_wgs84,gml_id2"
)
ADDRESS = f"{atmo.INDICES}?format=csv&date_historique=2026-11-01&date=2026-11-07&code_zone=59192,59526"


def line(zone: str = "59526", day: str = "2026-11-03", qual: str = "2", no2: str = "1") -> str:
    return (
        f"32,2026/11/03 12:11:49.728+01,{no2},2,1,2,{qual},1,{zone},#50CCAA,2026/11/03,{day},2154,Moyen,"
        f'"Saint-Amand, ville",Atmo HDF,commune,0.0,3.4,0.0,50.4,'
    )


def page(*lines: str, header: str = HEADER, address: str = ADDRESS) -> Page:
    return Page(address, "\n".join([header, *lines, ""]).encode())


def jwt(**claims: object) -> str:
    middle = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"x.{middle}.y"


def token_page(text: str = "") -> Page:
    return Page(atmo.LOGIN, json.dumps({"token": text or jwt(iat=1000, exp=87_400)}).encode())


def refused(status: int = 401) -> SourceContentError:
    error = SourceContentError("JWT Token not found", where=atmo.INDICES)
    error.status = status
    return error


def month(territory, http: FakeHttp, key: str = "2026-11", **more) -> list[Page]:
    ctx = context(http, territory, **{"communes": ("59526", "59192"), "credentials": SECRETS, **more})
    [dataset] = atmo.datasets(territory)
    partition = next(p for p in dataset.partitions(ctx) if p.key == key)
    return list(dataset.fetch(ctx, partition))


def test_months_go_from_january_of_last_year_to_the_eve(territory):
    [dataset] = atmo.datasets(territory)
    known = frozenset({"2025-01", "2026-10"})
    ctx = context(None, territory, nuit=dt.date(2026, 11, 20), known=known)
    months = list(dataset.partitions(ctx))
    assert [p.key for p in months] == [f"2025-{m:02d}" for m in range(1, 13)] + [
        f"2026-{m:02d}" for m in range(1, 12)
    ]
    assert months[-1].params == {"debut": dt.date(2026, 11, 1), "fin": dt.date(2026, 11, 19)}
    assert {p.key for p in months if p.closed} == known
    early = context(None, territory, nuit=dt.date(2026, 11, 5), known=known)
    assert not any(p.closed for p in dataset.partitions(early) if p.key == "2026-10")  # over for five days only


@pytest.mark.parametrize(
    ("nuit", "last"), [("2026-01-01", "2025-12"), ("2026-01-02", "2026-01"), ("2026-12-01", "2026-11")]
)
def test_the_current_day_is_never_asked(territory, nuit, last):
    [dataset] = atmo.datasets(territory)
    months = list(dataset.partitions(context(None, territory, nuit=dt.date.fromisoformat(nuit))))
    assert months[-1].key == last
    assert all(p.params["fin"] < dt.date.fromisoformat(nuit) for p in months)


@given(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)), st.integers(0, 60))
def test_slices_cover_each_day_once(first, length):
    last = first + dt.timedelta(days=length)
    days = [a + dt.timedelta(days=i) for a, b in atmo.slices(first, last) for i in range((b - a).days + 1)]
    assert days == [first + dt.timedelta(days=i) for i in range(length + 1)]
    assert all(0 <= (b - a).days < atmo.SLICE_DAYS for a, b in atmo.slices(first, last))


def test_one_login_for_a_night_and_one_page_a_slice(territory):
    http = FakeHttp(lambda url, params: page())
    http.login_answer = lambda n: token_page(jwt(iat=0, exp=86_400))
    names = [p.name for p in month(territory, http)] + [p.name for p in month(territory, http, "2026-10")]
    assert names[:3] == ["2026-11-01-1", "2026-11-08-1", "2026-11-15-1"] and len(names) == 3 + 5
    assert http.logins == [{"username": "moi", "password": "secret"}]
    assert http.asked[2][1] == [
        ("format", "csv"),
        ("date_historique", "2026-11-15"),
        ("date", "2026-11-19"),
        ("with_geom", "false"),
        ("code_zone", "59192,59526"),
    ]
    assert all(h["Authorization"].startswith("Bearer x.") for h in http.headers)


def test_many_communes_are_asked_in_several_requests(territory):
    http = FakeHttp(lambda url, params: page())
    http.login_answer = lambda n: token_page()
    codes = tuple(f"{i:05d}" for i in range(atmo.ZONES_PER_REQUEST + 1))
    pages = month(territory, http, communes=codes)
    assert len(pages) == 6
    zones = [dict(params)["code_zone"].split(",") for _, params in http.asked[:2]]
    assert sorted(zones[0] + zones[1]) == sorted(codes)
    assert max(len(dict(params)["code_zone"]) for _, params in http.asked) < 1000


def test_an_expired_token_is_renewed_once(territory):
    answers = iter([refused(), page(), page(), page()])
    http = FakeHttp(lambda url, params: next(answers))
    http.login_answer = lambda n: token_page()
    assert len(month(territory, http)) == 3 and len(http.logins) == 2


def test_a_second_401_is_an_error_and_so_is_any_other_refusal(territory):
    for status, logins in ((401, 2), (403, 1)):
        http = FakeHttp(lambda url, params, s=status: refused(s))
        http.login_answer = lambda n: token_page()
        with pytest.raises(SourceContentError):
            month(territory, http)
        assert len(http.logins) == logins


def test_a_token_past_its_life_is_asked_again_before_it_fails(territory):
    http = FakeHttp(lambda url, params: page())
    http.login_answer = lambda n: token_page(jwt(iat=0, exp=60))  # nothing left once the margin is taken
    month(territory, http)
    assert len(http.logins) == 3


def test_wrong_and_missing_credentials_are_told_apart(territory):
    http = FakeHttp(lambda url, params: page())
    http.login_answer = lambda n: refused()
    with pytest.raises(SourceContentError, match="refuse les identifiants") as caught:
        month(territory, http)
    assert caught.value.status == 401 and "secret" not in str(caught.value)
    with pytest.raises(SourceDisabled, match="ATMO_MOT_DE_PASSE"):
        month(territory, FakeHttp(lambda url, params: page()), credentials={atmo.USER: "moi"})
    http.login_answer = lambda n: Page(atmo.LOGIN, b'{"jeton": "x"}')
    with pytest.raises(SourceContentError, match="ne rend pas de jeton"):
        month(territory, http)


def test_without_communes_nothing_is_asked(territory):
    http = FakeHttp(lambda url, params: page())
    with pytest.raises(SourceUnavailable, match="communes"):
        month(territory, http, communes=())
    assert http.asked == []


def test_lifetime_reads_the_token_without_a_clock():
    assert atmo.lifetime(jwt(iat=100, exp=86_500)) == 86_400
    for opaque in ("abc", "a.b.c", jwt(exp=5), jwt(iat=9, exp=5), jwt(iat="x", exp="y"), "a." + "!" * 4 + ".c"):
        assert atmo.lifetime(opaque) is None


def test_rows_are_typed_and_ordered():
    table = atmo.decode([page(line(day="2026/11/03", qual="7"), line("59192", "2026-11-04T00:00:00Z", "8", no2=""))])
    assert table.schema.equals(atmo.INDEX)
    first, second = table.to_pylist()
    assert (first["code_zone"], first["date_ech"], first["code_qual"], first["code_no2"]) == (
        "59192",
        dt.date(2026, 11, 4),
        8,
        None,
    )
    assert (second["date_ech"], second["code_qual"], second["lib_zone"]) == (
        dt.date(2026, 11, 3),
        7,
        "Saint-Amand, ville",
    )


def test_an_empty_slice_has_no_rows():
    assert atmo.decode([Page(ADDRESS, b""), page(line())]).num_rows == 1


def test_unknown_columns_are_fine_and_missing_ones_named():
    more = page(line() + ",x", header=HEADER + ",nouvelle")
    assert atmo.decode([more]).num_rows == 1
    with pytest.raises(DecodeError, match="Il manque : code_pm25, source"):
        atmo.decode([page(header=HEADER.replace("code_pm25", "pm25").replace("source", "origine"))])


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (line(day="2026-11-08"), "2026-11-08 n'a pas été demandé"),
        (line("75056"), "75056"),
        (line(day="03/11/2026"), "illisible"),
        (line(day="2026-11-31"), "illisible"),
        (line(qual="Bon"), "code_qual « Bon »"),
        (line(qual="-1"), "code_qual"),
    ],
)
def test_what_is_refused(row, words):
    with pytest.raises(DecodeError, match=words):
        atmo.decode([page(row)])


def test_the_recorded_header_holds_every_column(shared):
    sample = (shared / "data/air/atmo_data_v2_indices_atmo_paca_sample.csv").read_text("utf-8")
    text = sample.splitlines()
    zones = sorted({row.split(";")[8] for row in text[1:] if row})
    days = sorted({row.split(";")[11] for row in text[1:] if row})
    address = f"{atmo.INDICES}?date_historique={days[0]}&date={days[-1]}&code_zone={','.join(zones)}"
    table = atmo.decode([Page(address, sample.encode())])
    assert table.num_rows == sum(1 for row in text[1:] if row)
    assert set(table["code_qual"].to_pylist()) <= set(range(9))
