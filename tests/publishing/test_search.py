"""The search page: what is listed, under which words; the script's own words are compared in the browser's tests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.publishing.search import STOPWORDS, fold, stem, stems
from tests.publishing.site_kit import built, parsed


def entries():
    return [
        node for node in parsed(built() / "recherche" / "index.html").iter() if node.get("data-titre") is not None
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Médecins généralistes", "medecin generaliste"),
        ("journaux", "journal"),
        ("Énergies renouvelables", "energie renouvelable"),
        ("logements vacants", "logement vacant"),
        ("cœur de ville", "coeur ville"),
    ],
)
def test_accents_plurals_and_empty_words_do_not_count(one: str, other: str) -> None:
    assert stems(one) == stems(other)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_stems_are_plain_and_stable(text: str) -> None:
    found = stems(text)
    assert len(found) == len(set(found))
    assert all(word.isascii() and word.isalnum() and word == word.lower() for word in found)
    assert stems(fold(text)) == found
    assert stem("nous") == "nous" and "nous" in STOPWORDS


def test_everything_is_listed_once_and_found_by_its_own_title() -> None:
    found = entries()
    links = [next(iter(node)).get("href") for node in found]
    assert len(links) == len(set(links)) > 50
    for node in found:
        title = "".join(next(iter(node)).itertext())
        assert node.get("data-titre").split() == stems(title)


def test_people_s_words_find_what_the_site_calls_otherwise() -> None:
    words = {next(iter(n)).get("href"): n.get("data-mots").split() for n in entries()}
    assert stem("pauvres") in words["../indicateurs/taux-pauvrete/index.html"]
    assert stem("artificialisation") in words["../indicateurs/consommation-enaf/index.html"]
    assert any("glossaire/index.html#" in link for link in words)
