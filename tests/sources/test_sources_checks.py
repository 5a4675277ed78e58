"""Content of a 200: what is refused, and what must not be."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.core.errors import ConfigurationError, SourceContentError
from flows.sources.addresses import Road, shown, with_params
from flows.sources.body import TooLarge, Truncated, read_body
from flows.sources.checks import EXPECTATIONS, check_body
from flows.sources.retry import Pacer, backoff, retry_after
from tests.sources.conftest import squeezed

AT = "https://h.fr/x"


def zipped(**files: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


REFUSED = {
    "empty": ("json", b"", "vide"),
    "blank": ("csv", b" \r\n", "vide"),
    "BOM alone": ("csv", b"\xef\xbb\xbf", "vide"),
    "HTML for JSON": (
        "json",
        b"<!DOCTYPE html><html><style>p {}</style><body><p>En maintenance</p></body></html>",
        "HTML au lieu de données JSON : « En maintenance »",
    ),
    "HTML for a workbook": ("xlsx", b"\n<html lang='fr'>", "HTML"),
    "HTML behind a comment": ("csv", b"<!-- maintenance --><HTML>", "HTML"),
    "OGC exception": ("json", b'<?xml version="1.0"?><ows:ExceptionReport>no</ows:ExceptionReport>', "XML"),
    "Explore error": ("json", b'{"error_code": "ODSQLError", "message": "malformed"}', "ODSQLError malformed"),
    "Explore quota": ("json", b'{"errorcode": 10002, "error": "Too many requests"}', "10002"),
    "ArcGIS error": ("json", b'{"error": {"code": 400, "message": "Invalid", "details": []}}', "400 Invalid"),
    "Symfony error": ("json", b'{"code": 401, "message": "JWT Token not found"}', "401 JWT"),
    "error in a CSV": ("csv", b'{"error_code": "X", "message": "non"}', "X non"),
    "JSON in a CSV": ("csv", b'[{"a": 1}]', "JSON au lieu"),
    "object for a list": ("json-list", b'{"a": 1}', "pas une liste"),
    "scalar": ("json", b"12", "ni un objet"),
    "cut JSON": ("json", b'[{"a": 1}, {"a"', "JSON complet"),
    "cp1252 JSON": ("json", '{"nom": "Émerchicourt"}'.encode("cp1252"), "UTF-8"),
    "cut export": (
        "csv",
        b"a;b\n1;2\nStreaming interrupted due to the following error: timeout",
        "interrompu en cours de route : « Streaming",
    ),
    "cut JSON export": ("json", b"[1,2,Streaming interrupted due to the following error: x", "interrompu"),
    "not GeoJSON": ("geojson", b'{"type": "Feature"}', "GeoJSON"),
    "not a zip": ("zip", b"rar!", "d'une archive zip"),
    "empty zip": ("zip", zipped(), "vide"),
    "cut zip": ("zip", zipped(**{"a.csv": "x" * 500})[:300], "tronqu"),
    "not an xls": ("xls", b"PK\x03\x04", "xls"),
}


@pytest.mark.parametrize("case", REFUSED, ids=list(REFUSED))
def test_refused(case):
    expect, body, words = REFUSED[case]
    with pytest.raises(SourceContentError, match=words) as caught:
        check_body(body, expect=expect, address=AT)
    assert caught.value.where == AT and caught.value.todo


@pytest.mark.parametrize(
    ("expect", "body"),
    [
        ("json", b'{"total": 0, "results": []}'),
        ("json", b'\xef\xbb\xbf{"error": null, "code": "59"}'),
        ("json", b'{"code": "59172", "message": "une commune"}'),
        ("json-list", b"[]"),
        ("csv", b"a,b\r\n"),
        ("csv", "nom\nÉmerchicourt".encode()),
        ("text", b"Not Found"),
        ("geojson", b'{"type": "FeatureCollection", "features": []}'),
        ("zip", zipped(a="1")),
        ("xlsx", zipped(a="1")),
        ("xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1..."),
        ("", b"<html>anything but emptiness</html>"),
    ],
)
def test_accepted(expect, body):
    check_body(body, expect=expect, address=AT)


def test_an_empty_answer_may_be_declared_normal():
    check_body(b"", expect="csv", address=AT, allow_empty=True)


def test_cp1252_announced_as_utf8_is_refused():
    body = "nom\nÉmerchicourt".encode("cp1252")
    with pytest.raises(SourceContentError, match=r"octet 4"):
        check_body(body, expect="csv", address=AT, content_type="text/csv; charset=UTF-8")


def test_an_unknown_expectation_is_our_mistake():
    with pytest.raises(ConfigurationError):
        check_body(b"x", expect="xml", address=AT)
    assert {"json", "json-list", "csv", "xlsx", "xls", "zip", "geojson", "text"} <= EXPECTATIONS


@given(st.binary(max_size=300), st.sampled_from(sorted(EXPECTATIONS)))
def test_any_bytes_are_accepted_or_refused_in_words(body, expect):
    try:
        check_body(body, expect=expect, address=AT)
    except SourceContentError as error:
        assert error.where == AT


@given(st.lists(st.binary(max_size=50), max_size=20), st.booleans())
def test_a_whole_body_comes_back_byte_for_byte(chunks, compressed):
    body = b"".join(chunks)
    wire = squeezed(body) if compressed else body
    parts = [wire[i : i + 7] for i in range(0, len(wire), 7)]
    encoding = "gzip" if compressed else ""
    assert read_body(parts, length=len(wire), encoding=encoding, max_bytes=10_000) == body


@given(st.binary(min_size=1, max_size=200), st.data())
def test_any_cut_of_a_compressed_body_is_seen(body, data):
    wire = squeezed(body)
    kept = data.draw(st.integers(1, len(wire) - 1))
    with pytest.raises(Truncated):
        read_body([wire[:kept]], length=None, encoding="gzip", max_bytes=10_000)


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_limits_hold_exactly(encoding):
    body = b"x" * 1000
    wire = squeezed(body) if encoding else body
    assert read_body([wire], length=len(wire), encoding=encoding, max_bytes=1000) == body
    with pytest.raises(TooLarge):
        read_body([wire], length=None, encoding=encoding, max_bytes=999)


@given(st.integers(1, 40), st.sampled_from([None, 429, 500]), st.floats(0, 1, exclude_max=True))
def test_backoff_is_bounded_and_positive(attempt, status, chance):
    assert 0 < backoff(attempt, status, lambda: chance) <= 30


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("12", 12.0),
        (" 0 ", 0.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 60.0),
        ("Wed, 21 Oct 2015 07:26:00 GMT", 0.0),
        ("", None),
        (None, None),
        ("bientôt", None),
        ("-3", None),
        ("1.5", None),
    ],
)
def test_retry_after(header, seconds):
    assert retry_after(header, lambda: 1445412420.0) == seconds


def test_pacing_gives_each_host_its_own_turns():
    clock = [100.0]
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock[0] += seconds

    pacer = Pacer({"api.insee.fr": 2.1}, 0.0, sleep=sleep, now=lambda: clock[0])
    for host in ("api.insee.fr", "api.insee.fr", "autre.fr", "autre.fr", "api.insee.fr"):
        pacer.wait(host)
    assert slept == pytest.approx([2.1, 2.1])
    clock[0] += 60
    assert pacer.wait("api.insee.fr") == 0.0


_words = st.text(alphabet="abcXYZ019-_éà*\"' ,:%&=+#/?", min_size=1, max_size=12)


@given(st.lists(st.tuples(_words, _words), max_size=5))
def test_parameters_survive_the_road(pairs):
    from urllib.parse import parse_qsl, urlsplit

    address = with_params(AT, pairs)
    assert parse_qsl(urlsplit(address).query, keep_blank_values=True) == pairs
    road = Road("http://127.0.0.1:8044/")
    assert road.official(road.travelled(address)) == road.official(address) == address
    assert road.travelled(address).startswith("http://127.0.0.1:8044/h.fr/x")


def test_shown_addresses_hide_secrets_only():
    assert shown("https://u:p@h.fr/x?Token=a%20b&code=59#f") == "https://h.fr/x?Token=***&code=59"
    assert shown("https://h.fr/x?GEO=EPCI-1%2ACOM") == "https://h.fr/x?GEO=EPCI-1%2ACOM"


def test_error_objects_deep_inside_data_are_data():
    body = json.dumps({"resources": [{"extras": {"analysis:error": "x", "error": "y"}}]}).encode()
    check_body(body, expect="json", address=AT)
