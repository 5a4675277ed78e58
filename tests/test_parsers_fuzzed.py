"""Every source under 200 mutated answers: a typed error, or the figures that were due (`make campaign`: 10,000 each).

Fewer for those whose decoding is slow: a whole answer that the decoder counts cannot be shortened, and an .xls is
read by a child process. The draws are the same at each run; what may become of each is in tests/campaign/parsers.py.
"""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from flows.core.errors import DecodeError
from flows.portal.payloads import Book, Sheet, encode
from flows.sources.decoding import sheets_of
from tests.campaign.judging import Subject, outcome
from tests.campaign.mutating import Known, Mutation
from tests.campaign.parsers import subjects, trial

MUTATIONS = 200
SECONDS = 0.6  # of processor for one source, whatever its number of mutations: the room stays short
AT_LEAST = 10


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> list[Subject]:
    """Every dataset that is fetched, with the small pages the portal gives for it."""
    return list(subjects(tmp_path_factory.mktemp("parsers")))


def test_every_source_refuses_or_is_right(every: list[Subject]) -> None:
    outcomes: Counter[str] = Counter()
    for subject in every:
        begun = time.process_time()
        for number in range(MUTATIONS):
            if number >= AT_LEAST and time.process_time() - begun > SECONDS:
                break
            outcomes[trial(subject, Random(f"{subject.id}/{number}"))[1]] += 1
    assert outcomes["refused"] > 1_000 and outcomes["as mutated"] > 300, "the mutations no longer reach the decoders"


def test_every_kind_of_answer_is_mutated(every: list[Subject]) -> None:
    kinds = {type(payload).__name__ for subject in every for payload in subject.payloads}
    assert {"Json", "Csv", "Book", "Archive", "Text"} <= kinds
    assert len(every) > 60, "sources are missing from the campaign"


def test_the_judge_sees_a_figure_that_moves(every: list[Subject]) -> None:
    """A decoder that would lose a column, or a figure that would move with another, does not pass."""
    subject = next(s for s in every if s.id == "cerema/consommation_enaf")
    page = subject.pages[-1]
    body = page.body.replace(b"59092", b"59093")
    for known, old, new in ((Known.SAME, None, None), (Known.VALUE, "1", "2")):
        with pytest.raises(AssertionError, match="moved without a word"):
            outcome(subject, len(subject.pages) - 1, Mutation("other codes", body, known, old, new, page.body))


def test_a_damaged_old_workbook_ends_no_night(every: list[Subject], tmp_path: Path) -> None:
    """A cell far away in an .xls makes its reader ask for more memory than there is: only the child ends."""
    subject = next(s for s in every if s.id == "insee/chomage_departement")
    for number in range(25):
        rng = Random(f"xls/{number}")
        body = bytearray(subject.pages[0].body)
        for _ in range(8):
            body[rng.randrange(len(body))] = rng.randrange(256)
        outcome(subject, 0, Mutation("bytes flipped", bytes(body), Known.ANY))


def test_a_cell_far_away_in_a_workbook_is_refused() -> None:
    """Its reader would reserve every cell up to it: 82 million here, 17 thousand million at worst."""
    rows = [["Code"], *[[] for _ in range(5_000)], [*[None] * 16_383, "loin"]]
    with pytest.raises(DecodeError, match="hors du tableau") as caught:
        sheets_of(encode(Book([Sheet("feuille", rows)])), "https://editeur.example/classeur.xlsx")
    assert "sheet1.xml" in caught.value.where and caught.value.todo
