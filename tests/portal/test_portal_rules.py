"""Pure rules of the portal: query languages, altered figures, simulated air, determinism."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.portal import Portal, odsql
from flows.portal.air import FIRST_DAY, POLLUTANTS, Air
from flows.portal.datafair_query import QueryError, filters
from flows.portal.figures import number, scaled
from flows.portal.payloads import Book, Csv, Sheet, encode
from flows.portal.sets.odre import _shares
from tests.portal.conftest import DEMONSTRATION, TODAY, Client

FIELDS = ("code", "nom", "kw")
texts = st.text(st.characters(codec="utf-8", exclude_characters='"\\', exclude_categories=("Cs", "Cc")), max_size=8)
records = st.fixed_dictionaries({"code": texts, "nom": st.none() | texts, "kw": st.none() | st.integers(-1000, 1000)})


@given(st.lists(records, max_size=12), texts, texts, st.integers(-1000, 1000))
def test_odsql_where(rows: list[dict[str, object]], one: str, other: str, kw: int) -> None:
    def kept(clause: str) -> list[dict[str, object]]:
        return [row for row in rows if odsql.where(clause, FIELDS)(row)]

    assert kept("") == rows
    assert kept(f'code="{one}"') == [row for row in rows if row["code"] == one]
    assert kept(f'code in ("{one}", "{other}")') == [row for row in rows if row["code"] in (one, other)]
    assert kept("nom is null") == [row for row in rows if row["nom"] is None]
    assert kept(f"not kw >= {kw}") == [row for row in rows if row["kw"] is None or row["kw"] < kw]  # type: ignore[operator]
    both = f'(code="{one}" or nom="{other}") and kw > {kw}'
    assert kept(both) == [
        row
        for row in rows
        if (row["code"] == one or row["nom"] == other) and row["kw"] is not None and row["kw"] > kw  # type: ignore[operator]
    ]


@given(st.lists(records, max_size=12))
def test_odsql_aggregates(rows: list[dict[str, object]]) -> None:
    columns = odsql.select("count(*) as n, count(kw) as k, sum(kw) as s", FIELDS)
    groups = odsql.aggregate(columns, ["code"], rows)
    assert [group["code"] for group in groups] == sorted({str(row["code"]) for row in rows})
    assert sum(group["n"] for group in groups) == len(rows)
    for group in groups:
        known = [row["kw"] for row in rows if row["code"] == group["code"] and row["kw"] is not None]
        assert group["k"] == len(known)
        assert group["s"] == (sum(known) if known else None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("clause", "text"),
    [("where", 'rien="1"'), ("where", 'code="1" and'), ("where", "code=1 2"), ("where", 'year(code)="1"'),
     ("where", "code ~ 1"), ("select", "median(kw)"), ("select", "sum(*)"), ("select", "kw as"), ("select", "rien"),
     ("group_by", "rien"), ("group_by", "sum(kw)")],
)  # fmt: skip
def test_odsql_refuses_what_it_does_not_know(clause: str, text: str) -> None:
    with pytest.raises(odsql.OdsqlError):
        if clause == "where":
            odsql.where(text, FIELDS)
        elif clause == "select":
            odsql.select(text, FIELDS)
        else:
            odsql.names(clause, text, FIELDS)


@given(st.lists(records, max_size=12), texts.filter(bool), texts.filter(bool))
def test_qs(rows: list[dict[str, object]], one: str, other: str) -> None:
    def kept(*params: tuple[str, str]) -> list[dict[str, object]]:
        tests = filters(params, FIELDS)
        return [row for row in rows if all(test(row) for test in tests)]

    assert kept(("qs", f'code:"{one}"')) == [row for row in rows if row["code"] == one]
    assert kept(("qs", f'code:("{one}" OR "{other}")')) == [row for row in rows if row["code"] in (one, other)]
    assert kept(("qs", f'code:"{one}" AND NOT nom:"{other}"')) == [
        row for row in rows if row["code"] == one and row["nom"] != other
    ]
    assert kept(("code_eq", one), ("nom_exists", "true")) == [
        row for row in rows if row["code"] == one and row["nom"] is not None
    ]


@pytest.mark.parametrize("qs", ["code", 'code:"', "code:(A OR", "rien:1", "code:A) OR nom:B", "code::"])
def test_qs_refuses_what_it_cannot_read(qs: str) -> None:
    with pytest.raises(QueryError):
        filters([("qs", qs)], FIELDS)


@given(st.decimals(-10_000, 10_000, places=2, allow_nan=False), st.sampled_from([".", ","]), st.floats(0.5, 1.5))
def test_a_scaled_figure_always_differs_and_keeps_its_notation(value: object, point: str, factor: float) -> None:
    text = str(value).replace(".", point)
    new = scaled(text, factor)
    assert new is not None and number(new) != number(text)
    assert (point in new) == (point in text) and len(new.split(point)[-1]) == len(text.split(point)[-1])


@pytest.mark.parametrize("marker", ["", "s", "nd", "so"])
def test_a_marker_is_never_scaled(marker: str) -> None:
    assert scaled(marker, 2.0) is None


@given(st.integers(0, 10**9) | st.decimals(0, 10**6, places=3).map(float), st.integers(1, 40))
def test_shares_add_up(total: float, parts: int) -> None:
    shares = _shares(total, parts)
    assert len(shares) == parts
    assert sum(share for share in shares if share is not None) == pytest.approx(total, abs=1e-6)


def test_workbooks_and_csv_are_byte_stable() -> None:
    rows = [["code", "taux"], ["59", 7.5], ["02", 59.0], ["é", None]]
    for kind in ("xlsx", "xls"):
        assert encode(Book([Sheet("Feuille", rows)], kind)) == encode(Book([Sheet("Feuille", rows)], kind))
    assert encode(Csv(["a", "b"], [["x", 1]], quote="text")) == b'"a","b"\n"x",1\n'
    assert encode(Csv(["a"], [['é"']], ";", "\r\n", True, "all")) == '\ufeff"a"\r\n"é"""\r\n'.encode()


def test_the_air_is_the_same_whatever_the_order_and_the_horizon() -> None:
    days = [FIRST_DAY + dt.timedelta(days=n) for n in range(0, 800, 7)]
    forward, backward = Air(), Air()
    first = [forward.indices("59172", day) for day in days]
    assert list(reversed([backward.indices("59172", day) for day in reversed(days)])) == first
    assert (
        Air("another seed").indices("59172", days[-1]) != first[-1] or Air("x").indices("59172", days[0]) != first[0]
    )
    with pytest.raises(ValueError, match="before"):
        forward.indices("59172", FIRST_DAY - dt.timedelta(days=1))


def test_the_air_is_plausible() -> None:
    air = Air()
    codes = ["59172", "59526", "59606", "59014", "59002"]
    for year in range(2021, 2026):
        days = [dt.date(year, 1, 1) + dt.timedelta(days=n) for n in range(365)]
        series = {code: [air.indices(code, day) for day in days] for code in codes}
        for code in codes:
            bad = sum(found["qual"] >= 4 for found in series[code])
            assert 2 <= bad <= 25, (year, code, bad)
            assert all(found["qual"] == max(found[name] for name in POLLUTANTS) for found in series[code])
        same = sum(len({series[code][i]["qual"] for code in codes}) == 1 for i in range(365))
        assert same > 365 * 0.6  # one regional level, a little local noise
        ozone = [series[codes[0]][i]["o3"] for i in range(365)]
        assert sum(ozone[150:240]) > sum(ozone[:90])  # summer
        fine = [series[codes[0]][i]["pm25"] for i in range(365)]
        assert sum(fine[:90]) > sum(fine[150:240])  # winter


def test_two_portals_serve_the_same_bytes() -> None:
    addresses = [
        "https://geo.api.gouv.fr/epcis/200042190/communes?format=geojson&geometry=contour",
        "https://api.insee.fr/melodi/catalog/all",
        "https://api.insee.fr/melodi/data/DS_FILOSOFI_CC?GEO=COM&maxResult=50&page=2",
        "https://www.insee.fr/fr/statistiques/fichier/2012804/sl_etc_2025T3.xls",
        "https://www.insee.fr/fr/statistiques/fichier/1893230/chomage-zone-t1-2003-t3-2023.xlsx",
        "https://www.insee.fr/fr/statistiques/fichier/3126432/filo-revenu-pauvrete-menage-2014.zip",
        "https://data.ademe.fr/data-fair/api/v1/datasets/dpe03existant/values_agg?field=etiquette_dpe",
        "https://data.drees.solidarites-sante.gouv.fr/api/explore/v2.1/catalog/datasets/"
        "530_l-accessibilite-potentielle-localisee-apl/attachments/indicateur_d_apl_aux_medecins_generalistes_xlsx",
        "https://www.data.gouv.fr/api/1/datasets/5448d3e0c751df01f85d0572/",
    ]

    def answers() -> list[object]:
        with Portal(DEMONSTRATION, TODAY) as portal:
            client = Client(portal)
            found = [client.get(address) for address in addresses]
            found.append(client.air("format=csv&code_zone=59172&date=2026-11-19&date_historique=2026-10-01"))
            assert all(got.status == 200 for got in found)
            again = [client.get(address) for address in addresses]
            assert again == found[: len(again)]
            return [(got.status, sorted(got.headers.items()), got.body) for got in found]

    assert answers() == answers()


def test_a_night_is_served_from_what_was_generated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Speed without a clock: the second time, nothing is encoded again."""
    from flows.portal import server

    made: list[object] = []
    real = server.encode
    monkeypatch.setattr(server, "encode", lambda payload: made.append(payload) or real(payload))
    with Portal(DEMONSTRATION, TODAY) as portal:
        client = Client(portal)
        query = "format=csv&date=2026-11-19&date_historique=2026-11-13"
        first = [client.air(query).body for _ in range(5)]
        assert len(set(first)) == 1 and len(made) == 2  # one login, one week of 82 communes
        portal.faults.add("admindata.atmo-france.org", "/api/v2", "changed")
        assert client.air(query).body != first[0]
        portal.faults.clear()
        count = len(made)
        assert client.air(query).body == first[0] and len(made) == count
