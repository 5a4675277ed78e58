"""A publisher in a dictionary: answers by address, so that sources are tested without a socket."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from flows.core.datasets import FetchContext, Page, Partition, Territory
from flows.core.errors import SourceWithdrawn

ROOT = Path(__file__).resolve().parents[2]
SEEDS = ROOT / "dbt_project" / "seeds"

Answer = bytes | Exception | Callable[[dict[str, str]], Any]


@dataclass
class FakeHttp:
    """`answers`: address → bytes, an error to raise, or a function of the parameters giving bytes or a JSON value."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def get(
        self,
        url: str,
        *,
        params: Sequence[tuple[str, str]] | Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        expect: str = "",
        allow_empty: bool = False,
        name: str = "",
    ) -> Page:
        pairs = dict(params or {})
        self.asked.append((url, pairs))
        answer = self.answers.get(url)
        if answer is None:
            raise SourceWithdrawn("Adresse inconnue (404).", where=url)
        if callable(answer):
            answer = answer(pairs)
        if isinstance(answer, Exception):
            raise answer
        body = answer if isinstance(answer, bytes) else json.dumps(answer, ensure_ascii=False).encode()
        return Page(address=url, body=body, name=name)

    def post_json(self, url: str, payload: Mapping[str, Any], *, headers: Mapping[str, str] | None = None) -> Page:
        raise AssertionError("no source of this room posts anything")


def page(body: bytes | Any, name: str = "data", address: str = "https://editeur.example/page") -> Page:
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return Page(address=address, body=raw, name=name)


@pytest.fixture
def territory() -> Territory:
    return make_territory()


def make_territory(**changes: Any) -> Territory:
    """The territory of the observatory, as `observatoire.toml` writes it."""
    values: dict[str, Any] = {
        "epci": "200042190",
        "nom": "La Porte du Hainaut",
        "voisins": ("245901160",),
        "departement": "59",
        "region": "32",
        "arrondissement": "596",
        "zone_emploi": "3222",
        "references": (
            ("epci", "245901160", "Valenciennes Métropole"),
            ("departement", "59", "Nord"),
            ("region", "32", "Hauts-de-France"),
            ("france_metropolitaine", "FM", "France métropolitaine"),
            ("france", "F", "France"),
        ),
    }
    return Territory(**(values | changes))


def context(http: FakeHttp, territory: Territory) -> FetchContext:
    return FetchContext(http=http, territory=territory, nuit=dt.date(2026, 11, 20))


def fetched(dataset: Any, ctx: FetchContext) -> list[Page]:
    """Every page of the only partition of a dataset."""
    (partition,) = dataset.partitions(ctx)
    assert isinstance(partition, Partition)
    return list(dataset.fetch(ctx, partition))
