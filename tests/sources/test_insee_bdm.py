"""Insee's data bank by SDMX: recorded messages, the two forms of the portal over real HTTP, refusals."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path

import pytest

from flows.core.datasets import FetchContext, Page, Partition
from flows.core.errors import DecodeError, SourceError, SourceWithdrawn
from flows.portal import Kind, Portal
from flows.sources.http import HttpClient
from flows.sources.insee_bdm import BASE, SCHEMA, SERIES, datasets, decode, fetch

ROOT = Path(__file__).resolve().parents[2]
NORD = "001515924"
LIFE = ("001686946", "001686951", "001745977", "001746247")
NIGHT = dt.date(2026, 11, 20)


@pytest.fixture(scope="module")
def portal():
    with Portal(ROOT / "warehouse/demonstration", NIGHT) as running:
        yield running


@pytest.fixture(scope="module")
def http(portal):
    with HttpClient(portal=portal.url, user_agent="essai", tries=1) as client:
        yield client


DESCRIBED = 'FREQ="A" UNIT_MEASURE="SO" REF_AREA="FE"'


def message(
    series: str, attributes: str = f'IDBANK="{NORD}" FREQ="T" UNIT_MEASURE="POURCENT" UNIT_MULT="0" REF_AREA="D59"'
) -> Page:
    """A structure-specific message around `<Obs …/>` elements."""
    sdmx = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1"
    urn = "urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=FR1:SERIES_BDM(1.0)"
    body = (
        f'<message:StructureSpecificData xmlns:ss="{sdmx}/data/structurespecific" xmlns:ns1="{urn}" '
        f'xmlns:message="{sdmx}/message" xmlns:common="{sdmx}/common" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><message:Header><message:ID>x</message:ID>'
        f'<message:Structure structureID="S" namespace="{urn}" dimensionAtObservation="TIME_PERIOD">'
        '<common:Structure><Ref agencyID="FR1" id="SERIES_BDM" version="1.0"/></common:Structure>'
        '</message:Structure></message:Header><message:DataSet ss:dataScope="DataStructure" '
        f'xsi:type="ns1:DataSetType" ss:structureRef="S"><Series {attributes}>{series}</Series>'
        "</message:DataSet></message:StructureSpecificData>"
    )
    return Page(BASE, body.encode(), name="series")


def test_over_the_portal(http, territory):
    (dataset,) = datasets(territory)
    ctx = FetchContext(http=http, territory=territory, nuit=NIGHT)
    pages = list(fetch(ctx, Partition("courant")))
    assert all(idbank in pages[0].address for idbank in SERIES)
    table = dataset.decode(pages)
    assert table.schema == SCHEMA
    rows = {(r["idbank"], r["periode"]): r for r in table.to_pylist()}
    assert {idbank for idbank, _ in rows} == {NORD, *LIFE}
    assert rows[(NORD, "2021-T2")]["valeur"] == 9.7  # 9.6 when the CRTE was written: each quarter is revised
    assert rows[(NORD, "2025-T3")]["ref_area"] == "D59"


def test_the_generic_form_holds_the_same_figures(http):
    accept = {"Accept": "application/vnd.sdmx.genericdata+xml;version=2.1"}
    generic = http.get(f"{BASE}/{NORD}", headers=accept, expect="text")
    specific = http.get(f"{BASE}/{NORD}", headers={"Accept": "application/xml"}, expect="text")
    assert b"GenericData" in generic.body and b"StructureSpecificData" in specific.body
    assert decode([generic]) == decode([specific])


def test_a_series_that_stopped_is_an_absence_and_not_a_crash(http):
    with pytest.raises(SourceWithdrawn):
        http.get(f"{BASE}/000000000", expect="text")


@pytest.mark.parametrize("kind", [Kind.WRONG_SCHEMA, Kind.TRUNCATED, Kind.HTML, Kind.EMPTY, Kind.WRONG_ENCODING])
def test_faults_are_typed_errors_that_name_the_request(portal, territory, kind):
    portal.faults.add("bdm.insee.fr", "/", kind)
    try:
        with (
            HttpClient(portal=portal.url, user_agent="essai", tries=1) as client,
            pytest.raises(SourceError) as caught,
        ):
            ctx = FetchContext(http=client, territory=territory, nuit=NIGHT)
            decode(list(fetch(ctx, Partition("courant"))))
    finally:
        portal.faults.clear()
    assert "bdm.insee.fr" in caught.value.where


@pytest.mark.shared
def test_the_recorded_messages(shared):
    folder = shared / "data/raw_api/bdm_sdmx"

    def of(name: str):
        return decode([Page(BASE, (folder / name).read_bytes())]).to_pylist()

    rows = of("bug-series-freq-data.xml")
    assert len(rows) == 756 and len({r["idbank"] for r in rows}) == 3
    jobseekers = {r["periode"]: r["valeur"] for r in rows if r["idbank"] == "001572432"}
    assert jobseekers["2016-11"] == 3_548_500  # thousands: UNIT_MULT 3
    accounts = of("CNA-2010-CONSO-SI-A17.xml")
    assert {r["periode"]: (r["valeur"], r["obs_status"]) for r in accounts} == {
        "2013": (92.7, "SD"),
        "2014": (89.9, "P"),
    }
    assert {r["idbank"] for r in accounts} == {"001702690"}  # among the attributes, not in the key
    with pytest.raises(DecodeError, match="ne porte pas de données"):
        of("gh-205.xml")


def test_periods_and_missing_values():
    obs = (
        '<Obs TIME_PERIOD="2025-Q3" OBS_VALUE="9.5" OBS_STATUS="P"/><Obs TIME_PERIOD="2025-Q2" OBS_VALUE="NaN" '
        'OBS_STATUS="O"/><Obs TIME_PERIOD="2025-11" OBS_VALUE="1e1"/><Obs TIME_PERIOD="2024" OBS_STATUS="O"/>'
    )
    found = [(r["periode"], r["valeur"], r["obs_status"]) for r in decode([message(obs)]).to_pylist()]
    assert found == [("2024", None, "O"), ("2025-11", 10.0, ""), ("2025-T2", None, "O"), ("2025-T3", 9.5, "P")]


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (message('<Obs TIME_PERIOD="2025-S1" OBS_VALUE="1"/>'), "2025-S1"),
        (message('<Obs TIME_PERIOD="2025" OBS_VALUE="9,5"/>'), "9,5"),
        (message('<Obs TIME_PERIOD="2025" OBS_VALUE="inf"/>'), "finie"),
        (message('<Obs TIME_PERIOD="2025" OBS_VALUE="1"/>' * 2), "deux fois"),
        (message('<Obs TIME_PERIOD="2025" OBS_VALUE="1"/>'), "OBS_STATUS"),
        (message('<Obs TIME_PERIOD="2025" OBS_VALUE="1"/>', 'FREQ="A"'), "IDBANK"),
        (
            message('<Obs TIME_PERIOD="2025" OBS_VALUE="1"/>', f'IDBANK="{NORD}" {DESCRIBED} UNIT_MULT="trois"'),
            "multiplicateur",
        ),
        (message(""), "aucune observation"),
        (Page(BASE, b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'), "entités"),
        (Page(BASE, b"<pas du xml"), "lisible"),
        (Page(BASE, b'{"a": 1}'), "lisible"),
        (Page(BASE, b"<x/>"), "SDMX"),
    ],
)
def test_refused(page, said):
    with pytest.raises(DecodeError) as caught:
        decode([page])
    assert said in caught.value.what and caught.value.where == BASE


def test_the_library_is_only_imported_to_decode():
    code = "import sys, flows.sources.insee_bdm; sys.exit('sdmx' in sys.modules or 'lxml' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
