"""Ten years replayed: what each person is sent is a golden text, at most three messages a lead and year.

`make campaign` plays the ten years; here the first two (REPLAY_UNTIL, a year, goes further). The nights are those on
which a source answers differently, and the deadlines between them; the others are shown to say nothing.
"""

from __future__ import annotations

import datetime as dt
import os
import random
from pathlib import Path

import pytest

from tests.replay.play import ROLES, Night, Play, engine_of, listing
from tests.replay.scenario import YEARS, nights
from tests.warehouse.kit import Built
from tests.warehouse.landed import NUIT

GOLDEN = Path(__file__).parents[1] / "replay" / "dix_ans.txt"
UNTIL = dt.date(int(os.environ.get("REPLAY_UNTIL", "2029")), 1, 1)
MOST = 3  # messages a lead and year, outages included


@pytest.fixture(scope="module")
def played(built: Built) -> tuple[Play, list[Night], list[str]]:
    """The replay; its nights; and what a few nights drawn between them would have said."""
    play, lived, spoke = Play(engine_of(built.database, built.compiled, NUIT)), [], []
    draw = random.Random("nuits ordinaires")
    for night in play.through(UNTIL):
        lived.append(night)
        ahead = play.due[0] if play.due else UNTIL
        later = min([day for day in nights() if day > night.nuit] + [ahead, UNTIL])
        if (later - night.nuit).days > 1 and draw.random() < 0.25:
            between = night.nuit + dt.timedelta(days=draw.randint(1, (later - night.nuit).days - 1))
            events, moved = play.quiet(between)
            if events or moved:
                spoke.append(f"{between}: {events} {moved}")
    return play, lived, spoke


def test_ten_years_hold_at_most_two_hundred_nights_of_news() -> None:
    assert 100 < len(nights()) <= 200
    assert {night.year for night in nights()} == set(YEARS)


def test_what_people_are_sent_is_the_golden_text(played: tuple[Play, list[Night], list[str]]) -> None:
    """`GOLDEN=1 REPLAY_UNTIL=2037` rewrites it, to be read before it is committed."""
    text = listing(played[1])
    if os.environ.get("GOLDEN") and UNTIL.year == YEARS.stop:
        GOLDEN.write_text(text, encoding="utf-8")
    golden = GOLDEN.read_text(encoding="utf-8")
    wanted = [part for part in golden.split("\n\n") if part]
    if UNTIL.year < YEARS.stop:  # the same lines, up to the year where this replay stops
        wanted = [_until(part) for part in wanted]
    assert [part.strip("\n") for part in text.split("\n\n") if part] == [part.strip("\n") for part in wanted]


def _until(part: str) -> str:
    lines = part.split("\n")
    stop = next((n for n, line in enumerate(lines) if line[:4].isdigit() and int(line[:4]) >= UNTIL.year), len(lines))
    return "\n".join(lines[:stop])


def test_nobody_is_written_to_more_than_three_times_a_year() -> None:
    """Read in the golden text, which covers the ten years whatever was played."""
    counts = [line for line in GOLDEN.read_text(encoding="utf-8").splitlines() if line.endswith("message(s)")]
    assert len(counts) == len(YEARS) * len(ROLES)
    for part in GOLDEN.read_text(encoding="utf-8").split("# ")[1:]:
        if part.startswith("referent_"):
            years = [line for line in part.splitlines() if line.endswith("message(s)")]
            assert all(int(line.split()[2]) <= MOST for line in years), part


def test_the_golden_text_has_something_to_say() -> None:
    text = GOLDEN.read_text(encoding="utf-8")
    for event in ("entree_derive", "sortie_derive", "atteint", "rappel", "note_annuelle", "intendant"):
        assert event in text, event


def test_other_nights_say_nothing(played: tuple[Play, list[Night], list[str]]) -> None:
    assert played[2] == []
